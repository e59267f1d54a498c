"""What a change of a set's people would do to the rules that its cohort was formed by.

Only rules that can be kept or broken are asked: matters of degree were for forming. A rule that is broken already does
not keep anybody out, unless the change makes it worse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import encoding
from haln.learn.rule_rows import rules_of
from haln.learn.set_people import sitting_ids
from haln.matching.pool import Applicant, Pool
from haln.matching.rules import HARD, Kind, Rule, Rules, Strength
from haln.models import Cohort, CohortPlan, LearningSet
from haln.taxonomy.vocabulary import Vocabulary

CONFIDENTIAL = frozenset({Kind.APART, Kind.MANAGERS})
"""Rules about pairs that only the cohort's facilitators may know of."""


@dataclass(frozen=True, slots=True)
class Break:
    """A rule that would be broken, or broken further."""

    rule: Rule
    must: bool


def would_break(
    session: Session,
    row: LearningSet,
    vocabulary: Vocabulary,
    *,
    adding: int | None = None,
    removing: int | None = None,
) -> tuple[Break, ...]:
    """The rules that a set would break by taking somebody in, or letting somebody go; musts first."""
    rules = rules_for(session, row)
    now = set(sitting_ids(session, row.id))
    then = (now | ({adding} if adding is not None else set())) - {removing}
    cohort = session.get(Cohort, row.cohort_id) if rules else None
    pool = _pool(session, cohort, sorted(now | then), vocabulary) if cohort is not None else Pool((), ())
    people = {one.id: one for one in pool.applicants}
    found = []
    for rule in rules:
        before, after = (broken(rule, [people[one] for one in sorted(ids)], pool) for ids in (now, then))
        if after > before:
            found.append(Break(rule, rule.strength is Strength.MUST))
    # Nobody ever sits with somebody who is kept from them, whatever the cohort's rules are.
    known = any(one.rule.kind is Kind.APART for one in found)
    if not known and any(adding in pair for pair in encoding.blocked(session, sorted(now | then))):
        found.append(Break(Rule(Kind.APART, Strength.MUST), True))
    return tuple(sorted(found, key=lambda one: not one.must))


def broken_already(session: Session, row: LearningSet, vocabulary: Vocabulary) -> tuple[Break, ...]:
    """The rules that a set breaks as it stands."""
    rules, here = rules_for(session, row), sitting_ids(session, row.id)
    cohort = session.get(Cohort, row.cohort_id) if rules else None
    pool = _pool(session, cohort, sorted(here), vocabulary) if cohort is not None else Pool((), ())
    return tuple(Break(rule, rule.strength is Strength.MUST) for rule in rules if broken(rule, pool.applicants, pool))


def would_break_by_leader(session: Session, row: LearningSet, leader: int | None) -> tuple[Break, ...]:
    """The rules that a set would break when somebody leads it, or nobody; musts first.

    Of somebody only what keeps them from a member of the set: nobody ever leads who is kept from one.
    """
    rules = rules_for(session, row)
    if leader is None:
        loads = [rule for rule in rules if rule.kind is Kind.FACILITATOR_LOAD]
        return tuple(Break(rule, rule.strength is Strength.MUST) for rule in loads)
    people = sorted({*sitting_ids(session, row.id), leader})
    pairs = encoding.pairs_of(session, row.cohort_id, people) if row.cohort_id is not None else {}
    blocked = encoding.blocked(session, people)
    known = {Kind.MANAGERS: pairs.get("manager", set()), Kind.APART: pairs.get("apart", set()) | blocked}
    found = [
        Break(rule, rule.strength is Strength.MUST)
        for rule in rules
        if rule.kind in known and any(leader in pair for pair in known[rule.kind])
    ]
    if any(leader in pair for pair in blocked):
        found = [one for one in found if one.rule.kind is not Kind.APART]
        found.append(Break(Rule(Kind.APART, Strength.MUST), True))
    return tuple(sorted(found, key=lambda one: not one.must))


def rules_for(session: Session, row: LearningSet) -> Rules:
    """The rules of the plan that a set comes from, else of its cohort; none for a set without one."""
    kept = None
    if row.plan_id is not None:
        kept = session.scalar(select(CohortPlan.rules).where(CohortPlan.id == row.plan_id))
    if not kept and row.cohort_id is not None:
        kept = session.scalar(select(Cohort.rules).where(Cohort.id == row.cohort_id))
    return tuple(rule for rule in rules_of(kept) if rule.kind in HARD) if kept else ()


def broken(rule: Rule, people: Iterable[Applicant], pool: Pool) -> int:
    """How far one set of people is from keeping a rule; 0: it is kept, or is none that one set can break."""
    people = list(people)
    number = rule.number or 0
    match rule.kind:
        case Kind.SIZE:
            return max(0, len(people) - (rule.most or number)) + max(0, number - len(people))
        case Kind.PER_ORGANISATION:
            counts = Counter(one.organisation for one in people if one.organisation is not None)
            return sum(max(0, count - number) for count in counts.values())
        case Kind.MANAGERS | Kind.APART | Kind.NOT_AGAIN:
            known = {Kind.MANAGERS: pool.managers, Kind.APART: pool.apart}.get(rule.kind, pool.set_mates)
            return len(known & set(combinations(sorted(one.id for one in people), 2)))
        case Kind.SLOTS if pool.slots and people:
            return max(0, number - len(frozenset.intersection(*(one.slots for one in people))))
        case Kind.NOT_ALONE:
            kinds = Counter(getattr(one, rule.of or "") for one in people)
            return sum(count == 1 for kind, count in kinds.items() if kind is not None)
        case _:
            return 0


def _pool(session: Session, cohort: Cohort, ids: list[int], vocabulary: Vocabulary) -> Pool:
    """These people as the cohort's plans see them (`haln.learn.encoding`), without who could lead them."""
    numbers, pairs = encoding.slot_numbers(session, cohort), encoding.pairs_of(session, cohort.id, ids)
    return Pool(
        applicants=encoding.people_of(session, cohort.id, ids, numbers, vocabulary),
        facilitators=(),
        slots=len(numbers),
        managers=frozenset(pairs["manager"]),
        apart=frozenset(pairs["apart"] | encoding.blocked(session, ids)),
        set_mates=frozenset(encoding.set_mates(session, cohort, ids)[0]),
    )
