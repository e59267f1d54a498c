"""Rows meet arrays: members, ties, sets and exclusions as matching is told about them.

The one place that decides what of a member may bring them to others: what all members may see, and no more. Facts that
are kept to connections or to nobody serve only the member's own list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from haln.connect import shared_groups
from haln.matching.people import Facts, Membership, Person, ThemeChoice, Tie
from haln.matching.suggest import Exclusions
from haln.models import (
    Block,
    Connection,
    Dismissal,
    Introduction,
    Member,
    MemberText,
    MemberTheme,
    Organisation,
    Place,
    SetMembership,
)
from haln.people.visibility import ACTIVE, Visibility

BATCH = 2_000
RESTS = timedelta(days=180)
"""How long two people are not suggested to each other after an introduction came to nothing or a connection ended."""

ONBOARDED = 4
"""The step at which a member has said who may see what; before it nobody is suggested."""

EVIDENCE = {
    "declared": 1.0,
    "introduced": 1.0,
    "met": 1.2,
    "co_attended": 0.4,
    "set_mates": 0.8,
    "collaborated": 1.2,
}
"""How much a tie of each kind of evidence says; 1 is a tie that two people have agreed on."""

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


def people(
    session: Session, now: datetime, top_sector: TopSector, ids: Collection[int] | None = None
) -> Iterator[Person]:
    """Every active member, or those of `ids`, in the order of their ids; in batches, so that memory stays small."""
    if ids is not None:
        chosen = sorted(ids)
        for start in range(0, len(chosen), BATCH):
            yield from _people(session, now, top_sector, chosen[start : start + BATCH], Member.standing == ACTIVE)
        return
    yield from _everyone(session, now, top_sector, Member.standing == ACTIVE)


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


def people_then(session: Session, then: datetime, top_sector: TopSector) -> Iterator[Person]:
    """Today's members who had joined by a moment, with what they had written by then as far as it has a date.

    The rest is today's; but when they were last seen is left out, for it would tell what came.
    """
    joined = and_(Member.standing == ACTIVE, Member.joined_at <= then)
    for person in _everyone(session, then, top_sector, joined):
        yield replace(person, quiet_days=None)


def _everyone(session: Session, now: datetime, top_sector: TopSector, who: ColumnElement[bool]) -> Iterator[Person]:
    after = 0
    while True:
        page = session.scalars(select(Member.id).where(Member.id > after, who).order_by(Member.id).limit(BATCH)).all()
        if not page:
            return
        yield from _people(session, now, top_sector, range(page[0], page[-1] + 1), who)
        after = page[-1]


def _people(
    session: Session, now: datetime, top_sector: TopSector, ids: Collection[int], who: ColumnElement[bool]
) -> Iterator[Person]:
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
        .where(_among(Member.id, ids), who)
        .order_by(Member.id)
    )
    rows = session.execute(columns).all()
    themes = _themes(session, ids)
    texts = _texts(session, ids, now.date())
    for row in rows:
        yield _person(row, themes.get(row.id, ()), texts.get(row.id, ()), now, top_sector)


def _person(
    row: Any, themes: Iterable[ThemeChoice], texts: Iterable[str], now: datetime, top_sector: TopSector
) -> Person:
    today = now.date()
    own = (row.biography,) if row.biography.strip() else ()
    return Person(
        member=row.id,
        texts=(*own, *texts),
        themes=tuple(themes),
        role=row.role,
        level=row.level,
        sector=top_sector(row.sector) if row.sector else None,
        organisation=row.organisation_id,
        place=row.place_id,
        region=row.region_code,
        quiet_days=max(0, (today - row.active_at.date()).days) if row.active_at else None,
        joined_day=row.joined_at.date().toordinal(),
        suggestable=row.listed
        and row.suggest_me
        and row.onboarding_step >= ONBOARDED
        and (row.paused_until is None or row.paused_until <= today),
        shown=_shown_to_members(tuple(row[-len(_BITS) :])),
    )


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
        columns.where(_among(MemberTheme.member_id, ids)).order_by(MemberTheme.member_id, MemberTheme.theme)
    ):
        choice = ThemeChoice(row.theme, row.interest, row.offer, row.seek, row.maturity or 0)
        found.setdefault(row.member_id, []).append(choice)
    return found


def _texts(session: Session, ids: Collection[int], today: date) -> dict[int, list[str]]:
    written = or_(MemberText.written_on.is_(None), MemberText.written_on <= today)
    found: dict[int, list[str]] = {}
    for member_id, text in session.execute(
        select(MemberText.member_id, MemberText.text)
        .where(_among(MemberText.member_id, ids), written)
        .order_by(MemberText.member_id, MemberText.id)
    ):
        found.setdefault(member_id, []).append(text)
    return found


def ties(session: Session, ids: Collection[int] | None = None, then: datetime | None = None) -> Iterator[Tie]:
    """Every open connection, or those with an end in `ids`; with `then`, those that were open at that moment."""
    is_open: ColumnElement[bool] = Connection.until.is_(None)
    if then is not None:
        is_open = and_(Connection.since <= then, or_(is_open, Connection.until > then))
    columns = select(
        Connection.low_id, Connection.high_id, Connection.since, Connection.evidence, Connection.intensity
    ).where(is_open)
    for row in _ends(session, columns, ids):
        strength = EVIDENCE.get(row.evidence, 1.0) * (0.8 + 0.2 * row.intensity)
        yield Tie(row.low_id, row.high_id, row.since.date().toordinal(), strength)


def ties_made(session: Session, after: datetime, until: datetime) -> list[tuple[int, int]]:
    """The pairs that connected after a moment, until another."""
    made = select(Connection.low_id, Connection.high_id).where(Connection.since > after, Connection.since <= until)
    return [(row.low_id, row.high_id) for row in session.execute(made.order_by(Connection.id))]


def memberships(
    session: Session, ids: Collection[int] | None = None, then: datetime | None = None
) -> Iterator[Membership]:
    """Who sat in which learning set, for everyone or for `ids`; not who left on the day they joined, and met nobody.

    With `then`, who had joined one by that day. After them come events, topics and modules, under numbers below 0
    (`haln.connect.shared_groups`).
    """
    sat = or_(
        SetMembership.left_on.is_(None),
        SetMembership.joined_on.is_(None),
        SetMembership.left_on > SetMembership.joined_on,
    )
    columns = select(SetMembership.member_id, SetMembership.set_id, SetMembership.joined_on).where(sat)
    if ids is not None:
        columns = columns.where(SetMembership.member_id.in_(sorted(ids)))
    if then is not None:
        columns = columns.where(SetMembership.joined_on <= then.date())
    for row in session.execute(columns.execution_options(yield_per=5_000)):
        yield Membership(row.member_id, row.set_id, row.joined_on.toordinal() if row.joined_on else None)
    yield from shared_groups.memberships(session, ids, then)


def exclusions(session: Session, now: datetime, ids: Collection[int] | None = None) -> dict[int, Exclusions]:
    """Whom each member's list leaves out: asked, dismissed, parted (excluded); blocked either way (unseen).

    Of some `ids` each has an entry; of everybody, those who leave somebody out.
    """
    excluded: dict[int, set[int]] = {}
    unseen: dict[int, set[int]] = {}
    for one, other in _resting_pairs(session, now, ids):
        excluded.setdefault(one, set()).add(other)
        excluded.setdefault(other, set()).add(one)
    dismissed = select(Dismissal.member_id, Dismissal.other_id).where(
        or_(Dismissal.until.is_(None), Dismissal.until > now.date())
    )
    if ids is not None:
        dismissed = dismissed.where(_among(Dismissal.member_id, ids))
    for member_id, other_id in session.execute(dismissed):
        excluded.setdefault(member_id, set()).add(other_id)
    for one, other in _ends(session, select(Block.blocker_id, Block.blocked_id), ids):
        unseen.setdefault(one, set()).add(other)
        unseen.setdefault(other, set()).add(one)
    wanted = excluded.keys() | unseen.keys() if ids is None else ids
    return {
        member_id: Exclusions(frozenset(excluded.get(member_id, ())), frozenset(unseen.get(member_id, ())))
        for member_id in sorted(wanted)
    }


def _resting_pairs(session: Session, now: datetime, ids: Collection[int] | None) -> Iterator[tuple[int, int]]:
    """Pairs with an open introduction, with one that came to nothing lately, or with a connection that ended lately."""
    recent = now - RESTS
    asked = select(Introduction.asker_id, Introduction.asked_id).where(
        or_(
            Introduction.state == "open",
            and_(Introduction.state != "accepted", Introduction.closed_at > recent),
        )
    )
    ended = select(Connection.low_id, Connection.high_id).where(Connection.until > recent)
    yield from _ends(session, asked, ids)
    yield from _ends(session, ended, ids)


def _ends(session: Session, statement: Any, ids: Collection[int] | None) -> Iterator[Any]:
    """The rows for everyone, or those with an end in `ids`, none of them twice; the ends are the first two columns."""
    streamed = {"yield_per": 5_000}
    if ids is None:
        yield from session.execute(statement, execution_options=streamed)
        return
    if isinstance(ids, range):
        yield from _touching(session, statement, ids, ids, streamed)
        return
    chosen, known = sorted(ids), frozenset(ids)
    for start in range(0, len(chosen), BATCH):
        yield from _touching(session, statement, chosen[start : start + BATCH], known, streamed)


def _touching(
    session: Session, statement: Any, part: Collection[int], known: Collection[int], options: Mapping[str, Any]
) -> Iterator[Any]:
    """The rows with an end in a part; not those whose first end is among the known, but in another part."""
    one, other = list(statement.selected_columns)[:2]
    yield from session.execute(statement.where(_among(one, part)), execution_options=options)
    second = session.execute(statement.where(_among(other, part)), execution_options=options)
    yield from (row for row in second if row[0] not in known)


def _among(column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """Whether a column's value is one of these; a range is told by its ends, for wording each id takes the longest."""
    if isinstance(ids, range):
        return cast("ColumnElement[bool]", column.between(ids.start, ids.stop - 1))
    return cast("ColumnElement[bool]", column.in_(sorted(ids)))
