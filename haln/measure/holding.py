"""Everything that was said of the network, held in this process until something else is said."""

from __future__ import annotations

import threading

from sqlalchemy.orm import Session

from haln.measure import facts
from haln.network.versions import Versions
from haln.people import changes
from haln.taxonomy.vocabulary import Vocabulary


class Held:
    """The versions of one network. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = -1
        self._versions: Versions | None = None

    def current(self, session: Session, vocabulary: Vocabulary) -> Versions:
        """The versions as they stand, read again where a member changed since."""
        number = changes.latest_number(session)
        with self._lock:
            if self._versions is None or number != self._number:
                # Read after the number: what comes in between is read now and once more at the next change.
                self._versions, self._number = facts.read(session, vocabulary), number
            return self._versions
