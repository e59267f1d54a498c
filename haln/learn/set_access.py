"""Who stands how to a learning set: its members and its facilitator are inside; staff and its cohort's leaders look on.

For everybody else it is as if it were not there (docs/decisions/0010-what-a-set-keeps-to-itself.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import and_, exists, false, select, true
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from haln.access import Actor, Permission
from haln.errors import Conflict, NotFound, NotPermitted
from haln.learn.leading import leads
from haln.models import Cohort, LearningSet, Member, SetMembership
from haln.people import changes
from haln.people.visibility import ACTIVE


class Standing(StrEnum):
    """How somebody stands to a set."""

    MEMBER = "member"
    FACILITATOR = "facilitator"
    OVERSEER = "overseer"  # staff, or whoever leads its cohort: sees that it exists and its counts, never its words


@dataclass(frozen=True, slots=True)
class Entry:
    """A set, and how the actor stands to it. `led`: it has a facilitator who is in the network."""

    row: LearningSet
    standing: Standing
    led: bool

    @property
    def inside(self) -> bool:
        """Whether the actor may read the set's words."""
        return self.standing is not Standing.OVERSEER

    @property
    def manages(self) -> bool:
        """Whether the actor plans sessions and records attendance: the facilitator, or any member where none leads."""
        return self.standing is Standing.FACILITATOR or (self.standing is Standing.MEMBER and not self.led)

    @property
    def admits(self) -> bool:
        """Whether the actor takes members in and out."""
        return self.standing is not Standing.MEMBER

    @property
    def running(self) -> bool:
        """Whether the set still meets."""
        return self.row.ended_on is None


def sits() -> ColumnElement[bool]:
    """Whether a row of SetMembership is of today."""
    return SetMembership.left_on.is_(None)


def oversees(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor may look on at a row of LearningSet."""
    if not actor.may(Permission.FORM_SETS):
        return false()
    if actor.is_staff:
        return true()
    return LearningSet.cohort_id.in_(select(Cohort.id).where(leads(actor)))


def enter(session: Session, actor: Actor, public_id: str, *, lock: bool = False) -> Entry:
    """A set and how the actor stands to it; `lock` lets nobody else change it until the transaction ends.

    Its key is not held: rows that point to it may be written meanwhile. Raises NotFound, in the same words for what
    does not exist and for what is not the actor's.
    """
    member = exists(
        select(SetMembership.member_id).where(
            SetMembership.set_id == LearningSet.id, SetMembership.member_id == actor.member_id, sits()
        )
    )
    led = exists(select(Member.id).where(Member.id == LearningSet.facilitator_id, Member.standing == ACTIVE))
    statement = select(LearningSet, member, led, oversees(actor)).where(LearningSet.public_id == public_id)
    if lock:
        changes.hold(session)  # before the set: who leaves holds it, and lets go of their sets then
        statement = statement.with_for_update(of=LearningSet, key_share=True).execution_options(populate_existing=True)
    found = session.execute(statement).first()
    if found is not None:
        row, sitting, has_leader, looking_on = found
        if row.facilitator_id == actor.member_id:
            return Entry(row, Standing.FACILITATOR, True)
        if sitting:
            return Entry(row, Standing.MEMBER, has_leader)
        if looking_on:
            return Entry(row, Standing.OVERSEER, has_leader)
    raise NotFound("There is no such page, or it is not for you.")


def inside(session: Session, actor: Actor, public_id: str, *, change: bool = False) -> Entry:
    """A set whose words the actor may read. With `change` it is locked, and Conflict is raised once it has ended."""
    entry = enter(session, actor, public_id, lock=change)
    if not entry.inside:
        raise NotFound("There is no such page, or it is not for you.")
    if change:
        check_running(entry)
    return entry


def managed(session: Session, actor: Actor, public_id: str) -> Entry:
    """A running set whose sessions the actor plans, locked. Raises NotFound, NotPermitted, Conflict."""
    entry = inside(session, actor, public_id, change=True)
    check_manages(entry)
    return entry


def managing(session: Session, actor: Actor, public_id: str) -> Entry:
    """A set whose sessions the actor plans, to look at. Raises NotFound, NotPermitted."""
    entry = inside(session, actor, public_id)
    check_manages(entry)
    return entry


def check_manages(entry: Entry) -> None:
    """Raise NotPermitted for a member of a set that somebody leads."""
    if not entry.manages:
        raise NotPermitted("Only the facilitator of this set can do this.")


def admitting(session: Session, actor: Actor, public_id: str, *, change: bool = False) -> Entry:
    """A set whose members the actor takes in and out; with `change` running and locked."""
    entry = enter(session, actor, public_id, lock=change)
    check_admits(entry)
    if change:
        check_running(entry)
    return entry


def check_admits(entry: Entry) -> None:
    """Raise NotPermitted for a member of a set, who takes nobody in or out and does not end it."""
    if not entry.admits:
        raise NotPermitted("Only the facilitator of this set can do this.")


def check_running(entry: Entry) -> None:
    """Raise Conflict once the set has ended."""
    if not entry.running:
        raise Conflict("This set has ended. What it wrote stays as it is.")


def sitting_in(set_id: int) -> ColumnElement[bool]:
    """Whether a row of SetMembership is somebody who sits in this set today."""
    return and_(SetMembership.set_id == set_id, sits())
