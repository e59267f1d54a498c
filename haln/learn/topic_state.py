"""What a topic is at any time, who may do what with it, and how many back it, as far as that is told.

Everybody in the network sees every topic. A backing counts against its member's limit while the topic is alive: open,
answered or planned. A topic that was held or retired is closed for good, so that a backing that came back to a member
never has to be taken from them again.

How many back a topic is told in classes (`haln.network.suppress`): nobody, a few, or a multiple of five. Everybody who
is active counts, also who is hidden from lists: which one of them came or went shows in no class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, literal, select
from sqlalchemy.orm import Session

from haln.access import Actor, Permission
from haln.errors import NotFound
from haln.models import Member, Topic, TopicBacking
from haln.network import suppress
from haln.people import changes
from haln.people.visibility import ACTIVE

OPEN, ANSWERED, PLANNED, HELD, RETIRED = "open", "answered", "planned", "held", "retired"
STATES = (OPEN, ANSWERED, PLANNED, HELD, RETIRED)
ALIVE = (OPEN, ANSWERED, PLANNED)
"""The states in which a topic is backed, and answered, and something may come of it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say. `backings`: live topics that a member backs at once; `enough`: backers for an event.

    `small`: counts of people from 1 to this number are not shown.
    """

    backings: int
    enough: int
    small: int


@dataclass(frozen=True, slots=True)
class Backers:
    """How many back a topic, as it may be told: `shown` is 0, none for a few, else a multiple of 5."""

    shown: int | None
    enough: bool


def answers(actor: Actor) -> bool:
    """Whether the actor answers topics, retires them and makes events and cohorts of them."""
    return actor.may(Permission.ANSWER_TOPICS)


def hides(actor: Actor) -> bool:
    """Whether the actor may hide what somebody said, and so has to read all of it."""
    return actor.may(Permission.HIDE_COMMENTS)


def seen(session: Session, topic_id: str, *, lock: bool = False) -> Topic:
    """A topic; with `lock` nobody else acts on it meanwhile. Raises NotFound."""
    statement = select(Topic).where(Topic.public_id == topic_id)
    if lock:
        changes.hold(session)  # before the topic: who is erased holds it, and their topics then
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = session.scalar(statement)
    if row is None:
        raise NotFound("There is no such topic.")
    return row


def successor(session: Session, row: Topic) -> Topic | None:
    """The topic that stands in the place of a retired one, however many were retired on the way; none where none does.

    A topic is only ever retired in favour of a live one, and stays so: the way has no circle.
    """
    found = row
    while found.state == RETIRED and found.successor_id is not None:
        found = session.get_one(Topic, found.successor_id)
    return found if found.id != row.id and found.state != RETIRED else None


def counted() -> ColumnElement[int]:
    """How many active members back the row of Topic; never to be shown as it is."""
    return (
        select(func.count())
        .select_from(TopicBacking)
        .join(Member, Member.id == TopicBacking.member_id)
        .where(TopicBacking.topic_id == Topic.id, Member.standing == ACTIVE)
        .correlate(Topic)
        .scalar_subquery()
    )


def shown_class(count: ColumnElement[int], small: int) -> ColumnElement[int]:
    """The class of a count, to order by: within a class nothing tells more from fewer."""
    few = suppress.raised(small)
    rounded: Any = (cast(count, Integer) + literal(2)) // literal(5)
    return case((count == 0, 0), (count <= few, 1), else_=rounded * 5)


def told(count: int, rules: Rules) -> Backers:
    """A count as it may be told, and whether it is enough."""
    return Backers(suppress.bounds(count, rules.small).shown, count >= rules.enough)


def count_of(session: Session, topic: int) -> int:
    """How many active members back a topic."""
    return session.scalar(select(counted()).where(Topic.id == topic)) or 0


def counts_now(member_id: int) -> ColumnElement[bool]:
    """Whether a row of TopicBacking beside its Topic is one of a member's that count against their limit."""
    return and_(TopicBacking.member_id == member_id, Topic.state.in_(ALIVE))


def used(session: Session, member_id: int) -> int:
    """How many live topics a member backs."""
    found = select(func.count()).select_from(TopicBacking).join(Topic, Topic.id == TopicBacking.topic_id)
    return session.scalar(found.where(counts_now(member_id))) or 0
