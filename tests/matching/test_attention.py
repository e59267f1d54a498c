"""Laws of shared attention: nobody above the cap, nobody unseen, no place wasted, and as good as it can be."""

from collections import Counter
from dataclasses import dataclass
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from haln.matching import attention, plain
from haln.matching.attention import RAISED, Asked
from haln.matching.crew import suggest_for_all
from haln.matching.index import Index, build
from haln.matching.lists import Wished, plan_lists, rank_block
from haln.matching.people import Network
from haln.matching.suggest import Attention, Exclusions, Settings, ranked, suggest_for
from haln.matching.worth import PRICE, chances, dues, expected, gains, worth
from tests.matching.networks import a_network, networks

quick = settings(max_examples=40, deadline=None)
LENGTH, TAIL = 4, 2


@dataclass(frozen=True)
class Case:
    """Wishes of a few members with scores, and whom each may not be shown."""

    asked: Asked
    scores: np.ndarray
    ties: np.ndarray
    barred: list[set[int]]

    @property
    def values(self) -> np.ndarray:
        return worth(self.asked.wishes, self.gain)

    @property
    def gain(self) -> np.ndarray:
        return gains(self.asked.wishes, self.scores, self.ties)


def a_case(members: int, width: int, seed: int) -> Case:
    """Some members are wished for by almost everyone; some may not be suggested, and some pairs are barred."""
    chance = np.random.default_rng(seed)
    suggestable = (chance.random(members) < 0.85).astype(np.uint8)
    barred = [{row, *chance.integers(0, members, chance.integers(0, 3)).tolist()} for row in range(members)]
    wishes = np.full((members, width), -1, np.int32)
    fame = chance.pareto(1.0, members)
    for row in range(members):
        may = [other for other in range(members) if suggestable[other] and other not in barred[row]]
        may.sort(key=lambda other: -fame[other] * chance.random())
        own = may[: chance.integers(0, width + 1)]
        wishes[row, : len(own)] = own
    scores = -np.sort(-chance.exponential(1.0, wishes.shape), axis=1).astype(np.float32)
    starts = np.cumsum([0, *(len(own) for own in barred)])
    entries = np.array([other for own in barred for other in sorted(own)], np.int32)
    turns, ties = chance.permutation(members), chance.integers(0, 40, members)
    return Case(Asked(wishes, np.arange(members), suggestable, (starts, entries), turns), scores, ties, barred)


cases = st.builds(a_case, st.integers(2, 18), st.integers(1, 14), st.integers(0, 10_000))
caps = st.integers(1, 6)


def auctioned(case: Case, due: np.ndarray, values: np.ndarray | None = None) -> list[list[int]]:
    values = case.values if values is None else values
    shown = np.zeros(len(case.asked.rows), np.int64)
    taken = attention._auctioned(case.asked, values, LENGTH, due, shown).reshape(case.asked.wishes.shape)
    lists = [own[mine > 0].tolist() for own, mine in zip(case.asked.wishes, taken, strict=True)]
    assert Counter(row for own in lists for row in own) == {row: n for row, n in enumerate(shown) if n}
    return lists


@settings(max_examples=300, deadline=None)
@given(cases, caps, st.sampled_from([2, 3, 12]), st.sampled_from([0, 1, 6]))
def test_the_auction_is_its_plain_twin_however_many_wishes_are_near_at_hand(
    case: Case, cap: int, near: int, decimals: int
) -> None:
    due = dues(LENGTH, cap)
    values = np.round(case.values, decimals)  # of few decimals, many draw
    wishes, turns = case.asked.wishes.tolist(), case.asked.turns.tolist()
    twin = plain.auctioned(wishes, values.tolist(), turns, LENGTH, due.tolist(), attention.STEP)
    with mock.patch.object(attention, "NEAR", near):
        assert auctioned(case, due, values) == twin


