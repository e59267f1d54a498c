"""A patched index suggests what one built afresh would."""

import random
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching.crew import suggest_for_all
from haln.matching.index import Index, build
from haln.matching.patching import patch
from haln.matching.people import Changes, Facts, Membership, Network, Person, Tie
from haln.matching.storage import load, save
from haln.matching.suggest import Exclusions, Settings, suggest_for
from tests.matching.networks import TODAY, a_network, a_person, networks

quick = settings(max_examples=30, deadline=None)


def changed(network: Network, chance: random.Random) -> tuple[Network, Changes]:
    """Change some members, ties and groups; let one go and one come."""
    people = {person.member: person for person in network.people}
    ids = sorted(people)
    gone = frozenset(chance.sample(ids, chance.randrange(2)))
    new = chance.sample([one for one in range(1, 200) if one not in people], chance.randrange(3))
    others = [one for one in ids if one not in gone]
    rewritten = [a_person(one, chance) for one in (*chance.sample(others, min(2, len(others))), *new)]
    people = {one: person for one, person in people.items() if one not in gone}
    people |= {person.member: person for person in rewritten}
    left = sorted(people)
    retied = frozenset(chance.sample(left, min(3, len(left)))) | frozenset(new)
    ties = [tie for tie in network.ties if not {tie.a, tie.b} & (retied | gone)]
    fresh = [Tie(one, chance.choice(left), TODAY, 1.0) for one in sorted(retied) for _ in range(2)]
    regrouped = frozenset(chance.sample(left, min(2, len(left)))) | frozenset(new)
    memberships = [one for one in network.memberships if one.member not in regrouped | gone]
    joined = [Membership(one, chance.randrange(60)) for one in sorted(regrouped)]
    after = Network(people.values(), [*ties, *fresh], [*memberships, *joined], network.today)
    return after, Changes(tuple(rewritten), gone, retied, tuple(fresh), regrouped, tuple(joined))


def same(patched: Index, rebuilt: Index) -> None:
    assert patched.members() == rebuilt.members()
    assert len(patched) == len(rebuilt)
    assert list(suggest_for_all(patched, {})) == list(suggest_for_all(rebuilt, {}))


@quick
@given(networks(least=4), st.integers(0, 10_000))
def test_a_patched_index_equals_a_rebuilt_one(network: Network, seed: int) -> None:
    before = build(network)
    after, changes = changed(network, random.Random(seed))
    same(patch(before, changes), build(after, before.vocabulary, before.basis()))


@quick
@given(networks(least=4), st.integers(0, 10_000))
def test_patches_upon_patches_equal_a_rebuild(network: Network, seed: int) -> None:
    chance, index = random.Random(seed), build(network)
    vocabulary, basis = index.vocabulary, index.basis()
    for _ in range(3):
        network, changes = changed(network, chance)
        index = patch(index, changes)
    same(index, build(network, vocabulary, basis))


def test_a_patch_leaves_the_index_before_as_it_was() -> None:
    network = a_network(30, 6)
    index = build(network)
    before = list(suggest_for_all(index, {}))
    patch(index, changed(network, random.Random(1))[1])
    assert list(suggest_for_all(index, {})) == before


def test_a_patched_index_can_be_saved_loaded_and_patched_again(tmp_path: Path) -> None:
    network = a_network(30, 8)
    chance = random.Random(5)
    index = build(network)
    vocabulary, basis = index.vocabulary, index.basis()
    for _ in range(3):
        network, changes = changed(network, chance)
        save(patch(index, changes), tmp_path)
        index, _ = load(tmp_path)
    same(index, build(network, vocabulary, basis))


def test_a_new_member_is_asked_about_and_suggested_at_once() -> None:
    index = build(a_network(30, 2))
    newcomer = Person(9_999, ("allotment kitchen tender",), sector="nhs", region="north", quiet_days=0)
    patched = patch(index, Changes(people=(newcomer,)))
    assert suggest_for(patched, 9_999).suggestions
    wide = Settings(length=48)
    assert any(
        9_999 in {one.member for one in suggest_for(patched, member, settings=wide).suggestions}
        for member in index.members()
    )


def test_an_unseen_theme_sector_or_group_may_come_with_a_patch() -> None:
    network = a_network(20, 2)
    index = build(network)
    one = next(iter(network.people))
    changes = Changes(
        people=(replace(one, sector="museum", region="isles", shown=Facts.ALL),),
        regrouped=frozenset({one.member}),
        memberships=(Membership(one.member, 777),),
    )
    people = [person for person in network.people if person.member != one.member] + list(changes.people)
    groups = [group for group in network.memberships if group.member != one.member] + list(changes.memberships)
    rebuilt = build(Network(people, network.ties, groups, network.today), index.vocabulary, index.basis())
    same(patch(index, changes), rebuilt)


@quick
@given(networks(least=4), st.integers(0, 10_000))
def test_one_change_alone_equals_a_rebuild(network: Network, seed: int) -> None:
    chance, before = random.Random(seed), build(network)
    people, ties, groups = list(network.people), list(network.ties), list(network.memberships)
    one, other = chance.sample([person.member for person in people], 2)
    again = a_person(one, chance)
    rewritten = [again if person.member == one else person for person in people]
    changes = Changes(people=(again,))
    same(patch(before, changes), build(Network(rewritten, ties, groups, TODAY), before.vocabulary, before.basis()))
    own = [tie for tie in ties if one in (tie.a, tie.b)]
    more = [*own, Tie(one, other, TODAY)]
    changes = Changes(retied=frozenset({one}), ties=tuple(more))
    rebuilt = build(Network(people, [*ties, more[-1]], groups, TODAY), before.vocabulary, before.basis())
    same(patch(before, changes), rebuilt)
    fewer = own[1:]
    left = [tie for tie in ties if tie not in own] + fewer
    changes = Changes(retied=frozenset({one}), ties=tuple(fewer))
    same(patch(before, changes), build(Network(people, left, groups, TODAY), before.vocabulary, before.basis()))


def test_a_dismissal_needs_no_patch_and_counts_in_the_next_list() -> None:
    network = a_network(60, 3)
    index = patch(build(network), changed(network, random.Random(2))[1])
    member = index.members()[0]
    whole = [one.member for one in suggest_for(index, member, settings=Settings(length=48)).suggestions]
    dismissed = whole[0]
    after = suggest_for(index, member, Exclusions(excluded=[dismissed])).suggestions
    assert dismissed not in {one.member for one in after}
    assert len(after) == Settings().length
