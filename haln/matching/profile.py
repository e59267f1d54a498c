"""What two members' own columns say of the pair: themes, offers and seeks, place, sector, role, liveliness."""

from dataclasses import dataclass
from typing import Any

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
from haln.matching.blend import PROFILE, Blend
from haln.matching.index import Index
from haln.matching.sheet import MASKS, Masks


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
def _turn_of(seed: int, asker: int) -> Any:
    x = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(asker)
    return (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)


@inlined
def _turn(start: Any, other: int) -> float:
    # splitmix64 over the pair: a fair turn in [0, 1) that looks the same on every machine.
    x = np.uint64(start) + np.uint64(other)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    # Signed, which it fits into: a processor turns signed numbers into fractions at once.
    return np.float64(np.int64((x ^ (x >> np.uint64(31))) >> np.uint64(11))) / 9007199254740992.0


@inlined
def _write_vigour(asker: int, rows: Longs, vigour: Doubles, ids: Longs, seed: int, out: Doubles) -> None:
    start = _turn_of(seed, ids[asker])
    for k in range(rows.size):
        out[13, k] = vigour[rows[k], 0]
        out[14, k] = vigour[rows[k], 1]
        out[15, k] = _turn(start, ids[rows[k]])


@inlined
def _part(x: float, column: int, weights: Doubles, shapes: Bytes, scales: Doubles) -> float:
    if shapes[column] == 1:
        return float(weights[column] * (x / (x + scales[column])))
    if shapes[column] == 2:
        return float(weights[column] * np.log(1.0 + x / scales[column]))
    return float(weights[column] / scales[column] * x)


@inlined
def _known(value: int) -> int:
    """What equals nothing where it is not known."""
    return value if value >= 0 else -2


@inlined
def _add_standing(
    asker: int,
    columns: NDArray[np.int32],
    linked: Bytes,
    weights: Doubles,
    shapes: Bytes,
    scales: Doubles,
    out: Doubles,
) -> None:
    role, level, place = _known(columns[0, asker]), _known(columns[1, asker]), _known(columns[4, asker])
    sector, organisation, region = _known(columns[2, asker]), _known(columns[3, asker]), _known(columns[5, asker])
    roles, levels, sectors, organisations = columns[0], columns[1], columns[2], columns[3]
    places, regions, shows = columns[4], columns[5], columns[7]
    part = np.zeros(16)  # each of these signals is 0 or 1
    for column in range(4, 13):
        part[column] = _part(1.0, column, weights, shapes, scales)
    place_part, region_part, sector_part, role_part = part[4], part[5], part[7], part[8]
    level_part, organisation_part = part[10], part[11]
    mixed_part, elsewhere_part = part[6] * (sector >= 0), part[9] * (organisation >= 0)
    for row in range(out.size):
        # One pass without branches, several members at a time.
        shown = shows[row]
        shows_role, shows_work, shows_place = (shown & 1) != 0, (shown & 2) != 0, (shown & 4) != 0
        same_place, same_role = shows_place & (places[row] == place), shows_role & (roles[row] == role)
        other_sector = shows_work & (sectors[row] >= 0) & (sectors[row] != sector)
        elsewhere = shows_work & (organisations[row] >= 0) & (organisations[row] != organisation)
        total = place_part if same_place else 0.0
        total += region_part if shows_place & (regions[row] == region) else 0.0
        total += mixed_part if same_place & other_sector else 0.0
        total += sector_part if shows_work & (sectors[row] == sector) else 0.0
        total += role_part if same_role else 0.0
        total += elsewhere_part if same_role & elsewhere else 0.0
        total += level_part if shows_role & (levels[row] == level) else 0.0
        total += organisation_part if shows_work & (organisations[row] == organisation) else 0.0
        out[row] += total
    if columns[6, asker] >= 0:
        _add_first_links(columns[6, asker], columns[6], shows, linked, part[12], out)


