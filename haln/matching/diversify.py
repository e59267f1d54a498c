"""Variety within a list, and among whom it may be drawn from."""

import numpy as np
from numpy.typing import NDArray

from haln.compiled import CHOICES, DOUBLE, DOUBLES, LONG, Doubles, Longs, compiled


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


def best_and_little_known(ids: Longs, scores: Doubles, tied: Doubles, best: int, count: int) -> tuple[Longs, Longs]:
    """Return the `best` candidates, and of the others those who are least `tied`, `count` in all: both best first.

    Whom few know is seldom among anybody's best, and can be shown in a last place at little loss. The smaller id is
    the better of equals, the better the first of those tied alike. `tied`: strength of ties that all may be told of.
    """
    order = np.lexsort((ids, -scores))
    others = order[best:]
    fewest = np.argsort(tied[others], kind="stable")[: max(0, count - best)]
    return order[:best], others[np.sort(fewest)]
