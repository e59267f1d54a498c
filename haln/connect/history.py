"""The network as it was known at earlier moments, for weights to be learned from: members and ties are read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from haln.connect import encoding, person_rows
from haln.connect.person_rows import Known, TopSector
from haln.matching.people import Network, Tie
from haln.matching.text import Counts


@dataclass(frozen=True, slots=True)
class History:
    """The members and ties there were by a moment, `until`, and since when.

    Nobody who joined, nothing that was written and no tie that was made after it is in here. Of these, what has no date
    is today's, and when a tie ended or a pause ends may lie later; no network that is made of it tells. `counts`: the
    terms of all that had been written by then.
    """

    until: datetime
    people: Sequence[Known]
    ties: Sequence[tuple[datetime, datetime | None, Tie]]
    counts: Counts

    @classmethod
    def read(cls, session: Session, until: datetime, top_sector: TopSector) -> History:
        """Read what was known by a moment."""
        people = list(person_rows.known(session, until, top_sector))
        counts = Counts(text for one in people for text in one.person.texts)
        return cls(until, people, list(encoding.lasting(session, until)), counts)

    def network(self, session: Session, then: datetime) -> Network:
        """Return the network as it was known at a moment; raises ValueError for one later than what was read.

        Memberships are read when they are asked for.
        """
        if then > self.until:
            raise ValueError(f"nothing is known of {then}: it was read until {self.until}")
        there = (one.at(then) for one in self.people)
        return Network(
            people=[one for one in there if one is not None],
            ties=[tie for since, until, tie in self.ties if since <= then and (until is None or until > then)],
            memberships=encoding.memberships(session, then=then),
            today=then.date().toordinal(),
        )
