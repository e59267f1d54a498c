"""Which calls and running sets suit a member, and why: each openly listed thing against each seeker.

What is told of the people behind an opening is counted first, and a count of `few` people or fewer is not used at all:
neither in a score nor in a reason. What people wrote is used as a mean and never comes out again; the words that a
reason quotes stand in the seeker's own text and in the opening's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from haln.compiled import Doubles
from haln.matching.people import ThemeChoice
from haln.matching.ragged import Ragged
from haln.matching.reasons import Reason
from haln.matching.text import Vocabulary, learn_vocabulary, shared_terms

WEIGHTS: Mapping[str, float] = {
    "themes": 0.40,
    "purpose": 0.20,
    "issues": 0.15,
    "people": 0.10,
    "sectors": 0.05,
    "times": 0.10,
}
"""How much each part of a score counts; each part goes from 0 to 1."""

STRONG, GOOD = 0.5, 0.25
ALIKE = 0.35
"""A cosine from which on two texts count as wholly about the same."""
SIMILAR = 0.1
"""A cosine below which nobody would say that two texts are about the same."""
NAMED = 3
_CHOICES = (
    ("about_what_you_seek", "seek", 1.0),
    ("about_your_themes", "interest", 0.8),
    ("you_can_help", "offer", 0.7),
)
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Opening:
    """Something to join. `people` of it are counted, not named.

    `texts`: what it is for, in pieces. `issues`: what its people wrote. `offers`, `seeks`, `sectors`: how many of its
    people by theme or sector. `steps`: by theme, how many said maturity 1, 2, 3 and 4. `times`: codes of the times at
    which it meets or may meet, of any kind that seekers' times are of.
    """

    key: int
    texts: tuple[str, ...] = ()
    themes: frozenset[str] = frozenset()
    issues: tuple[str, ...] = ()
    offers: Mapping[str, int] = field(default_factory=dict)
    seeks: Mapping[str, int] = field(default_factory=dict)
    steps: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict)
    sectors: Mapping[str, int] = field(default_factory=dict)
    times: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Seeker:
    """A member who may join. `sectors`: their own and those they have a tie to; `times`: when they could before."""

    member: int
    texts: tuple[str, ...] = ()
    themes: tuple[ThemeChoice, ...] = ()
    sectors: frozenset[str] = frozenset()
    times: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Ranked:
    """An opening as it suits one seeker: `score` from 0 to 1, `band` strong, good or worth_a_look, why."""

    key: int
    score: float
    band: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Openings:
    """All openings, made ready once for any number of seekers."""

    all: tuple[Opening, ...]
    few: int
    vocabulary: Vocabulary
    purposes: Ragged
    issues: Ragged


def prepare(openings: Sequence[Opening], few: int, background: Sequence[str] = ()) -> Openings:
    """Make openings ready. Their order does not matter; `few`: the largest number of people that is not told.

    `background`: texts as people of the network write them, which say only how common a word is: of a dozen purposes
    alone, every word looks rare.
    """
    sorted_ones = tuple(sorted(openings, key=lambda one: one.key))
    issues = [tuple(sorted(one.issues)) if len(one.issues) > few else () for one in sorted_ones]
    pieces = [piece for one in sorted_ones for piece in one.texts] + [issue for one in issues for issue in one]
    vocabulary = learn_vocabulary([*pieces, *sorted(background)])
    purposes = vocabulary.rows([one.texts for one in sorted_ones])
    return Openings(sorted_ones, few, vocabulary, purposes, vocabulary.rows(issues))


def rank(openings: Openings, seekers: Sequence[Seeker]) -> Iterator[tuple[Ranked, ...]]:
    """Rank all openings for each seeker, best first; of equal ones the lower key comes first.

    What one seeker gets depends on them and on the openings alone, not on who else is asked.
    """
    for start in range(0, len(seekers), _BLOCK):
        block = seekers[start : start + _BLOCK]
        rows = openings.vocabulary.rows([one.texts for one in block])
        purposes = _cosines(rows, openings.purposes, openings)
        issues = _cosines(rows, openings.issues, openings)
        for row, seeker in enumerate(block):
            ranked = [
                _ranked(openings, column, seeker, rows.row(row), (purposes[row, column], issues[row, column]))
                for column in range(len(openings.all))
            ]
            yield tuple(sorted(ranked, key=lambda one: (-one.score, one.key)))


def _cosines(rows: Ragged, others: Ragged, openings: Openings) -> Doubles:
    """The cosine of every row with every other row: members down, openings across."""
    terms = max(1, len(openings.vocabulary.terms))

    def matrix(ragged: Ragged) -> Any:
        ids, weights = ragged.columns
        return sparse.csr_matrix((weights.astype(np.float64), ids, ragged.starts), (len(ragged), terms))

    product: Doubles = (matrix(rows) @ matrix(others).T).toarray()
    return product


def _ranked(openings: Openings, number: int, seeker: Seeker, row: Any, alike: tuple[float, float]) -> Ranked:
    opening = openings.all[number]
    parts = {
        "themes": _themes(opening, seeker),
        "purpose": _purpose(openings, number, row, alike[0]),
        "issues": _issues(alike[1]),
        "people": _people(opening, seeker, openings.few),
        "sectors": _sectors(opening, seeker, openings.few),
        "times": _times(opening, seeker),
    }
    reasons = [
        Reason(kind, evidence, round(WEIGHTS[part] * share, 6))
        for part, found in parts.items()
        for kind, evidence, share in found
    ]
    score = round(min(1.0, sum(reason.weight for reason in reasons)), 6)
    band = "strong" if score >= STRONG else "good" if score >= GOOD else "worth_a_look"
    return Ranked(opening.key, score, band, tuple(sorted(reasons, key=lambda one: (-one.weight, one.kind))))


_Found = list[tuple[str, Mapping[str, Any], float]]


def _themes(opening: Opening, seeker: Seeker) -> _Found:
    """The themes that both name, each where it counts most; two of them, or all there are, are as good as it gets."""
    best = min(2, len(opening.themes)) or 1
    found: dict[str, list[tuple[str, float]]] = {}
    for choice in sorted(seeker.themes, key=lambda one: one.theme):
        if choice.theme in opening.themes:
            for kind, flag, value in _CHOICES:
                if getattr(choice, flag):
                    found.setdefault(kind, []).append((choice.theme, value))
                    break
    total = sum(value for themes in found.values() for _, value in themes) / best
    scale = 1 / max(1.0, total)
    return [
        (kind, {"themes": [theme for theme, _ in themes]}, scale * sum(value for _, value in themes) / best)
        for kind, themes in found.items()
    ]


def _purpose(openings: Openings, number: int, row: Any, cosine: float) -> _Found:
    """Texts alike; one word in common is a coincidence."""
    shared = shared_terms(row, openings.purposes.row(number), NAMED)
    if cosine < SIMILAR or len(shared) < 2:
        return []
    terms = [openings.vocabulary.terms[term] for term in shared]
    return [("alike_purpose", {"terms": terms}, min(1.0, cosine / ALIKE))]


def _issues(cosine: float) -> _Found:
    return [("alike_issues", {}, min(1.0, cosine / ALIKE))] if cosine >= SIMILAR else []


def _people(opening: Opening, seeker: Seeker, few: int) -> _Found:
    """Where there are enough people who offer what is sought, seek what is offered, or are a step ahead."""
    found: _Found = []
    choices = sorted(seeker.themes, key=lambda one: one.theme)
    helped = [one.theme for one in choices if one.seek and opening.offers.get(one.theme, 0) > few]
    helping = [one.theme for one in choices if one.offer and opening.seeks.get(one.theme, 0) > few]
    ahead = [one.theme for one in choices if one.maturity and _ahead(opening, one) > few]
    for kind, themes, value in (
        ("help_there", helped, 0.5),
        ("help_wanted", helping, 0.25),
        ("step_ahead", ahead, 0.25),
    ):
        if themes:
            found.append((kind, {"themes": themes}, value))
    return found


def _ahead(opening: Opening, choice: ThemeChoice) -> int:
    return sum(opening.steps.get(choice.theme, (0, 0, 0, 0))[choice.maturity :])


def _sectors(opening: Opening, seeker: Seeker, few: int) -> _Found:
    new = [sector for sector, count in opening.sectors.items() if count > few and sector not in seeker.sectors]
    ordered = sorted(new, key=lambda sector: (-opening.sectors[sector], sector))
    return [("new_sector", {"sectors": ordered}, 1.0)] if new else []


def _times(opening: Opening, seeker: Seeker) -> _Found:
    common = opening.times & seeker.times
    if not common:
        return []
    return [("times_suit", {"times": sorted(common)}, min(1.0, len(common) / min(3, len(opening.times))))]
