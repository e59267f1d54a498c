"""A member's suggestions as their page shows them, and what they say to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    bindparam,
    case,
    delete,
    exists,
    false,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.connect import listed_answers, pairs, picks, shown_reasons
from haln.connect.picks import Picks
from haln.connect.shown_reasons import Facts, ShownReason
from haln.errors import NotFound
from haln.models import Dismissal, Introduction, Member, Moment, Place, Suggestion
from haln.people import changes, visibility
from haln.people.reading import rows
from haln.people.seen import PersonLine, lines
from haln.people.visibility import VIEWER, Visibility, Who

TODAY = bindparam("today", type_=Date)

NEWEST = 6
LONGEST = 200
LINE = 10
"""How many columns a `PersonLine` takes."""
_QUIET = {"synchronize_session": False}
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ShownSuggestion:
    """Somebody to meet, with the reasons that hold now; `band` is strong, good or worth_a_look."""

    person: PersonLine
    band: str
    reasons: tuple[ShownReason, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A member's page of suggestions: best first; `newest` when nothing is made for them yet, so that it is not empty.

    `missing`: what they could add to get better ones, what helps most first.
    """

    suggestions: tuple[ShownSuggestion, ...]
    newest: tuple[PersonLine, ...]
    missing: tuple[str, ...]


def current(session: Session, actor: Actor, limit: int, now: datetime, reasons: int | None = None) -> Listing:
    """The actor's suggestions now, each with its first `reasons` that hold, gate asked again.

    At most four queries, whatever the number of members.
    """
    asked = {"viewer": actor.member_id, "today": now.date(), "most": limit}
    found = rows(session, _listed(), asked).all()
    picked = picks.read(session, actor.member_id, (row.id for row in found))
    shown = _with_reasons(session, actor.member_id, found, picked, now.date(), reasons)
    return Listing(
        suggestions=shown,
        newest=() if shown else _newest(session, actor.member_id, now),
        missing=picked.missing,
    )


@cache
def _listed() -> Select[Any]:
    """Made once, for every viewer: putting it together costs more than running it. Nobody connected is available."""
    return (
        columns(VIEWER, tie=false())
        .where(Suggestion.unlisted_at.is_(None), available(VIEWER, TODAY))
        .order_by(Suggestion.rank, Suggestion.id)
        .limit(bindparam("most", type_=Integer))
    )


def fresh(
    session: Session,
    member_id: int,
    since: datetime | None,
    until: datetime,
    limit: int,
    now: datetime,
    reasons: int,
) -> tuple[ShownSuggestion, ...]:
    """The best of those who came into a member's list after one moment (none: whenever) and up to another.

    Each with its reasons now.
    """
    asked = {"viewer": member_id, "today": now.date(), "most": limit, "since": since or _LONG_AGO, "until": until}
    found = rows(session, _listed_since(), asked).all()
    if not found:
        return ()
    picked = picks.read(session, member_id, (row.id for row in found))
    return _with_reasons(session, member_id, found, picked, now.date(), reasons)


@cache
def _listed_since() -> Select[Any]:
    since, until = bindparam("since", type_=Moment), bindparam("until", type_=Moment)
    return _listed().where(Suggestion.listed_at > since, Suggestion.listed_at <= until)


def columns(viewer_id: Who, tie: ColumnElement[bool] | None = None) -> Select[Any]:
    """A `PersonLine`, the suggestion, and the facts that its reasons rest on, as all members may know them."""

    def known(column: Any, show: Any) -> Any:
        return case((visibility.at_least(show, Visibility.MEMBERS), column))

    return (
        lines(viewer_id, tie)
        .add_columns(
            Suggestion.band,
            Suggestion.reasons,
            known(Member.role, Member.show_role).label("known_role"),
            known(Member.organisation_id, Member.show_organisation).label("organisation_id"),
            known(Member.place_id, Member.show_place).label("place_id"),
            known(Place.region_code, Member.show_place).label("region"),
            visibility.at_least(Member.show_themes, Visibility.MEMBERS).label("themes_shown"),
            visibility.at_least(Member.show_biography, Visibility.MEMBERS).label("text_shown"),
            visibility.at_least(Member.show_connections, Visibility.MEMBERS).label("ties_shown"),
        )
        .join(Suggestion, Suggestion.other_id == Member.id)
        .where(Suggestion.member_id == viewer_id)
    )


