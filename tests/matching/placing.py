"""Small pools with rules that may or may not hold, and the slow and plain way to find out: try every plan."""

from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import strategies as st

from haln.matching.pool import Applicant, Facilitator, Pair, Pool
from haln.matching.rules import Kind, Rule, Rules, Strength

MUST = Strength.MUST
SECTORS = ("nhs", "council", "charity")


@st.composite
def askings(draw: st.DrawFn) -> tuple[Pool, Rules, int]:
    """A pool of 4 to 9 people, rules that must hold, and a number of sets."""
    count = draw(st.integers(4, 9))
    slots = draw(st.integers(0, 3))
    ids = draw(st.permutations(range(1, 30)))[:count]
    some = st.frozensets(st.integers(0, slots - 1), max_size=slots) if slots else st.just(frozenset())
    mostly = st.one_of(some, st.just(frozenset(range(slots))))
    people = [
        Applicant(
            member,
            organisation=draw(st.sampled_from([None, 1, 2, 3, 4])),
            sector=draw(st.sampled_from([None, *SECTORS])),
            slots=draw(mostly),
            waiting=draw(st.integers(0, 2)),
        )
        for member in ids
    ]
    pair = st.tuples(st.sampled_from(ids), st.sampled_from(ids)).filter(lambda two: two[0] < two[1])
    pairs = st.frozensets(pair, max_size=3)
    leaders = [
        Facilitator(100 + number, draw(st.integers(0, 2)), draw(some)) for number in range(draw(st.integers(0, 2)))
    ]
    pool = Pool(tuple(people), tuple(leaders), slots, draw(pairs), draw(pairs), draw(pairs), set_mates=draw(pairs))
    return pool, draw(rules_that_must_hold()), draw(st.integers(1, 2))


@st.composite
def rules_that_must_hold(draw: st.DrawFn) -> Rules:
    most = draw(st.integers(4, 6))
    choices = [
        Rule(Kind.PER_ORGANISATION, MUST, draw(st.integers(1, 2))),
        Rule(Kind.MANAGERS, MUST),
        Rule(Kind.APART, MUST),
        Rule(Kind.TOGETHER, MUST),
        Rule(Kind.SLOTS, MUST, draw(st.integers(1, 2))),
        Rule(Kind.FACILITATOR_LOAD, MUST),
        Rule(Kind.NOT_ALONE, MUST, of="sector"),
        Rule(Kind.NOT_AGAIN, MUST),
        Rule(Kind.PEERS, Strength.STRONGLY),
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(choices))), unique=True, max_size=6))
    return draw(st.permutations([Rule(Kind.SIZE, MUST, 4, most), *(choices[number] for number in chosen)]).map(tuple))


def divisions(members: tuple[int, ...], sets: int) -> Iterator[list[list[int]]]:
    """Every way to divide all members into at most `sets` sets."""
    if not members:
        yield []
        return
    for division in divisions(members[:-1], sets):
        for number in range(len(division)):
            yield [[*some, members[-1]] if number == at else some for at, some in enumerate(division)]
        if len(division) < sets:
            yield [*division, [members[-1]]]


def holds(pool: Pool, rules: Iterable[Rule], division: list[list[int]]) -> bool:
    """Say whether a division of people keeps every rule that must hold."""
    people = {one.id: one for one in pool.applicants}
    kept = [rule for rule in rules if rule.strength is MUST]
    needed = max([rule.number or 0 for rule in kept if rule.kind is Kind.SLOTS], default=0)
    for rule in kept:
        if rule.kind is Kind.FACILITATOR_LOAD:
            common = [frozenset.intersection(*(people[one].slots for one in some)) for some in division]
            if not led(pool, common, max(needed, 1), {one.id: one.capacity for one in pool.facilitators}):
                return False
        elif not all(keeps(pool, rule, [people[one] for one in some]) for some in division):
            return False
    return True


def led(pool: Pool, common: list[frozenset[int]], needed: int, room: dict[int, int]) -> bool:
    if not common:
        return True
    for one in pool.facilitators:
        times = one.slots or frozenset(range(pool.slots))
        in_time = not pool.slots or len(common[0] & times) >= needed
        if in_time and room[one.id] > 0 and led(pool, common[1:], needed, room | {one.id: room[one.id] - 1}):
            return True
    return False


def keeps(pool: Pool, rule: Rule, some: list[Applicant]) -> bool:
    ids = {one.id for one in some}

    def never(pairs: Iterable[Pair]) -> bool:
        return not any(one in ids and other in ids for one, other in pairs)

    def counts(values: Iterable[Any]) -> list[int]:
        said = [value for value in values if value is not None]
        return [said.count(value) for value in set(said)]

    everyone = {one.id for one in pool.applicants}
    number = rule.number or 0
    return {
        Kind.SIZE: lambda: number <= len(some) <= (rule.most or 0),
        Kind.PER_ORGANISATION: lambda: max(counts(one.organisation for one in some), default=0) <= number,
        Kind.MANAGERS: lambda: never(pool.managers),
        Kind.APART: lambda: never(pool.apart),
        Kind.NOT_AGAIN: lambda: never(pool.set_mates),
        Kind.TOGETHER: lambda: all(len({*pair} & ids) != 1 for pair in pool.together if {*pair} <= everyone),
        Kind.SLOTS: lambda: not pool.slots or len(frozenset.intersection(*(one.slots for one in some))) >= number,
        Kind.NOT_ALONE: lambda: 1 not in counts(one.sector for one in some),
    }[rule.kind]()


def possible(pool: Pool, rules: Iterable[Rule], sets: int) -> bool:
    """Say whether any plan places everybody and keeps all rules that must hold."""
    kept = list(rules)
    members = tuple(one.id for one in pool.applicants)
    return any(holds(pool, kept, division) for division in divisions(members, sets))
