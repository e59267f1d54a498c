"""The member whose list is drawn up, as the kernels take them."""

from dataclasses import dataclass

import numpy as np

from haln.compiled import Bytes
from haln.matching import columns as col
from haln.matching.index import Index


@dataclass(frozen=True, slots=True)
class Asker:
    """The member whose list is drawn up, unpacked: flags and maturity per theme, cells tied to theirs."""

    row: int
    flags: Bytes
    maturity: Bytes
    linked: Bytes
    seed: int

    @classmethod
    def of(cls, index: Index, row: int, seed: int) -> "Asker":
        """Unpack a member of the index."""
        count = len(index.theme_weights)
        flags, maturity = np.zeros(count, np.uint8), np.zeros(count, np.uint8)
        themes, their_flags, their_maturity = index.themes.row(row)
        flags[themes], maturity[themes] = their_flags, their_maturity
        linked = index.links.linked(int(index.facts[row, col.CELL]), len(index.codes.lists["cell"]))
        return cls(row, flags, maturity, linked, seed)
