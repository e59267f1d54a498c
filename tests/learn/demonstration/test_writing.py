"""A demonstration's learning: whole, in the order of days, for every page something, and the same each time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.learn import plan_reports
from haln.learn.demonstration.writing import Written, write
from haln.learn.plan_reporting import report_next
from haln.learn.plan_work import Bench
from haln.learn.studio import Studio
from haln.models import (
    Application,
    ApplicationSlot,
    Attendance,
    Cohort,
    CohortFacilitator,
    CohortPair,
    CohortPlan,
    CohortSlot,
    LearningSet,
    Member,
    Organisation,
    Reflection,
    Seat,
    SetAction,
    SetMembership,
    SetNote,
    SetRequest,
    SetSession,
)
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.writing import Wanted
from haln.taxonomy import vocabulary
from tests.builders import NOW
from tests.people.demonstration.places import UNTIL, a_demonstration, an_empty_network
from tests.people.demonstration.test_writing import digest

LONDON = ZoneInfo("Europe/London")
MEMBERS, MONTHS, SEED = 500, 36, 7


def learned(session: Session, members: int = MEMBERS, months: int = MONTHS, seed: int = SEED) -> Written:
    a_demonstration(session, members, months, seed)
    return write(session, vocabulary.load(), Wanted(members, months, seed, UNTIL), zone=LONDON)


@pytest.fixture(scope="module")
def network() -> Iterator[Session]:
    with an_empty_network() as session:
        learned(session)
        yield session


def signed_in(session: Session, who: str) -> int:
    return session.scalars(select(Member.id).where(Member.email == f"{who}@{DOMAIN}")).one()


def test_the_same_numbers_give_the_same_rows(network: Session) -> None:
    with an_empty_network() as again, an_empty_network() as other:
        learned(again)
        learned(other, seed=8)
        assert digest(again) == digest(network) != digest(other)


@pytest.mark.postgres
def test_both_databases_hold_the_same_and_go_on_numbering(empty_postgres_url: str, network: Session) -> None:
    with an_empty_network(empty_postgres_url) as postgres:
        learned(postgres)
        assert digest(postgres) == digest(network)
        made_by = signed_in(postgres, "staff")
        postgres.add(Cohort(public_id="new", title="New", made_by_id=made_by, created_at=NOW, changed_at=NOW))
        postgres.flush()
        postgres.rollback()


def test_there_is_a_cohort_in_every_state_of_its_life(network: Session) -> None:
    states = Counter(network.scalars(select(Cohort.state)))
    assert states["formed"] >= 4 and states["open"] == 1 and states["closed"] == 2
    plans = Counter(network.scalars(select(CohortPlan.state)))
    assert plans == {"confirmed": states["formed"], "published": 1}
    sizes = [
        network.scalar(select(func.count()).where(Application.cohort_id == cohort)) or 0
        for cohort in network.scalars(select(Cohort.id).where(Cohort.state != "formed").order_by(Cohort.id))
    ]
    assert sizes[0] > 50 and sizes[1] > 40 and sizes[2] > 30


def test_each_half_year_takes_those_along_whom_the_one_before_left_over(network: Session) -> None:
    rows = network.execute(
        select(Application.member_id, Application.cohort_id, Application.state, Application.priority)
        .join(Cohort, Cohort.id == Application.cohort_id)
        .order_by(Cohort.starts_on, Cohort.id)
    )
    waiting: dict[int, int] = defaultdict(int)
    seen = 0
    for row in rows:
        if row.priority:
            seen += 1
            assert waiting[row.member_id] == row.priority
        waiting[row.member_id] = waiting[row.member_id] + 1 if row.state == "left_over" else 0
    assert seen


def test_a_confirmed_plan_is_what_its_sets_and_applications_are(network: Session) -> None:
    for plan in network.scalars(select(CohortPlan).where(CohortPlan.state == "confirmed")):
        groups = network.scalars(
            select(LearningSet).where(LearningSet.plan_id == plan.id).order_by(LearningSet.set_number)
        ).all()
        assert [group.set_number for group in groups] == list(range(len(plan.sets)))
        for group, one in zip(groups, plan.sets, strict=True):
            members = set(network.scalars(select(SetMembership.member_id).where(SetMembership.set_id == group.id)))
            assert members == set(one["members"])
            assert group.facilitator_id == one["facilitator"] is not None
        applied = dict(
            network.execute(
                select(Application.member_id, Application.state).where(Application.cohort_id == plan.cohort_id)
            ).all()  # type: ignore[arg-type]  # rows of two
        )
        placed = [member for one in plan.sets for member in one["members"]]
        assert len(placed) == len(set(placed))
        assert applied == dict.fromkeys(placed, "placed") | dict.fromkeys(plan.left_over, "left_over")


def test_a_published_plan_is_judged_by_the_worker(network: Session) -> None:
    plan = network.scalars(select(CohortPlan).where(CohortPlan.state == "published")).one()
    with network.begin_nested() as kept:
        bench = Bench(network.flush, network.flush, lambda: NOW)
        assert report_next(network, Studio(vocabulary.load()), bench) == plan.public_id
        network.refresh(plan)
        assert plan_reports.of_row(plan)["breaks"] == plan.breaks == 0
        kept.rollback()
    network.refresh(plan)


def test_a_published_plan_keeps_every_must(network: Session) -> None:
    plan = network.scalars(select(CohortPlan).where(CohortPlan.state == "published")).one()
    cohort = network.get_one(Cohort, plan.cohort_id)
    homes = dict(network.execute(select(Member.id, Member.organisation_id)).all())  # type: ignore[arg-type]  # rows of two
    load: Counter[int] = Counter()
    for one in plan.sets:
        members = one["members"]
        assert cohort.size_low <= len(members) <= cohort.size_high
        assert len({homes[member] for member in members}) == len(members)
        free = [
            set(
                network.scalars(
                    select(ApplicationSlot.slot_id)
                    .join(Application, Application.id == ApplicationSlot.application_id)
                    .where(Application.member_id == member, Application.cohort_id == cohort.id)
                )
            )
            for member in members
        ]
        assert set.intersection(*free)
        load[one["facilitator"]] += 1
    for leader in network.scalars(select(CohortFacilitator).where(CohortFacilitator.cohort_id == cohort.id)):
        assert load.pop(leader.member_id, 0) <= leader.sets
    assert not load
    applied = set(network.scalars(select(Application.member_id).where(Application.cohort_id == cohort.id)))
    assert applied == {member for one in plan.sets for member in one["members"]} | set(plan.left_over)


def test_whoever_signs_in_finds_something_on_each_page(network: Session) -> None:
    member, facilitator = signed_in(network, "member"), signed_in(network, "facilitator")
    assert network.scalars(select(Seat.state).where(Seat.member_id == member, Seat.state == "asked")).all() == ["asked"]
    running = (
        select(LearningSet.id)
        .join(SetMembership, SetMembership.set_id == LearningSet.id)
        .where(SetMembership.member_id == member, LearningSet.ended_on.is_(None))
    )
    assert network.scalars(running).all()
    assert network.scalars(select(Application.id).where(Application.member_id == member)).all()
    calls = select(Cohort.id).where(Cohort.state == "open")
    mine = select(Application.cohort_id).where(Application.member_id == member)
    assert set(network.scalars(calls)) - set(network.scalars(mine))
    led = select(LearningSet.id).where(LearningSet.facilitator_id == facilitator, LearningSet.ended_on.is_(None))
    assert network.scalars(led).all()
    asked = select(SetRequest.id).where(SetRequest.set_id.in_(led), SetRequest.state == "open")
    assert network.scalars(asked).all()
    leads = set(network.scalars(select(CohortFacilitator.cohort_id).where(CohortFacilitator.member_id == facilitator)))
    assert set(network.scalars(select(Cohort.id).where(Cohort.state != "formed"))) <= leads


def test_what_happened_in_sets_lies_within_their_days(network: Session) -> None:
    groups = {group.id: group for group in network.scalars(select(LearningSet))}
    inside = {(row.set_id, row.member_id): row for row in network.scalars(select(SetMembership))}
    sessions = {row.id: row for row in network.scalars(select(SetSession))}
    assert {row.state for row in sessions.values()} == {"held", "planned"}
    for row in sessions.values():
        group = groups[row.set_id]
        assert group.started_on and row.starts_at.date() >= group.started_on
        assert group.ended_on is None or row.starts_at.date() < group.ended_on
        assert (row.state == "held") == (row.starts_at.date() < UNTIL)
        assert (row.set_id, row.presenter_id) in inside
        assert row.starts_at.astimezone(LONDON).hour in (10, 14)  # summer and winter
    for there in network.scalars(select(Attendance)):
        row = sessions[there.session_id]
        seat = inside[row.set_id, there.member_id]
        assert row.state == "held" and (seat.left_on is None or seat.left_on > row.starts_at.date())
    for action in network.scalars(select(SetAction)):
        assert (action.set_id, action.owner_id) in inside
        assert (action.state == "open") == (action.closed_at is None)
    assert {row.state for row in network.scalars(select(SetAction))} == {"open", "done", "dropped"}
    assert all((row.set_id, row.author_id) in inside for row in network.scalars(select(SetNote)))
    for thought in network.scalars(select(Reflection)):
        assert groups[thought.set_id].ended_on and (thought.set_id, thought.member_id) in inside


def test_nobody_sits_in_two_sets_at_once(network: Session) -> None:
    days: dict[int, list[tuple[object, object]]] = defaultdict(list)
    for row in network.execute(
        select(SetMembership.member_id, LearningSet.started_on, LearningSet.ended_on).join(
            LearningSet, LearningSet.id == SetMembership.set_id
        )
    ):
        days[row.member_id].append((row.started_on, row.ended_on or UNTIL))
    for spells in days.values():
        spells.sort()  # type: ignore[arg-type]  # days are in order
        assert all(first[1] <= second[0] for first, second in pairwise(spells))  # type: ignore[operator]


def test_the_erased_wrote_nothing(network: Session) -> None:
    erased = set(network.scalars(select(Member.id).where(Member.standing == "erased")))
    for model, who, words in (
        (Application, Application.member_id, Application.live_issue),
        (SetNote, SetNote.author_id, SetNote.text),
        (SetAction, SetAction.owner_id, SetAction.text),
        (Reflection, Reflection.member_id, Reflection.text),
    ):
        assert set(network.scalars(select(words).where(who.in_(erased)))) <= {""}, model


def test_wishes_and_times_belong_to_applicants_of_the_cohort(network: Session) -> None:
    applied = {(row.cohort_id, row.member_id) for row in network.scalars(select(Application))}
    for pair in network.scalars(select(CohortPair)):
        assert {(pair.cohort_id, pair.low_id), (pair.cohort_id, pair.high_id)} <= applied
    slots = dict(network.execute(select(CohortSlot.id, CohortSlot.cohort_id)).all())  # type: ignore[arg-type]  # rows of two
    for row in network.execute(
        select(ApplicationSlot.slot_id, Application.cohort_id).join(
            Application, Application.id == ApplicationSlot.application_id
        )
    ):
        assert slots[row.slot_id] == row.cohort_id


@pytest.mark.parametrize(("members", "months"), [(40, 3), (120, 12), (60, 6)])
def test_a_small_or_young_network_has_what_it_can(members: int, months: int) -> None:
    told: list[tuple[int, int]] = []
    with an_empty_network() as session:
        a_demonstration(session, members, months, 1)
        write(session, vocabulary.load(), Wanted(members, months, 1, UNTIL), lambda *one: told.append(one))
        assert session.scalar(select(func.count(Organisation.id)))
        assert told[-1][0] == told[-1][1]
        assert (
            min((len(one["members"]) for row in session.scalars(select(CohortPlan)) for one in row.sets), default=4)
            >= 4
        )
