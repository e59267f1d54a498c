"""Plans are formed by workers that may be stopped, killed and too slow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.learn import plan_advice, plan_queue, plans
from haln.learn.plan_rows import plan_of
from haln.learn.plan_work import form_next
from haln.matching import forming, relax
from haln.matching.pool import Plan, PlannedSet
from haln.models import AlgorithmRun, AuditRecord, Cohort, CohortPlan, Member
from tests.builders import NOW, Cast, an_actor
from tests.learn.plan_builders import Ticking, a_bench, a_full_cohort, a_studio, formed, placed


@pytest.fixture(autouse=True)
def without_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proofs take seconds: they have a test of their own."""
    monkeypatch.setattr(plan_advice, "PROVED_UP_TO", 0)


def ask(session: Session, cast: Cast, cohort: Cohort, count: int = 1) -> list[str]:
    made = plans.propose(session, an_actor(session, cast.fay), cohort.public_id, count, None, None, NOW)
    session.commit()
    return made


def test_a_plan_holds_everybody_once_and_says_what_it_was_formed_from(session: Session, cast: Cast) -> None:
    cohort, members = a_full_cohort(session, cast.fay)
    ask(session, cast, cohort)
    (row,) = formed(session, a_studio())
    assert row.state == "ready"
    assert placed(row) == members
    assert (row.breaks, row.left_over, row.leased_by, row.version) == (0, [], None, 2)
    assert row.value is not None
    run = session.execute(select(AlgorithmRun)).scalar_one()
    assert (run.kind, run.seed, run.data_version) == ("plan", row.seed, row.data_version)
    assert run.finished_at is not None
    record = session.scalars(select(AuditRecord).where(AuditRecord.action == "form_plan")).one()
    assert (record.subject_kind, record.subject_id) == ("cohort_plan", row.id)


@pytest.mark.slow
def test_a_small_plan_is_proved_to_be_near_the_best(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_advice, "PROVED_UP_TO", 12)
    cohort, members = a_full_cohort(session, cast.fay)
    ask(session, cast, cohort)
    (row,) = formed(session, a_studio())
    assert row.value is not None
    assert row.bound is not None
    assert row.value <= row.bound <= row.value * 1.02
    assert placed(row) == members


