"""Whether everybody can be placed, which rules are in the way, and the cheapest ways out: against trying every plan."""

import random
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haln.matching.certificates import certificates
from haln.matching.cores import core
from haln.matching.levers import Change, Lever, cost, relaxed
from haln.matching.mending import mending
from haln.matching.musts import musts
from haln.matching.pool import Applicant, Facilitator, Plan, PlannedSet, Pool
from haln.matching.relax import Advice, advise
from haln.matching.remedies import remedies
from haln.matching.rules import Kind, Rule, Rules, Strength
from tests.matching.placing import MUST, askings, divisions, holds, possible

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Question:
    pool: Pool
    rules: Rules
    sets: int


def advice(pool: Pool, rules: Rules, sets: int) -> Advice:
    return advise(Question(pool, rules, sets))


@quick
@given(askings())
def test_it_is_possible_where_a_plan_exists_and_only_there(asked: tuple[Pool, Rules, int]) -> None:
    assert advice(*asked).possible is possible(*asked)


@settings(quick, max_examples=100)
@given(askings())
def test_a_certificate_is_a_proof_by_the_rules_that_it_names(asked: tuple[Pool, Rules, int]) -> None:
    found = certificates(musts(*asked))
    if found:
        pool, rules, sets = asked
        assert not possible(*asked)
        for one in found:
            assert not possible(pool, [rules[index] for index in one.rules], sets)


@quick
@given(askings())
def test_a_core_cannot_hold_and_can_without_any_one_of_its_rules(asked: tuple[Pool, Rules, int]) -> None:
    pool, rules, sets = asked
    found = core(musts(*asked))
    assert (found is None) is possible(*asked)
    if found is not None:
        assert found.minimal
        kept = [rules[index] for index in found.rules]
        assert not possible(pool, kept, sets)
        for rule in kept:
            assert possible(pool, [other for other in kept if other is not rule], sets)


@quick
@given(askings())
def test_every_way_out_is_one(asked: tuple[Pool, Rules, int]) -> None:
    pool, rules, _ = asked
    for way in advice(*asked).relaxations:
        changed = relaxed(*asked, way.changes)
        assert way.plan is not None
        division = [list(one.members) for one in way.plan.sets]
        assert len(division) <= changed[2]
        assert {one.id for one in changed[0].applicants} == {member for some in division for member in some}
        assert holds(changed[0], changed[1], division)
        assert len(changed[1]) == len(rules)
        assert set(way.plan.left_over) == {one.id for one in pool.applicants} - {
            one.id for one in changed[0].applicants
        }


@quick
@given(askings())
def test_no_single_change_is_cheaper_than_the_first_way_out(asked: tuple[Pool, Rules, int]) -> None:
    found = advice(*asked)
    if found.possible or not found.proved:
        return
    question = musts(*asked)
    for change in _single_changes(*asked):
        if cost(question, [change]) < found.relaxations[0].cost:
            assert not possible(*relaxed(*asked, [change]))


def _single_changes(pool: Pool, rules: Rules, sets: int) -> list[Change]:
    found = [Change(Lever.SETS, None, sets, sets + 1)]
    found += [Change(Lever.LEAVE_OUT, members=(one.id,)) for one in pool.applicants]
    pairs = {Kind.MANAGERS: pool.managers, Kind.APART: pool.apart, Kind.TOGETHER: pool.together}
    pairs[Kind.NOT_AGAIN] = pool.set_mates
    for index, rule in enumerate(rules):
        if rule.strength is not MUST:
            continue
        if rule.kind is Kind.SIZE:
            found.append(Change(Lever.MOST, index, rule.most, (rule.most or 0) + 1))
            continue
        found.append(Change(Lever.SOFTEN, index))
        found += [Change(Lever.DROP, index, members=pair) for pair in sorted(pairs.get(rule.kind, ()))]
        if rule.kind is Kind.PER_ORGANISATION:
            found += [Change(Lever.NUMBER, index, rule.number, more) for more in range((rule.number or 0) + 1, 6)]
        if rule.kind is Kind.SLOTS and rule.number == 2:
            found.append(Change(Lever.NUMBER, index, 2, 1))
        if rule.kind is Kind.FACILITATOR_LOAD:
            found.append(Change(Lever.FACILITATOR, index, 0, 1))
    return found


@quick
@given(askings())
def test_the_cheapest_comes_first_but_for_the_last_resort(asked: tuple[Pool, Rules, int]) -> None:
    question = musts(*asked)
    found = advice(*asked).relaxations
    assert [way.cost for way in found] == [cost(question, way.changes) for way in found]
    assert [way.cost for way in found] == sorted(way.cost for way in found)


@quick
@given(askings(), st.randoms(use_true_random=False))
def test_the_order_of_the_pool_does_not_matter(asked: tuple[Pool, Rules, int], chance: random.Random) -> None:
    pool, rules, sets = asked
    people, leaders = list(pool.applicants), list(pool.facilitators)
    chance.shuffle(people)
    chance.shuffle(leaders)
    other = replace(pool, applicants=tuple(people), facilitators=tuple(leaders))
    assert advice(pool, rules, sets) == advice(other, rules, sets)


@quick
@given(askings(), st.integers(0, 1000))
def test_what_would_mend_a_plan_does(asked: tuple[Pool, Rules, int], choice: int) -> None:
    pool, _, sets = asked
    all_of_them = list(divisions(tuple(one.id for one in pool.applicants), sets + 1))
    division = [some for some in all_of_them[choice % len(all_of_them)] if len(some) >= 4]
    leader = next((one.id for one in pool.facilitators), None)
    plan = Plan(tuple(PlannedSet(tuple(some), leader) for some in division))
    changes = mending(musts(*asked), plan)
    assert changes is not None
    assert holds(*relaxed(*asked, changes)[:2], division)
    assert len(division) <= relaxed(*asked, changes)[2]


