"""What two members' own columns say of the pair: themes, offers and seeks, place, sector, role, liveliness."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from haln.matching import columns as col
from haln.matching.blend import PROFILE, Weights
from haln.matching.compiled import (
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
def _themes(
    row: int,
    starts: Longs,
    themes: Ints,
    flags: Bytes,
    maturity: Bytes,
    my_flags: Bytes,
    my_maturity: Bytes,
    theme_weights: Floats,
    out: Doubles,
) -> None:
    for entry in range(starts[row], starts[row + 1]):
        theme = themes[entry]
        mine, theirs = my_flags[theme], flags[entry]
        if mine == 0:
            continue
        weight = theme_weights[theme]
        if mine & 4 and theirs & 2:
            out[0] += weight
        if mine & 2 and theirs & 4:
            out[1] += weight
        if mine & 1 and theirs & 1:
            out[2] += weight
        ahead = np.int64(maturity[entry]) - np.int64(my_maturity[theme])
        if my_maturity[theme] > 0 and 1 <= ahead <= 2:
            out[3] += weight


@inlined
def _turn(seed: int, one: int, other: int) -> float:
    # splitmix64 over the pair: a fair turn in [0, 1) that looks the same on every machine.
    x = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(one)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9) + np.uint64(other)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    return np.float64((x ^ (x >> np.uint64(31))) >> np.uint64(11)) / 9007199254740992.0


@inlined
def _attributes(asker: int, row: int, facts: NDArray[np.int32], linked: Bytes, out: Doubles) -> None:
    shown = facts[row, 7]
    role, work, place = shown & 1, shown & 2, shown & 4
    same_organisation = work and facts[asker, 3] >= 0 and facts[asker, 3] == facts[row, 3]
    same_sector = work and facts[asker, 2] >= 0 and facts[asker, 2] == facts[row, 2]
    other_sector = work and facts[asker, 2] >= 0 and facts[row, 2] >= 0 and not same_sector
    if place and facts[asker, 4] >= 0 and facts[asker, 4] == facts[row, 4]:
        out[4] = 1.0
        out[6] = 1.0 if other_sector else 0.0
    if place and facts[asker, 5] >= 0 and facts[asker, 5] == facts[row, 5]:
        out[5] = 1.0
    out[7] = 1.0 if same_sector else 0.0
    if role and facts[asker, 0] >= 0 and facts[asker, 0] == facts[row, 0]:
        out[8] = 1.0
        elsewhere = work and facts[asker, 3] >= 0 and facts[row, 3] >= 0 and not same_organisation
        out[9] = 1.0 if elsewhere else 0.0
    if role and facts[asker, 1] >= 0 and facts[asker, 1] == facts[row, 1]:
        out[10] = 1.0
    out[11] = 1.0 if same_organisation else 0.0
    if place and work and facts[asker, 6] >= 0 and facts[row, 6] >= 0:
        out[12] = 0.0 if linked[facts[row, 6]] or facts[asker, 6] == facts[row, 6] else 1.0


_COLUMNS = (FACTS, TABLE, LONGS, LONGS, INTS, BYTES, BYTES, FLOATS, BYTES, BYTES, BYTES, LONG)


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
    for k in range(rows.size):
        row = rows[k]
        if facts[row, 7] & 8:
            _themes(row, starts, themes, flags, maturity, my_flags, my_maturity, theme_weights, out[k])
        _attributes(asker, row, facts, linked, out[k])
        out[k, 13] = vigour[row, 0]
        out[k, 14] = vigour[row, 1]
        out[k, 15] = _turn(seed, ids[asker], ids[row])


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
    out = np.zeros(16, np.float64)
    for row in range(ids.size):
        out[:] = 0.0
        if facts[row, 7] & 8:
            _themes(row, starts, themes, flags, maturity, my_flags, my_maturity, theme_weights, out)
        _attributes(asker, row, facts, linked, out)
        out[13] = vigour[row, 0]
        out[14] = vigour[row, 1]
        out[15] = _turn(seed, ids[asker], ids[row])
        total = 0.0
        for column in range(16):
            if out[column] == 0.0 or weights[column] == 0.0:
                continue
            x = out[column] / scales[column]
            if shapes[column] == 1:
                x = x / (x + 1.0)
            elif shapes[column] == 2:
                x = np.log(1.0 + x)
            total += weights[column] * x
        scores[row] = total


def describe_rows(index: Index, asker: Asker, rows: Longs, table: NDArray[np.float64]) -> None:
    """Write the profile signals (the first columns of `table`, as `PROFILE`) between the asker and some rows."""
    themes, flags, maturity = index.themes.columns
    out = np.zeros((len(rows), len(PROFILE)))
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
    table[:, : len(PROFILE)] = out


def score_everyone(index: Index, asker: Asker, weights: Weights) -> Doubles:
    """Return the profile signals' part of everyone's score."""
    themes, flags, maturity = index.themes.columns
    weight, shape, scale = weights.arrays()
    scores = np.empty(len(index.ids))
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
