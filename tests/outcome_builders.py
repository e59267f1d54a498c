"""Outcomes and answers as rows, at any day before now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.orm import Session

from haln.models import Connection, Event, LearningSet, MeetingAnswer, Outcome, OutcomeAgreement
from haln.people.tokens import public_id
from tests.builders import NOW


def an_outcome(
    session: Session, writer: int, source: Connection | LearningSet | Event, days: int = 30, **facts: object
) -> Outcome:
    """Something that happened, and was told, so many days ago: counted only, unless said otherwise."""
    values: dict[str, object] = {
        "public_id": public_id(),
        "kind": "joint_project",
        "happened_on": NOW.date() - timedelta(days=days),
        "text": "Ada and Ben bought food together.",
        "told": "[…] bought food together.",
        "consent": "count",
        "hidden_for": "",
        "written_at": NOW - timedelta(days=days),
        "changed_at": NOW - timedelta(days=days),
        "connection_id": source.id if isinstance(source, Connection) else None,
        "set_id": source.id if isinstance(source, LearningSet) else None,
        "event_id": source.id if isinstance(source, Event) else None,
    }
    values = {**values, **facts}
    row = Outcome(written_by_id=writer, **{"signed": values["text"], **values})
    session.add(row)
    session.flush()
    return row


def agreements(session: Session, outcome: Outcome, answers: Iterable[tuple[int, str | None]]) -> None:
    """What people say to being named."""
    session.add_all(
        OutcomeAgreement(outcome_id=outcome.id, member_id=member, answer=answer, asked_at=NOW)
        for member, answer in answers
    )
    session.flush()


def an_answer(
    session: Session, introduction: int, member: int, answer: str, days: int = 0, question: str = "met"
) -> None:
    """What somebody said of an introduction so many days ago."""
    row = {"introduction_id": introduction, "member_id": member, "question": question, "answer": answer}
    session.add(MeetingAnswer(**row, given_at=NOW - timedelta(days=days)))
    session.flush()
