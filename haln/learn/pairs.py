"""Pairs of a cohort: who is kept apart, who together, who manages whom; and the cohort whose sets are not formed again.

Pairs are noted by the cohort's facilitators, and who is kept apart is told to them only: staff who look after a cohort
see the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, delete, func, select
from sqlalchemy.orm import Session, aliased

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound, NotPermitted
from haln.learn.applicants import ACTIVE, present
from haln.learn.cohorts import changeable, changed
from haln.learn.leading import entrusted, leads, led_cohort
from haln.learn.rule_rows import rows_of, rules_of
from haln.matching.rules import Kind, Rule, Strength
from haln.models import Application, Cohort, CohortPair, LearningSet, Member

KINDS = ("apart", "together", "manager")
PAGE = 100
_QUIET = {"synchronize_session": False}

_LOW, _HIGH, _BY = aliased(Member), aliased(Member), aliased(Member)


@dataclass(frozen=True, slots=True)
class PairLine:
    """A pair and who said so: one of the two, or a facilitator. Names of those who have left are not shown."""

    kind: str
    low: str
    low_name: str
    high: str
    high_name: str
    by: str
    by_name: str
    own: bool


@dataclass(frozen=True, slots=True)
class Earlier:
    """A cohort whose sets are not to be formed again."""

    public_id: str
    title: str
    chosen: bool


def listing(
    session: Session, actor: Actor, cohort: str, kind: str = "", page: int = 1
) -> tuple[Cohort, tuple[PairLine, ...], int]:
    """A page of a led cohort's pairs by name, and how many the actor may know of. `kind` may narrow them."""
    row = led_cohort(session, actor, cohort)
    joined = _lines(session, actor, row.id)
    if kind in KINDS:
        joined = joined.where(CohortPair.kind == kind)
    total = session.scalar(joined.with_only_columns(func.count())) or 0
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    rows = session.execute(
        joined.order_by(_LOW.sort_name, _HIGH.sort_name, CohortPair.kind, CohortPair.by_id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return row, tuple(PairLine(*found) for found in rows), total


def of_applicant(session: Session, actor: Actor, cohort_id: int, member_id: int) -> tuple[PairLine, ...]:
    """The pairs that one applicant of a cohort is in, as far as the actor may know of them."""
    rows = session.execute(
        _lines(session, actor, cohort_id)
        .where((CohortPair.low_id == member_id) | (CohortPair.high_id == member_id))
        .order_by(CohortPair.kind, _LOW.sort_name, _HIGH.sort_name, CohortPair.by_id)
    )
    return tuple(PairLine(*found) for found in rows)


def _lines(session: Session, actor: Actor, cohort_id: int) -> Select[Any]:
    told = KINDS if entrusted(session, actor, cohort_id) else tuple(kind for kind in KINDS if kind != "apart")
    columns: tuple[Any, ...] = (
        CohortPair.kind,
        *(_LOW.public_id, _LOW.name, _HIGH.public_id, _HIGH.name, _BY.public_id),
        case((_BY.standing == ACTIVE, _BY.name), else_=""),
    )
    own: Any = CohortPair.by_id.in_((CohortPair.low_id, CohortPair.high_id))
    return (
        select(*columns, own)
        .join(_LOW, _LOW.id == CohortPair.low_id)
        .join(_HIGH, _HIGH.id == CohortPair.high_id)
        .join(_BY, _BY.id == CohortPair.by_id)
        .where(
            CohortPair.cohort_id == cohort_id,
            CohortPair.kind.in_(told),
            _LOW.standing == ACTIVE,
            _HIGH.standing == ACTIVE,
        )
    )


def candidates(session: Session, cohort_id: int, typed: str) -> list[tuple[str, str]]:
    """Applicants whose name holds what was typed: public id and name, at most twenty."""
    words = typed.casefold().split()[:5]
    if not words:
        return []
    statement = (
        select(Member.public_id, Member.name)
        .join(Application, Application.member_id == Member.id)
        .where(*present(cohort_id), *(Member.sort_name.contains(word, autoescape=True) for word in words))
    )
    rows = session.execute(statement.order_by(Member.sort_name, Member.id).limit(20))
    return [(key, name) for key, name in rows]


def add(session: Session, actor: Actor, cohort: str, kind: str, one: str, other: str, now: datetime) -> None:
    """Say that two applicants are kept apart, kept together, or that one manages the other.

    Raises NotPermitted, Invalid for what is no pair, NotFound for somebody who does not apply, Conflict for a pair that
    is wanted both apart and together.
    """
    led_cohort(session, actor, cohort, hold=True)  # so that a double click is one pair
    row = _noting(session, actor, cohort)
    if kind not in KINDS:
        raise Invalid("Choose what is wanted of the two.", {"kind": "Choose what is wanted of the two."})
    if not one or not other or one == other:
        problem = "Choose two different people."
        raise Invalid(problem, {"other" if one else "one": problem})
    low, high = sorted(_applicant(session, row.id, person) for person in (one, other))
    here = (CohortPair.cohort_id == row.id, CohortPair.low_id == low, CohortPair.high_id == high)
    there = set(session.scalars(select(CohortPair.kind).where(*here)))
    against = {"apart": {"together"}, "manager": {"together"}, "together": {"apart", "manager"}}[kind]
    if there & against:
        raise Conflict("For these two the opposite is wanted already. Take that away first.")
    mine = session.scalar(
        select(func.count())
        .select_from(CohortPair)
        .where(*here, CohortPair.kind == kind, CohortPair.by_id == actor.member_id)
    )
    if mine:
        return
    made = CohortPair(cohort_id=row.id, low_id=low, high_id=high, kind=kind, by_id=actor.member_id, created_at=now)
    session.add(made)
    session.flush()
    history.record(session, actor.member_id, "add_pair", "cohort", row.id, now)


def remove(
    session: Session, actor: Actor, cohort: str, kind: str, one: str, other: str, by: str, now: datetime
) -> None:
    """Take a pair away, whoever said it. One that is gone already is gone. Raises NotPermitted, NotFound."""
    row = _noting(session, actor, cohort)
    ids = {
        key: member_id
        for member_id, key in session.execute(
            select(Member.id, Member.public_id).where(Member.public_id.in_((one, other, by)))
        )
    }
    if not {one, other, by} <= set(ids):
        raise NotFound("There is no such pair.")
    low, high = sorted((ids[one], ids[other]))
    session.execute(
        delete(CohortPair).where(
            CohortPair.cohort_id == row.id,
            CohortPair.low_id == low,
            CohortPair.high_id == high,
            CohortPair.kind == kind,
            CohortPair.by_id == ids[by],
        ),
        execution_options=_QUIET,
    )
    history.record(session, actor.member_id, "remove_pair", "cohort", row.id, now)


def earlier(session: Session, actor: Actor, row: Cohort) -> tuple[Earlier, ...]:
    """The cohorts that the actor leads whose sets have met, the newest first."""
    formed = select(LearningSet.cohort_id).where(LearningSet.cohort_id.is_not(None))
    found = session.execute(
        select(Cohort.id, Cohort.public_id, Cohort.title)
        .where(leads(actor), Cohort.id != row.id, Cohort.id.in_(formed))
        .order_by(Cohort.starts_on.desc().nulls_last(), Cohort.id.desc())
        .limit(20)
    )
    return tuple(Earlier(key, title, cohort_id == row.previous_id) for cohort_id, key, title in found)


def not_again(session: Session, actor: Actor, cohort: str, version: int, previous: str, now: datetime) -> None:
    """Have the sets of an earlier cohort not formed again (empty: forget that); the rules say so from then on.

    Raises NotFound for a cohort that the actor does not lead.
    """
    row = changeable(session, actor, cohort, version)
    if not previous:
        row.previous_id = None
    else:
        row.previous_id = led_cohort(session, actor, previous).id
        if row.previous_id == row.id:
            raise Conflict("A cohort cannot come after itself.")
        rules = rules_of(row.rules)
        if not any(rule.kind is Kind.NOT_AGAIN for rule in rules):
            row.rules = rows_of((*rules, Rule(Kind.NOT_AGAIN, Strength.STRONGLY)))
    changed(row, now)
    history.record(session, actor.member_id, "set_not_again", "cohort", row.id, now)


def _noting(session: Session, actor: Actor, cohort: str) -> Cohort:
    """A cohort whose pairs the actor may change. What is refused would tell others who is kept apart."""
    row = changeable(session, actor, cohort)
    if not entrusted(session, actor, row.id):
        raise NotPermitted("Only the facilitators of this cohort note pairs. Add yourself to them first.")
    return row


def _applicant(session: Session, cohort_id: int, person: str) -> int:
    found = session.scalar(
        select(Member.id)
        .join(Application, Application.member_id == Member.id)
        .where(*present(cohort_id), Member.public_id == person)
    )
    if found is None:
        raise NotFound("One of the two no longer applies to this cohort.")
    return found
