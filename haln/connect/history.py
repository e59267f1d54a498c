"""The network as it was known at earlier moments, for weights to be learned from: read once, however many moments."""

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
    """What was known of members and ties by a moment, and since when. Nothing that came after it is in here.

    `counts`: the terms of all that had been written by then, whoever reads it at which moment.
    """

    people: Sequence[Known]
    ties: Sequence[tuple[datetime, datetime | None, Tie]]
    counts: Counts

    @classmethod
    def read(cls, session: Session, until: datetime, top_sector: TopSector) -> History:
        """Read what was known by a moment."""
        people = list(person_rows.known(session, until, top_sector))
        counts = Counts(text for one in people for text in one.person.texts)
        return cls(people, list(encoding.lasting(session, until)), counts)

    def network(self, session: Session, then: datetime) -> Network:
        """Return the network as it was known at a moment that is no later than what was read."""
        there = (one.at(then) for one in self.people)
        return Network(
            people=[one for one in there if one is not None],
            ties=[tie for since, until, tie in self.ties if since <= then and (until is None or until > then)],
            memberships=encoding.memberships(session, then=then),
            today=then.date().toordinal(),
        )
