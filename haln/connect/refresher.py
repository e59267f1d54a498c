"""Refreshing as the edges see it: one object that knows the network's index folder and settings.

Matching is imported on first use. It brings compiled libraries that take seconds to load, and most pages never
need it.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.connect.one_at_a_time import one_at_a_time
from haln.errors import NotFound
from haln.models import Member, SuggestionRefresh
from haln.taxonomy.vocabulary import Vocabulary

if TYPE_CHECKING:
    from haln.connect.indexes import Indexes
    from haln.connect.refresh import Also, Reading, Writing
    from haln.connect.suggestion_rows import Written
    from haln.matching.suggest import Settings
    from haln.people.learned_weights import Version


_log = logging.getLogger(__name__)


class Refresher:
    """Makes suggestions anew, with this network's index folder, vocabulary and settings.

    `also`: what else is made anew for a member whose turn it is, in the same transaction; `at_once`: the same where
    somebody waits for it. `learns`: whether weights are learned from the network's own history; without, those of other
    networks hold. `workers`, `scheduler`: who makes everybody's (`haln.connect.crews`).
    """

    def __init__(
        self,
        folder: Path,
        vocabulary: Vocabulary,
        length: int,
        attention: float,
        reading: Reading = nullcontext,
        also: Also | None = None,
        at_once: Also | None = None,
        learns: bool = True,
        workers: int = 0,
        scheduler: str = "",
        filling: Writing = nullcontext,
    ) -> None:
        self.folder = folder
        self._vocabulary = vocabulary
        self._length = length
        self._attention = attention
        self._reading = reading
        self._also = also
        self._at_once = at_once
        self._learns = learns
        self._workers = workers
        self._scheduler = scheduler
        self._filling = filling

    @cached_property
    def _indexes(self) -> Indexes:
        from haln.connect.indexes import Indexes

        return Indexes(self.folder, lambda code: self._vocabulary.top_sector(code).code)

    def _settings(self, session: Session) -> Settings:
        """The settings of matching with the weights that hold now: another process may have learned others."""
        from haln.connect import training
        from haln.connect.refresh import settings_for

        settings = settings_for(self._length, self._attention)
        return replace(settings, weights=training.current(session)) if self._learns else settings

    def _settings_now(self, session: Session) -> Settings:
        """The same, asked for so that nobody waits to write meanwhile; leaves no transaction open."""
        with self._reading():
            settings = self._settings(session)
            session.commit()
        return settings

    def alone(self, session: Session) -> AbstractContextManager[None]:
        """Keep other runs over everybody out for a block. Raises Conflict where one is under way."""
        return one_at_a_time(session, self.folder)

    def everyone(self, session: Session, now: datetime, progress: Callable[[int, int], None]) -> Written:
        """Learn weights where it is time for it, and make every list; commits as it goes."""
        from haln.connect import refresh
        from haln.connect.crews import Crews

        crews = Crews(self._workers, self._scheduler)
        # What is loaded by now stays: the collector need not look through it again and again (a sixth of the time).
        gc.freeze()
        try:
            self._learn_or_go_on(session, now)
            settings = self._settings_now(session)
            return refresh.refresh_all(
                session, self._indexes, now, settings, progress, self._reading, crews, self._filling
            )
        finally:
            gc.unfreeze()

    def _learn_or_go_on(self, session: Session, now: datetime) -> None:
        """Learn, if that goes well: lists are made anyway, with the weights in use."""
        from haln.connect import listed_answers

        try:
            if self._learns:
                self.learn(session, now)
        except Exception:
            session.rollback()
            _log.exception("No weights were learned; those in use hold")
        listed_answers.forget_old(session, now)
        session.commit()

    def learn(self, session: Session, now: datetime) -> None:
        """Learn weights anew where it is time for it, and commit; not before a run that stopped has ended."""
        from haln.connect import refresh, training

        with self._reading():
            settings = self._settings(session)
            begun = refresh.is_unfinished(session, self._indexes, now, settings)
            made = None
            if training.is_due(session, now) and not begun:
                made = training.attempt(session, now, self._indexes.top_sector, settings)
            session.commit()
        # Another run may have learned meanwhile.
        if made is not None and training.is_due(session, now):
            training.keep(session, made, now)
        session.commit()

    def in_use(self, session: Session) -> str:
        """The version of the weights that hold now."""
        return self._settings(session).weights.version

    def versions(self, session: Session, limit: int) -> list[Version]:
        """Weights that were learned, the newest first."""
        from haln.people import learned_weights

        return learned_weights.versions(session, limit)

    def one(self, session: Session, member_id: int, now: datetime) -> Written:
        """Make one member's list. The caller commits."""
        from haln.connect import refresh

        return refresh.refresh_member(session, self._indexes, member_id, now, self._settings(session))

    def named(self, session: Session, email: str, now: datetime) -> Written:
        """Make the list of the member with this address. The caller commits. Raises NotFound."""
        member_id = session.scalar(select(Member.id).where(Member.email == email.strip().casefold()))
        if member_id is None:
            raise NotFound("No member has the address %(email)s.", email=email)
        return self.one(session, member_id, now)

    def if_due(self, session: Session, member_id: int, now: datetime) -> None:
        """Make one member's list when something that they did calls for it, and commit.

        A failure is logged and leaves the member in the queue: what they did is kept either way.
        """
        waiting = select(SuggestionRefresh.member_id).where(SuggestionRefresh.member_id == member_id)
        with self._reading():
            is_due = session.scalar(waiting) is not None
            session.commit()
        if is_due:
            from haln.connect import refresh

            settings = self._settings_now(session)
            refresh.refresh_now(session, self._indexes, member_id, now, settings, self._reading, self._at_once)

    def due(self, session: Session, now: datetime, limit: int = 20) -> int:
        """Make the lists of some members who are due; commits after each. Returns how many."""
        from haln.connect import refresh

        settings = self._settings_now(session)
        return refresh.refresh_due(session, self._indexes, now, settings, limit, self._reading, self._also)

    def warm_soon(self) -> None:
        """Load matching, and compile it where this machine never did, in the background: no request waits for it."""
        threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()


def _warm_up() -> None:
    from haln.matching import ready

    ready.warm_up()
