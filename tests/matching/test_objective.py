import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from haln.matching.arrangement import arranged
from haln.matching.objective import assess, leads, moves, place_of, prepare, swaps, with_move, with_swap
from haln.matching.plain_sets import plain_score
from haln.matching.plan_state import state_of
from haln.matching.pool import Applicant, Plan, PlannedSet, Pool
from haln.matching.problem import MOST_APPLICANTS
from haln.matching.rules import Kind, Rule, Strength
from haln.matching.set_kernels import lead, move, recount, swap
from tests.matching.pools import SIZE, plans, pools, some_rules


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_compiled_score_is_the_plain_one_to_the_bit(data: st.DataObject) -> None:
    pool, rules = data.draw(pools()), data.draw(some_rules())
    plan = data.draw(plans(pool, 2))
    problem = prepare(pool, rules, 2)
    totals = state_of(problem.facts, arranged(problem, plan)).totals
    assert (int(totals[0]), int(totals[1]), int(totals[2])) == plain_score(problem, plan)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_rule_that_stands_more_than_once_is_broken_as_often(times: int) -> None:
    pool = Pool((Applicant(1), Applicant(2)), ())
    rules = (SIZE, *[Rule(Kind.FACILITATOR_LOAD, Strength.MUST)] * times)
    problem = prepare(pool, rules, 2)
    plan = Plan((PlannedSet((1, 2), None), PlannedSet((), None)), ())
    totals = state_of(problem.facts, arranged(problem, plan)).totals
    assert (int(totals[0]), int(totals[1]), int(totals[2])) == plain_score(problem, plan)
    without = plain_score(prepare(pool, (SIZE,), 2), plan)
    assert int(totals[0]) == without[0] + times


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_sums_that_are_kept_equal_sums_made_anew_and_undoing_restores_them(data: st.DataObject) -> None:
    pool, rules = data.draw(pools()), data.draw(some_rules())
    problem = prepare(pool, rules, 3)
    facts = problem.facts._replace(home=np.zeros(len(pool.applicants), np.int32))
    state = state_of(facts, arranged(problem, data.draw(plans(pool, 3))))
    before = [array.copy() for array in state]
    undo = []
    for _ in range(data.draw(st.integers(1, 12)) if pool.applicants else 0):
        row = data.draw(st.integers(0, len(pool.applicants) - 1))
        other = data.draw(st.integers(0, len(pool.applicants) - 1))
        to = data.draw(st.integers(0, 3))
        here = int(state.assigned[row])
        if state.assigned[other] != here and data.draw(st.booleans()):
            swap(facts, state, row, other)
            undo.append(lambda row=row, other=other: swap(facts, state, other, row))
        elif to != here and (to == 3 or state.size[to] + 1 < state.members.shape[1]):
            move(facts, state, row, to)
            undo.append(lambda row=row, here=here: move(facts, state, row, here))
        if problem.leaders:
            now = int(state.leader[0])
            lead(facts, state, 0, data.draw(st.integers(-1, len(problem.leaders) - 1)))
            undo.append(lambda now=now: lead(facts, state, 0, now))
    kept = [array.copy() for array in state]
    recount(facts, state)
    for name, one, other in zip(state._fields, kept, state, strict=True):
        if name not in ("members", "place"):
            assert np.array_equal(one, other), name
    for step in reversed(undo):
        step()
    for name, one, other in zip(state._fields, before, state, strict=True):
        if name not in ("members", "place"):
            assert np.array_equal(one, other), name


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_move_costs_what_the_moved_plan_differs_by(data: st.DataObject) -> None:
    pool, rules = data.draw(pools().filter(lambda pool: bool(pool.applicants))), data.draw(some_rules())
    plan = data.draw(plans(pool, 3))
    problem = prepare(pool, rules, 3)
    before = assess(problem, plan)
    member = data.draw(st.sampled_from(pool.applicants)).id
    load = next((number for number, rule in enumerate(rules) if rule.kind is Kind.FACILITATOR_LOAD), None)
    for found in moves(problem, plan, member):
        after = assess(problem, with_move(plan, member, found.set))
        assert after.value - before.value == pytest.approx(found.value, abs=1e-12)
        assert after.left_weight - before.left_weight == found.left_weight
        if load is None:
            assert after.breaks - before.breaks == found.breaks
    for number in (0, 1, 2, None):
        for change in swaps(problem, plan, member, number):
            after = assess(problem, with_swap(plan, member, change.other))
            assert after.value - before.value == pytest.approx(change.value, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_order_of_a_pool_does_not_matter(data: st.DataObject) -> None:
    pool, rules = data.draw(pools()), data.draw(some_rules())
    plan = data.draw(plans(pool, 2))
    mixed = list(pool.applicants)
    random.Random(data.draw(st.integers())).shuffle(mixed)
    shuffled = Pool(
        tuple(mixed),
        pool.facilitators[::-1],
        pool.slots,
        pool.managers,
        pool.apart,
        pool.together,
        pool.ties,
        pool.set_mates,
    )
    assert assess(prepare(pool, rules, 2), plan) == assess(prepare(shuffled, rules, 2), plan)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whoever_can_make_fewer_times_makes_no_plan_better(data: st.DataObject) -> None:
    pool = data.draw(pools().filter(lambda pool: bool(pool.applicants) and pool.slots > 0))
    rules = data.draw(some_rules())
    plan = data.draw(plans(pool, 2))
    person = data.draw(st.sampled_from(pool.applicants))
    fewer = data.draw(st.frozensets(st.sampled_from(sorted(person.slots)), max_size=len(person.slots) - 1))
    less = Applicant(**{**{name: getattr(person, name) for name in Applicant.__slots__}, "slots": fewer})
    pared = Pool(tuple(less if one is person else one for one in pool.applicants), *_rest(pool))
    before, after = prepare(pool, rules, 2), prepare(pared, rules, 2)
    assert assess(after, plan).breaks >= assess(before, plan).breaks


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whoever_can_make_fewer_times_hopes_for_no_better_as_long_as_enough_are_left(data: st.DataObject) -> None:
    times = st.frozensets(st.integers(0, 2), min_size=1)
    facts = data.draw(st.lists(st.tuples(times, st.sampled_from([1, 2, None])), min_size=6, max_size=12))
    people = tuple(Applicant(at, level=level, slots=slots) for at, (slots, level) in enumerate(facts))
    most = data.draw(st.integers(4, 6))
    rules = (
        Rule(Kind.SIZE, Strength.MUST, 4, most),
        Rule(Kind.SLOTS, Strength.MUST, 1),
        Rule(Kind.PEERS, Strength.STRONGLY),
    )
    fewer = data.draw(st.frozensets(st.sampled_from(sorted(people[0].slots))))
    left = [one for one in people[1:] if one.slots & fewer]
    assume(len(left) >= most - 1)
    pared = (replace(people[0], slots=fewer), *people[1:])
    before, after = (prepare(Pool(some, slots=3), rules, 1).prospects.ideal[0] for some in (people, pared))
    assert after <= before


def _rest(pool: Pool) -> tuple[object, ...]:
    return tuple(getattr(pool, name) for name in Pool.__slots__ if name != "applicants")


def test_each_break_is_told_with_its_set_and_people() -> None:
    people = tuple(
        Applicant(member, organisation=member // 2, sector="nhs" if member else "sport") for member in range(8)
    )
    rules = (
        SIZE,
        Rule(Kind.PER_ORGANISATION, Strength.MUST, 1),
        Rule(Kind.APART, Strength.MUST),
        Rule(Kind.TOGETHER, Strength.MUST),
        Rule(Kind.NOT_ALONE, Strength.IF_POSSIBLE, of="sector"),
    )
    problem = prepare(Pool(people, apart=frozenset({(1, 2)}), together=frozenset({(2, 5)})), rules, 2)
    report = assess(problem, Plan((PlannedSet((0, 1, 2, 4)), PlannedSet((3, 5, 6))), (7,)))
    told = [[(found.set, found.members, found.number) for found in rule.breaks] for rule in report.rules]
    assert told == [
        [(1, (3, 5, 6), -1)],
        [(0, (0, 1), 1)],
        [(0, (1, 2), 1)],
        [(None, (2, 5), -1)],
        [(0, (0,), -1)],
    ]
    assert report.breaks == 4
    assert [rule.kept for rule in report.rules] == [False] * 5
    assert [one.id for one in report.left_over] == [7]


@pytest.mark.parametrize(
    ("sizes", "left", "breaks"),
    [((6,), 3, []), ((5, 4), 3, []), ((4, 4), 1, []), ((6, 4), 0, [(0, 1), (1, -1)]), ((6, 4), 2, [(0, 1), (1, -1)])],
)
def test_sets_are_alike_in_size_beside_each_other_whoever_is_left_over(
    sizes: tuple[int, ...], left: int, breaks: list[tuple[int, int]]
) -> None:
    people = tuple(Applicant(member) for member in range(sum(sizes) + left))
    problem = prepare(Pool(people), (SIZE, Rule(Kind.BALANCE, Strength.IF_POSSIBLE)), len(sizes))
    ids = iter(range(len(people)))
    sets = tuple(PlannedSet(tuple(next(ids) for _ in range(size))) for size in sizes)
    found = assess(problem, Plan(sets, tuple(ids))).rules[1]
    assert [(one.set, one.number) for one in found.breaks] == breaks
    assert found.kept is not bool(breaks)


def test_somebody_left_over_is_told_why() -> None:
    rules = (SIZE, Rule(Kind.PER_ORGANISATION, Strength.MUST, 1), Rule(Kind.SLOTS, Strength.MUST, 1))
    people = [Applicant(member, organisation=member, slots=frozenset({0})) for member in range(4)]
    others = [
        Applicant(10, organisation=0, slots=frozenset({0})),
        Applicant(11, organisation=11, slots=frozenset({1})),
        Applicant(12, organisation=12),
        Applicant(13, organisation=13, slots=frozenset({0})),
    ]
    problem = prepare(Pool((*people, *others), slots=2), rules, 1)
    report = assess(problem, Plan((PlannedSet((0, 1, 2, 3)),), (10, 11, 12, 13)))
    assert [one.why for one in report.left_over] == ["organisation_full", "no_common_time", "no_times", "free"]
    full = assess(problem, Plan((PlannedSet((0, 1, 2, 3, 13)),), (10, 11, 12)))
    assert {one.why for one in full.left_over if one.id != 12} == {"no_room"}
    assert assess(prepare(Pool(tuple(people[:2])), rules), Plan((), (0, 1))).left_over[0].why == "too_few"


def test_a_plan_of_people_who_left_is_judged_without_them() -> None:
    problem = prepare(Pool(tuple(Applicant(member) for member in range(4))), (SIZE,), 1)
    report = assess(problem, Plan((PlannedSet((0, 1, 2, 99)),)))
    assert report.sets[0].members == (0, 1, 2)
    assert [one.id for one in report.left_over] == [3]


def test_a_plan_is_changed_without_losing_anybody() -> None:
    plan = Plan((PlannedSet((1, 2), 7), PlannedSet((3, 4))), (5,))
    assert with_move(plan, 1, None) == Plan((PlannedSet((2,), 7), PlannedSet((3, 4))), (1, 5))
    assert with_move(plan, 5, 1) == Plan((PlannedSet((1, 2), 7), PlannedSet((3, 4, 5))))
    assert with_swap(plan, 1, 4) == Plan((PlannedSet((2, 4), 7), PlannedSet((1, 3))), (5,))
    assert place_of(plan, 5) is None
    with pytest.raises(KeyError):
        place_of(plan, 6)
    with pytest.raises(IndexError):
        with_move(plan, 1, 2)


def test_what_cannot_be_prepared_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        prepare(Pool((Applicant(1), Applicant(1))), (SIZE,))
    with pytest.raises(ValueError, match="at most"):
        prepare(Pool(tuple(Applicant(member) for member in range(MOST_APPLICANTS + 1))), (SIZE,))
    with pytest.raises(ValueError, match="size"):
        prepare(Pool(()), ())


@pytest.mark.parametrize(
    ("people", "sets"), [(0, 0), (3, 0), (4, 1), (6, 1), (7, 1), (8, 2), (11, 2), (15, 3), (16, 4)]
)
def test_as_many_sets_as_seat_most_people(people: int, sets: int) -> None:
    assert prepare(Pool(tuple(Applicant(member) for member in range(people))), (SIZE,)).sets == sets


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_another_leader_is_said_to_change_is_what_it_changes(data: st.DataObject) -> None:
    pool, rules = data.draw(pools()), data.draw(some_rules())
    plan = data.draw(plans(pool, 3))
    problem = prepare(pool, rules, 3)
    before, number = assess(problem, plan), data.draw(st.integers(0, 2))
    found = leads(problem, plan, number)
    assert {one.facilitator for one in found} == {None, *(leader.id for leader in pool.facilitators)}
    assert [one.breaks for one in found] == sorted(one.breaks for one in found)
    for one in found:
        planned = replace(plan.sets[number], facilitator=one.facilitator)
        after = assess(problem, replace(plan, sets=(*plan.sets[:number], planned, *plan.sets[number + 1 :])))
        assert (after.breaks - before.breaks, after.left_weight) == (one.breaks, before.left_weight)
        assert after.value - before.value == pytest.approx(one.value, abs=1e-9)
        assert one.leads == sum(other.facilitator == one.facilitator for other in plan.sets) or one.facilitator is None