def test_a_better_plan_than_the_first_takes_its_place_unless_somebody_changed_it(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort, members = a_full_cohort(session, cast.fay, 8)
    better = Plan((PlannedSet(tuple(members[:4])), PlannedSet(tuple(members[4:]))))
    for changed in (False, True):

        def proof(*_: object, changed: bool = changed) -> tuple[float, Plan]:
            if changed:
                session.execute(update(CohortPlan).values(version=CohortPlan.version + 1))
                session.commit()
            return 1.0, better

        monkeypatch.setattr(plan_advice, "proved", proof)
        ask(session, cast, cohort)
        row = formed(session, a_studio())[-1]
        assert row.bound == 1.0
        assert (plan_of(row) == better) is not changed


def test_a_plan_that_was_to_be_different_is_not_replaced_by_the_best(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort, members = a_full_cohort(session, cast.fay, 16, alike=True)
    better = Plan((PlannedSet(tuple(members[:8])), PlannedSet(tuple(members[8:]))))
    monkeypatch.setattr(plan_advice, "proved", lambda *_: (1.0, better))
    ask(session, cast, cohort, 2)
    one, other = formed(session, a_studio())
    assert plan_of(one) == better
    assert (other.bound, plan_of(other) == better) == (1.0, False)


def test_the_same_seed_and_data_give_the_same_plan(session: Session, cast: Cast) -> None:
    cohort, _ = a_full_cohort(session, cast.fay)
    for _ in range(2):
        plans.propose(session, an_actor(session, cast.fay), cohort.public_id, 1, None, 7, NOW)
    one, other = formed(session, a_studio())
    assert plan_of(one) == plan_of(other)
    assert one.value == other.value


def test_plans_of_one_request_differ(session: Session, cast: Cast) -> None:
    cohort, members = a_full_cohort(session, cast.fay, 16, alike=True)
    ask(session, cast, cohort, 3)
    found = formed(session, a_studio())
    assert [row.state for row in found] == ["ready"] * 3
    assert all(placed(row) == members for row in found)
    assert len({str([one["members"] for one in row.sets]) for row in found}) == 3


def test_a_plan_that_came_out_once_more_is_not_shown_as_another(session: Session, cast: Cast) -> None:
    cohort, _ = a_full_cohort(session, cast.fay, 16)
    ask(session, cast, cohort, 2)
    one, two = formed(session, a_studio())
    assert (one.state, two.state) == ("ready", "failed")
    assert "the same as another plan" in two.progress["problem"]


def test_a_plan_waits_for_the_one_it_begins_from(session: Session, cast: Cast) -> None:
    cohort, _ = a_full_cohort(session, cast.fay)
    one, two = ask(session, cast, cohort, 2)
    session.execute(
        update(CohortPlan)
        .where(CohortPlan.public_id == one)
        .values(state="forming", leased_by="other", leased_until=NOW + timedelta(minutes=1))
    )
    session.commit()
    assert form_next(session, a_studio(), "worker", a_bench(session)) is None
    assert two


def test_when_a_worker_was_killed_another_begins_anew_after_the_lease(session: Session, cast: Cast) -> None:
    cohort, members = a_full_cohort(session, cast.fay)
    (key,) = ask(session, cast, cohort)
    session.execute(
        update(CohortPlan).values(state="forming", leased_by="dead", leased_until=NOW, progress={"attempts": 1})
    )
    session.commit()
    assert form_next(session, a_studio(), "worker", a_bench(session)) == key
    session.expire_all()
    row = session.execute(select(CohortPlan)).scalar_one()
    assert (row.state, placed(row)) == ("ready", members)


def test_a_worker_taken_for_dead_writes_nothing(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort, _ = a_full_cohort(session, cast.fay)
    ask(session, cast, cohort)
    real = forming.form

    def slow(*words: Any, **more: Any) -> Any:
        session.execute(update(CohortPlan).values(leased_by="another"))
        session.commit()
        return real(*words, **more)

    monkeypatch.setattr(forming, "form", slow)
    form_next(session, a_studio(), "worker", a_bench(session))
    session.expire_all()
    row = session.execute(select(CohortPlan)).scalar_one()
    assert (row.state, row.leased_by, row.sets) == ("forming", "another", [])


def test_progress_is_shown_and_the_lease_renewed(session: Session, cast: Cast) -> None:
    cohort, _ = a_full_cohort(session, cast.fay, 24)
    ask(session, cast, cohort)
    seen: list[tuple[float, bool]] = []

    def look() -> None:
        row = session.execute(
            select(CohortPlan.progress, CohortPlan.leased_until).where(CohortPlan.state == "forming")
        ).one()
        seen.append((row.progress["done"], row.leased_until > NOW))
        session.commit()

    form_next(session, a_studio(), "worker", a_bench(session, Ticking(), meanwhile=look))
    assert seen == sorted(seen)
    assert seen
    assert all(renewed for _, renewed in seen)


def test_stopping_keeps_the_best_so_far(session: Session, cast: Cast) -> None:
    cohort, members = a_full_cohort(session, cast.fay, 24)
    (key,) = ask(session, cast, cohort)

    def stop() -> None:
        session.execute(update(CohortPlan).where(CohortPlan.public_id == key).values(stop_asked=True))
        session.commit()

    form_next(session, a_studio(), "worker", a_bench(session, Ticking(), meanwhile=stop))
    session.expire_all()
    row = session.execute(select(CohortPlan)).scalar_one()
    assert (row.state, row.stop_asked, row.progress["stopped"]) == ("ready", False, True)
    assert placed(row) == members


def test_a_worker_that_is_told_to_stop_gives_the_plan_back(session: Session, cast: Cast) -> None:
    cohort, _ = a_full_cohort(session, cast.fay)
    ask(session, cast, cohort)
    form_next(session, a_studio(), "worker", a_bench(session, stopping=lambda: True))
    session.expire_all()
    row = session.execute(select(CohortPlan)).scalar_one()
    assert (row.state, row.leased_by) == ("waiting", None)


def test_a_plan_of_people_who_have_all_gone_meanwhile_says_so(session: Session, cast: Cast) -> None:
    cohort, members = a_full_cohort(session, cast.fay, 6)
    ask(session, cast, cohort)
    session.execute(update(Member).where(Member.id.in_(members)).values(standing="left"))
    form_next(session, a_studio(), "worker", a_bench(session))
    row = session.execute(select(CohortPlan)).scalar_one()
    assert (row.state, row.sets, row.left_over) == ("failed", [], [])
    assert row.progress["problem"].startswith("Nobody applies any more")


def test_what_fails_again_and_again_says_so(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort, _ = a_full_cohort(session, cast.fay)
    ask(session, cast, cohort)

    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(forming, "form", broken)
    states = []
    for _ in range(plan_queue.MOST_ATTEMPTS):
        form_next(session, a_studio(), "worker", a_bench(session))
        session.expire_all()
        states.append(session.execute(select(CohortPlan.state)).scalar_one())
    assert states == ["waiting"] * (plan_queue.MOST_ATTEMPTS - 1) + ["failed"]


def test_what_fails_after_a_sign_of_life_is_given_up_too_and_others_get_their_turn(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort, _ = a_full_cohort(session, cast.fay)
    ask(session, cast, cohort)
    other = ask(session, cast, cohort)
    real, studio = forming.form, a_studio()

    def broken(*words: Any, watch: Any, **more: Any) -> Any:
        found = real(*words, watch=watch, **more)
        if found.stopped or session.scalar(select(CohortPlan.state).where(CohortPlan.number == 1)) == "forming":
            raise ZeroDivisionError
        return found

    monkeypatch.setattr(forming, "form", broken)
    clock = Ticking()
    turns = [form_next(session, studio, "worker", a_bench(session, clock)) for _ in range(plan_queue.MOST_ATTEMPTS + 1)]
    assert turns[-1:] == other
    session.expire_all()
    states = session.scalars(select(CohortPlan.state).order_by(CohortPlan.number)).all()
    assert states == ["failed", "ready"]


def test_what_kills_its_workers_is_given_up(session: Session, cast: Cast) -> None:
    cohort, _ = a_full_cohort(session, cast.fay)
    ask(session, cast, cohort)
    session.execute(
        update(CohortPlan).values(
            state="forming", leased_by="dead", leased_until=NOW, progress={"attempts": plan_queue.MOST_ATTEMPTS}
        )
    )
    session.commit()
    assert form_next(session, a_studio(), "worker", a_bench(session)) is None
    session.expire_all()
    row = session.execute(select(CohortPlan)).scalar_one()
    assert (row.state, row.leased_by) == ("failed", None)
    assert "could not be formed" in row.progress["problem"]


def test_a_worker_that_is_told_to_stop_uses_up_no_attempt(session: Session, cast: Cast) -> None:
    cohort, _ = a_full_cohort(session, cast.fay, 8)
    ask(session, cast, cohort)
    for _ in range(plan_queue.MOST_ATTEMPTS + 1):
        form_next(session, a_studio(), "worker", a_bench(session, stopping=lambda: True))
    session.expire_all()
    assert session.execute(select(CohortPlan.state)).scalar_one() == "waiting"


def test_locked_people_and_sets_stay_when_the_rest_is_improved(session: Session, cast: Cast) -> None:
    cohort, members = a_full_cohort(session, cast.fay, 16)
    ask(session, cast, cohort)
    studio = a_studio()
    (base,) = formed(session, studio)
    first = base.sets[0]["members"]
    base.sets = [{**one, "locked": number == 0} for number, one in enumerate(base.sets)]
    other = base.sets[1]["members"][0]
    base.locked = [other]
    plans.improve(session, an_actor(session, cast.fay), base.public_id, base.version, NOW)
    _, better = formed(session, studio)
    assert better.state == "ready"
    assert better.sets[0] == {"members": first, "facilitator": better.sets[0]["facilitator"], "locked": True}
    assert other in better.sets[1]["members"]
    assert placed(better) == members


def test_everybody_of_one_organisation_is_a_plan_with_the_reason_and_ways_out(session: Session, cast: Cast) -> None:
    cohort, members = a_full_cohort(session, cast.fay, 8)
    session.execute(
        update(Member)
        .where(Member.id.in_(members))
        .values(organisation_id=session.get_one(Member, cast.ada).organisation_id)
    )
    ask(session, cast, cohort)
    (row,) = formed(session, a_studio())
    assert placed(row) == members
    assert row.state == "ready"
    advice = row.progress["advice"]
    assert advice["possible"] is False
    assert advice["certificates"] or advice["ways"]


def test_a_large_pool_in_which_an_organisation_has_too_many_gets_a_way_out_with_a_button(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relax, "SMALL", 8)  # above it nothing is looked at exactly
    cohort, members = a_full_cohort(session, cast.fay, 14)
    home = session.get_one(Member, cast.ada).organisation_id
    session.execute(update(Member).where(Member.id.in_(members[:5])).values(organisation_id=home))
    plans.propose(session, an_actor(session, cast.fay), cohort.public_id, 1, 2, None, NOW)
    (row,) = formed(session, a_studio())
    advice = row.progress["advice"]
    assert (advice["possible"], advice["proved"]) == (False, False)
    assert any(plan_advice.can_be_taken(session, row, way) and not way["seen"] for way in advice["ways"])
    assert [way["changes"] for way in advice["ways"] if way["seen"]], "the best plan is a way out, too"


def test_forming_never_holds_the_lock_that_others_write_with(app: Flask, session: Session, cast: Cast) -> None:
    cohort, _ = a_full_cohort(session, cast.fay, 24)
    ask(session, cast, cohort)
    studio, written = app.extensions["haln_studio"], []

    def write_elsewhere() -> None:
        with app.app_context():
            from haln.db import db

            db.session.execute(update(Cohort).values(where="Somewhere"))
            db.session.commit()
            db.session.remove()
        written.append(True)

    form_next(session, studio, "worker", a_bench(session, Ticking(), meanwhile=write_elsewhere))
    assert written
