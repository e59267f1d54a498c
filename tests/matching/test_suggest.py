"""The laws every list of suggestions keeps."""

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching.crew import suggest_for_all
from haln.matching.index import UnknownMember, build
from haln.matching.lists import Wished, plan_lists, planned_lists, rank_block
from haln.matching.people import Facts, Network, Person, ThemeChoice, Tie
from haln.matching.suggest import NOTHING, Attention, Exclusions, MemberList, Settings, candidates, suggest_for
from tests.matching.networks import TODAY, a_network, networks

quick = settings(max_examples=20, deadline=None)


def evidence_members(one: MemberList) -> set[int]:
    return {
        member
        for suggestion in one.suggestions
        for reason in suggestion.reasons
        for member in reason.evidence.get("members", ())
    }


@quick
@given(networks(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(network: Network, chance: random.Random) -> None:
    shuffled = [list(network.people), list(network.ties), list(network.memberships)]
    for items in shuffled:
        chance.shuffle(items)
    people = [replace(one, themes=tuple(reversed(one.themes))) for one in shuffled[0]]
    ties = [Tie(tie.b, tie.a, tie.day, tie.strength) for tie in shuffled[1]]
    other = Network(people, ties, shuffled[2], network.today)
    assert list(suggest_for_all(build(network), {})) == list(suggest_for_all(build(other), {}))


@quick
@given(networks(), st.data())
def test_nobody_meets_themselves_a_tie_or_whom_they_must_not(network: Network, data: st.DataObject) -> None:
    index = build(network)
    ids = index.members()
    some = st.frozensets(st.sampled_from(ids), max_size=4)
    exclusions = {member: Exclusions(data.draw(some), data.draw(some)) for member in ids}
    hidden = {person.member for person in network.people if not person.suggestable}
    alone = [suggest_for(index, member, exclusions[member]) for member in ids]
    for one in [*alone, *suggest_for_all(index, exclusions)]:
        shown = {suggestion.member for suggestion in one.suggestions}
        tied = {tie.a + tie.b - one.member for tie in network.ties if one.member in (tie.a, tie.b)}
        left_out = exclusions[one.member]
        assert len(shown) == len(one.suggestions)
        assert not shown & ({one.member} | tied | hidden | set(left_out.excluded) | set(left_out.unseen))
        assert not evidence_members(one) & (hidden | set(left_out.unseen))
        assert evidence_members(one) <= tied


@quick
@given(networks())
def test_the_parts_add_up_to_the_score(network: Network) -> None:
    for one in suggest_for_all(build(network), {}):
        for suggestion in one.suggestions:
            assert sum(suggestion.parts.values()) == pytest.approx(suggestion.score, abs=1e-9)


@quick
@given(networks())
def test_parts_and_signals_come_by_name_as_rows_hold_them(network: Network) -> None:
    """Rows are told apart by their text: another order would be another row, for everybody at once."""
    for one in suggest_for_all(build(network), {}):
        for suggestion in one.suggestions:
            for named in (suggestion.parts, suggestion.signals):
                assert list(named) == sorted(named)
                assert all(named.values())


@quick
@given(networks())
def test_the_same_seed_gives_the_same_lists_and_another_seed_may_not(network: Network) -> None:
    first, again = (list(suggest_for_all(build(network), {}, Settings(seed=7))) for _ in range(2))
    assert first == again


def test_a_cut_off_run_goes_on_where_it_was() -> None:
    index = build(a_network(40, 2))
    whole = list(suggest_for_all(index, {}))
    half = whole[19].member
    assert list(suggest_for_all(index, {}, after=half)) == whole[20:]


def test_blocks_may_be_ranked_anywhere_in_any_order() -> None:
    index = build(a_network(40, 2))
    members = index.members()
    backwards = members[::-1]
    blocks = [rank_block(index, backwards[first : first + 7], {}) for first in range(0, 40, 7)]
    plan = plan_lists(index, backwards, Wished.stacked(blocks, Settings()), {})
    assert list(planned_lists(index, plan, {})) == list(suggest_for_all(index, {}))


def test_a_list_is_best_first_but_for_the_last_slots_and_variety() -> None:
    index = build(a_network(60, 5))
    for member in index.members():
        scores = [one.score for one in suggest_for(index, member, settings=Settings(spread=0.0)).suggestions]
        assert scores == sorted(scores, reverse=True)


def test_settings_that_cannot_fill_a_list_are_refused() -> None:
    with pytest.raises(ValueError, match="no longer than its wishes"):
        Settings(length=60, wishes=48)


def test_an_unknown_member_is_refused_by_name() -> None:
    with pytest.raises(UnknownMember, match="99"):
        suggest_for(build(Network([Person(1)])), 99)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("multiple", [2.0, 3.0])
def test_nobody_is_in_more_lists_than_a_multiple_of_the_median(seed: int, multiple: float) -> None:
    index = build(a_network(300, seed))
    shown = Counter(
        suggestion.member
        for one in suggest_for_all(index, {}, Settings(attention=multiple, length=8))
        for suggestion in one.suggestions
    )
    may = [int(index.ids[row]) for row in np.flatnonzero(index.suggestable)]
    counts = np.array([shown[member] for member in may])
    assert counts.max() <= multiple * np.median(counts)
    assert counts.min() >= 1, "everyone who may be shown is shown to someone"


def test_one_refresh_passes_over_members_at_the_cap_and_prefers_those_shown_little() -> None:
    """Who is shown much gives way unless the asker loses more by it than it costs, so that one list tells little."""
    index = build(a_network(80, 1))
    plan = Settings(length=6, attention=1.0)
    gave_way = 0
    for member in index.members()[:30]:
        free = [one.member for one in suggest_for(index, member, settings=plan).suggestions]
        tired, often = set(free[:2]), free[-1]
        shown = dict.fromkeys(tired, 60) | {often: 59}
        attention = Attention(lambda members, of=shown: {one: of.get(one, 0) for one in members}, cap=60)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        listed = {one.member for one in suggest_for(index, member, settings=plan, attention=attention).suggestions}
        assert len(listed) == 6
        assert not tired & listed
        assert set(free[2:-1]) <= listed
        gave_way += often not in listed
    assert gave_way > 20


def test_of_two_alike_the_one_with_more_common_ties_scores_no_lower() -> None:
    chance = random.Random(3)
    for _ in range(60):
        friends = list(range(10, 10 + chance.randrange(2, 8)))
        few = chance.sample(friends, chance.randrange(len(friends)))
        more = sorted({*few, chance.choice([one for one in friends if one not in few])})
        people = [Person(member) for member in (1, 2, 3, *friends)]
        ties = [Tie(1, one) for one in friends]
        ties += [Tie(2, one) for one in few] + [Tie(3, one) for one in more]
        weights = Settings().weights
        steady = replace(weights, by_signal={k: v for k, v in weights.by_signal.items() if k != "turn"})
        found = suggest_for(build(Network(people, ties)), 1, settings=Settings(weights=steady)).suggestions
        scores = {one.member: one.score for one in found}
        assert scores[3] >= scores[2]


def test_an_empty_profile_gets_a_full_list_of_lively_members_from_many_sectors() -> None:
    people = [
        Person(member, sector=f"s{member % 5}", region=f"r{member % 3}", quiet_days=member // 3)
        for member in range(1, 200)
    ]
    found = suggest_for(build(Network([*people, Person(500)])), 500).suggestions
    assert len(found) == Settings().length
    assert all(one.reasons and one.band == "worth_a_look" for one in found)
    assert len({one.member % 5 for one in found}) == 5
    assert max(one.member for one in found) < 90


def test_whoever_has_few_ties_finds_those_with_many_among_the_candidates() -> None:
    """Of whom nothing else is known: how many open ties they have draws them; hidden ones do not."""
    hiding = Facts.ALL & ~Facts.CONNECTIONS
    people = [Person(member, shown=hiding if member in (1, 2) else Facts.ALL) for member in range(120)]
    ties = [Tie(hub, 20 + (7 * hub + step) % 100) for hub in (1, 2, 3, 4) for step in range(30)]
    index = build(Network([*people, Person(500)], ties))
    rows, _ = candidates(index, index.row(500), NOTHING, Settings(length=5, wishes=5, candidates=20))
    drawn = set(index.ids[rows].tolist())
    assert {3, 4} <= drawn
    shown = build(Network([*(replace(one, shown=Facts.ALL) for one in people), Person(500)], ties))
    rows, _ = candidates(shown, shown.row(500), NOTHING, Settings(length=5, wishes=5, candidates=20))
    assert {1, 2, 3, 4} <= set(shown.ids[rows].tolist())
    assert not {1, 2} <= drawn


def test_a_month_of_silence_says_little_and_years_say_much() -> None:
    def score(quiet_days: int | None) -> float:
        people = [Person(1), Person(2, texts=("bread",), quiet_days=quiet_days)]
        weights = Settings().weights
        steady = replace(weights, by_signal={k: v for k, v in weights.by_signal.items() if k != "turn"})
        return suggest_for(build(Network(people, [])), 1, settings=Settings(weights=steady)).suggestions[0].score

    assert score(0) > score(30) > score(365) > score(3650)
    assert score(0) - score(30) < score(365) - score(3650)
    # Nobody knows whether they are silent.
    assert score(365) < score(None) < score(90)


def test_a_member_with_only_themes_meets_those_who_offer_what_they_seek_first() -> None:
    cold = Person(1, themes=(ThemeChoice("food", interest=True, seek=True, maturity=1),))
    offering = [Person(member, themes=(ThemeChoice("food", offer=True, maturity=3),)) for member in (2, 3)]
    others = [Person(member, themes=(ThemeChoice("food"),), quiet_days=0) for member in range(4, 40)]
    found = suggest_for(build(Network([cold, *offering, *others])), 1).suggestions
    assert {one.member for one in found[:2]} == {2, 3}
    assert found[0].reasons[0].kind == "they_offer_you_seek"
    assert found[0].reasons[0].evidence == {"themes": ("food",)}


HIDEABLE = {
    Facts.ROLE: {"role": None, "level": None},
    Facts.ORGANISATION: {"organisation": None, "sector": None},
    Facts.PLACE: {"place": None, "region": None},
}


@quick
@given(networks(least=3), st.data())
def test_a_hidden_fact_might_as_well_not_be_there_for_anybody_else(network: Network, data: st.DataObject) -> None:
    people = sorted(network.people, key=lambda person: person.member)
    one = data.draw(st.sampled_from(people))
    hidden = data.draw(st.sampled_from(sorted(HIDEABLE)))
    rest = [person for person in people if person.member != one.member]
    # Which sectors are linked is a figure of the whole network and says nothing of one member.
    weights = Settings().weights
    counted = {name: weight for name, weight in weights.by_signal.items() if name != "first_link"}
    lists = []
    for version in (
        replace(one, shown=Facts.ALL & ~hidden),
        replace(one, shown=Facts.ALL, **HIDEABLE[hidden]),
    ):
        index = build(Network([*rest, version], network.ties, network.memberships, network.today))
        steady = Settings(weights=replace(weights, by_signal=counted))
        lists.append([suggest_for(index, person.member, settings=steady) for person in rest])
    assert [[(s.member, s.parts) for s in x.suggestions] for x in lists[0]] == [
        [(s.member, s.parts) for s in x.suggestions] for x in lists[1]
    ]


@quick
@given(networks(least=3))
def test_hidden_themes_and_texts_bring_a_member_to_nobody(network: Network) -> None:
    told = {"they_offer", "you_offer", "shared_theme", "step_ahead", "text", "circle_text"}
    people = [replace(person, shown=Facts.ALL & ~(Facts.THEMES | Facts.TEXT)) for person in network.people]
    for one in suggest_for_all(build(replace(network, people=people)), {}):
        for suggestion in one.suggestions:
            assert not told & suggestion.signals.keys()


def test_ties_that_members_keep_to_themselves_move_nobody_in_another_s_wishes() -> None:
    hiding = Facts.ALL & ~Facts.CONNECTIONS
    people = [Person(member, shown=hiding if member >= 100 else Facts.ALL) for member in range(1, 401)]
    hidden = [Tie(150 + k, 300 + k) for k in range(40)]
    plain, tied = (build(Network(people, [Tie(1, 2), Tie(2, 3), *more], today=TODAY)) for more in ([], hidden))
    before, after = (rank_block(index, range(1, 100), {}).rows for index in (plain, tied))
    assert np.array_equal(before, after) and before.min() >= 0


def test_hidden_connections_connect_nobody_but_their_owner() -> None:
    people = [Person(1), Person(2, shown=Facts.ALL & ~Facts.CONNECTIONS), Person(3), Person(4)]
    index = build(Network(people, [Tie(1, 2), Tie(2, 3), Tie(2, 4)], today=TODAY))
    kinds = {reason.kind for one in suggest_for(index, 1).suggestions for reason in one.reasons}
    assert "mutual_connections" not in kinds
