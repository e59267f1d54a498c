"""Letters about seats. Each is written once for a seat; what it says is decided when it leaves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import String, cast, exists, literal, select
from sqlalchemy.orm import Session

from haln.learn.seat_state import LIVE, PUBLISHED, State, applies
from haln.models import Cohort, CohortPlan, Mail, Member, Seat
from haln.people import mailbox

REMIND = timedelta(days=3)
"""How long before the day to answer those who have not answered are reminded, once."""

QUIET = timedelta(days=1)
"""Nobody is reminded sooner than this after they were asked."""


def tell(session: Session, kind: str, seats: Mapping[int, int], now: datetime) -> None:
    """Write about seats to their members (member by seat), once for each kind and seat."""
    letters = {member: {"seat_id": seat} for seat, member in seats.items()}
    keys = {member: _key(kind, seat) for seat, member in seats.items()}
    mailbox.put_to_members(session, kind, letters, now, dedupe_keys=keys)


def tell_change(session: Session, seats: Mapping[int, int], round_: int, now: datetime) -> None:
    """Tell people who keep their place that their set has changed: once for every round."""
    letters = {member: {"seat_id": seat} for seat, member in seats.items()}
    keys = {member: f"seat_changed:{seat}:{round_}" for seat, member in seats.items()}
    mailbox.put_to_members(session, "seat_changed", letters, now, dedupe_keys=keys)


def tell_members(
    session: Session, kind: str, plan_id: int, member_ids: Collection[int], about: dict[str, int], now: datetime
) -> None:
    """Tell people of a plan what became of it for them, once for each kind."""
    keys = {member: f"{kind}:{plan_id}:{member}" for member in member_ids}
    mailbox.put_to_members(session, kind, dict.fromkeys(keys, about), now, dedupe_keys=keys)


def take_back(session: Session, seat_ids: Collection[int]) -> None:
    """Cancel the unsent letters that ask for an answer which is no longer wanted."""
    mailbox.cancel(session, [_key(kind, seat) for seat in seat_ids for kind in ("seat_offered", "seat_reminder")])


def _key(kind: str, seat_id: int) -> str:
    return f"{kind}:{seat_id}"


def due(session: Session, now: datetime) -> int:
    """Remind those who have not answered and soon must; tell those whose day has passed. Returns how many letters.

    For the worker. A plan's row is held meanwhile, so that two workers never write the same letter.
    """
    plans = session.execute(
        select(CohortPlan.id, CohortPlan.answer_by)
        .join(Cohort, Cohort.id == CohortPlan.cohort_id)
        .where(CohortPlan.state == PUBLISHED, Cohort.state.in_(LIVE), CohortPlan.answer_by <= now + REMIND)
        .order_by(CohortPlan.id)
        .with_for_update(of=CohortPlan, skip_locked=True)
    ).all()
    count = 0
    for plan_id, answer_by in plans:
        kind = "seat_lapsed" if answer_by is not None and answer_by <= now else "seat_reminder"
        asked_before = now if kind == "seat_lapsed" else now - QUIET
        seats = _untold(session, plan_id, kind, asked_before)
        tell(session, kind, seats, now)
        count += len(seats)
    return count


def _untold(session: Session, plan_id: int, kind: str, asked_before: datetime) -> dict[int, int]:
    told = exists(select(Mail.id).where(Mail.dedupe_key == literal(f"{kind}:") + cast(Seat.id, String)))
    rows = session.execute(
        select(Seat.id, Seat.member_id)
        .join(Member, Member.id == Seat.member_id)
        .join(CohortPlan, CohortPlan.id == Seat.plan_id)
        .where(
            applies(),
            Seat.plan_id == plan_id,
            Seat.state == State.ASKED.value,
            Seat.asked_at <= asked_before,
            Member.standing == "active",
            Member.email.is_not(None),
            ~told,
        )
    )
    return {row.id: row.member_id for row in rows}
