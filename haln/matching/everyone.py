"""What an asker's candidates are drawn by: everybody's score, from what is cheap to know of all of them.

One pass over the network, some thousands of members at a time: what is added up of them stays near the processor from
the first signal to the last.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import types
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
    TABLE,
    Bytes,
    Doubles,
    Floats,
    Ints,
    Longs,
    compiled,
    inlined,
)
from haln.matching.asker import Asker
from haln.matching.blend import Blend, Terms
from haln.matching.index import Index
from haln.matching.sheet import MASKS, Masks
from haln.matching.theme_kernels import (
    Profile,
    Themes,
    add_few_themes,
    add_themes,
    adds_by_choice,
    part_of,
    picked_by,
    sums_of_mixtures,
)

AT_ONCE = 2048
"""Members whose scores are added up together: 16 kB of them."""

WHOLE = ("text", "circle_text")
"""Signals with a value for everybody, beside those of the profile."""

ALONE = ("degree_elsewhere",)
"""What counts alike for all askers with the same weights: its value is `index.well_tied`."""

_tuple: Any = types.Tuple
_TERMS, _PROFILE = _tuple((LONGS, DOUBLES, BYTES, DOUBLES)), _tuple((DOUBLES, BYTES, DOUBLES))
_VALUES, _THEMES = _tuple((FLOATS,) * len(WHOLE)), _tuple((LONGS, INTS, BYTES, BYTES, FLOATS))


@inlined
def _known(value: int) -> int:
    """What equals nothing where it is not known."""
    return value if value >= 0 else -2


@inlined
def _add_standing(first: int, shown: NDArray[np.int32], own: Ints, part: Doubles, out: Doubles) -> None:
    """`own`: the asker's facts; `part`: what each of these signals, which are 0 or 1, adds."""
    role, level, place = _known(own[0]), _known(own[1]), _known(own[4])
    sector, organisation, region = _known(own[2]), _known(own[3]), _known(own[5])
    some = slice(first, first + out.size)
    roles, levels, sectors, organisations = shown[0, some], shown[1, some], shown[2, some], shown[3, some]
    places, regions = shown[4, some], shown[5, some]
    place_part, region_part, sector_part, role_part = part[4], part[5], part[7], part[8]
    level_part, organisation_part = part[10], part[11]
    mixed_part, elsewhere_part = part[6] * (sector >= 0), part[9] * (organisation >= 0)
    for k in range(out.size):
        # One pass without branches, several members at a time.
        same_place, same_role = places[k] == place, roles[k] == role
        other_sector = (sectors[k] >= 0) & (sectors[k] != sector)
        elsewhere = (organisations[k] >= 0) & (organisations[k] != organisation)
        total = place_part if same_place else 0.0
        total += region_part if regions[k] == region else 0.0
        total += mixed_part if same_place & other_sector else 0.0
        total += sector_part if sectors[k] == sector else 0.0
        total += role_part if same_role else 0.0
        total += elsewhere_part if same_role & elsewhere else 0.0
        total += level_part if levels[k] == level else 0.0
        total += organisation_part if organisations[k] == organisation else 0.0
        out[k] += total


@inlined
def _first_links(cell: int, linked: Bytes, part: float) -> Doubles:
    """What is added by cell, from the second on; the first is nobody's."""
    adds = np.zeros(linked.size + 1)
    for other in range(linked.size):
        adds[other + 1] = part * ((cell >= 0) & (linked[other] == 0) & (other != cell))
    return adds


@inlined
def _add_first_links(cells: Ints, adds: Doubles, out: Doubles) -> None:
    for k in range(out.size):
        out[k] += adds[np.uint64(cells[k] + 1)]


@inlined
def _turn_of(seed: int, asker: int) -> tuple[float, float]:
    """An odd factor and an addend for an asker, by splitmix64 (Steele, Lea and Flood 2014)."""
    x = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(asker)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = x ^ (x >> np.uint64(31))
    factor = np.int64(x >> np.uint64(45)) | np.int64(1)
    return np.float64(factor), np.float64(np.int64(x & np.uint64(0xFFFFFFFF))) / 4294967296.0


@inlined
def _turn(of: tuple[float, float], lot: float) -> float:
    # A factor of 19 bits and lots of 32: nothing is rounded, so that it looks the same on every machine. Multiplying
    # and keeping what lies behind the point spreads any two lots fairly (Dietzfelbinger and others 1997).
    x = of[0] * lot + of[1]
    return float(x - np.floor(x))


@compiled(LONG, LONG, DOUBLES, LONGS)
def turns(asker: int, seed: int, lots: Doubles, rows: Longs) -> Doubles:
    """Return whose turn it is to be seen by the asker (an id): a number in [0, 1) for each of these rows."""
    of = _turn_of(seed, asker)
    out = np.empty(rows.size)
    for k in range(rows.size):
        out[k] = _turn(of, lots[rows[k]])
    return out


