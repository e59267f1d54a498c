"""What happened while lists were worked out: whoever writes them asks it before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, not_, select
from sqlalchemy.orm import Session

from haln.connect import encoding, person_rows
from haln.connect.stored_lists import StoredList, without
from haln.matching.suggest import Exclusions
from haln.models import Member
from haln.people import changes


def spared(made: StoredList, left_out: Exclusions, gone: Collection[int] = ()) -> StoredList:
    """Take out of a list whom its owner leaves out, and who has gone."""
    return without(made, {*left_out.excluded, *left_out.unseen, *gone})


def gone_since(session: Session, number: int, moment: datetime) -> frozenset[int]:
    """Who changed after change `number` and is not, or wants not, to be suggested at a moment."""
    suggested = person_rows.is_suggested(moment.date())
    return frozenset(session.scalars(select(Member.id).where(Member.change_number > number, not_(suggested))))


class Meanwhile:
    """What has changed since change `number`, for lists that were made from an index of that number at a moment."""

    def __init__(self, number: int, moment: datetime) -> None:
        self._number = self._heard = number
        self._moment = moment
        self._gone: frozenset[int] = frozenset()

    def still_right(self, session: Session, block: Sequence[StoredList]) -> list[StoredList]:
        """The lists as they may be written now: without whom somebody has set aside since it was read who stays out,
        and without who has left since, or wants to be suggested no more. `block` is ascending by member, and not empty.

        Left out are the lists of members who have changed since: theirs are made from newer rows, now or by the worker.
        """
        members = range(block[0].member, block[-1].member + 1)
        newer = and_(Member.change_number > self._number, Member.id.between(members[0], members[-1]))
        changed = set(session.scalars(select(Member.id).where(newer)))
        left_out = encoding.exclusions(session, self._moment, members)
        gone = self._gone_by_now(session)
        return [spared(one, left_out[one.member], gone) for one in block if one.member not in changed]

    def _gone_by_now(self, session: Session) -> frozenset[int]:
        # Asked again only when something has changed: an import makes thousands of numbers newer.
        latest = changes.latest_number(session)
        if latest > self._heard:
            self._gone = gone_since(session, self._number, self._moment)
            self._heard = latest
        return self._gone
