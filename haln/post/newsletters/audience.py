"""Whom an issue goes to: members who asked for the newsletter, and are in its segment.

Codes of one list mean any of them, lists among each other mean all; an empty list means everybody. A segment may rest
on what a member shows to nobody. So numbers are told to staff in fives, small ones not at all, and to whom letters of
an issue went is told to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from haln.errors import Invalid
from haln.models import Member, MemberTheme, Newsletter, Organisation, Place, StoppedAddress
from haln.network import suppress
from haln.people.visibility import ACTIVE
from haln.taxonomy.vocabulary import Vocabulary

FACETS = ("sectors", "regions", "themes", "languages")


@dataclass(frozen=True, slots=True)
class Segment:
    """Whom an issue is for, by codes: of sectors of the first level, regions, themes, languages."""

    sectors: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    @property
    def codes(self) -> dict[str, tuple[str, ...]]:
        """The codes, list by list."""
        return {facet: getattr(self, facet) for facet in FACETS}

    def __bool__(self) -> bool:
        """Whether it leaves anybody out."""
        return any(getattr(self, facet) for facet in FACETS)


def of(row: Newsletter) -> Segment:
    """The segment of an issue."""
    return Segment(*(tuple(getattr(row, facet)) for facet in FACETS))


def regions(vocabulary: Vocabulary) -> list[str]:
    """The codes of nations and of regions of those nations that have some, so that each place is in one."""
    return [region.code for region in vocabulary.choosable_regions]


def known(vocabulary: Vocabulary, languages: Iterable[str]) -> dict[str, list[str]]:
    """The codes that may be chosen, list by list."""
    return {
        "sectors": [one.code for one in vocabulary.top_sectors],
        "regions": regions(vocabulary),
        "themes": [one.code for one in vocabulary.themes],
        "languages": list(languages),
    }


def checked(segment: Segment, vocabulary: Vocabulary, languages: Iterable[str]) -> Segment:
    """The segment in the vocabulary's order. Raises Invalid for a code that is not in it."""
    lists = []
    for facet, codes in known(vocabulary, languages).items():
        chosen = set(getattr(segment, facet))
        if chosen - set(codes):
            raise Invalid("Choose from the lists.", {facet: "Choose from the list."})
        # All is no choice: whoever is in none of them would be left out by it.
        lists.append(() if chosen == set(codes) else tuple(code for code in codes if code in chosen))
    return Segment(*lists)


def readers(segment: Segment, vocabulary: Vocabulary) -> Select[Any]:
    """The ids of all who would get an issue for a segment."""
    stopped = exists().where(StoppedAddress.address == Member.email)
    wanted = (Member.standing == ACTIVE, Member.email.is_not(None), Member.news_since.is_not(None), ~stopped)
    chosen: Select[Any] = _joined(select(Member.id)).where(*wanted, within(segment, vocabulary))
    return chosen


def _joined(statement: Any) -> Any:
    place = func.coalesce(Member.place_id, Organisation.place_id)
    return (
        statement.select_from(Member)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == place)
    )


def within(segment: Segment, vocabulary: Vocabulary) -> ColumnElement[bool]:
    """Whether the row of Member, with its Organisation and Place, is in the segment.

    An issue is older than the vocabulary of today: in a code that is gone from it, nobody is.
    """
    parts: list[ColumnElement[bool]] = [Member.id.is_not(None)]
    if segment.sectors:
        kinds = {one.code for top in segment.sectors for one in vocabulary.kinds_of(top)}
        parts.append(Organisation.sector.in_(sorted({*segment.sectors, *kinds})))
    if segment.regions:
        codes = [one.ons_code for one in vocabulary.regions if one.code in segment.regions]
        parts.append(or_(Place.region_code.in_(codes), Place.code.in_(codes)))
    if segment.themes:
        cares = or_(MemberTheme.interest, MemberTheme.offer, MemberTheme.seek)
        parts.append(exists().where(MemberTheme.member_id == Member.id, MemberTheme.theme.in_(segment.themes), cares))
    if segment.languages:
        parts.append(Member.language.in_(segment.languages))
    return and_(*parts)


def count(session: Session, segment: Segment, vocabulary: Vocabulary) -> int:
    """How many would get it now; for rounding, never shown as it is."""
    return session.scalar(select(func.count()).select_from(readers(segment, vocabulary).subquery())) or 0


def told(number: int, threshold: int) -> int | None:
    """A number of people as staff may know it: 0, a multiple of 5, or none where it is small."""
    return suppress.bounds(number, threshold).shown


def few(number: int, threshold: int) -> int | None:
    """A number of which staff may not know whether it is 0: a multiple of 5, or none where it may be small."""
    return suppress.few(number, threshold).shown


def is_for(session: Session, member_id: int, segments: list[Segment], vocabulary: Vocabulary) -> list[bool]:
    """Whether a member is in each of these segments, whatever mail they want; one query for all."""
    asked = [*dict.fromkeys(segment for segment in segments if segment)]
    if not asked:
        return [True] * len(segments)
    conditions = [within(segment, vocabulary).label(f"segment_{at}") for at, segment in enumerate(asked)]
    row = session.execute(_joined(select(*conditions)).where(Member.id == member_id)).one()
    found = {segment: bool(theirs) for segment, theirs in zip(asked, row, strict=True)}
    return [found.get(segment, True) for segment in segments]
