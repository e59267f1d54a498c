"""Rows meet matching: members as it is told about them.

The one place that decides what of a member may bring them to others: what all members may see, and no more. Facts that
are kept to connections or to nobody serve only the member's own list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from haln.matching.people import Facts, Person, ThemeChoice
from haln.models import Member, MemberText, MemberTheme, Organisation, Place
from haln.people import reading
from haln.people.visibility import ACTIVE, Visibility

ONBOARDED = 4
"""The step at which a member has said who may see what; before it nobody is suggested."""

_BITS = (
    ("show_role", Facts.ROLE),
    ("show_organisation", Facts.ORGANISATION),
    ("show_place", Facts.PLACE),
    ("show_themes", Facts.THEMES),
    ("show_biography", Facts.TEXT),
    ("show_connections", Facts.CONNECTIONS),
)

TopSector = Callable[[str], str]
"""Gives the sector above a kind of sector (`nhs-acute` → `nhs`)."""


Texts = tuple[tuple[date | None, str], ...]
"""What a member wrote, with the days it was written on, as far as these are known."""


def people(
    session: Session, now: datetime, top_sector: TopSector, ids: Collection[int] | None = None
) -> Iterator[Person]:
    """Every active member, or those of `ids`, in the order of their ids; in batches, so that memory stays small."""
    if ids is not None:
        chosen = sorted(ids)
        for start in range(0, len(chosen), reading.BATCH):
            yield from _people(
                session, now, top_sector, chosen[start : start + reading.BATCH], Member.standing == ACTIVE
            )
        return
    for some in _pages(session, Member.standing == ACTIVE):
        yield from _people(session, now, top_sector, some, Member.standing == ACTIVE)


def is_suggested(today: date) -> ColumnElement[bool]:
    """Whether a row of Member is there for others and wants to be suggested: `Person.suggestable`, of the active.

    Whatever ends that moves the member's number (`changes.touch`): who writes lists asks only those who changed.
    """
    return and_(
        Member.standing == ACTIVE,
        Member.listed,
        Member.suggest_me,
        Member.onboarding_step >= ONBOARDED,
        or_(Member.paused_until.is_(None), Member.paused_until <= today),
    )


@dataclass(frozen=True, slots=True)
class Known:
    """A member of today's who had joined by a moment, and from when on what of them is so, as far as it has a date.

    The rest is today's; but when they were last seen is left out, for it would tell what came. `texts`: with the days
    they were written on.
    """

    person: Person
    joined_at: datetime
    paused_until: date | None
    texts: tuple[tuple[date | None, str], ...]

    def at(self, then: datetime) -> Person | None:
        """The member as known at an earlier moment; none who had not joined by then."""
        if self.joined_at > then:
            return None
        person, today = self.person, then.date()
        texts = tuple(text for day, text in self.texts if _was_written(day, today))
        suggestable = person.suggestable and _may_be_shown(self.paused_until, today)
        if suggestable == person.suggestable and len(texts) == len(person.texts):
            return person
        return replace(person, texts=texts, suggestable=suggestable)


def known(session: Session, until: datetime, top_sector: TopSector) -> Iterator[Known]:
    """Today's members who had joined by a moment, in the order of their ids, as they were known then and before."""
    joined = and_(Member.standing == ACTIVE, Member.joined_at <= until)
    for some in _pages(session, joined):
        for row, themes, texts in _rows(session, some, joined):
            own = tuple(one for one in texts if _was_written(one[0], until.date()))
            person = _person(row, themes, (text for _, text in own), until, top_sector)
            whole = replace(person, quiet_days=None, suggestable=_would_be_shown(row))
            yield Known(whole, row.joined_at, row.paused_until, own)


def _pages(session: Session, who: ColumnElement[bool]) -> Iterator[range]:
    """The ids of everybody of some kind, in ranges."""
    after = 0
    while True:
        page = session.scalars(
            select(Member.id).where(Member.id > after, who).order_by(Member.id).limit(reading.BATCH)
        ).all()
        if not page:
            return
        yield range(page[0], page[-1] + 1)
        after = page[-1]


