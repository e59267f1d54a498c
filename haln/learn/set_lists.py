"""Lists of what to join as the edges see them: one object that knows the network's vocabulary and settings.

The ranking is imported on first use: it brings libraries that take seconds to load, and most pages never need it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.errors import NotFound
from haln.models import Member
from haln.taxonomy.vocabulary import Vocabulary

if TYPE_CHECKING:
    from haln.learn.opening_rows import Ways
    from haln.learn.set_suggestions import Ground

_log = logging.getLogger(__name__)

FRESH = timedelta(minutes=10)
"""How long what is open is known without looking again: whatever closes meanwhile is left out all the same."""

SMALL = 3_000
"""Networks up to this many members may be read through within a request; larger ones wait for the worker."""


class SetLists:
    """Makes lists of what to join anew. `few`: the largest number of people that is not told.

    `learns`: whether weights are learned from who joined what; without, those of other networks hold. `workers`:
    processes that rank everybody's, 0: as many as suit.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        time_zone: str,
        few: int,
        reading: Callable[[], AbstractContextManager[None]] = nullcontext,
        learns: bool = True,
        workers: int = 1,
    ) -> None:
        self._vocabulary = vocabulary
        self._time_zone = time_zone
        self._few = few
        self._reading = reading
        self._learns = learns
        self._workers = workers
        self._laid: tuple[datetime, Ground] | None = None

    @cached_property
    def _ways(self) -> Ways:
        from haln.learn.opening_rows import Ways

        return Ways(self._top_sector, ZoneInfo(self._time_zone))

    def _top_sector(self, code: str) -> str:
        """The group of a sector; a code that is gone stands for itself."""
        try:
            return self._vocabulary.top_sector(code).code
        except KeyError:
            return code

    def prepare(self, session: Session, member_id: int, now: datetime) -> Callable[[], None]:
        """Work one member's list out, which only reads. Returns what writes it; the caller commits."""
        from haln.learn import set_suggestions

        if self._laid is None or not self._laid[0] <= now < self._laid[0] + FRESH:
            self._laid = now, set_suggestions.ground(session, now, self._ways, self._few, self._learns)
        return set_suggestions.prepare_one(session, self._laid[1], member_id, now, self._ways)

    def prepare_at_once(self, session: Session, member_id: int, now: datetime) -> Callable[[], None] | None:
        """As `prepare`, within a request; none in a large network: its members' lists are the worker's."""
        large = session.scalar(select(Member.id).order_by(Member.id).offset(SMALL).limit(1)) is not None
        return None if large else self.prepare(session, member_id, now)

    def named(self, session: Session, email: str, now: datetime) -> None:
        """Make the list of the member with this address. The caller commits. Raises NotFound."""
        member_id = session.scalar(select(Member.id).where(Member.email == email.strip().casefold()))
        if member_id is None:
            raise NotFound("No member has the address %(email)s.", email=email)
        self.prepare(session, member_id, now)()

    def everyone(self, session: Session, now: datetime, progress: Callable[[int, int], None]) -> int:
        """Learn weights where it is time for it, and make every list; commits as it goes. Returns how many changed."""
        from haln.learn import set_suggestions

        self._learn_if_that_goes_well(session, now)
        return set_suggestions.refresh_all(
            session, now, self._ways, self._few, progress, self._reading, self._learns, self._workers
        )

    def _learn_if_that_goes_well(self, session: Session, now: datetime) -> None:
        """Learn; lists are made anyway, with the weights in use."""
        try:
            if self._learns:
                self.learn(session, now)
        except Exception:
            session.rollback()
            _log.exception("No weights of what to join were learned; those in use hold")

    def in_use(self, session: Session) -> str:
        """The version of the weights that hold now."""
        from haln.learn import joining_training

        return joining_training.current(session, self._learns).version

    def learn(self, session: Session, now: datetime) -> None:
        """Learn weights anew where it is time for it, and commit."""
        from haln.learn import joining_training

        with self._reading():
            due = joining_training.is_due(session, now)
            made = joining_training.attempt(session, now, self._ways, self._few) if due else None
            session.commit()
        # Another run may have learned meanwhile.
        if made is not None and joining_training.is_due(session, now):
            joining_training.keep(session, made, now)
        session.commit()
