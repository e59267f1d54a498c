"""Bring a backup back.

It is checked, made ready beside what is there, brought to this version's tables and told what came after it. Only
then it takes the place of what was there, in one step; of that a backup was made first. Killed anywhere, the database
is wholly the old one or wholly the restored one, and restoring again does no harm.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from haln.errors import Conflict
from haln.recovery import archive, leftovers, postgres_store, schema, settling, sqlite_store, taking
from haln.recovery.archive import Reading
from haln.recovery.manifest import Manifest
from haln.recovery.settling import CatchUp, Settled
from haln.recovery.since import Since, State, between, state


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

    `lost_erasures`: how many people were erased in what was there, who could not be found in the backup as the same;
    `foreign`: what the backup held and is not HALN's, so that it was not brought back.
    """

    manifest: Manifest
    settled: Settled
    aside: Path | None = None
    readable: bool = True
    lost_erasures: int = 0
    foreign: Sequence[str] = ()


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
    leftovers.sweep(folder)
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
    with leftovers.held(path.parent) as free:
        if not free:
            raise Conflict("Another restore is running. Let it end, or stop it first.")
        leftovers.sweep(path.parent)
        return _beside_sqlite(job, path, sqlite_store.beside(path))


def _beside_sqlite(job: _Job, path: Path, ready: Path) -> Restored:
    sqlite_store.clear(ready)
    try:
        job.edge.tell("Checking the backup.")
        foreign = sqlite_store.unpack(job.backup, ready)
        return replace(_in_place(job, path, ready), foreign=foreign)
    except sqlite3.Error as error:
        raise Conflict("The database cannot be used: %(why)s", why=error) from error
    except OSError as error:
        raise Conflict("%(path)s cannot be written: %(why)s.", path=path, why=error.strerror) from error
    finally:
        sqlite_store.clear(ready)


def _in_place(job: _Job, path: Path, ready: Path) -> Restored:
    if not path.exists() or path.stat().st_size == 0:
        return _under_its_name(job, ready, path, State())
    if sqlite_store.damaged(path):
        if not job.replace:
            raise _something_there()
        job.edge.tell("What is there is damaged; it is put aside as it is.")
        there = sqlite_store.sound(path)
        return replace(_under_its_name(job, ready, path, there or State()), readable=there is not None)
    with sqlite_store.alone(path) as held:
        return _over_sqlite(job, ready, held)


def _something_there() -> Conflict:
    return Conflict("There are people in the database. Say --replace to put this backup in its place.")


def _not_ours() -> Conflict:
    return Conflict("This database holds tables that are not HALN's. Name one of its own in HALN_DATABASE_URL.")


def _under_its_name(job: _Job, ready: Path, path: Path, there: State) -> Restored:
    done = _made_ready(job, ready, there)
    job.edge.forget_indexes()
    return replace(done, aside=sqlite_store.take_name(ready, path, job.edge.clock()))


def _over_sqlite(job: _Job, ready: Path, held: sqlite3.Connection) -> Restored:
    ours = sqlite_store.revision_of(held)
    there = sqlite_store.rows_of(held)
    if not ours and there:
        raise _not_ours()
    others = sqlite_store.foreign(held, schema.tables_at(ours)) if schema.knows(ours) else []
    if others:
        raise Conflict(
            "The database holds what is not HALN's, and would be lost: %(names)s. Move it into a file of its own, and "
            "drop it here.",
            names=", ".join(name for name, _kind in others),
        )
    aside = _name_aside(job) if ours and _any(held) else None
    if aside is not None:
        with archive.writing(aside, overwrite=False) as into:
            taking.dump_sqlite(held, into, job.folder, job.edge.clock())
    done = _made_ready(job, ready, state(held, there))
    job.edge.forget_indexes()
    sqlite_store.pour(ready, held)
    return replace(done, aside=aside)


def _any(connection: Any) -> bool:
    return connection.execute("SELECT id FROM member LIMIT 1").fetchone() is not None


def _name_aside(job: _Job) -> Path:
    """Where what is there is backed up to. Raises Conflict unless it may be replaced."""
    if not job.replace:
        raise _something_there()
    job.edge.tell("Backing up what is there.")
    job.folder.mkdir(parents=True, exist_ok=True)
    return job.folder / f"before-restore-{job.edge.clock():%Y%m%dT%H%M%S}Z.backup"


def _made_ready(job: _Job, ready: Path, there: State) -> Restored:
    url = f"sqlite:///{ready}"
    schema.upgrade(url)
    with closing(sqlite3.connect(ready)) as found:
        since = between(state(found, sqlite_store.rows_of(found)), there)
    done = _settled(job, url, since)
    sqlite_store.settle(ready)
    sqlite_store.examine(ready)
    return done


def _settled(job: _Job, url: str, since: Since) -> Restored:
    """Tell the database that was made ready what came after it. Raises Conflict when it did not only move."""
    taken_at = job.backup.manifest.taken_at
    if job.moved and since:
        raise Conflict(
            "What is there has not stood still since the backup: %(erased)s people were erased in it, %(left)s left, "
            "and %(less)s blocks and wishes for less are new. Restore without --moved, so that they are kept.",
            erased=len(since.erased) + since.lost,
            left=len(since.left),
            less=len(since.blocks) + len(since.stopped) + len(since.less),
        )
    job.edge.tell("Telling it what came after it was taken.")
    with job.edge.open(url) as session:
        if job.moved:
            return Restored(job.backup.manifest, settling.moved(session, taken_at, job.edge.clock()))
        settled = settling.settle(session, taken_at, since, job.edge.catch_up, job.edge.clock())
    return Restored(job.backup.manifest, settled, lost_erasures=since.lost)


def _into_postgres(job: _Job) -> Restored:
    with postgres_store.alone(job.url) as held:
        ours = postgres_store.revision_of(held)
        there = postgres_store.tables_of(held)
        others = set(there) - set(postgres_store.ours(held))
        if (there and not ours) or others & schema.tables_at(schema.newest()).keys():
            raise _not_ours()
        job.edge.tell("Checking the backup.")
        postgres_store.check(job.backup)
        aside = _name_aside(job) if ours and _any(held) else None
        if aside is not None:
            with archive.writing(aside, overwrite=False) as into:
                taking.dump_postgres(held, into, job.edge.clock(), whole=False)
        try:
            done = _made_ready_beside(job, state(held, there))
            job.edge.forget_indexes()
            postgres_store.take_place(held)
        except BaseException:
            held.rollback()
            postgres_store.clear(job.url)
            raise
    return replace(done, aside=aside, foreign=postgres_store.foreign(job.backup))


def _made_ready_beside(job: _Job, there: State) -> Restored:
    postgres_store.unpack(job.backup, job.url)
    beside = postgres_store.beside(job.url)
    schema.upgrade(beside)
    with postgres_store.snapshot(beside) as found:
        since = between(state(found, postgres_store.tables_of(found)), there)
    return _settled(job, beside, since)
