"""The worker's turn at plans that are with their people and of which nothing is said as they stand."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import plan_reading, plan_reports
from haln.learn.plan_reporting import report_next, without_report
from haln.models import Application, CohortPlan
from tests.builders import NOW, Cast, an_actor
from tests.cohort_builders import a_plan
from tests.consent_builders import AFTER, a_call
from tests.learn.conftest import calm  # noqa: F401  # the fixture
from tests.learn.plan_builders import a_bench, a_full_cohort, a_studio


def unsaid(session: Session, cast: Cast, **facts: object) -> CohortPlan:
    cohort, members = a_full_cohort(session, cast.fay)
    values = {"state": "published", "progress": without_report({}), "published_at": NOW, **facts}
    row = a_plan(session, cohort, [members[:6], members[6:]], **values)
    session.commit()
    return row


def test_what_is_said_of_a_plan_is_kept_with_it_once_and_its_version_stays(session: Session, cast: Cast) -> None:
    row = unsaid(session, cast)
    gone = session.scalars(select(Application).order_by(Application.id.desc())).first()
    assert gone is not None
    gone.state = "withdrawn"
    session.commit()
    version = row.version
    assert report_next(session, a_studio(), a_bench(session)) == row.public_id
    session.expire_all()
    assert (row.version, row.breaks) == (version, plan_reports.of_row(row)["breaks"])
    page = plan_reading.studio(session, an_actor(session, cast.fay), row.public_id)
    assert len(page.report["rules"]) == len(row.rules)
    assert len(page.report["members"]) == 11, "whoever withdrew is passed over"
    assert report_next(session, a_studio(), a_bench(session)) is None


def test_what_is_not_with_its_people_or_has_its_report_waits_for_nothing(session: Session, cast: Cast) -> None:
    row = unsaid(session, cast, state="ready")
    assert report_next(session, a_studio(), a_bench(session)) is None
    row.state, row.progress = "published", {"report": {}}
    session.commit()
    assert report_next(session, a_studio(), a_bench(session)) is None


def test_what_cannot_be_judged_is_tried_once(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    unsaid(session, cast)
    studio = a_studio()

    def fails(*args: object) -> None:
        raise ValueError

    monkeypatch.setattr(studio, "reports", fails)
    with pytest.raises(ValueError):  # whatever it is
        report_next(session, studio, a_bench(session))
    session.rollback()
    assert report_next(session, studio, a_bench(session)) is None


def test_a_repaired_plan_is_judged_anew(session: Session, cast: Cast, calm: None) -> None:  # noqa: F811
    call = a_call(session, cast, (5, 5), spare=1)
    call.publish()
    call.answer(True, *call.people[1:10])
    call.apply(call.repaired_to([[*call.sets[0][1:], call.spare[0]], call.sets[1]], AFTER))
    assert report_next(session, a_studio(), a_bench(session)) == call.plan.public_id
    session.expire_all()
    assert str(call.spare[0]) in plan_reports.of_row(call.plan)["members"]
