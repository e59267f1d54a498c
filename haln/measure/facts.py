"""Read what was said of members and ties, and when, into arrays.

Days are ordinals (1 is the first day of the year 1), as `date.toordinal` has them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Executable, select
from sqlalchemy.orm import Session

from haln.measure import rules
from haln.models import Connection, ConnectionVersion, MemberVersion
from haln.network.versions import MemberVersions, TieVersions, Versions
from haln.people.visibility import ACTIVE
from haln.taxonomy.vocabulary import Vocabulary

KINDS = ("audience", "sector", "region", "organisation", "place", "role")
"""What members are grouped by. A sector is one of the first level; organisations and places are known by their keys."""

_MEMBERS = select(
    MemberVersion.member_id,
    MemberVersion.from_on,
    MemberVersion.recorded_on,
    MemberVersion.standing,
    MemberVersion.audience,
    MemberVersion.sector,
    MemberVersion.region,
    MemberVersion.organisation_id,
    MemberVersion.place_id,
    MemberVersion.role,
).order_by(MemberVersion.member_id, MemberVersion.id)
_TIES = (
    select(
        ConnectionVersion.connection_id,
        Connection.low_id,
        Connection.high_id,
        ConnectionVersion.from_on,
        ConnectionVersion.recorded_on,
        ConnectionVersion.holds,
        ConnectionVersion.evidence,
        ConnectionVersion.intensity,
    )
    .join(Connection, Connection.id == ConnectionVersion.connection_id)
    .order_by(ConnectionVersion.connection_id, ConnectionVersion.id)
)


def read(session: Session, vocabulary: Vocabulary) -> Versions:
    """Everything that was ever said, of whomsoever: for figures, never to be shown as it is."""
    return Versions(_members(session, vocabulary), _ties(session), rules.of_groups(vocabulary))


def _columns(session: Session, statement: Executable, count: int) -> list[tuple[Any, ...]]:
    """The columns of all rows: empty ones where there is no row."""
    found = session.connection().execute(statement).all()
    return list(zip(*found, strict=True)) if found else [()] * count


def _members(session: Session, vocabulary: Vocabulary) -> MemberVersions:
    member, since, said, standing, *rest = _columns(session, _MEMBERS, 4 + len(KINDS))
    groups = dict(zip(KINDS, rest, strict=True))
    tops = {code: _top(vocabulary, code) for code in set(groups["sector"]) - {None}}
    groups["sector"] = tuple(tops.get(code) for code in groups["sector"])
    for kind in ("organisation", "place"):
        groups[kind] = tuple(None if key is None else str(key) for key in groups[kind])
    there = [one == ACTIVE for one in standing]
    return MemberVersions.of(member, _ordinals(since), _ordinals(said), there, groups)


def _top(vocabulary: Vocabulary, code: str) -> str:
    """The sector of the first level; one that the vocabulary no longer has stands for itself."""
    try:
        return vocabulary.top_sector(code).code
    except KeyError:
        return code


def _ties(session: Session) -> TieVersions:
    tie, low, high, since, said, *rest = _columns(session, _TIES, 8)
    return TieVersions.of(tie, low, high, _ordinals(since), _ordinals(said), *rest)


def _ordinals(days: Iterable[date]) -> list[int]:
    return [day.toordinal() for day in days]
