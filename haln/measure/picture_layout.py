"""Where members stand in the picture: worked out by a job, stored, read by pages."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import CursorResult, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from haln.measure import facts, picture_names
from haln.models import AlgorithmRun, NetworkLayout
from haln.network import layout
from haln.people import changes
from haln.taxonomy.vocabulary import Vocabulary

DEFINITION = 2
"""The version of how places are worked out: another one makes the stored ones start anew."""

SEED = 1
LEASE = timedelta(minutes=10)

_ROW = 1
_ONE = NetworkLayout.id == _ROW
_AS_IT_STANDS = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Stored:
    """The newest layout, and when it was made."""

    made_at: datetime
    places: layout.Places


def stored(session: Session) -> Stored | None:
    """The newest layout; none before the first."""
    row = session.execute(
        select(NetworkLayout.made_at, NetworkLayout.members, NetworkLayout.places).where(
            _ONE, NetworkLayout.made_at.is_not(None)
        )
    ).first()
    return None if row is None else Stored(row.made_at, _unpacked(row.members, row.places))


def make(session: Session, vocabulary: Vocabulary, now: datetime) -> int:
    """Make the layout from what is known now, starting from the one before; returns of how many. Commits."""
    if not _claimed(session, now, at_once=True):
        return 0
    return _make(session, vocabulary, now)


def make_due(session: Session, vocabulary: Vocabulary, now: datetime) -> int:
    """Make the layout where none was made today (UTC) and something changed since; returns of how many. Commits.

    Any number of workers may ask: one has the lease.
    """
    return _make(session, vocabulary, now) if _claimed(session, now) else 0


def _claimed(session: Session, now: datetime, *, at_once: bool = False) -> bool:
    """Take the lease, if the layout is due (or is asked for `at_once`) and nobody has it. Commits."""
    columns = (NetworkLayout.definition, NetworkLayout.made_at, NetworkLayout.change_number)
    row = session.execute(select(*columns).where(_ONE)).first()
    if row is None:
        return _begun(session, now)
    stale = row.made_at is None or row.definition != DEFINITION
    if not stale and not at_once:
        stale = row.made_at.date() < now.date() and row.change_number != changes.latest_number(session)
    if not stale and not at_once:
        session.rollback()
        return False
    taken = session.execute(
        update(NetworkLayout)
        .where(_ONE, or_(NetworkLayout.leased_until.is_(None), NetworkLayout.leased_until <= now))
        .values(leased_until=now + LEASE),
        execution_options=_AS_IT_STANDS,
    )
    session.commit()
    return cast(CursorResult[Any], taken).rowcount == 1


def _begun(session: Session, now: datetime) -> bool:
    """Put the row there, leased; false where somebody else did at the same moment."""
    first = {"definition": DEFINITION, "change_number": 0, "members": 0, "places": b""}
    try:
        session.execute(insert(NetworkLayout).values(id=_ROW, leased_until=now + LEASE, **first))
        session.commit()
    except IntegrityError:
        session.rollback()
        return False
    return True


def _make(session: Session, vocabulary: Vocabulary, now: datetime) -> int:
    number = changes.latest_number(session)
    # Who hides would pull those they are tied to: where these stand would tell of it.
    history = facts.read(session, vocabulary).among(picture_names.for_all(session)).known()
    before = session.execute(
        select(NetworkLayout.definition, NetworkLayout.members, NetworkLayout.places).where(_ONE)
    ).one()
    session.rollback()  # nobody waits for this while it is worked out
    start = _unpacked(before.members, before.places) if before.definition == DEFINITION else None
    places = layout.layout(history, start, SEED)
    session.execute(
        update(NetworkLayout)
        .where(_ONE)
        .values(
            definition=DEFINITION,
            made_at=now,
            change_number=number,
            members=len(places),
            places=_packed(places),
            leased_until=None,
        ),
        execution_options=_AS_IT_STANDS,
    )
    session.add(
        AlgorithmRun(
            kind="layout",
            started_at=now,
            finished_at=now,
            data_version=str(number),
            weights_version=f"layout-{DEFINITION}",
            seed=SEED,
        )
    )
    session.commit()
    return len(places)


def _packed(places: layout.Places) -> bytes:
    return _bytes("q", list(places)) + _bytes("f", [one for place in places.values() for one in place])


def _bytes(kind: str, values: Sequence[float]) -> bytes:
    found = array(kind, values)
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()


@lru_cache(maxsize=2)
def _unpacked(members: int, content: bytes) -> layout.Places:
    ids, ends = array("q"), array("f")
    ids.frombytes(content[: 8 * members])
    ends.frombytes(content[8 * members :])
    if sys.byteorder == "big":
        ids.byteswap()
        ends.byteswap()
    return dict(zip(ids, zip(ends[::2], ends[1::2], strict=True), strict=True))