@quick
@given(cases, caps)
def test_the_auction_is_as_good_as_the_best_transport_within_a_step_for_each_place(case: Case, cap: int) -> None:
    due = dues(LENGTH, cap)
    lines, places = np.nonzero(case.asked.wishes >= 0)
    rows = case.asked.wishes[lines, places]
    worth = case.values[lines, places] + due[-1]  # a place that stays empty is worth no more than what is dearest
    members = len(case.asked.rows)
    # One amount for each wish, then one for each place of each member; at most LENGTH a list, and as many as places.
    costs = np.concatenate((-worth, np.tile(due, members)))
    listed = np.zeros((members, len(costs)))
    listed[lines, np.arange(len(lines))] = 1.0
    placed = np.zeros((members, len(costs)))
    placed[rows, np.arange(len(lines))] = 1.0
    placed[np.repeat(np.arange(members), cap), len(lines) + np.arange(members * cap)] = -1.0
    best = linprog(
        costs, np.vstack((listed, placed)), np.concatenate((np.full(members, LENGTH), np.zeros(members))), bounds=(0, 1)
    )
    given = [set(own) for own in auctioned(case, due)]
    shown = Counter(row for own in given for row in own)
    found = sum(value for value, line, row in zip(worth, lines, rows, strict=True) if row in given[line])
    found -= sum(due[:times].sum() for times in shown.values())
    assert -best.fun - attention.STEP * LENGTH * members - 1e-6 <= found <= -best.fun + 1e-6


@quick
@given(cases, caps)
def test_nobody_is_above_the_cap_barred_unseen_or_listed_twice_and_no_place_is_wasted(case: Case, cap: int) -> None:
    lists, shown = attention.shared_under(case.asked, case.values, LENGTH, TAIL, dues(LENGTH, cap))
    drawn = [[row for row in own.tolist() if row >= 0] for own in lists]
    assert Counter(row for own in drawn for row in own) == {row: n for row, n in enumerate(shown) if n}
    assert shown.max() <= cap
    for line, own in enumerate(drawn):
        assert own == lists[line, : len(own)].tolist(), "no gap"
        assert len(set(own)) == len(own)
        assert not set(own) & case.barred[line]
        assert all(case.asked.suggestable[row] for row in own)
        if len(own) < LENGTH:
            assert all(row in own or shown[row] >= cap for row in case.asked.wishes[line] if row >= 0)
    for row in np.flatnonzero((case.asked.suggestable > 0) & (shown == 0)):
        for line, own in enumerate(drawn):
            assert row in case.barred[line] or len(own) == LENGTH, "nobody with room may be shown whom nobody sees"


@quick
@given(cases, st.sampled_from([0.5, 1.0, 2.0, 3.0, 6.0, 1e12]))  # the last: as good as no limit
def test_nobody_is_in_more_lists_than_a_multiple_of_the_median(case: Case, multiple: float) -> None:
    lists = attention.share_attention(case.asked, case.gain, LENGTH, TAIL, multiple)
    shown = np.bincount(lists[lists >= 0], minlength=len(case.asked.rows))[case.asked.suggestable > 0]
    if len(shown):
        assert shown.max() <= max(1.0, multiple) * max(1.0, np.median(shown))


@quick
@given(cases, st.lists(st.integers(0, 8), min_size=14, max_size=14), caps)
def test_one_list_takes_what_is_worth_most_beside_its_price(case: Case, counts: list[int], cap: int) -> None:
    own = case.values[0][case.asked.wishes[0] >= 0]
    shown = np.array(counts[: len(own)], np.int64)
    chosen = attention.best_now(own, shown, LENGTH, cap)
    due = dues(LENGTH, cap)
    open_to = {place: own[place] - due[shown[place]] for place in range(len(own)) if shown[place] < cap}
    assert len(chosen) == min(LENGTH, len(open_to))
    assert sorted(chosen.tolist()) == chosen.tolist()
    assert set(chosen.tolist()) <= open_to.keys()
    left = [gain for place, gain in open_to.items() if place not in chosen]
    assert not left or max(left) <= min(open_to[place] for place in chosen)


