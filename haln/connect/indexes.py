"""The saved index of the network, and how each process keeps up with it.

The nightly refresh builds and saves the index; every process maps the same file. What changed since is read by change
number (`haln.people.changes`) and patched in, so that a member's change counts at once in every process.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.connect import encoding, person_rows
from haln.connect.person_rows import TopSector
from haln.matching import index as indexing
from haln.matching import patching, storage
from haln.matching.index import Index
from haln.matching.people import Changes, Network
from haln.models import Member
from haln.people import changes

SMALL = 3_000
"""Networks up to this many members may be indexed within a request; larger ones wait for the worker."""


@dataclass(frozen=True, slots=True)
class Caught:
    """An index that has caught up with the rows, up to a change number."""

    index: Index
    name: str
    number: int


class Indexes:
    """The index of one network in this process. Safe to use from several threads."""

    def __init__(self, folder: Path, top_sector: TopSector) -> None:
        self.folder = folder
        self.top_sector = top_sector
        self._lock = threading.Lock()
        self._held: Caught | None = None

    def build(self, session: Session, now: datetime) -> Caught:
        """Build the index from all rows, save it, and hold it."""
        number = changes.latest_number(session)
        made = indexing.build(
            Network(
                people=person_rows.people(session, now, self.top_sector),
                ties=encoding.ties(session),
                memberships=encoding.memberships(session),
                today=now.date().toordinal(),
            )
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        name = storage.save(made, self.folder, label=str(number))
        with self._lock:
            self._held = Caught(made, name, number)
            return self._held

    def saved(self) -> Caught | None:
        """The index as it was saved last, not caught up; none where there is none that can be read."""
        name = storage.current(self.folder)  # asked for first: another process may save while this one loads
        try:
            index, label = storage.load(self.folder, name)
        except (storage.IndexMissing, storage.IndexOutdated):
            return None
        return Caught(index, name or "", int(label))

    def caught_up(self, session: Session, now: datetime) -> Caught | None:
        """The index with every change of the rows in it; none when the network is large and was never indexed."""
        with self._lock:
            if self._held is None or storage.current(self.folder) != self._held.name:
                self._held = self._saved_for(session)
            held = self._held
        if held is None:
            first = session.scalars(select(Member.id).limit(SMALL + 1)).all()
            return self.build(session, now) if len(first) <= SMALL else None
        latest = changes.latest_number(session)
        if latest == held.number:
            return held
        caught = Caught(self._patched(session, held, now), held.name, latest)
        with self._lock:
            if self._held is held:
                self._held = caught
        return caught

    def _saved_for(self, session: Session) -> Caught | None:
        """The saved index, unless it has seen changes that these rows never had: they are from a copy, or others."""
        found = self.saved()
        return found if found is not None and found.number <= changes.latest_number(session) else None

    def _patched(self, session: Session, held: Caught, now: datetime) -> Index:
        changed = frozenset(session.scalars(select(Member.id).where(Member.change_number > held.number)))
        found = tuple(person_rows.people(session, now, self.top_sector, changed))
        present = frozenset(person.member for person in found)
        return patching.patch(
            held.index,
            Changes(
                people=found,
                gone=frozenset(member for member in changed - present if member in held.index),
                retied=present,
                ties=tuple(encoding.ties(session, present)),
                regrouped=present,
                memberships=tuple(encoding.memberships(session, present)),
            ),
        )
