"""Who leads a cohort: its facilitators, whoever opened it among them, and staff. For others it is not there.

What applicants say in confidence is for the facilitators alone: staff read it once they are added to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Select, exists, select, true
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from haln.access import Actor, Permission, require
from haln.errors import Conflict, NotFound
from haln.models import Cohort, CohortFacilitator, CohortPlan, Member
from haln.people.visibility import ACTIVE


def leads(actor: Actor) -> ColumnElement[bool]:
    """Whether the actor leads a row of Cohort."""
    if actor.is_staff:
        return true()
    return exists(
        select(CohortFacilitator.member_id).where(
            CohortFacilitator.cohort_id == Cohort.id, CohortFacilitator.member_id == actor.member_id
        )
    )


def entrusted(session: Session, actor: Actor, cohort_id: int | None) -> bool:
    """Whether the actor is one of a cohort's facilitators, whom applicants tell what others do not read."""
    if cohort_id is None or not actor.may(Permission.FORM_SETS):
        return False
    return session.get(CohortFacilitator, (cohort_id, actor.member_id)) is not None


def leading_still(session: Session, cohort_id: int, member_ids: Iterable[int]) -> set[int]:
    """Those of these people who are facilitators of a cohort, and in the network."""
    rows = session.scalars(
        select(CohortFacilitator.member_id)
        .join(Member, Member.id == CohortFacilitator.member_id)
        .where(
            CohortFacilitator.cohort_id == cohort_id,
            CohortFacilitator.member_id.in_(sorted(member_ids)),
            Member.standing == ACTIVE,
        )
    )
    return set(rows)


def led_cohort(
    session: Session, actor: Actor, public_id: str, *, version: int | None = None, hold: bool = False
) -> Cohort:
    """A cohort that the actor leads. With `version` or `hold` it is locked until the transaction ends.

    Whoever locks a plan, too, locks its cohort first.
    Raises NotPermitted, NotFound, and Conflict when somebody has changed it since the actor saw `version`.
    """
    require(actor, Permission.FORM_SETS)
    statement = select(Cohort).where(Cohort.public_id == public_id, leads(actor))
    found = session.scalar(_held(statement.with_for_update()) if hold or version is not None else statement)
    if found is None:
        raise NotFound("There is no such cohort, or it is not yours to lead.")
    if version is not None and found.version != version:
        raise Conflict("Somebody else has changed this cohort since you opened the page. Look at it again.")
    return found


def led_plan(session: Session, actor: Actor, public_id: str, *, version: int | None = None) -> CohortPlan:
    """A plan of a cohort that the actor leads, as `led_cohort` gives a cohort."""
    require(actor, Permission.FORM_SETS)
    statement = (
        select(CohortPlan)
        .join(Cohort, Cohort.id == CohortPlan.cohort_id)
        .where(CohortPlan.public_id == public_id, leads(actor))
    )
    found = session.scalar(_held(statement.with_for_update(of=CohortPlan)) if version is not None else statement)
    if found is None:
        raise NotFound("There is no such plan, or it is not yours to change.")
    if version is not None and found.version != version:
        raise Conflict("Somebody else has changed this plan since you opened the page. Look at it again.")
    return found


def among_leaders(session: Session, cohort_id: int, member_ids: Collection[int]) -> frozenset[int]:
    """Those of some members who are facilitators of a cohort: nobody sits in the sets of a cohort that they lead."""
    leaders = select(CohortFacilitator.member_id).where(CohortFacilitator.cohort_id == cohort_id)
    return frozenset(session.scalars(leaders)).intersection(member_ids)


def _held(statement: Select[Any]) -> Select[Any]:
    """Whoever waited for the lock reads what was written meanwhile, also where the row was read before."""
    return statement.execution_options(populate_existing=True)
