"""Which themes members picked, as bits: what two of them share is one step, however many themes there are."""

from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
from numba import types

from haln.compiled import BYTES, INTS, LONGS, Bytes, Ints, Longs, Words, compiled
from haln.matching import columns as col
from haln.matching.index import Index

WORD = 64
_OFFER, _SEEK, _INTEREST = col.OFFER, col.SEEK, col.INTEREST
_WORDS = types.Array(types.uint64, 3, "C")


class Picks(NamedTuple):
    """The themes somebody offers, seeks and likes, and those they are at step 1, 2, 3 and 4 with: a bit each."""

    offers: int
    seeks: int
    likes: int
    first: int
    second: int
    third: int
    fourth: int

    def behind(self, other: "Picks") -> int:
        """Return the themes in which the other is one step or two ahead."""
        two, three, four = other.second | other.third, other.third | other.fourth, other.fourth
        return (self.first & two) | (self.second & three) | (self.third & four)

    def steps(self, themes: int) -> tuple[int, ...]:
        """Return the step of each of some themes of theirs, the weightiest first."""
        return tuple(
            [
                1 if self.first & one else 2 if self.second & one else 3 if self.third & one else 4
                for one in bits(themes)
            ]
        )


# Where the kernel writes each, as the fields of `Picks` come.
_OFFERS, _SEEKS, _LIKES, _STEPS = (Picks._fields.index(name) for name in ("offers", "seeks", "likes", "first"))
_FIELDS = len(Picks._fields)
_LAST = 4


def bits(themes: int) -> list[int]:
    """Return each theme by itself, the weightiest first."""
    found = []
    while themes:
        found.append(themes & -themes)
        themes &= themes - 1
    return found


class PickedBy:
    """What the members of an index picked; bit 0 is its weightiest theme."""

    def __init__(self, index: Index) -> None:
        names, weights = index.codes.lists["theme"], index.theme_weights.tolist()
        order = sorted(range(len(names)), key=lambda code: (-weights[code], names[code]))
        self._place = np.empty(len(names), np.int64)
        self._place[order] = np.arange(len(names))
        self._themes = index.themes
        # By a function and not a method: what holds itself would keep the index until the collector comes.
        self.named = lru_cache(2**14)(partial(_named, tuple(names[code] for code in order)))
        """The names of themes, the weightiest first."""

    def of(self, rows: Longs) -> list[Picks]:
        """Return what the members of some rows picked. Raises IndexError for a row beyond the index it was made of."""
        if len(rows) and not 0 <= rows.min() <= rows.max() < len(self._themes):
            raise IndexError(f"rows {rows.min()} to {rows.max()} of an index of {len(self._themes)}")
        words = np.zeros((1 + len(self._place) // WORD, len(rows), _FIELDS), np.uint64)
        themes, flags, maturity = self._themes.columns
        _fill(rows, self._themes.starts, themes, flags, maturity, self._place, words)
        found = words[0].astype(object)
        for number, word in enumerate(words[1:], start=1):
            found |= word.astype(object) << (WORD * number)
        return [Picks._make(one) for one in found.tolist()]


def _named(names: tuple[Any, ...], themes: int) -> tuple[Any, ...]:
    return tuple([names[one.bit_length() - 1] for one in bits(themes)])


@compiled(LONGS, LONGS, INTS, BYTES, BYTES, LONGS, _WORDS)
def _fill(rows: Longs, starts: Longs, themes: Ints, flags: Bytes, maturity: Bytes, place: Longs, words: Words) -> None:
    for k in range(rows.size):
        for entry in range(starts[rows[k]], starts[rows[k] + 1]):
            at = place[themes[entry]]
            word, bit = words[at // WORD, k], np.uint64(1) << np.uint64(at % WORD)
            if flags[entry] & _OFFER:
                word[_OFFERS] |= bit
            if flags[entry] & _SEEK:
                word[_SEEKS] |= bit
            if flags[entry] & _INTEREST:
                word[_LIKES] |= bit
            if 1 <= maturity[entry] <= _LAST:
                word[_STEPS + maturity[entry] - 1] |= bit
