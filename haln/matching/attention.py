"""A fair share of attention: places in lists are auctioned, so that who is asked for much becomes dear.

Each member may stand in a bounded number of lists, and each further list of theirs costs more than the last. What a
place is worth to an asker, less what it costs, is as large as it can be over all lists together, to within one step of
the auction for each place (`haln.matching.auction`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from haln.compiled import BYTES, CHOICES, OUT_CHOICES, Bytes, Doubles, Ints, Longs, compiled
from haln.matching.auction import NEAR, STEP, auction
from haln.matching.threads import first_found, processors
from haln.matching.welcome import top_up, welcome
from haln.matching.worth import dues, expected, worth

Lists = NDArray[np.int32]

RAISED = (1.0, 2.0, 4.0, 8.0, 16.0)
"""By so much the multiple of the median is raised, one after the other, while lists lose too much."""
WORTH_THREADS = 5_000
"""From so many askers on, a second processor tries the next multiple at the same time; more would cost memory."""
_TRIES = 3
"""So often it is tried whether a cap that holds may be higher."""
_NEAR = 24
"""It is not tried where the cap could rise by no more than this part of it: too little to be worth all lists anew."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for whom: a line per asker in `wishes` (rows as they wish for them, -1: no more), their row in `rows`.

    `barred`: starts and entries of whom each asker may not be shown, tied members included. `turns`: an order of the
    lines, by which draws between equals are decided.
    """

    wishes: Lists
    rows: Longs
    suggestable: Bytes
    barred: tuple[Longs, Ints]
    turns: Longs


def fair_cap(askers: int, length: int, suggestable: int, multiple: float) -> int:
    """Return how many lists one member may be in: a multiple of what each would have if all were shown equally.

    Of lists of `length` for so many askers; never more than there are askers.
    """
    return max(1, int(min(askers, np.ceil(max(1.0, multiple) * askers * length / max(1, suggestable)))))


def cap_for(median: float, multiple: float, askers: int) -> int:
    """Return how many lists one member may be in: a multiple of the median of lists, of at least 1.

    Never more than there are askers, and at least 1.
    """
    return max(1, int(min(askers, max(1.0, multiple) * max(1.0, median))))


def best_now(values: NDArray[np.floating], shown: Longs, length: int, cap: int) -> Longs:
    """Return the places (ascending) of one asker's wishes that are worth most beside what they cost now.

    `values` as `worth` has them, `shown` in how many other lists each stands; nobody at the cap is chosen.
    """
    price = np.where(shown < cap, dues(length, cap)[np.minimum(shown, cap - 1)], np.inf)
    order = np.argsort(price - values, kind="stable")[:length]
    return np.sort(order[np.isfinite(price[order])])


@compiled(CHOICES, BYTES, OUT_CHOICES)
def write_down(wishes: Lists, taken: Bytes, lists: Lists) -> None:
    """Fill each list with the wishes that were given, in the order of the wishes."""
    width = wishes.shape[1]
    for asker in range(wishes.shape[0]):
        slot = 0
        for wish in range(width):
            if taken[asker * width + wish]:
                lists[asker, slot] = wishes[asker, wish]
                slot += 1


def share_attention(
    asked: Asked, gain: NDArray[np.float32], length: int, tail: int, multiple: float, most_lost: float = 1.0
) -> Lists:
    """Draw all lists (rows, -1 padded) from everyone's wishes, no member in more than `multiple` × the median of lists.

    Where that would lose more than `most_lost` (a share) of what everyone's best lists are expected to find, the
    multiple is raised by the least of `RAISED` that does not, or the last. The median is over suggestable members, of
    the lists drawn (of at least 1). `gain`: of each wish, as `worth.gains` has them.
    """
    least = (1.0 - most_lost) * expected(asked.wishes, gain, asked.wishes[:, :length])
    values = worth(asked.wishes, gain)

    def enough(lists: Lists) -> bool:
        return expected(asked.wishes, gain, lists) >= least

    def under(raised: float) -> Lists | None:
        last = raised == RAISED[-1]
        lists = _share_under(
            asked, values, length, tail, raised * max(1.0, multiple), (lambda _: True) if last else enough
        )
        return lists if lists is not None and (last or enough(lists)) else None

    found = first_found(under, RAISED, min(2, processors()) if len(asked.rows) > WORTH_THREADS else 1)
    assert found is not None, "what asks for nothing is enough"
    return found


def _share_under(
    asked: Asked,
    values: NDArray[np.float32],
    length: int,
    tail: int,
    multiple: float,
    enough: Callable[[Lists], bool],
) -> Lists | None:
    """Draw all lists under one multiple; none where not even a cap that is too high leaves enough.

    The cap is lowered until it holds, and then raised again as far as a few tries find that it may be.
    """
    may = asked.suggestable > 0
    cap = too_high = fair_cap(len(asked.rows), length, int(np.count_nonzero(may)), multiple) + 1
    best: Lists | None = None
    held = tries = 0
    while True:
        cap = max(held + 1, min(cap, too_high - 1))
        lists, shown = shared_under(asked, values, length, tail, dues(length, cap))
        allowed = cap_for(float(np.median(shown[may])), multiple, len(asked.rows)) if may.any() else cap
        if shown.max(initial=0) <= allowed:
            best, held, cap = lists, cap, allowed
        elif best is None and not enough(lists):
            return None
        else:
            too_high = cap
            cap = allowed if best is None else (held + too_high) // 2
        if best is not None and (tries == _TRIES or min(cap, too_high - 1) <= held + held // _NEAR):
            return best
        tries += best is not None


def shared_under(
    asked: Asked, values: NDArray[np.float32], length: int, tail: int, due: Doubles
) -> tuple[Lists, Longs]:
    """Return lists with nobody in more of them than `due` has prices, and how many each row is in.

    Nobody has room in their list and a wish below the cap; whoever may be suggested, and may be shown to somebody who
    can make room, is in a list.
    """
    shown = np.zeros(len(asked.suggestable), np.int64)
    lists = np.full((len(asked.rows), length), -1, np.int32)
    write_down(asked.wishes, _auctioned(asked, values, length, due, shown), lists)
    asker_of = np.full(len(asked.suggestable), -1, np.int64)
    asker_of[asked.rows] = np.arange(len(asked.rows))
    starts, barred = asked.barred
    welcome(
        asked.turns,
        asked.wishes,
        asked.rows,
        asker_of,
        asked.suggestable,
        starts,
        barred,
        min(tail, length),
        shown,
        lists,
    )
    top_up(asked.wishes, asked.turns, len(due), shown, lists)
    return lists, shown


def _auctioned(asked: Asked, values: NDArray[np.float32], length: int, due: Doubles, shown: Longs) -> Bytes:
    wishes = asked.wishes
    demand = np.bincount(wishes[wishes >= 0], minlength=len(shown))
    starts = np.zeros(len(shown) + 1, np.int64)
    np.cumsum(np.minimum(demand, len(due)), out=starts[1:])
    holders, bids = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float64)
    taken = np.zeros(wishes.size, np.uint8)
    auction(wishes, values.ravel(), asked.turns, length, due, STEP, NEAR, starts, holders, bids, shown, taken)
    return taken