def test_what_a_place_is_worth_falls_with_rank_and_rises_with_score() -> None:
    rows = np.array([[5, 7, 2, -1]], np.int32)
    flat, steep = (
        worth(rows, chances(rows, np.array([scores])))[0] for scores in ([1.0, 1.0, 1.0, 0.0], [4.0, 1.0, 1.0, 0])
    )
    assert flat[3] == steep[3] == 0.0
    assert flat[0] > flat[1] > flat[2] > 0.0
    assert steep[0] > flat[0] and steep[1] < flat[1]
    assert flat[:3] == pytest.approx(5 / 3 + 0.3 / np.log2([2, 3, 4]))


def test_the_price_of_a_list_rises_where_most_stand_and_hardly_above_whatever_the_cap() -> None:
    due = dues(10, 100)
    steps = np.diff(due)
    assert (steps >= 0.0).all() and (np.diff(steps) <= 0.0).all()
    assert 0.0 < due[0] < due[4] / 2 and due[-1] == pytest.approx(PRICE, rel=1e-6)
    assert due[3] < PRICE * (1.0 - np.exp(-1.0)) < due[4], "four of ten places: the share that is said"
    assert np.array_equal(due[:20], dues(10, 20))


@quick
@given(cases)
def test_a_gain_is_the_chance_by_how_sure_the_asker_is_and_by_their_ties(case: Case) -> None:
    found = gains(case.asked.wishes, case.scores, case.ties)
    for own, chance, ties in zip(found, chances(case.asked.wishes, case.scores).tolist(), case.ties, strict=True):
        there = [one for one in chance if one > 0.0]
        among = np.prod([one**-one for one in there])
        sure = ((1 + ties) / 9) ** 0.2 * (36 / among) ** 0.4
        assert own == pytest.approx(np.array(chance) * sure, rel=1e-4)
    more = gains(case.asked.wishes, case.scores, case.ties + 1)
    assert (more >= found).all() and ((more > found) == (found > 0.0)).all()


def test_a_chance_counts_for_more_where_few_others_are_as_likely() -> None:
    rows = np.array([[2, 3, 4, 5], [2, 3, 4, 5]], np.int32)
    # As likely to be the one, but among others of whom one stands out, and among others who are all alike.
    scores = np.log(np.array([[0.4, 0.58, 0.01, 0.01], [0.4, 0.2, 0.2, 0.2]]))
    assert chances(rows, scores)[:, 0] == pytest.approx([0.4, 0.4])
    clear, vague = gains(rows, scores, np.array([3, 3]))[:, 0]
    assert clear > vague


@quick
@given(cases)
def test_what_lists_are_expected_to_find_is_each_gain_by_the_discount_of_its_place(case: Case) -> None:
    lists, _ = attention.shared_under(case.asked, case.values, LENGTH, TAIL, dues(LENGTH, 3))
    total = 0.0
    for own, wishes, gain in zip(lists.tolist(), case.asked.wishes.tolist(), case.gain.tolist(), strict=True):
        found = {row: one for row, one in zip(wishes, gain, strict=True) if row >= 0}
        total += sum(found.get(row, 0.0) / np.log2(place + 2) for place, row in enumerate(own) if row >= 0)
    assert expected(case.asked.wishes, case.gain, lists) == pytest.approx(total, rel=1e-5)


@quick
@given(cases, st.sampled_from([1.0, 2.0]), st.sampled_from([0.0, 0.05, 0.2, 0.5, 1.0]), st.sampled_from([1, 2]))
def test_the_multiple_is_raised_no_further_than_lists_that_lose_too_much_ask_for(
    case: Case, multiple: float, most_lost: float, threads: int
) -> None:
    free = expected(case.asked.wishes, case.gain, case.asked.wishes[:, :LENGTH])

    def lost(lists: np.ndarray) -> bool:
        return expected(case.asked.wishes, case.gain, lists) < (1.0 - most_lost) * free

    strict = [
        attention._share_under(case.asked, case.values, LENGTH, TAIL, multiple * it, lambda _: True) for it in RAISED
    ]
    with mock.patch.multiple(attention, WORTH_THREADS=0, processors=lambda: threads):
        found = attention.share_attention(case.asked, case.gain, LENGTH, TAIL, multiple, most_lost)
    wanted = next((lists for lists in strict if not lost(lists)), strict[-1])
    assert np.array_equal(found, wanted)


