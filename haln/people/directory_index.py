"""The directory's index in one process: the snapshot, and the answers to questions asked before.

It is brought up to date when it is asked, by the change numbers of members, and may be shared between threads.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from haln.models import Member, MemberTheme, Organisation, Place
from haln.people import changes, search_index
from haln.people.directory_snapshot import Listed, Snapshot, Value, built, changed, with_gaps
from haln.people.search_words import Question
from haln.people.visibility import ACTIVE, Visibility
from haln.taxonomy.vocabulary import Vocabulary

MOST_RANKED = 1000
"""Up to so many finds are put in order of fit; more are shown by name."""

_MOST_CHANGES = 200
_MOST_EMPTY_SLOTS = 2000
_ANSWERS_KEPT = 200
_COUNTS_KEPT = 400


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers a question: the set, and the ids best first when they are not too many."""

    people: int
    best: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A place that members are in."""

    name: str
    region_code: str | None


class DirectoryIndex:
    """Everyone who is there, by facet, and who answers which question."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._answers: OrderedDict[Question, Answer] = OrderedDict()
        self._there: tuple[Snapshot, date, int] | None = None
        self._counts: tuple[Snapshot | None, dict[tuple[str, int], dict[str, int]]] = (None, {})
        self._place_codes: dict[int, tuple[Value, ...]] = {}
        self._tops = {sector.code: vocabulary.top_sector(sector.code).code for sector in vocabulary.sectors}
        self.places: dict[str, PlaceName] = {}
        self.region_codes = {region.code: region.ons_code for region in vocabulary.regions}
        self._regions = {register: code for code, register in self.region_codes.items()}
        themes = tuple(theme.code for theme in vocabulary.themes)
        self.codes: dict[str, tuple[str, ...]] = {
            "sector": tuple(sector.code for sector in vocabulary.top_sectors),
            "role": tuple(role.code for role in vocabulary.roles),
            "theme": themes,
            "offer": themes,
            "seek": themes,
            "region": tuple(self.region_codes),
        }

    def snapshot(self, session: Session) -> Snapshot:
        """Everyone who is there now."""
        number = changes.latest_number(session)
        held = self._snapshot
        if held is not None and held.number >= number:
            return held
        with self._lock:
            held = self._snapshot
            if held is None or held.number < number:
                held = self._snapshot = self._renewed(session, held, number)
            return held

    def there(self, snapshot: Snapshot, today: date) -> int:
        """The set of those who are listed and not taking a break today."""
        held = self._there
        if held is None or held[0] is not snapshot or held[1] != today:
            held = self._there = (snapshot, today, snapshot.there(today))
        return held[2]

    def counts(self, snapshot: Snapshot, facet: str, people: int) -> dict[str, int]:
        """How many of a set have each code of a facet. Most ask for the same few sets: their counts are kept."""
        of, kept = self._counts
        if of is not snapshot or len(kept) > _COUNTS_KEPT:
            kept = {}
            self._counts = (snapshot, kept)
        found = kept.get((facet, people))
        if found is None:
            found = {code: (people & self.set_of(snapshot, facet, code)).bit_count() for code in self.codes[facet]}
            kept[facet, people] = found
        return found

    def set_of(self, snapshot: Snapshot, facet: str, code: str) -> int:
        """Those who have a code of a facet; regions go by the vocabulary's codes."""
        if facet == "region":
            code = self.region_codes.get(code, code)
        return snapshot.sets.get((facet, code), 0)

    def parent_of(self, facet: str, code: str) -> str | None:
        """The sector of a kind, the region of a place, in the vocabulary's codes."""
        if facet == "kind":
            return self._tops.get(code)
        place = self.places.get(code)
        return None if place is None else self._regions.get(place.region_code or "")

    def codes_below(self, facet: str, parents: Set[str | None]) -> list[str]:
        """The kinds of these sectors, the places of these regions by name."""
        if facet == "kind":
            return [code for code, top in self._tops.items() if top in parents and code != top]
        found = [code for code in self.places if self.parent_of(facet, code) in parents] if parents else []
        return sorted(found, key=lambda code: self.places[code].name)

    def answer(self, session: Session, snapshot: Snapshot, asked: Question) -> Answer:
        """Who answers a question; kept until one of the people in it changes."""
        with self._lock:
            held = self._answers.get(asked) if snapshot is self._snapshot else None
            if held is not None:
                self._answers.move_to_end(asked)
                return held
        ids = search_index.matching(session, asked)
        best = tuple(search_index.best(session, asked, MOST_RANKED)) if len(ids) <= MOST_RANKED else None
        held = Answer(snapshot.set_of(ids), best)
        with self._lock:
            if snapshot is self._snapshot:
                self._answers[asked] = held
                if len(self._answers) > _ANSWERS_KEPT:
                    self._answers.popitem(last=False)
        return held

    def _renewed(self, session: Session, held: Snapshot | None, number: int) -> Snapshot:
        if held is None or len(held.keys) - held.everyone.bit_count() > _MOST_EMPTY_SLOTS:
            return self._built(session, number)
        ids = session.scalars(
            select(Member.id).where(Member.change_number > held.number).limit(_MOST_CHANGES + 1)
        ).all()
        if len(ids) > _MOST_CHANGES:
            return self._built(session, number)
        there = {one.member_id: one for one in self._listed(session, ids)}
        renewed, gaps = changed(held, number, {member_id: there.get(member_id) for member_id in ids})
        self._carry_answers(session, renewed, gaps, ids)
        return renewed

    def _built(self, session: Session, number: int) -> Snapshot:
        self._answers.clear()
        self._place_codes.clear()
        return built(number, self._listed(session, None))

    def _carry_answers(self, session: Session, renewed: Snapshot, gaps: list[int], ids: Sequence[int]) -> None:
        """Keep the answers. Long ones are mended; ranked ones about somebody who changed are asked again."""
        if not self._answers:
            return
        words = search_index.words_of(session, ids)
        touched = renewed.set_of(ids)
        for asked, held in list(self._answers.items()):
            people = with_gaps(held.people, gaps)
            fitting = renewed.set_of(member_id for member_id, found in words.items() if asked.fits(found))
            if held.best is None:
                self._answers[asked] = Answer(people & ~touched | fitting, None)
            elif people & touched or fitting:
                del self._answers[asked]
            else:
                self._answers[asked] = Answer(people, held.best)

    def _listed(self, session: Session, ids: Sequence[int] | None) -> Iterator[Listed]:
        """Members as all members may know them: everyone who is there, or those of the given who are."""
        there = [Member.standing == ACTIVE, Member.listed]
        if ids is not None:
            there.append(Member.id.in_(ids))
        themes: dict[int, list[Value]] = {}
        for member_id, theme, offer, seek in session.execute(
            select(MemberTheme.member_id, MemberTheme.theme, MemberTheme.offer, MemberTheme.seek)
            .join(Member, Member.id == MemberTheme.member_id)
            .where(Member.show_themes >= Visibility.MEMBERS, *there)
        ):
            held = themes.setdefault(member_id, [])
            held.append(("theme", theme))
            if offer:
                held.append(("offer", theme))
            if seek:
                held.append(("seek", theme))
        for member_id, sort_name, paused_until, role, kind, place_id in session.execute(
            select(
                Member.id,
                Member.sort_name,
                Member.paused_until,
                case((Member.show_role >= Visibility.MEMBERS, Member.role)),
                case((Member.show_organisation >= Visibility.MEMBERS, Organisation.sector)),
                case((Member.show_place >= Visibility.MEMBERS, Member.place_id)),
            )
            .select_from(Member)
            .outerjoin(Organisation, Organisation.id == Member.organisation_id)
            .where(*there)
        ):
            values = themes.get(member_id, [])
            if role:
                values.append(("role", role))
            if kind:
                values += [("kind", kind), ("sector", self._tops.get(kind, kind))]
            if place_id is not None:
                values += self._place_values(session, place_id)
            yield Listed(member_id, sort_name, frozenset(values), paused_until)

    def _place_values(self, session: Session, place_id: int) -> tuple[Value, ...]:
        if place_id not in self._place_codes:
            self._read_places(session)
        return self._place_codes[place_id]

    def _read_places(self, session: Session) -> None:
        """A nation or region counts as itself, every other place as itself and its region."""
        places: dict[str, PlaceName] = {}
        for place_id, code, name, kind, region_code in session.execute(
            select(Place.id, Place.code, Place.name, Place.kind, Place.region_code)
        ):
            places[code] = PlaceName(name, region_code)
            if kind in ("nation", "region"):
                self._place_codes[place_id] = (("region", code),)
            else:
                region = () if region_code is None else (("region", region_code),)
                self._place_codes[place_id] = (("place", code), *region)
        self.places = places
