"""Variety within a list, and a fair share of attention over all lists."""

import numpy as np
from numpy.typing import NDArray

from haln.compiled import (
    BYTES,
    CHOICES,
    DOUBLE,
    DOUBLES,
    INTS,
    LONG,
    LONGS,
    OUT_CHOICES,
    OUT_LONGS,
    Bytes,
    Doubles,
    Ints,
    Longs,
    compiled,
)


@compiled(DOUBLES, CHOICES, DOUBLE, LONG)
def vary(scores: Doubles, traits: NDArray[np.int32], spread: float, count: int) -> Longs:
    """Order the `count` best so that their traits differ; rows of `scores` come best first.

    Greedy: each next one has the highest score less `spread` × seen / (seen + 2), summed over its traits (columns;
    -1: none), where seen is how many above it share the trait. The earlier row wins a draw.
    """
    total = min(count, scores.size)
    order = np.empty(total, np.int64)
    taken = np.zeros(scores.size, np.uint8)
    penalty = np.zeros(scores.size, np.float64)
    seen = np.zeros(traits.shape, np.int64)
    for slot in range(total):
        best = -1
        for row in range(scores.size):
            if not taken[row] and (best < 0 or scores[row] - penalty[row] > scores[best] - penalty[best]):
                best = row
        order[slot] = best
        taken[best] = 1
        for row in range(scores.size):
            penalty[row] = 0.0
            for trait in range(traits.shape[1]):
                if traits[best, trait] >= 0 and traits[row, trait] == traits[best, trait]:
                    seen[row, trait] += 1
                penalty[row] += seen[row, trait] / (seen[row, trait] + 2.0)
            penalty[row] *= spread
    return order


@compiled(CHOICES, LONG, LONG, LONG)
def _listed(lists: NDArray[np.int32], asker: int, row: int, slots: int) -> bool:
    found = False
    for slot in range(slots):
        found |= lists[asker, slot] == row
    return found


@compiled(LONGS, INTS, LONG, LONG)
def _barred(starts: Longs, barred: Ints, asker: int, row: int) -> bool:
    found = False
    for entry in range(starts[asker], starts[asker + 1]):
        found |= barred[entry] == row
    return found


@compiled(CHOICES, LONGS, LONG, LONG, LONG, OUT_LONGS, OUT_CHOICES)
def hand_out(
    wishes: NDArray[np.int32],
    turns: Longs,
    length: int,
    tail: int,
    cap: int,
    shown: Longs,
    lists: NDArray[np.int32],
) -> None:
    """Fill `lists` slot by slot, each asker in turn, from `wishes` (rows best first, -1: no more).

    Nobody is taken beyond `cap` lists; `shown` counts them and is carried on. The last `tail` slots take, of the
    wishes left, the one shown least. An asker whose wishes are all used up has a shorter list (-1).
    """
    for slot in range(length):
        for asker in turns:
            best = -1
            for wish in range(wishes.shape[1]):
                row = wishes[asker, wish]
                if row < 0:
                    break
                if shown[row] >= cap or _listed(lists, asker, row, slot):
                    continue
                if best < 0 or shown[row] < shown[best]:
                    best = row
                if slot < length - tail:
                    break
            lists[asker, slot] = best
            if best >= 0:
                shown[best] += 1


@compiled(LONGS, CHOICES, LONGS, BYTES, LONGS, INTS, LONG, LONG, OUT_LONGS, OUT_CHOICES)
def welcome(
    rows: Longs,
    wishes: NDArray[np.int32],
    asker_of: Longs,
    suggestable: Bytes,
    barred_starts: Longs,
    barred: Ints,
    length: int,
    tail: int,
    shown: Longs,
    lists: NDArray[np.int32],
) -> None:
    """Give those of `rows`, in turn, whom nobody was shown a last slot in the list of whoever suits them best.

    `asker_of[row]` is a row's own line in `wishes` and `lists`, or -1. Only someone shown elsewhere gives way, and only
    from the last `tail` slots; `barred[barred_starts[a]:barred_starts[a + 1]]` are the rows asker a may not be shown.
    """
    given = np.zeros((lists.shape[0], length), np.uint8)
    for row in rows:
        if not suggestable[row] or shown[row] > 0 or asker_of[row] < 0:
            continue
        for wish in range(wishes.shape[1]):
            host = wishes[asker_of[row], wish]
            if host < 0:
                break
            asker = asker_of[host]
            if asker < 0 or _barred(barred_starts, barred, asker, row):
                continue
            place = -1
            for slot in range(max(0, length - tail), length):
                held = lists[asker, slot]
                if not given[asker, slot] and held >= 0 and shown[held] > 1:
                    place = slot
            if place >= 0:
                shown[lists[asker, place]] -= 1
                lists[asker, place] = row
                given[asker, place] = 1
                shown[row] = 1
                break


def fair_cap(entries: int, suggestable: int, multiple: float) -> int:
    """Return how many lists one member may be in: a multiple of what each would have if all were shown equally."""
    return max(1, int(np.ceil(multiple * entries / max(1, suggestable))))


def share_attention(
    wishes: NDArray[np.int32],
    asker_rows: Longs,
    suggestable: Bytes,
    barred: tuple[Longs, Ints],
    turns: Longs,
    length: int,
    tail: int,
    multiple: float,
) -> NDArray[np.int32]:
    """Draw all lists (rows, -1 padded) from everyone's wishes, no member in more than `multiple` × the median of lists.

    The median is that over suggestable members of the lists drawn, so the cap is lowered until it holds (at most
    eight times; the median is at least 1).
    """
    asker_of = np.full(len(suggestable), -1, np.int64)
    asker_of[asker_rows] = np.arange(len(asker_rows))
    pool = int(np.count_nonzero(suggestable))
    cap = fair_cap(len(asker_rows) * length, pool, multiple)
    lists = np.full((len(asker_rows), length), -1, np.int32)
    for _ in range(8):
        shown = np.zeros(len(suggestable), np.int64)
        lists = np.full((len(asker_rows), length), -1, np.int32)
        hand_out(wishes, turns, length, tail, cap, shown, lists)
        welcome(asker_rows, wishes, asker_of, suggestable, *barred, length, tail, shown, lists)
        counts = shown[suggestable > 0]
        median = max(1.0, float(np.median(counts))) if pool else 1.0
        if pool == 0 or counts.max() <= multiple * median:
            break
        cap = max(1, int(multiple * median))
    return lists
