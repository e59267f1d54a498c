"""What is said to topics: comments, which their writers change or withdraw and staff may hide, saying why.

Of people who are hidden from one another by a block neither reads what the other says. Who is not listed is not named.
Who may hide comments reads all: nobody gets out of their reach by a block. They are not told whose it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, exists, func, not_, or_, select, true
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound, NotPermitted
from haln.learn import topic_mail, topic_state
from haln.learn.topic_state import RETIRED
from haln.models import Block, Member, Topic, TopicAnswer, TopicComment
from haln.people import seen, throttles, visibility
from haln.people.seen import PersonLine
from haln.people.tokens import public_id
from haln.people.visibility import ACTIVE

LONGEST, REASON = 3_000, 500
COMMENTS_A_DAY = 40
PAGE = 20


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as the one who looks may read it.

    `person` is none for who is not to be named: then `gone` says that they have left. `text` is empty where it was
    withdrawn, or hidden from the one who looks. `why`: the reason it was hidden, for its writer and for staff.
    """

    public_id: str
    person: PersonLine | None
    mine: bool
    gone: bool
    text: str
    written_at: datetime
    changed_at: datetime | None
    withdrawn: bool
    hidden: bool
    why: str


def say(session: Session, actor: Actor, topic_id: str, text: str, now: datetime) -> TopicComment:
    """Say something to a topic.

    Raises Invalid for too little or too much, Conflict when the topic is retired; TooMany for too many in a day.
    """
    made = _tidy(text)
    row = topic_state.seen(session, topic_id, lock=True)
    if row.state == RETIRED:
        raise Conflict("This topic was retired while you wrote. Your words are still here: take them where they help.")
    throttles.take(session, throttles.key("comments-of", str(actor.member_id)), COMMENTS_A_DAY, throttles.DAY, now)
    comment = TopicComment(
        public_id=public_id(), topic_id=row.id, member_id=actor.member_id, text=made, written_at=now, hidden_why=""
    )
    session.add(comment)
    row.talked_at = max(row.talked_at, now)
    session.flush()
    return comment


def _tidy(text: str) -> str:
    made, sentence = text.replace("\r\n", "\n").strip(), ""
    if not made:
        sentence = "Write something first."
    elif len(made) > LONGEST:
        sentence = "Write at most 3,000 characters."
    if sentence:
        raise Invalid(sentence, {"comment": sentence})
    return made


def change(session: Session, actor: Actor, comment_id: str, text: str, now: datetime) -> None:
    """Word one's own comment anew. Raises Invalid, NotPermitted, Conflict when it is withdrawn or hidden."""
    made = _tidy(text)
    row = own(session, actor, comment_id, lock=True)
    if made != row.text:
        row.text, row.changed_at = made, now
        session.flush()


def withdraw(session: Session, actor: Actor, comment_id: str, now: datetime) -> None:
    """Take one's own comment back: its words are gone, and that there was one stays. Also one that was hidden."""
    row = _comment(session, comment_id, lock=True)
    _check_own(actor, row)
    if row.withdrawn_at is None:
        row.text, row.withdrawn_at = "", now
        session.flush()


def own(session: Session, actor: Actor, comment_id: str, *, lock: bool = False) -> TopicComment:
    """A comment that the actor may change. Raises NotFound, NotPermitted, Conflict."""
    row = _comment(session, comment_id, lock=lock)
    _check_own(actor, row)
    if row.withdrawn_at is not None:
        raise Conflict("You have withdrawn this comment.")
    if row.hidden_at is not None:
        raise Conflict("Staff have hidden this comment, so it cannot be changed. You can withdraw it.")
    return row


def _check_own(actor: Actor, row: TopicComment) -> None:
    if row.member_id != actor.member_id:
        raise NotPermitted("This is for whoever wrote the comment.")


def hide(session: Session, actor: Actor, comment_id: str, why: str, now: datetime) -> None:
    """Hide what somebody said; they are told why. Raises NotPermitted, Invalid without a reason, Conflict."""
    row = _comment(session, comment_id, lock=True)
    if not topic_state.hides(actor):
        raise NotPermitted("Staff hide comments.")
    reason = " ".join(why.split())
    sentence = ""
    if not reason:
        sentence = "Say why, in a sentence: whoever wrote it reads this."
    elif len(reason) > REASON:
        sentence = "Write at most 500 characters."
    if sentence:
        raise Invalid(sentence, {"why": sentence})
    if row.withdrawn_at is not None or row.hidden_at is not None:
        raise Conflict("This comment is hidden or withdrawn already.")
    row.hidden_at, row.hidden_by_id, row.hidden_why = now, actor.member_id, reason
    session.flush()
    history.record(session, actor.member_id, "hide_comment", "topic_comment", row.id, now)
    topic_mail.tell_hidden(session, row, now)


