"""Whom a story names, and whether they agree: each is asked for themselves, and may change their mind at any time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.models import Member, Outcome, OutcomeAgreement
from haln.people import outcome_sources, visibility

YES, NO = "yes", "no"
_NAMED = "named"


@dataclass(frozen=True, slots=True)
class Asked:
    """A story that would name the member, in the words that would be read. `writer` is empty where they are unseen."""

    public_id: str
    writer: str
    kind: str
    amount: int | None
    happened_on: date
    came_of: str
    text: str
    answer: str
    version: int


def ask(session: Session, row: Outcome, members: Iterable[int], now: datetime, *, anew: bool) -> None:
    """Ask those whom a story would name and nobody else; with `anew` also those who have answered."""
    wanted = set(members)
    gone = OutcomeAgreement.member_id.not_in(wanted) if not anew else OutcomeAgreement.member_id.is_not(None)
    session.execute(delete(OutcomeAgreement).where(OutcomeAgreement.outcome_id == row.id, gone))
    there = set(session.scalars(select(OutcomeAgreement.member_id).where(OutcomeAgreement.outcome_id == row.id)))
    session.add_all(
        OutcomeAgreement(outcome_id=row.id, member_id=member, asked_at=now) for member in sorted(wanted - there)
    )
    session.flush()


def sees_writer(me: int) -> ColumnElement[bool]:
    """Whether a member sees who wrote the Outcome of a row."""
    return exists(select(Member.id).where(Member.id == Outcome.written_by_id, visibility.may_see(me)))


def asks(me: int) -> ColumnElement[bool]:
    """Whether a row of Outcome, joined with OutcomeAgreement, is told to the member whom it would name.

    Who is unseen asks nothing; a yes that was given before is shown, so that it can be taken back.
    """
    return and_(
        OutcomeAgreement.member_id == me,
        Outcome.consent == _NAMED,
        or_(sees_writer(me), OutcomeAgreement.answer == YES),
    )


def asked(session: Session, actor: Actor) -> list[Asked]:
    """The stories that would name the actor: those to answer, then those answered. Who is unseen asks nothing."""
    me, writer = actor.member_id, aliased(Member)  # the gate asks about Member itself
    rows = session.execute(
        select(Outcome, OutcomeAgreement.answer, writer.name, sees_writer(me).label("sees"))
        .join(OutcomeAgreement, OutcomeAgreement.outcome_id == Outcome.id)
        .join(writer, writer.id == Outcome.written_by_id)
        .where(asks(me))
        .order_by(OutcomeAgreement.answer.is_not(None), Outcome.happened_on.desc(), Outcome.id.desc())
    )
    return [
        Asked(
            row.public_id,
            name if seen else "",
            row.kind,
            row.amount,
            row.happened_on,
            outcome_sources.came_of(row),
            row.signed,
            given or "",
            row.version,
        )
        for row, given, name, seen in rows
    ]


def answer(session: Session, actor: Actor, outcome: str, given: str, seen: int, now: datetime) -> None:
    """Say whether one agrees to be named. `seen` is the version of the words; a no needs no version.

    Raises NotFound for a story that does not ask the actor, Conflict when its words have changed since.
    """
    found = session.execute(
        select(Outcome, OutcomeAgreement)
        .join(OutcomeAgreement, OutcomeAgreement.outcome_id == Outcome.id)
        .where(Outcome.public_id == outcome, Outcome.consent == _NAMED, OutcomeAgreement.member_id == actor.member_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None or given not in (YES, NO) or outcome not in {one.public_id for one in asked(session, actor)}:
        raise NotFound("There is no such page, or it is not for you.")
    story, agreement = found
    if given == YES and story.version != seen:
        raise Conflict("These words have been changed since you opened the page. Read them again.")
    agreement.answer, agreement.answered_at = given, now
    session.flush()


def decline_at(session: Session, member_id: int, event_id: int, now: datetime) -> None:
    """Let a member's answer to each story of an event be no: who is named to nobody there is asked for nothing."""
    stories = select(Outcome.id).where(Outcome.event_id == event_id)
    session.execute(
        update(OutcomeAgreement)
        .where(OutcomeAgreement.member_id == member_id, OutcomeAgreement.outcome_id.in_(stories))
        .values(answer=NO, answered_at=now)
    )


def agreed(session: Session, outcomes: Iterable[int]) -> set[int]:
    """Those of these outcomes with which everybody agrees whom they name; where a block stands between, nobody does."""
    wanted = sorted(set(outcomes))
    refused = (
        select(OutcomeAgreement.outcome_id)
        .join(Outcome, Outcome.id == OutcomeAgreement.outcome_id)
        .where(
            OutcomeAgreement.outcome_id.in_(wanted),
            or_(
                OutcomeAgreement.answer.is_distinct_from(YES),
                visibility.blocked(Outcome.written_by_id.expression, OutcomeAgreement.member_id),
            ),
        )
    )
    missing = select(Outcome.id).where(
        Outcome.id.in_(wanted),
        Outcome.connection_id.is_not(None),
        ~exists(select(OutcomeAgreement.member_id).where(OutcomeAgreement.outcome_id == Outcome.id)),
    )
    return set(wanted) - set(session.scalars(refused.union(missing)))
