import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haln.matching.arrangement import arranged
from haln.matching.forming import Effort, Formed, Locks, Progress, form, repair
from haln.matching.objective import Problem, assess, place_of, prepare
from haln.matching.plan_state import state_of
from haln.matching.pool import Applicant, Plan, PlannedSet, Pool
from haln.matching.rules import Kind, Rule, Strength
from tests.matching.pools import every_plan, plans, pools, some_rules

EFFORT = Effort(4_800, 1)
METHODS = ("form", "another", "repair")


def formed_by(method: str, problem: Problem, start: Plan, seed: int = 1) -> tuple[Formed, ...]:
    if method == "repair":
        return (repair(problem, start, seed, EFFORT),)
    first = form(problem, seed, EFFORT)
    return (first,) if method == "form" else (form(problem, seed, EFFORT, avoid=(first.plan,)),)


def best_possible(problem: Problem) -> tuple[int, int]:
    """Fewest breaks and then least weight left over, of every plan there is."""
    found = []
    for plan in every_plan(problem.pool, problem.sets):
        totals = state_of(problem.facts, arranged(problem, plan, problem.sets)).totals
        found.append((int(totals[0]), int(totals[1])))
    return min(found)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_nobody_is_lost_or_twice_in_a_plan_and_no_must_is_broken(method: str, data: st.DataObject) -> None:
    pool, rules = data.draw(pools()), data.draw(some_rules())
    problem = prepare(pool, rules)
    for found in formed_by(method, problem, data.draw(plans(pool, 3))):
        named = [member for planned in found.plan.sets for member in planned.members] + list(found.plan.left_over)
        assert sorted(named) == sorted(person.id for person in pool.applicants)
        report = assess(problem, found.plan)
        assert (report.breaks, report.value) == (found.breaks, found.value)
        assert found.breaks == 0
        assert all(4 <= len(planned.members) <= 5 for planned in found.plan.sets if planned.members)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
def test_no_plan_without_breaks_leaves_fewer_over(method: str, data: st.DataObject) -> None:
    pool = data.draw(pools(8))
    pool = replace(pool, facilitators=pool.facilitators[:1])
    problem = prepare(pool, data.draw(some_rules()), data.draw(st.integers(1, 2)))
    found = formed_by(method, problem, Plan(()))[0]
    assert (found.breaks, assess(problem, found.plan).left_weight) == best_possible(problem)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_the_seed_decides_and_the_order_of_the_pool_does_not(method: str, data: st.DataObject) -> None:
    pool, rules = data.draw(pools()), data.draw(some_rules())
    start, seed = data.draw(plans(pool, 2)), data.draw(st.integers(-5, 2**70))
    mixed = list(pool.applicants)
    random.Random(data.draw(st.integers())).shuffle(mixed)
    shuffled = replace(pool, applicants=tuple(mixed), facilitators=pool.facilitators[::-1])
    first = formed_by(method, prepare(pool, rules), start, seed)
    assert formed_by(method, prepare(shuffled, rules), start, seed) == first


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_is_locked_stays(data: st.DataObject) -> None:
    pool, rules = data.draw(pools()), data.draw(some_rules())
    start = data.draw(plans(pool, 3))
    seated = [member for planned in start.sets for member in planned.members]
    members = data.draw(st.frozensets(st.sampled_from(seated))) if seated else frozenset()
    locks = Locks(members, data.draw(st.frozensets(st.integers(0, 2))))
    problem = prepare(pool, rules)
    for found in (
        form(problem, 1, EFFORT, start=start, locks=locks),
        repair(problem, start, 1, EFFORT, locks),
        form(problem, 1, EFFORT, start=start, locks=locks, avoid=(start,)),
    ):
        for number in locks.sets:
            assert found.plan.sets[number].members == start.sets[number].members
            if start.sets[number].members:
                assert found.plan.sets[number].facilitator == start.sets[number].facilitator
        for member in locks.members:
            assert place_of(found.plan, member) == place_of(start, member)


