"""What to say of a plan: each rule, each set, each person, and whoever is left over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from haln.compiled import Longs
from haln.matching.arrangement import Arrangement, arranged
from haln.matching.breaks import Break, breaks_of, overload
from haln.matching.ledger import Ledger, SomeSets, ledger
from haln.matching.left_over import LeftOver, why_left_over
from haln.matching.member_reports import Band, MemberReport, band_of, member_reports
from haln.matching.plan_state import state_of
from haln.matching.pool import Plan
from haln.matching.problem import Problem
from haln.matching.set_facts import ONE, SHARE_BITS, UNIT, State


@dataclass(frozen=True, slots=True)
class RuleReport:
    """Whether a rule is kept, how well (`share`, 0 to 1, over all people in sets), and each of its breaks."""

    index: int
    kept: bool
    share: float
    breaks: tuple[Break, ...]


@dataclass(frozen=True, slots=True)
class SetReport:
    """One set's measures. `fit`: the mean of its members'. `common_slots`: numbers. `shared_themes`: code and how many
    picked it, those of at least two, most common first. Counts are by code, of those who said. `new_pairs`: pairs who
    are neither connected nor set-mates, of `pairs`. `breaks`: of rules that are a must."""

    number: int
    members: tuple[int, ...]
    value: float
    fit: float
    band: Band
    breaks: int
    common_slots: tuple[int, ...]
    shared_themes: tuple[tuple[str, int], ...]
    sectors: Mapping[str, int]
    regions: Mapping[str, int]
    roles: Mapping[str, int]
    levels: Mapping[int, int]
    organisations: Mapping[int, int]
    new_pairs: int
    pairs: int
    facilitator: int | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """A plan judged. Of two plans of one problem the better has fewer `breaks` of rules that are a must, then less
    `left_weight` (people left over, those who waited counting more), then more `value`."""

    value: float
    breaks: int
    left_weight: int
    rules: tuple[RuleReport, ...]
    sets: tuple[SetReport, ...]
    members: tuple[MemberReport, ...]
    left_over: tuple[LeftOver, ...]


def assess(problem: Problem, plan: Plan) -> Assessment:
    """Judge a plan. People who no longer apply are passed over; applicants whom it does not name are left over."""
    arrangement = arranged(problem, plan)
    facts = problem.facts_for(arrangement.sets)
    state = state_of(facts, arrangement)
    some = sets_of(problem, arrangement)
    book = ledger(some)
    rules = tuple(_rule_report(some, book, number) for number in range(len(problem.rules)))
    fits = fits_of(problem, state)
    members = member_reports(problem, some, fits)
    return Assessment(
        value=worth(problem, int(state.totals[2])),
        breaks=int(state.totals[0]) + (overload(some) if facts.leader_hard else 0),
        left_weight=int(state.totals[1]),
        rules=rules,
        sets=tuple(_set_report(problem, some, state, fits, number) for number in range(arrangement.sets)),
        members=members,
        left_over=why_left_over(problem, facts, state),
    )


def worth(problem: Problem, score: int) -> float:
    """Turn a score into a value per applicant; about 0 to 1."""
    return score / (UNIT * ONE * max(1, len(problem.people)))


def sets_of(problem: Problem, arrangement: Arrangement) -> SomeSets:
    """Return all sets of an arrangement, to be judged rule by rule."""
    members = [arrangement.members(number) for number in range(arrangement.sets)]
    return SomeSets(problem, members, arrangement.leaders.tolist())


def fits_of(problem: Problem, state: State) -> list[float]:
    """Return by row from 0 (chance, or worse) to 1 (ideal) how a person's set suits them; 0 where they are in none."""
    sets = len(state.hard)
    size = state.size[np.minimum(state.assigned, sets)]
    mean: Longs = (state.own * problem.facts.share[np.where(state.assigned < sets, size, 0)]) >> SHARE_BITS
    span = problem.prospects.ideal - problem.prospects.chance
    fits = np.clip((mean - problem.prospects.chance) / np.maximum(span, 1), 0.0, 1.0)
    return [float(fit) for fit in np.where(state.assigned < sets, fits, 0.0)]


def _rule_report(some: SomeSets, book: Ledger, number: int) -> RuleReport:
    found = breaks_of(some, number)
    seated = int(book.size.sum())
    share = float(book.served[number].sum()) / seated if seated else 1.0
    return RuleReport(number, not found, min(max(share, 0.0), 1.0), found)


def _set_report(problem: Problem, some: SomeSets, state: State, fits: list[float], number: int) -> SetReport:
    rows = list(some.members[number])
    people = [problem.people[row] for row in rows]
    themes = Counter(theme for person in people for theme in person.themes)
    known = problem.pool.ties | problem.pool.set_mates
    pairs = [(one.id, other.id) for at, one in enumerate(people) for other in people[at + 1 :]]
    fit = sum(fits[row] for row in rows) / max(1, len(rows))
    leader = some.leaders[number]
    return SetReport(
        number=number,
        members=tuple(person.id for person in people),
        value=int(state.soft[number]) / (UNIT * ONE * max(1, len(rows))),
        fit=fit,
        band=band_of(fit),
        breaks=int(state.hard[number]),
        common_slots=tuple(int(slot) for slot in np.flatnonzero(some.common[number])) if rows else (),
        shared_themes=tuple(
            sorted(((theme, many) for theme, many in themes.items() if many > 1), key=lambda one: (-one[1], one[0]))
        ),
        sectors=Counter(person.sector for person in people if person.sector is not None),
        regions=Counter(person.region for person in people if person.region is not None),
        roles=Counter(person.role for person in people if person.role is not None),
        levels=Counter(person.level for person in people if person.level is not None),
        organisations=Counter(person.organisation for person in people if person.organisation is not None),
        new_pairs=sum(pair not in known for pair in pairs),
        pairs=len(pairs),
        facilitator=problem.leaders[leader].id if leader >= 0 and rows else None,
    )
