"""What members picked and where they stand, laid out to be read for everybody at once.

Of the same facts as `Index.facts` and `Index.themes`, so it is not saved: it is made when it is first asked for. Themes
become bits: of a few, every mixture can be looked up, and no choice has to be guessed.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from haln.compiled import BYTES, INTS, LONGS, Bytes, Doubles, Ints, Longs, compiled
from haln.matching import columns as col
from haln.matching.people import Facts
from haln.matching.ragged import Ragged

Masks = NDArray[np.uint16]
MASKS = types.Array(types.uint16, 2, "C", readonly=True)
OUT_MASKS = types.Array(types.uint16, 2, "C")

MOST_THEMES = 16
LINES = 6  # of masks: offers, seeks, interests, and maturities 2, 3 and 4


class Sheet:
    """The facts, themes and vigour of an index, column by column."""

    def __init__(self, facts: NDArray[np.int32], themes: Ragged, names: Sequence[object], vigour: Doubles) -> None:
        self._facts, self._themes, self._names, self._vigour = facts, themes, tuple(names), vigour

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("_facts", "_themes", "_names", "_vigour")}

    @cached_property
    def shown(self) -> NDArray[np.int32]:
        """One line per fact, in the order of `columns.CODED`: what members show of themselves, -1 for nothing.

        Where somebody stands (`columns.CELL`) shows only to whom sees both their work and their place.
        """
        facts = self._facts
        sees = np.zeros((len(col.SEEN_BY), len(facts)), bool)
        for line, bits in enumerate(col.SEEN_BY):
            sees[line] = facts[:, col.SHOWN] & int(bits) == int(bits)
        return np.where(sees, facts[:, : len(col.SEEN_BY)].T, np.int32(-1))

    @cached_property
    def shows_themes(self) -> Bytes:
        """Whether members show their themes."""
        shown: Bytes = ((self._facts[:, col.SHOWN] & int(Facts.THEMES)) != 0).astype(np.uint8)
        return shown

    @cached_property
    def vigour(self) -> Doubles:
        """One line per column of `Index.vigour`."""
        return np.ascontiguousarray(self._vigour.T)

    @cached_property
    def order(self) -> Longs:
        """The codes of the themes by name: bit k stands for the k-th. None where there are too many for bits."""
        few = len(self._names) <= MOST_THEMES
        return np.array(
            sorted(range(len(self._names)), key=lambda code: str(self._names[code])) if few else [], np.int64
        )

    @cached_property
    def masks(self) -> Masks:
        """The themes that members show, as bits: (LINES, members); nobody's where there are too many for bits."""
        masks = np.zeros((LINES, len(self._facts) if len(self.order) else 0), np.uint16)
        if masks.size:
            bits = np.empty(len(self.order), np.int64)
            bits[self.order] = np.arange(len(self.order))
            themes, flags, maturity = self._themes.columns
            _fill(self._themes.starts, themes, flags, maturity, bits, self.shows_themes, masks)
        return masks


@compiled(LONGS, INTS, BYTES, BYTES, LONGS, BYTES, OUT_MASKS)
def _fill(starts: Longs, themes: Ints, flags: Bytes, maturity: Bytes, bits: Longs, shown: Bytes, masks: Masks) -> None:
    for row in range(shown.size):
        if not shown[row]:
            continue
        for entry in range(starts[row], starts[row + 1]):
            bit = np.uint16(1 << bits[themes[entry]])
            if flags[entry] & 2:
                masks[0, row] |= bit
            if flags[entry] & 4:
                masks[1, row] |= bit
            if flags[entry] & 1:
                masks[2, row] |= bit
            if 2 <= maturity[entry] <= 4:
                masks[1 + maturity[entry], row] |= bit
