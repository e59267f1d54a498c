"""Make suggestions anew: for everybody, for one member, for those whose turn it is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from haln.connect import encoding
from haln.connect.attention import MULTIPLE, attention_for, lists_now
from haln.connect.crews import ALONE, Crews
from haln.connect.indexes import Caught, Indexes
from haln.connect.meanwhile import Meanwhile, gone_since, spared
from haln.connect.stored_lists import StoredList, stored
from haln.connect.suggestion_rows import Written, forget_gone, unlist_all, write_lists
from haln.matching import suggest
from haln.matching.crew import lists_for_all
from haln.matching.suggest import Exclusions, Settings
from haln.models import AlgorithmRun, Member, SuggestionRefresh
from haln.people import changes, trying_again
from haln.people.visibility import ACTIVE

LISTS = 200
"""Lists written in one transaction."""

LEASE = timedelta(minutes=2)
RESUME = timedelta(hours=20)
"""A run that stopped is taken up again for so long; after that a new one begins."""

Progress = Callable[[int, int], None]
Reading = Callable[[], AbstractContextManager[None]]
"""Within it a transaction only reads, and takes no lock that keeps others from writing."""
Writing = Callable[[], AbstractContextManager[None]]
"""Within it transactions are such as write thousands of rows, one after another."""
Also = Callable[[Session, int, datetime], Callable[[], None] | None]
"""Something else to make anew for a member: works it out, which only reads, and returns what writes it.

None where it is left for the worker: the member stays in the queue.
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One member's new list, worked out but not written; `made` is none for somebody who is no longer active.

    `left_out` and `number` say what was known then: who stays out, and up to which change.
    """

    member_id: int
    made: StoredList | None
    left_out: Exclusions
    number: int


@dataclass(frozen=True, slots=True)
class _Run:
    """A run over everybody, where it stands, and its index."""

    id: int
    started_at: datetime
    after: int | None
    done: int
    caught: Caught


def refresh_all(
    session: Session,
    indexes: Indexes,
    now: datetime,
    settings: Settings,
    progress: Progress = lambda _done, _total: None,
    reading: Reading = nullcontext,
    crews: Crews = ALONE,
    filling: Writing = nullcontext,
) -> Written:
    """Build the index and every active member's list, with the crew that the operator chose.

    Commits after each block of lists, so that a run that is stopped is taken up where it was; the same rows come out
    as of an uninterrupted run, for the index and the order are the same, unless somebody was set aside in between.
    Within `reading()` a transaction takes no lock that keeps others from writing; between blocks none is open. Within
    `filling()` each writes thousands of rows. `progress` hears of each member twice: when they are ranked, and when
    their list is written.
    """
    run = _begun(session, indexes, now, settings, reading)
    index = run.caught.index
    with reading():
        excluded = encoding.exclusions(session, run.started_at)
        session.commit()
    done, total, written = run.done, len(index), Written()
    heeded = {MULTIPLE: settings.attention}

    def ranked(count: int) -> None:
        progress(count, 2 * total)

    meanwhile = Meanwhile(run.caught.number, run.started_at)
    with crews.for_index(indexes.folder, run.caught) as crew, filling():
        for block in lists_for_all(index, crew, excluded, settings, stored, LISTS, run.after, ranked):
            done += len(block)
            progressed = heeded | {"after": block[-1].member, "done": done, "total": total}
            written += _written(session, run, meanwhile, block, progressed)
            progress(total + done, 2 * total)
    forget_gone(session, run.started_at)
    unchanged = select(Member.id).where(Member.change_number <= run.caught.number)
    session.execute(
        delete(SuggestionRefresh).where(
            SuggestionRefresh.due_at <= run.started_at, SuggestionRefresh.member_id.in_(unchanged)
        ),
        execution_options={"synchronize_session": False},
    )
    progressed = heeded | {"done": done, "total": total} | lists_now(session, index)
    session.execute(update(AlgorithmRun).where(AlgorithmRun.id == run.id).values(finished_at=now, progress=progressed))
    session.commit()
    return written


def _written(
    session: Session, run: _Run, meanwhile: Meanwhile, block: list[StoredList], progressed: dict[str, Any]
) -> Written:
    """Write a block of lists and how far the run is, and commit: the worker may write one of them at the moment."""

    def write() -> Written:
        written = write_lists(session, meanwhile.still_right(session, block), run.started_at)
        session.execute(update(AlgorithmRun).where(AlgorithmRun.id == run.id).values(progress=progressed))
        return written

    return trying_again.commit(session, write)


def _begun(session: Session, indexes: Indexes, now: datetime, settings: Settings, reading: Reading) -> _Run:
    """The run to go on with and its index, or a new run and a new index."""
    with reading():
        stopped = _stopped(session, indexes, now, settings)
        caught = stopped.caught if stopped else indexes.build(session, now)
        session.commit()
    if stopped:
        return stopped
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
    return _Run(run.id, now, None, 0, caught)


def refresh_member(session: Session, indexes: Indexes, member_id: int, now: datetime, settings: Settings) -> Written:
    """Make one member's list anew with everything that has changed. The caller commits.

    Does nothing while a large network has no index yet: the member stays in the queue.
    """
    prepared = prepare(session, indexes, member_id, now, settings)
    return Written() if prepared is None else keep(session, prepared, now)


def prepare(session: Session, indexes: Indexes, member_id: int, now: datetime, settings: Settings) -> Prepared | None:
    """Work one member's list out, which only reads; none while a large network has no index yet."""
    caught = indexes.caught_up(session, now)
    if caught is None:
        return None
    left_out = encoding.exclusions(session, now, {member_id})[member_id]
    if member_id not in caught.index:
        return Prepared(member_id, None, left_out, caught.number)
    attention = attention_for(session, member_id, settings, len(caught.index))
    made = suggest.suggest_for(caught.index, member_id, left_out, settings, attention)
    return Prepared(member_id, stored(made), left_out, caught.number)


