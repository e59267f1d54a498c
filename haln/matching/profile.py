"""What two members' own columns say of the pair: themes, offers and seeks, place, sector, role, liveliness."""

import numpy as np
from numpy.typing import NDArray

from haln.compiled import (
    BYTES,
    FACTS,
    FLOATS,
    INTS,
    LONG,
    LONGS,
    OUT_TABLE,
    Bytes,
    Doubles,
    Floats,
    Ints,
    Longs,
    compiled,
    inlined,
)
from haln.matching.asker import Asker
from haln.matching.blend import PROFILE
from haln.matching.everyone import turns
from haln.matching.index import Index


@inlined
def _write_themes(
    rows: Longs,
    facts: NDArray[np.int32],
    starts: Longs,
    themes: Ints,
    flags: Bytes,
    maturity: Bytes,
    theme_weights: Floats,
    my_flags: Bytes,
    my_maturity: Bytes,
    out: Doubles,
) -> None:
    for k in range(rows.size):
        if not facts[rows[k], 7] & 8:
            continue
        for entry in range(starts[rows[k]], starts[rows[k] + 1]):
            theme = themes[entry]
            mine, theirs = my_flags[theme], flags[entry]
            weight = theme_weights[theme]
            if mine & 4 and theirs & 2:
                out[0, k] += weight
            if mine & 2 and theirs & 4:
                out[1, k] += weight
            if mine & 1 and theirs & 1:
                out[2, k] += weight
            ahead = np.int64(maturity[entry]) - np.int64(my_maturity[theme])
            if my_maturity[theme] > 0 and 1 <= ahead <= 2:
                out[3, k] += weight


@inlined
def _write_standing(asker: int, rows: Longs, facts: NDArray[np.int32], linked: Bytes, out: Doubles) -> None:
    role, level, sector, organisation, place, region, cell = facts[asker, :7]
    for k in range(rows.size):
        row = rows[k]
        # No branches: they would be guessed wrong half the time, over a hundred thousand rows.
        shows_role, shows_work, shows_place = (
            (facts[row, 7] & 1) != 0,
            (facts[row, 7] & 2) != 0,
            (facts[row, 7] & 4) != 0,
        )
        same_organisation = shows_work & (organisation >= 0) & (facts[row, 3] == organisation)
        same_sector = shows_work & (sector >= 0) & (facts[row, 2] == sector)
        other_sector = shows_work & (sector >= 0) & (facts[row, 2] >= 0) & (facts[row, 2] != sector)
        same_place = shows_place & (place >= 0) & (facts[row, 4] == place)
        same_role = shows_role & (role >= 0) & (facts[row, 0] == role)
        elsewhere = shows_work & (organisation >= 0) & (facts[row, 3] >= 0) & (facts[row, 3] != organisation)
        both_stand = shows_place & shows_work & (cell >= 0) & (facts[row, 6] >= 0) & (facts[row, 6] != cell)
        out[4, k] = same_place
        out[5, k] = shows_place & (region >= 0) & (facts[row, 5] == region)
        out[6, k] = same_place & other_sector
        out[7, k] = same_sector
        out[8, k] = same_role
        out[9, k] = same_role & elsewhere
        out[10, k] = shows_role & (level >= 0) & (facts[row, 1] == level)
        out[11, k] = same_organisation
        out[12, k] = both_stand & (linked[max(facts[row, 6], 0)] == 0)


@compiled(LONG, LONGS, FACTS, LONGS, INTS, BYTES, BYTES, FLOATS, BYTES, BYTES, BYTES, OUT_TABLE)
def _describe(
    asker: int,
    rows: Longs,
    facts: NDArray[np.int32],
    starts: Longs,
    themes: Ints,
    flags: Bytes,
    maturity: Bytes,
    theme_weights: Floats,
    my_flags: Bytes,
    my_maturity: Bytes,
    linked: Bytes,
    out: Doubles,
) -> None:
    _write_themes(rows, facts, starts, themes, flags, maturity, theme_weights, my_flags, my_maturity, out)
    _write_standing(asker, rows, facts, linked, out)


def describe_rows(index: Index, asker: Asker, rows: Longs, table: NDArray[np.float64]) -> None:
    """Write the profile signals (the first columns of `table`, as `PROFILE`) between the asker and some rows."""
    themes, flags, maturity = index.themes.columns
    # Where nobody has a cell the kernel still reads the first, and takes no notice of it.
    linked = asker.linked if asker.linked.size else np.zeros(1, np.uint8)
    out = np.zeros((len(PROFILE), len(rows)))
    _describe(
        asker.row,
        rows,
        index.facts,
        index.themes.starts,
        themes,
        flags,
        maturity,
        index.theme_weights,
        asker.flags,
        asker.maturity,
        linked,
        out,
    )
    out[13:15] = index.vigour[rows].T
    out[15] = turns(int(index.ids[asker.row]), asker.seed, index.lots, rows)
    table[:, : len(PROFILE)] = out.T
