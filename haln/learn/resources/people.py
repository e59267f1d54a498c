"""People to talk to about a resource: who wrote it, and who offers help with its themes.

Every one of them may be seen by the reader, lets themselves be suggested, and neither set the other aside. Of those who
fit alike, each reader is shown others, so that nobody is asked about everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from haln.learn.resources.authors import Author, Sight
from haln.models import Dismissal, Member, MemberTheme
from haln.people import seen, visibility
from haln.people.seen import PersonLine

SHOWN = 4


@dataclass(frozen=True, slots=True)
class Suited:
    """Somebody to talk to, and why: they `wrote` it, or they offer help with these themes."""

    person: PersonLine
    wrote: bool
    themes: tuple[str, ...]


def to_talk_to(
    session: Session, viewer_id: int, resource: str, themes: Sequence[str], written: Collection[Author], now: datetime
) -> list[Suited]:
    """At most `SHOWN` people for a reader, the authors first. Three queries, however many there are."""
    here = [one.member_id for one in written if one.sight is Sight.HERE and one.member_id != viewer_id]
    authors = set(session.scalars(select(Member.id).where(Member.id.in_(here), _willing(viewer_id, now))))
    offered = _offers(session, viewer_id, themes, now)
    rest = sorted(
        (one for one in offered if one not in authors),
        key=lambda one: (-len(offered[one]), _turn(viewer_id, resource, one)),
    )
    chosen = [*(one for one in here if one in authors), *rest][:SHOWN]
    lines = seen.people(session, viewer_id, chosen)
    return [
        Suited(lines[one], one in authors, tuple(code for code in themes if code in offered.get(one, ())))
        for one in chosen
        if one in lines
    ]


def _willing(viewer_id: int, now: datetime) -> ColumnElement[bool]:
    """Whether the row of Member may be suggested to the reader."""
    today = now.date()
    aside = exists(
        select(Dismissal.other_id).where(
            or_(
                and_(Dismissal.member_id == viewer_id, Dismissal.other_id == Member.id),
                and_(Dismissal.member_id == Member.id, Dismissal.other_id == viewer_id),
            ),
            or_(Dismissal.until.is_(None), Dismissal.until > today),
        )
    )
    return and_(
        visibility.may_see(viewer_id),
        Member.id != viewer_id,
        Member.suggest_me,
        or_(Member.paused_until.is_(None), Member.paused_until <= today),
        ~aside,
    )


def _offers(session: Session, viewer_id: int, themes: Sequence[str], now: datetime) -> dict[int, set[str]]:
    """Which of the themes each member offers help with, as far as the reader may know."""
    if not themes:
        return {}
    rows = session.execute(
        select(MemberTheme.member_id, MemberTheme.theme)
        .join(Member, Member.id == MemberTheme.member_id)
        .where(
            MemberTheme.theme.in_(list(themes)),
            MemberTheme.offer,
            _willing(viewer_id, now),
            visibility.shows(Member.show_themes, viewer_id),
        )
    )
    found: dict[int, set[str]] = defaultdict(set)
    for member_id, theme in rows:
        found[member_id].add(theme)
    return found


def _turn(viewer_id: int, resource: str, member_id: int) -> bytes:
    return sha256(f"{viewer_id}:{resource}:{member_id}".encode()).digest()
