"""Whether anything that a pool is read from may have changed, asked in one query.

A stamp that is the same promises the same pool. One that differs promises nothing: the pool is read again, and its own
version decides.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from haln.models import (
    Application,
    Block,
    Cohort,
    CohortFacilitator,
    CohortPair,
    CohortSlot,
    Counter,
    Identity,
    Member,
    Organisation,
    SetMembership,
)
from haln.people.visibility import ACTIVE

Stamp = tuple[Any, ...]

_COHORT = bindparam("cohort", type_=Identity)


def _statement() -> Select[Any]:
    def one(column: Any, *where: Any) -> Any:
        return select(column).where(*where).scalar_subquery()

    return select(
        one(func.max(Counter.value)),  # members, their themes and connections
        one(func.count(Application.id), Application.cohort_id == _COHORT),
        one(func.max(Application.changed_at), Application.cohort_id == _COHORT),
        one(
            func.count(Application.id),
            Application.cohort_id == _COHORT,
            Application.state != "withdrawn",
            Member.id == Application.member_id,
            Member.standing == ACTIVE,
        ),
        one(func.count(), CohortPair.cohort_id == _COHORT),
        one(func.max(CohortPair.created_at), CohortPair.cohort_id == _COHORT),
        one(func.count(CohortSlot.id), CohortSlot.cohort_id == _COHORT),
        one(func.max(CohortSlot.id), CohortSlot.cohort_id == _COHORT),
        one(func.sum(CohortFacilitator.sets), CohortFacilitator.cohort_id == _COHORT),
        one(func.count(Block.blocker_id)),
        one(func.max(Block.created_at)),
        one(func.count(SetMembership.member_id)),
        one(func.max(Organisation.changed_at)),
        one(
            func.count(Member.id),
            Member.id == CohortFacilitator.member_id,
            CohortFacilitator.cohort_id == _COHORT,
            Member.standing == ACTIVE,
        ),
    )


_ASKED = _statement()


def stamp(session: Session, cohort: Cohort) -> Stamp:
    """The cohort's stamp."""
    row = session.execute(_ASKED, {"cohort": cohort.id}).one()
    return (cohort.id, cohort.version, cohort.changed_at, cohort.availability, cohort.previous_id, *row)
