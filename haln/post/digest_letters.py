"""The digest, put together when it leaves: from what the member has chosen by then, and what the gate lets them see.

An item is new when it came after all that the last digest which left for them could tell of. Where nothing in it is
new none is sent, and the row of the digest says so: it has 0 items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Date, bindparam, exists, func, select, update
from sqlalchemy.orm import Session

from haln.models import Digest, DigestChoice, Identity, Member, MemberTheme, Organisation, Place
from haln.people.digest_choices import NONE
from haln.people.visibility import ACTIVE
from haln.post import unsubscribing
from haln.post.digest_parts.base import Found, Part, Reader, Ways
from haln.post.digest_parts.registry import PARTS
from haln.post.digest_times import FIRST, LONGEST, SETTLED
from haln.post.digests import KIND
from haln.post.shared import Shared
from haln.post.writing import Draft, Order, Url, Writer

KINDS = (KIND,)


_AS_IT_STANDS = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Shown:
    """A part as a digest shows it."""

    part: Part
    found: Found

    @property
    def name(self) -> str:
        """The part's name."""
        return self.part.name

    @property
    def items(self) -> tuple[object, ...]:
        """What it holds."""
        return self.found.items


def write(writer: Writer, order: Order) -> Draft | None:
    """What is new for a member, of the parts that they want."""
    person = writer.reader(order)
    if person is None:
        return None
    desk = writer.desk
    said = told(writer.session, order.values, person.id, writer.url, desk.shared, desk.ways, writer.now)
    if said is None:
        return None
    return Draft(order.kind, person.email, said, unsubscribing.DIGEST, person.public_id)


def told(
    session: Session, about: Mapping[str, Any], member_id: int, url: Url, shared: Shared, ways: Ways, now: datetime
) -> dict[str, object] | None:
    """What a member's digest of a day says; none when they do not want it any more, or nothing is new.

    Nor where a later one is there already, which holds what this one would. Notes in the digest's row what it held: it
    is put together anew when it has to be sent again.
    """
    due_on = date.fromisoformat(about["due_on"])
    row = session.execute(_read(), {"member": member_id, "due_on": due_on}).first()
    if row is None or row.later or row.wanted in (None, NONE) or row.wanted != row.frequency:
        _note(session, member_id, due_on, None, None)
        return None
    reader = _reader(session, row, ways, now)
    shown = compose(session, reader, frozenset(row.parts), shared)
    count = sum(len(one.items) for one in shown)
    _note(session, member_id, due_on, reader.until, count)
    if not count:
        return None
    return {
        "parts": shown,
        "frequency": row.frequency,
        "urls": {one.name: url(one.part.path) for one in shown},
        "url_of": url,
        "choose_url": url("/account/digest"),
        "reader": reader,
    }


def compose(session: Session, reader: Reader, wanted: frozenset[str], shared: Shared) -> tuple[Shown, ...]:
    """The parts that a reader wants and that hold something; none at all where nothing in any of them is new."""
    parts = [part for name, part in PARTS.items() if name in wanted]
    found = [(part, part.read(session, reader, shared)) for part in parts]
    shown = tuple(Shown(part, one) for part, one in found if one is not None)
    return shown if any(one.found.new for one in shown) else ()


@cache
def _read() -> Any:
    """Who is to read it, what they chose, and of what the last one that left told: made once, for every letter."""
    mine = Digest.__table__.alias("mine")
    left = (
        select(func.max(mine.c.until))
        .where(mine.c.member_id == Member.id, mine.c.sent_at.is_not(None))
        .correlate(Member)
        .scalar_subquery()
    )
    later = exists(select(mine.c.due_on).where(mine.c.member_id == Member.id, mine.c.due_on > Digest.due_on)).correlate(
        Member, Digest
    )
    return (
        select(
            Member.id,
            Member.public_id,
            Member.role,
            Member.confirmed_at,
            Member.joined_at,
            Organisation.name.label("organisation"),
            Member.place_id,
            Place.name.label("place"),
            Place.region_code.label("region"),
            DigestChoice.frequency.label("wanted"),
            DigestChoice.parts,
            Digest.frequency,
            left.label("left"),
            later.label("later"),
        )
        .select_from(Digest)
        .join(Member, Member.id == Digest.member_id)
        .outerjoin(DigestChoice, DigestChoice.member_id == Member.id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .where(
            Digest.member_id == bindparam("member", type_=Identity),
            Digest.due_on == bindparam("due_on", type_=Date),
            Member.standing == ACTIVE,
        )
    )


@cache
def _themes() -> Any:
    return select(MemberTheme.theme).where(MemberTheme.member_id == bindparam("member", type_=Identity))


def _reader(session: Session, row: Any, ways: Ways, now: datetime) -> Reader:
    themes = session.execute(_themes(), {"member": row.id}).scalars().all()
    regions = {row.region, ways.above.get(row.region or "")} - {None, ""}
    since = max(row.left, now - LONGEST) if row.left else now - FIRST
    return Reader(
        id=row.id,
        public_id=row.public_id,
        themes=frozenset(themes),
        role=row.role,
        organisation=row.organisation,
        place=row.place,
        place_id=row.place_id,
        regions=frozenset(one for one in regions if one),
        since=since,
        until=now - SETTLED,
        first=row.left is None,
        now=now,
        confirmed_at=row.confirmed_at,
        confirm_due=(row.confirmed_at or row.joined_at) + timedelta(days=ways.confirm_days),
    )


def has_left(session: Session, about: Mapping[str, Any], member_id: int, now: datetime) -> None:
    """Note that a member's digest of a day was sent; the outbox forgets it after a while."""
    _set(session, member_id, date.fromisoformat(about["due_on"]), sent_at=now)


def _note(session: Session, member_id: int, due_on: date, until: datetime | None, items: int | None) -> None:
    _set(session, member_id, due_on, until=until, items=items)


def _set(session: Session, member_id: int, due_on: date, **values: object) -> None:
    row = update(Digest).where(Digest.member_id == member_id, Digest.due_on == due_on)
    session.execute(row.values(**values), execution_options=_AS_IT_STANDS)