@inlined
def _add_first_links(cell: int, cells: Ints, shows: Ints, linked: Bytes, part: float, out: Doubles) -> None:
    adds = np.zeros(linked.size + 1)  # by cell, from the second on; the first is nobody's
    for other in range(linked.size):
        adds[other + 1] = part * (linked[other] == 0 and other != cell)
    for row in range(out.size):
        stands = ((shows[row] & 6) == 6) & (cells[row] >= 0)
        out[row] += adds[np.uint64((cells[row] + 1) * stands)]


@inlined
def _sums(
    chosen: int, order: Longs, theme_weights: Floats, column: int, weights: Doubles, shapes: Bytes, scales: Doubles
) -> Doubles:
    """What each mixture of the chosen themes adds, by its bits; themes are summed by name, as they are one by one."""
    sums = np.empty(1 << order.size)
    subsets = np.zeros(1 << order.size, np.int64)
    sums[0] = 0.0
    size = 1
    for bit in range(order.size):
        if chosen >> bit & 1:
            for k in range(size):
                subsets[size + k] = subsets[k] | 1 << bit
                sums[subsets[size + k]] = sums[subsets[k]] + np.float64(theme_weights[order[bit]])
            size *= 2
    for k in range(size):
        sums[subsets[k]] = _part(sums[subsets[k]], column, weights, shapes, scales)
    return sums


@inlined
def _add_few_themes(
    masks: Masks,
    order: Longs,
    theme_weights: Floats,
    my_flags: Bytes,
    my_maturity: Bytes,
    weights: Doubles,
    shapes: Bytes,
    scales: Doubles,
    out: Doubles,
) -> None:
    picked = np.zeros(3, np.int64)  # what the asker seeks, offers and likes
    at = np.zeros(4, np.int64)  # where the asker's maturity is 1, 2, 3
    for bit in range(order.size):
        theme = order[bit]
        picked[0] |= (my_flags[theme] & 4 != 0) << bit
        picked[1] |= (my_flags[theme] & 2 != 0) << bit
        picked[2] |= (my_flags[theme] & 1 != 0) << bit
        if 1 <= my_maturity[theme] <= 3:
            at[my_maturity[theme]] |= 1 << bit
    if picked.sum() + at.sum() == 0:
        return
    offered = _sums(picked[0], order, theme_weights, 0, weights, shapes, scales)
    wanted = _sums(picked[1], order, theme_weights, 1, weights, shapes, scales)
    shared = _sums(picked[2], order, theme_weights, 2, weights, shapes, scales)
    ahead = _sums(at[1] | at[2] | at[3], order, theme_weights, 3, weights, shapes, scales)
    seeking, offering, liking = np.uint16(picked[0]), np.uint16(picked[1]), np.uint16(picked[2])
    one, two, three = np.uint16(at[1]), np.uint16(at[2]), np.uint16(at[3])
    offers, seeks, likes, second, third, fourth = masks
    for row in range(out.size):
        total = offered[np.uint64(offers[row] & seeking)] + wanted[np.uint64(seeks[row] & offering)]
        steps = (one & (second[row] | third[row])) | (two & (third[row] | fourth[row])) | (three & fourth[row])
        total += shared[np.uint64(likes[row] & liking)] + ahead[np.uint64(steps)]
        out[row] += total


