"""Lists of what to join as their rows hold them: worded where they are ranked, told apart by a fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import Dialect, delete, insert, select
from sqlalchemy.orm import Session

from haln.models import Member, SetSuggestion
from haln.people import reading, writing
from haln.people.visibility import ACTIVE

if TYPE_CHECKING:
    from haln.matching.joining import Ranked

_AS_IT_STANDS = {"synchronize_session": False}
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
_ROWS: Any = SetSuggestion.__table__


class Entry(NamedTuple):
    """One thing to join: what its row holds of it, in the order in which it is written. Ranks begin at 1.

    Either `cohort_id` or `set_id` is there. `reasons` is JSON; the fingerprint is of all that stands before it.
    """

    cohort_id: int | None
    set_id: int | None
    rank: int
    score: float
    band: str
    reasons: str
    fingerprint: str


Lists = Mapping[int, tuple[Entry, ...]]
"""Each member's list, in the order of its ranks."""
_COLUMNS = ("member_id", *Entry._fields)


def worded(kind: str, thing: int, rank: int, one: Ranked) -> Entry:
    """Word one thing to join, a "cohort" or a "set", as its row holds it."""
    reasons = [{"kind": reason.kind, "evidence": reason.evidence, "weight": reason.weight} for reason in one.reasons]
    told = orjson.dumps(reasons, option=_OPTIONS).decode()
    content = f"{kind}\n{thing}\n{rank}\n{one.score}\n{one.band}\n{told}".encode()
    fingerprint = hashlib.blake2b(content, digest_size=8).hexdigest()
    cohort_id, set_id = (thing, None) if kind == "cohort" else (None, thing)
    return Entry(cohort_id, set_id, rank, one.score, one.band, told, fingerprint)


def keep(session: Session, made: Lists, now: datetime, waits: bool = True) -> int:
    """Write lists in the place of those there are; what did not change stays. Returns how many lists are new.

    For whoever has left since theirs was worked out nothing is written. No two write the same list at once where the
    database would let them: the second `waits`, or passes by. A run over everybody does, for whoever writes a single
    list knows better what changed last.
    """
    ids = reading.spanned(made)
    here = select(Member.id).where(reading.among(Member.id, ids), Member.standing == ACTIVE)
    held = set(session.scalars(here.with_for_update(key_share=True, skip_locked=not waits)))
    busy = set() if waits else set(session.scalars(here)) - held
    there: dict[int, list[str]] = {member_id: [] for member_id in made if member_id not in busy}
    rows = select(SetSuggestion.member_id, SetSuggestion.fingerprint).where(reading.among(SetSuggestion.member_id, ids))
    for member_id, fingerprint in session.execute(rows.order_by(SetSuggestion.rank)):
        if member_id in there:
            there[member_id].append(fingerprint)
    due = {member_id: made[member_id] if member_id in held else () for member_id in there}
    changed = [one for one in sorted(due) if there[one] != [entry.fingerprint for entry in due[one]]]
    if changed:
        session.execute(
            delete(SetSuggestion).where(SetSuggestion.member_id.in_(changed)), execution_options=_AS_IT_STANDS
        )
    added = [(member_id, *entry) for member_id in changed for entry in due[member_id]]
    if added:
        writing.execute_many(session, _adding(session.get_bind().dialect, now), _COLUMNS, added)
    return len(changed)


def _adding(dialect: Dialect, now: datetime) -> Any:
    values = writing.parameters(dialect, _ROWS, _COLUMNS) | {"refreshed_at": writing.literal_moment(dialect, now)}
    return insert(_ROWS).values(values).inline()


def forget_gone(session: Session) -> None:
    """Delete the lists of members who are no longer active."""
    gone = select(Member.id).where(Member.standing != ACTIVE)
    session.execute(delete(SetSuggestion).where(SetSuggestion.member_id.in_(gone)), execution_options=_AS_IT_STANDS)
