"""What comes of topics: an event or a cohort that was made of one, and its backers, who are asked to it.

They are asked, and no more: whoever wants to come registers or applies themselves. They are asked when all members see
what came of it, and not before. What is not to be any more gives the topic back to its backers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from haln import history
from haln.access import Actor
from haln.learn import topic_mail
from haln.learn.topic_state import ALIVE, ANSWERED, HELD, OPEN, PLANNED
from haln.models import (
    Application,
    Cohort,
    Event,
    EventRegistration,
    Topic,
    TopicAnswer,
    TopicBacking,
    TopicResult,
)
from haln.people import seen
from haln.people.seen import PersonLine


@dataclass(frozen=True, slots=True)
class Source:
    """The topic that an event or a cohort came of. `backs`: whether the one who looks backs it."""

    id: int
    public_id: str
    title: str
    backs: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """People to ask to an event or a cohort: backers who may be named and have not said yes themselves."""

    topic: Source
    people: tuple[PersonLine, ...]


def event_is_seen() -> ColumnElement[bool]:
    """Whether a row of Event is there for all members and takes, or took, place."""
    return Event.state == "planned"


def cohort_is_seen() -> ColumnElement[bool]:
    """Whether a row of Cohort is there for all members and goes on."""
    return Cohort.state.in_(("open", "closed", "formed"))


def source(session: Session, viewer_id: int, *, event: int | None = None, cohort: int | None = None) -> Source | None:
    """The topic of an event or a cohort; none where it came of none. One query."""
    backs = exists().where(TopicBacking.topic_id == Topic.id, TopicBacking.member_id == viewer_id)
    found = session.execute(
        select(Topic.id, Topic.public_id, Topic.title, backs)
        .join(TopicResult, TopicResult.topic_id == Topic.id)
        .where(_is(event, cohort))
    ).first()
    return None if found is None else Source(found[0], found[1], found[2], bool(found[3]))


def _is(event: int | None, cohort: int | None) -> ColumnElement[bool]:
    return TopicResult.event_id == event if event is not None else TopicResult.cohort_id == cohort


def people(session: Session, actor: Actor, *, event: int | None = None, cohort: int | None = None) -> Asked | None:
    """Whom to ask to an event or a cohort, as far as they let themselves be named and the actor may see them.

    Who registered, waits, applied, or said no by cancelling is not among them. For who runs it; the caller looks.
    """
    topic = source(session, actor.member_id, event=event, cohort=cohort)
    if topic is None:
        return None
    answered = (
        exists().where(EventRegistration.event_id == event, EventRegistration.member_id == TopicBacking.member_id)
        if event is not None
        else exists().where(Application.cohort_id == cohort, Application.member_id == TopicBacking.member_id)
    )
    ids = session.scalars(
        select(TopicBacking.member_id)
        .where(TopicBacking.topic_id == topic.id, TopicBacking.named, ~answered)
        .where(TopicBacking.member_id != actor.member_id)
        .order_by(TopicBacking.backed_at, TopicBacking.member_id)
    ).all()
    known = seen.people(session, actor.member_id, ids)
    return Asked(topic, tuple(known[one] for one in ids if one in known))


def make_known(session: Session, now: datetime, *, event: int | None = None, cohort: int | None = None) -> int:
    """All members see an event or a cohort now: ask the backers of the topic that it came of, once.

    Returns how many letters are written. Nobody is asked for a topic that has been closed meanwhile.
    """
    result, row = _held(session, event, cohort)
    if result is None or row is None or row.state not in ALIVE:
        return 0
    row.state = PLANNED
    first, result.asked_at = result.asked_at is None, result.asked_at or now
    session.flush()
    return topic_mail.tell(session, topic_mail.PLANNED, row, now, str(result.id)) if first else 0


def fall_through(session: Session, *, event: int | None = None, cohort: int | None = None) -> None:
    """An event or a cohort is not to be any more: its topic is as it was before, unless something else came of it."""
    result, row = _held(session, event, cohort)
    if result is None or row is None or row.state != PLANNED or _others(session, row, result):
        return
    answered = session.scalar(select(func.count()).where(TopicAnswer.topic_id == row.id))
    row.state = ANSWERED if answered else OPEN
    session.flush()


def _held(session: Session, event: int | None, cohort: int | None) -> tuple[TopicResult | None, Topic | None]:
    result = session.scalar(select(TopicResult).where(_is(event, cohort)))
    if result is None:
        return None, None
    topic = select(Topic).where(Topic.id == result.topic_id).with_for_update(key_share=True)
    return result, session.scalar(topic.execution_options(populate_existing=True))


def _others(session: Session, row: Topic, but: TopicResult) -> bool:
    there = (
        select(TopicResult.id)
        .outerjoin(Event, Event.id == TopicResult.event_id)
        .outerjoin(Cohort, Cohort.id == TopicResult.cohort_id)
        .where(TopicResult.topic_id == row.id, TopicResult.id != but.id, or_(event_is_seen(), cohort_is_seen()))
    )
    return session.scalar(there.limit(1)) is not None


def close_due(session: Session, now: datetime) -> int:
    """Note of topics that what came of them has taken place: the event is over, or the cohort's sets are formed.

    Not while something else of theirs is ahead, also what nobody has been asked to yet. Their backings come back to
    their members. Returns how many topics. For the worker.
    """
    over = and_(Event.state == "planned", Event.ends_at <= now)
    other, event, cohort = aliased(TopicResult), aliased(Event), aliased(Cohort)
    ahead = (
        select(other.id)
        .outerjoin(event, event.id == other.event_id)
        .outerjoin(cohort, cohort.id == other.cohort_id)
        .where(
            other.topic_id == Topic.id,
            or_(
                event.state == "proposed",
                and_(event.state == "planned", event.ends_at > now),
                cohort.state.in_(("draft", "open", "closed")),
            ),
        )
    )
    due = (
        select(Topic.id)
        .join(TopicResult, TopicResult.topic_id == Topic.id)
        .outerjoin(Event, Event.id == TopicResult.event_id)
        .outerjoin(Cohort, Cohort.id == TopicResult.cohort_id)
        .where(Topic.state == PLANNED, or_(over, Cohort.state == "formed"), ~exists(ahead))
        .order_by(Topic.id)
        .distinct()
    )
    count = 0
    for topic in session.scalars(due).all():
        held = select(Topic).where(Topic.id == topic, Topic.state == PLANNED).with_for_update(key_share=True)
        row = session.scalar(held.execution_options(populate_existing=True))
        if row is not None:
            row.state, row.closed_at = HELD, now
            history.record(session, None, "hold_topic", "topic", row.id, now)
            count += 1
    session.flush()
    return count
