"""What speaks for joining something: all signals of one seeker and each opening, and what they are worth."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from haln.compiled import Doubles, Longs
from haln.matching.blend import Family
from haln.matching.crowds import ATTENDED, FINISHED, JOINED, Crowds
from haln.matching.hearsay import EVIDENCE, Sought, evidence, speaking
from haln.matching.people import ThemeChoice
from haln.matching.ragged import Ragged
from haln.matching.text import Vocabulary, learn_vocabulary, shared_terms

SAID = ("themes", "purpose", "issues", "people", "sectors", "times")
"""What an opening and a seeker say; each from 0 to 1."""
SIGNALS = (*SAID, "group_text", *EVIDENCE)
JOINING = Family(
    SIGNALS,
    frozenset(SIGNALS) - {"size", "recent"},
    texts=frozenset({"purpose", "group_text"}),
    stated=frozenset({"themes"}),
)

ALIKE = 0.35
"""A cosine from which on two texts count as wholly about the same."""
SIMILAR = 0.1
"""A cosine below which nobody would say that two texts are about the same."""
NAMED = 3
_BLOCK = 512
_CHOICES = (
    ("about_what_you_seek", "seek", 1.0),
    ("about_your_themes", "interest", 0.8),
    ("you_can_help", "offer", 0.7),
)


@dataclass(frozen=True, slots=True)
class Opening:
    """Something to join. `people` of it are counted, not named.

    `texts`: what it is for, in pieces. `issues`: what its people wrote. `offers`, `seeks`, `sectors`: how many of its
    people by theme or sector. `steps`: by theme, how many said maturity 1, 2, 3 and 4. `times`: codes of the times at
    which it meets or may meet, of any kind that seekers' times are of. `group`: what it is called in the crowds.
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
    group: int | None = None

    def says_much(self) -> bool:
        """Tell whether anything but its texts speaks of it."""
        return bool(self.themes or self.offers or self.seeks or self.steps or self.sectors or self.times)


@dataclass(frozen=True, slots=True)
class Seeker:
    """A member who may join. `sectors`: their own and those they have a tie to; `times`: when they could before.

    `groups`: what the groups are for that they are or were in, `attended`: what they were at, `finished`: what they
    learned. `unseen`: who must not count for them, for a block.
    """

    member: int
    texts: tuple[str, ...] = ()
    themes: tuple[ThemeChoice, ...] = ()
    sectors: frozenset[str] = frozenset()
    times: frozenset[int] = frozenset()
    groups: tuple[str, ...] = ()
    attended: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    unseen: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Many:
    """Of which people of an opening more than a few are there: all that is told of them.

    `offers`, `seeks`: themes; `ahead`: themes, each with the maturities that enough have passed. `sectors`: those with
    most people first.
    """

    offers: frozenset[str]
    seeks: frozenset[str]
    ahead: Mapping[str, frozenset[int]]
    sectors: tuple[str, ...]

    @classmethod
    def of(cls, opening: Opening, few: int) -> "Many":
        """Leave out whatever is of few people or fewer."""
        ahead = {
            theme: frozenset(maturity for maturity in range(1, len(steps) + 1) if sum(steps[maturity:]) > few)
            for theme, steps in opening.steps.items()
        }
        sectors = [sector for sector, count in opening.sectors.items() if count > few]
        return cls(
            frozenset(theme for theme, count in opening.offers.items() if count > few),
            frozenset(theme for theme, count in opening.seeks.items() if count > few),
            {theme: passed for theme, passed in ahead.items() if passed},
            tuple(sorted(sectors, key=lambda sector: (-opening.sectors[sector], sector))),
        )


@dataclass(frozen=True, slots=True)
class Openings:
    """All openings, made ready once for any number of seekers.

    `many`: of which people there are enough to be told, by opening. `known`: the numbers of openings whose groups are
    among the crowds', and `sought` these groups, in that order. `talkative`: of which openings more is said than texts.
    """

    all: tuple[Opening, ...]
    vocabulary: Vocabulary
    purposes: Ragged
    issues: Ragged
    many: tuple[Many, ...]
    crowds: Crowds | None
    known: Longs
    sought: Sought | None
    talkative: NDArray[np.bool_]

    def groups_of(self, member: int) -> int:
        """Return how many groups a member is in, beside events and the like."""
        return self.crowds.firm_groups(member) if self.crowds else 0


