"""What there is to join: cohorts that take applications, and running sets with an open place; and for whom.

The gate of the page, of the lists that are made for it, and of asking: a list may be a day old, this is not.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import and_, exists, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.sql import ColumnElement

from haln.models import Application, Block, Cohort, CohortFacilitator, LearningSet, Member, SetMembership, SetRequest
from haln.people.visibility import ACTIVE

Who = int | ColumnElement[int] | InstrumentedAttribute[int]
"""A viewer: an id, a parameter, or the column of Member where many are asked at once."""
AGAIN = timedelta(days=90)
"""How long a set that could not take somebody is not listed for them again."""


def cohort_is_open(today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a row of Cohort takes applications."""
    return and_(Cohort.state == "open", or_(Cohort.closes_on.is_(None), Cohort.closes_on >= today))


def may_apply(viewer: Who) -> ColumnElement[bool]:
    """Whether a row of Cohort is news for the viewer: not applied to, and not theirs to lead."""
    applied = exists(
        select(Application.id).where(
            Application.cohort_id == Cohort.id, Application.member_id == viewer, Application.state != "withdrawn"
        )
    )
    leads = exists(
        select(CohortFacilitator.member_id).where(
            CohortFacilitator.cohort_id == Cohort.id, CohortFacilitator.member_id == viewer
        )
    )
    return and_(not_(applied), not_(leads), Cohort.made_by_id != viewer)


def set_is_running() -> ColumnElement[bool]:
    """Whether a row of LearningSet has a page and has not ended."""
    return and_(LearningSet.public_id.is_not(None), LearningSet.ended_on.is_(None))


def sits_in(cohort: ColumnElement[int] | InstrumentedAttribute[int], member_id: int) -> ColumnElement[bool]:
    """Whether a member has a place today in a set of a cohort that has not ended."""
    return exists(
        select(LearningSet.id)
        .join(SetMembership, SetMembership.set_id == LearningSet.id)
        .where(
            LearningSet.cohort_id == cohort,
            LearningSet.ended_on.is_(None),
            SetMembership.member_id == member_id,
            SetMembership.left_on.is_(None),
        )
    )


def set_is_open() -> ColumnElement[bool]:
    """Whether a row of LearningSet runs, has an open place, and somebody there who can say yes."""
    leader = aliased(Member)
    led = exists(select(leader.id).where(leader.id == LearningSet.facilitator_id, leader.standing == ACTIVE))
    return and_(set_is_running(), LearningSet.open_places > 0, led)


def may_join(viewer: Who) -> ColumnElement[bool]:
    """Whether a row of LearningSet is one that the viewer may ask to join.

    Not one that they sit or sat in or lead, nor one with somebody whom they blocked or who blocked them.
    """
    sat = exists(
        select(SetMembership.member_id).where(SetMembership.set_id == LearningSet.id, SetMembership.member_id == viewer)
    )
    return and_(not_(sat), LearningSet.facilitator_id != viewer, not_(_parted(viewer)))


def _parted(viewer: Who) -> ColumnElement[bool]:
    inside = select(SetMembership.member_id).where(
        SetMembership.set_id == LearningSet.id, SetMembership.left_on.is_(None)
    )

    def there(other: ColumnElement[int]) -> ColumnElement[bool]:
        return or_(other == LearningSet.facilitator_id, other.in_(inside))

    return exists(
        select(Block.blocker_id).where(
            or_(
                and_(Block.blocker_id == viewer, there(Block.blocked_id.expression)),
                and_(Block.blocked_id == viewer, there(Block.blocker_id.expression)),
            )
        )
    )


def asked(viewer: Who, since: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether the viewer waits for an answer of a row of LearningSet, or was told since then that it has no place."""
    return exists(
        select(SetRequest.id).where(
            SetRequest.set_id == LearningSet.id,
            SetRequest.member_id == viewer,
            or_(
                SetRequest.state == "open",
                and_(SetRequest.state == "declined", SetRequest.closed_at > since),
            ),
        )
    )
