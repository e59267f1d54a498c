"""Rows meet arrays: a cohort's applicants, facilitators and pairs as the pool that sets are formed from.

Facts come through the gate: whoever applied themselves was told that their work and place count and are shown to the
cohort's facilitators; of somebody whom a facilitator entered, only what all members may see forms a set or stands in a
report. An organisation is the one exception: it keeps colleagues apart whether it is shown or not, and is never named
by what comes out. Two people of whom one has blocked the other are kept apart like any pair that is; who asked for it
is not told to the pool.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, null, or_, select
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
"""A group of a loaded network that holds more people than this is no set in which they met."""


Ids = Select[Any] | Collection[int]
"""People by id, or a query for them."""


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
    numbers, ids = slot_numbers(session, cohort), applicants(cohort.id)
    pairs = pairs_of(session, cohort.id, ids)
    mates, older = set_mates(session, cohort, ids)
    pool = Pool(
        applicants=people_of(session, cohort.id, ids, numbers, vocabulary),
        facilitators=_facilitators(session, cohort.id, numbers),
        slots=len(numbers),
        managers=frozenset(pairs["manager"]),
        apart=frozenset(pairs["apart"] | blocked(session, ids)),
        together=frozenset(pairs["together"]),
        ties=frozenset(_ties(session, ids) | older),
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


def slot_numbers(session: Session, cohort: Cohort) -> dict[int, int]:
    """The numbers of the cohort's slots by their ids; none where times do not matter."""
    if cohort.availability == "none":
        return {}
    ids = session.scalars(select(CohortSlot.id).where(CohortSlot.cohort_id == cohort.id).order_by(CohortSlot.position))
    return {slot: number for number, slot in enumerate(ids)}


def people_of(
    session: Session, cohort_id: int, ids: Ids, numbers: Mapping[int, int], vocabulary: Vocabulary
) -> tuple[Applicant, ...]:
    """These people as a cohort's rules see them. Who never applied has said no times: none is held against them."""

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
            Application.id.label("application"),
        )
        .outerjoin(Application, and_(Application.member_id == Member.id, Application.cohort_id == cohort_id))
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .where(Member.id.in_(ids))
        .order_by(Member.id)
    )
    known, slots, words = _themes(session, cohort_id, ids), _free(session, cohort_id, numbers), _Words(vocabulary)
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
                themes=_rated(row.themes or (), known.get(row.id, {})),
                live_issue=(row.live_issue or "").strip(),
                slots=frozenset(slots.get(row.id, ()) if row.application else numbers.values()),
                waiting=row.priority or 0,
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


def _themes(session: Session, cohort_id: int, ids: Ids) -> dict[int, dict[str, int]]:
    rows = session.execute(
        select(MemberTheme.member_id, MemberTheme.theme, MemberTheme.maturity)
        .join(Member, Member.id == MemberTheme.member_id)
        .outerjoin(Application, and_(Application.member_id == Member.id, Application.cohort_id == cohort_id))
        .where(Member.id.in_(ids), _told(Member.show_themes))
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


def pairs_of(session: Session, cohort_id: int, ids: Ids) -> dict[str, set[Pair]]:
    """What is noted in a cohort of pairs of these people, by kind."""
    found: dict[str, set[Pair]] = {"manager": set(), "apart": set(), "together": set()}
    rows = session.execute(
        select(CohortPair.kind, CohortPair.low_id, CohortPair.high_id).where(
            CohortPair.cohort_id == cohort_id, *_both(CohortPair.low_id, CohortPair.high_id, ids)
        )
    )
    for kind, low, high in rows:
        found.setdefault(kind, set()).add((low, high))
    return found


def _both(one: Any, other: Any, ids: Ids) -> tuple[Any, Any]:
    """Both ends are of these people."""
    return one.in_(ids), other.in_(ids)


def blocked(session: Session, ids: Ids) -> set[Pair]:
    """Pairs of these people of whom one has blocked the other."""
    rows = session.execute(
        select(Block.blocker_id, Block.blocked_id).where(*_both(Block.blocker_id, Block.blocked_id, ids))
    )
    return {(min(one, other), max(one, other)) for one, other in rows}


def _ties(session: Session, ids: Ids) -> set[Pair]:
    rows = session.execute(
        select(Connection.low_id, Connection.high_id).where(
            Connection.until.is_(None), *_both(Connection.low_id, Connection.high_id, ids)
        )
    )
    return {(low, high) for low, high in rows}


def set_mates(session: Session, cohort: Cohort, ids: Ids) -> tuple[set[Pair], set[Pair]]:
    """Pairs who are not to meet again, and others who have met in sets and so know each other.

    Two have met where they sat in a set of another cohort at the same time. A cohort that names an earlier one is about
    that one's sets; otherwise every earlier set counts.
    """
    small = select(SetMembership.set_id).group_by(SetMembership.set_id).having(func.count() <= LARGEST_GROUP)
    rows = session.execute(
        select(
            SetMembership.set_id,
            SetMembership.member_id,
            SetMembership.joined_on,
            SetMembership.left_on,
            LearningSet.cohort_id,
        )
        .join(LearningSet, LearningSet.id == SetMembership.set_id)
        .where(
            SetMembership.member_id.in_(ids),
            LearningSet.cohort_id.is_distinct_from(cohort.id),
            LearningSet.id.in_(small),
        )
        .order_by(SetMembership.set_id, SetMembership.member_id)
    )
    groups: dict[tuple[int, int | None], list[Any]] = defaultdict(list)
    for row in rows:
        groups[row.set_id, row.cohort_id].append(row)
    again: set[Pair] = set()
    older: set[Pair] = set()
    for (_, cohort_id), members in groups.items():
        named = cohort.previous_id is None or cohort_id == cohort.previous_id
        met = (one for one in combinations(members, 2) if _met(*one))
        (again if named else older).update((one.member_id, other.member_id) for one, other in met)
    return again, older - again


def _met(one: Any, other: Any) -> bool:
    """Whether two of one set sat in it at the same time."""
    return not any(
        first.left_on and second.joined_on and first.left_on <= second.joined_on
        for first, second in ((one, other), (other, one))
    )
