"""What a member told of meetings and outcomes, as their own copy holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Executable, case, select
from sqlalchemy.orm import Session

from haln.models import Connection, Event, Introduction, LearningSet, MeetingAnswer, Outcome, OutcomeAgreement
from haln.people import outcome_agreements

Document = dict[str, Any]
Named = Callable[[int | None], str | None]

TAKEN: Mapping[str, str] = {
    "meeting_answer.member_id": "meeting_answers",
    "outcome.written_by_id": "outcomes",
    "outcome_agreement.member_id": "stories_that_name_you",
}
"""The part of the copy in which each column of outcomes that points to a member is found."""


def parts(session: Session, member_id: int, named: Named) -> Mapping[str, list[Document]]:
    """All parts. `named` gives the name of somebody whom the member may see."""
    return {
        "meeting_answers": _meetings(session, member_id, named),
        "outcomes": _outcomes(session, member_id, named),
        "stories_that_name_you": _agreements(session, member_id, named),
    }


def others(session: Session, member_id: int) -> set[int]:
    """The people whom these parts name."""
    wrote = select(Outcome.written_by_id).join(OutcomeAgreement, OutcomeAgreement.outcome_id == Outcome.id)
    return set(session.scalars(wrote.where(OutcomeAgreement.member_id == member_id)))


def _told(session: Session, statement: Executable, named: Named, name: str) -> list[Document]:
    rows = [dict(row._mapping) for row in session.execute(statement)]
    return [{**row, name: named(row[name])} for row in rows]


def _meetings(session: Session, member_id: int, named: Named) -> list[Document]:
    other = case((Introduction.asker_id == member_id, Introduction.asked_id), else_=Introduction.asker_id)
    given = (MeetingAnswer.question, MeetingAnswer.answer, MeetingAnswer.given_at)
    statement = (
        select(other.label("with"), *given)
        .join(Introduction, Introduction.id == MeetingAnswer.introduction_id)
        .where(MeetingAnswer.member_id == member_id)
        .order_by(MeetingAnswer.id)
    )
    return _told(session, statement, named, "with")


def _outcomes(session: Session, member_id: int, named: Named) -> list[Document]:
    other = case((Connection.low_id == member_id, Connection.high_id), else_=Connection.low_id)
    statement = (
        select(
            other.label("with"),
            LearningSet.name.label("set"),
            Event.title.label("event"),
            Outcome.kind,
            Outcome.amount,
            Outcome.happened_on,
            Outcome.text,
            Outcome.told.label("text_without_names"),
            Outcome.signed.label("text_with_names"),
            Outcome.consent,
            Outcome.hidden_for.label("hidden_by_staff_for"),
            Outcome.written_at,
            Outcome.changed_at,
        )
        .outerjoin(Connection, Connection.id == Outcome.connection_id)
        .outerjoin(LearningSet, LearningSet.id == Outcome.set_id)
        .outerjoin(Event, Event.id == Outcome.event_id)
        .where(Outcome.written_by_id == member_id)
        .order_by(Outcome.id)
    )
    return _told(session, statement, named, "with")


def _agreements(session: Session, member_id: int, named: Named) -> list[Document]:
    """No more than the page tells: a story of a writer who is unseen is in it only after a yes."""
    statement = (
        select(
            Outcome.written_by_id.label("written_by"),
            Outcome.kind,
            Outcome.happened_on,
            Outcome.signed.label("text"),
            OutcomeAgreement.answer.label("your_answer"),
            OutcomeAgreement.asked_at,
            OutcomeAgreement.answered_at,
        )
        .join(Outcome, Outcome.id == OutcomeAgreement.outcome_id)
        .where(outcome_agreements.asks(member_id))
        .order_by(OutcomeAgreement.asked_at, Outcome.id)
    )
    return _told(session, statement, named, "written_by")
