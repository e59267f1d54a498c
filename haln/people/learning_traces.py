"""What a member leaves behind in learning: ended when they go, emptied of their words when they are erased.

What is counted stays: that somebody applied, sat in a set, was there. Who it was and what they wrote does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from haln.models import (
    Application,
    ApplicationSlot,
    Cohort,
    CohortFacilitator,
    CohortPair,
    CohortPlan,
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
from haln.people import changes

TAKEN_OUT = "taken_out"
"""The source of an application that its member wrote and a facilitator took out: it may come back as it was written."""

_AS_IT_STANDS = {"synchronize_session": False}

ERASING: Mapping[str, str] = {
    "application.facilitator_id": "forgotten: whom somebody would like is no figure",
    "application.member_id": "kept as a count, without words, themes, needs and times",
    "attendance.member_id": "kept: how many were there",
    "attendance.recorded_by_id": "kept: a node without a name",
    "attendance_version.member_id": "kept, as the attendance is",
    "cohort.made_by_id": "kept: a node without a name",
    "cohort_facilitator.member_id": "deleted",
    "cohort_pair.by_id": "deleted",
    "cohort_pair.high_id": "deleted",
    "cohort_pair.low_id": "deleted",
    "cohort_plan.made_by_id": "kept: a node without a name",
    "learning_set.facilitator_id": "kept for sets that ended, forgotten for those that run",
    "plan_step.by_id": "kept: a node without a name",
    "reflection.member_id": "kept as a count, without the words",
    "seat.member_id": "kept as a count; what was not answered is declined",
    "set_action.owner_id": "kept as a count, without the words",
    "set_action.written_by_id": "kept: a node without a name",
    "set_membership.member_id": "kept, ended today: who met whom is what the network looked like",
    "set_membership_version.member_id": "kept, as the membership is",
    "set_note.author_id": "deleted",
    "set_request.member_id": "kept as a count, without the note",
    "set_session.presenter_id": "kept for sessions that were, forgotten for those to come",
    "set_suggestion.member_id": "deleted",
}
"""What erasing does with each column of learning that points to a member. Numbers inside a plan's documents stay: they
lead to a node without a name."""


def withdraw(session: Session, member_id: int, now: datetime) -> None:
    """End all that a member takes part in, as of today: they are left out of what is formed from now on."""
    _let_go_of_sets(session, member_id, now)
    _run(
        session,
        update(Application)
        .where(Application.member_id == member_id, Application.state == "applied")
        .values(state="withdrawn", withdrawn_at=now, changed_at=now, access_needs="", facilitator_id=None),
    )
    _run(
        session,
        update(Application)
        .where(Application.member_id == member_id, Application.source == TAKEN_OUT)
        .values(source="member"),
    )
    _run(
        session,
        delete(CohortPair).where(or_(CohortPair.low_id == member_id, CohortPair.high_id == member_id)),
    )
    published = select(CohortPlan.id).where(CohortPlan.state == "published")
    _run(
        session,
        update(Seat)
        .where(Seat.member_id == member_id, Seat.plan_id.in_(published), Seat.state.in_(("asked", "accepted")))
        .values(state="declined", answered_at=now),
    )
    _run(
        session,
        update(SetRequest)
        .where(SetRequest.member_id == member_id, SetRequest.state == "open")
        .values(state="withdrawn", closed_at=now),
    )
    _run(session, delete(SetSuggestion).where(SetSuggestion.member_id == member_id))
    _stop_leading(session, member_id)


def _let_go_of_sets(session: Session, member_id: int, now: datetime) -> None:
    """Their place in running sets ends; what they had still to do or to present there falls."""
    mine = SetMembership.member_id == member_id
    running = select(LearningSet.id).where(LearningSet.ended_on.is_(None))
    here = (mine, SetMembership.set_id.in_(running), SetMembership.left_on.is_(None))
    sets = list(session.scalars(select(SetMembership.set_id).where(*here)))
    if sets:
        mates = session.scalars(select(SetMembership.member_id).where(SetMembership.set_id.in_(sets)))
        changes.touch(session, set(mates), now)
        _run(session, update(SetMembership).where(*here).values(left_on=now.date()))
    _run(
        session,
        update(SetAction)
        .where(SetAction.owner_id == member_id, SetAction.state == "open")
        .values(state="dropped", closed_at=now),
    )
    _run(
        session,
        update(SetSession)
        .where(SetSession.presenter_id == member_id, SetSession.state == "planned", SetSession.starts_at > now)
        .values(presenter_id=None),
    )


def _stop_leading(session: Session, member_id: int) -> None:
    """Sets that run and cohorts that are not formed need somebody else; staff see those that nobody leads."""
    _run(
        session,
        update(LearningSet)
        .where(LearningSet.facilitator_id == member_id, LearningSet.ended_on.is_(None))
        .values(facilitator_id=None, open_places=0),
    )
    unformed = select(Cohort.id).where(Cohort.state.not_in(("formed", "cancelled")))
    _run(
        session,
        delete(CohortFacilitator).where(
            CohortFacilitator.member_id == member_id, CohortFacilitator.cohort_id.in_(unformed)
        ),
    )
    _run(session, update(Application).where(Application.facilitator_id == member_id).values(facilitator_id=None))


def erase(session: Session, member_id: int) -> None:
    """Empty everything of a member's words, after `withdraw`."""
    own = select(Application.id).where(Application.member_id == member_id)
    _run(session, delete(ApplicationSlot).where(ApplicationSlot.application_id.in_(own)))
    _run(
        session,
        update(Application)
        .where(Application.member_id == member_id)
        .values(live_issue="", themes=[], access_needs="", facilitator_id=None),
    )
    _run(session, delete(CohortPair).where(CohortPair.by_id == member_id))
    _run(session, delete(CohortFacilitator).where(CohortFacilitator.member_id == member_id))
    _run(session, delete(SetNote).where(SetNote.author_id == member_id))
    _run(session, update(SetAction).where(SetAction.owner_id == member_id).values(text="", outcome=""))
    _run(session, update(Reflection).where(Reflection.member_id == member_id).values(text="", shared=False))
    _run(session, update(SetRequest).where(SetRequest.member_id == member_id).values(note=""))


def _run(session: Session, statement: Any) -> None:
    session.execute(statement, execution_options=_AS_IT_STANDS)
