"""Rows meet arrays: a cohort's applicants, facilitators and pairs as the pool that sets are formed from.

Facts come through the gate: whoever applied themselves was told that their work and place count and are shown to the
cohort's facilitators; of somebody whom a facilitator entered, only what all members may see forms a set or stands in a
report. An organisation is the one exception: it keeps colleagues apart whether it is shown or not, and is never named
by what comes out. Two people of whom one has blocked the other are kept apart like any pair that is; who asked for it
is not told to the pool.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations
from typing import Any

from sqlalchemy import ColumnElement, Select, case, null, or_, select
from sqlalchemy.orm import Session

from haln.learn.applicants import present
from haln.matching.pool import Applicant, Facilitator, Pair, Pool
from haln.models import (
    Application,
    ApplicationSlot,
    Block,
    Cohort,
    CohortFacilitator,
    CohortPair,
    CohortSlot,
    Connection,
    LearningSet,
    Member,
    MemberTheme,
    Organisation,
    Place,
    SetMembership,
)
from haln.people.visibility import ACTIVE, Visibility
from haln.taxonomy.vocabulary import Vocabulary

LARGEST_GROUP = 60
"""A group of a loaded network that holds more of the applicants than this is no set in which people met."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A cohort's pool, and the version of the data it was read from: the same rows give the same version."""

    pool: Pool
    version: str


def applicants(cohort_id: int) -> Select[Any]:
    """Select the ids of those who apply: not withdrawn, and in the network still."""
    return select(Application.member_id).join(Member, Member.id == Application.member_id).where(*present(cohort_id))


def encode(session: Session, cohort: Cohort, vocabulary: Vocabulary) -> Encoded:
    """Read a cohort's pool, in the same few queries however many apply."""
    numbers = _slot_numbers(session, cohort)
    people = _people(session, cohort.id, numbers, vocabulary)
    pairs = _pairs(session, cohort.id)
    mates, older = _set_mates(session, cohort)
    pool = Pool(
        applicants=people,
        facilitators=_facilitators(session, cohort.id, numbers),
        slots=len(numbers),
        managers=frozenset(pairs["manager"]),
        apart=frozenset(pairs["apart"] | _blocked(session, cohort.id)),
        together=frozenset(pairs["together"]),
        ties=frozenset(_ties(session, cohort.id) | older),
        set_mates=frozenset(mates),
    )
    return Encoded(pool, version_of(pool))


def version_of(pool: Pool) -> str:
    """A pool's version: the same for the same pool, whatever the order of its parts."""
    digest = blake2b(digest_size=12)
    for one in sorted(pool.applicants, key=lambda applicant: applicant.id):
        facts = (one.id, one.organisation, one.sector, one.region, one.nation, one.role, one.level)
        wishes = (sorted(one.themes.items()), one.live_issue, sorted(one.slots), one.waiting, one.facilitator)
        digest.update(repr((facts, wishes)).encode())
    for leader in sorted(pool.facilitators, key=lambda facilitator: facilitator.id):
        digest.update(repr((leader.id, leader.capacity, sorted(leader.slots))).encode())
    digest.update(str(pool.slots).encode())
    for pairs in (pool.managers, pool.apart, pool.together, pool.ties, pool.set_mates):
        digest.update(repr(sorted(pairs)).encode())
    return digest.hexdigest()


def _slot_numbers(session: Session, cohort: Cohort) -> dict[int, int]:
    """The numbers of the cohort's slots by their ids; none where times do not matter."""
    if cohort.availability == "none":
        return {}
    ids = session.scalars(select(CohortSlot.id).where(CohortSlot.cohort_id == cohort.id).order_by(CohortSlot.position))
    return {slot: number for number, slot in enumerate(ids)}


