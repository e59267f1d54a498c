"""What a member leaves behind in outcomes: words and names go when they go, what is counted stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from haln.models import Connection, MeetingAnswer, Outcome, OutcomeAgreement, SetMembership
from haln.people import masking
from haln.people.outcome_agreements import NO

_AS_IT_STANDS = {"synchronize_session": False}

ERASING: Mapping[str, str] = {
    "meeting_answer.member_id": "kept as a count: whether two met",
    "outcome.written_by_id": "kept as a count, without the words",
    "outcome_agreement.member_id": "kept as a no; the name goes from the words",
}
"""What erasing does with each column of outcomes that points to a member."""


def withdraw(session: Session, member_id: int) -> None:
    """Empty what a member wrote, and take back their yes to what others wrote: it is told without names from now on."""
    own = select(Outcome.id).where(Outcome.written_by_id == member_id)
    named = select(OutcomeAgreement.outcome_id).where(OutcomeAgreement.member_id == member_id)
    # Held first, as by whoever writes, changes and answers: a story, then what is asked about it.
    held = select(Outcome.id).where(or_(Outcome.id.in_(own), Outcome.id.in_(named))).order_by(Outcome.id)
    session.execute(held.with_for_update())
    _run(session, delete(OutcomeAgreement).where(OutcomeAgreement.outcome_id.in_(own)))
    _run(
        session,
        update(Outcome)
        .where(Outcome.written_by_id == member_id)
        .values(text="", told="", signed="", consent="count", version=Outcome.version + 1),
    )
    _run(session, update(OutcomeAgreement).where(OutcomeAgreement.member_id == member_id).values(answer=NO))


def erase(session: Session, member_id: int, name: str) -> None:
    """Take a member's name out of what others wrote, after `withdraw`.

    Of events each part of the name goes, whether or not they were there: what is left tells nobody who was.
    """
    mine = or_(Connection.low_id == member_id, Connection.high_id == member_id)
    close = or_(
        Outcome.event_id.is_not(None),
        Outcome.connection_id.in_(select(Connection.id).where(mine)),
        Outcome.set_id.in_(select(SetMembership.set_id).where(SetMembership.member_id == member_id)),
        Outcome.id.in_(select(OutcomeAgreement.outcome_id).where(OutcomeAgreement.member_id == member_id)),
    )
    told = select(Outcome.id, Outcome.text, Outcome.told, Outcome.signed, close.label("close"))
    changes = []
    for row in session.execute(told.where(Outcome.text != "").execution_options(yield_per=500)):
        names = masking.parts(name) if row.close else [name]
        before = {"text": row.text, "told": row.told, "signed": row.signed}
        after = {column: _without(words, names, name) for column, words in before.items()}
        if after != before:
            changes.append((row.id, after))
    for number, words in changes:
        values = {**words, "version": Outcome.version + 1}
        _run(session, update(Outcome).where(Outcome.id == number).values(values))


def _without(words: str, names: list[str], whole: str) -> str:
    for one in names:
        words = masking.without(words, one, as_written=one != whole)
    return words


def forget(session: Session, member_id: int) -> None:
    """Keep of meetings only what is counted: questions that were put away are no count."""
    _run(session, delete(MeetingAnswer).where(MeetingAnswer.member_id == member_id, MeetingAnswer.answer == "aside"))


def _run(session: Session, statement: Any) -> None:
    session.execute(statement, execution_options=_AS_IT_STANDS)