def keep(session: Session, prepared: Prepared, now: datetime, waits: bool = False) -> Written:
    """Write a list that was worked out. The caller commits.

    The member leaves the queue unless something changed in between, when the list is written without whom they have set
    aside, or something else of theirs `waits`; then their turn comes again. Nothing is written of who has gone since,
    and nothing for a member who has.
    """
    member_id = prepared.member_id
    changed = changes.still(session) > prepared.number
    asked = select(Member.change_number, Member.standing).where(Member.id == member_id)
    number, standing = session.execute(asked).one_or_none() or (0, "")
    left_out = encoding.exclusions(session, now, {member_id})[member_id]
    if prepared.made is None or standing != ACTIVE:
        written = unlist_all(session, member_id, now)
    else:
        gone = gone_since(session, prepared.number, now) if changed else ()
        written = write_lists(session, [spared(prepared.made, left_out, gone)], now)
    waiting = SuggestionRefresh.member_id == member_id
    if not waits and number <= prepared.number and left_out == prepared.left_out:
        session.execute(delete(SuggestionRefresh).where(waiting))
    else:
        session.execute(update(SuggestionRefresh).where(waiting).values(leased_until=None))
    return written


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
    return (
        session.scalar(select(SuggestionRefresh.member_id).where(SuggestionRefresh.member_id == member_id)) is not None
    )


def refresh_due(
    session: Session,
    indexes: Indexes,
    now: datetime,
    settings: Settings,
    limit: int = 20,
    reading: Reading = nullcontext,
    also: Also | None = None,
) -> int:
    """Refresh some of the members who are due; commits after each. Returns how many were done.

    One that fails is logged and keeps its place until its lease ends; the others do not wait for it.
    """
    ids = due(session, now, limit)
    session.commit()
    return sum(refresh_now(session, indexes, member_id, now, settings, reading, also) for member_id in ids)


def refresh_now(
    session: Session,
    indexes: Indexes,
    member_id: int,
    now: datetime,
    settings: Settings,
    reading: Reading = nullcontext,
    also: Also | None = None,
) -> bool:
    """Refresh one member and commit, holding the lock that writers need only while writing. Says whether it was done.

    A failure is logged and leaves the member in the queue.
    """
    try:
        with reading():
            prepared = prepare(session, indexes, member_id, now, settings)
            write = also(session, member_id, now) if also and prepared else None
            session.commit()
        if prepared is None:
            return False
        keep(session, prepared, now, waits=also is not None and write is None)
        if write:
            write()
        session.commit()
        return True
    except Exception:
        session.rollback()
        _log.exception("The suggestions of member %s could not be refreshed", member_id)
        return False


def settings_for(length: int, attention: float) -> Settings:
    """The settings of matching from the operator's."""
    return replace(Settings(), length=length, attention=attention)


def is_unfinished(session: Session, indexes: Indexes, now: datetime, settings: Settings) -> bool:
    """Whether a run over everybody with these settings stopped, and will be taken up again."""
    return _stopped(session, indexes, now, settings) is not None


def _stopped(session: Session, indexes: Indexes, now: datetime, settings: Settings) -> _Run | None:
    """The run that is to be taken up again; none whose index is no longer there, or that heeded another multiple."""
    found = session.execute(_unfinished(now, settings.weights.version)).first()
    if found is not None and found.progress.get(MULTIPLE, settings.attention) != settings.attention:
        return None
    saved = indexes.saved() if found else None
    if found is None or saved is None or found.data_version != saved.name:
        return None
    if saved.number > changes.latest_number(session):  # of later rows than these, which were put back from a copy
        return None
    return _Run(found.id, found.started_at, found.progress.get("after"), int(found.progress.get("done", 0)), saved)


def _unfinished(now: datetime, version: str) -> Select[Any]:
    return (
        select(AlgorithmRun.id, AlgorithmRun.started_at, AlgorithmRun.data_version, AlgorithmRun.progress)
        .where(
            AlgorithmRun.kind == "suggestions",
            AlgorithmRun.finished_at.is_(None),
            AlgorithmRun.started_at > now - RESUME,
            AlgorithmRun.weights_version == version,
        )
        .order_by(AlgorithmRun.id.desc())
        .limit(1)
    )