def people(many: int) -> tuple[Applicant, ...]:
    rng = random.Random(many)
    return tuple(
        Applicant(
            member,
            organisation=rng.randrange(many),
            sector=rng.choice("abcd"),
            themes=dict.fromkeys(rng.sample("pqrstu", 2), 1),
        )
        for member in range(many)
    )


RULES = (
    Rule(Kind.SIZE, Strength.MUST, 6, 8),
    Rule(Kind.PER_ORGANISATION, Strength.MUST, 1),
    Rule(Kind.THEMES, Strength.STRONGLY),
    Rule(Kind.SPREAD, Strength.IF_POSSIBLE, of="sector"),
)


def test_a_repair_moves_at_most_twice_as_many_as_declined() -> None:
    pool = Pool(people(120))
    plan = form(prepare(pool, RULES), 1, Effort(100_000, 1)).plan
    for seed in range(3):
        gone = set(random.Random(seed).sample(range(120), 12))
        fewer = prepare(Pool(tuple(one for one in pool.applicants if one.id not in gone)), RULES)
        found = repair(fewer, plan, seed, Effort(100_000, 1))
        stayed = [one.id for one in fewer.people if place_of(plan, one.id) == place_of(found.plan, one.id)]
        assert found.breaks == 0
        assert not found.plan.left_over
        assert len(fewer.people) - len(stayed) <= 2 * len(gone)


def test_other_plans_are_distinct() -> None:
    problem, found = prepare(Pool(people(40)), RULES), tuple[Plan, ...]()
    for seed in range(3):
        found = (*found, form(problem, seed, Effort(50_000, 1), avoid=found).plan)
    divisions = [frozenset(planned.members for planned in plan.sets) for plan in found]
    assert len(set(divisions)) == 3


def test_a_stay_that_costs_much_moves_nobody_without_need() -> None:
    problem = prepare(Pool(people(24)), RULES, 4)
    start = Plan(tuple(PlannedSet(tuple(range(first, 24, 4))) for first in range(4)))
    assert assess(problem, start).breaks == 3
    found = form(problem, 1, Effort(50_000, 1), start=start, stay=3.0)
    moved = sum(place_of(found.plan, member) != place_of(start, member) for member in range(24))
    assert found.breaks == 0
    assert moved < 8


def test_a_watcher_stops_forming_and_keeps_the_best_so_far() -> None:
    heard: list[Progress] = []

    def watch(progress: Progress) -> bool:
        heard.append(progress)
        return len(heard) < 5

    found = form(prepare(Pool(people(24)), RULES), 1, Effort(48_000, 2), watch=watch)
    assert found.stopped
    assert len(heard) == 5
    assert found.breaks == 0
    assert found.rounds == 5_000
    assert [one.done for one in heard] == sorted(one.done for one in heard)


@pytest.mark.parametrize("many", [0, 1, 3])
def test_too_few_people_are_all_left_over(many: int) -> None:
    found = form(prepare(Pool(people(many)), RULES), 1, EFFORT)
    assert found.plan == Plan((), tuple(range(many)))
    assert (found.breaks, found.value) == (0, 0.0)


def test_everybody_of_one_organisation_is_left_over_and_told_why() -> None:
    same = Pool(tuple(replace(one, organisation=1) for one in people(20)))
    problem = prepare(same, RULES)
    found = form(problem, 1, EFFORT)
    assert len(found.plan.left_over) == 20
    assert found.breaks == 0
    assert all(one.why for one in assess(problem, found.plan).left_over)


def test_whoever_waited_is_seated_before_others() -> None:
    pool = Pool(tuple(replace(one, organisation=None, waiting=int(one.id == 16)) for one in people(17)))
    found = form(prepare(pool, RULES, 2), 1, EFFORT)
    assert len(found.plan.left_over) == 1
    assert 16 not in found.plan.left_over