def _people(
    session: Session, now: datetime, top_sector: TopSector, ids: Collection[int], who: ColumnElement[bool]
) -> Iterator[Person]:
    for row, themes, texts in _rows(session, ids, who):
        written = (text for day, text in texts if _was_written(day, now.date()))
        yield _person(row, themes, written, now, top_sector)


def _was_written(day: date | None, today: date) -> bool:
    return day is None or day <= today


def _rows(
    session: Session, ids: Collection[int], who: ColumnElement[bool]
) -> Iterator[tuple[Any, Sequence[ThemeChoice], Texts]]:
    """A row of each member, what they chose, and what they wrote: first the biography, which has no day."""
    columns = (
        select(
            Member.id,
            Member.role,
            Member.level,
            Member.organisation_id,
            Member.place_id,
            Member.biography,
            Member.active_at,
            Member.joined_at,
            Member.listed,
            Member.suggest_me,
            Member.paused_until,
            Member.onboarding_step,
            Organisation.sector,
            Place.region_code,
            *(getattr(Member, show) for show, _ in _BITS),  # last: `_person` counts from the end
        )
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .where(reading.among(Member.id, ids), who)
        .order_by(Member.id)
    )
    rows = session.execute(columns).all()
    themes = _themes(session, ids)
    texts = _texts(session, ids)
    for row in rows:
        own: Texts = ((None, row.biography),) if row.biography.strip() else ()
        yield row, themes.get(row.id, ()), (*own, *texts.get(row.id, ()))


def _person(
    row: Any, themes: Iterable[ThemeChoice], texts: Iterable[str], now: datetime, top_sector: TopSector
) -> Person:
    today = now.date()
    return Person(
        member=row.id,
        texts=tuple(texts),
        themes=tuple(themes),
        role=row.role,
        level=row.level,
        sector=top_sector(row.sector) if row.sector else None,
        organisation=row.organisation_id,
        place=row.place_id,
        region=row.region_code,
        quiet_days=max(0, (today - row.active_at.date()).days) if row.active_at else None,
        joined_day=row.joined_at.date().toordinal(),
        suggestable=_would_be_shown(row) and _may_be_shown(row.paused_until, today),
        shown=_shown_to_members(tuple(row[-len(_BITS) :])),
    )


def _would_be_shown(row: Any) -> bool:
    """Whether a member may be suggested while they do not pause."""
    return bool(row.listed and row.suggest_me and row.onboarding_step >= ONBOARDED)


def _may_be_shown(paused_until: date | None, today: date) -> bool:
    return paused_until is None or paused_until <= today


@cache
def _shown_to_members(levels: tuple[int, ...]) -> Facts:
    """The facts that all members may see, by the level of each of `_BITS`: there are few mixtures, and many members."""
    shown = Facts.NONE
    for level, (_, bit) in zip(levels, _BITS, strict=True):
        if level >= Visibility.MEMBERS:
            shown |= bit
    return shown


def _themes(session: Session, ids: Collection[int]) -> dict[int, list[ThemeChoice]]:
    found: dict[int, list[ThemeChoice]] = {}
    columns = select(
        MemberTheme.member_id,
        MemberTheme.theme,
        MemberTheme.interest,
        MemberTheme.offer,
        MemberTheme.seek,
        MemberTheme.maturity,
    )
    for row in session.execute(
        columns.where(reading.among(MemberTheme.member_id, ids)).order_by(MemberTheme.member_id, MemberTheme.theme)
    ):
        choice = ThemeChoice(row.theme, row.interest, row.offer, row.seek, row.maturity or 0)
        found.setdefault(row.member_id, []).append(choice)
    return found


def _texts(session: Session, ids: Collection[int]) -> dict[int, list[tuple[date | None, str]]]:
    found: dict[int, list[tuple[date | None, str]]] = {}
    for member_id, written_on, text in session.execute(
        select(MemberText.member_id, MemberText.written_on, MemberText.text)
        .where(reading.among(MemberText.member_id, ids))
        .order_by(MemberText.member_id, MemberText.id)
    ):
        found.setdefault(member_id, []).append((written_on, text))
    return found
