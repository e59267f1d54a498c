"""What is said of a change of places is what the changed plan is judged by: no must is broken that is not named."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching.arrangement import arranged
from haln.matching.assessment import sets_of
from haln.matching.breaks import breaks_of, wrong_by_set
from haln.matching.objective import Move, Problem, Swap, assess, moves, prepare, swaps, with_move, with_swap
from haln.matching.pool import Applicant, Plan, PlannedSet, Pool
from haln.matching.rule_arrays import BONDING
from haln.matching.rules import Kind, Rule, Strength
from tests.matching.pools import SIZE, plans, pools, some_rules

MUST = Strength.MUST


def broken(problem: Problem, plan: Plan) -> list[int]:
    """How many too many or missing each rule's breaks name together."""
    return [sum(abs(one.number) for one in rule.breaks) for rule in assess(problem, plan).rules]


def named_rightly(problem: Problem, change: Move | Swap, before: Plan, after: Plan) -> None:
    worse = {
        number: now - then
        for number, (then, now) in enumerate(zip(broken(problem, before), broken(problem, after), strict=True))
        if problem.rules[number].strength is MUST and now != then
    }
    said = {rule: -by for rule, by in (*change.helped, *change.harmed) if problem.rules[rule].strength is MUST}
    assert said == worse
    assert all(by > 0 for _, by in change.helped)
    assert all(by < 0 for _, by in change.harmed)
    assert change.breaks == assess(problem, after).breaks - assess(problem, before).breaks


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_the_musts_that_a_change_harms_are_those_that_it_breaks_further(data: st.DataObject) -> None:
    pool, rules = data.draw(pools().filter(lambda pool: bool(pool.applicants))), data.draw(some_rules())
    plan, problem = data.draw(plans(pool, 3)), prepare(pool, rules, 3)
    member = data.draw(st.sampled_from(pool.applicants)).id
    for move in moves(problem, plan, member):
        named_rightly(problem, move, plan, with_move(plan, member, move.set))
    for number in (0, 1, 2, None):
        for swap in swaps(problem, plan, member, number):
            named_rightly(problem, swap, plan, with_swap(plan, member, swap.other))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_wrong_by_set_is_what_its_breaks_name(data: st.DataObject) -> None:
    pool, rules = data.draw(pools()), data.draw(some_rules())
    problem = prepare(pool, rules, 3)
    some = sets_of(problem, arranged(problem, data.draw(plans(pool, 3))))
    for number, rule in enumerate(rules):
        if rule.strength is MUST and rule.kind not in BONDING and rule.kind is not Kind.NOT_AGAIN:
            by_set = [0] * 3
            for one in breaks_of(some, number):
                if one.set is not None:
                    by_set[one.set] += abs(one.number)
            assert wrong_by_set(some, rule).tolist() == by_set


SOFT = (
    Rule(Kind.PER_ORGANISATION, Strength.STRONGLY, 1),
    Rule(Kind.THEMES, Strength.STRONGLY),
    Rule(Kind.NOT_ALONE, Strength.IF_POSSIBLE, of="sector"),
    Rule(Kind.NEW_TIES, Strength.IF_POSSIBLE),
)


def alike(members: Sequence[int]) -> tuple[Applicant, ...]:
    return tuple(Applicant(member, organisation=member, sector="nhs", themes={"food": 1}) for member in members)


def test_one_more_in_a_full_set_harms_its_size_and_helps_no_rule() -> None:
    pool, rules = Pool(alike(range(6))), (SIZE, *SOFT)
    (found,) = moves(prepare(pool, rules, 1), Plan((PlannedSet((0, 1, 2, 3, 4)),), (5,)), 5)
    assert (found.breaks, found.helped, found.harmed) == (1, (), ((0, -1.0),))


@pytest.mark.parametrize("themes", [{}, {"food": 1}])
def test_a_rule_is_helped_by_whom_it_serves_better_than_those_who_sit_there(themes: dict[str, int]) -> None:
    pool = Pool((*alike(range(4)), Applicant(4, organisation=4, sector="nhs", themes=themes)))
    (found,) = moves(prepare(pool, (SIZE, *SOFT), 1), Plan((PlannedSet((0, 1, 2, 3)),), (4,)), 4)
    assert [rule for rule, _ in found.harmed] == ([] if themes else [2])
    assert found.helped == ()
