"""What themes add to everybody's score, for one asker: compiled into the pass over all of them (`everyone`)."""

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Bytes, Doubles, Floats, Ints, Longs, inlined
from haln.matching.sheet import Masks

Themes = tuple[Longs, Ints, Bytes, Bytes, Floats]
Profile = tuple[Doubles, Bytes, Doubles]


@inlined
def part_of(x: float, column: int, profile: Profile) -> float:
    """Return what a value of one signal of the profile adds to a score."""
    weights, shapes, scales = profile
    if shapes[column] == 1:
        return float(weights[column] * (x / (x + scales[column])))
    if shapes[column] == 2:
        return float(weights[column] * np.log(1.0 + x / scales[column]))
    return float(weights[column] / scales[column] * x)


@inlined
def sums_of_mixtures(chosen: int, order: Longs, theme_weights: Floats, column: int, profile: Profile) -> Doubles:
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
        sums[subsets[k]] = part_of(sums[subsets[k]], column, profile)
    return sums


@inlined
def picked_by(order: Longs, my_flags: Bytes, my_maturity: Bytes) -> tuple[Longs, Longs]:
    """What the asker seeks, offers and likes, as bits; and where their maturity is 1, 2, 3."""
    picked, at = np.zeros(3, np.int64), np.zeros(4, np.int64)
    for bit in range(order.size):
        theme = order[bit]
        picked[0] |= (my_flags[theme] & 4 != 0) << bit
        picked[1] |= (my_flags[theme] & 2 != 0) << bit
        picked[2] |= (my_flags[theme] & 1 != 0) << bit
        if 1 <= my_maturity[theme] <= 3:
            at[my_maturity[theme]] |= 1 << bit
    return picked, at


@inlined
def add_few_themes(
    first: int,
    masks: Masks,
    picked: Longs,
    at: Longs,
    sums: tuple[Doubles, Doubles, Doubles, Doubles],
    found: Masks,
    out: Doubles,
) -> None:
    """Add what themes add for some members, from `first` on: of an asker whose themes are few, by the bits of each."""
    seeking, offering, liking = np.uint16(picked[0]), np.uint16(picked[1]), np.uint16(picked[2])
    one, two, three = np.uint16(at[1]), np.uint16(at[2]), np.uint16(at[3])
    offered, wanted, shared, ahead = sums
    some = slice(first, first + out.size)
    offers, seeks, likes = masks[0, some], masks[1, some], masks[2, some]
    second, third, fourth = masks[3, some], masks[4, some], masks[5, some]
    # First what is looked up, for many members in one step; in one loop with the looking up, each would be by itself.
    both, wants, shares, steps = found[0, : out.size], found[1, : out.size], found[2, : out.size], found[3, : out.size]
    for k in range(out.size):
        both[k] = offers[k] & seeking
        wants[k] = seeks[k] & offering
        shares[k] = likes[k] & liking
        steps[k] = (one & (second[k] | third[k])) | (two & (third[k] | fourth[k])) | (three & fourth[k])
    for k in range(out.size):
        total = offered[np.uint64(both[k])] + wanted[np.uint64(wants[k])]
        out[k] += total + (shared[np.uint64(shares[k])] + ahead[np.uint64(steps[k])])


@inlined
def adds_by_choice(theme_weights: Floats, my_flags: Bytes, my_maturity: Bytes) -> tuple[NDArray[np.uint64], Doubles]:
    """What another's choice adds to the four signals, by place of the theme among the asker's, flags and maturity.

    Looked up rather than decided, for no processor can guess hundreds of thousands of choices.
    """
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
    return place, adds


@inlined
def add_themes(
    first: int,
    shows: Bytes,
    their_themes: Themes,
    place: NDArray[np.uint64],
    adds: Doubles,
    profile: Profile,
    out: Doubles,
) -> None:
    """Add the same for an asker of any themes, choice by choice."""
    starts, themes, flags, maturity, _ = their_themes
    for k in range(out.size):
        offered, wanted, shared, ahead_of_me = 0.0, 0.0, 0.0, 0.0
        for entry in range(starts[first + k], starts[first + k + 1]):
            at = np.uint64(entry)
            code = place[np.uint64(themes[at])] + np.uint64(8 * (flags[at] & 7) + min(maturity[at], 7))
            offered += adds[code, 0]
            wanted += adds[code, 1]
            shared += adds[code, 2]
            ahead_of_me += adds[code, 3]
        total = part_of(offered, 0, profile) + part_of(wanted, 1, profile)
        total += part_of(shared, 2, profile) + part_of(ahead_of_me, 3, profile)
        out[k] += total * shows[first + k]
