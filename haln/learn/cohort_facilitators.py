"""Who leads the sets of a cohort, how many each can hold, and when they can."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor, Audience
from haln.errors import Conflict, NotFound
from haln.learn import slots
from haln.learn.cohorts import changeable, changed, check_sets
from haln.models import Application, Cohort, CohortFacilitator, Member
from haln.people import finding, mailbox, visibility
from haln.people.seen import PersonLine

LEADING = (Audience.FACILITATOR.value, Audience.STAFF.value)


@dataclass(frozen=True, slots=True)
class Leader:
    """A facilitator of a cohort. `slots`: ids of the times they can lead at; none named: any."""

    member_id: int
    public_id: str
    name: str
    sets: int
    slots: frozenset[int]
    own: bool


def listing(session: Session, actor: Actor, cohort_id: int) -> tuple[Leader, ...]:
    """A cohort's facilitators by name. Those who lead it see one another, whatever they show to others."""
    rows = session.execute(
        select(CohortFacilitator, Member.public_id, Member.name)
        .join(Member, Member.id == CohortFacilitator.member_id)
        .where(CohortFacilitator.cohort_id == cohort_id, Member.standing == "active")
        .order_by(Member.sort_name, Member.id)
    )
    return tuple(
        Leader(row.member_id, key, name, row.sets, frozenset(row.slots), row.member_id == actor.member_id)
        for row, key, name in rows
    )


def find(session: Session, actor: Actor, typed: str) -> list[PersonLine]:
    """Facilitators and staff whom the actor may see, by name or address."""
    found = finding.named_or_at(session, actor.member_id, typed)
    fitting = set(
        session.scalars(
            select(Member.id).where(Member.id.in_([line.id for line in found]), Member.audience.in_(LEADING))
        )
    )
    return [line for line in found if line.id in fitting]


def add(session: Session, actor: Actor, cohort: str, version: int, person: str, now: datetime) -> None:
    """Have somebody lead a cohort too, one set to begin with; they are told where another did it.

    Raises NotFound, Conflict for who does already, and for who has applied to it.
    """
    row = changeable(session, actor, cohort, version)
    member_id = session.scalar(
        select(Member.id).where(
            Member.public_id == person, Member.audience.in_(LEADING), visibility.may_see(actor.member_id)
        )
    )
    if member_id is None:
        raise NotFound("There is no such facilitator.")
    if session.get(CohortFacilitator, (row.id, member_id)) is not None:
        raise Conflict("They lead this cohort already.")
    application = select(Application.state).where(Application.cohort_id == row.id, Application.member_id == member_id)
    if session.scalar(application) == "applied":
        raise Conflict("They have applied to this cohort. Nobody leads the sets of a cohort that they apply to.")
    session.add(CohortFacilitator(cohort_id=row.id, member_id=member_id, sets=1, slots=[]))
    _note(session, actor, row, "add_facilitator", member_id, now)
    _tell(session, "cohort_led", actor, row, member_id, now)


def change(
    session: Session,
    actor: Actor,
    cohort: str,
    version: int,
    person: str,
    sets: int,
    chosen: Collection[int],
    now: datetime,
) -> None:
    """Say how many sets a facilitator can hold, and when (no time named: whenever). Raises NotFound, Invalid."""
    row = changeable(session, actor, cohort, version)
    check_sets(sets, f"sets-{person}")
    held = _held(session, row, person)
    every = slots.of_cohort(session, row.id)
    named = slots.known(every, chosen)
    held.sets, held.slots = sets, [] if len(named) == len(every) else named
    _note(session, actor, row, "change_facilitator", held.member_id, now)


def remove(session: Session, actor: Actor, cohort: str, version: int, person: str, now: datetime) -> None:
    """Take a facilitator out; they are told where another did it. Raises NotFound, and Conflict for the last one."""
    row = changeable(session, actor, cohort, version)
    held = _held(session, row, person)
    if len(listing(session, actor, row.id)) == 1:
        raise Conflict("Somebody has to lead the cohort. Add another facilitator first.")
    wished = select(Application).where(Application.cohort_id == row.id, Application.facilitator_id == held.member_id)
    for application in session.scalars(wished):
        application.facilitator_id = None
    member_id = held.member_id
    session.delete(held)
    _note(session, actor, row, "remove_facilitator", member_id, now)
    _tell(session, "cohort_not_led", actor, row, member_id, now)


def _held(session: Session, row: Cohort, person: str) -> CohortFacilitator:
    found = session.scalar(
        select(CohortFacilitator)
        .join(Member, Member.id == CohortFacilitator.member_id)
        .where(CohortFacilitator.cohort_id == row.id, Member.public_id == person)
    )
    if found is None:
        raise NotFound("They do not lead this cohort.")
    return found


def _tell(session: Session, kind: str, actor: Actor, row: Cohort, member_id: int, now: datetime) -> None:
    """Write to somebody whom another had lead a cohort, or lead it no longer: mail that cannot be stopped."""
    if member_id != actor.member_id:
        mailbox.put_to_member(session, kind, member_id, {"cohort_id": row.id}, now)


def _note(session: Session, actor: Actor, row: Cohort, action: str, member_id: int, now: datetime) -> None:
    changed(row, now)
    session.flush()
    history.record(session, actor.member_id, action, "cohort", row.id, now, {"member": member_id})