def prepare(
    openings: Sequence[Opening],
    few: int,
    background: Sequence[str] = (),
    crowds: Crowds | None = None,
) -> Openings:
    """Make openings ready. Their order does not matter; `few`: the largest number of people that is not told.

    `background`: texts as people of the network write them, which say only how common a word is: of a dozen purposes
    alone, every word looks rare.
    """
    sorted_ones = tuple(sorted(openings, key=lambda one: one.key))
    issues = [tuple(sorted(one.issues)) if len(one.issues) > few else () for one in sorted_ones]
    pieces = [piece for one in sorted_ones for piece in one.texts] + [issue for one in issues for issue in one]
    vocabulary = learn_vocabulary([*pieces, *sorted(background)])
    groups = crowds.groups.tolist() if crowds else []
    places = {group: at for at, group in enumerate(groups)}
    there = [(at, places[one.group]) for at, one in enumerate(sorted_ones) if one.group in places]
    known, rows = np.array(there, np.int64).reshape(-1, 2).T
    return Openings(
        sorted_ones,
        vocabulary,
        vocabulary.rows([one.texts for one in sorted_ones]),
        vocabulary.rows(issues),
        tuple(Many.of(one, few) for one in sorted_ones),
        crowds,
        known,
        Sought.of(crowds, rows) if crowds is not None and len(rows) else None,
        np.array([one.says_much() for one in sorted_ones], bool),
    )


@dataclass(frozen=True, slots=True)
class Read:
    """Texts of one seeker beside all openings: cosines with purposes and issues; `own`: of what they are or were in.

    `nearest`: of which of `OWN` that is, by its place.
    """

    terms: tuple[Any, ...]
    purposes: Doubles
    issues: Doubles
    own: Doubles
    nearest: Longs


OWN: tuple[tuple[str, Callable[[Seeker], tuple[str, ...]]], ...] = (
    (JOINED, lambda seeker: seeker.groups),
    (ATTENDED, lambda seeker: seeker.attended),
    (FINISHED, lambda seeker: seeker.finished),
)
"""What a seeker was in. Each is read by itself, so that ten events do not drown one set."""


def read(openings: Openings, seekers: Sequence[Seeker]) -> list[Read]:
    """Compare what some seekers wrote, and what their groups are for, with all openings."""
    rows = openings.vocabulary.rows([one.texts for one in seekers])
    purposes, issues = (_cosines(rows, others, openings) for others in (openings.purposes, openings.issues))
    own = np.stack(
        [
            _cosines(openings.vocabulary.rows([texts(one) for one in seekers]), openings.purposes, openings)
            for _, texts in OWN
        ]
    )
    best, nearest = own.max(axis=0), own.argmax(axis=0)
    return [Read(rows.row(at), purposes[at], issues[at], best[at], nearest[at]) for at in range(len(seekers))]


def read_each(openings: Openings, seekers: Sequence[Seeker]) -> Iterator[tuple[Seeker, Read]]:
    """Yield each seeker with what was compared, some at a time, so that memory stays small."""
    for start in range(0, len(seekers), _BLOCK):
        block = seekers[start : start + _BLOCK]
        yield from zip(block, read(openings, block), strict=True)


def _cosines(rows: Ragged, others: Ragged, openings: Openings) -> Doubles:
    """The cosine of every row with every other row: members down, openings across."""
    terms = max(1, len(openings.vocabulary.terms))

    def matrix(ragged: Ragged) -> Any:
        ids, weights = ragged.columns
        return sparse.csr_matrix((weights.astype(np.float64), ids, ragged.starts), (len(ragged), terms))

    product: Doubles = (matrix(rows) @ matrix(others).T).toarray()
    return product


Found = list[tuple[str, Mapping[str, Any], float]]
"""Kinds of reasons, their evidence and share; the shares of one part of what is said add up to its signal."""


Told = Mapping[str, Found]
"""What one opening and one seeker say, by part."""


