"""Everything that was said of the network, held in this process until something else is said."""

from __future__ import annotations

import threading

from sqlalchemy.orm import Session

from haln.measure import facts, figures, kept
from haln.measure.figures import Figure
from haln.measure.questions import Question
from haln.network.versions import Versions
from haln.people import changes
from haln.taxonomy.vocabulary import Vocabulary

ANSWERS = 50
"""So many answers are held at most."""


class Held:
    """The versions of one network. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = -1
        self._versions: Versions | None = None
        self._told: dict[tuple[Question, tuple[str, ...]], list[Figure]] = {}

    def current(self, session: Session, vocabulary: Vocabulary) -> Versions:
        """The versions as they stand, read again where a member changed since."""
        number = changes.latest_number(session)
        with self._lock:
            if self._versions is None or number != self._number:
                # Read after the number: what comes in between is read now and once more at the next change.
                self._versions, self._number = facts.read(session, vocabulary), number
                self._told = {}
            return self._versions

    def figures(
        self, session: Session, vocabulary: Vocabulary, question: Question, keys: tuple[str, ...] = ()
    ) -> list[Figure]:
        """The figures of `figures.series`; the last answers are held as long as what was said is.

        Nobody waits for costly ones of a large network: they are there as of the days for which they are kept.
        """
        versions = self.current(session, vocabulary)
        with self._lock:
            told = self._told if versions is self._versions else {}  # somebody may have changed meanwhile
        found = told.get((question, keys))
        if found is None:
            ahead = kept.read(session, versions, question)
            found = figures.series(versions, question, keys, kept=ahead, patient=False)
            if len(told) >= ANSWERS:
                told.clear()
            told[question, keys] = found
        return found