def show(session: Session, actor: Actor, comment_id: str, now: datetime) -> None:
    """Show a comment again that was hidden. Raises NotPermitted, Conflict."""
    row = _comment(session, comment_id, lock=True)
    if not topic_state.hides(actor):
        raise NotPermitted("Staff hide comments.")
    if row.hidden_at is None or row.withdrawn_at is not None:
        raise Conflict("This comment is not hidden, or was withdrawn.")
    row.hidden_at, row.hidden_by_id, row.hidden_why = None, None, ""
    session.flush()
    history.record(session, actor.member_id, "show_comment", "topic_comment", row.id, now)


def _comment(session: Session, comment_id: str, *, lock: bool = False) -> TopicComment:
    statement = select(TopicComment).where(TopicComment.public_id == comment_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(statement)
    if row is None:
        raise NotFound("There is no such comment.")
    return row


def one(session: Session, actor: Actor, comment_id: str) -> tuple[Said, str]:
    """One comment as the actor may read it, and its topic's public id. Raises NotFound."""
    row = _comment(session, comment_id)
    found = _read(session, actor, TopicComment.id == row.id, 1, 1)
    if not found:
        raise NotFound("There is no such comment.")
    return found[0], session.get_one(Topic, row.topic_id).public_id


def of_topic(session: Session, actor: Actor, topic: int, number: int) -> tuple[list[Said], bool]:
    """A page of what was said to a topic, the newest page first, within it the oldest first; and whether it goes on."""
    found = _read(session, actor, TopicComment.topic_id == topic, number, PAGE + 1)
    return found[:PAGE][::-1], len(found) > PAGE


def count(session: Session, actor: Actor, topic: int) -> int:
    """How many comments there are for the actor."""
    there = select(func.count()).select_from(TopicComment).where(TopicComment.topic_id == topic, audible(actor))
    return session.scalar(there) or 0


def audible(actor: Actor) -> ColumnElement[bool]:
    """Whether a row of TopicComment is there for the actor."""
    if topic_state.hides(actor):
        return true()
    own_words = TopicComment.member_id == actor.member_id
    return or_(own_words, not_(visibility.blocked(actor.member_id, TopicComment.member_id)))


def talked(actor: Actor) -> ColumnElement[datetime]:
    """When a row of Topic was last discussed, as far as the actor hears it: what they do not read moves no day."""
    if topic_state.hides(actor):
        return Topic.talked_at.expression
    heard = select(func.max(TopicComment.written_at)).where(TopicComment.topic_id == Topic.id, audible(actor))
    answered = select(func.max(TopicAnswer.answered_at)).where(TopicAnswer.topic_id == Topic.id)
    comment, answer = (func.coalesce(one.scalar_subquery(), Topic.proposed_at) for one in (heard, answered))
    blocks = exists().where(or_(Block.blocker_id == actor.member_id, Block.blocked_id == actor.member_id))
    return case((~blocks, Topic.talked_at), (comment >= answer, comment), else_=answer)


def _read(session: Session, actor: Actor, which: ColumnElement[bool], number: int, most: int) -> list[Said]:
    rows = session.execute(
        select(TopicComment, Member.standing)
        .join(Member, Member.id == TopicComment.member_id)
        .where(which, audible(actor))
        .order_by(TopicComment.id.desc())
        .offset((number - 1) * PAGE)
        .limit(most)
    ).all()
    known = seen.people(session, actor.member_id, [row.member_id for row, _ in rows])
    staff = topic_state.hides(actor)
    found = []
    for row, standing in rows:
        mine = row.member_id == actor.member_id
        reads = row.hidden_at is None or mine or staff
        found.append(
            Said(
                public_id=row.public_id,
                person=known.get(row.member_id),
                mine=mine,
                gone=standing != ACTIVE,
                text=row.text if reads else "",
                written_at=row.written_at,
                changed_at=row.changed_at,
                withdrawn=row.withdrawn_at is not None,
                hidden=row.hidden_at is not None and row.withdrawn_at is None,
                why=row.hidden_why if mine or staff else "",
            )
        )
    return found
