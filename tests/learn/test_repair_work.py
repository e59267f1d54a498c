"""The worker's turn at repairs: nothing is lost when it is killed, and nothing is done twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import repair_work, repairing
from haln.learn.plan_rows import plan_of
from haln.learn.plan_work import Bench
from haln.learn.repair_work import LEASE, Repaired
from haln.learn.seat_state import standing
from haln.matching.pool import Plan, PlannedSet
from haln.models import CohortPlan
from tests.builders import Cast
from tests.consent_builders import AFTER, Call, a_call, a_studio


@pytest.fixture
def call(session: Session, cast: Cast, calm: None) -> Call:
    """Everybody accepted but one, who said no; a repair is asked for."""
    made = a_call(session, cast, (5, 5), spare=1)
    made.publish()
    made.answer(True, *made.people[1:10])
    made.answer(False, made.people[0])
    repairing.ask(session, made.leader, made.plan.public_id, made.plan.version, (), AFTER)
    session.commit()
    return made


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    """Repairs are worked out by hand: the one who declined goes, nobody comes."""

    def work_out(session: Session, studio: object, row: CohortPlan, now: datetime) -> Repaired:
        base = session.get_one(CohortPlan, row.base_id)
        found = standing(session, base, now)
        sets = tuple(
            PlannedSet(tuple(one for one in group.members if one not in found.out), group.facilitator)
            for group in plan_of(row).sets
        )
        return Repaired(Plan(sets), 1.0, 0, [], found.mark())

    monkeypatch.setattr(repair_work, "work_out", work_out)


def work(call: Call, now: datetime = AFTER, worker: str = "one") -> bool:
    session = call.session
    return repair_work.work_next(session, a_studio(), worker, Bench(session.commit, session.rollback, lambda: now))


def repair_row(call: Call) -> CohortPlan:
    rows = call.session.scalars(select(CohortPlan).where(CohortPlan.task == "repair").order_by(CohortPlan.id))
    row = rows.all()[-1]
    call.session.refresh(row)
    return row


def test_a_repair_is_worked_out_once_and_can_be_applied(call: Call, by_hand: None) -> None:
    assert work(call)
    assert not work(call)
    row = repair_row(call)
    assert (row.state, row.leased_by) == ("ready", None)
    found = repairing.preview(call.session, call.leader, call.plan.public_id, AFTER)
    assert found.fits
    assert [move.person.id for move in found.leaving] == [call.people[0]]
    call.apply(row)
    assert call.people[0] not in call.plan.sets[0]["members"]


def test_what_a_killed_worker_had_begun_is_begun_again_when_its_lease_ends(
    call: Call, by_hand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = repair_work.work_out

    def killed(*_: object) -> Repaired:
        raise KeyboardInterrupt

    monkeypatch.setattr(repair_work, "work_out", killed)
    with pytest.raises(KeyboardInterrupt):
        work(call)
    call.session.rollback()
    monkeypatch.setattr(repair_work, "work_out", good)
    assert repair_row(call).state == "forming"
    assert not work(call, AFTER + timedelta(seconds=1), "two")
    assert work(call, AFTER + LEASE, "two")
    assert repair_row(call).state == "ready"


def test_a_slow_worker_does_not_overwrite_what_another_has_taken_over(
    call: Call, by_hand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = repair_work.work_out

    def slow(session: Session, studio: object, row: CohortPlan, now: datetime) -> Repaired:
        monkeypatch.setattr(repair_work, "work_out", good)
        session.rollback()
        assert work(call, AFTER + LEASE, "two")
        return Repaired(Plan(()), 0.0, 9, [], "stale")

    monkeypatch.setattr(repair_work, "work_out", slow)
    assert work(call)
    assert repair_row(call).breaks == 0


def test_a_repair_that_fails_is_tried_three_times_and_then_said_to_have_failed(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Repaired:
        raise RuntimeError("no")

    monkeypatch.setattr(repair_work, "work_out", fails)
    for state in ("waiting", "waiting", "failed"):
        assert work(call)
        assert repair_row(call).state == state
    assert not work(call)
    assert repairing.preview(call.session, call.leader, call.plan.public_id, AFTER).state == "failed"


def test_a_repair_that_was_asked_for_anew_meanwhile_is_left_alone(
    call: Call, by_hand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = repair_work.work_out

    def overtaken(session: Session, studio: object, row: CohortPlan, now: datetime) -> Repaired:
        found = good(session, a_studio(), row, now)
        repairing.ask(session, call.leader, call.plan.public_id, call.plan.version, [1], AFTER)
        session.commit()
        return found

    monkeypatch.setattr(repair_work, "work_out", overtaken)
    assert work(call)
    states = call.session.execute(select(CohortPlan.number, CohortPlan.state).where(CohortPlan.task == "repair"))
    assert sorted(tuple(row) for row in states) == [(-2, "waiting"), (-1, "discarded")]
