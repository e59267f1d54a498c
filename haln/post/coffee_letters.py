"""Letters about coffee rounds: whom to meet and what they share, did they meet, and that a pause is kindly meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from haln.connect import coffee_mail, coffee_pages, coffee_shared, pairs
from haln.connect.coffee_meetings import mine_of, other_of
from haln.connect.coffee_opting import MODES, NEXT, PAUSED, STOPPED
from haln.connect.coffee_rounds import CANCELLED, MADE, OPEN
from haln.connect.coffee_ties import MET, NO
from haln.models import CoffeeOptIn, CoffeePair, CoffeeRound
from haln.people.seen import PersonLine, people
from haln.post import unsubscribing
from haln.post.writing import Draft, Order, Url, Writer

KINDS = coffee_mail.KINDS


@dataclass(frozen=True, slots=True)
class Told:
    """What a letter says. All of it is its reader's alone: who meets whom, who says so, who was silent."""

    values: Mapping[str, object]


def write(writer: Writer, order: Order) -> Draft | None:
    """About coffee rounds: to who asked for them, as long as the reader is a member."""
    person = writer.reader(order)
    if person is None:
        return None
    said = told(writer.session, order.kind, order.values, person.id, writer.url, writer.now)
    if said is None:
        return None
    topic = unsubscribing.COFFEE
    return Draft(order.kind, person.email, said.values, topic, person.public_id)


def told(session: Session, kind: str, about: Mapping[str, Any], member_id: int, url: Url, now: datetime) -> Told | None:
    """What to say to a member; none when there is nothing to say any more, or nobody whom they may see.

    Who has stopped is told nothing but whom they meet, where the pairs were made before.
    """
    if kind != coffee_mail.PAIRED and _mode(session, member_id) == STOPPED:
        return None
    if kind == coffee_mail.MET:
        return _met(session, about, member_id, url)
    row = session.get(CoffeeRound, about["coffee_round_id"])
    if row is None or kind not in _WRITERS:
        return None
    return _WRITERS[kind](session, row, member_id, url)


def _paired(session: Session, row: CoffeeRound, me: int, url: Url) -> Told | None:
    """Whom to meet: everything through the gate, as it is today."""
    seen = _others(session, row, me)
    if row.state != MADE or not seen:
        return None
    emails = coffee_pages.addresses(session, [one.id for one in seen])
    shared = coffee_shared.reasons(session, [(me, one.id) for one in seen])
    met = [{"person": one, "email": emails.get(one.id, ""), "reasons": shared[me, one.id]} for one in seen]
    values = {"people": met, "meet_by": row.meet_by, "names": [one.name for one in seen], "url": url("/coffee")}
    return Told(values)


def _others(session: Session, row: CoffeeRound, me: int, *, unsaid: bool = False) -> list[PersonLine]:
    """Those whom somebody is paired with and may see, by name; with `unsaid`, of whom nothing is settled.

    It is where one says that they met, or the reader that they did not; "not yet" is asked about again.
    """
    mine = case((CoffeePair.low_id == me, CoffeePair.low_answer), else_=CoffeePair.high_answer)
    pair = select(other_of(me), mine, CoffeePair.low_answer, CoffeePair.high_answer)
    rows = session.execute(pair.where(CoffeePair.round_id == row.id, mine_of(me))).all()
    ids = [one[0] for one in rows if not (unsaid and (one[1] == NO or MET in one[2:]))]
    return sorted(people(session, me, ids).values(), key=lambda one: (one.name, one.id))


def _left(session: Session, row: CoffeeRound, me: int, url: Url) -> Told | None:
    return Told({"asks": _mode(session, me) in MODES, "url": url("/coffee")})


def _asked(session: Session, row: CoffeeRound, me: int, url: Url) -> Told | None:
    names = [one.name for one in _others(session, row, me, unsaid=True)]
    return Told({"names": names, "url": url("/coffee")}) if names else None


def _paused(session: Session, row: CoffeeRound, me: int, url: Url) -> Told | None:
    return Told({"url": url("/coffee")}) if _mode(session, me) == PAUSED else None


def _mode(session: Session, me: int) -> str:
    return session.scalar(select(CoffeeOptIn.mode).where(CoffeeOptIn.member_id == me)) or ""


def _met(session: Session, about: Mapping[str, Any], me: int, url: Url) -> Told | None:
    """Another says that they met: while that stands, and they may see them."""
    other = about["coffee_with_id"]
    seen = people(session, me, [other])
    if other not in seen or pairs.connection_id(session, me, other) is None:
        return None
    end = url(f"/connections/{seen[other].public_id}/end")
    return Told({"other_name": seen[other].name, "end_url": end, "url": url("/coffee")})


def _ahead(session: Session, row: CoffeeRound, me: int, url: Url) -> Told | None:
    """On which day pairs are made: while they still are to be, for who still takes part."""
    if row.state != OPEN or _mode(session, me) not in MODES:
        return None
    once = _mode(session, me) == NEXT
    return Told({"pairs_on": row.pairs_on, "meet_by": row.meet_by, "once": once, "url": url("/coffee")})


def _off(session: Session, row: CoffeeRound, me: int, url: Url) -> Told | None:
    """That a round is called off of whose day they were told."""
    if row.state != CANCELLED or _mode(session, me) not in MODES:
        return None
    return Told({"pairs_on": row.pairs_on, "url": url("/coffee")})


_Writer = Callable[[Session, CoffeeRound, int, Url], Told | None]
_WRITERS: dict[str, _Writer] = {
    coffee_mail.PAIRED: _paired,
    coffee_mail.LEFT: _left,
    coffee_mail.ASKED: _asked,
    coffee_mail.PAUSED: _paused,
    coffee_mail.AHEAD: _ahead,
    coffee_mail.OFF: _off,
}
