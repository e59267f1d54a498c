"""Lists of what to join as rows: made when a member changes something, and for everybody at night.

Nothing is computed when a page is read (`haln.learn.learning`). Matching is imported here, and this module only where
lists are made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, false, func, insert, not_, select
from sqlalchemy.orm import Session

from haln.learn import crowd_rows, joining_training, opening_rows, seekers
from haln.learn.crowd_rows import Belonging
from haln.learn.opening_rows import Key, Standing, Ways, local_day
from haln.learn.openings import AGAIN, asked, cohort_is_open, may_apply, may_join, set_is_open
from haln.matching.blend import Weights
from haln.matching.joining import Ranked, rank
from haln.matching.joining_signals import Openings, prepare
from haln.matching.joining_weights import PAGE_WEIGHTS
from haln.models import Cohort, LearningSet, Member, SetSuggestion
from haln.people import trying_again
from haln.people.visibility import ACTIVE

LENGTH = 12
"""How many things a list holds."""
BLOCK = 500
_AS_IT_STANDS = {"synchronize_session": False}

Progress = Callable[[int, int], None]
Reading = Callable[[], AbstractContextManager[None]]
Rows = list[dict[str, Any]]


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
    weights = joining_training.current(session) if learns else PAGE_WEIGHTS
    found = opening_rows.read(session, Standing.now(now, ways), ways)
    if not found:
        return Ground((), prepare([], few), None, weights)
    written = opening_rows.background(session)
    belonging = crowd_rows.read(session, local_day(now, ways.zone), few, opening_rows.LONGEST)
    openings = prepare([opening for _, opening in found], few, written, belonging.crowds)
    return Ground(tuple(key for key, _ in found), openings, belonging, weights)


def lists(session: Session, laid: Ground, ids: Sequence[int], now: datetime, ways: Ways) -> dict[int, Rows]:
    """The list of each of these members as rows; an empty one for who is no longer active. Only reads."""
    made: dict[int, Rows] = {member_id: [] for member_id in ids}
    if laid.belonging is None:
        return made
    who = laid.belonging.told(session, seekers.read(session, sorted(ids), ways))
    open_ones, barred = _open(session, local_day(now, ways.zone)), _barred(session, ids, local_day(now, ways.zone), now)
    for seeker, ranked in zip(who, rank(laid.openings, who, laid.weights), strict=True):
        keys = ((one, laid.keys[one.key]) for one in ranked)
        free = (one for one, key in keys if key in open_ones and (seeker.member, *key) not in barred)
        chosen = list(islice(free, LENGTH))
        made[seeker.member] = [
            _row(seeker.member, laid.keys[one.key], place, one) for place, one in enumerate(chosen, start=1)
        ]
    return made


def _open(session: Session, today: date) -> set[Key]:
    """What is open to anybody: (kind, id)."""
    calls, sets = select(Cohort.id).where(cohort_is_open(today)), select(LearningSet.id).where(set_is_open())
    return {("cohort", one) for one in session.scalars(calls)} | {("set", one) for one in session.scalars(sets)}


def _barred(session: Session, ids: Sequence[int], today: date, now: datetime) -> set[tuple[int, str, int]]:
    """What of it is not open to whom: (member, kind, id). Most of it is open to most."""
    free = and_(may_join(Member.id), not_(asked(Member.id, now - AGAIN)))
    calls = select(Member.id, Cohort.id).where(cohort_is_open(today), _does_not_hold(may_apply(Member.id)))
    sets = select(Member.id, LearningSet.id).where(set_is_open(), _does_not_hold(free))
    return {
        (member_id, kind, thing)
        for kind, statement in (("cohort", calls), ("set", sets))
        for member_id, thing in session.execute(statement.where(Member.id.in_(ids)))
    }


def _does_not_hold(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a condition is false, or not known, for `not` alone would leave out what is not known."""
    return not_(func.coalesce(condition, false()))


def _row(member_id: int, key: Key, place: int, one: Ranked) -> dict[str, Any]:
    kind, thing = key
    return {
        "member_id": member_id,
        "cohort_id": thing if kind == "cohort" else None,
        "set_id": thing if kind == "set" else None,
        "rank": place,
        "score": one.score,
        "band": one.band,
        "reasons": [
            {"kind": reason.kind, "evidence": dict(reason.evidence), "weight": reason.weight} for reason in one.reasons
        ],
    }


def keep(session: Session, made: dict[int, Rows], now: datetime) -> int:
    """Write lists in the place of those there are; what did not change stays. Returns how many lists are new.

    For whoever has left since theirs was worked out nothing is written.
    """
    here = set(session.scalars(select(Member.id).where(Member.id.in_(sorted(made)), Member.standing == ACTIVE)))
    made = {member_id: rows if member_id in here else [] for member_id, rows in made.items()}
    held: dict[int, Rows] = {member_id: [] for member_id in made}
    names = ("member_id", "cohort_id", "set_id", "rank", "score", "band", "reasons")
    columns = [getattr(SetSuggestion, name) for name in names]
    for row in session.execute(
        select(*columns).where(SetSuggestion.member_id.in_(sorted(made))).order_by(SetSuggestion.rank)
    ):
        held[row.member_id].append(dict(zip(names, row, strict=True)))
    changed = [member_id for member_id in sorted(made) if made[member_id] != held[member_id]]
    if changed:
        session.execute(
            delete(SetSuggestion).where(SetSuggestion.member_id.in_(changed)), execution_options=_AS_IT_STANDS
        )
        rows = [row | {"refreshed_at": now} for member_id in changed for row in made[member_id]]
        if rows:
            session.execute(insert(SetSuggestion), rows)
    return len(changed)


def refresh_all(
    session: Session,
    now: datetime,
    ways: Ways,
    few: int,
    progress: Progress = lambda _done, _total: None,
    reading: Reading = nullcontext,
    learns: bool = True,
) -> int:
    """Make every active member's list; commits after each block, and holds no lock while it works a block out.

    Returns how many lists changed. A run that was stopped is begun again: what is right already is not written.
    """
    with reading():
        laid = ground(session, now, ways, few, learns)
        ids = list(session.scalars(select(Member.id).where(Member.standing == ACTIVE).order_by(Member.id)))
        session.commit()
    written = 0
    for start in range(0, len(ids), BLOCK):
        block = ids[start : start + BLOCK]
        with reading():
            made = lists(session, laid, block, now, ways)
            session.commit()
        written += trying_again.commit(session, partial(keep, session, made, now))
        progress(start + len(block), len(ids))
    gone = select(Member.id).where(Member.standing != ACTIVE)
    session.execute(delete(SetSuggestion).where(SetSuggestion.member_id.in_(gone)), execution_options=_AS_IT_STANDS)
    session.commit()
    return written


def prepare_one(session: Session, laid: Ground, member_id: int, now: datetime, ways: Ways) -> Callable[[], None]:
    """Work one member's list out, which only reads. Returns what writes it; the caller commits."""
    made = lists(session, laid, [member_id], now, ways)

    def write() -> None:
        keep(session, made, now)

    return write
