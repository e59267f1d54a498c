"""Pools and rules for Hypothesis, small enough to try every plan of them."""

from itertools import product

from hypothesis import strategies as st

from haln.matching.pool import Applicant, Facilitator, Plan, PlannedSet, Pool
from haln.matching.rules import CHOICES, HARD, NUMBERED, Kind, Rule, Rules, Strength

WORDS = ("food", "housing", "buying", "energy", "land", "skills")
SIZE = Rule(Kind.SIZE, Strength.MUST, 4, 5)


def some_pairs(ids: list[int]) -> st.SearchStrategy[frozenset[tuple[int, int]]]:
    if len(ids) < 2:
        return st.just(frozenset())
    pair = st.tuples(st.sampled_from(ids), st.sampled_from(ids)).filter(lambda two: two[0] < two[1])
    return st.frozensets(pair, max_size=3)


@st.composite
def pools(draw: st.DrawFn, most: int = 11) -> Pool:
    ids = draw(st.lists(st.integers(1, 99), unique=True, max_size=most))
    slots = draw(st.sampled_from((0, 0, 3, 70)))
    times = st.frozensets(st.sampled_from((0, 1, 2, max(0, slots - 1))), min_size=1)
    people = tuple(
        Applicant(
            member,
            organisation=draw(st.sampled_from((None, 1, 2, 3, 4, 5, 6))),
            sector=draw(st.sampled_from((None, "nhs", "council", "sport"))),
            region=draw(st.sampled_from((None, "north", "south"))),
            nation=draw(st.sampled_from((None, "wales", "scotland"))),
            role=draw(st.sampled_from((None, "lead", "board"))),
            level=draw(st.sampled_from((None, 1, 2, 3, 4))),
            themes=draw(st.dictionaries(st.sampled_from(WORDS), st.integers(0, 4), max_size=3)),
            live_issue=" ".join(draw(st.lists(st.sampled_from(WORDS), max_size=4))),
            slots=draw(times) if slots else frozenset(),
            waiting=draw(st.sampled_from((0, 0, 1, 9))),
            facilitator=draw(st.sampled_from((None, 1, 2))),
        )
        for member in ids
    )
    leaders = tuple(
        Facilitator(number, draw(st.integers(0, 2)), draw(times) if slots else frozenset())
        for number in range(1, draw(st.integers(0, 2)) + 1)
    )
    return Pool(people, leaders, slots, **{name: draw(some_pairs(ids)) for name in PAIRS})


PAIRS = ("managers", "apart", "together", "ties", "set_mates")


@st.composite
def some_rules(draw: st.DrawFn, musts: bool = True) -> Rules:
    kinds = draw(st.lists(st.sampled_from([kind for kind in Kind if kind is not Kind.SIZE]), max_size=7))
    rules = [SIZE]
    for kind in kinds:
        strengths = [one for one in Strength if one is not Strength.MUST or (musts and kind in HARD)]
        number = draw(st.integers(*NUMBERED[kind]).filter(lambda one: one <= 3)) if kind in NUMBERED else None
        of = draw(st.sampled_from(CHOICES[kind])) if kind in CHOICES else None
        rules.append(Rule(kind, draw(st.sampled_from(strengths)), number, of=of))
    return tuple(draw(st.permutations(rules)))


@st.composite
def plans(draw: st.DrawFn, pool: Pool, sets: int) -> Plan:
    leaders = [leader.id for leader in pool.facilitators]
    places = [draw(st.integers(0, sets)) for _ in pool.applicants]
    return plan_from(pool, places, sets, [draw(st.sampled_from([None, *leaders])) for _ in range(sets)])


def plan_from(pool: Pool, places: list[int], sets: int, leaders: list[int | None]) -> Plan:
    """Seat applicant k in set places[k]; the number after the last set leaves them over."""
    members: list[list[int]] = [[] for _ in range(sets + 1)]
    for person, place in zip(pool.applicants, places, strict=True):
        members[place].append(person.id)
    return Plan(
        tuple(PlannedSet(tuple(sorted(members[number])), leaders[number]) for number in range(sets)),
        tuple(sorted(members[sets])),
    )


def every_plan(pool: Pool, sets: int) -> list[Plan]:
    """All plans of a small pool with every choice of leaders that have room."""
    room = {leader.id: leader.capacity for leader in pool.facilitators}
    choices = [
        list(leaders)
        for leaders in product([None, *room], repeat=sets)
        if all(leaders.count(leader) <= room[leader] for leader in room)
    ]
    places = product(range(sets + 1), repeat=len(pool.applicants))
    return [plan_from(pool, list(where), sets, leaders) for where in places for leaders in choices]
