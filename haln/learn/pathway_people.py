"""The people at the end of a module: two who are a step ahead, a cohort to join, and how far along one is now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, not_, null, or_, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Conflict
from haln.learn.openings import cohort_is_open, may_apply
from haln.learn.pathways import Module
from haln.models import Cohort, Dismissal, Introduction, Member, MemberTheme, PathwayFinish, PathwayProgress
from haln.people import profiles, visibility
from haln.people.profiles import ThemeChoice
from haln.people.seen import PersonLine, lines
from haln.taxonomy.vocabulary import Vocabulary

SHOWN = 2
_SPREAD = 10_007
"""A prime: whoever looks sees other two of those who are equally far ahead, so that nobody is asked by all."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """Somebody a step ahead, and why: `finished_at` of the module, `maturity` in its theme, `offer` to help with it."""

    person: PersonLine
    finished_at: datetime | None
    maturity: int | None
    offer: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A cohort that takes applications."""

    public_id: str
    title: str
    closes_on: date | None


@dataclass(frozen=True, slots=True)
class Company:
    """All that a finished module leads to. `level`: the rank to which the member might set its theme, or none."""

    ahead: tuple[Ahead, ...]
    calls: tuple[Call, ...]
    level: int | None


def company(
    session: Session, actor: Actor, pathway_id: int, module: Module, vocabulary: Vocabulary, now: datetime, today: date
) -> Company:
    """Whom to talk to about a module that the actor has finished, and what to do next."""
    own = _own_rank(session, actor.member_id, module.theme)
    known = module.theme is not None and module.theme in {theme.code for theme in vocabulary.themes}
    return Company(
        _ahead(session, actor.member_id, pathway_id, module, own, now),
        _calls(session, actor.member_id, module.theme, today),
        _next_rank(own, vocabulary) if known else None,
    )


def set_level(session: Session, actor: Actor, module: Module, vocabulary: Vocabulary, now: datetime) -> int:
    """Set the actor's level in a finished module's theme to what was offered. Returns the rank.

    Raises Conflict when there is nothing to set any more.
    """
    own = _own_rank(session, actor.member_id, module.theme)
    rank = _next_rank(own, vocabulary)
    if module.theme is None or not module.finished or rank is None:
        raise Conflict("There is no level to set here any more. You find yours under your themes.")
    choices = {one.theme: one for one in profiles.themes_of(session, actor.member_id)}
    choices[module.theme] = replace(choices.get(module.theme, ThemeChoice(module.theme, interest=True)), maturity=rank)
    profiles.change_themes(session, actor, choices.values(), vocabulary, now)
    return rank


def _own_rank(session: Session, member_id: int, theme: str | None) -> int | None:
    return session.scalar(
        select(MemberTheme.maturity).where(MemberTheme.member_id == member_id, MemberTheme.theme == theme)
    )


def _next_rank(own: int | None, vocabulary: Vocabulary) -> int | None:
    """The second rank, for whoever has none or the first: a module is a beginning, and no more is claimed of it."""
    second = vocabulary.maturity[1].rank if len(vocabulary.maturity) > 1 else None
    return second if second is not None and (own is None or own < second) else None


def _ahead(
    session: Session, viewer: int, pathway_id: int, module: Module, own: int | None, now: datetime
) -> tuple[Ahead, ...]:
    """Two who finished the module and let it be known, else who are further with its theme and let that be seen."""
    tie = visibility.connected(viewer)
    may_know = visibility.shows(Member.show_themes, viewer, tie)
    finished = case((PathwayProgress.found.is_(True), PathwayFinish.finished_at), else_=null())
    rank = case((may_know, MemberTheme.maturity), else_=null())
    offer = case((may_know, MemberTheme.offer), else_=null())
    further = rank > (own or 1)
    statement = (
        lines(viewer, tie)
        .add_columns(finished, rank, offer)
        .outerjoin(PathwayFinish, and_(PathwayFinish.member_id == Member.id, PathwayFinish.module_id == module.id))
        .outerjoin(
            PathwayProgress,
            and_(PathwayProgress.member_id == Member.id, PathwayProgress.pathway_id == pathway_id),
        )
        .outerjoin(MemberTheme, and_(MemberTheme.member_id == Member.id, MemberTheme.theme == (module.theme or "")))
        .where(
            Member.id != viewer,
            or_(finished.is_not(None), further),
            Member.suggest_me,
            or_(Member.paused_until.is_(None), Member.paused_until <= now.date()),
            not_(tie),
            not_(_set_aside(viewer, now.date())),
            not_(_asked(viewer)),
        )
        .order_by(
            case((and_(finished.is_not(None), further), 0), (finished.is_not(None), 1), else_=2),
            func.coalesce(rank, 9),  # the nearest step, not the highest
            (Member.id * 7_919 + viewer * 5_237) % _SPREAD,
            Member.id,
        )
        .limit(SHOWN)
    )
    found = []
    for row in session.execute(statement):
        *line, finished_at, maturity, offers = row
        ahead = maturity if maturity is not None and maturity > (own or 1) else None
        found.append(Ahead(PersonLine(*line), finished_at, ahead, bool(offers)))
    return tuple(found)


def _set_aside(viewer: int, today: date) -> ColumnElement[bool]:
    return exists(
        select(Dismissal.member_id).where(
            Dismissal.member_id == viewer,
            Dismissal.other_id == Member.id,
            or_(Dismissal.until.is_(None), Dismissal.until > today),
        )
    )


def _asked(viewer: int) -> ColumnElement[bool]:
    return exists(
        select(Introduction.id).where(
            Introduction.state == "open",
            or_(
                and_(Introduction.asker_id == viewer, Introduction.asked_id == Member.id),
                and_(Introduction.asked_id == viewer, Introduction.asker_id == Member.id),
            ),
        )
    )


def _calls(session: Session, viewer: int, theme: str | None, today: date) -> tuple[Call, ...]:
    if theme is None:
        return ()
    rows = session.execute(
        select(Cohort.public_id, Cohort.title, Cohort.closes_on, Cohort.themes)
        .where(cohort_is_open(today), may_apply(viewer))
        .order_by(Cohort.closes_on, Cohort.id)
    )
    return tuple(Call(row.public_id, row.title, row.closes_on) for row in rows if theme in row.themes)
