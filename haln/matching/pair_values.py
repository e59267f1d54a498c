"""How alike or how different two applicants are, rule by rule: whole numbers that add up to the value of a pair.

Every measure is computed from counts (exact in any order of summing), so that all machines give the same numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from haln.compiled import Doubles, Floats, Longs
from haln.matching.pool import Applicant, Pair
from haln.matching.rules import Kind, Rule
from haln.matching.text import learn_vocabulary

Shorts = NDArray[np.int16]
Code = TypeVar("Code", str, int)

ALIKE_TEXTS = 0.5
"""A cosine that counts as wholly alike: short texts about one matter seldom reach it."""

_TEXT_UNITS = 1024
_BLOCK = 256


class Measure(Protocol):
    """Says from 0 to 1 how well pairs of rows of applicants do by one rule; 0 where too little is known."""

    def block(self, rows: Longs) -> Doubles:
        """Return a line per row with everybody."""

    def flat(self, left: Longs, right: Longs) -> Doubles:
        """Return one number per pair of rows."""


@dataclass(frozen=True)
class Different:
    """Of different kinds; codes below 0 are not said."""

    codes: Longs

    def block(self, rows: Longs) -> Doubles:
        return self._of(self.codes[rows][:, None], self.codes[None, :])

    def flat(self, left: Longs, right: Longs) -> Doubles:
        return self._of(self.codes[left], self.codes[right])

    @staticmethod
    def _of(one: Longs, other: Longs) -> Doubles:
        return np.asarray((one != other) & (one >= 0) & (other >= 0), np.float64)


@dataclass(frozen=True)
class AlikeInLevel:
    """Near each other in level, 1 to 4; 0 is not said."""

    levels: Longs

    def block(self, rows: Longs) -> Doubles:
        return self._of(self.levels[rows][:, None], self.levels[None, :])

    def flat(self, left: Longs, right: Longs) -> Doubles:
        return self._of(self.levels[left], self.levels[right])

    @staticmethod
    def _of(one: Longs, other: Longs) -> Doubles:
        return np.where((one > 0) & (other > 0), 1.0 - np.abs(one - other) / 3.0, 0.0)


@dataclass(frozen=True)
class SharedThemes:
    """The cosine of the sets of themes that two people picked; `picked` is 0 or 1 by row and theme."""

    picked: Floats

    def block(self, rows: Longs) -> Doubles:
        many = self.picked.sum(axis=1)
        return self._of(self.picked[rows] @ self.picked.T, many[rows][:, None], many[None, :])

    def flat(self, left: Longs, right: Longs) -> Doubles:
        many = self.picked.sum(axis=1)
        return self._of((self.picked[left] * self.picked[right]).sum(axis=1), many[left], many[right])

    @staticmethod
    def _of(shared: Floats, one: Floats, other: Floats) -> Doubles:
        return shared / np.sqrt(np.maximum(one.astype(np.float64) * other, 1.0))


@dataclass(frozen=True)
class DifferentMaturity:
    """How far apart two people are in the themes whose maturity both said: two steps or more count as wholly.

    `said`: 0 or 1 by row and (theme, maturity); `apart`: for each of those columns, the steps to what a row said.
    """

    said: Floats
    apart: Floats
    shared: Floats

    @classmethod
    def of(cls, maturity: NDArray[np.int64]) -> "DifferentMaturity":
        """Prepare from maturity 1 to 4 (0: not said) by row and theme."""
        steps = np.minimum(np.abs(np.arange(1, 5)[:, None] - np.arange(1, 5)[None, :]), 2).astype(np.float32)
        said = (maturity[:, :, None] == np.arange(1, 5)).astype(np.float32)
        flat = (len(maturity), 4 * maturity.shape[1])
        return cls(
            np.ascontiguousarray(said.reshape(flat)),
            np.ascontiguousarray((said @ steps).reshape(flat)),
            (maturity > 0).astype(np.float32),
        )

    def block(self, rows: Longs) -> Doubles:
        return self._of(self.said[rows] @ self.apart.T, self.shared[rows] @ self.shared.T)

    def flat(self, left: Longs, right: Longs) -> Doubles:
        steps = (self.said[left] * self.apart[right]).sum(axis=1)
        return self._of(steps, (self.shared[left] * self.shared[right]).sum(axis=1))

    @staticmethod
    def _of(steps: Floats, shared: Floats) -> Doubles:
        return np.asarray(steps / np.maximum(2.0 * shared, 1.0), np.float64)


@dataclass(frozen=True)
class AlikeInWords:
    """The cosine of what two people wrote, up to `ALIKE_TEXTS`; term weights are whole numbers of 1/1024."""

    terms: sparse.csr_matrix

    @classmethod
    def of(cls, texts: Sequence[str]) -> "AlikeInWords":
        """Prepare from one text per row; sublinear term frequency, inverse document frequency, unit length."""
        vocabulary = learn_vocabulary([text for text in texts if text.strip()])
        rows = vocabulary.rows([(text,) if text.strip() else () for text in texts])
        whole = np.rint(rows.columns[1].astype(np.float64) * _TEXT_UNITS).astype(np.int64)
        shape = (len(texts), max(1, len(vocabulary.terms)))
        return cls(sparse.csr_matrix((whole, rows.columns[0], rows.starts), shape))

    def block(self, rows: Longs) -> Doubles:
        return self._of((self.terms[rows] @ self.terms.T).toarray())

    def flat(self, left: Longs, right: Longs) -> Doubles:
        return self._of(np.asarray(self.terms[left].multiply(self.terms[right]).sum(axis=1)).ravel())

    @staticmethod
    def _of(products: Longs) -> Doubles:
        return np.minimum(products / (ALIKE_TEXTS * _TEXT_UNITS * _TEXT_UNITS), 1.0)


@dataclass(frozen=True)
class Unlinked:
    """Not a pair that is linked: connected, or set-mates before."""

    linked: sparse.csr_matrix

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]], rows: int) -> "Unlinked":
        """Prepare from pairs of rows."""
        both = sorted({pair for one, other in pairs for pair in ((one, other), (other, one))})
        left = np.array([one for one, _ in both], np.int64)
        right = np.array([other for _, other in both], np.int64)
        return cls(sparse.csr_matrix((np.ones(len(both)), (left, right)), (rows, rows)))

    def block(self, rows: Longs) -> Doubles:
        return np.asarray(1.0 - self.linked[rows].toarray(), np.float64)

    def flat(self, left: Longs, right: Longs) -> Doubles:
        if not len(left):
            return np.empty(0)
        return 1.0 - np.asarray(self.linked[left, right]).ravel()


@dataclass(frozen=True)
class PairPart:
    """What one rule adds to the value of a pair: its weight (a whole number) times its measure, rounded."""

    rule: int
    weight: int
    measure: Measure

    def block(self, rows: Longs) -> Longs:
        """Return the parts of some rows with everybody."""
        return np.rint(self.weight * self.measure.block(rows)).astype(np.int64)

    def flat(self, left: Longs, right: Longs) -> Longs:
        """Return the parts of pairs of rows."""
        return np.rint(self.weight * self.measure.flat(left, right)).astype(np.int64)


def coded(values: Iterable[Code | None]) -> Longs:
    """Number the values that are said in ascending order; -1 where nothing is said."""
    said = list(values)
    numbers = {value: number for number, value in enumerate(sorted({value for value in said if value is not None}))}
    return np.array([-1 if value is None else numbers[value] for value in said], np.int64)


def measure_of(rule: Rule, people: Sequence[Applicant], ties: Iterable[Pair], set_mates: Iterable[Pair]) -> Measure:
    """Prepare the measure of a rule about pairs; `ties` and `set_mates` are pairs of rows.

    Raises KeyError for a kind that is not about the value of pairs.
    """
    match rule.kind:
        case Kind.SPREAD:
            return Different(coded([getattr(person, rule.of or "") for person in people]))
        case Kind.THEMES:
            return SharedThemes((_themes(people) >= 0).astype(np.float32))
        case Kind.MATURITY_MIX:
            return DifferentMaturity.of(np.maximum(_themes(people), 0))
        case Kind.LIVE_ISSUE:
            return AlikeInWords.of([person.live_issue for person in people])
        case Kind.PEERS:
            return AlikeInLevel(np.array([person.level or 0 for person in people], np.int64))
        case Kind.NEW_TIES:
            return Unlinked.of({*ties, *set_mates}, len(people))
        case Kind.NOT_AGAIN:
            return Unlinked.of(set_mates, len(people))
        case _:
            raise KeyError(rule.kind)


def _themes(people: Sequence[Applicant]) -> NDArray[np.int64]:
    themes = sorted({theme for person in people for theme in person.themes})
    column = {theme: at for at, theme in enumerate(themes)}
    table = np.full((len(people), len(themes)), -1, np.int64)
    for row, person in enumerate(people):
        for theme, maturity in person.themes.items():
            table[row, column[theme]] = maturity
    return table


def pair_table(parts: Sequence[PairPart], rows: int) -> Shorts:
    """Add the parts of all pairs up, in blocks of rows; nobody has a value with themselves."""
    table = np.zeros((rows, rows), np.int16)
    for first in range(0, rows, _BLOCK):
        some = np.arange(first, min(first + _BLOCK, rows))
        total = np.zeros((len(some), rows), np.int64)
        for part in parts:
            total += part.block(some)
        table[some] = total
    np.fill_diagonal(table, 0)
    return table
