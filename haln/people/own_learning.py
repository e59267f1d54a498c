"""What is kept about a member in learning, as their own copy holds it.

What others wished about them in confidence is not in it; what they wished themselves is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Executable, or_, select
from sqlalchemy.orm import Session

from haln.models import (
    Application,
    ApplicationSlot,
    Attendance,
    Cohort,
    CohortFacilitator,
    CohortPair,
    CohortPlan,
    CohortSlot,
    LearningSet,
    Reflection,
    Seat,
    SetAction,
    SetMembership,
    SetNote,
    SetRequest,
    SetSession,
    SetSuggestion,
)
from haln.people.learning_traces import TAKEN_OUT
from haln.people.lost_places import lost_places

Document = dict[str, Any]
Named = Callable[[int | None], str | None]

TAKEN: Mapping[str, str] = {
    "application.facilitator_id": "applications",
    "application.member_id": "applications",
    "attendance.member_id": "attendance",
    "cohort_facilitator.member_id": "cohorts_led",
    "cohort_pair.by_id": "wishes",
    "learning_set.facilitator_id": "sets_led",
    "reflection.member_id": "reflections",
    "seat.member_id": "seats",
    "set_action.owner_id": "actions",
    "set_action.written_by_id": "actions",
    "set_membership.member_id": "learning_sets",
    "set_note.author_id": "notes",
    "set_request.member_id": "set_requests",
    "set_session.presenter_id": "sessions_presented",
    "set_suggestion.member_id": "set_suggestions",
}
"""The part of the copy in which each column of learning that points to a member is found."""

NOT_TAKEN: Mapping[str, str] = {
    "attendance.recorded_by_id": "whose attendance it is has it; that the member wrote it down is in their record",
    "cohort.made_by_id": "in their record",
    "attendance_version.member_id": "what is recorded of them, as it is in attendance",
    "set_membership_version.member_id": "the days of their places, as they are in learning_sets",
    "cohort_pair.high_id": "what others wished in confidence; the member's own wishes are taken by who wrote them",
    "cohort_pair.low_id": "what others wished in confidence; the member's own wishes are taken by who wrote them",
    "cohort_plan.made_by_id": "in their record",
    "plan_step.by_id": "steps of a plan about other people",
}
"""Why the other columns are not in the copy."""


def parts(session: Session, member_id: int, named: Named) -> Mapping[str, list[Document]]:
    """All parts of learning. `named` gives the name of somebody whom the member may see."""
    return {
        "applications": _applications(session, member_id, named),
        "wishes": _wishes(session, member_id, named),
        **_of_plans(session, member_id),
        **_of_sets(session, member_id),
        "actions": _actions(session, member_id, named),
    }


def others(session: Session, member_id: int) -> set[int]:
    """The people whom these parts name."""
    found: set[int] = set()
    for column, mine in (
        (Application.facilitator_id, Application.member_id),
        (CohortPair.low_id, CohortPair.by_id),
        (CohortPair.high_id, CohortPair.by_id),
        (SetAction.owner_id, SetAction.written_by_id),
        (SetAction.written_by_id, SetAction.owner_id),
    ):
        found.update(one for one in session.scalars(select(column).where(mine == member_id)) if one is not None)
    return found


def _rows(session: Session, statement: Executable) -> list[Document]:
    return [dict(row._mapping) for row in session.execute(statement)]


def _applications(session: Session, member_id: int, named: Named) -> list[Document]:
    times: dict[int, list[Document]] = {}
    for row in session.execute(
        select(ApplicationSlot.application_id, CohortSlot.on_day, CohortSlot.half, CohortSlot.starts_at)
        .join(CohortSlot, CohortSlot.id == ApplicationSlot.slot_id)
        .join(Application, Application.id == ApplicationSlot.application_id)
        .where(Application.member_id == member_id)
        .order_by(CohortSlot.position)
    ):
        one = {"day": row.on_day, "half": row.half, "at": row.starts_at}
        times.setdefault(row.application_id, []).append({name: value for name, value in one.items() if value})
    rows = session.execute(
        select(Application, Cohort.title)
        .join(Cohort, Cohort.id == Application.cohort_id)
        .where(Application.member_id == member_id)
        .order_by(Application.applied_at, Application.id)
    )
    lost = lost_places(session, member_id)
    return [
        {
            "cohort": title,
            "state": str(lost.get(row.cohort_id, row.state)),
            "live_issue": row.live_issue,
            "themes": row.themes,
            "access_needs": row.access_needs,
            "would_like_as_facilitator": named(row.facilitator_id),
            "times": times.get(row.id, []),
            "entered_by": "member" if row.source == TAKEN_OUT else row.source,
            "times_left_over_before": row.priority,
            "applied_at": row.applied_at,
            "withdrawn_at": row.withdrawn_at if row.cohort_id not in lost else None,
        }
        for row, title in rows
    ]


def _wishes(session: Session, member_id: int, named: Named) -> list[Document]:
    rows = session.execute(
        select(CohortPair, Cohort.title)
        .join(Cohort, Cohort.id == CohortPair.cohort_id)
        .where(CohortPair.by_id == member_id)
        .order_by(CohortPair.created_at, CohortPair.low_id, CohortPair.high_id)
    )
    return [
        {
            "cohort": title,
            "kind": row.kind,
            "who": [named(row.low_id), named(row.high_id)],
            "created_at": row.created_at,
        }
        for row, title in rows
    ]


def _of_plans(session: Session, member_id: int) -> Mapping[str, list[Document]]:
    seats = (
        select(Cohort.title.label("cohort"), Seat.set_number, Seat.state, Seat.asked_at, Seat.answered_at)
        .join(CohortPlan, CohortPlan.id == Seat.plan_id)
        .join(Cohort, Cohort.id == CohortPlan.cohort_id)
        .where(Seat.member_id == member_id)
        .order_by(Seat.asked_at, Seat.id)
    )
    led = (
        select(Cohort.title.label("cohort"), CohortFacilitator.sets)
        .join(Cohort, Cohort.id == CohortFacilitator.cohort_id)
        .where(CohortFacilitator.member_id == member_id)
        .order_by(Cohort.id)
    )
    return {"seats": _rows(session, seats), "cohorts_led": _rows(session, led)}


def _of_sets(session: Session, member_id: int) -> Mapping[str, list[Document]]:
    name = LearningSet.name.label("set")
    suggested = (
        select(Cohort.title.label("cohort"), name, SetSuggestion.band, SetSuggestion.reasons)
        .add_columns(SetSuggestion.refreshed_at)
        .outerjoin(Cohort, Cohort.id == SetSuggestion.cohort_id)
        .outerjoin(LearningSet, LearningSet.id == SetSuggestion.set_id)
        .where(SetSuggestion.member_id == member_id)
        .order_by(SetSuggestion.rank)
    )
    asked = select(name, SetRequest.note, SetRequest.state, SetRequest.created_at, SetRequest.closed_at).join(
        LearningSet, LearningSet.id == SetRequest.set_id
    )
    sat = select(LearningSet.name, SetMembership.joined_on, SetMembership.left_on).join(
        LearningSet, LearningSet.id == SetMembership.set_id
    )
    there = (
        select(name, SetSession.starts_at, Attendance.state, Attendance.recorded_at)
        .join(SetSession, SetSession.id == Attendance.session_id)
        .join(LearningSet, LearningSet.id == SetSession.set_id)
    )
    presented = select(name, SetSession.starts_at, SetSession.state).join(
        LearningSet, LearningSet.id == SetSession.set_id
    )
    noted = select(name, SetNote.text, SetNote.created_at, SetNote.changed_at).join(
        LearningSet, LearningSet.id == SetNote.set_id
    )
    thought = select(
        name, Reflection.useful, Reflection.changed, Reflection.text, Reflection.shared, Reflection.written_at
    ).join(LearningSet, LearningSet.id == Reflection.set_id)
    led = select(name, LearningSet.started_on, LearningSet.ended_on)
    return {
        "learning_sets": _rows(
            session, sat.where(SetMembership.member_id == member_id).order_by(SetMembership.joined_on, LearningSet.id)
        ),
        "sets_led": _rows(session, led.where(LearningSet.facilitator_id == member_id).order_by(LearningSet.id)),
        "attendance": _rows(
            session, there.where(Attendance.member_id == member_id).order_by(SetSession.starts_at, SetSession.id)
        ),
        "sessions_presented": _rows(
            session, presented.where(SetSession.presenter_id == member_id).order_by(SetSession.starts_at)
        ),
        "notes": _rows(session, noted.where(SetNote.author_id == member_id).order_by(SetNote.id)),
        "reflections": _rows(session, thought.where(Reflection.member_id == member_id).order_by(Reflection.written_at)),
        "set_requests": _rows(session, asked.where(SetRequest.member_id == member_id).order_by(SetRequest.id)),
        "set_suggestions": [
            {**row, "reasons": [reason.get("kind") for reason in row["reasons"]]} for row in _rows(session, suggested)
        ],
    }


def _actions(session: Session, member_id: int, named: Named) -> list[Document]:
    rows = session.execute(
        select(SetAction, LearningSet.name)
        .join(LearningSet, LearningSet.id == SetAction.set_id)
        .where(or_(SetAction.owner_id == member_id, SetAction.written_by_id == member_id))
        .order_by(SetAction.created_at, SetAction.id)
    )
    return [
        {
            "set": name,
            "whose": named(row.owner_id),
            "written_by": named(row.written_by_id),
            "text": row.text,
            "state": row.state,
            "outcome": row.outcome if row.owner_id == member_id else "",
            "created_at": row.created_at,
            "closed_at": row.closed_at,
        }
        for row, name in rows
    ]
