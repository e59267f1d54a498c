"""Bring a backup back.

It is checked, made ready beside what is there, brought to this version's tables and told what came after it. Only
then it takes the place of what was there, in one step; of that a backup was made first. Killed anywhere, the database
is wholly the old one or wholly the restored one, and restoring again does no harm.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from haln.errors import Conflict
from haln.recovery import archive, postgres_store, schema, settling, sqlite_store, taking
from haln.recovery.archive import Reading
from haln.recovery.manifest import Manifest
from haln.recovery.settling import CatchUp, Settled

_ERASED = "SELECT id, joined_at FROM member WHERE standing = 'erased'"
_PRESENT = "SELECT id, joined_at FROM member WHERE standing <> 'erased'"


@dataclass(frozen=True, slots=True)
class Edge:
    """What the edge lends: a session on any database, what a worker does by the clock, its clock, where to tell."""

    open: Callable[[str], AbstractContextManager[Session]]
    catch_up: CatchUp
    clock: Callable[[], datetime]
    forget_indexes: Callable[[], None]
    tell: Callable[[str], None] = lambda _sentence: None


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it. `aside`: the backup of what was there before, or where what could not be read now lies.

    `lost_erasures`: how many people were erased in what was there, who could not be found in the backup as the same.
    """

    manifest: Manifest
    settled: Settled
    aside: Path | None = None
    readable: bool = True
    lost_erasures: int = 0


@dataclass(frozen=True, slots=True)
class _Job:
    backup: Reading
    url: str
    folder: Path
    replace: bool
    moved: bool
    edge: Edge


def restore(path: Path, url: str, folder: Path, edge: Edge, *, replace: bool = False, moved: bool = False) -> Restored:
    """Bring a backup back into a database; what was there is backed up into `folder` first.

    `replace`: something may be there. `moved`: the service has stood still since the backup, and nothing of it has
    to be held back or ended. Raises Invalid for a file that cannot be restored, Conflict where it may not be.
    """
    with archive.reading(path) as backup:
        _refuse_others(backup.manifest, url)
        job = _Job(backup, url, folder, replace, moved, edge)
        if taking.kind_of(url) == taking.POSTGRES:
            with postgres_store.reached():
                return _into_postgres(job)
        return _into_sqlite(job, taking.file_of(url))


def _refuse_others(told: Manifest, url: str) -> None:
    if told.database != taking.kind_of(url):
        raise Conflict(
            "This backup is of %(theirs)s, and HALN_DATABASE_URL names %(ours)s. Restore it into what it came from.",
            theirs=told.database,
            ours=taking.kind_of(url),
        )
    if not schema.knows(told.revision):
        raise Conflict(
            "This backup has tables (%(revision)s) that version %(version)s made and this one does not know. "
            "Install that version or a newer one, then restore.",
            revision=told.revision,
            version=told.version,
        )


def _into_sqlite(job: _Job, path: Path) -> Restored:
    path.parent.mkdir(parents=True, exist_ok=True)
    ready = path.with_name(path.name + sqlite_store.BESIDE)
    sqlite_store.clear(ready)
    try:
        job.edge.tell("Checking the backup.")
        sqlite_store.unpack(job.backup, ready)
        if not path.exists() or path.stat().st_size == 0:
            return _under_its_name(job, ready, path)
        if sqlite_store.damaged(path):
            if not job.replace:
                raise _something_there()
            job.edge.tell("What is there cannot be read; it is put aside as it is.")
            return replace(_under_its_name(job, ready, path), readable=False)
        with sqlite_store.alone(path) as held:
            return _over_sqlite(job, ready, held)
    finally:
        sqlite_store.clear(ready)


def _something_there() -> Conflict:
    return Conflict("There are people in the database. Say --replace to put this backup in its place.")


def _not_ours() -> Conflict:
    return Conflict("This database holds tables that are not HALN's. Name one of its own in HALN_DATABASE_URL.")


