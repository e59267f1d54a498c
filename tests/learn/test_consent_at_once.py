"""Two people act on one plan at the same moment: one wins, the other is told. On both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session

from haln.db import prepare_engine
from haln.errors import Conflict
from haln.learn import confirming, publishing, repair_work, repairing, seat_mail, seats, taking_back
from haln.learn.leading import led_plan
from haln.learn.plan_work import Bench
from haln.learn.repair_work import Repaired, Task
from haln.matching.pool import Plan, PlannedSet
from haln.models import Application, CohortPlan, LearningSet, Mail, Seat, SetMembership
from tests.builders import NOW, an_actor, the_cast
from tests.cohort_builders import a_plan
from tests.connect.test_at_once import Act, at_once
from tests.consent_builders import AFTER, ANSWER_BY, a_call, a_studio

CONFLICT = Conflict.__name__


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(database_url)
    prepare_engine(made)
    yield made
    made.dispose()


class Scene:
    """A call on a database of its own, seen by ids: every act opens its own session."""

    def __init__(self, engine: Engine, published: bool = True) -> None:
        self.engine = engine
        with Session(engine, expire_on_commit=False) as session:
            call = a_call(session, the_cast(session), (5, 5), spare=1)
            self.other = a_plan(session, call.cohort, call.sets, number=2).public_id
            if published:
                call.publish()
                call.answer(True, *call.people[1:10])
                self.seats = {one: call.seat(one).public_id for one in call.people[:10]}
            session.commit()
            self.plan, self.version, self.plan_id = call.plan.public_id, call.plan.version, call.plan.id
            self.leader, self.people, self.sets = call.leader, call.people, call.sets

    def publish(self, plan: str, version: int = 1) -> Act:
        return lambda session: publishing.publish(session, self.leader, a_studio(), plan, version, ANSWER_BY, NOW)

    def answer(self, member: int, come: bool) -> Act:
        return lambda session: seats.answer(session, an_actor(session, member), self.seats[member], come, AFTER)

    def confirm(self) -> Act:
        with Session(self.engine) as session:
            shown = confirming.prospect(session, self.leader, a_studio(), self.plan, AFTER)
        args = (self.plan, shown.version, shown.mark, {}, False, AFTER.date(), AFTER)
        return lambda session: confirming.confirm(session, self.leader, a_studio(), *args)

    def repair(self) -> Act:
        """Apply a repair that the worker has worked out."""
        with Session(self.engine, expire_on_commit=False) as session:
            repair = repairing.ask(session, self.leader, self.plan, self.version, (), AFTER)
            session.commit()
            repair_work.work_next(session, a_studio(), "one", Bench(session.commit, session.rollback, lambda: AFTER))
        args = (self.plan, self.version, repair, AFTER + timedelta(days=7), AFTER)
        return lambda session: repairing.apply(session, self.leader, *args)

    def take_back(self) -> Act:
        return lambda session: taking_back.take_back(session, self.leader, self.plan, self.version, AFTER)

    def count(self, model: type) -> int:
        with Session(self.engine) as session:
            return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch, calm: None) -> None:
    def work_out(task: Task, watch: object) -> Repaired:
        waiting = {one.id for one in task.pool.applicants}.difference(*(one.members for one in task.start.sets))
        first, *others = task.start.sets
        sets = (PlannedSet(tuple(sorted({*first.members, *waiting})), first.facilitator), *others)
        return Repaired(Plan(sets), 1.0, 0, [], task.mark)

    monkeypatch.setattr(repair_work, "work_out", work_out)


def test_of_two_who_publish_two_plans_at_once_one_wins(engine: Engine) -> None:
    scene = Scene(engine, published=False)
    assert sorted(at_once(engine, scene.publish(scene.plan), scene.publish(scene.other))) == [CONFLICT, "done"]
    assert scene.count(Seat) == 10


def test_a_double_click_on_publish_asks_everybody_once(engine: Engine) -> None:
    scene = Scene(engine, published=False)
    assert sorted(at_once(engine, *[scene.publish(scene.plan)] * 3)) == [CONFLICT, CONFLICT, "done"]
    assert scene.count(Seat) == scene.count(Mail) == 10


def test_a_double_click_on_an_answer_is_one_answer(engine: Engine) -> None:
    scene = Scene(engine)
    assert at_once(engine, *[scene.answer(scene.people[0], True)] * 3) == ["done"] * 3
    with Session(engine) as session:
        states = Counter(session.scalars(select(Seat.state)))
    assert states == {"accepted": 10}


def test_a_double_click_on_confirm_makes_the_sets_once(engine: Engine) -> None:
    scene = Scene(engine)
    confirm = scene.confirm()
    assert sorted(at_once(engine, confirm, confirm)) == [CONFLICT, "done"]
    assert scene.count(LearningSet) == 2
    assert scene.count(SetMembership) == 9


def test_a_double_click_on_a_repair_applies_it_once(engine: Engine) -> None:
    scene = Scene(engine)
    apply = scene.repair()
    assert sorted(at_once(engine, apply, apply)) == [CONFLICT, "done"]
    assert scene.count(Seat) == 11


@pytest.mark.parametrize("last", ["confirm", "repair"])
def test_a_decline_at_the_last_moment_counts_or_is_told_that_it_is_late(engine: Engine, last: str) -> None:
    scene = Scene(engine)
    act = scene.confirm() if last == "confirm" else scene.repair()
    outcomes = at_once(engine, act, scene.answer(scene.people[5], False))
    with Session(engine) as session:
        sitting = set(session.scalars(select(SetMembership.member_id)))
        state = session.scalars(select(Seat.state).where(Seat.member_id == scene.people[5])).one()
    if last == "confirm":
        assert sorted(outcomes) == [CONFLICT, "done"]
        assert (scene.people[5] in sitting) == (outcomes[0] == "done")
    assert state == ("declined" if outcomes[1] == "done" else "accepted")


def test_of_a_repair_and_a_confirmation_at_once_one_wins(engine: Engine) -> None:
    scene = Scene(engine)
    repair = scene.repair()
    assert sorted(at_once(engine, repair, scene.confirm())) == [CONFLICT, "done"]
    with Session(engine) as session:
        states = Counter(session.scalars(select(Application.state)))
        state = session.scalars(select(CohortPlan.state).where(CohortPlan.id == scene.plan_id)).one()
    confirmed = state == "confirmed"
    assert states == ({"placed": 9, "withdrawn": 1, "left_over": 1} if confirmed else {"applied": 11})


def test_a_double_click_on_taking_back_tells_everybody_once(engine: Engine) -> None:
    scene = Scene(engine)
    before = scene.count(Mail)
    assert sorted(at_once(engine, *[scene.take_back()] * 3)) == [CONFLICT, CONFLICT, "done"]
    assert scene.count(Mail) == before + 10


@pytest.mark.parametrize("other", ["confirm", "repair"])
def test_of_taking_back_and_going_on_at_once_one_wins(engine: Engine, other: str) -> None:
    scene = Scene(engine)
    act = scene.confirm() if other == "confirm" else scene.repair()
    assert sorted(at_once(engine, act, scene.take_back())) == [CONFLICT, "done"]
    with Session(engine) as session:
        state = session.scalars(select(CohortPlan.state).where(CohortPlan.id == scene.plan_id)).one()
        seats_are = set(session.scalars(select(Seat.state)))
        waiting = session.scalars(select(CohortPlan.id).where(CohortPlan.base_id == scene.plan_id)).all()
        open_ones = session.scalars(select(CohortPlan.state).where(CohortPlan.id.in_(waiting))).all()
    assert (state == "ready") == (seats_are == {"recalled"})
    assert set(open_ones) <= {"discarded"}


def test_an_answer_while_a_plan_is_taken_back_is_recalled_too_or_told_that_it_is_late(engine: Engine) -> None:
    scene = Scene(engine)
    outcomes = at_once(engine, scene.take_back(), scene.answer(scene.people[0], True))
    assert outcomes[0] == "done" and outcomes[1] in ("done", CONFLICT)
    with Session(engine) as session:
        assert set(session.scalars(select(Seat.state))) == {"recalled"}


def test_a_plan_taken_back_is_published_again_once(engine: Engine) -> None:
    scene = Scene(engine)
    assert at_once(engine, scene.take_back()) == ["done"]
    publish = scene.publish(scene.plan, scene.version + 1)
    assert sorted(at_once(engine, publish, publish)) == [CONFLICT, "done"]
    with Session(engine) as session:
        rows = Counter((row.state, row.round) for row in session.execute(select(Seat.state, Seat.round)))
    assert rows == {("recalled", 1): 10, ("asked", 2): 10}


def test_two_workers_write_each_letter_once(engine: Engine) -> None:
    scene = Scene(engine)
    before = scene.count(Mail)
    assert at_once(engine, *[lambda session: seat_mail.due(session, AFTER)] * 3) == ["done"] * 3
    assert scene.count(Mail) == before + 1


def test_two_workers_work_a_repair_out_once(engine: Engine) -> None:
    scene = Scene(engine)
    with Session(engine) as session:
        repairing.ask(session, scene.leader, scene.plan, scene.version, (), AFTER)
        session.commit()

    done: list[bool] = []

    def act(session: Session) -> None:
        name = f"worker {len(done)}"
        done.append(
            repair_work.work_next(session, a_studio(), name, Bench(session.commit, session.rollback, lambda: AFTER))
        )

    assert at_once(engine, act, act) == ["done", "done"]
    assert sorted(done) == [False, True]


def test_every_page_reads_on_both_databases(engine: Engine) -> None:
    from haln.learn import asked

    scene = Scene(engine)
    scene.repair()
    with Session(engine) as session:
        member = an_actor(session, scene.people[1])
        page = seats.page(session, member, scene.seats[scene.people[1]], NOW)
        assert len(page.people) == 4
        assert asked.followed(session, scene.leader, scene.plan, AFTER).accepted == 9
        found = repairing.preview(session, scene.leader, scene.plan, AFTER)
        assert [move.person.id for move in found.new] == scene.people[10:]
        assert publishing.prospect(session, scene.leader, a_studio(), scene.other).other == scene.plan


@pytest.mark.parametrize("last", ["confirm", "repair"])
def test_an_answer_waits_for_whoever_settles_the_plan(engine: Engine, last: str) -> None:
    scene = Scene(engine)
    act = scene.confirm() if last == "confirm" else scene.repair()
    outcome: list[str] = []

    def late() -> None:
        outcome.extend(at_once(engine, scene.answer(scene.people[0 if last == "repair" else 5], True)))

    with Session(engine) as session:
        act(session)
        other = threading.Thread(target=late)
        other.start()
        other.join(0.5)
        assert other.is_alive()
        session.commit()
    other.join()
    assert outcome == ([CONFLICT] if last == "confirm" else ["done"])
    with Session(engine) as session:
        state = session.scalars(select(Seat.state).where(Seat.member_id == scene.people[0])).one()
    assert state == ("declined" if last == "confirm" else "replaced")


def test_who_changes_a_plan_reads_it_anew_though_they_have_read_it_before(engine: Engine) -> None:
    scene = Scene(engine)
    with Session(engine, expire_on_commit=False) as session:
        held = led_plan(session, scene.leader, scene.plan)
        session.commit()
        assert at_once(engine, scene.repair()) == ["done"]
        with pytest.raises(Conflict):
            led_plan(session, scene.leader, scene.plan, version=scene.version)
        assert held.version > scene.version
