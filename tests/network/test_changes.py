"""What a day is, and when nothing begins or ends between two of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network import changes
from haln.network.history import History, Node, Tie, snapshot
from tests.network.graphs import nx_of
from tests.network.histories import LAST, histories


@settings(deadline=None)
@given(histories(), st.integers(0, LAST), st.sampled_from([None, "met"]), st.sampled_from([None, "nhs"]))
def test_a_day_is_what_its_spells_say_each_pair_once(
    drawn: tuple[History, list[Node], list[Tie]], day: int, evidence: str | None, sector: str | None
) -> None:
    told, nodes, ties = drawn
    found = snapshot(
        told, day, only={"sector": [sector]} if sector else None, evidences=[evidence] if evidence else None
    )
    there = [
        node.member for node in nodes if node.since <= day < node.until and sector in (None, node.groups["sector"])
    ]
    row_of = {member: row for row, member in enumerate(sorted(there))}
    assert told.members[found.rows].tolist() == sorted(there)
    strongest: dict[tuple[int, int], int] = {}
    for tie in ties:
        known = tie.since <= day < tie.until and evidence in (None, tie.evidence)
        if known and tie.one in row_of and tie.other in row_of:
            ends = sorted((row_of[tie.one], row_of[tie.other]))
            strongest[ends[0], ends[1]] = max(tie.intensity, strongest.get((ends[0], ends[1]), 0))
    pairs = list(zip(found.low.tolist(), found.high.tolist(), strict=True))
    assert dict(zip(pairs, found.intensity.tolist(), strict=True)) == strongest and pairs == sorted(strongest)
    graph = nx_of(len(there), strongest)
    for node in graph:
        assert found.others[found.starts[node] : found.starts[node + 1]].tolist() == sorted(graph[node])
    if nodes:
        assert found.different("sector") == len(set(found.groups("sector").tolist()))


@settings(deadline=None)
@given(histories(), st.integers(-1, LAST), st.integers(-1, LAST))
def test_where_nothing_begins_or_ends_days_are_alike(
    drawn: tuple[History, list[Node], list[Tie]], one: int, other: int
) -> None:
    told, nodes, ties = drawn
    after, until = min(one, other), max(one, other)
    spells = [(each.since, each.until) for each in (*nodes, *ties)]
    assert changes.still(told, after, until) == (not any(after < day <= until for spell in spells for day in spell))
    assert changes.still(told, one, other) == changes.still(told, other, one)
    if changes.still(told, after, until):
        days = [snapshot(told, day) for day in (after, until)]
        for name in ("spells", "low", "high"):
            assert np.array_equal(*(getattr(day, name) for day in days))
