"""Runs of stops say of each day what its snapshot says."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network.film import film
from haln.network.history import UNKNOWN, Node, Snapshot, Tie, history, snapshot

DAYS = 9
SECTORS = ("council", "nhs", None)


@st.composite
def films(draw: st.DrawFn) -> list[Snapshot]:
    """Snapshots of a history in which members come, go, come back and change their sector, and ties come and go."""
    nodes = []
    for member in range(draw(st.integers(0, 6))):
        ends = sorted(draw(st.sets(st.integers(0, DAYS), max_size=4)))
        for since, until in itertools.pairwise(ends):
            sector = draw(st.sampled_from(SECTORS))
            if draw(st.booleans()):
                nodes.append(Node(member * 3, since, until, {"sector": sector} if sector else {}))
    nodes.append(Node(100, 0, DAYS, {"sector": "nhs"}))
    ids = sorted({node.member for node in nodes})
    ties = []
    for one in ids:
        for other in ids:
            if one < other and draw(st.booleans()):
                since = draw(st.integers(0, DAYS))
                ties.append(Tie(one, other, since, draw(st.integers(since, DAYS))))
    found = history(nodes, ties)
    days = draw(st.lists(st.integers(0, DAYS), min_size=1, max_size=6).map(sorted))
    return [snapshot(found, day) for day in days]


@given(films())
@settings(deadline=None)
def test_a_film_shows_at_each_stop_what_its_snapshot_has(stops: list[Snapshot]) -> None:
    told = film(stops, "sector")
    for number, stop in enumerate(stops):
        ids = stop.history.members[stop.rows].tolist()
        names = stop.history.names["sector"]
        there = {
            member: None if run.group == UNKNOWN else names[run.group]
            for member, runs in zip(told.members, told.there, strict=True)
            for run in runs
            if run.first <= number <= run.last
        }
        codes = [None if code == UNKNOWN else names[code] for code in stop.groups("sector").tolist()]
        assert there == dict(zip(ids, codes, strict=True))
        tied = {
            (told.members[one], told.members[other])
            for (one, other), runs in zip(told.pairs, told.tied, strict=True)
            if any(run.first <= number <= run.last for run in runs)
        }
        assert tied == {(ids[one], ids[other]) for one, other in zip(stop.low, stop.high, strict=True)}


@given(films())
@settings(deadline=None)
def test_runs_are_in_order_apart_or_of_another_group_and_never_empty(stops: list[Snapshot]) -> None:
    told = film(stops, "sector")
    for runs in (*told.there, *told.tied):
        assert runs
        assert all(run.first <= run.last for run in runs)
        for before, after in itertools.pairwise(runs):
            assert before.last + 1 < after.first or (before.last + 1 == after.first and before.group != after.group)


def test_no_stops_and_stops_of_two_vocabularies() -> None:
    assert film([], "sector").members == ()
    one = snapshot(history([Node(1, 0, groups={"sector": "nhs"})], []), 0)
    other = snapshot(history([Node(1, 0, groups={"sector": "sport"})], []), 0)
    with pytest.raises(ValueError, match="vocabularies"):
        film([one, other], "sector")
