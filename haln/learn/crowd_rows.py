"""Rows meet arrays: who is or was in what, as the ranking of what to join is told about it.

Of the people behind a cohort or a set only those count who are active and listed; of few nothing is told
(`haln.matching.crowds`). Ties of others count as far as both let all members see them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from haln.matching.crowds import ATTENDED, BACKED, FINISHED, JOINED, Crowds, gather
from haln.matching.joining_signals import Seeker
from haln.matching.people import Membership, Tie
from haln.models import (
    Application,
    Block,
    Cohort,
    Connection,
    Event,
    LearningSet,
    Member,
    PathwayFinish,
    PathwayModule,
    SetMembership,
    Topic,
    TopicBacking,
)
from haln.people import naming, reading
from haln.people.visibility import ACTIVE, Visibility

NEWEST = 10
"""So many events of one member are read, and so many modules: the newest."""

_EVENTS, _MODULES = 1 << 40, 1 << 41


@dataclass(frozen=True, slots=True)
class Belonging:
    """Who is or was in what, and what that is for, by `number_of`; with `then`, as of that moment."""

    crowds: Crowds
    texts: Mapping[int, tuple[str, ...]]
    then: datetime | None = None

    def told(self, session: Session, some: Sequence[Seeker]) -> list[Seeker]:
        """Return seekers with what their own groups are for, and whom they must not hear of.

        What they keep to themselves serves their own list, too, and no other.
        """
        ids, then = reading.spanned([one.member for one in some]), self.then
        unseen, kept = _blocks(session, ids), _kept_to_themselves(session, ids, then)
        attended, finished = _attended(session, ids, then), _finished(session, ids, then)
        return [
            replace(
                one,
                groups=self._texts((*self._joined(one.member), *kept.get(one.member, ()))),
                attended=self._texts(attended.get(one.member, ())),
                finished=self._texts(finished.get(one.member, ())),
                unseen=frozenset(unseen.get(one.member, ())),
            )
            for one in some
        ]

    def _joined(self, member: int) -> list[int]:
        return [group for group in self.crowds.groups_of(member) if kind_of(group) in (JOINED, BACKED)]

    def _texts(self, groups: Sequence[int]) -> tuple[str, ...]:
        return tuple(text for group in groups for text in self.texts.get(group, ()))


def number_of(kind: str, thing: int) -> int:
    """Return the number of a cohort, set, topic, event or module among all groups."""
    match kind:
        case "topic":
            return -thing
        case "event":
            return -_EVENTS - thing
        case "module":
            return -_MODULES - thing
    return 2 * thing + (kind == "set")


def kind_of(group: int) -> str:
    """Return how people came to be in a group."""
    if group > 0:
        return JOINED
    return BACKED if group > -_EVENTS else ATTENDED if group > -_MODULES else FINISHED


def by(then: datetime | None, moment: Any) -> tuple[ColumnElement[bool], ...]:
    """The condition that something was there by `then`; none for today."""
    return () if then is None else (moment <= then,)


def applies(then: datetime | None) -> ColumnElement[bool]:
    """Whether a row of Application stands, or stood at a moment."""
    if then is None:
        return Application.state != "withdrawn"
    stood = or_(Application.state != "withdrawn", Application.withdrawn_at > then)
    return and_(Application.applied_at <= then, stood)


def tie_is_open(then: datetime | None) -> ColumnElement[bool]:
    """Whether a row of Connection is open, or was open at a moment."""
    if then is None:
        return Connection.until.is_(None)
    return and_(Connection.since <= then, or_(Connection.until.is_(None), Connection.until > then))


def read(session: Session, today: date, few: int, longest: int, then: datetime | None = None) -> Belonging:
    """Read it all, the same few queries however much there is. `longest`: characters of one text that are read.

    With `then`, who had joined, come, finished and met by that moment; of what has no date, nothing.
    """
    active = select(Member.id).where(Member.standing == ACTIVE)
    there, listed = set(session.scalars(active)), set(session.scalars(active.where(Member.listed)))
    discreet = set(session.scalars(active.where(Member.show_connections < Visibility.MEMBERS)))
    memberships = [
        *_applications(session, then),
        *_seats(session, None if then is None else today),
        *_backings(session, then),
        *_attendance(session, then),
        *_modules(session, then),
    ]
    ties = list(_ties(session, there, then))
    crowds = gather(memberships, ties, few, today.toordinal(), listed, discreet, kind_of)
    return Belonging(crowds, {number: (text[:longest],) for number, text in _texts(session) if text.strip()}, then)


def _applications(session: Session, then: datetime | None) -> Iterator[Membership]:
    rows = session.execute(
        select(Application.member_id, Application.cohort_id, Application.applied_at)
        .join(Member, Member.id == Application.member_id)
        .where(applies(then), Member.standing == ACTIVE)
    )
    for member_id, cohort_id, moment in rows:
        yield Membership(member_id, number_of("cohort", cohort_id), moment.date().toordinal())


def _seats(session: Session, day: date | None) -> Iterator[Membership]:
    """Who sits in a set that runs, and who sat in one that has ended; with a day, as it was then."""
    held = or_(SetMembership.left_on.is_(None), LearningSet.ended_on.is_not(None))
    if day is not None:
        held = or_(SetMembership.left_on.is_(None), SetMembership.left_on > day, LearningSet.ended_on <= day)
        held = and_(SetMembership.joined_on <= day, held)
    rows = session.execute(
        select(SetMembership.member_id, SetMembership.set_id, SetMembership.joined_on)
        .join(Member, Member.id == SetMembership.member_id)
        .join(LearningSet, LearningSet.id == SetMembership.set_id)
        .where(held, Member.standing == ACTIVE)
    )
    for member_id, set_id, joined in rows:
        yield Membership(member_id, number_of("set", set_id), joined.toordinal() if joined else None)


def _backings(session: Session, then: datetime | None) -> Iterator[Membership]:
    """Who backs which topic, of those who let others see it."""
    rows = session.execute(
        select(TopicBacking.member_id, TopicBacking.topic_id, TopicBacking.backed_at)
        .join(Member, Member.id == TopicBacking.member_id)
        .join(Topic, Topic.id == TopicBacking.topic_id)
        .where(*naming.with_topic(TopicBacking), Member.standing == ACTIVE, *by(then, TopicBacking.backed_at))
    )
    for member_id, topic, moment in rows:
        yield Membership(member_id, number_of("topic", topic), moment.date().toordinal())


def _attendance(session: Session, then: datetime | None) -> Iterator[Membership]:
    """Who was at which event, of those who agreed to be named to others who came."""
    came = naming.was_at_event()
    rows = session.execute(
        select(came.member_id, came.event_id, Event.starts_at)
        .join(Member, Member.id == came.member_id)
        .join(Event, Event.id == came.event_id)
        .where(*naming.at_event(came), Member.standing == ACTIVE, *by(then, Event.starts_at))
    )
    for member_id, event, moment in rows:
        yield Membership(member_id, number_of("event", event), moment.date().toordinal())


def _modules(session: Session, then: datetime | None) -> Iterator[Membership]:
    """Who finished which module, of those who let others find them."""
    rows = session.execute(
        select(PathwayFinish.member_id, PathwayFinish.module_id, PathwayFinish.finished_at)
        .join(Member, Member.id == PathwayFinish.member_id)
        .join(PathwayModule, PathwayModule.id == PathwayFinish.module_id)
        .where(*naming.with_module(PathwayFinish, PathwayModule.pathway_id), Member.standing == ACTIVE)
        .where(*by(then, PathwayFinish.finished_at))
    )
    for member_id, module, moment in rows:
        yield Membership(member_id, number_of("module", module), moment.date().toordinal())


def _attended(session: Session, ids: Collection[int], then: datetime | None) -> dict[int, list[int]]:
    """The events that each was at last, whether or not others are told."""
    came = naming.was_at_event()
    rows = select(came.member_id, came.event_id).join(Event, Event.id == came.event_id)
    rows = rows.where(reading.among(came.member_id, ids), *naming.came_to_event(came), *by(then, Event.starts_at))
    return _newest("event", session.execute(rows.order_by(came.member_id, Event.starts_at.desc(), Event.id)))


def _finished(session: Session, ids: Collection[int], then: datetime | None) -> dict[int, list[int]]:
    """The modules that each finished last, whether or not others are told."""
    row = PathwayFinish
    rows = select(row.member_id, row.module_id).where(reading.among(row.member_id, ids), *by(then, row.finished_at))
    return _newest("module", session.execute(rows.order_by(row.member_id, row.finished_at.desc(), row.module_id)))


def _newest(kind: str, rows: Iterable[Any]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for member_id, thing in rows:
        own = found.setdefault(member_id, [])
        if len(own) < NEWEST:
            own.append(number_of(kind, thing))
    return found


def _kept_to_themselves(session: Session, ids: Collection[int], then: datetime | None) -> dict[int, list[int]]:
    """What each backs without letting others see it: that serves their own list, and no other."""
    found: dict[int, list[int]] = {}
    rows = session.execute(
        select(TopicBacking.member_id, TopicBacking.topic_id)
        .where(
            reading.among(TopicBacking.member_id, ids), TopicBacking.named.is_(False), *by(then, TopicBacking.backed_at)
        )
        .order_by(TopicBacking.member_id, TopicBacking.topic_id)
    )
    for member_id, topic in rows:
        found.setdefault(member_id, []).append(number_of("topic", topic))
    return found


def _ties(session: Session, there: Set[int], then: datetime | None) -> Iterator[Tie]:
    # Filtered here: to join both members takes SQLite six times as long as to read the ties.
    for one, other in session.execute(select(Connection.low_id, Connection.high_id).where(tie_is_open(then))):
        if one in there and other in there:
            yield Tie(one, other)


def _texts(session: Session) -> Iterator[tuple[int, str]]:
    for cohort_id, title, purpose in session.execute(select(Cohort.id, Cohort.title, Cohort.purpose)):
        yield number_of("cohort", cohort_id), purpose or title
    for set_id, name, purpose in session.execute(select(LearningSet.id, LearningSet.name, LearningSet.purpose)):
        yield number_of("set", set_id), purpose or name
    for topic, title, words in session.execute(
        select(Topic.id, Topic.title, Topic.text).where(Topic.state != "retired")
    ):
        yield number_of("topic", topic), f"{title}\n{words}"
    for event, *told in session.execute(
        select(Event.id, Event.title, Event.standfirst, Event.description).where(Event.state == "planned")
    ):
        yield number_of("event", event), "\n".join(told)
    for module, title, purpose in session.execute(select(PathwayModule.id, PathwayModule.title, PathwayModule.purpose)):
        yield number_of("module", module), f"{title}\n{purpose}"


def _blocks(session: Session, ids: Collection[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for own, other in ((Block.blocker_id, Block.blocked_id), (Block.blocked_id, Block.blocker_id)):
        for member_id, other_id in session.execute(select(own, other).where(reading.among(own, ids))):
            found.setdefault(member_id, set()).add(other_id)
    return found
