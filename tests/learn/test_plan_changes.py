"""Plans changed by hand: nothing is lost, everything can be taken back, and nobody overwrites anybody."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.learn import plan_changes, plan_leading, plan_reports
from haln.learn.plan_changes import Changed
from haln.learn.studio import Studio
from haln.models import Application, AuditRecord, Cohort, CohortFacilitator, CohortPlan, Member, PlanStep
from tests.builders import NOW, Cast, a_member, an_actor
from tests.cohort_builders import a_plan, an_application
from tests.learn.plan_builders import a_full_cohort, a_studio, placed


class Desk:
    """A facilitator before one plan of two sets of six."""

    def __init__(self, session: Session, fay: Actor) -> None:
        self.session, self.fay, self.studio = session, fay, a_studio()
        self.cohort, self.members = a_full_cohort(session, fay.member_id, 13)
        rows = session.execute(select(Member.id, Member.public_id).where(Member.id.in_(self.members)))
        self.keys = {row.id: row.public_id for row in rows}
        self.row = a_plan(session, self.cohort, [self.members[:6], self.members[6:12]], left_over=[self.members[12]])

    def do(self, act: Callable[..., Changed], *words: Any, version: int | None = None) -> Changed:
        seen = self.row.version if version is None else version
        done = act(self.session, self.studio, self.fay, self.row.public_id, seen, *words, NOW)
        self.session.flush()
        return done

    def sets(self) -> list[list[int]]:
        return [one["members"] for one in self.row.sets]


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    return Desk(session, an_actor(session, cast.fay))


def test_somebody_moves_and_the_plan_is_judged_anew(desk: Desk) -> None:
    who = desk.members[0]
    done = desk.do(plan_changes.move, desk.keys[who], 1)
    assert (done.before, done.after) == (0, 1)
    assert who in desk.sets()[1]
    assert placed(desk.row) == desk.members
    assert desk.row.version == 2
    assert (desk.row.value, desk.row.breaks) == (
        desk.row.progress["report"]["value"],
        desk.row.progress["report"]["breaks"],
    )
    action = desk.session.execute(select(AuditRecord.action, AuditRecord.detail)).one()
    assert action.action == "change_plan"
    assert action.detail == {"kind": "move", "step": 1}


def test_somebody_is_left_over_and_comes_back(desk: Desk) -> None:
    desk.do(plan_changes.move, desk.keys[desk.members[0]], None)
    assert desk.row.left_over == [desk.members[0], desk.members[12]]
    desk.do(plan_changes.move, desk.keys[desk.members[12]], 0)
    assert desk.row.left_over == [desk.members[0]]
    assert placed(desk.row) == desk.members


def test_two_change_places(desk: Desk) -> None:
    one, other = desk.members[0], desk.members[12]
    desk.do(plan_changes.swap, desk.keys[one], desk.keys[other])
    assert other in desk.sets()[0]
    assert desk.row.left_over == [one]


def test_any_steps_can_be_taken_back_one_by_one_to_the_bit_and_done_again(desk: Desk) -> None:
    chance = random.Random(5)
    desk.do(plan_changes.bring_up_to_date)

    def state() -> tuple[Any, ...]:
        row = desk.row
        return (row.sets, row.left_over, row.locked, row.value, row.breaks, row.progress["report"])

    states = [state()]
    while desk.row.step < 12:
        who = desk.keys[chance.choice(desk.members)]
        acts: list[tuple[Any, ...]] = [
            (plan_changes.move, who, chance.choice([0, 1, None])),
            (plan_changes.swap, who, desk.keys[chance.choice(desk.members)]),
            (plan_changes.lock, who, chance.choice([True, False])),
            (plan_changes.lock_set, chance.choice([0, 1]), chance.random() < 0.3),
        ]
        try:
            desk.do(*chance.choice(acts))
        except Conflict:
            continue
        states.append(state())
    for before in reversed(states[:-1]):
        desk.do(plan_changes.undo)
        assert state() == before
    for after in states[1:]:
        desk.do(plan_changes.redo)
        assert state() == after
    with pytest.raises(Conflict):
        desk.do(plan_changes.redo)


def test_a_new_step_forgets_what_was_taken_back(desk: Desk) -> None:
    desk.do(plan_changes.move, desk.keys[desk.members[0]], 1)
    desk.do(plan_changes.undo)
    desk.do(plan_changes.move, desk.keys[desk.members[1]], 1)
    with pytest.raises(Conflict):
        desk.do(plan_changes.redo)
    assert desk.session.scalars(select(PlanStep.number)).all() == [1]


def test_where_nothing_was_done_nothing_is_undone(desk: Desk) -> None:
    with pytest.raises(Conflict):
        desk.do(plan_changes.undo)


def test_the_second_of_two_facilitators_is_told_and_overwrites_nothing(desk: Desk) -> None:
    desk.do(plan_changes.move, desk.keys[desk.members[0]], 1, version=1)
    before = (desk.row.sets, desk.row.version)
    with pytest.raises(Conflict) as told:
        desk.do(plan_changes.move, desk.keys[desk.members[1]], 1, version=1)
    assert "Somebody else has changed this plan" in told.value.text
    assert (desk.row.sets, desk.row.version) == before


def test_who_is_locked_stays_and_so_does_a_locked_set(desk: Desk) -> None:
    one, other = (desk.keys[member] for member in desk.members[:2])
    desk.do(plan_changes.lock, one, True)
    with pytest.raises(Conflict):
        desk.do(plan_changes.move, one, 1)
    with pytest.raises(Conflict):
        desk.do(plan_changes.swap, desk.keys[desk.members[7]], one)
    desk.do(plan_changes.lock_set, 1, True)
    with pytest.raises(Conflict):
        desk.do(plan_changes.move, other, 1)
    desk.do(plan_changes.lock, one, False)
    desk.do(plan_changes.move, one, None)
    assert desk.row.sets[1]["locked"]


@pytest.mark.parametrize("to", [2, 99, -1])
def test_a_set_that_is_not_there_is_named(desk: Desk, to: int) -> None:
    with pytest.raises(NotFound) as told:
        desk.do(plan_changes.move, desk.keys[desk.members[0]], to)
    assert f"no set {to + 1}" in told.value.text


def test_nobody_moves_to_where_they_are_and_strangers_do_not_move(desk: Desk, session: Session) -> None:
    with pytest.raises(Conflict):
        desk.do(plan_changes.move, desk.keys[desk.members[0]], 0)
    stranger = a_member(session, "Gil Stranger").public_id
    for who in (stranger, "nobody"):
        with pytest.raises(NotFound):
            desk.do(plan_changes.move, who, 1)


@pytest.mark.parametrize("state", ["published", "confirmed", "discarded", "forming", "failed"])
def test_only_a_ready_plan_is_changed(desk: Desk, state: str) -> None:
    desk.row.state = state
    with pytest.raises(Conflict):
        desk.do(plan_changes.move, desk.keys[desk.members[0]], 1)


def test_an_applicant_who_left_meanwhile_is_taken_out_and_a_new_one_is_left_over(desk: Desk, session: Session) -> None:
    session.get_one(Member, desk.members[0]).standing = "left"
    session.execute(
        select(Application).where(Application.member_id == desk.members[1])
    ).scalar_one().state = "withdrawn"
    new = a_member(session, "Gil Newcomer")
    an_application(session, desk.cohort.id, new.id)
    session.flush()
    desk.do(plan_changes.move, desk.keys[desk.members[2]], 1)
    assert placed(desk.row) == sorted([*desk.members[2:], new.id])
    desk.do(plan_changes.undo)
    assert placed(desk.row) == sorted([*desk.members[2:], new.id])
    with pytest.raises(NotFound):
        desk.do(plan_changes.move, desk.keys[desk.members[0]], 1)


def test_what_was_proved_of_other_people_is_forgotten(desk: Desk, session: Session) -> None:
    desk.do(plan_changes.bring_up_to_date)
    desk.row.bound = 5.0
    desk.do(plan_changes.move, desk.keys[desk.members[0]], 1)
    assert desk.row.bound == 5.0
    session.get_one(Member, desk.members[12]).standing = "left"
    session.flush()
    desk.do(plan_changes.bring_up_to_date)
    assert desk.row.bound is None


def test_others_plans_are_as_if_not_there(desk: Desk, session: Session) -> None:
    other = an_actor(session, a_member(session, "Gil Other", audience="facilitator").id)
    with pytest.raises(NotFound):
        plan_changes.undo(session, Studio(desk.studio.vocabulary), other, desk.row.public_id, 1, NOW)
    assert session.get(CohortPlan, desk.row.id) is not None
    assert session.get(Cohort, desk.cohort.id) is not None


def a_leader(desk: Desk, name: str = "Gil Leader", sets: int = 1) -> Member:
    """A second facilitator of the cohort."""
    who = a_member(desk.session, name, audience="facilitator")
    desk.session.add(CohortFacilitator(cohort_id=desk.cohort.id, member_id=who.id, sets=sets, slots=[]))
    desk.session.flush()
    return who


def led_by(desk: Desk) -> list[int | None]:
    return [one["facilitator"] for one in desk.row.sets]


def test_another_leads_a_set_and_it_is_taken_back_and_done_again(desk: Desk) -> None:
    fay, gil = desk.fay.member_id, a_leader(desk)
    done = desk.do(plan_changes.lead, 1, gil.public_id)
    assert (done.kind, done.member, done.after) == ("lead", gil.id, 1)
    assert led_by(desk) == [fay, gil.id]
    assert plan_reports.of_row(desk.row)["breaks"] == desk.row.breaks
    desk.do(plan_changes.undo)
    assert led_by(desk) == [fay, fay]
    desk.do(plan_changes.redo)
    assert led_by(desk) == [fay, gil.id]
    desk.do(plan_changes.lead, 0, "")
    assert led_by(desk) == [None, gil.id]
    assert desk.sets() == [desk.members[:6], desk.members[6:12]]


def test_the_plan_is_judged_anew_when_another_leads(desk: Desk) -> None:
    desk.do(plan_changes.bring_up_to_date)
    before, gil = desk.row.breaks or 0, a_leader(desk, sets=0)
    desk.do(plan_changes.lead, 1, gil.public_id)
    assert (desk.row.breaks or 0) - before == (1 if facilitator_is_must(desk) else 0)
    panel = plan_leading.panel(desk.session, desk.studio, desk.fay, desk.row.public_id, 0)
    (cost,) = (one for one in panel.costs if one.name == "Gil Leader")
    assert (cost.leads, cost.room, cost.now) == (1, 0, False)


def facilitator_is_must(desk: Desk) -> bool:
    return any(rule["kind"] == "facilitator_load" and rule["strength"] == "must" for rule in desk.row.rules)


def test_whoever_leads_no_set_of_the_cohort_cannot_be_chosen_and_a_locked_set_keeps_who_leads_it(desk: Desk) -> None:
    gil, stranger = a_leader(desk), a_member(desk.session, "Hal Other", audience="facilitator")
    for who in (stranger.public_id, desk.keys[desk.members[0]], "nobody"):
        with pytest.raises(NotFound):
            desk.do(plan_changes.lead, 0, who)
    with pytest.raises(NotFound):
        desk.do(plan_changes.lead, 2, gil.public_id)
    desk.do(plan_changes.lock_set, 0, True)
    with pytest.raises(Conflict):
        desk.do(plan_changes.lead, 0, gil.public_id)
    with pytest.raises(Conflict):
        desk.do(plan_changes.lead, 1, gil.public_id, version=1)
    assert led_by(desk) == [desk.fay.member_id] * 2


def test_who_leads_a_set_no_longer_is_replaced(desk: Desk) -> None:
    """What publishing asks for when a facilitator is no longer there can be done."""
    gil = a_leader(desk)
    desk.do(plan_changes.lead, 0, gil.public_id)
    gil.standing = "disabled"
    desk.session.flush()
    fay = desk.session.get_one(Member, desk.fay.member_id).public_id
    desk.do(plan_changes.lead, 0, fay)
    assert led_by(desk) == [desk.fay.member_id] * 2