def _people(
    session: Session, cohort_id: int, numbers: Mapping[int, int], vocabulary: Vocabulary
) -> tuple[Applicant, ...]:
    def shown(column: Any, show: Any) -> Any:
        return case((_told(show), column), else_=null())

    columns = (
        select(
            Member.id,
            Member.organisation_id,
            shown(Organisation.sector, Member.show_organisation).label("sector"),
            shown(Place.region_code, Member.show_place).label("region"),
            shown(Member.role, Member.show_role).label("role"),
            shown(Member.level, Member.show_role).label("level"),
            Application.themes,
            Application.live_issue,
            Application.priority,
            Application.facilitator_id,
        )
        .join(Application, Application.member_id == Member.id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .where(*present(cohort_id))
        .order_by(Member.id)
    )
    known, slots, words = _themes(session, cohort_id), _free(session, cohort_id, numbers), _Words(vocabulary)
    found = []
    for row in session.execute(columns):
        region, nation = words.place(row.region)
        found.append(
            Applicant(
                id=row.id,
                organisation=row.organisation_id,
                sector=words.sector(row.sector),
                region=region,
                nation=nation,
                role=row.role,
                level=words.level(row.level),
                themes=_rated(row.themes, known.get(row.id, {})),
                live_issue=row.live_issue.strip(),
                slots=frozenset(slots.get(row.id, ())),
                waiting=row.priority,
                facilitator=row.facilitator_id,
            )
        )
    return tuple(found)


def _told(show: Any) -> ColumnElement[bool]:
    return or_(Application.source == "member", show >= Visibility.MEMBERS)


def _rated(named: Iterable[str], known: Mapping[str, int]) -> dict[str, int]:
    """The themes that somebody applies with, each with how far along they are; their own where they named none."""
    chosen = sorted(set(named)) or sorted(known)
    return {theme: known.get(theme, 0) for theme in chosen}


def _themes(session: Session, cohort_id: int) -> dict[int, dict[str, int]]:
    rows = session.execute(
        select(MemberTheme.member_id, MemberTheme.theme, MemberTheme.maturity)
        .join(Member, Member.id == MemberTheme.member_id)
        .join(Application, Application.member_id == Member.id)
        .where(*present(cohort_id), _told(Member.show_themes))
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for member_id, theme, maturity in rows:
        found[member_id][theme] = maturity or 0
    return found


def _free(session: Session, cohort_id: int, numbers: Mapping[int, int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    if numbers:
        rows = session.execute(
            select(Application.member_id, ApplicationSlot.slot_id)
            .join(ApplicationSlot, ApplicationSlot.application_id == Application.id)
            .where(Application.cohort_id == cohort_id)
        )
        for member_id, slot in rows:
            if slot in numbers:
                found[member_id].append(numbers[slot])
    return found


class _Words:
    """Codes of the vocabularies as the pool has them; one that is gone from the files says nothing."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._levels = {level.code: rank for rank, level in enumerate(reversed(vocabulary.levels), 1)}
        self._sectors = {one.code: one.parent or one.code for one in vocabulary.sectors}
        self._places = {
            code: (one.code, one.parent or one.code) for one in vocabulary.regions for code in (one.code, one.ons_code)
        }

    def level(self, code: str | None) -> int | None:
        return self._levels.get(code or "")

    def sector(self, code: str | None) -> str | None:
        return self._sectors.get(code or "")

    def place(self, code: str | None) -> tuple[str | None, str | None]:
        return self._places.get(code or "", (None, None))


def _facilitators(session: Session, cohort_id: int, numbers: Mapping[int, int]) -> tuple[Facilitator, ...]:
    rows = session.execute(
        select(CohortFacilitator.member_id, CohortFacilitator.sets, CohortFacilitator.slots)
        .join(Member, Member.id == CohortFacilitator.member_id)
        .where(CohortFacilitator.cohort_id == cohort_id, Member.standing == ACTIVE)
        .order_by(CohortFacilitator.member_id)
    )
    return tuple(
        Facilitator(row.member_id, row.sets, frozenset(numbers[slot] for slot in row.slots if slot in numbers))
        for row in rows
    )


def _pairs(session: Session, cohort_id: int) -> dict[str, set[Pair]]:
    found: dict[str, set[Pair]] = {"manager": set(), "apart": set(), "together": set()}
    rows = session.execute(
        select(CohortPair.kind, CohortPair.low_id, CohortPair.high_id).where(
            CohortPair.cohort_id == cohort_id, *_both(CohortPair.low_id, CohortPair.high_id, cohort_id)
        )
    )
    for kind, low, high in rows:
        found.setdefault(kind, set()).add((low, high))
    return found


def _both(one: Any, other: Any, cohort_id: int) -> tuple[Any, Any]:
    """Both ends apply to the cohort."""
    inside = applicants(cohort_id)
    return one.in_(inside), other.in_(inside)


def _blocked(session: Session, cohort_id: int) -> set[Pair]:
    rows = session.execute(
        select(Block.blocker_id, Block.blocked_id).where(*_both(Block.blocker_id, Block.blocked_id, cohort_id))
    )
    return {(min(one, other), max(one, other)) for one, other in rows}


def _ties(session: Session, cohort_id: int) -> set[Pair]:
    rows = session.execute(
        select(Connection.low_id, Connection.high_id).where(
            Connection.until.is_(None), *_both(Connection.low_id, Connection.high_id, cohort_id)
        )
    )
    return {(low, high) for low, high in rows}


def _set_mates(session: Session, cohort: Cohort) -> tuple[set[Pair], set[Pair]]:
    """Pairs who are not to meet again, and others who have met in sets and so know each other.

    A cohort that names an earlier one is about that one's sets; otherwise every earlier set counts.
    """
    rows = session.execute(
        select(SetMembership.set_id, SetMembership.member_id, LearningSet.cohort_id)
        .join(LearningSet, LearningSet.id == SetMembership.set_id)
        .where(
            SetMembership.member_id.in_(applicants(cohort.id)),
            LearningSet.cohort_id.is_distinct_from(cohort.id),
        )
        .order_by(SetMembership.set_id, SetMembership.member_id)
    )
    groups: dict[int, list[int]] = defaultdict(list)
    cohorts: dict[int, int | None] = {}
    for set_id, member_id, cohort_id in rows:
        groups[set_id].append(member_id)
        cohorts[set_id] = cohort_id
    again: set[Pair] = set()
    older: set[Pair] = set()
    for set_id, members in groups.items():
        if len(members) <= LARGEST_GROUP:
            named = cohort.previous_id is None or cohorts[set_id] == cohort.previous_id
            (again if named else older).update(combinations(members, 2))
    return again, older - again
