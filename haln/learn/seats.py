"""A seat as its member sees it, and their answer. Nobody else ever learns who declined, nor why: no reason is asked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import String, cast, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from haln import history
from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.learn.seat_state import CONFIRMED, LIVE, PUBLISHED, State, is_over, seated
from haln.models import (
    Application,
    ApplicationSlot,
    Cohort,
    CohortFacilitator,
    CohortPlan,
    CohortSlot,
    LearningSet,
    Member,
    Seat,
    SetMembership,
)
from haln.people import seen
from haln.people.seen import PersonLine
from haln.people.visibility import ACTIVE

_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Time:
    """A time that everyone in a set can make: a half of a day, or a moment."""

    on_day: date
    half: str | None
    starts_at: datetime | None


@dataclass(frozen=True, slots=True)
class SeatPage:
    """A seat as its member sees it.

    `phase`: asked (to be answered, or answered and open to change), settled (the sets are confirmed), recalled (the
    plan was taken back, whatever has become of it since), over (the plan or the cohort was called off). `stands`: there
    is a place for them in the plan. `applies`: they wait for a proposal still. `more`: how many others are proposed
    whom they may not see. `newer` is a later seat of theirs, `set_public_id` the set that came of this one.
    """

    public_id: str
    state: State
    phase: str
    stands: bool
    applies: bool
    late: bool
    again: bool
    title: str
    purpose: str
    themes: tuple[str, ...]
    where: str
    starts_on: date | None
    sessions: int
    session_minutes: int
    answer_by: datetime | None
    has_times: bool
    times: tuple[Time, ...]
    facilitator: PersonLine | None
    led: bool
    people: tuple[PersonLine, ...]
    more: int
    cohort_public_id: str
    newer: str | None
    set_public_id: str | None


def page(session: Session, actor: Actor, public_id: str, now: datetime) -> SeatPage:
    """A seat with what is proposed. Raises NotFound for everybody but its member."""
    own = _own(session, actor, public_id)
    seat, plan, cohort, newer = own.seat, own.plan, own.cohort, own.newer
    phase = _phase(seat, plan, cohort)
    settled = phase == "settled"
    set_public_id = _set_of(session, plan.id, actor.member_id) if settled else None
    left = settled and set_public_id is None  # who is in it now is no longer theirs to read
    theirs = phase == "settled" or own.applies  # who applies no longer reads of nobody in it
    stands = phase != "over" and newer is None and _stands(seat, plan) and not left and theirs
    members: list[int] = list(plan.sets[seat.set_number]["members"]) if stands else []
    leader = plan.sets[seat.set_number]["facilitator"] if stands else None
    if not settled and leader not in own.leaders:
        leader = None  # they were taken out since, and would lead no set that is made
    others = [one for one in members if one != actor.member_id]
    shown = seen.people(session, actor.member_id, [*others, *([leader] if leader else [])])
    visible = sorted((shown[one] for one in others if one in shown), key=lambda line: (line.name.casefold(), line.id))
    return SeatPage(
        public_id=seat.public_id,
        state=State(seat.state),
        phase=phase,
        stands=stands,
        applies=own.applies and cohort.state in LIVE,
        late=is_over(plan, now),
        again=own.again,
        title=cohort.title,
        purpose=cohort.purpose,
        themes=tuple(cohort.themes),
        where=cohort.where,
        starts_on=cohort.starts_on,
        sessions=cohort.sessions,
        session_minutes=cohort.session_minutes,
        answer_by=plan.answer_by,
        has_times=cohort.availability != "none",
        times=common_times(session, cohort.id, members) if cohort.availability != "none" else (),
        facilitator=shown.get(leader) if leader else None,
        led=leader is not None,
        people=tuple(visible),
        more=len(others) - len(visible),
        cohort_public_id=cohort.public_id,
        newer=newer,
        set_public_id=set_public_id,
    )


@dataclass(frozen=True, slots=True)
class _Own:
    """The actor's seat.

    `newer`: the public id of a later seat of theirs, in any plan of the cohort. `again`: the sets were put together
    anew since the plan was published. `applies`: their application stands. `leading`: the ids of the cohort's
    facilitators, as text.
    """

    seat: Seat
    plan: CohortPlan
    cohort: Cohort
    newer: str | None
    again: bool
    applies: bool
    leading: str | None

    @property
    def leaders(self) -> frozenset[int]:
        """Who leads sets of the cohort now."""
        return frozenset(int(one) for one in (self.leading or "").split(",") if one)


def _own(session: Session, actor: Actor, public_id: str) -> _Own:
    later, plan, before = aliased(Seat), aliased(CohortPlan), aliased(Seat)
    newer = (
        select(later.public_id)
        .join(plan, plan.id == later.plan_id)
        .where(
            plan.cohort_id == CohortPlan.cohort_id,
            later.member_id == Seat.member_id,
            later.id > Seat.id,
            later.state != State.RECALLED.value,
        )
        .order_by(later.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    again = exists(
        select(before.id).where(
            before.plan_id == Seat.plan_id, before.round < Seat.round, before.state != State.RECALLED.value
        )
    )
    applies = exists(
        select(Application.id).where(
            Application.cohort_id == Cohort.id,
            Application.member_id == Seat.member_id,
            Application.state == "applied",
        )
    )
    leading = (
        select(func.aggregate_strings(cast(CohortFacilitator.member_id, String), ","))
        .join(Member, Member.id == CohortFacilitator.member_id)
        .where(CohortFacilitator.cohort_id == Cohort.id, Member.standing == ACTIVE)
        .scalar_subquery()
    )
    row = session.execute(
        select(Seat, CohortPlan, Cohort, newer, again, applies, leading)
        .join(CohortPlan, CohortPlan.id == Seat.plan_id)
        .join(Cohort, Cohort.id == CohortPlan.cohort_id)
        .where(Seat.public_id == public_id, Seat.member_id == actor.member_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("There is no such page, or it is not for you.")
    return _Own(*row)


def _phase(seat: Seat, plan: CohortPlan, cohort: Cohort) -> str:
    if seat.state == State.RECALLED:
        return "recalled"
    if plan.state == CONFIRMED:
        return "settled"
    return "asked" if plan.state == PUBLISHED and cohort.state in LIVE else "over"


def _stands(seat: Seat, plan: CohortPlan) -> bool:
    return seat.state not in (State.REPLACED, State.RECALLED) and seated(plan).get(seat.member_id) == seat.set_number


def _set_of(session: Session, plan_id: int, member_id: int) -> str | None:
    return session.scalar(
        select(LearningSet.public_id)
        .join(SetMembership, SetMembership.set_id == LearningSet.id)
        .where(LearningSet.plan_id == plan_id, SetMembership.member_id == member_id, SetMembership.left_on.is_(None))
    )


def common_times(session: Session, cohort_id: int, members: Collection[int]) -> tuple[Time, ...]:
    """The times that all of these applicants can make, the earliest first."""
    if not members:
        return ()
    rows = session.execute(
        select(CohortSlot.on_day, CohortSlot.half, CohortSlot.starts_at)
        .join(ApplicationSlot, ApplicationSlot.slot_id == CohortSlot.id)
        .join(Application, Application.id == ApplicationSlot.application_id)
        .where(CohortSlot.cohort_id == cohort_id, Application.member_id.in_(sorted(members)))
        .group_by(CohortSlot.id, CohortSlot.on_day, CohortSlot.half, CohortSlot.starts_at, CohortSlot.position)
        .having(func.count(Application.member_id) == len(members))
        .order_by(CohortSlot.position)
    )
    return tuple(Time(*row) for row in rows)


def answer(session: Session, actor: Actor, public_id: str, come: bool, now: datetime) -> State:
    """Accept or decline; the same answer twice is one. Returns the seat's state.

    Where the place is gone (the plan was repaired), a "yes" asks for another one and a "no" gives that up. Raises
    NotFound for another's seat, Conflict for one that cannot be answered any more.
    """
    _lock(session, actor, public_id)
    own = _own(session, actor, public_id)
    _check_open(own, come)
    seat, plan = own.seat, own.plan
    if _stands(seat, plan):
        state = State.ACCEPTED if come else State.DECLINED
    else:
        state = State.REPLACED if come else State.DECLINED
    if seat.state != state:
        session.execute(
            update(Seat).where(Seat.id == seat.id).values(state=state.value, answered_at=now), execution_options=_QUIET
        )
        session.refresh(seat)
        history.record(session, actor.member_id, "answer_seat", "seat", seat.id, now)
    return state


def _lock(session: Session, actor: Actor, public_id: str) -> None:
    """Let nobody repair or confirm the plan while one of its people answers."""
    mine: Any = select(Seat.plan_id).where(Seat.public_id == public_id, Seat.member_id == actor.member_id)
    session.execute(select(CohortPlan.id).where(CohortPlan.id.in_(mine)).with_for_update())


def _check_open(own: _Own, come: bool) -> None:
    phase = _phase(own.seat, own.plan, own.cohort)
    if phase == "recalled" and own.newer is None:
        raise Conflict("This proposal was taken back. There is nothing to answer any more.")
    if phase == "settled":
        raise Conflict("The learning sets are settled, so this can no longer be answered.")
    if phase == "over":
        raise Conflict("This proposal was called off. There is nothing to answer any more.")
    if own.newer is not None:
        raise Conflict("There is a newer proposal for you. Answer that one.")
    if come and not own.applies:
        raise Conflict("You no longer apply to this cohort. Apply again before you accept a place.")