@inlined
def _add(values: Any, weight: float, shape: int, scale: float, out: Doubles) -> None:
    """Add one term of a signal that everybody has a value of."""
    if shape == 1:
        for k in range(out.size):
            x = np.float64(values[k])
            out[k] += weight * (x / (x + scale))
    elif shape == 2:
        for k in range(out.size):
            out[k] += weight * np.log(1.0 + values[k] / scale)
    else:
        for k in range(out.size):
            out[k] += weight / scale * values[k]


@inlined
def _add_turns(first: int, lots: Doubles, of: tuple[float, float], profile: Profile, out: Doubles) -> None:
    weights, shapes, scales = profile
    if shapes[15] == 0:
        turn = weights[15] / scales[15]
        for k in range(out.size):
            out[k] += turn * _turn(of, lots[first + k])
    else:
        for k in range(out.size):
            out[k] += part_of(_turn(of, lots[first + k]), 15, profile)


@compiled(TABLE, FLOATS, _PROFILE, _TERMS, OUT_DOUBLES)
def _add_alone(vigour: Doubles, well_tied: Floats, profile: Profile, terms: Terms, out: Doubles) -> None:
    weights, shapes, scales = profile
    _add(vigour[0], weights[13], shapes[13], scales[13], out)
    _add(vigour[1], weights[14], shapes[14], scales[14], out)
    for term in range(terms[0].size):
        _add(well_tied, terms[1][term], terms[2][term], terms[3][term], out)


def alone(index: Index, blend: Blend, names: Sequence[str] = ALONE) -> Doubles:
    """Return what each member adds whoever asks, by these weights: their vigour, and those of `ALONE` in `names`."""
    out = np.zeros(len(index.ids))
    _add_alone(index.sheet.vigour, index.well_tied, blend.profile, blend.terms_of(*names), out)
    return out


@compiled(
    LONG,
    INTS,
    FACTS,
    BYTES,
    MASKS,
    LONGS,
    _THEMES,
    BYTES,
    BYTES,
    BYTES,
    DOUBLES,
    LONG,
    _PROFILE,
    _VALUES,
    _TERMS,
    OUT_DOUBLES,
)
def _score(
    asker: int,
    own: Ints,
    shown: NDArray[np.int32],
    shows_themes: Bytes,
    masks: Masks,
    order: Longs,
    their_themes: Themes,
    my_flags: Bytes,
    my_maturity: Bytes,
    linked: Bytes,
    lots: Doubles,
    seed: int,
    profile: Profile,
    values: tuple[Floats, Floats],
    terms: Terms,
    scores: Doubles,
) -> None:
    theme_weights = their_themes[4]
    picked, at = picked_by(order, my_flags, my_maturity)
    any_few = picked.sum() + at.sum() > 0
    sums = (
        sums_of_mixtures(picked[0], order, theme_weights, 0, profile),
        sums_of_mixtures(picked[1], order, theme_weights, 1, profile),
        sums_of_mixtures(picked[2], order, theme_weights, 2, profile),
        sums_of_mixtures(at[1] | at[2] | at[3], order, theme_weights, 3, profile),
    )
    place, adds = adds_by_choice(theme_weights, my_flags, my_maturity)
    part = np.zeros(16)
    for column in range(4, 13):
        part[column] = part_of(1.0, column, profile)
    first_links = _first_links(own[6], linked, part[12])
    turn_of = _turn_of(seed, asker)
    which, weights, shapes, scales = terms
    found = np.empty((4, AT_ONCE), np.uint16)
    for first in range(0, scores.size, AT_ONCE):
        out = scores[first : first + AT_ONCE]
        if any_few:
            add_few_themes(first, masks, picked, at, sums, found, out)
        if order.size == 0 and adds.size > 256:
            add_themes(first, shows_themes, their_themes, place, adds, profile, out)
        _add_standing(first, shown, own, part, out)
        _add_first_links(shown[6, first : first + AT_ONCE], first_links, out)
        _add_turns(first, lots, turn_of, profile, out)
        for term in range(which.size):
            some = values[which[term]][first : first + AT_ONCE]
            _add(some, weights[term], shapes[term], scales[term], out)


def add_everyone(
    index: Index,
    asker: Asker,
    blend: Blend,
    values: tuple[Floats, Floats],
    names: Sequence[str],
    out: Doubles,
) -> None:
    """Add to everybody's score the parts of their profile that depend on who asks, and of the signals `names`.

    `values`: one value for everybody of each of `WHOLE`; `out` (members), which may begin with what is `alone`.
    """
    themes, flags, maturity = index.themes.columns
    _score(
        int(index.ids[asker.row]),
        index.facts[asker.row],
        index.sheet.shown,
        index.sheet.shows_themes,
        index.sheet.masks,
        index.sheet.order,
        (index.themes.starts, themes, flags, maturity, index.theme_weights),
        asker.flags,
        asker.maturity,
        asker.linked,
        index.lots,
        asker.seed,
        blend.profile,
        values,
        blend.terms_of(*names),
        out,
    )
