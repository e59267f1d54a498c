"""Lists of what to join: made when a member changes something, and for everybody at night.

Nothing is computed when a page is read (`haln.learn.learning`). Matching is imported here, and this module only where
lists are made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import islice

from sqlalchemy import ColumnElement, and_, false, func, not_, select
from sqlalchemy.orm import Session

from haln.learn import crowd_rows, joining_training, opening_rows, seekers
from haln.learn.crowd_rows import Belonging
from haln.learn.joining_lists import Entry, Lists, forget_gone, keep, worded
from haln.learn.opening_rows import Key, Standing, Ways, local_day
from haln.learn.openings import AGAIN, asked, cohort_is_open, may_apply, may_join, set_is_open
from haln.matching.blend import Weights
from haln.matching.joining import rank
from haln.matching.joining_signals import Openings, Seeker, prepare
from haln.matching.process_pool import ProcessPool, suitable
from haln.models import Cohort, LearningSet, Member
from haln.people import reading, trying_again
from haln.people.visibility import ACTIVE

LENGTH = 12
"""How many things a list holds."""
BLOCK = 500

Progress = Callable[[int, int], None]
Reading = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Ground:
    """All that is open now, made ready to be ranked for anybody by `weights`."""

    keys: tuple[Key, ...]
    openings: Openings
    belonging: Belonging | None
    weights: Weights


def ground(session: Session, now: datetime, ways: Ways, few: int, learns: bool = True) -> Ground:
    """Read what is open, and who is in what if anything is. `few`: the largest number of people that is not told.

    `learns`: whether weights hold that were learned from the network's own history, where there are any.
    """
    weights = joining_training.current(session, learns)
    found = opening_rows.read(session, Standing.now(now, ways), ways)
    if not found:
        return Ground((), prepare([], few), None, weights)
    written = opening_rows.background(session)
    belonging = crowd_rows.read(session, local_day(now, ways.zone), few, opening_rows.LONGEST)
    openings = prepare([opening for _, opening in found], few, written, belonging.crowds)
    return Ground(tuple(key for key, _ in found), openings, belonging, weights)


@dataclass(frozen=True, slots=True)
class Asked:
    """Some members and what is known of them: who they are, what is open, and which of it is not open to whom."""

    ids: Sequence[int]
    seekers: Sequence[Seeker]
    open_ones: Set[Key]
    barred: Set[tuple[int, str, int]]


def lists(session: Session, laid: Ground, ids: Sequence[int], now: datetime, ways: Ways) -> Lists:
    """The list of each of these members; an empty one for who is no longer active. Only reads."""
    return ranked(laid, _asked(session, laid, ids, now, ways))


def _asked(session: Session, laid: Ground, ids: Sequence[int], now: datetime, ways: Ways) -> Asked:
    if laid.belonging is None:
        return Asked(ids, (), frozenset(), frozenset())
    who = laid.belonging.told(session, seekers.read(session, sorted(ids), ways))
    open_ones = _open(session, local_day(now, ways.zone))
    return Asked(ids, who, open_ones, _barred(session, ids, open_ones, now))


def ranked(laid: Ground, some: Asked) -> Lists:
    """Rank what is open for each of some members; without a database, wherever that is done."""
    made: dict[int, tuple[Entry, ...]] = dict.fromkeys(some.ids, ())
    for seeker, best in zip(some.seekers, rank(laid.openings, some.seekers, laid.weights), strict=True):
        keys = ((one, laid.keys[one.key]) for one in best)
        free = (one for one, key in keys if key in some.open_ones and (seeker.member, *key) not in some.barred)
        listed = enumerate(islice(free, LENGTH), start=1)
        made[seeker.member] = tuple(worded(*laid.keys[one.key], place, one) for place, one in listed)
    return made


def _open(session: Session, today: date) -> set[Key]:
    """What is open to anybody: (kind, id)."""
    calls, sets = select(Cohort.id).where(cohort_is_open(today)), select(LearningSet.id).where(set_is_open())
    return {("cohort", one) for one in session.scalars(calls)} | {("set", one) for one in session.scalars(sets)}


def _barred(session: Session, ids: Sequence[int], open_ones: Set[Key], now: datetime) -> set[tuple[int, str, int]]:
    """What of that which was found open is not open to whom: (member, kind, id). Most of it is open to most.

    Asked of these very things, and not of what is open by now: what closes in between stays barred.
    """
    cohorts, groups = ([thing for one, thing in open_ones if one == kind] for kind in ("cohort", "set"))
    free = and_(may_join(Member.id), not_(asked(Member.id, now - AGAIN)))
    calls = select(Member.id, Cohort.id).where(Cohort.id.in_(cohorts), _does_not_hold(may_apply(Member.id)))
    sets = select(Member.id, LearningSet.id).where(LearningSet.id.in_(groups), _does_not_hold(free))
    return {
        (member_id, kind, thing)
        for kind, statement in (("cohort", calls), ("set", sets))
        for member_id, thing in session.execute(statement.where(reading.among(Member.id, reading.spanned(ids))))
    }


def _does_not_hold(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a condition is false, or not known, for `not` alone would leave out what is not known."""
    return not_(func.coalesce(condition, false()))


def refresh_all(
    session: Session,
    now: datetime,
    ways: Ways,
    few: int,
    progress: Progress = lambda _done, _total: None,
    reading: Reading = nullcontext,
    learns: bool = True,
    workers: int = 1,
) -> int:
    """Make every active member's list; commits after each block, and holds no lock while it works a block out.

    Returns how many lists changed. A run that was stopped is begun again: what is right already is not written.
    `workers`: processes that rank, 0: as many as suit; a few blocks are read ahead for them. The rows are the same.
    """
    with reading():
        laid = ground(session, now, ways, few, learns)
        ids = list(session.scalars(select(Member.id).where(Member.standing == ACTIVE).order_by(Member.id)))
        session.commit()

    def blocks() -> Iterator[tuple[Asked]]:
        for start in range(0, len(ids), BLOCK):
            with reading():
                some = _asked(session, laid, ids[start : start + BLOCK], now, ways)
                session.commit()
            yield (some,)

    written = done = 0
    most = -(-len(ids) // BLOCK) if laid.keys else 1
    for made in _each_ranked(laid, blocks(), max(1, min(suitable(workers, len(ids)), most))):
        written += trying_again.commit(session, partial(keep, session, made, now, waits=False))
        done += len(made)
        progress(done, len(ids))
    forget_gone(session)
    session.commit()
    return written


def _each_ranked(laid: Ground, blocks: Iterator[tuple[Asked]], count: int) -> Iterator[Lists]:
    """Yield the lists of each block, in order, ranked by so many processes."""
    here = partial(ranked, laid)
    if count == 1:
        yield from (here(*some) for some in blocks)
        return
    with closing(ProcessPool(count, _begin, (replace(laid, belonging=None),))) as pool:
        yield from pool.each(_ranked, here, blocks, lambda made: made)


_begun: list[Ground] = []
"""In a process that ranks for another: what there is to join."""


def _begin(laid: Ground) -> None:
    _begun[:] = [laid]


def _ranked(some: Asked) -> Lists:
    return ranked(_begun[0], some)


def prepare_one(session: Session, laid: Ground, member_id: int, now: datetime, ways: Ways) -> Callable[[], None]:
    """Work one member's list out, which only reads. Returns what writes it; the caller commits."""
    made = lists(session, laid, [member_id], now, ways)

    def write() -> None:
        keep(session, made, now)

    return write
