"""The network as of a day, as it was known on a day: what was said last and had begun."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network.history import NEVER, Node, Tie, history, snapshot
from haln.network.versions import MemberVersions, TieVersions, Versions

DAYS = st.integers(0, 12)
Said = list[tuple[int, int, bool, str | None]]
SAID = st.lists(st.tuples(DAYS, DAYS, st.booleans(), st.sampled_from(["nhs", "council", None])), min_size=1)

HELD = st.lists(st.tuples(DAYS, DAYS, st.booleans(), st.sampled_from(["met", "declared"])), min_size=1)


def _versions(
    members: list[Said],
    ties: dict[tuple[int, int], list[tuple[int, int, bool, str]]],
) -> Versions:
    rows = [(n, *row) for n, said in enumerate(members) for row in said]
    held = [(key, *pair, *row) for key, (pair, said) in enumerate(ties.items()) for row in said]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
    tie = [list(column) for column in zip(*held, strict=True)] or [[]] * 7
    one, since, said, there, sector = columns
    return Versions(
        MemberVersions.of(one, since, said, there, {"sector": sector}),
        TieVersions.of(tie[0], tie[1], tie[2], tie[3], tie[4], tie[5], tie[6], [1] * len(held)),
    )


def _said_last(said: Said, day: int, known: int) -> tuple[bool, str | None]:
    """What is so on a day: what was said last, of what had been said and had begun."""
    heard = [row for row in said if row[1] <= known and row[0] <= day]
    return (heard[-1][2], heard[-1][3]) if heard else (False, None)


@settings(deadline=None)
@given(st.lists(SAID, min_size=1, max_size=5), st.data(), DAYS, DAYS)
def test_what_was_said_last_and_had_begun_is_so(members: list[Said], data: st.DataObject, day: int, known: int) -> None:
    pairs = [(a, b) for a in range(len(members)) for b in range(a + 1, len(members))]
    chosen = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    ties = {pair: data.draw(HELD) for pair in chosen}
    found = snapshot(_versions(members, ties).known(known), day)
    ids = found.history.members[found.rows].tolist()
    states = [_said_last(said, day, known) for said in members]
    assert ids == [n for n, (there, _) in enumerate(states) if there]
    names = found.history.names["sector"]
    assert [names[code] if code >= 0 else None for code in found.groups("sector")] == [states[n][1] for n in ids]
    expected = {pair for pair, said in ties.items() if _said_last(list(said), day, known)[0] and set(pair) <= set(ids)}
    assert {(ids[a], ids[b]) for a, b in zip(found.low, found.high, strict=True)} == expected


@settings(deadline=None)
@given(st.lists(SAID, min_size=1, max_size=4), HELD, DAYS, DAYS)
def test_nothing_of_a_day_changes_between_when_it_was_last_said_and_now(
    members: list[Said], held: list[tuple[int, int, bool, str]], day: int, known: int
) -> None:
    told = _versions(members, {(0, 1): held} if len(members) > 1 else {})
    since = told.last_said(day, known)
    assert 0 <= since <= known
    for until in range(since, known + 1):
        assert _seen(told, day, until) == _seen(told, day, known)
    if since:  # and on that day something was said, of that day or one before it
        heard = [row for said in members for row in said] + (list(held) if len(members) > 1 else [])  # type: ignore[operator]
        assert any(row[1] == since and row[0] <= day for row in heard)


def _seen(told: Versions, day: int, known: int) -> tuple[object, ...]:
    found = snapshot(told.known(known), day)
    ids = found.history.members[found.rows].tolist()
    return ids, found.groups("sector").tolist(), [(ids[a], ids[b]) for a, b in zip(found.low, found.high, strict=True)]


def test_a_correction_is_seen_from_the_day_on_which_it_was_made() -> None:
    said = [(2, 2, True, "nhs"), (5, 5, False, "nhs"), (3, 9, False, "nhs")]  # on day 9: "they left on day 3 already"
    told = _versions([[*said]], {})
    assert [len(snapshot(told.known(8), day)) for day in (1, 2, 3, 4, 5)] == [0, 1, 1, 1, 0]
    assert [len(snapshot(told.known(), day)) for day in (1, 2, 3, 4, 5)] == [0, 1, 0, 0, 0]


def test_members_and_ties_that_cannot_be_are_refused() -> None:
    two = [Node(1, 0), Node(2, 0)]
    for nodes, ties in (
        ([Node(1, 0), Node(1, 3)], []),
        ([Node(1, 4, 3)], []),
        (two, [Tie(1, 1, 0)]),
        (two, [Tie(1, 3, 0)]),
        (two, [Tie(1, 2, 4, 3)]),
    ):
        with pytest.raises(ValueError, match=r"member|tie"):
            history(nodes, ties)


def test_who_counts_and_which_evidence() -> None:
    nodes = [Node(1, 0, 5, {"audience": "staff"}), Node(1, 7, NEVER, {"audience": "member"}), Node(2, 0), Node(3, 2)]
    ties = [Tie(1, 2, 0, evidence="met"), Tie(2, 3, 0, evidence="declared"), Tie(2, 3, 1, 4, "met", 3)]
    found = history(nodes, ties)
    assert [len(snapshot(found, day)) for day in (0, 2, 5, 7)] == [2, 3, 2, 3]
    assert [snapshot(found, day).ties for day in (0, 2, 5, 7)] == [1, 2, 1, 2]
    assert snapshot(found, 3).intensity.tolist() == [1, 3]
    assert [snapshot(found, day, evidences=["met"]).ties for day in (0, 2, 5)] == [1, 2, 0]
    assert len(snapshot(found, 0, only={"audience": ["member"]})) == 0
    assert len(snapshot(found, 8, only={"audience": ["member"]})) == 1
    assert len(snapshot(found, 8, only={"unheard of": ["member"]})) == 0
