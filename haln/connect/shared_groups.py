"""What two may have in common beside learning sets: events, topics, modules; as groups for matching, and by name.

All groups have one space of numbers, in which sets are above 0. Of the others only who agreed to be named, and is
listed, is in one: a group weighs by how many are in it, and who hides moves nobody's list. When a reason is shown both
are asked again (`haln.people.naming`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, literal_column, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from haln.matching.people import Membership
from haln.models import Event, LearningSet, Member, PathwayFinish, PathwayModule, SetMembership, Topic, TopicBacking
from haln.people import naming, reading
from haln.people.visibility import VIEWER

TOPICS = 1 << 40
"""A topic is the group whose number is below 0 by so much and by its id; an event's is by its id alone."""
MODULES = 1 << 41
"""A module of a learning pathway is the group whose number is below 0 by so much and by its id."""

SET, EVENT, TOPIC, MODULE = "set", "event", "topic", "module"
KINDS = (SET, EVENT, TOPIC, MODULE)
"""What a group can be, in the order in which it is told."""
_BELOW = {EVENT: 0, TOPIC: TOPICS, MODULE: MODULES}


def kind_of(group: int) -> str:
    """What a group is, by its number."""
    if group > 0:
        return SET
    return EVENT if group > -TOPICS else TOPIC if group > -MODULES else MODULE


def number_of(kind: str, thing: int) -> int:
    """The number of a group, by what it is and its id."""
    return thing if kind == SET else -_BELOW[kind] - thing


def _id_of(group: int) -> int:
    kind = kind_of(group)
    return group if kind == SET else -group - _BELOW[kind]


def memberships(session: Session, ids: Collection[int] | None, then: datetime | None) -> Iterator[Membership]:
    """Who was at which event, backs which topic, finished which module: all who may be told of, or those of `ids`.

    With `then`, what was so by that moment. What was taken back since, and who agrees no more, is not known of any day.
    """
    yield from _at_events(session, ids, then)
    yield from _backing_topics(session, ids, then)
    yield from _finished_modules(session, ids, then)


def _at_events(session: Session, ids: Collection[int] | None, then: datetime | None) -> Iterator[Membership]:
    came = naming.was_at_event()
    columns = select(came.member_id, came.event_id, Event.starts_at).join(Event, Event.id == came.event_id)
    columns = _of(columns.where(*naming.at_event(came)), came.member_id, ids, Event.starts_at, then)
    yield from _told(session, EVENT, columns.order_by(came.id))


def _backing_topics(session: Session, ids: Collection[int] | None, then: datetime | None) -> Iterator[Membership]:
    row = TopicBacking
    columns = select(row.member_id, row.topic_id, row.backed_at).join(Topic, Topic.id == row.topic_id)
    columns = _of(columns.where(*naming.with_topic(row)), row.member_id, ids, row.backed_at, then)
    yield from _told(session, TOPIC, columns.order_by(row.topic_id, row.member_id))


def _finished_modules(session: Session, ids: Collection[int] | None, then: datetime | None) -> Iterator[Membership]:
    row, module = PathwayFinish, PathwayModule
    columns = select(row.member_id, row.module_id, row.finished_at).join(module, module.id == row.module_id)
    columns = columns.where(*naming.with_module(row, module.pathway_id))
    columns = _of(columns, row.member_id, ids, row.finished_at, then)
    yield from _told(session, MODULE, columns.order_by(row.module_id, row.member_id))


def _of(columns: Any, member: Any, ids: Collection[int] | None, day: Any, then: datetime | None) -> Any:
    columns = columns.join(Member, Member.id == member).where(Member.listed)
    if ids is not None:
        columns = columns.where(member.in_(sorted(ids)))
    return columns if then is None else columns.where(day <= then)


def _told(session: Session, kind: str, columns: Any) -> Iterator[Membership]:
    """Weighed by how many there are: a large group next to nothing."""
    for member_id, thing, moment in session.execute(columns):
        yield Membership(member_id, number_of(kind, thing), moment.date().toordinal())


