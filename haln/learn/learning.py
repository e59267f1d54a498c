"""A member's page of learning sets: what to join, what they applied for, what waits for their answer, their sets.

What is listed was ranked beforehand; that it is still open, and for them, is asked here again. Of a set only what it is
for, its themes and its facilitator are told, never who sits in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn import own_seats
from haln.learn.openings import (
    AGAIN,
    asked,
    cohort_is_open,
    may_apply,
    may_join,
    set_is_open,
    set_is_running,
    sits_in,
)
from haln.learn.own_seats import OwnSeat
from haln.models import (
    Application,
    Cohort,
    LearningSet,
    Member,
    SetMembership,
    SetRequest,
    SetSession,
    SetSuggestion,
)
from haln.people import visibility

LISTED = 12
"""Things to join on the page; there are seldom more, and nobody looks at so many."""
KEPT = 12
"""Applications and sets of the past on the page."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something may suit, as data."""

    kind: str
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToJoin:
    """A cohort to apply to (`is_set` false) or a running set to ask. `band`: none where nothing was ranked yet."""

    is_set: bool
    public_id: str
    title: str
    purpose: str
    themes: tuple[str, ...]
    where: str
    band: str | None
    reasons: tuple[Reason, ...]
    closes_on: date | None = None
    starts_on: date | None = None
    sessions: int = 0
    places: int = 0
    facilitator: str | None = None


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """An application of the member. `sits`: in a set of its cohort that runs."""

    cohort_id: str
    title: str
    state: str
    cohort_open: bool
    closes_on: date | None
    applied_on: date
    sits: bool


@dataclass(frozen=True, slots=True)
class OwnSet:
    """A set that the member sits in, or sat in (`over`). Who has `left` it before its end reads it no more."""

    public_id: str
    name: str
    over: bool
    left: bool
    next_at: datetime | None
    started_on: date | None


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A running set that the member has asked to join."""

    public_id: str
    name: str
    asked_on: date


@dataclass(frozen=True, slots=True)
class Asked:
    """A set that the member facilitates, and how many ask to join it."""

    set_id: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Learning:
    """All of the page."""

    to_join: tuple[ToJoin, ...]
    applications: tuple[OwnApplication, ...]
    seats: tuple[OwnSeat, ...]
    sets: tuple[OwnSet, ...]
    requests: tuple[OwnRequest, ...]
    asked: tuple[Asked, ...]


def page(session: Session, actor: Actor, today: date, now: datetime) -> Learning:
    """The actor's page, in seven queries whatever there is. `today`: the day it is where the network is."""
    me = actor.member_id
    return Learning(
        to_join=_to_join(session, me, today, now),
        applications=_applications(session, me, today),
        seats=own_seats.answerable(session, me),
        sets=_sets(session, me, now),
        requests=_requests(session, me),
        asked=_asked(session, me),
    )


def _to_join(session: Session, viewer_id: int, today: date, now: datetime) -> tuple[ToJoin, ...]:
    """What is open for them: first what was ranked, then what came since."""
    calls = session.execute(_calls(viewer_id, today)).all()
    sets = session.execute(open_sets(viewer_id).where(set_is_open(), *_free(viewer_id, now)).limit(LISTED))
    found = [(row.rank, _call(row)) for row in calls] + [(row.rank, set_to_join(row)) for row in sets]
    found.sort(key=lambda one: (one[0] is None, one[0] or 0))
    return tuple(one for _, one in found[:LISTED])


def _free(viewer_id: int, now: datetime) -> Sequence[Any]:
    return may_join(viewer_id), ~asked(viewer_id, now - AGAIN)


def _calls(viewer_id: int, today: date) -> Select[Any]:
    suggested = and_(SetSuggestion.cohort_id == Cohort.id, SetSuggestion.member_id == viewer_id)
    row, ranked = Cohort, SetSuggestion
    told: tuple[Any, ...] = (row.public_id, row.title, row.purpose, row.themes, row.where)
    days = (row.closes_on, row.starts_on, row.sessions)
    return (
        select(*told, *days, ranked.rank, ranked.band, ranked.reasons)
        .outerjoin(SetSuggestion, suggested)
        .where(cohort_is_open(today), may_apply(viewer_id))
        .order_by(SetSuggestion.rank.is_(None), SetSuggestion.rank, Cohort.closes_on, Cohort.id)
        .limit(LISTED)
    )


def open_sets(viewer_id: int) -> Select[Any]:
    """Sets as somebody who does not sit in them may see them, best first; the caller says which."""
    suggested = and_(SetSuggestion.set_id == LearningSet.id, SetSuggestion.member_id == viewer_id)
    seen = and_(Member.id == LearningSet.facilitator_id, visibility.may_see(viewer_id))
    row, ranked = LearningSet, SetSuggestion
    told: tuple[Any, ...] = (row.public_id, row.name, row.purpose, row.themes, row.where, row.open_places)
    return (
        select(*told, Member.name.label("facilitator"), ranked.rank, ranked.band, ranked.reasons)
        .outerjoin(SetSuggestion, suggested)
        .outerjoin(Member, seen)
        .order_by(SetSuggestion.rank.is_(None), SetSuggestion.rank, LearningSet.id)
    )


