"""Plans are asked for, stopped and set aside by those who lead the cohort; the rows are the queue."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.errors import Conflict, HalnError, Invalid, NotFound, NotPermitted
from haln.learn import plans
from haln.models import AuditRecord, Cohort, CohortPlan
from tests.builders import NOW, Cast, a_member, an_actor
from tests.cohort_builders import a_cohort, a_plan, an_application


@pytest.fixture
def cohort(session: Session, cast: Cast) -> Cohort:
    made = a_cohort(session, cast.fay)
    for member in (cast.ada, cast.ben, cast.cai, cast.dee):
        an_application(session, made.id, member)
    return made


def propose(session: Session, who: int, cohort: Cohort, count: int = 1, sets: int | None = None) -> list[str]:
    return plans.propose(session, an_actor(session, who), cohort.public_id, count, sets, None, NOW)


def rows(session: Session) -> list[CohortPlan]:
    session.flush()
    return list(session.scalars(select(CohortPlan).order_by(CohortPlan.number)))


def test_each_plan_of_a_request_waits_for_the_one_before(session: Session, cast: Cast, cohort: Cohort) -> None:
    made = propose(session, cast.fay, cohort, 3)
    one, two, three = rows(session)
    assert [one.public_id, two.public_id, three.public_id] == made
    assert (one.base_id, two.base_id, three.base_id) == (None, one.id, two.id)
    assert {row.state for row in (one, two, three)} == {"waiting"}
    assert (two.seed, three.seed) == (one.seed + 1, one.seed + 2)
    assert one.rules == cohort.rules
    assert session.scalars(select(AuditRecord.action)).all() == ["propose_plans"]


def test_what_is_done_to_a_plan_is_recorded_under_one_name(session: Session, cast: Cast, cohort: Cohort) -> None:
    fay, row = an_actor(session, cast.fay), a_plan(session, cohort, [[cast.ada]])
    made = plans.improve(session, fay, row.public_id, 1, NOW)
    plans.stop(session, fay, made, NOW)
    plans.set_aside(session, fay, row.public_id, 1, NOW)
    session.flush()
    assert set(session.scalars(select(AuditRecord.subject_kind))) == {"cohort_plan"}


def test_a_later_request_has_another_seed(session: Session, cast: Cast, cohort: Cohort) -> None:
    propose(session, cast.fay, cohort, 2)
    propose(session, cast.fay, cohort)
    one, two, three = rows(session)
    assert (one.number, two.number, three.number) == (1, 2, 3)
    assert three.seed == 3
    assert three.base_id is None


@pytest.mark.parametrize(
    ("people", "count", "sets", "sentence"),
    [
        (0, 1, None, "Nobody has applied yet"),
        (1, 1, None, "needs at least 4 people, and 1 applied"),
        (4, 4, None, "one to 3 plans"),
        (4, 0, None, "one to 3 plans"),
        (4, 1, 0, "Ask for at least one set"),
        (4, 1, 2, "at most one set of"),
    ],
)
def test_what_cannot_be_formed_is_refused_in_a_sentence(
    session: Session, cast: Cast, people: int, count: int, sets: int | None, sentence: str
) -> None:
    cohort = a_cohort(session, cast.fay)
    for number in range(people):
        an_application(session, cohort.id, a_member(session, f"Person{number} Number").id)
    with pytest.raises(Invalid) as refused:
        propose(session, cast.fay, cohort, count, sets)
    assert sentence in refused.value.text
    assert rows(session) == []


def test_too_many_people_are_refused_in_a_sentence(
    session: Session, cast: Cast, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "MOST_APPLICANTS", 3)
    with pytest.raises(Invalid) as refused:
        propose(session, cast.fay, cohort)
    assert "at most 3 can be formed" in refused.value.text


@pytest.mark.parametrize("state", ["draft", "formed", "cancelled"])
def test_a_cohort_that_is_not_open_is_not_formed(session: Session, cast: Cast, cohort: Cohort, state: str) -> None:
    cohort.state = state
    with pytest.raises(Conflict):
        propose(session, cast.fay, cohort)


def test_only_those_who_lead_it_form_a_cohort(session: Session, cast: Cast, cohort: Cohort) -> None:
    with pytest.raises(NotPermitted):
        propose(session, cast.ada, cohort)
    other = a_member(session, "Gil Other", audience="facilitator").id
    with pytest.raises(NotFound):
        propose(session, other, cohort)
    assert propose(session, cast.sol, cohort)


def test_a_cohort_has_no_end_of_plans(
    session: Session, cast: Cast, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "MOST_PLANS", 2)
    propose(session, cast.fay, cohort, 2)
    with pytest.raises(Conflict):
        propose(session, cast.fay, cohort)


def test_few_plans_of_a_cohort_wait_at_once(
    session: Session, cast: Cast, cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "MOST_WAITING", 2)
    propose(session, cast.fay, cohort, 2)
    with pytest.raises(Conflict, match="At most 2 plans of a cohort wait at once"):
        propose(session, cast.fay, cohort)
    rows(session)[0].state = "ready"
    assert propose(session, cast.fay, cohort)


def test_stopping_keeps_what_is_formed_and_takes_back_what_waits(session: Session, cast: Cast, cohort: Cohort) -> None:
    fay = an_actor(session, cast.fay)
    waiting = a_plan(session, cohort, [], state="waiting")
    forming = a_plan(session, cohort, [], state="forming", number=2)
    ready = a_plan(session, cohort, [[cast.ada]], number=3)
    assert not plans.stop(session, fay, waiting.public_id, NOW)
    assert plans.stop(session, fay, forming.public_id, NOW)
    assert (waiting.state, waiting.stop_asked) == ("discarded", False)
    assert (forming.state, forming.stop_asked) == ("forming", True)
    with pytest.raises(Conflict):
        plans.stop(session, fay, ready.public_id, NOW)


FORMED = {"report": {"value": 0.5}}


def test_a_plan_that_was_stopped_while_it_waited_to_be_improved_is_not_brought_back(
    session: Session, cast: Cast, cohort: Cohort
) -> None:
    fay, row = an_actor(session, cast.fay), a_plan(session, cohort, [[cast.ada]], progress=FORMED)
    made = plans.improve(session, fay, row.public_id, 1, NOW)
    plans.stop(session, fay, made, NOW)
    session.expire_all()
    with pytest.raises(Conflict):
        plans.set_aside(session, fay, made, 1, NOW, back=True)
    assert rows(session)[1].state == "discarded"


@pytest.mark.parametrize("state", ["formed", "cancelled"])
def test_no_plan_of_a_cohort_that_is_over_is_brought_back(
    session: Session, cast: Cast, cohort: Cohort, state: str
) -> None:
    row = a_plan(session, cohort, [[cast.ada]], state="discarded", progress=FORMED)
    cohort.state = state
    with pytest.raises(Conflict):
        plans.set_aside(session, an_actor(session, cast.fay), row.public_id, 1, NOW, back=True)


def test_a_plan_is_set_aside_and_brought_back(session: Session, cast: Cast, cohort: Cohort) -> None:
    fay, row = an_actor(session, cast.fay), a_plan(session, cohort, [[cast.ada]], progress=FORMED)
    plans.set_aside(session, fay, row.public_id, 1, NOW)
    assert (row.state, row.version) == ("discarded", 2)
    plans.set_aside(session, fay, row.public_id, 2, NOW, back=True)
    assert row.state == "ready"


@pytest.mark.parametrize("state", ["published", "confirmed", "forming"])
def test_a_plan_that_is_with_its_people_is_neither_set_aside_nor_improved(
    session: Session, cast: Cast, cohort: Cohort, state: str
) -> None:
    fay, row = an_actor(session, cast.fay), a_plan(session, cohort, [[cast.ada]], state=state)
    for act in (plans.set_aside, plans.improve):
        with pytest.raises(Conflict):
            act(session, fay, row.public_id, 1, NOW)


def test_improving_makes_a_new_plan_and_leaves_the_old_one(session: Session, cast: Cast, cohort: Cohort) -> None:
    row = a_plan(session, cohort, [[cast.ada, cast.ben]], left_over=[cast.cai], locked=[cast.ada])
    before = (row.sets, row.left_over, row.version)
    plans.improve(session, an_actor(session, cast.fay), row.public_id, 1, NOW)
    new = rows(session)[1]
    assert (new.task, new.base_id, new.state) == ("improve", row.id, "waiting")
    assert (new.sets, new.left_over, new.locked) == (row.sets, [cast.cai], [cast.ada])
    assert (row.sets, row.left_over, row.version) == before


def test_what_somebody_saw_before_is_not_acted_upon(session: Session, cast: Cast, cohort: Cohort) -> None:
    fay, row = an_actor(session, cast.fay), a_plan(session, cohort, [[cast.ada]], version=2)
    for act in (plans.set_aside, plans.improve):
        with pytest.raises(HalnError) as refused:
            act(session, fay, row.public_id, 1, NOW)
        assert "Somebody else has changed this plan" in refused.value.text


def test_the_list_names_what_a_plan_begins_from(session: Session, cast: Cast, cohort: Cohort) -> None:
    row = a_plan(session, cohort, [[cast.ada]])
    plans.improve(session, an_actor(session, cast.fay), row.public_id, 1, NOW)
    found = plans.listing(session, an_actor(session, cast.fay), cohort.public_id)
    assert [(one.number, one.task, one.base) for one in found.plans] == [(1, "form", None), (2, "improve", 1)]
    assert found.applicants == 4
