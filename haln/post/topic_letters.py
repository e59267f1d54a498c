"""Letters about topics: what staff said to one, that it was retired, what comes of it, and why a comment was hidden.

Each is asked anew when it leaves: who backs the topic no more, or has said yes already, is told nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import topic_mail, topic_state
from haln.learn.event_facts import whereabouts
from haln.learn.topic_state import ALIVE, RETIRED
from haln.models import (
    Application,
    Cohort,
    Event,
    EventRegistration,
    Topic,
    TopicAnswer,
    TopicBacking,
    TopicComment,
    TopicResult,
)
from haln.people import places
from haln.post import unsubscribing
from haln.post.writing import Draft, Order, Url, Writer

KINDS = topic_mail.KINDS
STOPPABLE = topic_mail.STOPPABLE


def write(writer: Writer, order: Order) -> Draft | None:
    """About a topic: to who backs it or proposed it, as long as they want such mail, or whose comment was hidden."""
    person = writer.reader(order)
    if person is None:
        return None
    said = told(writer.session, order.kind, order.values, person.id, writer.url, writer.now)
    stoppable = order.kind in STOPPABLE
    if said is None or (stoppable and not person.topic_mail):
        return None
    return Draft(order.kind, person.email, said, unsubscribing.BACKED if stoppable else "", person.public_id)


def told(
    session: Session, kind: str, about: Mapping[str, Any], member_id: int, url: Url, now: datetime
) -> dict[str, object] | None:
    """What to say to a member; none when it does not concern them any more, or is not so any more."""
    row = session.get(Topic, about["topic_id"], populate_existing=True)
    if row is None:
        return None
    said: dict[str, object] = {"topic": row.title, "url": url(f"/topics/{row.public_id}")}
    if kind == topic_mail.HIDDEN:
        return _hidden(session, about, member_id, said)
    backs = session.get(TopicBacking, (row.id, member_id), populate_existing=True) is not None
    if not backs and (kind == topic_mail.PLANNED or row.proposed_by_id != member_id):
        return None
    said["backs"] = backs
    if kind == topic_mail.PLANNED:
        return _planned(session, about, member_id, url, now, said)
    if kind == topic_mail.RETIRED:
        other = topic_state.successor(session, row)
        return {**said, "why": row.retired_why, "other": other.title if other else ""} if row.state == RETIRED else None
    answer = session.scalars(
        select(TopicAnswer).where(TopicAnswer.topic_id == row.id).order_by(TopicAnswer.number.desc()).limit(1)
    ).first()
    return {**said, "answer": answer.text} if answer is not None and row.state in ALIVE else None


def _hidden(
    session: Session, about: Mapping[str, Any], member_id: int, said: dict[str, object]
) -> dict[str, object] | None:
    comment = session.get(TopicComment, about["comment_id"], populate_existing=True)
    if comment is None or comment.member_id != member_id or comment.hidden_at is None or comment.withdrawn_at:
        return None
    return {**said, "why": comment.hidden_why}


def _planned(
    session: Session,
    about: Mapping[str, Any],
    member_id: int,
    url: Url,
    now: datetime,
    said: dict[str, object],
) -> dict[str, object] | None:
    """The event or the cohort that backers are asked to; nothing for who has answered, or when it is too late."""
    result = session.get(TopicResult, about["result_id"])
    if result is None:
        return None
    if result.event_id is not None:
        event = session.get_one(Event, result.event_id, populate_existing=True)
        asked = (EventRegistration.event_id == event.id, EventRegistration.member_id == member_id)
        answered = session.scalar(select(EventRegistration.state).where(*asked)) is not None
        if event.state != "planned" or event.starts_at <= now or answered or event.organiser_id == member_id:
            return None
        where = whereabouts(event.where, places.name(session, event.place_id))
        page = {"url": url(f"/events/{event.public_id}"), "title": event.title, "where": where}
        return {**said, **page, "event": True, "starts_at": event.starts_at, "closes_on": None}
    cohort = session.get_one(Cohort, result.cohort_id, populate_existing=True)
    applied = select(Application.id).where(Application.cohort_id == cohort.id, Application.member_id == member_id)
    over = cohort.closes_on is not None and cohort.closes_on < now.date()
    if cohort.state != "open" or over or cohort.made_by_id == member_id or session.scalar(applied) is not None:
        return None
    page = {"url": url(f"/cohorts/{cohort.public_id}/about"), "title": cohort.title, "where": cohort.where}
    return {**said, **page, "event": False, "starts_at": None, "closes_on": cohort.closes_on}
