"""What a change of a set's people would do to the rules that its cohort was formed by.

Only rules that can be kept or broken are asked: matters of degree were for forming. A rule that is broken already does
not keep anybody out, unless the change makes it worse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from haln.learn.rule_rows import rules_of
from haln.learn.set_people import sitting_ids
from haln.matching.pool import Applicant, Pair
from haln.matching.rules import HARD, Kind, Rule, Rules, Strength
from haln.models import (
    Application,
    ApplicationSlot,
    Block,
    Cohort,
    CohortPair,
    CohortPlan,
    LearningSet,
    Member,
    Organisation,
    Place,
    SetMembership,
)
from haln.taxonomy.vocabulary import Vocabulary

CONFIDENTIAL = frozenset({Kind.APART, Kind.MANAGERS})
"""Rules about pairs that only the cohort's facilitators may know of."""


@dataclass(frozen=True, slots=True)
class Break:
    """A rule that would be broken, or broken further."""

    rule: Rule
    must: bool


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of which a rule speaks, the lower id first."""

    managers: frozenset[Pair] = frozenset()
    apart: frozenset[Pair] = frozenset()
    mates: frozenset[Pair] = frozenset()


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
    people = _people(session, row, now | then, vocabulary)
    pairs = _pairs(session, row, now | then)
    found = []
    for rule in rules:
        before, after = (broken(rule, [people[one] for one in sorted(ids)], pairs) for ids in (now, then))
        if after > before:
            found.append(Break(rule, rule.strength is Strength.MUST))
    # Nobody ever sits with somebody who is kept from them, whatever the cohort's rules are.
    if adding is not None and not any(one.rule.kind is Kind.APART for one in found):
        blocked = {pair for pair in _blocked(session, now | then) if adding in pair}
        if blocked:
            found.append(Break(Rule(Kind.APART, Strength.MUST), True))
    return tuple(sorted(found, key=lambda one: not one.must))


def would_break_by_leader(session: Session, row: LearningSet, leader: int | None) -> tuple[Break, ...]:
    """The rules that a set would break when somebody leads it, or nobody; musts first.

    Of somebody only what keeps them from a member of the set: nobody ever leads who is kept from one.
    """
    rules = rules_for(session, row)
    if leader is None:
        loads = [rule for rule in rules if rule.kind is Kind.FACILITATOR_LOAD]
        return tuple(Break(rule, rule.strength is Strength.MUST) for rule in loads)
    people = {*sitting_ids(session, row.id), leader}
    pairs = _pairs(session, row, people)
    known = {Kind.MANAGERS: pairs.managers, Kind.APART: pairs.apart}
    found = [
        Break(rule, rule.strength is Strength.MUST)
        for rule in rules
        if rule.kind in known and any(leader in pair for pair in known[rule.kind])
    ]
    if any(leader in pair for pair in _blocked(session, people)):
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


def broken(rule: Rule, people: Iterable[Applicant], pairs: Pairs) -> int:
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
            known = {Kind.MANAGERS: pairs.managers, Kind.APART: pairs.apart}.get(rule.kind, pairs.mates)
            return len(known & set(combinations(sorted(one.id for one in people), 2)))
        case Kind.SLOTS:
            said = [one.slots for one in people if one.slots]
            return max(0, number - len(frozenset.intersection(*said))) if said else 0
        case Kind.NOT_ALONE:
            kinds = Counter(getattr(one, rule.of or "") for one in people)
            return sum(count == 1 for kind, count in kinds.items() if kind is not None)
        case _:
            return 0


def _people(session: Session, row: LearningSet, ids: Iterable[int], vocabulary: Vocabulary) -> Mapping[int, Applicant]:
    sectors = {one.code: one.parent or one.code for one in vocabulary.sectors}
    nations = {code: one.parent or one.code for one in vocabulary.regions for code in (one.code, one.ons_code)}
    slots: dict[int, set[int]] = {}
    for member, slot in session.execute(
        select(Application.member_id, ApplicationSlot.slot_id)
        .join(ApplicationSlot, ApplicationSlot.application_id == Application.id)
        .where(Application.cohort_id == row.cohort_id, Application.member_id.in_(ids))
    ):
        slots.setdefault(member, set()).add(slot)
    rows = session.execute(
        select(Member.id, Member.organisation_id, Member.role, Organisation.sector, Place.region_code)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .where(Member.id.in_(ids))
    )
    return {
        one.id: Applicant(
            id=one.id,
            organisation=one.organisation_id,
            sector=sectors.get(one.sector or ""),
            nation=nations.get(one.region_code or ""),
            role=one.role,
            slots=frozenset(slots.get(one.id, ())),
        )
        for one in rows
    }


def _pairs(session: Session, row: LearningSet, ids: set[int]) -> Pairs:
    kinds: dict[str, set[Pair]] = {"manager": set(), "apart": set()}
    for kind, low, high in session.execute(
        select(CohortPair.kind, CohortPair.low_id, CohortPair.high_id).where(
            CohortPair.cohort_id == row.cohort_id, CohortPair.low_id.in_(ids), CohortPair.high_id.in_(ids)
        )
    ):
        kinds.setdefault(kind, set()).add((low, high))
    apart = kinds["apart"] | _blocked(session, ids)
    return Pairs(frozenset(kinds["manager"]), frozenset(apart), _mates(session, row, ids))


def _blocked(session: Session, ids: set[int]) -> set[Pair]:
    rows = session.execute(
        select(Block.blocker_id, Block.blocked_id).where(Block.blocker_id.in_(ids), Block.blocked_id.in_(ids))
    )
    return {(min(one, other), max(one, other)) for one, other in rows}


def _mates(session: Session, row: LearningSet, ids: set[int]) -> frozenset[Pair]:
    """Who sat in another set together; of a cohort that names an earlier one, in that one's sets."""
    earlier = select(Cohort.previous_id).where(Cohort.id == row.cohort_id).scalar_subquery()
    groups: dict[int, list[int]] = {}
    for set_id, member in session.execute(
        select(SetMembership.set_id, SetMembership.member_id)
        .join(LearningSet, LearningSet.id == SetMembership.set_id)
        .where(
            SetMembership.member_id.in_(ids),
            SetMembership.set_id != row.id,
            LearningSet.public_id.is_not(None),
            or_(earlier.is_(None), LearningSet.cohort_id == earlier),
        )
    ):
        groups.setdefault(set_id, []).append(member)
    return frozenset(pair for members in groups.values() for pair in combinations(sorted(members), 2))
