"""What a member leaves behind in topics, and their own copy of it: what they said keeps its words, and they no name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable, delete, select, update
from sqlalchemy.orm import Session

from haln.models import AuditRecord, Topic, TopicAnswer, TopicBacking, TopicComment
from haln.people import masking
from haln.people.search_words import folded

Document = dict[str, Any]

ERASING: Mapping[str, str] = {
    "topic.proposed_by_id": "kept, for others back it: a node without a name",
    "topic_answer.by_id": "kept: a node without a name",
    "topic_backing.member_id": "deleted",
    "topic_comment.hidden_by_id": "kept: a node without a name, which is taken out of the reason",
    "topic_comment.member_id": "kept without the name, for others answer it; what was hidden is emptied",
    "topic_result.made_by_id": "kept: a node without a name",
}
"""What erasing does with each column of topics that points to a member."""

TAKEN: Mapping[str, str] = {
    "topic.proposed_by_id": "topics_proposed",
    "topic_answer.by_id": "topic_answers",
    "topic_backing.member_id": "topics_backed",
    "topic_comment.member_id": "topic_comments",
}
"""The part of the copy in which each of them is found."""

NOT_TAKEN: Mapping[str, str] = {
    "topic_comment.hidden_by_id": "whose comment it is has it; that they hid it is in their record",
    "topic_result.made_by_id": "that they made it is in their record",
}
"""Why the other columns are not in the copy."""

_AS_IT_STANDS = {"synchronize_session": False}


def withdraw(session: Session, member_id: int) -> None:
    """Let nobody be told of what a member backs. Their backings count no more, for who has left is not counted."""
    _run(session, update(TopicBacking).where(TopicBacking.member_id == member_id).values(named=False))


def erase(session: Session, member_id: int, name: str) -> None:
    """Delete what they backed, empty what was hidden, and take their name out of what they wrote."""
    _run(session, delete(TopicBacking).where(TopicBacking.member_id == member_id))
    hidden = (TopicComment.member_id == member_id, TopicComment.hidden_at.is_not(None))
    _run(session, update(TopicComment).where(*hidden).values(text="", hidden_why=""))
    topics = select(Topic.id, Topic.title, Topic.text).where(Topic.proposed_by_id == member_id).order_by(Topic.id)
    for row in session.execute(topics).all():
        title, text = (masking.without(part, name) for part in (row.title, row.text))
        if (title, text) != (row.title, row.text):
            words = f" {folded(f'{title} {text}')} "
            _run(session, update(Topic).where(Topic.id == row.id).values(title=title, text=text, words=words))
    _clean_reasons(session, member_id, name)
    for model, key, mine in (
        (TopicComment, (TopicComment.id,), TopicComment.member_id),
        (TopicAnswer, (TopicAnswer.topic_id, TopicAnswer.number), TopicAnswer.by_id),
    ):
        for text, *keys in session.execute(select(model.text, *key).where(mine == member_id)).all():
            cleaned = masking.without(text, name)
            if cleaned != text:
                this = [column == value for column, value in zip(key, keys, strict=True)]
                _run(session, update(model).where(*this).values(text=cleaned))


def _clean_reasons(session: Session, member_id: int, name: str) -> None:
    """Take their name out of why they retired topics and hid comments."""
    retired = select(AuditRecord.subject_id).where(
        AuditRecord.actor_id == member_id, AuditRecord.subject_kind == "topic", AuditRecord.action == "retire_topic"
    )
    reasons = select(Topic.id, Topic.retired_why).where(Topic.id.in_(retired)).order_by(Topic.id)
    for number, why in session.execute(reasons).all():
        if (cleaned := masking.without(why, name)) != why:
            _run(session, update(Topic).where(Topic.id == number).values(retired_why=cleaned))
    hidden = select(TopicComment.id, TopicComment.hidden_why).where(TopicComment.hidden_by_id == member_id)
    for number, why in session.execute(hidden).all():
        if (cleaned := masking.without(why, name)) != why:
            _run(session, update(TopicComment).where(TopicComment.id == number).values(hidden_why=cleaned))


def parts(session: Session, member_id: int) -> Mapping[str, list[Document]]:
    """All parts of a member's own copy."""
    topic = Topic.title.label("topic")
    proposed = select(Topic.title, Topic.text, Topic.themes, Topic.state, Topic.proposed_at)
    backed = select(topic, Topic.state, TopicBacking.backed_at, TopicBacking.named.label("others_may_know"))
    said = select(
        topic,
        TopicComment.text,
        TopicComment.written_at,
        TopicComment.changed_at,
        TopicComment.withdrawn_at,
        TopicComment.hidden_at,
        TopicComment.hidden_why,
    )
    answered = select(topic, TopicAnswer.number, TopicAnswer.text, TopicAnswer.answered_at)
    return {
        "topics_proposed": _rows(session, proposed.where(Topic.proposed_by_id == member_id).order_by(Topic.id)),
        "topics_backed": _rows(
            session,
            backed.join(TopicBacking, TopicBacking.topic_id == Topic.id)
            .where(TopicBacking.member_id == member_id)
            .order_by(TopicBacking.backed_at, Topic.id),
        ),
        "topic_comments": _rows(
            session,
            said.join(TopicComment, TopicComment.topic_id == Topic.id)
            .where(TopicComment.member_id == member_id)
            .order_by(TopicComment.id),
        ),
        "topic_answers": _rows(
            session,
            answered.join(TopicAnswer, TopicAnswer.topic_id == Topic.id)
            .where(TopicAnswer.by_id == member_id)
            .order_by(TopicAnswer.answered_at, Topic.id),
        ),
    }


def _rows(session: Session, statement: Executable) -> list[Document]:
    return [dict(row._mapping) for row in session.execute(statement)]


def _run(session: Session, statement: Any) -> None:
    session.execute(statement, execution_options=_AS_IT_STANDS)
