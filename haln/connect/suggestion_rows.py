"""Lists of suggestions as rows: the same pair stays one row for as long as it is listed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from haln.matching import suggest
from haln.matching.suggest import MemberList
from haln.models import Member, Suggestion
from haln.people.visibility import ACTIVE


@dataclass(frozen=True, slots=True)
class Written:
    """What a refresh did to the rows."""

    members: int = 0
    listed: int = 0
    kept: int = 0
    unlisted: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(
            self.members + other.members,
            self.listed + other.listed,
            self.kept + other.kept,
            self.unlisted + other.unlisted,
        )


def write_lists(session: Session, lists: Sequence[MemberList], now: datetime) -> Written:
    """Bring the rows to these lists: the same pair stays one row, who left the list is marked, who is new is added."""
    owners = [one.member for one in lists]
    held = select(Suggestion.id, Suggestion.member_id, Suggestion.other_id, Suggestion.fingerprint).where(
        Suggestion.member_id.in_(owners), Suggestion.unlisted_at.is_(None)
    )
    current = {(row.member_id, row.other_id): row for row in session.execute(held)}
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    kept = 0
    for one in lists:
        for rank, entry in enumerate(one.suggestions, start=1):
            values = _values(one, entry, rank)
            row = current.pop((one.member, entry.member), None)
            if row is None:
                pair = {"member_id": one.member, "other_id": entry.member, "listed_at": now, "refreshed_at": now}
                added.append(pair | values)
            else:
                kept += 1
                if row.fingerprint != values["fingerprint"]:
                    changed.append({"id": row.id, "refreshed_at": now} | values)
    left = [row.id for row in current.values()]
    for part in (left[start : start + 500] for start in range(0, len(left), 500)):
        session.execute(update(Suggestion).where(Suggestion.id.in_(part)).values(unlisted_at=now))
    if changed:
        session.execute(update(Suggestion), changed)
    if added:
        session.execute(insert(Suggestion), added)
    return Written(len(lists), len(added), kept, len(left))


def _values(one: MemberList, entry: suggest.Suggestion, rank: int) -> dict[str, Any]:
    values: dict[str, Any] = {
        "rank": rank,
        "score": round(entry.score, 9),
        "band": entry.band,
        "reasons": [
            {"kind": reason.kind, "evidence": dict(reason.evidence), "weight": round(reason.weight, 6)}
            for reason in entry.reasons
        ],
        "signals": {"parts": dict(entry.parts), "signals": dict(entry.signals)},
        "weights_version": one.weights_version,
    }
    content = orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
    values["fingerprint"] = hashlib.blake2b(content, digest_size=8).hexdigest()
    return values


def unlist_all(session: Session, member_id: int, now: datetime) -> Written:
    """End a member's whole list."""
    current = Suggestion.unlisted_at.is_(None)
    session.execute(update(Suggestion).where(Suggestion.member_id == member_id, current).values(unlisted_at=now))
    return Written(members=1)


def forget_gone(session: Session, now: datetime) -> None:
    """Take the lists of members who are no longer active, and their places in others' lists, out."""
    gone = select(Member.id).where(Member.standing != ACTIVE)
    session.execute(
        update(Suggestion)
        .where(Suggestion.unlisted_at.is_(None), or_(Suggestion.member_id.in_(gone), Suggestion.other_id.in_(gone)))
        .values(unlisted_at=now)
    )
