"""Connections: agreed ties between two members, with evidence, intensity and dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, String, and_, bindparam, case, func, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from haln import history
from haln.access import Actor
from haln.connect import pairs
from haln.errors import Conflict, Invalid, NotFound
from haln.models import Connection, Identity, Member
from haln.people import changes, visibility
from haln.people.reading import rows
from haln.people.seen import PersonLine, lines
from haln.people.visibility import VIEWER

EVIDENCE = ("introduced", "declared", "met", "co_attended", "set_mates", "collaborated")
INTENSITIES = (1, 2, 3, 4)
"""Awareness, cooperation, coordination, integration."""

PAGE = 25

_Link = aliased(Connection)  # the gate asks about Connection itself


@dataclass(frozen=True, slots=True)
class Tie:
    """One of a member's connections."""

    person: PersonLine
    evidence: str
    intensity: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a member's connections by name; `next` is the key to ask for more with, none at the end."""

    ties: tuple[Tie, ...]
    next: str | None


def make(
    session: Session, one: int, other: int, evidence: str, now: datetime, introduction_id: int | None = None
) -> None:
    """Connect two members who agreed; those who are connected stay as they are. The caller holds the pair."""
    if pairs.connection_id(session, one, other) is None:
        number = changes.touch(session, (one, other), now)
        session.add(
            Connection(
                low_id=min(one, other),
                high_id=max(one, other),
                evidence=evidence,
                intensity=1,
                since=now,
                introduction_id=introduction_id,
                change_number=number,
            )
        )
        session.flush()
    pairs.unlist(session, one, other, now)


def change(session: Session, actor: Actor, other: str, intensity: int, evidence: str, now: datetime) -> None:
    """Say how closely the two work together and what the connection rests on; the audit record keeps what was.

    Either of the two may. Raises Invalid for an unknown value, NotFound without such a connection.
    """
    if intensity not in INTENSITIES:
        raise Invalid("Choose how closely you work together.", {"intensity": "Choose one of the list."})
    if evidence not in EVIDENCE:
        raise Invalid("Choose what your connection rests on.", {"evidence": "Choose one of the list."})
    number = pairs.hold(session)
    them = pairs.party(session, actor.member_id, other)
    row = session.execute(
        select(Connection.id, Connection.intensity, Connection.evidence).where(
            Connection.id == pairs.connection_id(session, actor.member_id, them.id)
        )
    ).first()
    if row is None:
        raise NotFound("You are not connected with %(name)s.", name=them.name)
    if (row.intensity, row.evidence) == (intensity, evidence):
        return
    session.execute(
        update(Connection)
        .where(Connection.id == row.id)
        .values(intensity=intensity, evidence=evidence, change_number=number),
        execution_options={"synchronize_session": False},
    )
    changes.touch(session, (actor.member_id, them.id), now)
    detail: history.Detail = {
        "intensity_before": row.intensity,
        "evidence_before": row.evidence,
        "intensity": intensity,
        "evidence": evidence,
    }
    history.record(session, actor.member_id, "change_connection", "connection", row.id, now, detail)


def end(session: Session, actor: Actor, other: str, now: datetime) -> None:
    """End a connection; the other is not told. Raises NotFound for somebody unseen, Conflict when there is none."""
    pairs.hold(session)
    them = pairs.party(session, actor.member_id, other)
    if not end_between(session, actor.member_id, them.id, now):
        raise Conflict("You are not connected with %(name)s any more.", name=them.name)


def end_between(session: Session, actor_id: int, other_id: int, now: datetime) -> bool:
    """End the connection of two members, if there is one; the caller holds the pair and touches both if it likes."""
    ended = session.execute(
        update(Connection)
        .where(
            Connection.low_id == min(actor_id, other_id),
            Connection.high_id == max(actor_id, other_id),
            Connection.until.is_(None),
        )
        .values(until=now, ended_by_id=actor_id, change_number=changes.latest_number(session))
        .returning(Connection.id),
        execution_options={"synchronize_session": False},
    ).scalar()
    if ended is None:
        return False
    changes.touch(session, (actor_id, other_id), now)
    history.record(session, actor_id, "end_connection", "connection", ended, now)
    return True


def mine(session: Session, actor: Actor, after: str | None = None) -> Page:
    """The actor's connections in order of name, a page at a time. `after` is a page's `next`."""
    asked: dict[str, object] = {"viewer": actor.member_id}
    if after:
        asked["name"], asked["number"] = _key(after)
    found = rows(session, _mine(bool(after)), asked).all()
    ties = tuple(Tie(PersonLine(*row[:10]), row[10], row[11], row[12]) for row in found[:PAGE])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(ties, f"{last[0]}.{last[13]}" if last else None)


@cache
def _mine(further: bool) -> Select[Any]:
    """Made once, for every viewer."""
    other = case((_Link.low_id == VIEWER, _Link.high_id), else_=_Link.low_id)
    statement = (
        lines(VIEWER)
        .add_columns(_Link.evidence, _Link.intensity, _Link.since, Member.sort_name)
        .join(_Link, Member.id == other)
        .where(or_(_Link.low_id == VIEWER, _Link.high_id == VIEWER), _Link.until.is_(None))
        .order_by(Member.sort_name, Member.id)
        .limit(PAGE + 1)
    )
    if further:
        key = tuple_(bindparam("name", type_=String), bindparam("number", type_=Identity))
        statement = statement.where(tuple_(Member.sort_name, Member.id) > key)
    return statement


def _key(after: str) -> tuple[str, int]:
    number, dot, name = after.partition(".")
    if not dot or not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise NotFound("There is no such page.")
    return name, int(number)


def count(session: Session, actor: Actor) -> int:
    """How many connections the actor has, of those who may be seen."""
    return int(rows(session, _count(), {"viewer": actor.member_id}).scalar_one())


@cache
def _count() -> Select[Any]:
    other = case((Connection.low_id == VIEWER, Connection.high_id), else_=Connection.low_id)
    return (
        select(func.count(Connection.id))
        .join(Member, Member.id == other)
        .where(
            or_(Connection.low_id == VIEWER, Connection.high_id == VIEWER),
            Connection.until.is_(None),
            visibility.may_see(VIEWER),
        )
    )


def tie(session: Session, actor: Actor, other: str) -> Tie:
    """One connection of the actor. Raises NotFound for somebody unseen or not connected."""
    row = session.execute(
        lines(actor.member_id)
        .add_columns(_Link.evidence, _Link.intensity, _Link.since)
        .join(
            _Link,
            and_(
                _Link.until.is_(None),
                or_(
                    and_(_Link.low_id == actor.member_id, _Link.high_id == Member.id),
                    and_(_Link.high_id == actor.member_id, _Link.low_id == Member.id),
                ),
            ),
        )
        .where(Member.public_id == other)
    ).first()
    if row is None:
        raise NotFound("You are not connected with this member.")
    return Tie(PersonLine(*row[:10]), row[10], row[11], row[12])
