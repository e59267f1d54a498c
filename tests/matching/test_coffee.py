"""Coffee rounds: as many as can be meet, nobody again while another pairing exists, whatever the order of input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching.coffee import Across, Choice, Memory, PairOf, Scale, Wish, pair_up, pairs_of, weights_of
from haln.matching.pairing import best_pairs
from haln.matching.people import Facts, Person, ThemeChoice
from haln.matching.small_groups import groups_of

THEMES = ("housing", "food", "health")
SECTORS = ("nhs", "council", "university", None)


@st.composite
def rounds(draw: st.DrawFn, most: int = 8) -> tuple[list[Person], dict[int, Wish], Memory]:
    """Some people, what they ask for, and what stands between them."""
    count = draw(st.integers(0, most))
    people = [
        Person(
            member,
            themes=tuple(ThemeChoice(theme, interest=True) for theme in draw(st.sets(st.sampled_from(THEMES)))),
            sector=draw(st.sampled_from(SECTORS)),
            organisation=draw(st.sampled_from((1, 2, 3, None))),
            place=draw(st.sampled_from((7, 8, None))),
        )
        for member in draw(st.lists(st.integers(1, 99), min_size=count, max_size=count, unique=True))
    ]
    every = list(combinations(sorted(one.member for one in people), 2))
    some = st.sets(st.sampled_from(every)) if every else st.just(set())
    met = {pair: draw(st.integers(1, 40)) for pair in sorted(draw(some))}
    memory = Memory(met, draw(some), draw(some), dict.fromkeys(sorted(draw(some)), 0.5))
    wishes = {one.member: draw(st.sampled_from(tuple(Wish))) for one in people}
    return people, wishes, memory


def groupings(members: tuple[int, ...], memory: Memory) -> Iterator[tuple[tuple[int, ...], ...]]:
    """All ways to put members into twos and threes who may meet, also with some left over."""
    if not members:
        yield ()
        return
    first, rest = members[0], members[1:]
    yield from groupings(rest, memory)
    for size in (1, 2):
        for mates in combinations(rest, size):
            group = (first, *mates)
            if not set(pairs_of(group)) & set(memory.never):
                for some in groupings(tuple(one for one in rest if one not in mates), memory):
                    yield (group, *some)


def cost(groups: tuple[tuple[int, ...], ...], memory: Memory) -> tuple[int, ...]:
    """What decides, the lower the better: people seated, trios, repeats and how long ago, connections."""
    again = [min(memory.met[two], 31) for group in groups for two in pairs_of(group) if two in memory.met]
    tied = sum(two in memory.tied for group in groups for two in pairs_of(group))
    return -sum(map(len, groups)), sum(len(group) == 3 for group in groups), len(again), -sum(again), tied


@given(rounds(most=7))
@settings(deadline=None, max_examples=150)
def test_as_many_meet_as_can_be_and_nobody_again_while_another_way_exists(
    given_round: tuple[list[Person], dict[int, Wish], Memory],
) -> None:
    """Against all ways in twos and threes; the pairs of a trio count."""
    people, wishes, memory = given_round
    members = tuple(sorted(one.member for one in people))
    found = pair_up(people, wishes, memory)
    seated = sorted(member for group in found.groups for member in group)
    assert sorted([*seated, *found.left]) == list(members)
    assert not set(found.pairs) & set(memory.never)
    assert all(len(group) in (2, 3) for group in found.groups)
    assert cost(found.groups, memory) == min(cost(ways, memory) for ways in groupings(members, memory))


@given(rounds(), st.integers(0, 2**32))
@settings(deadline=None, max_examples=60)
def test_all_ways_of_few_are_as_good_as_the_pairs_of_many(
    given_round: tuple[list[Person], dict[int, Wish], Memory], seed: int
) -> None:
    """The two ways to work it out agree on the weight of pairs, where nobody is over."""
    people, wishes, memory = given_round
    choice, scale = Choice(seed=seed), Scale.of(2 * len(people))
    guests = sorted(people, key=lambda one: one.member)
    table = weights_of(guests, wishes, memory, choice, scale)
    paired = [two for two in enumerate(best_pairs(table).mates.tolist()) if two[0] < two[1]]
    if len(people) % 2 or any(table[two] <= -scale.barred for two in paired):
        return
    groups, over = groups_of(table, scale.barred, len(people) * scale.barred, scale.barred)
    assert not over
    assert sum(int(table[one, other]) for one, other in groups) == sum(int(table[two]) for two in paired)


@pytest.mark.parametrize("count", (5, 13, 21, 51))
@pytest.mark.parametrize("bars", (False, True))
def test_one_who_has_met_or_may_meet_all_but_one_meets_that_one(count: int, bars: bool) -> None:
    some = [(one, count) for one in range(2, count)]
    memory = Memory({}, (), some, {}) if bars else Memory(dict.fromkeys(some, 1), (), (), {})
    for seed in range(20):
        found = pair_up(people(count), {}, memory, Choice(seed=seed))
        assert (found.left, found.again) == ((), 0)
        assert (1, count) in found.groups


@given(rounds(most=14), st.integers(0, 2**32), st.sampled_from(tuple(Across)), st.booleans())
@settings(deadline=None, max_examples=60)
def test_the_order_of_input_does_not_matter(
    given_round: tuple[list[Person], dict[int, Wish], Memory], seed: int, across: Across, colleagues: bool
) -> None:
    people, wishes, memory = given_round
    choice = Choice(across, colleagues, seed=3)
    shuffled = Random(seed).sample(people, len(people))
    turned = dict(sorted(wishes.items(), reverse=True))
    back = Memory(dict(sorted(memory.met.items(), reverse=True)), list(memory.tied), list(memory.never), memory.liked)
    assert pair_up(shuffled, turned, back, choice) == pair_up(people, wishes, memory, choice)


def people(count: int, **facts: object) -> list[Person]:
    return [Person(member, **facts) for member in range(1, count + 1)]  # type: ignore[arg-type]


def test_over_many_rounds_everybody_meets_everybody_before_anybody_meets_again() -> None:
    """Eight people can meet in seven rounds without a repeat; the eighth round repeats the first."""
    met: dict[PairOf, int] = {}
    first: tuple[tuple[int, ...], ...] = ()
    for number in range(8):
        found = pair_up(people(8), {}, Memory(met, (), (), {}), Choice(seed=number))
        assert found.again == (4 if number == 7 else 0), number
        met = {pair: ago + 1 for pair, ago in met.items()} | dict.fromkeys(found.pairs, 1)
        first = first or found.groups
        last = found.groups
    assert last == first


def test_who_is_over_makes_a_trio_whose_three_pairs_are_remembered() -> None:
    found = pair_up(people(5), {})
    assert sorted(len(group) for group in found.groups) == [2, 3]
    assert len(found.pairs) == 4
    assert found.left == ()
    again = pair_up(people(5), {}, Memory(dict.fromkeys(found.pairs, 1), (), (), {}))
    trio = next(group for group in again.groups if len(group) == 3)
    assert [two for group in again.groups if len(group) == 2 for two in pairs_of(group) if two in found.pairs] == []
    assert sum(two in found.pairs for two in pairs_of(trio)) <= 1


def test_a_trio_never_holds_two_who_may_not_meet() -> None:
    found = pair_up(people(3), {}, Memory({}, (), {(1, 3), (2, 3)}, {}))
    assert found.groups == ((1, 2),)
    assert found.left == (3,)


def test_one_person_is_left_and_none_makes_no_groups() -> None:
    assert pair_up(people(1), {}).left == (1,)
    assert pair_up([], {}).groups == ()


def test_connected_people_meet_only_when_nobody_else_is_there() -> None:
    tied = Memory({}, {(1, 2), (3, 4)}, (), {(1, 2): 1.0, (3, 4): 1.0})
    assert pair_up(people(4), {}, tied).new == 2
    assert pair_up(people(2), {}, tied).groups == ((1, 2),)


def test_colleagues_never_meet_where_the_round_says_so() -> None:
    four = [Person(member, organisation=1 if member < 4 else 2) for member in range(1, 5)]
    found = pair_up(four, {}, choice=Choice(colleagues=False))
    assert len(found.groups) == 1
    assert len(found.left) == 2
    assert pair_up(four, {}, choice=Choice(colleagues=True)).left == ()


@pytest.mark.parametrize(("across", "apart"), ((Across.NONE, 0), (Across.STRONG, 2)))
def test_a_preference_for_other_sectors_outweighs_a_theme(across: Across, apart: int) -> None:
    food, homes = (ThemeChoice("food"),), (ThemeChoice("homes"),)
    four = [
        Person(1, themes=food, sector="nhs"),
        Person(2, themes=food, sector="nhs"),
        Person(3, themes=homes, sector="council"),
        Person(4, themes=homes, sector="council"),
    ]
    assert pair_up(four, {}, choice=Choice(across)).across == apart


def test_wishes_count_and_hidden_facts_do_not() -> None:
    four = [Person(1, place=7), Person(2, place=7), Person(3, place=8), Person(4, place=8)]
    wishes = dict.fromkeys((1, 2, 3, 4), Wish.PLACE)
    assert all(pair_up(four, wishes, choice=Choice(seed=s)).groups == ((1, 2), (3, 4)) for s in range(9))
    hidden = [replace(one, shown=Facts.ALL & ~Facts.PLACE) for one in four]
    assert len({pair_up(hidden, wishes, choice=Choice(seed=s)).groups for s in range(9)}) > 1


def test_a_member_who_comes_twice_and_too_many_are_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        pair_up([Person(1), Person(1)], {})
    with pytest.raises(ValueError, match="too many"):
        pair_up(people(5501), {})