def test_a_large_pool_is_mended_by_its_best_plan() -> None:
    people = tuple(Applicant(member, organisation=member // 2) for member in range(64))
    pool, rules = Pool(people), (Rule(Kind.SIZE, MUST, 8, 8), Rule(Kind.PER_ORGANISATION, MUST, 1))
    side_by_side = Plan(tuple(PlannedSet(tuple(range(first, first + 8))) for first in range(0, 64, 8)))
    found = advise(Question(pool, rules, 8), side_by_side)
    assert (found.possible, found.proved) == (None, False)
    assert [way.changes for way in found.relaxations] == [(Change(Lever.NUMBER, 1, 1, 2),)]
    crosswise = Plan(tuple(PlannedSet(tuple(range(first, 64, 8))) for first in range(8)))
    assert advise(Question(pool, rules, 8), crosswise) == Advice(True, proved=True)
    assert advise(Question(pool, rules, 8)) == Advice(None)


def test_a_large_pool_that_cannot_hold_gets_the_ways_out_that_its_proofs_name() -> None:
    people = tuple(Applicant(member, organisation=0 if member < 20 else member) for member in range(120))
    leaders = (Facilitator(900, 16),)
    rules = (
        Rule(Kind.SIZE, MUST, 5, 8),
        Rule(Kind.PER_ORGANISATION, MUST, 1),
        Rule(Kind.FACILITATOR_LOAD, MUST),
    )
    asked = Question(Pool(people, leaders), rules, 15)
    best = Plan(tuple(PlannedSet((*range(at, at + 1), *range(20 + at * 6, 26 + at * 6)), 900) for at in range(15)))
    found = advise(asked, best)
    assert (found.possible, found.proved) == (False, False)
    ways = {way.changes: way.plan for way in found.relaxations}
    sets, room = Change(Lever.SETS, None, 15, 20), Change(Lever.FACILITATOR, 2, 0, 4)
    assert ways[Change(Lever.NUMBER, 1, 1, 2),] is None
    assert ways[sets, room] is None
    assert {change.lever for change in next(some for some, plan in ways.items() if plan)} == {Lever.LEAVE_OUT}
    for changes in ways:
        assert not certificates(musts(*relaxed(asked.pool, rules, 15, changes)))


@quick
@given(askings())
def test_no_quick_proof_stands_against_the_ways_out_that_the_proofs_name(asked: tuple[Pool, Rules, int]) -> None:
    for changes in remedies(*asked):
        assert not certificates(musts(*relaxed(*asked, changes)))


def test_an_empty_pool_is_no_matter() -> None:
    assert advice(Pool(()), (Rule(Kind.SIZE, MUST, 4, 6),), 0) == Advice(True, proved=True)


def test_rules_that_are_no_must_are_never_in_the_way() -> None:
    pool = Pool(())
    rules = (Rule(Kind.SIZE, MUST, 4, 6), Rule(Kind.APART, Strength.STRONGLY))
    assert advice(pool, rules, 1).possible


def test_a_facilitator_who_can_make_too_few_of_the_slots_is_in_the_way() -> None:
    people = tuple(Applicant(member, slots=frozenset({0, 1})) for member in range(8))
    pool = Pool(people, (Facilitator(90, 2, frozenset({0, 2})),), 3)
    rules = (Rule(Kind.SIZE, MUST, 4, 6), Rule(Kind.SLOTS, MUST, 2), Rule(Kind.FACILITATOR_LOAD, MUST))
    found = advice(pool, rules, 2)
    assert (found.possible, found.core, found.proved) == (False, (1, 2), True)
    assert [way.changes for way in found.relaxations] == [
        (Change(Lever.NUMBER, 1, 2, 1),),
        (Change(Lever.FACILITATOR, 2, 0, 2),),
    ]


def test_five_of_one_organisation_sit_in_five_sets_or_two_in_each_or_one_is_left_over() -> None:
    people = tuple(
        Applicant(member, organisation=7 if member < 5 else None, waiting=member % 2) for member in range(24)
    )
    rules = (Rule(Kind.SIZE, MUST, 4, 6), Rule(Kind.PER_ORGANISATION, MUST, 1))
    found = advice(Pool(people), rules, 4)
    assert (found.possible, found.core, found.proved) == (False, (1,), True)
    ways = [way.changes for way in found.relaxations]
    assert ways[:2] == [(Change(Lever.NUMBER, 1, 1, 2),), (Change(Lever.SETS, None, 4, 5),)]
    (last,) = ways[2]
    assert (last.lever, len(ways)) == (Lever.LEAVE_OUT, 3)
    assert set(last.members) <= {0, 2, 4}


def test_a_core_names_one_reason_where_there_are_several() -> None:
    people = tuple(Applicant(member, organisation=member // 4) for member in range(8))
    pool = Pool(people, apart=frozenset({(0, 1), (0, 2), (1, 2)}), managers=frozenset({(4, 5), (4, 6), (5, 6)}))
    rules = (
        Rule(Kind.SIZE, MUST, 4, 6),
        Rule(Kind.PER_ORGANISATION, MUST, 1),
        Rule(Kind.MANAGERS, MUST),
        Rule(Kind.APART, MUST),
    )
    found = core(musts(pool, rules, 2))
    assert found is not None
    assert found.rules == (3,)
