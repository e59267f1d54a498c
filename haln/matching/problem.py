"""A pool and its rules → the arrays that every plan of it is judged by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from haln.matching import rule_arrays
from haln.matching.bonds import Bonds, bonds_between, row_pairs
from haln.matching.pair_values import PairPart, Shorts, measure_of, pair_table
from haln.matching.pool import Applicant, Facilitator, Pool
from haln.matching.prospects import Prospects, prospects
from haln.matching.rules import Kind, Rules, Strength, size
from haln.matching.set_count import fitting_count
from haln.matching.set_facts import SHARE_BITS, Facts

MOST_APPLICANTS = 12_000
"""More than this in one cohort is refused: the table of pairs would not fit a small machine's memory."""

PAIR_KINDS = frozenset(
    {Kind.SPREAD, Kind.THEMES, Kind.MATURITY_MIX, Kind.LIVE_ISSUE, Kind.PEERS, Kind.NEW_TIES, Kind.NOT_AGAIN}
)
"""Kinds that say what a pair is worth, unless they are a must."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A pool prepared for judging and forming plans of it, with at most `sets` sets.

    `people` come by ascending id, `leaders` too, and arrays have a row for each in that order. `weights`: by rule, in
    1/`ONE`. `pairs[i, j]`: what rows i and j are worth to each other, the sum of `parts`.
    """

    pool: Pool
    rules: Rules
    sets: int
    people: tuple[Applicant, ...]
    leaders: tuple[Facilitator, ...]
    weights: tuple[int, ...]
    parts: tuple[PairPart, ...]
    pairs: Shorts = field(repr=False)
    bonds: Bonds = field(repr=False)
    prospects: Prospects = field(repr=False)
    facts: Facts = field(repr=False)

    @cached_property
    def rows(self) -> Mapping[int, int]:
        """Row by applicant's id."""
        return {person.id: row for row, person in enumerate(self.people)}

    @cached_property
    def leader_rows(self) -> Mapping[int, int]:
        """Row by facilitator's id."""
        return {leader.id: row for row, leader in enumerate(self.leaders)}

    @property
    def limits(self) -> tuple[int, int]:
        """The least and the largest size of a set."""
        return size(self.rules)

    def facts_for(self, sets: int) -> Facts:
        """Return the facts for a plan of another number of sets than `self.sets`."""
        if sets == self.sets:
            return self.facts
        least, most = self.limits
        return self.facts._replace(
            least=np.full(sets, least, np.int32),
            most=np.full(sets, most, np.int32),
            guarded=np.zeros(sets, np.uint8),
        )


def prepare(pool: Pool, rules: Rules, sets: int | None = None) -> Problem:
    """Prepare a pool for `sets` sets at most (none: as many as fit the sizes, organisations and facilitators).

    Raises ValueError for rules without one size, an applicant or facilitator named twice, or more applicants than
    `MOST_APPLICANTS`.
    """
    people = tuple(sorted(pool.applicants, key=lambda person: person.id))
    leaders = tuple(sorted(pool.facilitators, key=lambda leader: leader.id))
    if len({person.id for person in people}) < len(people) or len({one.id for one in leaders}) < len(leaders):
        raise ValueError("somebody is named twice in a pool")
    if len(people) > MOST_APPLICANTS:
        raise ValueError(f"a pool has at most {MOST_APPLICANTS} applicants")
    count = fitting_count(pool, rules) if sets is None else max(0, sets)
    weights = rule_arrays.weights_of(rules)
    rows = {person.id: row for row, person in enumerate(people)}
    ties, set_mates = row_pairs(pool.ties, rows), row_pairs(pool.set_mates, rows)
    parts = tuple(
        PairPart(number, weights[number], measure_of(rule, people, ties, set_mates))
        for number, rule in enumerate(rules)
        if rule.kind in PAIR_KINDS and rule.strength is not Strength.MUST
    )
    pairs = pair_table(parts, len(people))
    bonds = bonds_between(pool, rules, weights, rows)
    masks = rule_arrays.slot_masks([person.slots for person in people], pool.slots)
    needs = rule_arrays.slot_needs(rules, pool.slots)
    outlook = prospects(pairs, masks, int(needs.max(initial=0)), bonds, size(rules)[1])
    half_way = (outlook.chance + outlook.ideal) // 2
    facts = Facts(
        pairs=pairs,
        share=rule_arrays.shares(len(people) + 2),
        floors=half_way,
        set_floor=int(half_way.sum() // max(1, len(people))),
        linear=0,
        least=np.full(count, size(rules)[0], np.int32),
        most=np.full(count, size(rules)[1], np.int32),
        bonus=rule_arrays.bonus(rules, weights),
        balance=rule_arrays.balance(rules, weights, len(people), count),
        **rule_arrays.counting(rules, weights, people),
        masks=masks,
        slot_need=needs,
        slot_gain=rule_arrays.slot_gains(rules, weights, pool.slots),
        bond_start=bonds.start,
        bond_other=bonds.other,
        bond_same_hard=bonds.same_hard,
        bond_split_hard=bonds.split_hard,
        bond_same_soft=bonds.same_soft,
        bond_split_soft=bonds.split_soft,
        **rule_arrays.leading(pool, rules, weights, people, leaders),
        left=np.array([4 + min(max(person.waiting, 0), 8) for person in people], np.int64),
        home=np.full(len(people), -1, np.int32),
        guarded=np.zeros(count, np.uint8),
    )
    return Problem(pool, rules, count, people, leaders, weights, parts, pairs, bonds, outlook, facts)


def matrix_facts(pairs: Shorts, least: Sequence[int], most: Sequence[int]) -> Facts:
    """Return facts by which a plan is worth the sum of the pairs inside its sets, twice, and sizes are the only rule.

    `least` and `most` per set. So the published instances of maximally diverse grouping are solved by the same kernels.
    Raises ValueError for a pair that is worth less than nothing: kernels refuse most swaps without looking at the pair.
    """
    if pairs.size and int(pairs.min()) < 0:
        raise ValueError("a pair is worth nothing or more")
    rows = len(pairs)
    none, nothing = np.empty(0, np.int32), np.empty(0, np.int64)
    return Facts(
        pairs=pairs,
        share=np.full(rows + 3, 1 << SHARE_BITS, np.int64),
        floors=np.zeros(rows, np.int64),
        set_floor=0,
        linear=1,
        least=np.array(least, np.int32),
        most=np.array(most, np.int32),
        bonus=0,
        balance=np.zeros(rows + 3, np.int64),
        codes=np.empty((0, rows), np.int32),
        count_cost=np.empty((0, rows + 3), np.int32),
        count_hard=np.empty(0, np.uint8),
        count_weight=nothing,
        masks=np.empty((rows, 0), np.uint64),
        slot_need=none,
        slot_gain=np.zeros(1, np.int64),
        bond_start=np.zeros(rows + 1, np.int64),
        bond_other=none,
        bond_same_hard=none,
        bond_split_hard=none,
        bond_same_soft=nothing,
        bond_split_soft=nothing,
        leader_masks=np.empty((0, 0), np.uint64),
        leader_room=none,
        leader_need=0,
        leader_hard=0,
        leader_weight=0,
        prefers=np.full(rows, -1, np.int32),
        prefer_weight=0,
        left=np.full(rows, 4, np.int64),
        home=np.full(rows, -1, np.int32),
        guarded=np.zeros(len(least), np.uint8),
    )
