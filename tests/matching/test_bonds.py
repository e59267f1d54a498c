"""Pairs who must sit together: what binds them, in every part that judges a plan, and what does not."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haln.matching.arrangement import arranged
from haln.matching.forming import Effort, Formed, form, repair
from haln.matching.levers import Lever
from haln.matching.mending import mending
from haln.matching.musts import musts
from haln.matching.objective import assess, place_of, prepare
from haln.matching.plain_sets import plain_score
from haln.matching.plan_state import state_of
from haln.matching.pool import Applicant, Pair, Plan, PlannedSet, Pool
from haln.matching.relax import advise
from haln.matching.rules import Kind, Rule, Rules, Strength
from tests.matching.placing import holds
from tests.matching.pools import SIZE, plan_from

MUST = Strength.MUST
EFFORT = Effort(4_800, 1)
METHODS = ("form", "another", "repair")
quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Question:
    pool: Pool
    rules: Rules
    sets: int


@st.composite
def entangled(draw: st.DrawFn, most: int = 9) -> Question:
    """People of whom many must sit together, and some of those apart."""
    ids = list(range(draw(st.integers(4, most))))
    pair = st.tuples(st.sampled_from(ids), st.sampled_from(ids)).filter(lambda two: two[0] < two[1])
    hub = draw(st.sampled_from(ids))
    spokes = draw(st.frozensets(st.sampled_from([one for one in ids if one != hub])))
    star: frozenset[Pair] = frozenset((min(hub, one), max(hub, one)) for one in spokes)
    pool = Pool(
        tuple(Applicant(one, organisation=draw(st.integers(1, 4)), waiting=draw(st.integers(0, 2))) for one in ids),
        apart=draw(st.frozensets(pair, max_size=4)),
        together=star | draw(st.frozensets(pair, max_size=4)),
    )
    rules = [SIZE, Rule(Kind.TOGETHER, MUST), Rule(Kind.APART, MUST), Rule(Kind.PER_ORGANISATION, MUST, 2)]
    return Question(pool, tuple(rules[: draw(st.integers(2, 4))]), draw(st.integers(1, 2)))


def formed_by(method: str, asked: Question) -> Formed:
    problem = prepare(asked.pool, asked.rules, asked.sets)
    if method == "form":
        return form(problem, 1, EFFORT)
    if method == "another":
        return form(problem, 1, EFFORT, avoid=(form(problem, 1, EFFORT).plan,))
    return repair(problem, Plan(()), 1, EFFORT)


def every_seating(asked: Question) -> list[Plan]:
    """All plans of at most two sets: who sits in the first, in the second, nowhere."""
    plans: list[list[int]] = [[]]
    for _ in asked.pool.applicants:
        plans = [[*places, place] for places in plans for place in range(asked.sets + 1)]
    return [plan_from(asked.pool, places, asked.sets, [None] * asked.sets) for places in plans]


def kept(asked: Question, plan: Plan) -> bool:
    """Whether a plan keeps every must among the people that it places, by the plain way to judge it."""
    seated = [list(one.members) for one in plan.sets if one.members]
    there = {member for some in seated for member in some}
    pool = replace(asked.pool, applicants=tuple(one for one in asked.pool.applicants if one.id in there))
    return holds(pool, asked.rules, seated)


def weight(asked: Question, plan: Plan) -> int:
    return sum(4 + one.waiting for one in asked.pool.applicants if one.id in plan.left_over)


@settings(quick, max_examples=60)
@given(st.data())
def test_whoever_is_left_over_binds_nobody_and_all_who_judge_agree(data: st.DataObject) -> None:
    asked = data.draw(entangled())
    places = data.draw(
        st.lists(st.integers(0, 2), min_size=len(asked.pool.applicants), max_size=len(asked.pool.applicants))
    )
    plan = plan_from(asked.pool, places, 2, [None, None])
    problem = prepare(asked.pool, asked.rules, 2)
    judged = assess(problem, plan)
    assert (judged.breaks == 0) is kept(asked, plan)
    assert (judged.breaks == 0) is all(rule.kept for rule in judged.rules)
    totals = state_of(problem.facts, arranged(problem, plan)).totals
    assert (int(totals[0]), int(totals[1]), int(totals[2])) == plain_score(problem, plan)
    needed = mending(musts(asked.pool, asked.rules, 2), plan)
    if needed is not None:
        assert (judged.breaks == 0) is all(change.lever is Lever.LEAVE_OUT for change in needed)


@pytest.mark.parametrize("method", METHODS)
@settings(quick, max_examples=15)
@given(asked=entangled(8))
def test_no_plan_without_breaks_leaves_fewer_over_than_the_one_formed(method: str, asked: Question) -> None:
    found = formed_by(method, asked)
    assert found.breaks == 0
    assert kept(asked, found.plan)
    assert weight(asked, found.plan) == min(weight(asked, plan) for plan in every_seating(asked) if kept(asked, plan))


@settings(quick, max_examples=25)
@given(entangled())
def test_no_way_out_that_leaves_people_over_does_with_fewer_than_the_plan(asked: Question) -> None:
    found = form(prepare(asked.pool, asked.rules, asked.sets), 1, EFFORT)
    for way in advise(asked).relaxations:
        if all(change.lever is Lever.LEAVE_OUT for change in way.changes):
            assert way.plan is not None
            assert weight(asked, found.plan) <= weight(asked, way.plan)


@pytest.mark.parametrize("many", [16, 80])
@pytest.mark.parametrize("method", METHODS)
def test_one_person_who_cannot_be_placed_does_not_empty_the_plan(method: str, many: int) -> None:
    people = tuple(Applicant(member) for member in range(many))
    star = frozenset((0, mate) for mate in range(1, 10))
    pool = Pool(people, apart=frozenset({(0, 9), (1, 2)}), together=star | {(2, 3), (3, 4)})
    rules = (Rule(Kind.SIZE, MUST, 4, 8), Rule(Kind.TOGETHER, MUST), Rule(Kind.APART, MUST))
    found = formed_by(method, Question(pool, rules, many // 5))
    assert found.breaks == 0
    assert found.plan.left_over == (0,)


@pytest.mark.parametrize("pair", [(0, 1), (3, 7), (6, 8)])
@pytest.mark.parametrize("method", METHODS)
def test_a_pair_stays_whole_where_as_many_can_be_placed(method: str, pair: Pair) -> None:
    pool = Pool(tuple(Applicant(member) for member in range(11)), together=frozenset({pair}))
    rules = (SIZE, Rule(Kind.TOGETHER, MUST))
    found = formed_by(method, Question(pool, rules, 2)).plan
    assert len(found.left_over) == 1
    assert place_of(found, pair[0]) == place_of(found, pair[1])


def test_a_place_that_one_of_a_pair_can_have_is_not_kept_from_them() -> None:
    problem = prepare(
        Pool(tuple(Applicant(member) for member in range(6)), together=frozenset({(4, 5)})),
        (SIZE, Rule(Kind.TOGETHER, MUST)),
        1,
    )
    judged = assess(problem, Plan((PlannedSet((0, 1, 2, 3)),), (4, 5)))
    assert [one.why for one in judged.left_over] == ["free", "free"]
