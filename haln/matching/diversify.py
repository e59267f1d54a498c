"""Variety within a list."""

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
