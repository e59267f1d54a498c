"""Find an organisation by what somebody types: slips, abbreviations, synonyms and old names included.

Words are weighed by how rare they are among all names ("Bristol" tells, "Council" hardly), and each typed word is
compared with the few thousand words that occur in names, not with the names. So first a sum over postings picks some
dozens of names, then those are scored: how much of what was typed the name covers, how much of the name was typed, and
how alike the two are as a whole. Everything is computed in the same order for the same input; ties go to an
organisation's own name, then to the shorter name, then to the lower id.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from haln.people.organisation_words import words_of

FITS = 72.0
"""A best hit below this score does not fit.

A balance, measured: of the names people use for councils, with one slip, 8 in 100 fall below; of organisations that are
not there 18 in 100 find a namesake above.
"""
NEAR = 50.0
FAR_BEHIND = 30.0
"""A hit below `NEAR`, or this far behind the best, is not worth showing."""
SURE = 93.0
CLEAR_LEAD = 4.0
"""A hit is sure from `SURE` on, when the next organisation is behind by more than this."""

_CANDIDATES = 120
_LEAST_LIKENESS = 0.72  # of two words, 1 being the same
_SHORTEST_FUZZY = 4  # letters
_PREFIX_LIKENESS = 0.93
_SHORTEST_PREFIX = 2
_WEAK_SUM = 0.55  # of the possible: below it, words that were run together are looked for


@dataclass(frozen=True, slots=True)
class Named:
    """An organisation as the searcher needs it."""

    id: int
    name: str
    other_names: tuple[str, ...] = ()
    town: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """An organisation that was found: `matched_name` is the name that fits best, `score` 0 to 100."""

    id: int
    name: str
    matched_name: str
    score: float
    sure: bool


@dataclass(frozen=True, slots=True)
class _Name:
    owner: Named
    text: str
    words: tuple[str, ...]
    joined: str
    own: bool


class Searcher:
    """All names, prepared. Immutable once made; safe to share between threads."""

    def __init__(self, organisations: Iterable[Named]) -> None:
        self._names: list[_Name] = []
        self._postings: dict[str, list[int]] = defaultdict(list)
        for organisation in organisations:
            if not organisation.active:
                continue
            town = words_of(organisation.town) if organisation.town else ()
            for text in dict.fromkeys((organisation.name, *organisation.other_names)):
                words = words_of(text)
                if not words:
                    continue
                for word in dict.fromkeys((*words, *town)):
                    self._postings[word].append(len(self._names))
                name = _Name(organisation, text, words, " ".join(words), text == organisation.name)
                self._names.append(name)
        self._vocabulary = list(self._postings)
        self._joined = [name.joined.replace(" ", "") for name in self._names]
        self._rarity = {word: self._weight(len(found)) for word, found in self._postings.items()}

    def __len__(self) -> int:
        return len(self._names)

    def search(self, text: str, limit: int = 10) -> list[Hit]:
        """Return the organisations that fit best, best first, each once; empty for an empty text."""
        typed = words_of(text)
        if not typed or not self._names:
            return []
        likenesses = [self._likenesses(word, is_last=place == len(typed) - 1) for place, word in enumerate(typed)]
        weights = [self._typed_weight(found) for found in likenesses]
        best: dict[int, tuple[tuple[float, bool, int, int], _Name]] = {}
        for number in self._candidates(typed, likenesses, weights):
            name = self._names[number]
            score = self._score(typed, likenesses, weights, name)
            rank = (-score, not name.own, len(name.text), name.owner.id)
            if name.owner.id not in best or rank < best[name.owner.id][0]:
                best[name.owner.id] = (rank, name)
        ranked = sorted(best.values(), key=lambda one: one[0])
        return [
            Hit(name.owner.id, name.owner.name, name.text, round(-rank[0], 1), _is_sure(ranked, place))
            for place, (rank, name) in enumerate(ranked[:limit])
        ]

    def _weight(self, names_with_it: int) -> float:
        return math.log(1 + len(self._names) / (1 + names_with_it))

    def _typed_weight(self, likenesses: dict[str, float]) -> float:
        """A typed word weighs as much as the word it is most like; one like nothing known is rare."""
        if not likenesses:
            return self._weight(0)
        return self._rarity[max(likenesses, key=lambda word: (likenesses[word], -len(word), word))]

    def _likenesses(self, typed: str, is_last: bool) -> dict[str, float]:
        """Return the known words that a typed one may stand for, 1 for itself."""
        found: dict[str, float] = {}
        if len(typed) >= _SHORTEST_FUZZY:
            alike = process.extract(
                typed, self._vocabulary, scorer=OSA.normalized_similarity, score_cutoff=_LEAST_LIKENESS, limit=12
            )
            found = {word: likeness * likeness for word, likeness, _ in alike}
        if is_last and len(typed) >= _SHORTEST_PREFIX:
            for word in self._vocabulary:
                if word.startswith(typed):
                    found[word] = _PREFIX_LIKENESS
        if typed in self._postings:
            found[typed] = 1.0
        return found

    def _candidates(
        self, typed: Sequence[str], likenesses: Sequence[dict[str, float]], weights: Sequence[float]
    ) -> list[int]:
        sums: dict[int, float] = defaultdict(float)
        for found, weight in zip(likenesses, weights, strict=True):
            reached: set[int] = set()
            for word, likeness in sorted(found.items(), key=lambda pair: -pair[1]):
                for number in self._postings[word]:
                    if number not in reached:
                        reached.add(number)
                        sums[number] += weight * likeness
        chosen = heapq.nlargest(
            _CANDIDATES, sums, key=lambda number: (sums[number], -len(self._names[number].joined), -number)
        )
        if not chosen or sums[chosen[0]] < _WEAK_SUM * sum(weights):
            run_together = process.extract(
                "".join(typed), self._joined, scorer=fuzz.ratio, score_cutoff=75.0, limit=_CANDIDATES // 4
            )
            chosen += [number for _, _, number in run_together]
        return chosen

    def _score(
        self, typed: Sequence[str], likenesses: Sequence[dict[str, float]], weights: Sequence[float], name: _Name
    ) -> float:
        town = words_of(name.owner.town) if name.owner.town else ()
        covered = sum(
            weight * max((found.get(word, 0.0) for word in (*name.words, *town)), default=0.0)
            for found, weight in zip(likenesses, weights, strict=True)
        )
        rarities = [self._rarity[word] for word in name.words]
        told = sum(
            rarity * max(found.get(word, 0.0) for found in likenesses)
            for word, rarity in zip(name.words, rarities, strict=True)
        )
        whole = max(fuzz.ratio(" ".join(typed), name.joined), fuzz.ratio("".join(typed), name.joined.replace(" ", "")))
        parts = 100 * (0.65 * covered / sum(weights) + 0.35 * told / sum(rarities))
        # A word like none that is known may be two run together: then the whole says more than the parts.
        run_together = 0.9 * whole if whole >= 80 and not all(likenesses) else 0.0
        return max(0.85 * parts + 0.15 * whole, run_together)


def worth_showing(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits that somebody may mean, best first as they came."""
    least = max(NEAR, hits[0].score - FAR_BEHIND) if hits else NEAR
    return [hit for hit in hits if hit.score >= least]


def nothing_fits(hits: Sequence[Hit]) -> bool:
    """Whether it is time to offer adding a new organisation."""
    return not hits or hits[0].score < FITS


def _is_sure(ranked: Sequence[tuple[tuple[float, bool, int, int], _Name]], place: int) -> bool:
    if place or -ranked[0][0][0] < SURE:
        return False
    return len(ranked) == 1 or ranked[1][0][0] - ranked[0][0][0] > CLEAR_LEAD
