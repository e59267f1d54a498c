"""Rows meet matching: ties, groups and exclusions as it is told about them (members: `haln.connect.person_rows`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from haln.connect import shared_groups
from haln.matching.people import Membership, Tie
from haln.matching.suggest import Exclusions
from haln.models import (
    Block,
    Connection,
    Dismissal,
    Introduction,
    SetMembership,
)
from haln.people import reading

RESTS = timedelta(days=180)
"""How long two people are not suggested to each other after an introduction came to nothing or a connection ended."""

EVIDENCE = {
    "declared": 1.0,
    "introduced": 1.0,
    "met": 1.2,
    "co_attended": 0.4,
    "set_mates": 0.8,
    "collaborated": 1.2,
}
"""How much a tie of each kind of evidence says; 1 is a tie that two people have agreed on."""


def ties(session: Session, ids: Collection[int] | None = None) -> Iterator[Tie]:
    """Every open connection, or those with an end in `ids`."""
    for row in _ends(session, _connections().where(Connection.until.is_(None)), ids):
        yield _tie(row)


def lasting(session: Session, until: datetime) -> Iterator[tuple[datetime, datetime | None, Tie]]:
    """Every connection that there was by a moment: since when, until when, and what it says."""
    made = _connections().add_columns(Connection.until).where(Connection.since <= until)
    for row in _ends(session, made, None):
        yield row.since, row.until, _tie(row)


def _connections() -> Any:
    return select(Connection.low_id, Connection.high_id, Connection.since, Connection.evidence, Connection.intensity)


def _tie(row: Any) -> Tie:
    strength = EVIDENCE.get(row.evidence, 1.0) * (0.8 + 0.2 * row.intensity)
    return Tie(row.low_id, row.high_id, row.since.date().toordinal(), strength)


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
        dismissed = dismissed.where(reading.among(Dismissal.member_id, ids))
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
    for start in range(0, len(chosen), reading.BATCH):
        yield from _touching(session, statement, chosen[start : start + reading.BATCH], known, streamed)


def _touching(
    session: Session, statement: Any, part: Collection[int], known: Collection[int], options: Mapping[str, Any]
) -> Iterator[Any]:
    """The rows with an end in a part; not those whose first end is among the known, but in another part."""
    one, other = list(statement.selected_columns)[:2]
    yield from session.execute(statement.where(reading.among(one, part)), execution_options=options)
    second = session.execute(statement.where(reading.among(other, part)), execution_options=options)
    yield from (row for row in second if row[0] not in known)