def _under_its_name(job: _Job, ready: Path, path: Path) -> Restored:
    done = _made_ready(job, ready, set())
    job.edge.forget_indexes()
    return replace(done, aside=sqlite_store.take_name(ready, path, job.edge.clock()))


def _over_sqlite(job: _Job, ready: Path, held: sqlite3.Connection) -> Restored:
    ours = sqlite_store.revision_of(held)
    if not ours and sqlite_store.rows_of(held):
        raise _not_ours()
    aside = _name_aside(job) if ours and _any(held) else None
    if aside is not None:
        with archive.writing(aside, overwrite=False) as into:
            taking.dump_sqlite(held, into, job.folder, job.edge.clock())
    done = _made_ready(job, ready, _pairs(held, _ERASED) if ours else set())
    job.edge.forget_indexes()
    sqlite_store.pour(ready, held)
    return replace(done, aside=aside)


def _any(connection: Any) -> bool:
    return connection.execute("SELECT id FROM member LIMIT 1").fetchone() is not None


def _pairs(connection: Any, query: str) -> set[tuple[int, Any]]:
    return {(row[0], row[1]) for row in connection.execute(query).fetchall()}


def _name_aside(job: _Job) -> Path:
    """Where what is there is backed up to. Raises Conflict unless it may be replaced."""
    if not job.replace:
        raise _something_there()
    job.edge.tell("Backing up what is there.")
    job.folder.mkdir(parents=True, exist_ok=True)
    return job.folder / f"before-restore-{job.edge.clock():%Y%m%dT%H%M%S}Z.backup"


def _made_ready(job: _Job, ready: Path, erased: set[tuple[int, Any]]) -> Restored:
    url = f"sqlite:///{ready}"
    schema.upgrade(url)
    with closing(sqlite3.connect(ready)) as found:
        present = _pairs(found, _PRESENT)
    done = _settled(job, url, erased, present)
    sqlite_store.settle(ready)
    sqlite_store.examine(ready)
    return done


def _settled(job: _Job, url: str, erased: set[tuple[int, Any]], present: set[tuple[int, Any]]) -> Restored:
    """Tell the database that was made ready what came after it."""
    taken_at = job.backup.manifest.taken_at
    again = {member_id for member_id, _joined in erased & present}
    numbers = {member_id for member_id, _joined in present}
    lost = sum(member_id in numbers and member_id not in again for member_id, _joined in erased)
    job.edge.tell("Telling it what came after it was taken.")
    with job.edge.open(url) as session:
        if job.moved:
            return Restored(job.backup.manifest, settling.moved(session, taken_at, job.edge.clock()))
        settled = settling.settle(session, taken_at, again, job.edge.catch_up, job.edge.clock())
    return Restored(job.backup.manifest, settled, lost_erasures=lost)


def _into_postgres(job: _Job) -> Restored:
    with postgres_store.alone(job.url) as held:
        ours = postgres_store.revision_of(held)
        if not ours and postgres_store.tables_of(held):
            raise _not_ours()
        job.edge.tell("Checking the backup.")
        postgres_store.check(job.backup)
        aside = _name_aside(job) if ours and _any(held) else None
        if aside is not None:
            with archive.writing(aside, overwrite=False) as into:
                taking.dump_postgres(held, into, job.edge.clock())
        try:
            done = _made_ready_beside(job, _pairs(held, _ERASED) if ours else set())
            job.edge.forget_indexes()
            postgres_store.take_place(held)
        except BaseException:
            held.rollback()
            postgres_store.clear(job.url)
            raise
    return replace(done, aside=aside)


def _made_ready_beside(job: _Job, erased: set[tuple[int, Any]]) -> Restored:
    postgres_store.unpack(job.backup, job.url)
    beside = postgres_store.beside(job.url)
    schema.upgrade(beside)
    with postgres_store.snapshot(beside) as found:
        present = _pairs(found, _PRESENT)
    return _settled(job, beside, erased, present)
