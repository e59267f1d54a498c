"""Rows meet arrays: who is or was in what, as the ranking of what to join is told about it.

Of the people behind a cohort or a set only those count who are active and listed; of few nothing is told
(`haln.matching.crowds`). Ties of others count as far as both let all members see them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from haln.matching.crowds import Crowds, gather
from haln.matching.joining_signals import Seeker
from haln.matching.people import Membership, Tie
from haln.models import (
    Application,
    Block,
    Cohort,
    Connection,
    LearningSet,
    Member,
    SetMembership,
    Topic,
    TopicBacking,
)
from haln.people.visibility import ACTIVE, Visibility


@dataclass(frozen=True, slots=True)
class Belonging:
    """Who is or was in what, and what that is for, by `number_of`."""

    crowds: Crowds
    texts: Mapping[int, tuple[str, ...]]

    def told(self, session: Session, some: Sequence[Seeker]) -> list[Seeker]:
        """Return seekers with what their own groups are for, and whom they must not hear of."""
        unseen = _blocks(session, [one.member for one in some])
        kept = _kept_to_themselves(session, [one.member for one in some])
        return [
            replace(
                one,
                groups=tuple(
                    text
                    for group in (*self.crowds.groups_of(one.member), *kept.get(one.member, ()))
                    for text in self.texts.get(group, ())
                ),
                unseen=frozenset(unseen.get(one.member, ())),
            )
            for one in some
        ]


def number_of(kind: str, thing: int) -> int:
    """Return the number of a cohort or a set among all groups."""
    return 2 * thing + (kind == "set")


def read(session: Session, today: date, few: int, longest: int) -> Belonging:
    """Read it all, the same few queries however much there is. `longest`: characters of one text that are read."""
    active = select(Member.id).where(Member.standing == ACTIVE)
    listed = set(session.scalars(active.where(Member.listed)))
    discreet = set(session.scalars(active.where(Member.show_connections < Visibility.MEMBERS)))
    memberships = [*_applications(session), *_seats(session), *_backings(session)]
    crowds = gather(memberships, list(_ties(session)), few, today.toordinal(), listed, discreet)
    return Belonging(crowds, {number: (text[:longest],) for number, text in _texts(session) if text.strip()})


def _applications(session: Session) -> Iterator[Membership]:
    rows = session.execute(
        select(Application.member_id, Application.cohort_id, Application.applied_at)
        .join(Member, Member.id == Application.member_id)
        .where(Application.state != "withdrawn", Member.standing == ACTIVE)
    )
    for member_id, cohort_id, moment in rows:
        yield Membership(member_id, number_of("cohort", cohort_id), moment.date().toordinal())


def _seats(session: Session) -> Iterator[Membership]:
    """Who sits in a set that runs, and who sat in one that has ended."""
    rows = session.execute(
        select(SetMembership.member_id, SetMembership.set_id, SetMembership.joined_on)
        .join(Member, Member.id == SetMembership.member_id)
        .join(LearningSet, LearningSet.id == SetMembership.set_id)
        .where(
            or_(SetMembership.left_on.is_(None), LearningSet.ended_on.is_not(None)),
            Member.standing == ACTIVE,
        )
    )
    for member_id, set_id, day in rows:
        yield Membership(member_id, number_of("set", set_id), day.toordinal() if day else None)


def topic_number(topic: int) -> int:
    """Return the number of a topic among all groups: below those of cohorts and sets."""
    return -topic


def _backings(session: Session) -> Iterator[Membership]:
    """Who backs which topic, of those who let others see it."""
    rows = session.execute(
        select(TopicBacking.member_id, TopicBacking.topic_id, TopicBacking.backed_at)
        .join(Member, Member.id == TopicBacking.member_id)
        .join(Topic, Topic.id == TopicBacking.topic_id)
        .where(TopicBacking.named, Topic.state != "retired", Member.standing == ACTIVE)
    )
    for member_id, topic, moment in rows:
        yield Membership(member_id, topic_number(topic), moment.date().toordinal())


def _kept_to_themselves(session: Session, ids: Sequence[int]) -> dict[int, list[int]]:
    """What each backs without letting others see it: that serves their own list, and no other."""
    found: dict[int, list[int]] = {}
    rows = session.execute(
        select(TopicBacking.member_id, TopicBacking.topic_id)
        .where(TopicBacking.member_id.in_(ids), TopicBacking.named.is_(False))
        .order_by(TopicBacking.member_id, TopicBacking.topic_id)
    )
    for member_id, topic in rows:
        found.setdefault(member_id, []).append(topic_number(topic))
    return found


def _ties(session: Session) -> Iterator[Tie]:
    low, high = aliased(Member), aliased(Member)
    rows = session.execute(
        select(Connection.low_id, Connection.high_id)
        .join(low, low.id == Connection.low_id)
        .join(high, high.id == Connection.high_id)
        .where(Connection.until.is_(None), low.standing == ACTIVE, high.standing == ACTIVE)
    )
    for one, other in rows:
        yield Tie(one, other)


def _texts(session: Session) -> Iterator[tuple[int, str]]:
    for cohort_id, title, purpose in session.execute(select(Cohort.id, Cohort.title, Cohort.purpose)):
        yield number_of("cohort", cohort_id), purpose or title
    for set_id, name, purpose in session.execute(select(LearningSet.id, LearningSet.name, LearningSet.purpose)):
        yield number_of("set", set_id), purpose or name
    for topic, title, words in session.execute(
        select(Topic.id, Topic.title, Topic.text).where(Topic.state != "retired")
    ):
        yield topic_number(topic), f"{title}\n{words}"


def _blocks(session: Session, ids: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for own, other in ((Block.blocker_id, Block.blocked_id), (Block.blocked_id, Block.blocker_id)):
        for member_id, other_id in session.execute(select(own, other).where(own.in_(ids))):
            found.setdefault(member_id, set()).add(other_id)
    return found
