"""The directory: everyone whom a member may find, by words and by facets, with counts.

Counts and words draw only on facts that all members may see; what a row shows goes through the gate for its viewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, reduce
from operator import and_, or_
from typing import Any

from sqlalchemy import Select, bindparam, select, union_all
from sqlalchemy.orm import Session

from haln.errors import NotFound
from haln.models import Block, Member, MemberTheme, Organisation, Place
from haln.people import reading, visibility
from haln.people.directory_index import Answer, DirectoryIndex
from haln.people.directory_snapshot import Snapshot
from haln.people.search_words import question
from haln.people.visibility import VIEWER

PAGE = 25

FACETS = ("sector", "role", "theme", "offer", "seek", "region")
NARROWED = {"sector": "kind", "region": "place"}
"""Facets of two levels, and the name of the second. A code of the second level stands in for the one above it."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: words, and the chosen codes of each facet. `after`: the last person of the page before."""

    text: str = ""
    chosen: Mapping[str, frozenset[str]] = field(default_factory=dict)
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A person in the list, as the viewer may see them."""

    public_id: str
    name: str
    role: str | None
    level: str | None
    job_title: str | None
    organisation: str | None
    sector: str | None
    place: str | None
    connected: bool
    own: bool
    offers: tuple[str, ...]
    seeks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the directory.

    `counts`: for each facet and code, how many there would be if it were chosen; second levels only below what is
    chosen. `ranked`: the best fit comes first; otherwise the order is by name. `next_after` begins the next page.
    `wordless`: a text was typed that has no word to look for, so that it narrows nothing.
    """

    rows: tuple[Row, ...]
    total: int
    counts: Mapping[str, Mapping[str, int]]
    ranked: bool
    next_after: str | None
    wordless: bool = False


def search(session: Session, index: DirectoryIndex, viewer_id: int, query: Query, now: datetime) -> Page:
    """Find people for a member. Raises NotFound for an `after` that is nobody whom the viewer may see."""
    snapshot = index.snapshot(session)
    there = index.there(snapshot, now.date())
    if blocked := _blocked(session, viewer_id):
        there &= ~snapshot.set_of(blocked)
    asked = question(query.text)
    answer = index.answer(session, snapshot, asked) if asked else None
    if answer is not None:
        there &= answer.people
    chosen = {facet: _chosen(index, snapshot, facet, query.chosen) for facet in FACETS}
    wanted = [found for found in chosen.values() if found is not None]
    people = reduce(and_, wanted, there)
    ids = _page(session, snapshot, viewer_id, people, answer, query.after)
    rows = _rows(session, viewer_id, ids[:PAGE])
    return Page(
        rows=rows,
        total=people.bit_count(),
        counts=_counts(index, snapshot, there, chosen, query.chosen),
        ranked=answer is not None and answer.best is not None,
        next_after=rows[-1].public_id if rows and len(ids) > PAGE else None,
        wordless=bool(query.text) and not asked,
    )


_BLOCKED = union_all(
    select(Block.blocked_id).where(Block.blocker_id == VIEWER),
    select(Block.blocker_id).where(Block.blocked_id == VIEWER),
)


def _blocked(session: Session, viewer_id: int) -> list[int]:
    """Everyone with a block between them and the viewer, whoever set it."""
    return list(reading.rows(session, _BLOCKED, {"viewer": viewer_id}).scalars())


def _chosen(index: DirectoryIndex, snapshot: Snapshot, facet: str, chosen: Mapping[str, frozenset[str]]) -> int | None:
    """Those who have one of the chosen codes of a facet; none when nothing is chosen."""
    codes, second = chosen.get(facet, frozenset()), NARROWED.get(facet, "")
    finer = chosen.get(second, frozenset())
    if not codes and not finer:
        return None
    stood_in_for = {index.parent_of(second, code) for code in finer}
    sets = [index.set_of(snapshot, facet, code) for code in codes - stood_in_for]
    sets += [index.set_of(snapshot, second, code) for code in finer]
    return reduce(or_, sets, 0)