Named = Mapping[tuple[int, int], str]
"""By (group, other member): what it is called."""


def in_common(session: Session, viewer_id: int, groups: Collection[int], others: Collection[int]) -> Named:
    """Which of these groups the viewer and each of the others are in together, and both may be told: one query.

    Two were in a learning set together if they sat in it at the same time.
    """
    if not groups or not others:
        return {}
    ids: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for group in groups:
        ids[kind_of(group)].append(_id_of(group))
    asked = {kind: reading.padded(some) for kind, some in ids.items()}
    found = reading.rows(session, _together(), {"viewer": viewer_id, "others": reading.padded(others), **asked})
    return {(number_of(kind, thing), member): name for kind, thing, member, name in found}


def is_any_told(session: Session, viewer_id: int, other_id: int) -> bool:
    """Whether the viewer and another are together in any group of which both may be told: one query."""
    asked = {"viewer": viewer_id, "others": [other_id]}
    return session.execute(_in_any(), asked).first() is not None


@cache
def _together() -> Any:
    """Made once, for every viewer."""
    some = (
        (_sat(), SET, LearningSet.id),
        (_were_there(), EVENT, Event.id),
        (_back(), TOPIC, Topic.id),
        (_finished(), MODULE, PathwayModule.id),
    )
    return union_all(*(pairs.where(thing.in_(bindparam(kind, expanding=True))) for pairs, kind, thing in some))


@cache
def _in_any() -> Any:
    return union_all(_sat(), _were_there(), _back(), _finished()).limit(1)


def _pairs(kind: str, thing: Any, name: Any, mine: Any, theirs: Any, joined: Any, theirs_joined: Any) -> Select[Any]:
    """What the viewer and any of the others are in, with its kind."""
    others: Any = bindparam("others", expanding=True)
    return (
        select(literal_column(f"'{kind}'").label("kind"), thing.label("thing"), theirs.member_id, name.label("name"))
        .join(mine, and_(joined == thing, mine.member_id == VIEWER))
        .join(theirs, theirs_joined == thing)
        .where(theirs.member_id.in_(others))
    )


def _sat() -> Select[Any]:
    mine, theirs = aliased(SetMembership), aliased(SetMembership)
    pairs = _pairs(SET, LearningSet.id, LearningSet.name, mine, theirs, mine.set_id, theirs.set_id)
    return pairs.where(
        *(
            or_(one.left_on.is_(None), other.joined_on.is_(None), one.left_on > other.joined_on)
            for one, other in ((mine, theirs), (theirs, mine))
        )
    )


def _were_there() -> Select[Any]:
    mine, theirs = naming.was_at_event(), naming.was_at_event()
    pairs = _pairs(EVENT, Event.id, Event.title, mine, theirs, mine.event_id, theirs.event_id)
    return pairs.where(*naming.at_event(mine), *naming.at_event(theirs))


def _back() -> Select[Any]:
    mine, theirs = aliased(TopicBacking), aliased(TopicBacking)
    pairs = _pairs(TOPIC, Topic.id, Topic.title, mine, theirs, mine.topic_id, theirs.topic_id)
    return pairs.where(*naming.with_topic(mine), *naming.with_topic(theirs))


def _finished() -> Select[Any]:
    mine, theirs, module = aliased(PathwayFinish), aliased(PathwayFinish), PathwayModule
    pairs = _pairs(MODULE, module.id, module.title, mine, theirs, mine.module_id, theirs.module_id)
    return pairs.where(*naming.with_module(mine, module.pathway_id), *naming.with_module(theirs, module.pathway_id))


def told_first(groups: Sequence[int]) -> tuple[str, list[int]]:
    """The kind of group that is told where two are in several, and which of these are of it."""
    kind = min((kind_of(group) for group in groups), key=KINDS.index)
    return kind, [group for group in groups if kind_of(group) == kind]
