"""Rows meet arrays: what there is to join, as the ranking is told about it.

The people behind it are counted in the database, and only by what all members may see of them. Of what they wrote for
a cohort the ranking makes a mean, which never comes out again (`haln.matching.joining`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from haln.learn import weekly_times
from haln.learn.crowd_rows import number_of
from haln.learn.openings import cohort_is_open, set_is_open
from haln.matching.joining_signals import Opening
from haln.models import (
    Application,
    Cohort,
    CohortSlot,
    LearningSet,
    Member,
    MemberTheme,
    Organisation,
    SetMembership,
    SetSession,
)
from haln.people.visibility import ACTIVE, Visibility

LONGEST = 4_000
"""Characters of one text that are read: a page and a half say what it is about."""
ISSUES = 200
"""Live issues of one cohort that are read, the newest: the mean of more is no other."""

BACKGROUND = 1_000
"""Biographies that are read to know how common words are, the newest."""

Key = tuple[str, int]
"""`cohort` or `set`, and its id."""


@dataclass(frozen=True, slots=True)
class Ways:
    """What the network is like: the group above a sector (`nhs-acute` → `nhs`), and the zone its clocks show."""

    top_sector: Callable[[str], str]
    zone: ZoneInfo


def local_day(now: datetime, zone: ZoneInfo) -> date:
    """The day it is where the network is, by which cohorts open and close."""
    return now.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is open and who is behind it, at a moment: conditions on rows.

    `calls` on Cohort and `applies` on its Application; `sets` on LearningSet, `sits` on its SetMembership and `ahead`
    on its SetSession.
    """

    calls: ColumnElement[bool]
    applies: ColumnElement[bool]
    sets: ColumnElement[bool]
    sits: ColumnElement[bool]
    ahead: ColumnElement[bool]

    @classmethod
    def now(cls, now: datetime, ways: Ways) -> Standing:
        """What is open now."""
        return cls(
            calls=cohort_is_open(local_day(now, ways.zone)),
            applies=Application.state == "applied",
            sets=set_is_open(),
            sits=SetMembership.left_on.is_(None),
            ahead=and_(SetSession.state == "planned", SetSession.starts_at > now),
        )


@dataclass(slots=True)
class _Crowd:
    """The people behind one opening, counted, and the times it names."""

    issues: list[str] = field(default_factory=list)
    offers: Counter[str] = field(default_factory=Counter)
    seeks: Counter[str] = field(default_factory=Counter)
    steps: dict[str, list[int]] = field(default_factory=dict)
    sectors: Counter[str] = field(default_factory=Counter)
    slots: list[weekly_times.Slot] = field(default_factory=list)


def read(session: Session, standing: Standing, ways: Ways) -> list[tuple[Key, Opening]]:
    """All that is open; an opening's key is its place in the list. The same few queries however much there is."""
    crowds: dict[Key, _Crowd] = {}
    told = dict(_told(session, standing))
    for key in told:
        crowds[key] = _Crowd()
    for kind, thing, people in (
        ("cohort", Application.cohort_id, _applicants(standing)),
        ("set", SetMembership.set_id, _members(standing)),
    ):
        _count_sectors(session, kind, thing, people, crowds, ways)
        _count_themes(session, kind, thing, people, crowds)
    _read_issues(session, standing, crowds)
    _read_times(session, standing, crowds)
    return [
        (key, _opening(number, number_of(*key), told[key], crowds[key], ways))
        for number, key in enumerate(sorted(told))
    ]


def _told(session: Session, standing: Standing) -> Iterator[tuple[Key, tuple[str, str, Sequence[str]]]]:
    """What each opening says of itself: title, purpose and themes."""
    calls = select(Cohort.id, Cohort.title, Cohort.purpose, Cohort.themes).where(standing.calls)
    for row in session.execute(calls):
        yield ("cohort", row.id), (row.title, row.purpose, row.themes)
    sets = select(LearningSet.id, LearningSet.name, LearningSet.purpose, LearningSet.themes).where(standing.sets)
    for row in session.execute(sets):
        yield ("set", row.id), (row.name, row.purpose, row.themes)


def _opening(number: int, group: int, told: tuple[str, str, Sequence[str]], crowd: _Crowd, ways: Ways) -> Opening:
    title, purpose, themes = told
    return Opening(
        key=number,
        texts=tuple(text[:LONGEST] for text in (purpose or title,) if text.strip()),
        themes=frozenset(themes),
        issues=tuple(crowd.issues),
        offers=crowd.offers,
        seeks=crowd.seeks,
        steps={theme: (one[0], one[1], one[2], one[3]) for theme, one in crowd.steps.items()},
        sectors=crowd.sectors,
        times=weekly_times.codes(crowd.slots, ways.zone),
        group=group,
    )