def _call(row: Any) -> ToJoin:
    return ToJoin(
        is_set=False,
        public_id=row.public_id,
        title=row.title,
        purpose=row.purpose,
        themes=tuple(row.themes),
        where=row.where,
        band=row.band,
        reasons=_reasons(row),
        closes_on=row.closes_on,
        starts_on=row.starts_on,
        sessions=row.sessions,
    )


def set_to_join(row: Any) -> ToJoin:
    """A row of `open_sets`."""
    return ToJoin(
        is_set=True,
        public_id=row.public_id,
        title=row.name,
        purpose=row.purpose,
        themes=tuple(row.themes),
        where=row.where,
        band=row.band,
        reasons=_reasons(row),
        places=row.open_places,
        facilitator=row.facilitator,
    )


_OF_ITS_THEMES = frozenset({"about_what_you_seek", "about_your_themes", "you_can_help"})


def _reasons(row: Any) -> tuple[Reason, ...]:
    """The reasons that still hold: what it is about may have been changed since it was ranked."""
    found = []
    for one in row.reasons or ():
        evidence = dict(one["evidence"])
        if one["kind"] in _OF_ITS_THEMES:
            evidence["themes"] = [theme for theme in evidence["themes"] if theme in row.themes]
            if not evidence["themes"]:
                continue
        found.append(Reason(one["kind"], evidence))
    return tuple(found)


def _applications(session: Session, member_id: int, today: date) -> tuple[OwnApplication, ...]:
    rows = session.execute(
        select(
            Cohort.public_id,
            Cohort.title,
            Application.state,
            cohort_is_open(today).label("open"),
            Cohort.closes_on,
            Application.applied_at,
            sits_in(Cohort.id, member_id).label("sits"),
        )
        .join(Cohort, Cohort.id == Application.cohort_id)
        .where(Application.member_id == member_id, Application.state != "withdrawn", Cohort.state != "cancelled")
        .order_by(Application.applied_at.desc(), Application.id.desc())
        .limit(KEPT)
    )
    return tuple(
        OwnApplication(
            row.public_id, row.title, row.state, bool(row.open), row.closes_on, row.applied_at.date(), bool(row.sits)
        )
        for row in rows
    )


def _sets(session: Session, member_id: int, now: datetime) -> tuple[OwnSet, ...]:
    next_at = (
        select(func.min(SetSession.starts_at))
        .where(SetSession.set_id == LearningSet.id, SetSession.state == "planned", SetSession.starts_at > now)
        .scalar_subquery()
    )
    ended = or_(SetMembership.left_on.is_not(None), LearningSet.ended_on.is_not(None))
    over = func.coalesce(ended, false())
    rows = session.execute(
        select(
            LearningSet.public_id,
            LearningSet.name,
            over.label("over"),
            SetMembership.left_on.is_not(None).label("left"),
            next_at.label("next_at"),
            LearningSet.started_on,
        )
        .join(SetMembership, SetMembership.set_id == LearningSet.id)
        .where(SetMembership.member_id == member_id, LearningSet.public_id.is_not(None))
        .order_by(over, LearningSet.started_on.desc(), LearningSet.id)
        .limit(KEPT)
    )
    return tuple(
        OwnSet(row.public_id, row.name, bool(row.over), bool(row.left), row.next_at, row.started_on) for row in rows
    )


def _requests(session: Session, member_id: int) -> tuple[OwnRequest, ...]:
    rows = session.execute(
        select(SetRequest.public_id, LearningSet.name, SetRequest.created_at)
        .join(LearningSet, LearningSet.id == SetRequest.set_id)
        .where(SetRequest.member_id == member_id, SetRequest.state == "open")
        .order_by(SetRequest.created_at, SetRequest.id)
    )
    return tuple(OwnRequest(row.public_id, row.name, row.created_at.date()) for row in rows)


def _asked(session: Session, member_id: int) -> tuple[Asked, ...]:
    rows = session.execute(
        select(LearningSet.public_id, LearningSet.name, func.count(SetRequest.id))
        .join(SetRequest, SetRequest.set_id == LearningSet.id)
        .join(Member, Member.id == SetRequest.member_id)
        .where(
            LearningSet.facilitator_id == member_id,
            set_is_running(),
            SetRequest.state == "open",
            visibility.may_see(member_id),
        )
        .group_by(LearningSet.id, LearningSet.public_id, LearningSet.name)
        .order_by(LearningSet.name, LearningSet.id)
    )
    return tuple(Asked(set_id, name, count) for set_id, name, count in rows if set_id is not None)
