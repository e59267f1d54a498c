"""Letters about a place in a learning set: to answer for, changed, lost, settled. Nobody else is named in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from haln.learn.seat_state import CONFIRMED, LIVE, PUBLISHED, State, applies
from haln.models import Application, Cohort, CohortPlan, LearningSet, Seat, SetMembership
from haln.post.writing import Draft, Order, Url, Writer

_ABOUT_SEATS = {
    "seat_offered": State.ASKED,
    "seat_reminder": State.ASKED,
    "seat_lapsed": State.ASKED,
    "seat_changed": State.ACCEPTED,
    "seat_lost": State.REPLACED,
}
"""Kinds about one seat, and the state in which it still is when there is anything to say."""

KINDS = (*_ABOUT_SEATS, "seat_recalled", "set_confirmed", "left_over")

Column = InstrumentedAttribute[int]


def write(writer: Writer, order: Order) -> Draft | None:
    """About a place in a learning set: to whoever applied for one."""
    person = writer.reader(order)
    said = told(writer.session, order.kind, order.values, order.member_id, writer.url, writer.now)
    if person is None or said is None:
        return None
    return Draft(order.kind, person.email, said)


def told(
    session: Session, kind: str, about: Mapping[str, Any], member_id: int | None, url: Url, now: datetime
) -> dict[str, object] | None:
    """What to say to a member; none when there is nothing to say any more."""
    if kind == "set_confirmed":
        return _set(session, about["plan_id"], member_id, url)
    if kind == "left_over":
        return _left_over(session, about["cohort_id"], member_id, url)
    if kind == "seat_recalled":
        return _recalled(session, about["seat_id"], member_id, url)
    return _seat(session, kind, about["seat_id"], member_id, url, now)


def _seat(
    session: Session, kind: str, seat_id: int, member_id: int | None, url: Url, now: datetime
) -> dict[str, object] | None:
    other = aliased(Seat)
    mine = (other.plan_id == Seat.plan_id, other.member_id == Seat.member_id)
    row = session.execute(
        select(
            Seat.public_id,
            Seat.state,
            CohortPlan.answer_by,
            Cohort.title,
            exists(select(other.id).where(*mine, other.round < Seat.round, ~_recall(other))).label("again"),
            _has_seat(Seat.member_id, CohortPlan.cohort_id, recalled=True).label("anew"),
            exists(select(other.id).where(*mine, other.round > Seat.round)).label("newer"),
        )
        .join(CohortPlan, CohortPlan.id == Seat.plan_id)
        .join(Cohort, Cohort.id == CohortPlan.cohort_id)
        .where(Seat.id == seat_id, Seat.member_id == member_id, applies())
        .where(CohortPlan.state == PUBLISHED, Cohort.state.in_(LIVE))
    ).first()
    if row is None or row.newer or row.state != _ABOUT_SEATS[kind]:
        return None
    over = row.answer_by is not None and row.answer_by <= now
    if row.state == State.ASKED and over != (kind == "seat_lapsed"):
        return None
    return {
        "title": row.title,
        "answer_by": row.answer_by,
        "again": row.again,
        "anew": row.anew,
        "url": url(f"/seats/{row.public_id}"),
    }


def _recall(seat: type[Seat]) -> ColumnElement[bool]:
    return seat.state == State.RECALLED.value


def _has_seat(member: Column, cohort: Column, *, recalled: bool) -> ColumnElement[bool]:
    """Whether somebody has a seat of any plan of a cohort that was taken back, or one that was not."""
    seat, plan = aliased(Seat), aliased(CohortPlan)
    which = _recall(seat) if recalled else ~_recall(seat)
    of_cohort = (plan.id == seat.plan_id, plan.cohort_id == cohort)
    return exists(select(seat.id).where(*of_cohort, seat.member_id == member, which))


def _recalled(session: Session, seat_id: int, member_id: int | None, url: Url) -> dict[str, object] | None:
    """That a plan was taken back: to who applies still and was not asked anew meanwhile, which says it better."""
    title = session.scalar(
        select(Cohort.title)
        .join(CohortPlan, CohortPlan.cohort_id == Cohort.id)
        .join(Seat, Seat.plan_id == CohortPlan.id)
        .join(Application, Application.cohort_id == Cohort.id)
        .where(
            Seat.id == seat_id,
            Seat.member_id == member_id,
            _recall(Seat),
            CohortPlan.state != CONFIRMED,
            ~_has_seat(Seat.member_id, CohortPlan.cohort_id, recalled=False),
            Application.member_id == member_id,
            Application.state == "applied",
            Cohort.state.in_(LIVE),
        )
    )
    return None if title is None else {"title": title, "url": url("/learning")}


def _set(session: Session, plan_id: int, member_id: int | None, url: Url) -> dict[str, object] | None:
    row = session.execute(
        select(LearningSet.public_id, LearningSet.name, LearningSet.started_on)
        .join(SetMembership, SetMembership.set_id == LearningSet.id)
        .where(
            LearningSet.plan_id == plan_id,
            LearningSet.ended_on.is_(None),
            SetMembership.member_id == member_id,
            SetMembership.left_on.is_(None),
        )
    ).first()
    if row is None:
        return None
    return {"set_name": row.name, "started_on": row.started_on, "url": url(f"/sets/{row.public_id}")}


def _left_over(session: Session, cohort_id: int, member_id: int | None, url: Url) -> dict[str, object] | None:
    title = session.scalar(
        select(Cohort.title)
        .join(Application, Application.cohort_id == Cohort.id)
        .where(Cohort.id == cohort_id, Application.member_id == member_id, Application.state == "left_over")
    )
    return None if title is None else {"title": title, "url": url("/learning")}
