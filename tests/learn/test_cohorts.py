"""Opening cohorts, changing what they are about, and keeping their rules in step."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid, NotFound, NotPermitted
from haln.learn import cohort_lists, cohort_rules, cohort_states, cohorts, rule_lists
from haln.learn.cohort_lists import Next
from haln.learn.cohorts import CohortFacts
from haln.learn.rule_rows import rows_of, rules_of
from haln.matching.rules import Kind, Strength, size
from haln.models import AuditRecord, Cohort, CohortFacilitator, CohortPlan
from haln.taxonomy.vocabulary import load
from tests.builders import NOW, Cast, a_member, an_actor
from tests.cohort_builders import a_cohort, a_learning_set, a_plan, a_seat, an_application

TODAY = NOW.date()
VOCABULARY = load()
FACTS = CohortFacts("Spring sets", closes_on=date(2026, 7, 1), starts_on=date(2026, 9, 1), ends_on=date(2027, 3, 1))


def test_a_cohort_begins_as_a_draft_led_by_who_made_it_with_rules_of_its_size(session: Session, cast: Cast) -> None:
    key = cohorts.create(session, an_actor(session, cast.fay), FACTS, 3, VOCABULARY, NOW)
    row = session.scalars(select(Cohort).where(Cohort.public_id == key)).one()
    assert row.state == "draft"
    assert cohorts.facts_of(row) == FACTS
    assert size(rules_of(row.rules)) == (6, 8)
    assert session.get_one(CohortFacilitator, (row.id, cast.fay)).sets == 3
    assert session.scalars(select(AuditRecord.action)).all() == ["open_cohort"]
    with pytest.raises(NotPermitted):
        cohorts.create(session, an_actor(session, cast.ada), FACTS, 3, VOCABULARY, NOW)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 161}, "title"),
        ({"purpose": "x" * 5001}, "purpose"),
        ({"where": "x" * 201}, "where"),
        ({"starts_on": date(2026, 7, 1)}, "starts_on"),
        ({"ends_on": date(2026, 8, 1)}, "ends_on"),
        ({"starts_on": None, "ends_on": date(2026, 7, 1)}, "ends_on"),
        ({"closes_on": date(9999, 1, 1)}, "closes_on"),
        ({"closes_on": None, "starts_on": date(2026, 6, 14)}, "starts_on"),
        ({"closes_on": None, "starts_on": None, "ends_on": date(2026, 6, 14)}, "ends_on"),
        ({"size_low": 3}, "size_low"),
        ({"size_high": 31}, "size_high"),
        ({"size_low": 9}, "size_high"),
        ({"sessions": 0}, "sessions"),
        ({"session_minutes": 10}, "session_minutes"),
        ({"availability": "whenever"}, "availability"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    session: Session, cast: Cast, facts: dict[str, object], field: str
) -> None:
    wrong = replace(FACTS, **facts)  # type: ignore[arg-type]  # by name
    with pytest.raises(Invalid) as refused:
        cohorts.create(session, an_actor(session, cast.fay), wrong, 3, VOCABULARY, NOW)
    assert list(refused.value.fields) == [field]
    assert session.scalars(select(Cohort)).all() == []


def test_a_cohort_that_has_begun_keeps_its_start_and_gets_no_other_that_is_over(session: Session, cast: Cast) -> None:
    begun = TODAY - timedelta(days=3)
    row = a_cohort(session, cast.fay, closes_on=begun - timedelta(days=9), starts_on=begun)
    fay, facts = an_actor(session, cast.fay), replace(cohorts.facts_of(row), title="Summer sets")
    with pytest.raises(Invalid) as refused:
        earlier = replace(facts, starts_on=begun - timedelta(days=1))
        cohorts.change(session, fay, row.public_id, 1, earlier, VOCABULARY, NOW)
    assert list(refused.value.fields) == ["starts_on"]
    cohorts.change(session, fay, row.public_id, 1, facts, VOCABULARY, NOW)
    assert (row.title, row.starts_on) == ("Summer sets", begun)


def test_the_rules_follow_the_size_and_whether_times_matter(session: Session, cast: Cast) -> None:
    row, fay = a_cohort(session, cast.fay), an_actor(session, cast.fay)
    facts = replace(cohorts.facts_of(row), size_low=5, size_high=9, availability="halfdays")
    cohorts.change(session, fay, row.public_id, 1, facts, VOCABULARY, NOW)
    rules = rules_of(row.rules)
    assert size(rules) == (5, 9)
    assert Kind.SLOTS in {rule.kind for rule in rules}
    cohorts.change(session, fay, row.public_id, 2, replace(facts, availability="none"), VOCABULARY, NOW)
    assert Kind.SLOTS not in {rule.kind for rule in rules_of(row.rules)}
    record = session.scalars(select(AuditRecord).order_by(AuditRecord.id)).first()
    assert record is not None
    assert record.detail == {"fields": ["availability", "size_high", "size_low"]}


def test_the_way_to_say_times_stays_while_there_are_times(session: Session, cast: Cast) -> None:
    row, fay = a_cohort(session, cast.fay, days=1), an_actor(session, cast.fay)
    with pytest.raises(Invalid, match="Take them away first"):
        facts = replace(cohorts.facts_of(row), availability="none")
        cohorts.change(session, fay, row.public_id, 1, facts, VOCABULARY, NOW)


def test_a_size_that_is_changed_as_a_rule_is_the_cohorts_size(session: Session, cast: Cast) -> None:
    row, fay = a_cohort(session, cast.fay), an_actor(session, cast.fay)
    cohort_rules.change(session, fay, row.public_id, 1, 0, "must", 5, 7, NOW)
    assert (row.size_low, row.size_high, size(rules_of(row.rules))) == (5, 7, (5, 7))
    cohort_rules.begin_again(session, fay, row.public_id, 2, "peers", NOW)
    assert size(rules_of(row.rules)) == (5, 7)


@pytest.mark.parametrize("code", list(rule_lists.READY_MADE))
@pytest.mark.parametrize("times", [True, False])
def test_every_ready_made_list_can_be_kept_and_read_again(code: str, times: bool) -> None:
    made = rule_lists.READY_MADE[code](5, 7, times)
    assert rules_of(rows_of(made)) == made
    kinds = [(rule.kind, rule.of) for rule in made]
    assert len(set(kinds)) == len(kinds)
    assert ((Kind.SLOTS, None) in kinds) == times
    assert {Kind.APART, Kind.MANAGERS, Kind.TOGETHER} <= {kind for kind, _of in kinds}
    musts = [rule.strength is Strength.MUST for rule in made]
    assert musts == sorted(musts, reverse=True)


@given(st.integers(0, 80), st.integers(4, 12), st.integers(0, 6))
def test_the_number_left_over_is_the_smallest_that_there_can_be(count: int, low: int, more: int) -> None:
    high = low + more
    possible = [
        count - placed
        for placed in range(count + 1)
        if placed == 0 or any(low * sets <= placed <= high * sets for sets in range(1, count + 1))
    ]
    assert rule_lists.fits(count, low, high) == min(possible)


def test_a_cohort_opens_closes_opens_again_and_lapses_on_its_day(session: Session, cast: Cast) -> None:
    fay = an_actor(session, cast.fay)
    row = a_cohort(session, cast.fay, state="draft", availability="halfdays")
    with pytest.raises(Conflict, match="no times"):
        cohort_states.open_up(session, fay, row.public_id, 1, TODAY, NOW)
    row.availability = "none"
    cohort_states.open_up(session, fay, row.public_id, 1, TODAY, NOW)
    with pytest.raises(Conflict, match="open for applications already"):
        cohort_states.open_up(session, fay, row.public_id, 2, TODAY, NOW)
    cohort_states.close(session, fay, row.public_id, 2, NOW)
    with pytest.raises(Conflict, match="not open"):
        cohort_states.close(session, fay, row.public_id, 3, NOW)
    cohort_states.open_up(session, fay, row.public_id, 3, TODAY, NOW)
    assert row.closes_on is not None
    assert cohort_states.is_open("open", row.closes_on, row.closes_on)
    after = row.closes_on + timedelta(days=1)
    assert not cohort_states.is_open("open", row.closes_on, after)
    with pytest.raises(Conflict, match="last day to apply is over"):
        cohort_states.open_up(session, fay, row.public_id, 4, after, NOW)


def test_cancelling_puts_the_plans_away(session: Session, cast: Cast) -> None:
    row = a_cohort(session, cast.fay)
    plan = a_plan(session, row, [[cast.ada, cast.ben, cast.cai, cast.dee]], state="published")
    cohort_states.cancel(session, an_actor(session, cast.fay), row.public_id, 1, NOW)
    session.flush()
    session.expire_all()
    kept = session.get_one(CohortPlan, plan.id)
    assert (kept.state, kept.version) == ("discarded", 2)
    with pytest.raises(Conflict, match="cancelled"):
        cohorts.changeable(session, an_actor(session, cast.fay), row.public_id)


def test_the_list_says_what_to_do_next(session: Session, cast: Cast) -> None:
    fay = an_actor(session, cast.fay)
    row = a_cohort(session, cast.fay, state="draft", availability="halfdays")

    def following() -> Next:
        session.flush()
        return cohort_lists.one(session, fay, row.public_id, TODAY, NOW).next

    assert following() is Next.TIMES
    row.availability = "none"
    assert following() is Next.OPEN
    row.state = "open"
    assert following() is Next.WAIT
    row.closes_on = TODAY - timedelta(days=1)
    assert following() is Next.FEW
    people = [a_member(session, f"Person{number} Number").id for number in range(9)]
    for member in people:
        an_application(session, row.id, member)
    assert following() is Next.FORM
    session.get_one(CohortFacilitator, (row.id, cast.fay)).sets = 1
    assert following() is Next.ROOM
    for number, facts in enumerate(({"state": "waiting"}, {"state": "failed"}, {"task": "repair"}), start=2):
        a_plan(session, row, [], number=number, **facts)
    assert following() is Next.ROOM, "there is nothing to choose yet"
    plan = a_plan(session, row, [people[:5], people[5:]])
    assert following() is Next.CHOOSE
    plan.state = "published"
    plan.answer_by = NOW + timedelta(days=1)
    seats = [a_seat(session, plan, member, int(number > 4)) for number, member in enumerate(people)]
    assert following() is Next.ANSWERS
    for seat in seats[1:]:
        seat.state = "accepted"
    assert following() is Next.ANSWERS
    plan.answer_by = NOW
    assert following() is Next.SETTLE
    plan.answer_by, seats[0].state = NOW + timedelta(days=1), "accepted"
    assert following() is Next.CONFIRM
    row.state = "formed"
    assert following() is Next.MEET
    sets = [a_learning_set(session, [], cohort_id=row.id) for _ in range(2)]
    sets[0].ended_on = TODAY
    assert following() is Next.MEET
    sets[1].ended_on = TODAY
    assert following() is Next.NOTHING, "all of them have ended"
    row.state = "cancelled"
    assert following() is Next.NOTHING


def test_each_sees_the_cohorts_they_lead_and_staff_all(session: Session, cast: Cast) -> None:
    own, other = a_cohort(session, cast.fay), a_cohort(session, cast.sol)
    with_fay = a_cohort(session, cast.sol)
    session.add(CohortFacilitator(cohort_id=with_fay.id, member_id=cast.fay, sets=1, slots=[]))
    session.flush()
    fay, sol = an_actor(session, cast.fay), an_actor(session, cast.sol)
    led = {line.public_id for line in cohort_lists.led(session, fay, TODAY, NOW)}
    assert led == {own.public_id, with_fay.public_id}
    assert len(cohort_lists.led(session, sol, TODAY, NOW)) == 3
    with pytest.raises(NotFound):
        cohort_lists.one(session, fay, other.public_id, TODAY, NOW)