@inlined
def _add_themes(
    facts: NDArray[np.int32],
    starts: Longs,
    themes: Ints,
    flags: Bytes,
    maturity: Bytes,
    theme_weights: Floats,
    my_flags: Bytes,
    my_maturity: Bytes,
    weights: Doubles,
    shapes: Bytes,
    scales: Doubles,
    out: Doubles,
) -> None:
    # What another's choice adds to the four signals, by place of the theme among the asker's, flags and maturity:
    # looked up rather than decided, for no processor can guess hundreds of thousands of choices.
    place = np.zeros(theme_weights.size, np.uint64)
    chosen = np.flatnonzero((my_flags > 0) | (my_maturity > 0))
    adds = np.zeros(((chosen.size + 1) * 64, 4))
    for k in range(chosen.size):
        theme, weight = chosen[k], np.float64(theme_weights[chosen[k]])
        place[theme] = 64 * (k + 1)
        for code in range(64):
            theirs, ahead = code >> 3, (code & 7) - np.int64(my_maturity[theme])
            line = adds[64 * (k + 1) + code]
            line[0] = weight * ((my_flags[theme] & 4 != 0) & (theirs & 2 != 0))
            line[1] = weight * ((my_flags[theme] & 2 != 0) & (theirs & 4 != 0))
            line[2] = weight * ((my_flags[theme] & 1 != 0) & (theirs & 1 != 0))
            line[3] = weight * ((my_maturity[theme] > 0) & (ahead >= 1) & (ahead <= 2))
    if chosen.size == 0:
        return
    for row in range(out.size):
        offered, wanted, shared, ahead_of_me = 0.0, 0.0, 0.0, 0.0
        for entry in range(starts[row], starts[row + 1]):
            at = np.uint64(entry)
            code = place[np.uint64(themes[at])] + np.uint64(8 * (flags[at] & 7) + min(maturity[at], 7))
            offered += adds[code, 0]
            wanted += adds[code, 1]
            shared += adds[code, 2]
            ahead_of_me += adds[code, 3]
        total = _part(offered, 0, weights, shapes, scales) + _part(wanted, 1, weights, shapes, scales)
        total += _part(shared, 2, weights, shapes, scales) + _part(ahead_of_me, 3, weights, shapes, scales)
        out[row] += total * ((facts[row, 7] & 8) != 0)


@inlined
def _add_vigour(
    asker: int,
    vigour: Doubles,
    ids: Longs,
    seed: int,
    weights: Doubles,
    shapes: Bytes,
    scales: Doubles,
    out: Doubles,
) -> None:
    start = _turn_of(seed, ids[asker])
    if shapes[13] == 0 and shapes[14] == 0 and shapes[15] == 0:
        lively, newcomer, turn = weights[13] / scales[13], weights[14] / scales[14], weights[15] / scales[15]
        for row in range(out.size):
            out[row] += lively * vigour[row, 0] + newcomer * vigour[row, 1] + turn * _turn(start, ids[row])
    else:
        for row in range(out.size):
            out[row] += _part(vigour[row, 0], 13, weights, shapes, scales)
            out[row] += _part(vigour[row, 1], 14, weights, shapes, scales)
            out[row] += _part(_turn(start, ids[row]), 15, weights, shapes, scales)


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
    _write_themes(rows, facts, starts, themes, flags, maturity, theme_weights, my_flags, my_maturity, out)
    _write_standing(asker, rows, facts, linked, out)
    _write_vigour(asker, rows, vigour, ids, seed, out)


@compiled(LONG, FACTS, MASKS, LONGS, *_COLUMNS, DOUBLES, BYTES, DOUBLES, OUT_DOUBLES)
def _score(
    asker: int,
    columns: NDArray[np.int32],
    masks: Masks,
    order: Longs,
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
    if order.size > 0:
        _add_few_themes(masks, order, theme_weights, my_flags, my_maturity, weights, shapes, scales, scores)
    else:
        _add_themes(
            facts,
            starts,
            themes,
            flags,
            maturity,
            theme_weights,
            my_flags,
            my_maturity,
            weights,
            shapes,
            scales,
            scores,
        )
    _add_standing(asker, columns, linked, weights, shapes, scales, scores)
    _add_vigour(asker, vigour, ids, seed, weights, shapes, scales, scores)


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


def score_everyone(index: Index, asker: Asker, blend: Blend) -> Doubles:
    """Return the profile signals' part of everyone's score."""
    themes, flags, maturity = index.themes.columns
    weight, shape, scale = blend.profile
    scores = np.zeros(len(index.ids))
    _score(
        asker.row,
        index.sheet.columns,
        index.sheet.masks,
        index.sheet.order,
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