def table(openings: Openings, seeker: Seeker, told: Read) -> tuple[Doubles, Mapping[int, Told]]:
    """Return all signals (openings, `SIGNALS`) of one seeker, and what is said, by number; of others nothing is."""
    what: dict[int, Told] = {}
    signals = np.zeros((len(openings.all), len(SIGNALS)))
    alike = np.maximum(told.purposes, told.issues) >= SIMILAR
    choices = sorted(seeker.themes, key=lambda one: one.theme)
    for number in np.flatnonzero(alike | openings.talkative).tolist():
        what[number] = _said(openings, number, seeker, choices, told)
        for part, found in what[number].items():
            signals[number, JOINING.column[part]] = sum(share for _, _, share in found)
    signals[:, JOINING.column["group_text"]] = np.where(told.own >= SIMILAR, told.own, 0.0)
    if openings.sought is not None:
        for name, values in evidence(openings.sought, seeker.member, seeker.unseen).items():
            signals[openings.known, JOINING.column[name]] = values
    return signals, what


def told_by(openings: Openings, seeker: Seeker) -> Mapping[int, str]:
    """Say by number which word of `hearsay.SPEAKING` tells first of an opening; none where only all together do."""
    if openings.sought is None:
        return {}
    found = speaking(openings.sought, seeker.member, seeker.unseen)
    first: dict[int, str] = {}
    for word in reversed(found):
        first |= dict.fromkeys(openings.known[found[word]].tolist(), word)
    return first


def _said(openings: Openings, number: int, seeker: Seeker, choices: Sequence[ThemeChoice], told: Read) -> Told:
    """What one opening and the seeker say that suits, by part; `choices`: the seeker's themes, by name."""
    opening, many = openings.all[number], openings.many[number]
    found = {
        "themes": _themes(opening, choices),
        "purpose": _purpose(openings, number, told.terms, float(told.purposes[number])),
        "issues": _issues(float(told.issues[number])),
        "people": _people(many, choices),
        "sectors": _sectors(many, seeker),
        "times": _times(opening, seeker),
    }
    return {part: own for part, own in found.items() if own}


def _themes(opening: Opening, choices: Sequence[ThemeChoice]) -> Found:
    """The themes that both name, each where it counts most; two of them, or all there are, are as good as it gets."""
    if not opening.themes:
        return []
    best = min(2, len(opening.themes))
    found: dict[str, list[tuple[str, float]]] = {}
    for choice in choices:
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


def _purpose(openings: Openings, number: int, row: Any, cosine: float) -> Found:
    """Texts alike; one word in common is a coincidence."""
    if cosine < SIMILAR:
        return []
    shared = shared_terms(row, openings.purposes.row(number), NAMED)
    if len(shared) < 2:
        return []
    terms = [openings.vocabulary.terms[term] for term in shared]
    return [("alike_purpose", {"terms": terms}, min(1.0, cosine / ALIKE))]


def _issues(cosine: float) -> Found:
    return [("alike_issues", {}, min(1.0, cosine / ALIKE))] if cosine >= SIMILAR else []


def _people(many: Many, choices: Sequence[ThemeChoice]) -> Found:
    """Where there are enough people who offer what is sought, seek what is offered, or are a step ahead."""
    found: Found = []
    helped = [one.theme for one in choices if one.seek and one.theme in many.offers] if many.offers else []
    helping = [one.theme for one in choices if one.offer and one.theme in many.seeks] if many.seeks else []
    ahead = [one.theme for one in choices if one.maturity in many.ahead.get(one.theme, ())] if many.ahead else []
    for kind, themes, value in (
        ("help_there", helped, 0.5),
        ("help_wanted", helping, 0.25),
        ("step_ahead", ahead, 0.25),
    ):
        if themes:
            found.append((kind, {"themes": themes}, value))
    return found


def _sectors(many: Many, seeker: Seeker) -> Found:
    new = [sector for sector in many.sectors if sector not in seeker.sectors]
    return [("new_sector", {"sectors": new}, 1.0)] if new else []


def _times(opening: Opening, seeker: Seeker) -> Found:
    common = opening.times & seeker.times
    if not common:
        return []
    return [("times_suit", {"times": sorted(common)}, min(1.0, len(common) / min(3, len(opening.times))))]
