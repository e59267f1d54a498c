"""A plan is asked for, formed, read, changed and compared on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import plan_advice, plan_changes, plan_comparing, plan_moves, plan_reading, plan_reports, plans
from haln.learn.plan_reporting import report_next, without_report
from haln.models import Member
from tests.builders import NOW, an_actor, the_cast
from tests.cohort_builders import a_plan
from tests.learn.plan_builders import a_bench, a_full_cohort, a_studio, formed, placed


def test_a_plan_from_asking_to_comparing(stored: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_advice, "PROVED_UP_TO", 0)
    fay = an_actor(stored, the_cast(stored).fay)
    cohort, members = a_full_cohort(stored, fay.member_id, 16, days=2, alike=True)
    cohort.availability = "none"
    plans.propose(stored, fay, cohort.public_id, 2, None, None, NOW)
    studio = a_studio()
    one, other = formed(stored, studio)
    assert (one.state, other.state, placed(one)) == ("ready", "ready", members)
    page = plan_reading.studio(stored, fay, one.public_id, 0, "person0")
    assert page.report["rules"]
    assert len(page.found) == 10
    key = stored.scalars(select(Member.public_id).where(Member.id == one.sets[0]["members"][0])).one()
    assert plan_moves.panel(stored, studio, fay, one.public_id, key, 1).swaps
    plan_changes.move(stored, studio, fay, one.public_id, one.version, key, 1, NOW)
    plan_changes.lock(stored, studio, fay, one.public_id, one.version, key, True, NOW)
    plan_changes.undo(stored, studio, fay, one.public_id, one.version, NOW)
    stored.commit()
    stored.expire_all()
    assert plan_reports.of_row(one)["breaks"] == one.breaks
    assert plan_comparing.compare(stored, fay, one.public_id, other.public_id).people == 16
    plans.improve(stored, fay, one.public_id, one.version, NOW)
    assert [row.state for row in formed(stored, studio)] == ["ready"] * 3


def test_what_is_unsaid_of_a_published_plan_is_said_once(stored: Session) -> None:
    fay = the_cast(stored).fay
    cohort, members = a_full_cohort(stored, fay, 8)
    a_plan(stored, cohort, [members], number=2, state="published", progress={"report": {}})
    row = a_plan(stored, cohort, [members], state="published", progress=without_report({}))
    stored.commit()
    assert report_next(stored, a_studio(), a_bench(stored)) == row.public_id
    stored.expire_all()
    assert plan_reports.of_row(row)["breaks"] == row.breaks
    assert report_next(stored, a_studio(), a_bench(stored)) is None