_People = Callable[[Select[Any]], Select[Any]]


def _applicants(standing: Standing) -> _People:
    """Who applies to what is open."""

    def within(statement: Select[Any]) -> Select[Any]:
        return (
            statement.select_from(Application)
            .join(Cohort, Cohort.id == Application.cohort_id)
            .join(Member, Member.id == Application.member_id)
            .where(standing.calls, standing.applies, Member.standing == ACTIVE, Member.listed)
        )

    return within


def _members(standing: Standing) -> _People:
    """Who sits in a set with an open place."""

    def within(statement: Select[Any]) -> Select[Any]:
        return (
            statement.select_from(SetMembership)
            .join(LearningSet, LearningSet.id == SetMembership.set_id)
            .join(Member, Member.id == SetMembership.member_id)
            .where(standing.sets, standing.sits, Member.standing == ACTIVE, Member.listed)
        )

    return within


def _count_sectors(
    session: Session, kind: str, thing: Any, people: _People, crowds: dict[Key, _Crowd], ways: Ways
) -> None:
    statement = people(select(thing, Organisation.sector, func.count()))
    statement = statement.join(Organisation, Organisation.id == Member.organisation_id)
    statement = statement.where(Member.show_organisation >= Visibility.MEMBERS).group_by(thing, Organisation.sector)
    rows: Any = session.execute(statement)
    for thing_id, sector, count in rows:
        crowds[kind, thing_id].sectors[ways.top_sector(sector)] += count


def _count_themes(session: Session, kind: str, thing: Any, people: _People, crowds: dict[Key, _Crowd]) -> None:
    step = func.coalesce(MemberTheme.maturity, 0)
    offers, seeks = (func.sum(case((flag, 1), else_=0)) for flag in (MemberTheme.offer, MemberTheme.seek))
    statement = people(select(thing, MemberTheme.theme, step, func.count(), offers, seeks))
    statement = statement.join(MemberTheme, MemberTheme.member_id == Member.id)
    statement = statement.where(Member.show_themes >= Visibility.MEMBERS).group_by(thing, MemberTheme.theme, step)
    rows: Any = session.execute(statement)
    for thing_id, theme, maturity, count, offered, sought in rows:
        crowd = crowds[kind, thing_id]
        crowd.offers[theme] += int(offered)
        crowd.seeks[theme] += int(sought)
        if 1 <= maturity <= 4:
            crowd.steps.setdefault(theme, [0, 0, 0, 0])[maturity - 1] += count


def _read_issues(session: Session, standing: Standing, crowds: dict[Key, _Crowd]) -> None:
    newest = func.row_number().over(partition_by=Application.cohort_id, order_by=Application.id.desc())
    within = _applicants(standing)(select(Application.cohort_id, Application.live_issue, newest.label("place")))
    issues = within.where(Application.live_issue != "").subquery()
    for cohort_id, issue in session.execute(
        select(issues.c.cohort_id, issues.c.live_issue).where(issues.c.place <= ISSUES)
    ):
        crowds["cohort", cohort_id].issues.append(issue[:LONGEST])


def _read_times(session: Session, standing: Standing, crowds: dict[Key, _Crowd]) -> None:
    """The times a cohort asks about, and those of the meetings that a set has before it."""
    asked = select(CohortSlot.cohort_id, CohortSlot.on_day, CohortSlot.half, CohortSlot.starts_at).join(
        Cohort, Cohort.id == CohortSlot.cohort_id
    )
    for cohort_id, on_day, half, starts_at in session.execute(asked.where(standing.calls)):
        crowds["cohort", cohort_id].slots.append((on_day, half, starts_at))
    planned = select(SetSession.set_id, SetSession.starts_at).join(LearningSet, LearningSet.id == SetSession.set_id)
    for set_id, moment in session.execute(planned.where(standing.sets, standing.ahead)):
        crowds["set", set_id].slots.append((moment.date(), None, moment))


def background(session: Session) -> list[str]:
    """How people of the network write, as far as all members may read it."""
    newest = select(Member.biography).where(
        Member.standing == ACTIVE, Member.biography != "", Member.show_biography >= Visibility.MEMBERS
    )
    return [text[:LONGEST] for text in session.scalars(newest.order_by(Member.id.desc()).limit(BACKGROUND))]
