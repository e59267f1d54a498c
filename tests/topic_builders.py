"""Topics for the tests: proposed by Ada, and backed by whom a test names."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from haln.learn import topics
from haln.learn.topic_state import Rules
from haln.models import Member, Topic, TopicBacking, TopicComment
from haln.people.tokens import public_id
from tests.builders import NOW, a_member

RULES = Rules(backings=3, enough=8, small=7)


def a_topic(
    session: Session,
    by: int,
    title: str = "Food at work",
    text: str = "Who feeds whom, and from where.",
    **facts: object,
) -> Topic:
    """An open topic; any column can be given by name."""
    values: dict[str, object] = {
        "public_id": public_id(),
        "themes": ["food"],
        "state": "open",
        "retired_why": "",
        "proposed_at": NOW,
        "talked_at": NOW,
        "words": topics.searched(title, text),
        **facts,
    }
    row = Topic(title=title, text=text, proposed_by_id=by, **values)
    session.add(row)
    session.flush()
    return row


def backed_by(session: Session, row: Topic, *members: int, named: bool = True, at: datetime = NOW) -> None:
    """These back a topic."""
    session.add_all(TopicBacking(topic_id=row.id, member_id=one, named=named, backed_at=at) for one in members)
    session.flush()


def backers(session: Session, row: Topic, count: int, named: bool = True) -> list[Member]:
    """So many new members who back a topic."""
    people = [
        a_member(session, f"Backer {chr(65 + number % 26)}{number}", email=f"{public_id()}@example.org")
        for number in range(count)
    ]
    backed_by(session, row, *(one.id for one in people), named=named)
    return people


def a_comment(session: Session, row: Topic, by: int, text: str = "We tried it.", **facts: object) -> TopicComment:
    """A comment."""
    values: dict[str, object] = {"public_id": public_id(), "written_at": NOW, "hidden_why": "", **facts}
    made = TopicComment(topic_id=row.id, member_id=by, text=text, **values)
    session.add(made)
    session.flush()
    return made