def test_wishes_are_the_best_and_of_the_others_those_least_tied() -> None:
    index = build(a_network(300, 2))
    plan = Settings(length=8, wishes=20, candidates=120, spread=0.0)
    some_are_little_known = False
    for member in index.members()[:40]:
        by_score = ranked(index, member, plan)
        own = rank_block(index, [member], {}, plan).rows[0]
        wished = [int(index.ids[row]) for row in own if row >= 0]
        assert wished[:10] == by_score[:10]
        tied = {one: float(index.strength[index.row(one)]) for one in by_score}
        fewest = sorted(by_score[10:], key=lambda one: (tied[one], by_score.index(one)))[:10]
        assert wished[10:] == sorted(fewest, key=by_score.index)
        some_are_little_known |= wished != by_score[:20]
    assert some_are_little_known


def planned(index: Index, plan: Settings, exclusions: dict[int, Exclusions] | None = None) -> dict[int, list[int]]:
    members = index.members()
    lists = plan_lists(index, members, rank_block(index, members, exclusions or {}, plan), exclusions or {}, plan)
    return {
        member: [int(index.ids[row]) for row in own if row >= 0]
        for member, own in zip(lists.members.tolist(), lists.lists, strict=True)
    }


@settings(max_examples=20, deadline=None)
@given(networks(), st.data())
def test_everyone_who_may_be_shown_to_someone_is_shown_and_never_to_whom_they_must_not(
    network: Network, data: st.DataObject
) -> None:
    index = build(network)
    ids = index.members()
    some = st.frozensets(st.sampled_from(ids), max_size=3)
    exclusions = {member: Exclusions(data.draw(some), data.draw(some)) for member in ids}
    plan = Settings(length=24, tail=24, attention=6.0)
    lists = planned(index, plan, exclusions)
    tied = {frozenset((tie.a, tie.b)) for tie in network.ties}
    shown = {other for own in lists.values() for other in own}
    for member in index.may_be_suggested():
        to = [
            one
            for one in ids
            if one != member
            and frozenset((one, member)) not in tied
            and member not in exclusions[one].excluded
            and member not in exclusions[one].unseen
        ]
        assert (member in shown) == bool(to)
        assert all(member not in own for one, own in lists.items() if one not in to)


def test_no_budget_gives_everyone_their_best() -> None:
    index = build(a_network(60, 3))
    plan = Settings(length=8, attention=0.0)
    alone = {
        member: [one.member for one in suggest_for(index, member, settings=plan).suggestions] for member in index.row_of
    }
    assert planned(index, plan) == alone
    assert {one.member: [s.member for s in one.suggestions] for one in suggest_for_all(index, {}, plan)} == alone


def test_a_list_made_anew_during_the_day_heeds_the_cap_and_is_much_the_same() -> None:
    index = build(a_network(300, 2))
    plan = Settings(length=8)
    lists = planned(index, plan)
    shown = Counter(other for own in lists.values() for other in own)
    middle = float(np.median([shown[member] for member in index.may_be_suggested()]))
    cap = attention.cap_for(middle, plan.attention, len(index))
    same = 0
    for member in index.members():
        before = Counter(lists[member])
        heeding = Attention(lambda others, own=before: {one: shown[one] - own[one] for one in others}, cap)
        after = [one.member for one in suggest_for(index, member, settings=plan, attention=heeding).suggestions]
        same += len(set(after) & before.keys())
        shown.update(Counter(after) - before)
        shown.subtract(before - Counter(after))
        lists[member] = after
    assert max(shown.values()) <= cap
    assert same >= 0.9 * sum(len(own) for own in lists.values())


def test_blocks_stack_and_none_is_nothing() -> None:
    plan = Settings()
    nothing = Wished.stacked([], plan)
    assert nothing.rows.shape == nothing.scores.shape == (0, plan.wishes)
    index = build(a_network(20, 1))
    whole = rank_block(index, index.members(), {}, plan)
    parts = [rank_block(index, index.members()[first : first + 6], {}, plan) for first in range(0, 20, 6)]
    assert np.array_equal(Wished.stacked(parts, plan).rows, whole.rows)
    assert np.array_equal(Wished.stacked(parts, plan).scores, whole.scores)
