"""Keep a file of applicants between its preview and its application, and apply it in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.learn import application_mail
from haln.learn.applicant_plans import ApplicantPlan, PlannedApplicant, plan
from haln.learn.cohorts import changeable
from haln.learn.priority import priorities
from haln.models import Application, ApplicationSlot, Cohort, CohortPair, ImportFile
from haln.people.imports.applying import KEPT
from haln.people.imports.planning import Outcome
from haln.people.imports.tables import Table, read
from haln.people.tokens import public_id
from haln.taxonomy.vocabulary import Vocabulary

_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class ApplicantPreview:
    """A file that was read, and what it would do."""

    public_id: str
    name: str
    table: Table
    plan: ApplicantPlan


@dataclass(frozen=True, slots=True)
class ApplicantReport:
    """What a file did."""

    created: int
    updated: int
    unchanged: int
    refused: int


def keep(
    session: Session,
    actor: Actor,
    cohort: str,
    name: str,
    content: bytes,
    vocabulary: Vocabulary,
    zone: ZoneInfo,
    now: datetime,
) -> str:
    """Keep a readable file for its preview; returns its public id. Old ones are thrown away.

    Raises Invalid or TooLarge as `tables.read` does, and what `plan` raises.
    """
    row = changeable(session, actor, cohort)
    plan(session, actor, row, read(content, name), vocabulary, zone)
    session.execute(delete(ImportFile).where(ImportFile.brought_at < now - KEPT), execution_options=_QUIET)
    kept = ImportFile(
        public_id=public_id(),
        name=name[:200] or "file",
        content=content,
        cohort_id=row.id,
        brought_by_id=actor.member_id,
        brought_at=now,
    )
    session.add(kept)
    return kept.public_id


def preview(
    session: Session, actor: Actor, cohort: str, file_id: str, vocabulary: Vocabulary, zone: ZoneInfo, now: datetime
) -> ApplicantPreview:
    """Read a kept file and say what it would do now. Raises NotFound once it is thrown away or applied."""
    row = changeable(session, actor, cohort)
    kept = session.scalar(select(ImportFile).where(ImportFile.public_id == file_id, ImportFile.cohort_id == row.id))
    if kept is None or kept.applied_at is not None or kept.brought_at <= now - KEPT:
        raise NotFound("That file is no longer kept: it was applied, or is more than a day old.")
    table = read(kept.content, kept.name)
    return ApplicantPreview(kept.public_id, kept.name, table, plan(session, actor, row, table, vocabulary, zone))


def apply_kept(
    session: Session, actor: Actor, cohort: str, file_id: str, vocabulary: Vocabulary, zone: ZoneInfo, now: datetime
) -> ApplicantReport:
    """Apply a kept file, once. Raises NotFound, and Conflict when somebody else was quicker."""
    row = changeable(session, actor, cohort)
    session.execute(select(Cohort.id).where(Cohort.id == row.id).with_for_update())
    shown = preview(session, actor, cohort, file_id, vocabulary, zone, now)
    taken = session.execute(
        update(ImportFile)
        .where(ImportFile.public_id == file_id, ImportFile.applied_at.is_(None))
        .values(applied_at=now, content=b"")
        .returning(ImportFile.id),
        execution_options=_QUIET,
    ).first()
    if taken is None:
        raise Conflict("That file has just been applied.")
    return _apply(session, actor, row, shown.plan, now)


def _apply(session: Session, actor: Actor, cohort: Cohort, made: ApplicantPlan, now: datetime) -> ApplicantReport:
    new, cohort_id = made.of(Outcome.CREATE), cohort.id
    waiting = priorities(session, [_member(row) for row in new], cohort_id)
    there = _applications(session, cohort_id, new)
    for row in new:
        own = there.get(_member(row)) or Application(public_id=public_id(), cohort_id=cohort_id, member_id=_member(row))
        session.add(_brought(own, row, waiting.get(_member(row), 0), now))
    session.flush()
    changed = [*new, *made.of(Outcome.UPDATE)]
    applications = _applications(session, cohort_id, changed)
    for row in made.of(Outcome.UPDATE):
        held = applications[_member(row)]
        for name, value in row.values.items():
            setattr(held, name, value)
        held.changed_at = now
    session.flush()
    _write_slots(session, [(applications[_member(row)].id, row.slots) for row in changed if row.slots is not None])
    _write_pairs(session, actor, cohort_id, changed, now)
    application_mail.tell_added(session, cohort, [_member(row) for row in new], now)
    report = ApplicantReport(
        len(new), made.count(Outcome.UPDATE), made.count(Outcome.UNCHANGED), made.count(Outcome.REFUSED)
    )
    detail: history.Detail = {"created": report.created, "updated": report.updated, "refused": report.refused}
    history.record(session, actor.member_id, "import_applicants", "cohort", cohort_id, now, detail)
    return report


def _brought(own: Application, row: PlannedApplicant, waiting: int, now: datetime) -> Application:
    """An application as a row of the file makes it: a new one, or that of somebody who was taken out before."""
    own.state, own.source, own.withdrawn_at = "applied", "import", None
    own.priority, own.applied_at, own.changed_at = waiting, now, now
    for name, value in row.values.items():
        setattr(own, name, value)
    return own


def _applications(session: Session, cohort_id: int, rows: Sequence[PlannedApplicant]) -> dict[int, Application]:
    found: dict[int, Application] = {}
    for part in _batches([_member(row) for row in rows]):
        mine = select(Application).where(Application.cohort_id == cohort_id, Application.member_id.in_(part))
        found.update((row.member_id, row) for row in session.scalars(mine))
    return found


def _write_slots(session: Session, chosen: Sequence[tuple[int, Sequence[int]]]) -> None:
    for part in _batches([application for application, _slots in chosen]):
        session.execute(
            delete(ApplicationSlot).where(ApplicationSlot.application_id.in_(part)), execution_options=_QUIET
        )
    rows = [{"application_id": application, "slot_id": slot} for application, slots in chosen for slot in slots]
    if rows:
        session.execute(insert(ApplicationSlot), rows)


def _write_pairs(
    session: Session, actor: Actor, cohort_id: int, rows: Sequence[PlannedApplicant], now: datetime
) -> None:
    pairs = {(pair, "apart") for row in rows for pair in row.apart}
    pairs |= {(pair, "manager") for row in rows for pair in row.managers}
    made = [
        {
            "cohort_id": cohort_id,
            "low_id": low,
            "high_id": high,
            "kind": kind,
            "by_id": actor.member_id,
            "created_at": now,
        }
        for (low, high), kind in sorted(pairs)
    ]
    if made:
        session.execute(insert(CohortPair), made)


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + 500] for start in range(0, len(ids), 500))


def _member(row: PlannedApplicant) -> int:
    assert row.member_id is not None
    return row.member_id
