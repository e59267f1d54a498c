"""The worker's turn at repairs: nothing is lost when it is killed, and nothing is done twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from haln.learn import repair_work, repairing
from haln.learn.plan_work import Bench
from haln.learn.repair_work import LEASE, Repaired, Task
from haln.matching.pool import Plan
from haln.models import AlgorithmRun, CohortPair, CohortPlan, Member
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

    def work_out(task: Task, watch: object) -> Repaired:
        return Repaired(Plan(task.start.sets), 1.0, 0, [], task.mark)

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


def test_a_repair_that_kills_its_workers_is_given_up(
    call: Call, by_hand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> Repaired:
        raise KeyboardInterrupt

    monkeypatch.setattr(repair_work, "work_out", killed)
    for turn in range(3):
        with pytest.raises(KeyboardInterrupt):
            work(call, AFTER + turn * LEASE)
        call.session.rollback()
    assert not work(call, AFTER + 3 * LEASE)
    assert repair_row(call).state == "failed"


def test_it_is_written_down_what_a_repair_was_worked_out_from(call: Call, by_hand: None) -> None:
    assert work(call)
    row, run = repair_row(call), call.session.execute(select(AlgorithmRun)).scalar_one()
    assert (run.kind, run.seed, run.finished_at) == ("plan", row.seed, AFTER)
    assert run.progress == {"plan": row.id, "task": "repair"}
    assert run.data_version
    assert run.weights_version.startswith("rules-")


def test_a_slow_worker_does_not_overwrite_what_another_has_taken_over(
    call: Call, by_hand: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = repair_work.work_out

    def slow(task: Task, watch: object) -> Repaired:
        monkeypatch.setattr(repair_work, "work_out", good)
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

    def overtaken(task: Task, watch: object) -> Repaired:
        repairing.ask(call.session, call.leader, call.plan.public_id, call.plan.version, [1], AFTER)
        call.session.commit()
        return good(task)

    monkeypatch.setattr(repair_work, "work_out", overtaken)
    assert work(call)
    states = call.session.execute(select(CohortPlan.number, CohortPlan.state).where(CohortPlan.task == "repair"))
    assert sorted(tuple(row) for row in states) == [(-2, "waiting"), (-1, "discarded")]


def test_a_worker_that_is_told_to_stop_gives_the_repair_back(call: Call, by_hand: None) -> None:
    session = call.session
    bench = Bench(session.commit, session.rollback, lambda: AFTER, lambda: True)
    assert repair_work.work_next(session, a_studio(), "one", bench)
    assert repair_row(call).state == "waiting"
    assert work(call)
    assert repair_row(call).state == "ready"


def test_mail_leaves_while_a_repair_is_worked_out(call: Call) -> None:
    session, now, sent = call.session, AFTER, []

    def clock() -> datetime:
        nonlocal now
        now += timedelta(seconds=1)
        return now

    def meanwhile() -> None:
        session.execute(update(Member).where(Member.id == call.people[0]).values(job_title="written meanwhile"))
        session.commit()
        sent.append(now)

    bench = Bench(session.commit, session.rollback, clock, meanwhile=meanwhile)
    assert repair_work.work_next(session, a_studio(), "one", bench)
    assert sent
    assert repair_row(call).state == "ready"


class TestTheMethod:
    """Repairs as the engine makes them."""

    def worked(self, call: Call) -> repairing.Preview:
        repairing.ask(call.session, call.leader, call.plan.public_id, call.plan.version, (), AFTER)
        call.session.commit()
        assert work(call)
        found = repairing.preview(call.session, call.leader, call.plan.public_id, AFTER)
        assert found.fits
        return found

    def test_a_freed_place_goes_to_whoever_waits_and_nobody_else_moves(self, call: Call) -> None:
        found = self.worked(call)
        assert [(move.person.id, move.before, move.after) for move in found.new] == [(call.people[10], None, 0)]
        assert [move.person.id for move in found.leaving] == [call.people[0]]
        assert (found.moved, found.unplaced, found.broken) == ((), (), ())
        assert found.told == 4

    def test_people_who_accepted_stay_where_a_tenth_declines(self, session: Session, cast: Cast, calm: None) -> None:
        call = a_call(session, cast, (6, 6, 6, 6, 6), spare=1)
        call.publish()
        declined = call.people[::10][:3]
        call.answer(True, *[one for one in call.people[:30] if one not in declined])
        call.answer(False, *declined)
        found = self.worked(call)
        assert (found.moved, found.unplaced, found.broken) == ((), (), ())
        assert len(found.new) == 1

    def test_whoever_accepted_moves_when_a_must_cannot_be_kept_otherwise(
        self, session: Session, cast: Cast, calm: None
    ) -> None:
        call = a_call(session, cast, (4, 5), spare=0)
        call.publish()
        call.answer(True, *call.people[1:])
        call.answer(False, call.people[0])
        found = self.worked(call)
        assert len(found.moved) == 1
        assert found.moved[0].before == 1
        assert found.broken == ()

    def test_nobody_who_must_be_apart_is_offered_the_place(self, call: Call) -> None:
        low, high = sorted((call.people[1], call.people[10]))
        call.session.add(
            CohortPair(
                cohort_id=call.cohort.id,
                low_id=low,
                high_id=high,
                kind="apart",
                by_id=call.people[1],
                created_at=AFTER,
            )
        )
        found = self.worked(call)
        assert [move.after for move in found.new] == [1]

    def test_the_same_answers_give_the_same_repair(self, call: Call) -> None:
        first = self.worked(call)
        assert self.worked(call).new == first.new


def test_a_worker_that_still_holds_the_plan_as_it_was_before_it_was_published_repairs_it(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def work_out(task: Task, watch: object) -> Repaired:
        seen.append(len(task.pool.applicants))
        return Repaired(Plan(task.start.sets), 1.0, 0, [], task.mark)

    monkeypatch.setattr(repair_work, "work_out", work_out)
    set_committed_value(call.plan, "state", "ready")  # what the same session read when it formed the plan
    assert work(call)
    assert seen == [10]  # nine who accepted, one who waits for a place
