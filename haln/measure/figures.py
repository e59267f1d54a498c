"""Figures of the network as of a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from haln.measure.questions import Question
from haln.network import growth, mixing, structure
from haln.network.history import History, Snapshot, snapshot
from haln.network.versions import Versions

YEAR = 365
Values = dict[str, float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as of a day. `low` and `high` are the ends of its interval of 95 %, where it has one."""

    measure: str
    as_of: date
    value: float
    low: float | None = None
    high: float | None = None


def series(versions: Versions, question: Question, keys: Sequence[str] = ()) -> list[Figure]:
    """All figures that are asked for (none named: all) at the question's days, the earliest first."""
    found: list[Figure] = []
    history = None if question.then else versions.known(_ordinal(question.known_on))
    for day in question.days():
        known = history or versions.known(day.toordinal())
        values = on_day(known, day, question, keys)
        found += [Figure(key, day, value) for key, value in values.items()]
    return found


def on_day(history: History, day: date, question: Question, keys: Sequence[str] = ()) -> Values:
    """The figures as of one day."""
    ordinal = day.toordinal()
    found = snapshot(history, ordinal, only=question.only, evidences=question.evidences)
    values: Values = {}
    for names, work_out in _FAMILIES:
        if not keys or set(names) & set(keys):
            values |= work_out(found, question)
    return {key: value for key, value in values.items() if not keys or key in keys}


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def _size(found: Snapshot, question: Question) -> Values:
    comings = growth.comings(found.history, question.only)
    return {
        "members": len(found),
        "organisations": found.different("organisation"),
        "joins": growth.between(comings.came_on, found.day - YEAR, found.day),
        "leavers": growth.between(comings.went_on, found.day - YEAR, found.day),
    }


def _ties(found: Snapshot, question: Question) -> Values:
    told = structure.degrees(found)
    return {
        "ties": found.ties,
        "degree_mean": told.mean,
        "connected_share": 1 - told.isolates / len(found) if len(found) else 0.0,
        "degree_gini": told.gini,
        "density": structure.density(found),
    }


def _parts(found: Snapshot, question: Question) -> Values:
    return {"giant_share": structure.components(found).giant_share}


def _distances(found: Snapshot, question: Question) -> Values:
    told = structure.distances(found, structure.components(found).giant)
    return {"distance_mean": told.mean, "diameter": told.diameter}


def _triangles(found: Snapshot, question: Question) -> Values:
    told = structure.clustering(found)
    return {"clustering": told.mean, "transitivity": told.transitivity}


def _sectors(found: Snapshot, question: Question) -> Values:
    told = mixing.mixing(found, "sector")
    return {"cross_sector_share": told.across_share, "sector_ei": told.ei_index}


_FAMILIES = (
    (("members", "organisations", "joins", "leavers"), _size),
    (("ties", "degree_mean", "connected_share", "degree_gini", "density"), _ties),
    (("giant_share",), _parts),
    (("distance_mean", "diameter"), _distances),
    (("clustering", "transitivity"), _triangles),
    (("cross_sector_share", "sector_ei"), _sectors),
)


def by_measure(figures: Sequence[Figure]) -> Iterator[tuple[str, list[Figure]]]:
    """The figures of each measure in the order of their days."""
    found: dict[str, list[Figure]] = {}
    for one in figures:
        found.setdefault(one.measure, []).append(one)
    yield from found.items()
