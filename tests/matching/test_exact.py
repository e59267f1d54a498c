"""A bound is one: against every plan of small pools."""

import itertools
from collections.abc import Iterator

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from haln.matching.arrangement import Arrangement, arranged, plan_of
from haln.matching.cores import place_everybody
from haln.matching.exact import Limits, bound
from haln.matching.musts import musts
from haln.matching.objective import Problem, assess, prepare
from haln.matching.plan_state import state_of
from haln.matching.pool import Applicant, Facilitator, Plan, PlannedSet, Pool
from haln.matching.rules import CHOICES, HARD, Kind, Rule, Rules, Strength
from tests.matching.placing import divisions

quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])

WORDS = ("procurement from local firms", "apprenticeships for care leavers", "local firms and jobs", "")
THEMES = ("housing", "food", "work")


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """A pool of 8 or 9 people in which much differs, and rules of any strength."""
    count = draw(st.integers(8, 9))
    slots = draw(st.integers(0, 3))
    leaders = tuple(
        Facilitator(100 + number, draw(st.integers(0, 2)), draw(st.sampled_from([frozenset(), frozenset({0, 1})])))
        for number in range(draw(st.integers(0, 2)))
    )
    people = []
    for member in range(1, count + 1):
        missing = draw(st.integers(0, 6))
        people.append(
            Applicant(
                member,
                organisation=draw(st.sampled_from([None, 1, 2, 3, 4, 5])),
                sector=draw(st.sampled_from([None, "nhs", "council"])),
                region=draw(st.sampled_from([None, "north", "wales"])),
                nation="england",
                role=draw(st.sampled_from([None, "lead", "estates"])),
                level=draw(st.sampled_from([None, 1, 2, 4])),
                themes=draw(st.dictionaries(st.sampled_from(THEMES), st.integers(0, 4))),
                live_issue=draw(st.sampled_from(WORDS)),
                slots=frozenset(slot for slot in range(slots) if slot != missing),
                facilitator=draw(st.sampled_from([None, 100, 101])),
            )
        )
    pair = st.tuples(st.integers(1, count), st.integers(1, count)).filter(lambda two: two[0] < two[1])
    pairs = st.frozensets(pair, max_size=2)
    pool = Pool(tuple(people), leaders, slots, *(draw(pairs) for _ in range(5)))
    return prepare(pool, draw(any_rules()), 2)


@st.composite
def any_rules(draw: st.DrawFn) -> Rules:
    kinds = draw(st.lists(st.sampled_from([kind for kind in Kind if kind is not Kind.SIZE]), unique=True, max_size=7))
    found = [Rule(Kind.SIZE, Strength.MUST, 4, draw(st.integers(4, 6)))]
    for kind in kinds:
        softly = [Strength.STRONGLY, Strength.IF_POSSIBLE]
        strength = draw(st.sampled_from([Strength.MUST, *softly] if kind in HARD else softly))
        number = draw(st.integers(1, 2)) if kind in (Kind.PER_ORGANISATION, Kind.SLOTS) else None
        of = draw(st.sampled_from(CHOICES[kind])) if kind in CHOICES else None
        found.append(Rule(kind, strength, number, of=of))
    return tuple(draw(st.permutations(found)))


def every_score(problem: Problem) -> Iterator[tuple[int, Arrangement]]:
    """The score of each plan that places everybody and breaks no must."""
    least, most = problem.limits
    leaders = range(-1, len(problem.leaders))
    for division in divisions(tuple(range(len(problem.people))), problem.sets):
        if not all(least <= len(some) <= most for some in division):
            continue
        assigned = np.zeros(len(problem.people), np.int32)
        for number, some in enumerate(division):
            assigned[some] = number
        for led in itertools.product(leaders, repeat=len(division)):
            arrangement = Arrangement(len(division), assigned, np.array(led, np.int32))
            state = state_of(problem.facts_for(len(division)), arrangement)
            full = problem.facts.leader_hard and (state.load > problem.facts.leader_room).any()
            if not state.totals[0] and not full:
                yield int(state.totals[2]), arrangement


@quick
@given(problems(), st.integers(0, 1_000_000))
def test_no_plan_is_better_than_the_bound_and_a_proof_is_one(problem: Problem, choice: int) -> None:
    plans = list(every_score(problem))
    if not plans:
        return
    plan = plan_of(problem, plans[choice % len(plans)][1])
    best = assess(problem, plan_of(problem, max(plans, key=lambda one: one[0])[1])).value
    value = assess(problem, plan).value
    found = bound(problem, plan)
    assert found is not None
    assert found.upper >= best
    assert found.proved_best is (found.gap == 0.0)
    if found.proved_best:
        assert value == best
    else:
        assert found.better is not None
        assert assess(problem, found.better).value == found.upper == best
        assert not assess(problem, found.better).breaks


@quick
@given(problems(), st.integers(0, 1_000_000), st.integers(1, 3))
def test_a_bound_that_was_cut_short_is_one_still(problem: Problem, choice: int, rounds: int) -> None:
    plans = list(every_score(problem))
    if not plans:
        return
    plan = plan_of(problem, plans[choice % len(plans)][1])
    best = assess(problem, plan_of(problem, max(plans, key=lambda one: one[0])[1])).value
    found = bound(problem, plan, Limits(rounds=rounds, partition=0.0001))
    assert found is None or found.upper >= best


def test_a_plan_that_leaves_people_over_or_breaks_a_must_has_no_bound() -> None:
    pool = Pool(tuple(Applicant(member, organisation=member % 4) for member in range(8)))
    rules = (Rule(Kind.SIZE, Strength.MUST, 4, 4), Rule(Kind.PER_ORGANISATION, Strength.MUST, 1))
    problem = prepare(pool, rules, 2)
    good = Plan((PlannedSet((0, 1, 2, 3)), PlannedSet((4, 5, 6, 7))))
    assert bound(problem, good) is not None
    assert bound(problem, Plan(good.sets[:1], (4, 5, 6, 7))) is None
    assert bound(problem, Plan((PlannedSet((0, 1, 2, 4)), PlannedSet((3, 5, 6, 7))))) is None
    assert bound(prepare(pool, rules, 1), good) is None
    assert bound(prepare(Pool(()), rules, 0), Plan(())) is None


@quick
@given(problems())
def test_the_exact_way_and_the_objective_agree_on_what_must_hold(problem: Problem) -> None:
    answer = place_everybody(musts(problem.pool, problem.rules, problem.sets))
    assert answer.possible is any(True for _ in every_score(problem))
    if answer.plan is not None:
        judged = assess(problem, answer.plan)
        assert not judged.breaks
        assert not judged.left_over
        assert arranged(problem, answer.plan).sets <= problem.sets
