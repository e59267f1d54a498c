"""Everything that was said of the network, held in this process until something else is said."""

from __future__ import annotations

import threading
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.measure import facts, figures, kept
from haln.measure.figures import Figure
from haln.measure.questions import Question
from haln.network.versions import Versions
from haln.people import changes
from haln.taxonomy.vocabulary import Vocabulary

_STANDS = select(changes.LATEST.scalar_subquery(), kept.LATEST.scalar_subquery())

ANSWERS = 50
"""So many answers are held at most."""


class Held:
    """The versions of one network. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number: int | None = -1
        self._versions: Versions | None = None
        self._kept_at: datetime | None = None
        self._told: dict[tuple[Question, tuple[str, ...]], list[Figure]] = {}

    def current(self, session: Session, vocabulary: Vocabulary) -> Versions:
        """The versions as they stand, read again where a member changed since."""
        return self._current(session, vocabulary)[0]

    def _current(self, session: Session, vocabulary: Vocabulary) -> tuple[Versions, datetime | None]:
        """Them, and when the last of what is kept was worked out: asked at once."""
        number, made_at = session.execute(_STANDS).one()
        with self._lock:
            if self._versions is None or number != self._number:
                # Read after the number: what comes in between is read now and once more at the next change.
                self._versions, self._number = facts.read(session, vocabulary), number
                self._told = {}
            return self._versions, made_at

    def figures(
        self, session: Session, vocabulary: Vocabulary, question: Question, keys: tuple[str, ...] = ()
    ) -> list[Figure]:
        """The figures of `figures.series`; the last answers are held as long as what was said is.

        Nobody waits for costly ones of a large network: they are there as of the days for which they are kept.
        """
        versions, made_at = self._current(session, vocabulary)
        with self._lock:
            if made_at != self._kept_at:
                self._told, self._kept_at = {}, made_at
            told = self._told if versions is self._versions else {}  # somebody may have changed meanwhile
        found = told.get((question, keys))
        if found is None:
            ahead = kept.read(session, versions, question)
            found = figures.series(versions, question, keys, kept=ahead, patient=False)
            if len(told) >= ANSWERS:
                told.clear()
            told[question, keys] = found
        return found
