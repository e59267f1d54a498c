"""Why a person sits where they sit: what speaks for their set, and what against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from haln.matching.ledger import SomeSets
from haln.matching.pool import Applicant
from haln.matching.problem import Problem
from haln.matching.rules import Kind

STRONG, GOOD = 0.6, 0.3
"""From 0 (what chance gives) to 1 (the best people one could sit with): where the bands begin."""

Band = Literal["strong", "good", "worth_a_look"]

ALIKE = 0.5
"""Two people's live issues that are at least this alike are worth naming."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that speaks for or against a person's set: by which rule (none: by none), for how many of `of` others.

    `kind`: a `Kind`, or "slots". `share`: 0 to 1, how well the set serves the person by it. `members`: ids of the
    others it is about, where they can be named; `themes`: codes.
    """

    kind: str
    rule: int | None
    share: float
    number: int
    of: int
    members: tuple[int, ...] = ()
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberReport:
    """One person in a set (`set`: its number). `fit`: 0 what chance gives, 1 the best people they could sit with."""

    id: int
    set: int
    fit: float
    band: Band
    helps: tuple[Point, ...]
    hurts: tuple[Point, ...]


def band_of(fit: float) -> Band:
    """Return the band of a fit."""
    return "strong" if fit >= STRONG else "good" if fit >= GOOD else "worth_a_look"


def member_reports(problem: Problem, some: SomeSets, fits: Sequence[float]) -> tuple[MemberReport, ...]:
    """Return a report for everybody in a set, by ascending id.

    A rule speaks for a set where it serves the person better than it would serve them among all applicants on average,
    else against it; the weightiest come first.
    """
    points: dict[int, list[tuple[float, Point]]] = defaultdict(list)
    left, right = some.pairs
    for part in problem.parts:
        if not part.weight:
            continue
        found = part.measure.flat(some.row[left], some.row[right])
        expected = float(found.mean()) if len(found) else 0.0
        others: dict[int, list[int]] = defaultdict(list)
        for entry, other in zip(left[found >= ALIKE].tolist(), right[found >= ALIKE].tolist(), strict=True):
            others[entry].append(other)
        share = np.bincount(left, found, len(some.row)) / np.maximum(some.size[some.set_of] - 1, 1)
        for entry, row in enumerate(some.row.tolist()):
            with_whom = [problem.people[int(some.row[other])] for other in others[entry]]
            point = _point(problem, part.rule, row, float(share[entry]), with_whom, int(some.size[some.set_of[entry]]))
            points[entry].append((part.weight * (float(share[entry]) - expected), point))
    reports = []
    for entry, row in enumerate(some.row.tolist()):
        ranked = sorted(points[entry], key=lambda one: -abs(one[0]))
        reports.append(
            MemberReport(
                problem.people[row].id,
                int(some.set_of[entry]),
                fits[row],
                band_of(fits[row]),
                tuple(point for gain, point in ranked if gain >= 0 and point.number),
                tuple(point for gain, point in ranked if gain < 0),
            )
        )
    return tuple(sorted(reports, key=lambda report: report.id))


def _point(problem: Problem, rule: int, row: int, share: float, with_whom: Sequence[Applicant], size: int) -> Point:
    kind = problem.rules[rule].kind
    themes: tuple[str, ...] = ()
    if kind in (Kind.THEMES, Kind.MATURITY_MIX):
        mine = problem.people[row].themes
        counts = {theme: sum(theme in other.themes for other in with_whom) for theme in mine}
        themes = tuple(sorted((theme for theme in mine if counts[theme]), key=lambda theme: (-counts[theme], theme)))
    return Point(kind, rule, share, len(with_whom), size - 1, tuple(other.id for other in with_whom), themes)
