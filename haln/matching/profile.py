"""What two members' own columns say of the pair: themes, offers and seeks, place, sector, role, liveliness."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from haln.compiled import (
    BYTES,
    DOUBLES,
    FACTS,
    FLOATS,
    INTS,
    LONG,
    LONGS,
    OUT_DOUBLES,
    OUT_TABLE,
    TABLE,
    Bytes,
    Doubles,
    Floats,
    Ints,
    Longs,
    compiled,
    inlined,
)
from haln.matching import columns as col
from haln.matching.blend import PROFILE, Weights
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


@inlined
def _write_vigour(asker: int, rows: Longs, vigour: Doubles, ids: Longs, seed: int, out: Doubles) -> None:
    for k in range(rows.size):
        out[13, k] = vigour[rows[k], 0]
        out[14, k] = vigour[rows[k], 1]
        # splitmix64 over the pair: a fair turn in [0, 1) that looks the same on every machine.
        x = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(ids[asker])
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9) + np.uint64(ids[rows[k]])
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        out[15, k] = np.float64((x ^ (x >> np.uint64(31))) >> np.uint64(11)) / 9007199254740992.0


@inlined
def _blend_block(
    rows: Longs, table: Doubles, weights: Doubles, shapes: Bytes, scales: Doubles, scores: Doubles
) -> None:
    for column in range(16):
        weight, scale = weights[column], scales[column]
        if weight == 0.0:
            continue
        values = table[column]
        if shapes[column] == 1:
            for k in range(rows.size):
                scores[k] += weight * values[k] / (values[k] + scale)
        elif shapes[column] == 2:
            for k in range(rows.size):
                scores[k] += weight * np.log(1.0 + values[k] / scale)
        else:
            for k in range(rows.size):
                scores[k] += weight / scale * values[k]


_COLUMNS = (FACTS, TABLE, LONGS, LONGS, INTS, BYTES, BYTES, FLOATS, BYTES, BYTES, BYTES, LONG)
_BLOCK = 256  # rows described at a time, to stay in the nearest cache


@compiled(LONG, LONGS, *_COLUMNS, OUT_TABLE)
def _describe(
    asker: int,
    rows: Longs,
    facts: NDArray[np.int32],
    vigour: Doubles,
    ids: Longs,
    starts: Longs,
    themes: Ints,
    flags: Bytes,
    maturity: Bytes,
    theme_weights: Floats,
    my_flags: Bytes,
    my_maturity: Bytes,
    linked: Bytes,
    seed: int,
    out: Doubles,
) -> None:
    _write_themes(rows, facts, starts, themes, flags, maturity, theme_weights, my_flags, my_maturity, out)
    _write_standing(asker, rows, facts, linked, out)
    _write_vigour(asker, rows, vigour, ids, seed, out)


@compiled(LONG, *_COLUMNS, DOUBLES, BYTES, DOUBLES, OUT_DOUBLES)
def _score(
    asker: int,
    facts: NDArray[np.int32],
    vigour: Doubles,
    ids: Longs,
    starts: Longs,
    themes: Ints,
    flags: Bytes,
    maturity: Bytes,
    theme_weights: Floats,
    my_flags: Bytes,
    my_maturity: Bytes,
    linked: Bytes,
    seed: int,
    weights: Doubles,
    shapes: Bytes,
    scales: Doubles,
    scores: Doubles,
) -> None:
    out = np.zeros((16, _BLOCK), np.float64)
    for first in range(0, ids.size, _BLOCK):
        rows = np.arange(first, min(first + _BLOCK, ids.size))
        out[:] = 0.0
        _write_themes(rows, facts, starts, themes, flags, maturity, theme_weights, my_flags, my_maturity, out)
        _write_standing(asker, rows, facts, linked, out)
        _write_vigour(asker, rows, vigour, ids, seed, out)
        _blend_block(rows, out, weights, shapes, scales, scores[first : first + rows.size])


def describe_rows(index: Index, asker: Asker, rows: Longs, table: NDArray[np.float64]) -> None:
    """Write the profile signals (the first columns of `table`, as `PROFILE`) between the asker and some rows."""
    themes, flags, maturity = index.themes.columns
    out = np.zeros((len(PROFILE), len(rows)))
    _describe(
        asker.row,
        rows,
        index.facts,
        index.vigour,
        index.ids,
        index.themes.starts,
        themes,
        flags,
        maturity,
        index.theme_weights,
        asker.flags,
        asker.maturity,
        asker.linked,
        asker.seed,
        out,
    )
    table[:, : len(PROFILE)] = out.T


def score_everyone(index: Index, asker: Asker, weights: Weights) -> Doubles:
    """Return the profile signals' part of everyone's score."""
    themes, flags, maturity = index.themes.columns
    weight, shape, scale = weights.arrays()
    scores = np.zeros(len(index.ids))
    _score(
        asker.row,
        index.facts,
        index.vigour,
        index.ids,
        index.themes.starts,
        themes,
        flags,
        maturity,
        index.theme_weights,
        asker.flags,
        asker.maturity,
        asker.linked,
        asker.seed,
        weight,
        shape,
        scale,
        scores,
    )
    return scores
