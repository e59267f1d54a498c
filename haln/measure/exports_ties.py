"""What is published of figures that rest on ties, by how many ties there are.

Every such figure is hidden where the number of ties is: from none to the threshold, or where ties of other groups, or
of other evidence, would leave it too few numbers. Of more ties, their number, connections per member and density, and
what runs within groups and across them, are worked out from the classes of these numbers alone, never from the
numbers: networks whose numbers are in the same classes have the same figures. What tells how ties lie (distances,
communities, cores, how evenly they are shared out, …) is not told of fewer than about `MANY` ties, where it would tell
how many there are; of more it comes in steps of five members or five ties, whichever are coarser, and may tell that
something changed between two days, as a class that changes does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from haln.measure.definitions import Measure
from haln.measure.figures import Figure
from haln.measure.questions import Question
from haln.network import mixing, suppress
from haln.network.history import History, Snapshot, snapshot
from haln.network.suppress import Bounds

MANY = 50
"""Of ties that round to fewer, it is not told how they lie."""

_MIXED = ("sector", "region")
PLAIN = frozenset({"diameter", "core_largest", "communities"})
"""Whole numbers that count steps, connections or groups, never people: told as they are."""


class Ends(NamedTuple):
    """A value as it is published, with its ends; no value where it is not defined."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Behind:
    """The ties that the figures of a question rest on: all of them, and by kind those across groups, and of how many.

    Of a kind whose ties would tell too much, or of which one group alone is asked for, there are none.
    """

    ties: Bounds
    mixed: Mapping[str, tuple[int, int]]
    alone: tuple[str, ...] = ()


def behind(known: History, day: int, question: Question, threshold: int) -> Behind:
    """The ties behind the figures of a day."""
    there = _there(known, day, question)
    ties = _told(there, question, threshold)
    mixed = {}
    for kind in _MIXED:
        if not ties.hidden and kind not in question.only:
            found = mixing.mixing(there, kind)
            across, within, unknown = (
                suppress.few(count, threshold) for count in (found.across, found.within, found.unknown)
            )
            if not (across.hidden or within.hidden):
                # Of few whose groups are not known nothing may be told, not even by what is missing of all ties.
                mixed[kind] = (across.middle, ties.middle if unknown.hidden else across.middle + within.middle)
    return Behind(ties, mixed, tuple(question.only))


def published(told: Figure, measure: Measure, members: Bounds, found: Behind, threshold: int) -> Ends | None:
    """A figure that rests on ties as it may be published; none where it may not."""
    ties = found.ties
    if ties.shown is None or members.hidden or members.middle < 2:
        return None
    if measure.key == "ties":
        return Ends(ties.shown, ties.low, ties.high)
    if measure.key == "degree_mean":
        return _ends(2 * ties.shown / members.middle)
    if measure.key == "density":
        return _ends(2 * ties.shown / (members.middle * (members.middle - 1)))
    kind = next((kind for kind in _MIXED if kind in measure.key), None)
    if kind is not None and kind not in found.mixed:
        return Ends(None) if kind in found.alone else None
    if kind is not None and measure.key in (f"cross_{kind}_share", f"{kind}_ei"):
        across, of = found.mixed[kind]
        return _ends(across / of if measure.unit == "share" else 2 * across / of - 1)
    return _how_they_lie(told, measure, members, ties, threshold) if ties.middle >= MANY else None


def _ends(value: float) -> Ends:
    return Ends(round(value, suppress.DIGITS))


def _how_they_lie(told: Figure, measure: Measure, members: Bounds, ties: Bounds, threshold: int) -> Ends | None:
    """A figure of which many ties tell no more than that something changed."""
    if told.value is None or told.value - told.value != 0:  # endless
        return Ends(None)
    if measure.key in PLAIN:
        return Ends(round(told.value))
    if measure.counts:
        people = suppress.bounds(round(told.value), threshold)
        return None if people.hidden else Ends(people.shown, people.low, people.high)
    fewer = min(members, ties, key=lambda one: one.middle)
    value = suppress.ratio(told.value, fewer, share=measure.unit == "share")
    ends = [None if end is None or end - end != 0 else suppress.ratio(end, fewer) for end in (told.low, told.high)]
    return None if value is None else Ends(value, *ends)


def _told(there: Snapshot, question: Question, threshold: int) -> Bounds:
    """The class of the number of ties, hidden where with those of other groups it would tell too much."""
    ties = suppress.few(there.ties, threshold)
    for kind, wider in _wider(question):
        if not ties.hidden:
            around = _there(there.history, there.day, wider)
            whole = _told(around, wider, threshold)
            if whole.hidden or not _together(around, kind, whole, threshold):
                return suppress.HIDDEN
    return ties


def _wider(question: Question) -> Iterator[tuple[str, Question]]:
    """Each way in which a question narrows down who or what counts, and the question without it."""
    for kind in question.only:
        yield kind, replace(question, with_hosts=True) if kind == "audience" else question.narrowed(kind, "")
    if question.evidence:
        yield "evidence", replace(question, evidence="")


def _together(there: Snapshot, kind: str, whole: Bounds, threshold: int) -> bool:
    """Whether ties within each group, or of each evidence, may be told beside what is told of all of them."""
    if kind == "evidence":
        parts = list(mixing.by_evidence(there).values())
        rest = [max(0, there.ties - sum(parts))]
    else:
        found = mixing.mixing(there, kind)
        parts = [int(line[number]) for number, line in enumerate(found.table)]
        rest = [found.across, found.unknown]
        within = suppress.few(found.within, threshold)
        cells = [suppress.few(count, threshold) for count in parts]
        if not within.hidden and not suppress.leaves_enough(cells, within, threshold):
            return False
    return suppress.leaves_enough([suppress.few(count, threshold) for count in (*parts, *rest)], whole, threshold)


def _there(known: History, day: int, question: Question) -> Snapshot:
    return snapshot(known, day, only=question.only, evidences=question.evidences)
