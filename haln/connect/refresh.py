"""Make suggestions anew: for everybody, for one member, for those whose turn it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from haln.connect import encoding
from haln.connect.indexes import Caught, Indexes
from haln.matching import diversify, suggest
from haln.matching.suggest import Attention, MemberList, Settings
from haln.models import AlgorithmRun, Member, Suggestion, SuggestionRefresh
from haln.people.visibility import ACTIVE

LISTS = 200
"""Lists written in one transaction."""

LEASE = timedelta(minutes=2)
RESUME = timedelta(hours=20)
"""A run that stopped is taken up again for so long; after that a new one begins."""

Progress = Callable[[int, int], None]


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


def refresh_all(
    session: Session,
    indexes: Indexes,
    now: datetime,
    settings: Settings,
    progress: Progress = lambda _done, _total: None,
) -> Written:
    """Build the index and every active member's list.

    Commits after each block of lists, so that a run that is stopped is taken up where it was; the same rows come out
    as of an uninterrupted run, for the index and the order are the same.
    """
    run, caught = _begun(session, indexes, now, settings)
    excluded = encoding.exclusions(session, run.started_at)
    total = len(caught.index)
    after = run.progress.get("after")
    done = int(run.progress.get("done", 0))
    lists = suggest.suggest_for_all(caught.index, excluded, settings, after=after)
    written = Written()
    for block in _blocks(lists, LISTS):
        written += write_lists(session, block, run.started_at)
        done += len(block)
        session.execute(
            update(AlgorithmRun)
            .where(AlgorithmRun.id == run.id)
            .values(progress={"after": block[-1].member, "done": done, "total": total})
        )
        session.commit()
        progress(done, total)
    _forget_gone(session, run.started_at)
    session.execute(delete(SuggestionRefresh).where(SuggestionRefresh.due_at <= run.started_at))
    session.execute(update(AlgorithmRun).where(AlgorithmRun.id == run.id).values(finished_at=now))
    session.commit()
    return written


def _begun(session: Session, indexes: Indexes, now: datetime, settings: Settings) -> tuple[AlgorithmRun, Caught]:
    """The run to go on with and its index, or a new run and a new index."""
    unfinished = session.scalar(
        select(AlgorithmRun)
        .where(
            AlgorithmRun.kind == "suggestions",
            AlgorithmRun.finished_at.is_(None),
            AlgorithmRun.started_at > now - RESUME,
            AlgorithmRun.weights_version == settings.weights.version,
        )
        .order_by(AlgorithmRun.id.desc())
        .limit(1)
    )
    saved = indexes.saved()
    if unfinished is not None and saved is not None and unfinished.data_version == saved.name:
        return unfinished, saved
    caught = indexes.build(session, now)
    run = AlgorithmRun(
        kind="suggestions",
        started_at=now,
        data_version=caught.name,
        weights_version=settings.weights.version,
        seed=settings.seed,
        progress={},
    )
    session.add(run)
    session.commit()
    return run, caught


def _blocks(lists: Iterable[MemberList], size: int) -> Iterable[Sequence[MemberList]]:
    block: list[MemberList] = []
    for one in lists:
        block.append(one)
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block


def _forget_gone(session: Session, now: datetime) -> None:
    """Take the lists of members who are no longer active, and their places in others' lists, out."""
    gone = select(Member.id).where(Member.standing != ACTIVE)
    session.execute(
        update(Suggestion)
        .where(Suggestion.unlisted_at.is_(None), or_(Suggestion.member_id.in_(gone), Suggestion.other_id.in_(gone)))
        .values(unlisted_at=now)
    )


def refresh_member(session: Session, indexes: Indexes, member_id: int, now: datetime, settings: Settings) -> Written:
    """Make one member's list anew with everything that has changed. The caller commits.

    Does nothing for who is not active, nor while a large network has no index yet: the member stays in the queue.
    """
    caught = indexes.caught_up(session, now)
    if caught is None:
        return Written()
    if member_id in caught.index:
        excluded = encoding.exclusions(session, now, {member_id})[member_id]
        attention = _attention(session, member_id, settings, len(caught.index))
        made = suggest.suggest_for(caught.index, member_id, excluded, settings, attention)
        written = write_lists(session, [made], now)
    else:
        written = _unlist_all(session, member_id, now)
    session.execute(delete(SuggestionRefresh).where(SuggestionRefresh.member_id == member_id))
    return written


def _unlist_all(session: Session, member_id: int, now: datetime) -> Written:
    current = Suggestion.unlisted_at.is_(None)
    session.execute(update(Suggestion).where(Suggestion.member_id == member_id, current).values(unlisted_at=now))
    return Written(members=1)


def _attention(session: Session, member_id: int, settings: Settings, members: int) -> Attention:
    """How often others are shown now, asked once for the few who might be listed."""

    def counts(others: Sequence[int]) -> Mapping[int, int]:
        rows: Any = session.execute(
            select(Suggestion.other_id, func.count(Suggestion.id))
            .where(
                Suggestion.other_id.in_(list(others)),
                Suggestion.unlisted_at.is_(None),
                Suggestion.member_id != member_id,
            )
            .group_by(Suggestion.other_id)
        )
        return dict(rows.all())

    cap = diversify.fair_cap(entries=settings.length * members, suggestable=members, multiple=settings.attention)
    return Attention(counts, cap)


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """Take members whose suggestions are due, the longest waiting first, under a lease. The caller commits."""
    statement = (
        select(SuggestionRefresh.member_id)
        .where(
            SuggestionRefresh.due_at <= now,
            or_(SuggestionRefresh.leased_until.is_(None), SuggestionRefresh.leased_until <= now),
        )
        .order_by(SuggestionRefresh.due_at, SuggestionRefresh.member_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(statement))
    if ids:
        session.execute(
            update(SuggestionRefresh).where(SuggestionRefresh.member_id.in_(ids)).values(leased_until=now + LEASE)
        )
    return ids


def is_due(session: Session, member_id: int) -> bool:
    """Whether this member's suggestions are to be made again."""
    return session.get(SuggestionRefresh, member_id) is not None


def refresh_due(session: Session, indexes: Indexes, now: datetime, settings: Settings, limit: int = 20) -> int:
    """Refresh some of the members who are due; commits after each. Returns how many were done."""
    ids = due(session, now, limit)
    session.commit()
    for member_id in ids:
        refresh_member(session, indexes, member_id, now, settings)
        session.commit()
    return len(ids)


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
    content = json.dumps(values, sort_keys=True).encode()
    values["fingerprint"] = hashlib.blake2b(content, digest_size=8).hexdigest()
    return values


def settings_for(length: int, attention: float) -> Settings:
    """The settings of matching from the operator's."""
    return replace(Settings(), length=length, attention=attention)
