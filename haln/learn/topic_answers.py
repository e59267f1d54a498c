"""What staff and facilitators say to topics, and retiring one, perhaps in favour of another.

Nobody's backing is moved by it: it stays on the topic that its member backed, comes back to them, and they are invited
to back the other one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotPermitted
from haln.learn import topic_backings, topic_mail, topic_state
from haln.learn.topic_state import ALIVE, ANSWERED, OPEN, RETIRED
from haln.models import Topic, TopicAnswer, TopicBacking
from haln.people import changes

LONGEST, REASON = 4_000, 1_000


def answer(session: Session, actor: Actor, topic_id: str, text: str, seen_number: int, now: datetime) -> None:
    """Answer a topic, or word its answer anew: the earlier ones stay to be read. Its backers are told of the first.

    `seen_number`: the answer that the actor saw, 0 for none. Raises Invalid, NotPermitted, and Conflict when the topic
    is closed, or somebody has answered meanwhile.
    """
    row = answerable(session, actor, topic_id, lock=True)
    made, sentence = text.replace("\r\n", "\n").strip(), ""
    if not made:
        sentence = "Write what you say to it."
    elif len(made) > LONGEST:
        sentence = "Write at most 4,000 characters."
    if sentence:
        raise Invalid(sentence, {"text": sentence})
    number, _ = last(session, row.id)
    if number != seen_number:
        raise Conflict("Somebody else has answered since you opened the page. Read it first: yours is not saved yet.")
    session.add(TopicAnswer(topic_id=row.id, number=number + 1, text=made, by_id=actor.member_id, answered_at=now))
    if row.state == OPEN:
        row.state = ANSWERED
    row.talked_at = max(row.talked_at, now)
    session.flush()
    history.record(session, actor.member_id, "answer_topic", "topic", row.id, now, {"number": number + 1})
    if number == 0:
        topic_mail.tell(session, topic_mail.ANSWERED, row, now, but=actor.member_id)


def last(session: Session, topic: int) -> tuple[int, str]:
    """The number and the words of a topic's last answer; 0 and nothing where there is none."""
    found = select(TopicAnswer.number, TopicAnswer.text).where(TopicAnswer.topic_id == topic)
    row = session.execute(found.order_by(TopicAnswer.number.desc()).limit(1)).first()
    return (0, "") if row is None else (row.number, row.text)


def answerable(session: Session, actor: Actor, topic_id: str, *, lock: bool = False) -> Topic:
    """A topic that the actor may answer, retire, or make something of. Raises NotFound, NotPermitted, Conflict."""
    if not topic_state.answers(actor):
        raise NotPermitted("Facilitators and staff answer topics.")
    row = topic_state.seen(session, topic_id, lock=lock)
    if row.state not in ALIVE:
        raise Conflict("This topic is closed: it was retired, or what came of it has taken place.")
    return row


def retire(session: Session, actor: Actor, topic_id: str, other_id: str, why: str, now: datetime) -> None:
    """Close a topic for good, in favour of another (public id; empty: of none). Its backers are told, and keep theirs.

    Raises NotPermitted; Invalid without a reason, and for another that is the same or closed; Conflict when the topic
    is closed already.
    """
    if not topic_state.answers(actor):
        raise NotPermitted("Facilitators and staff answer topics.")
    changes.hold(session)
    # Both are held in one order: of two who retire each in favour of the other, the second finds the first's closed.
    ids = sorted({topic_id, other_id} - {""})
    found = select(Topic).where(Topic.public_id.in_(ids)).order_by(Topic.id).with_for_update(key_share=True)
    held = {row.public_id: row for row in session.scalars(found.execution_options(populate_existing=True))}
    row = held.get(topic_id) or topic_state.seen(session, topic_id)
    if row.state not in ALIVE:
        raise Conflict("This topic is closed: it was retired, or what came of it has taken place.")
    other = _other(row, other_id, held.get(other_id)) if other_id else None
    reason, sentence = why.replace("\r\n", "\n").strip(), ""
    if not reason:
        sentence = "Say why, in a sentence or two: whoever backs it reads this."
    elif len(reason) > REASON:
        sentence = "Write at most 1,000 characters."
    if sentence:
        raise Invalid(sentence, {"why": sentence})
    row.state, row.retired_why, row.closed_at = RETIRED, reason, now
    row.successor_id = other.id if other is not None else None
    session.flush()
    detail: history.Detail = {"in_favour_of": other.id if other is not None else None}
    history.record(session, actor.member_id, "retire_topic", "topic", row.id, now, detail)
    topic_mail.tell(session, topic_mail.RETIRED, row, now, but=actor.member_id)
    named = select(TopicBacking.member_id).where(TopicBacking.topic_id == row.id, TopicBacking.named)
    people = session.scalars(named).all()
    if people:
        topic_backings.hold(session, *people)
        changes.touch(session, people, now)  # backing a retired topic is no reason to suggest anybody


def _other(row: Topic, other_id: str, other: Topic | None) -> Topic:
    sentence = ""
    if other is None:
        sentence = "Choose a topic from the list."
    elif other_id == row.public_id:
        sentence = "A topic cannot be retired in favour of itself."
    elif other.state not in ALIVE:
        sentence = "That topic is closed itself. Choose one that is alive."
    if sentence or other is None:
        raise Invalid(sentence, {"other": sentence})
    return other
