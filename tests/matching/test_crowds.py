"""Laws of what the people of a group tell, and never tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from haln.matching.crowds import ATTENDED, BACKED, FINISHED, JOINED, Crowds, gather
from haln.matching.hearsay import EVIDENCE, SPEAKING, Sought, evidence, speaking
from haln.matching.people import Membership, Tie

quick = settings(max_examples=40, deadline=None)
FEW = 2
TODAY = 740_000

memberships = st.lists(
    st.builds(Membership, st.integers(1, 14), st.integers(1, 6), st.integers(TODAY - 900, TODAY) | st.none()),
    max_size=60,
    unique_by=lambda one: (one.member, one.group),
)
ties = st.lists(
    st.builds(Tie, st.integers(1, 14), st.integers(1, 14)).filter(lambda tie: tie.a != tie.b),
    max_size=25,
    unique_by=lambda tie: frozenset((tie.a, tie.b)),
)


KINDS = {3: BACKED, 5: ATTENDED, 6: FINISHED}


def kind_of(group: int) -> str:
    return KINDS.get(group, JOINED)


def every(crowds: Crowds) -> Sought:
    return Sought.of(crowds, np.arange(len(crowds.groups)))


def told(
    some: Sequence[Membership],
    tied: Sequence[Tie],
    member: int = 1,
    few: int = FEW,
    unseen: frozenset[int] = frozenset(),
    counted: set[int] | None = None,
) -> dict[tuple[str, int], float]:
    """What is told of each group, by signal and group; what is 0 is left out."""
    crowds = gather(some, tied, few, TODAY, counted, kind_of=kind_of)
    found = evidence(every(crowds), member, unseen)
    return {
        (name, int(group)): float(value)
        for name in EVIDENCE
        for group, value in zip(crowds.groups, found[name], strict=True)
        if value
    }


def alike(one: dict[tuple[str, int], float], other: dict[tuple[str, int], float]) -> bool:
    return one.keys() == other.keys() and all(one[key] == pytest.approx(other[key], rel=1e-6, abs=1e-9) for key in one)


@quick
@given(memberships, ties)
def test_order_does_not_matter(some: list[Membership], tied: list[Tie]) -> None:
    turned = [Tie(tie.b, tie.a) for tie in reversed(tied)]
    assert told(some[::-1], turned) == told(some, tied)


@quick
@given(memberships, ties, st.integers(1, 6))
@example([*(Membership(member, 2) for member in range(2, 6)), Membership(6, 1), Membership(7, 1)], [Tie(1, 2)], 1)
@example(
    [*(Membership(member, 3) for member in range(1, 5)), *(Membership(member, 1) for member in range(1, 4))], [], 1
)
def test_of_a_group_of_few_nothing_is_told_and_nothing_through_it(
    some: list[Membership], tied: list[Tie], group: int
) -> None:
    """Who the few are changes nothing anywhere."""
    others = [one for one in some if one.group != group]
    few = [one for one in some if one.group == group and one.member != 1][:FEW]
    own = [one for one in some if one.group == group and one.member == 1]
    with_few, without = told([*others, *few, *own], tied), told([*others, *own], tied)
    assert not any(at == group for _, at in with_few)
    assert alike(with_few, without)


@quick
@given(memberships, ties)
def test_what_is_told_is_told_of_more_than_a_few(some: list[Membership], tied: list[Tie]) -> None:
    for name, group in told(some, tied):
        people, joined, friends = who_speaks(some, tied, group)
        speak = {
            "size": people,
            "recent": {one.member for one in some if one.group == group and one.day is not None} & people,
            "ties_there": friends,
            "regression": max(friends, joined, key=len),
        }
        assert len(speak.get(name, joined)) > FEW, (name, group)


def who_speaks(some: Sequence[Membership], tied: Sequence[Tie], group: int) -> tuple[set[int], set[int], set[int]]:
    """Who is in a group beside member 1; of them, who is in a group with 1, and who is tied to 1."""
    size = Counter(one.group for one in some if one.member != 1)
    mine = {one.group for one in some if one.member == 1 and size[one.group] > FEW}
    people = {one.member for one in some if one.group == group} - {1}
    friends = {end for tie in tied if 1 in (tie.a, tie.b) for end in (tie.a, tie.b)}
    return people, people & {one.member for one in some if one.group in mine}, people & friends


@quick
@given(memberships, ties)
@example([Membership(member, 1) for member in range(2, 12)], [Tie(1, 2), Tie(1, 3)])
def test_where_few_ties_are_it_is_as_if_one_had_none_and_so_with_groups(
    some: list[Membership], tied: list[Tie]
) -> None:
    """By every signal: what the few would add shows neither as a number nor by what it adds to the others."""
    found = told(some, tied)
    untied = told(some, [tie for tie in tied if 1 not in (tie.a, tie.b)])
    alone = told([one for one in some if one.member != 1], tied)
    for group in {one.group for one in some}:
        _, joined, friends = who_speaks(some, tied, group)
        here = {key: value for key, value in found.items() if key[1] == group}
        if len(friends) <= FEW:
            assert alike(here, {key: value for key, value in untied.items() if key[1] == group})
        if len(joined) <= FEW:
            assert alike(here, {key: value for key, value in alone.items() if key[1] == group})


@pytest.mark.parametrize("speaking", range(10))
@pytest.mark.parametrize("by", ["tie", "group"])
def test_seven_of_ten_move_no_figure_and_the_eighth_does(by: str, speaking: int) -> None:
    ten = [Membership(member, 1, TODAY) for member in range(2, 12)]
    ours = [Membership(member, 2, TODAY) for member in (1, *range(20, 30))]
    more = [Membership(member, 2, TODAY) for member in range(2, 2 + speaking)]
    some, tied = {
        "tie": ([*ten, *ours], [Tie(1, member) for member in range(2, 2 + speaking)]),
        "group": ([*ten, *ours, *more], []),
    }[by]
    names = {name for name, group in told(some, tied, few=7) if group == 1}
    of_groups = {"groups_alike", "walk", "kindred", "broadly_kindred"}
    eighth = {"tie": {"ties_there"}, "group": of_groups}[by] | {"regression"}
    assert names == {"size", "recent"} | (eighth if speaking > 7 else set())


@quick
@given(memberships, ties, st.sets(st.integers(2, 14), max_size=4))
def test_who_is_blocked_counts_as_if_they_were_not_there(
    some: list[Membership], tied: list[Tie], blocked: set[int]
) -> None:
    gone = [one for one in some if one.member not in blocked]
    loose = [tie for tie in tied if not {tie.a, tie.b} & blocked]
    found = told(some, tied, unseen=frozenset(blocked))
    plain = told(gone, loose)
    if blocked:
        assert not any(name in ("kindred", "broadly_kindred") for name, _ in found)
        plain = {key: value for key, value in plain.items() if key[0] not in ("kindred", "broadly_kindred")}
    assert alike(found, plain)


@quick
@given(memberships, ties, st.sets(st.integers(2, 14), max_size=4))
def test_who_does_not_count_tells_nothing_of_any_group(
    some: list[Membership], tied: list[Tie], hidden: set[int]
) -> None:
    gone = [one for one in some if one.member not in hidden]
    loose = [tie for tie in tied if not {tie.a, tie.b} & hidden]
    assert alike(told(some, tied, counted=set(range(1, 15)) - hidden), told(gone, loose))


@quick
@given(memberships, ties)
def test_it_is_what_the_plain_formulas_say(some: list[Membership], tied: list[Tie]) -> None:
    """With nothing held back, beside dense arithmetic by the book."""
    found = told(some, tied, few=0)
    inside = np.zeros((15, 7))
    for one in some:
        inside[one.member, one.group] = 1
    friends = np.zeros((15, 15))
    for tie in tied:
        friends[tie.a, tie.b] = friends[tie.b, tie.a] = 1
    own = inside[1].copy()
    inside[1] = 0
    size = np.maximum(inside.sum(axis=0), 1)
    own *= inside.any(axis=0)
    shared = inside.T @ inside
    others = [row for row in range(2, 15) if inside[row].any() or friends[row].any()]
    firm = np.array([kind_of(group) in (JOINED, BACKED) for group in range(7)])
    share = np.where(firm, 1, 1 / size)  # of events and modules so much as if each had met one other
    own *= share
    mean = inside[:, firm].sum() / max(1, np.count_nonzero(inside[:, firm].any(axis=1)))
    kernel = inside @ (share[:, np.newaxis] * inside.T)
    target = inside @ own
    circle = friends + np.eye(15)
    circle[:, 1] = 0
    if friends[1].any():
        unit = circle / np.sqrt(circle.sum(axis=1, keepdims=True))
        mine = friends[1] / np.sqrt(friends[1].sum() + 1)
        kernel = kernel + 0.3 * mean * unit @ unit.T
        target = target + 0.3 * mean * unit @ mine
    kernel, target = kernel[np.ix_(others, others)], target[others]
    weight = np.linalg.solve(kernel + 150.0 * np.eye(len(others)), target) if others else np.zeros(0)
    sits = inside @ share
    sits[sits == 0] = 1
    plain = {
        "ties_there": friends[1] @ inside,
        "groups_alike": (own * size**-0.7) @ shared * size**-0.3,
        "walk": (inside @ (own / size) / sits) @ inside / max(1, own.sum()),
        "regression": np.maximum(0, weight @ inside[others]) if others else np.zeros(7),
        "size": inside.sum(axis=0),
    }
    for name, values in plain.items():
        for group in range(1, 7):
            assert found.get((name, group), 0.0) == pytest.approx(values[group], rel=1e-5, abs=1e-7), (name, group)


@quick
@given(memberships, st.sets(st.integers(2, 14), max_size=3))
@example([*(Membership(member, 2) for member in range(1, 6)), *(Membership(member, 1) for member in (2, 6, 7))], set())
def test_a_word_is_said_of_a_group_where_more_than_a_few_of_it_share_such_a_group_with_one(
    some: list[Membership], blocked: set[int]
) -> None:
    crowds = gather(some, [], FEW, TODAY, kind_of=kind_of)
    found = speaking(every(crowds), 1, blocked)
    left = [one for one in some if one.member not in blocked]
    for word, kinds in SPEAKING:
        those = [one for one in left if kind_of(one.group) in kinds or one.member != 1]
        for at, group in enumerate(crowds.groups.tolist()):
            people, joined, _ = who_speaks(those, [], group)
            assert found[word][at] == (len(people) > FEW and len(joined) > FEW)


def test_a_webinar_of_three_hundred_says_less_than_a_set_or_a_workshop() -> None:
    """Ten people of the sought group were with one in something: the larger that is, the less it says."""
    sought = [Membership(member, 1) for member in range(2, 12)]
    worth = {}
    for name, group, size in (("set", 2, 20), ("workshop", 5, 20), ("webinar", 5, 300), ("no other", 2, 300)):
        crowd = [Membership(member, group) for member in (1, *range(2, size + 1))]
        worth[name] = told([*sought, *crowd], [], few=7)
    for signal in ("groups_alike", "walk", "regression"):
        told_of = [worth[name].get((signal, 1), 0.0) for name in ("set", "workshop", "webinar")]
        assert told_of[0] > told_of[1] > told_of[2] > 0, signal
        assert told_of[2] < worth["no other"][signal, 1] / 5
    assert not {("kindred", 1), ("broadly_kindred", 1)} & worth["webinar"].keys()


def test_what_is_new_counts_more_than_what_is_old() -> None:
    some = [Membership(member, group, TODAY - group * 100) for member in range(2, 8) for group in (1, 2)]
    found = told(some, [])
    assert found["recent", 1] > found["recent", 2] > 0
    assert ("recent", 1) not in told([Membership(one.member, one.group) for one in some], [])


def test_ties_of_the_discreet_are_told_to_themselves_alone() -> None:
    some = [Membership(member, 1) for member in range(3, 8)]
    through, others = [Tie(1, 2)], [Tie(2, member) for member in range(3, 8)]
    for hidden, reached in ((set(), True), ({2}, False)):
        crowds = gather(some, [*through, *others], 0, discreet=hidden)
        assert bool(evidence(every(crowds), 1)["regression"].any()) is reached
    tied_myself = gather(some, [Tie(1, member) for member in range(3, 8)], FEW, discreet={1})
    assert evidence(every(tied_myself), 1)["ties_there"].all()


@quick
@given(memberships, ties, st.permutations(range(6)), st.integers(0, 6), st.sets(st.integers(1, 14), max_size=2))
def test_which_groups_are_sought_changes_no_figure_of_any(
    some: list[Membership], tied: list[Tie], order: list[int], count: int, blocked: set[int]
) -> None:
    for few, counted in ((0, None), (FEW, None), (FEW, set(range(2, 12)))):
        crowds = gather(some, tied, few, TODAY, counted, discreet={4}, kind_of=kind_of)
        chosen = np.array([at for at in order if at < len(crowds.groups)][:count], np.int64)
        whole, part = every(crowds), Sought.of(crowds, chosen)
        for member in (1, 2, 99):
            found, those = (evidence(sought, member, blocked) for sought in (whole, part))
            assert {name: values[chosen].tolist() for name, values in found.items()} == {
                name: values.tolist() for name, values in those.items()
            }
            words, said = (speaking(sought, member, blocked) for sought in (whole, part))
            assert {word: marks[chosen].tolist() for word, marks in words.items()} == {
                word: marks.tolist() for word, marks in said.items()
            }


def test_who_does_not_count_is_not_taken_away_once_more() -> None:
    """Of five who count, five are told, whether a sixth who does not asks or is blocked."""
    six = [Membership(member, 1) for member in range(1, 7)]
    assert told(six, [], 1, 4, counted=set(range(2, 7)))["size", 1] == 5.0
    assert told(six, [], 7, 4, frozenset({1}), counted=set(range(2, 7)))["size", 1] == 5.0
    assert told(six, [], 7, 4, frozenset({2}), counted=set(range(2, 7))) == {}


def test_factors_are_left_out_where_somebody_is_blocked() -> None:
    """They were learned from everybody, whoever is blocked among them."""
    some = [Membership(member, group) for group in (1, 2) for member in range(1, 12)]
    some += [Membership(member, 3) for member in range(2, 12)]
    names = {"kindred", "broadly_kindred"}
    assert names <= {name for name, group in told(some, [], few=4) if group == 3}
    blocked = {name for name, group in told(some, [], few=4, unseen=frozenset({11})) if group == 3}
    assert "groups_alike" in blocked and not names & blocked