def _counts(
    index: DirectoryIndex,
    snapshot: Snapshot,
    there: int,
    sets: Mapping[str, int | None],
    chosen: Mapping[str, frozenset[str]],
) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for facet in FACETS:
        others = reduce(and_, [found for name, found in sets.items() if name != facet and found is not None], there)
        counts[facet] = index.counts(snapshot, facet, others)
        if second := NARROWED.get(facet):
            above = chosen.get(facet, frozenset()) | {
                index.parent_of(second, code) for code in chosen.get(second, frozenset())
            }
            below = index.codes_below(second, above)
            counts[second] = {code: (others & index.set_of(snapshot, second, code)).bit_count() for code in below}
    return counts


def _page(
    session: Session, snapshot: Snapshot, viewer_id: int, people: int, answer: Answer | None, after: str | None
) -> list[int]:
    """The ids of one page and one more, when there is one."""
    last = _last_seen(session, viewer_id, after) if after is not None else None
    if answer is not None and answer.best is not None:
        ranked = snapshot.among(people, answer.best)
        if last is None:
            return ranked[: PAGE + 1]
        if last not in ranked:
            raise _moved_on()
        begin = ranked.index(last) + 1
        return ranked[begin : begin + PAGE + 1]
    if last is None:
        return snapshot.first(people, PAGE + 1)
    if last not in snapshot.slots:
        raise _moved_on()
    return snapshot.first(people, PAGE + 1, snapshot.slots[last])


def _last_seen(session: Session, viewer_id: int, public_id: str) -> int:
    found = session.scalar(select(Member.id).where(Member.public_id == public_id, visibility.may_see(viewer_id)))
    if found is None:
        raise _moved_on()
    return found


def _moved_on() -> NotFound:
    return NotFound("The list has changed since. Begin again from the directory.")


_THEMES = (
    select(MemberTheme.member_id, MemberTheme.theme, MemberTheme.offer, MemberTheme.seek)
    .where(MemberTheme.member_id.in_(bindparam("ids", expanding=True)))
    .order_by(MemberTheme.theme)
)


def _rows(session: Session, viewer_id: int, ids: list[int]) -> tuple[Row, ...]:
    """These people as the viewer may see them, in the order of the ids."""
    if not ids:
        return ()
    found = {row.id: row for row in reading.rows(session, _facts(), {"viewer": viewer_id, "ids": ids})}
    themes: dict[int, dict[str, list[str]]] = {member_id: {"offer": [], "seek": []} for member_id in ids}
    shown = [member_id for member_id, row in found.items() if row.themes_shown]
    for member_id, theme, offer, seek in reading.rows(session, _THEMES, {"ids": shown}):
        if offer:
            themes[member_id]["offer"].append(theme)
        if seek:
            themes[member_id]["seek"].append(theme)
    return tuple(
        Row(
            public_id=row.public_id,
            name=row.name,
            role=row.role,
            level=row.level,
            job_title=row.job_title,
            organisation=row.organisation,
            sector=row.sector,
            place=row.place,
            connected=bool(row.connected),
            own=row.id == viewer_id,
            offers=tuple(themes[row.id]["offer"]),
            seeks=tuple(themes[row.id]["seek"]),
        )
        for row in (found[member_id] for member_id in ids if member_id in found)
    )


@cache
def _facts() -> Select[Any]:
    """Made once, for every viewer: putting it together costs more than running it."""
    tie = visibility.connected(VIEWER)

    def shown(column: Any, show: Any) -> Any:
        return visibility.fact(column, show, VIEWER, tie)

    return (
        select(
            Member.id,
            Member.public_id,
            Member.name,
            shown(Member.role, Member.show_role).label("role"),
            shown(Member.level, Member.show_role).label("level"),
            shown(Member.job_title, Member.show_role).label("job_title"),
            shown(Organisation.name, Member.show_organisation).label("organisation"),
            shown(Organisation.sector, Member.show_organisation).label("sector"),
            shown(Place.name, Member.show_place).label("place"),
            tie.label("connected"),
            visibility.shows(Member.show_themes, VIEWER, tie).label("themes_shown"),
        )
        .select_from(Member)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .where(visibility.may_see(VIEWER), Member.id.in_(bindparam("ids", expanding=True)))
    )