def available(viewer_id: Who, today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a row of Member may be suggested to the viewer: there for others, and nothing between the two yet."""
    dismissed = exists(
        select(Dismissal.member_id).where(
            Dismissal.member_id == viewer_id,
            Dismissal.other_id == Member.id,
            or_(Dismissal.until.is_(None), Dismissal.until > today),
        )
    )
    asked = exists(
        select(Introduction.id).where(
            Introduction.state == "open",
            or_(
                (Introduction.asker_id == viewer_id) & (Introduction.asked_id == Member.id),
                (Introduction.asked_id == viewer_id) & (Introduction.asker_id == Member.id),
            ),
        )
    )
    return (
        Member.suggest_me
        & or_(Member.paused_until.is_(None), Member.paused_until <= today)
        & not_(visibility.connected(viewer_id))
        & not_(dismissed)
        & not_(asked)
    )


def _with_reasons(
    session: Session, viewer_id: int, found: Sequence[Any], picked: Picks, today: date, most: int | None
) -> tuple[ShownSuggestion, ...]:
    lined = [PersonLine(*row[:LINE]) for row in found]
    known = [(facts_of(row, line), row.reasons) for row, line in zip(found, lined, strict=True)]
    held = shown_reasons.hold(session, viewer_id, known, picked, today, most)
    return tuple(
        ShownSuggestion(line, row.band, reasons) for line, row, reasons in zip(lined, found, held, strict=True)
    )


def facts_of(row: Any, line: PersonLine) -> Facts:
    """The facts behind the reasons from a row of `columns`."""
    return Facts(
        id=line.id,
        role=row.known_role,
        organisation_id=row.organisation_id,
        sector=line.sector,
        place_id=row.place_id,
        place=line.place,
        region=row.region,
        themes_shown=row.themes_shown,
        text_shown=row.text_shown,
        ties_shown=row.ties_shown,
        names=" ".join(filter(None, (line.organisation, line.place, line.job_title))),
    )


def _newest(session: Session, viewer_id: int, now: datetime) -> tuple[PersonLine, ...]:
    newest = session.execute(
        lines(viewer_id, tie=false())
        .where(Member.id != viewer_id, available(viewer_id, now.date()))
        .order_by(Member.joined_at.desc(), Member.id.desc())
        .limit(NEWEST)
    )
    return tuple(PersonLine(*row) for row in newest)


def dismiss(session: Session, actor: Actor, other: str, days: int | None, now: datetime) -> str:
    """Keep a member out of the actor's suggestions for some days, or for good (`days` none). Returns their name.

    Raises NotFound for somebody the actor may not see.
    """
    pairs.hold(session)
    them = pairs.party(session, actor.member_id, other)
    listed_answers.remember(session, actor.member_id, them.id, "no", now)
    until = None if days is None else now.date() + timedelta(days=days)
    changed = session.execute(
        update(Dismissal)
        .where(*_own(actor, them.id))
        .values(until=until, created_at=now)
        .returning(Dismissal.other_id),
        execution_options=_QUIET,
    ).first()
    if changed is None:
        session.add(Dismissal(member_id=actor.member_id, other_id=them.id, until=until, created_at=now))
        session.flush()
    session.execute(
        update(Suggestion)
        .where(
            Suggestion.member_id == actor.member_id, Suggestion.other_id == them.id, Suggestion.unlisted_at.is_(None)
        )
        .values(unlisted_at=now),
        execution_options=_QUIET,
    )
    changes.ask_refresh(session, (actor.member_id,), now)
    return them.name


def undo(session: Session, actor: Actor, other: str, now: datetime) -> str:
    """Take a dismissal back; the suggestion it ended is listed again. Returns the member's name.

    Raises NotFound when there is none, or the actor may not see them.
    """
    pairs.hold(session)
    them = pairs.party(session, actor.member_id, other)
    ended = session.execute(
        delete(Dismissal).where(*_own(actor, them.id)).returning(Dismissal.created_at), execution_options=_QUIET
    ).scalar()
    if ended is None:
        raise NotFound("You have not set %(name)s aside.", name=them.name)
    listed_answers.forget(session, actor.member_id, them.id, ended)
    spells = session.execute(
        select(Suggestion.id, Suggestion.unlisted_at)
        .where(
            Suggestion.member_id == actor.member_id,
            Suggestion.other_id == them.id,
            or_(Suggestion.unlisted_at.is_(None), Suggestion.unlisted_at == ended),
        )
        .order_by(Suggestion.id.desc())
    ).all()
    if spells and all(spell.unlisted_at is not None for spell in spells):
        session.execute(
            update(Suggestion).where(Suggestion.id == spells[0].id).values(unlisted_at=None), execution_options=_QUIET
        )
    changes.ask_refresh(session, (actor.member_id,), now)
    return them.name


def _own(actor: Actor, other_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Dismissal.member_id == actor.member_id, Dismissal.other_id == other_id)


@dataclass(frozen=True, slots=True)
class SetAside:
    """Somebody whom the member has dismissed, until a day or for good."""

    person: PersonLine
    until: date | None


def set_aside(session: Session, actor: Actor, now: datetime) -> tuple[SetAside, ...]:
    """Whom the actor has dismissed, newest first."""
    found = session.execute(
        lines(actor.member_id)
        .add_columns(Dismissal.until)
        .join(Dismissal, Dismissal.other_id == Member.id)
        .where(Dismissal.member_id == actor.member_id, or_(Dismissal.until.is_(None), Dismissal.until > now.date()))
        .order_by(Dismissal.created_at.desc(), Member.id)
        .limit(LONGEST)
    )
    return tuple(SetAside(PersonLine(*row[:LINE]), row.until) for row in found)
