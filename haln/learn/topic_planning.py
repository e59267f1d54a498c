"""Make something of a topic that enough people back: an event that is proposed, or the draft of a cohort.

Nobody comes to it by that. Its backers are asked as soon as all members see it (`haln.learn.topic_asking`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid
from haln.learn import cohorts, events, topic_state
from haln.learn.cohorts import CohortFacts
from haln.learn.event_facts import EventFacts
from haln.learn.topic_answers import answerable
from haln.learn.topic_state import Rules
from haln.models import Cohort, Event, Topic, TopicResult
from haln.taxonomy.vocabulary import Vocabulary

AHEAD, TRIES = timedelta(days=28), 40
BEGINS, ENDS = time(14, 0), time(15, 30)


@dataclass(frozen=True, slots=True)
class Frame:
    """What an event is made with where nobody has said anything yet: where it is, in words, and in which zone."""

    where: str
    zone: tzinfo


def make_event(
    session: Session, actor: Actor, topic_id: str, themes: Collection[str], frame: Frame, rules: Rules, now: datetime
) -> Event:
    """Propose an event on a topic, four weeks ahead or on the first working day after on which the actor is free.

    Whoever made it puts it at the right day and place, and staff accept it. Raises NotPermitted, Conflict.
    """
    row = _ripe(session, actor, topic_id, rules)
    made = None
    for day in _days(now.astimezone(frame.zone).date() + AHEAD):
        facts = EventFacts(
            title=row.title,
            description=row.text,
            on_day=day,
            begins=BEGINS,
            ends=ENDS,
            where=frame.where,
            themes=tuple(code for code in row.themes if code in themes),
        )
        try:
            made = events.create(session, actor, facts, themes, frame.zone, now, proposed=True)
        except Invalid as error:
            if set(error.fields) != {"begins"}:
                raise
            continue
        break
    if made is None:
        raise Conflict("You have an event on every afternoon of the coming weeks. Plan this one by hand.")
    _note(session, actor, row, TopicResult(event_id=made.id), now)
    return made


def _days(first: date) -> list[date]:
    days = (first + timedelta(days=number) for number in range(2 * TRIES))
    return [day for day in days if day.weekday() < 5][:TRIES]


def make_cohort(
    session: Session, actor: Actor, topic_id: str, vocabulary: Vocabulary, where: str, rules: Rules, now: datetime
) -> str:
    """Make the draft of a cohort on a topic, led by the actor. Returns its public id. Raises NotPermitted, Conflict."""
    row = _ripe(session, actor, topic_id, rules)
    facts = CohortFacts(title=row.title, purpose=row.text, themes=tuple(row.themes), where=where)
    made = cohorts.create(session, actor, facts, 1, vocabulary, now)
    number = session.scalars(select(Cohort.id).where(Cohort.public_id == made)).one()
    _note(session, actor, row, TopicResult(cohort_id=number), now)
    return made


def _ripe(session: Session, actor: Actor, topic_id: str, rules: Rules) -> Topic:
    """A topic that enough people back, held. Of a button that was pressed twice, the second finds what there is."""
    row = answerable(session, actor, topic_id, lock=True)
    if topic_state.count_of(session, row.id) < rules.enough:
        raise Conflict("Too few members back this topic yet to make something of it.")
    waiting = (
        select(TopicResult.id)
        .outerjoin(Event, Event.id == TopicResult.event_id)
        .outerjoin(Cohort, Cohort.id == TopicResult.cohort_id)
        .where(TopicResult.topic_id == row.id, (Event.state == "proposed") | (Cohort.state == "draft"))
    )
    if session.scalar(waiting.limit(1)) is not None:
        raise Conflict("Something is made of this topic already, and waits to be shown to its backers.")
    return row


def _note(session: Session, actor: Actor, row: Topic, result: TopicResult, now: datetime) -> None:
    result.topic_id, result.made_by_id, result.made_at = row.id, actor.member_id, now
    session.add(result)
    session.flush()
    kind = "event" if result.event_id is not None else "cohort"
    history.record(session, actor.member_id, f"make_{kind}_of_topic", "topic", row.id, now)
