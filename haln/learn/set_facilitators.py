"""Who leads a running set: somebody else, or nobody, when it runs itself.

Whoever takes members in and out says so. The set's members read it on its page; mail goes to who leads it from now on,
and to who did until now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.learn import cohort_facilitators, set_mail, set_rules
from haln.learn.leading import entrusted
from haln.learn.set_access import Entry, Standing, admitting, oversees
from haln.learn.set_people import sitting_ids
from haln.learn.set_rules import Break
from haln.models import LearningSet, Member, SetRequest
from haln.people import visibility
from haln.people.seen import PersonLine


@dataclass(frozen=True, slots=True)
class Proposed:
    """Somebody who may lead a set (`name` empty: nobody), and what that would break.

    `told`: the actor may know of pairs kept apart. `shuts_out`: the actor leads the set now, and would see it no more.
    """

    entry: Entry
    member_id: int | None
    public_id: str
    name: str
    breaks: tuple[Break, ...]
    told: bool
    shuts_out: bool

    @property
    def refused(self) -> bool:
        """Whether a must about pairs forbids it."""
        return any(one.must and one.rule.kind in set_rules.CONFIDENTIAL for one in self.breaks)


def find(session: Session, actor: Actor, entry: Entry, typed: str) -> list[PersonLine]:
    """Facilitators and staff of that name whom the actor may see, who neither sit in the set nor lead it."""
    leave_out = {*sitting_ids(session, entry.row.id), entry.row.facilitator_id}
    return [line for line in cohort_facilitators.find(session, actor, typed) if line.id not in leave_out]


def proposed(session: Session, actor: Actor, set_id: str, person: str) -> Proposed:
    """What it would mean that somebody (by public id; empty: nobody) leads a set.

    Raises NotFound for whom the actor may not see or who leads nothing, NotPermitted.
    """
    return _weighed(session, actor, admitting(session, actor, set_id), person)


def _weighed(session: Session, actor: Actor, entry: Entry, person: str) -> Proposed:
    member_id, name = _found(session, actor, person) if person else (None, "")
    stays = select(LearningSet.id).where(LearningSet.id == entry.row.id, oversees(actor))
    leaving = entry.standing is Standing.FACILITATOR and member_id != actor.member_id
    return Proposed(
        entry=entry,
        member_id=member_id,
        public_id=person,
        name=name,
        breaks=set_rules.would_break_by_leader(session, entry.row, member_id),
        told=entrusted(session, actor, entry.row.cohort_id),
        shuts_out=leaving and session.scalar(stays) is None,
    )


def _found(session: Session, actor: Actor, person: str) -> tuple[int, str]:
    row = session.execute(
        select(Member.id, Member.name).where(
            Member.public_id == person,
            Member.audience.in_(cohort_facilitators.LEADING),
            visibility.may_see(actor.member_id),
        )
    ).first()
    if row is None:
        raise NotFound("There is no such facilitator.")
    return row.id, row.name


def name(session: Session, actor: Actor, set_id: str, version: int, person: str, now: datetime) -> Proposed:
    """Have somebody else lead a running set, or nobody. Whoever led it sees no more of it than they would without.

    Raises Conflict when the set has changed since the actor saw `version`, has ended, or cannot be led by them;
    NotPermitted, NotFound.
    """
    found = _weighed(session, actor, admitting(session, actor, set_id, change=True), person)
    row = found.entry.row
    _check(session, found, version)
    before, row.facilitator_id = row.facilitator_id, found.member_id
    row.version += 1
    _close_own_request(session, row, now)
    session.flush()
    if before is not None and before != actor.member_id:
        set_mail.tell_who_led(session, row, before, now)
    if found.member_id is not None and found.member_id != actor.member_id:
        set_mail.tell_who_leads(session, row, now)
    detail: history.Detail = {"before": before, "after": found.member_id}
    history.record(session, actor.member_id, "change_set_facilitator", "learning_set", row.id, now, detail)
    return found


def _check(session: Session, found: Proposed, version: int) -> None:
    row = found.entry.row
    if row.version != version:
        raise Conflict("Somebody else has changed this set since you opened the page. Look at it again.")
    if found.member_id is None and row.facilitator_id is None:
        raise Conflict("Nobody leads this set already.")
    if found.member_id is not None and found.member_id == row.facilitator_id:
        raise Conflict("%(name)s leads this set.", name=found.name)
    if found.member_id in sitting_ids(session, row.id):
        raise Conflict("%(name)s is in this set. Whoever leads a set is not one of its members.", name=found.name)
    if found.refused:
        raise Conflict("A rule that must be kept does not allow it. The set stays as it is.")


def _close_own_request(session: Session, row: LearningSet, now: datetime) -> None:
    """Whoever leads a set no longer asks to join it."""
    session.execute(
        update(SetRequest)
        .where(SetRequest.set_id == row.id, SetRequest.member_id == row.facilitator_id, SetRequest.state == "open")
        .values(state="withdrawn", closed_at=now),
        execution_options={"synchronize_session": False},
    )
