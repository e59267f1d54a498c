"""The best pairs and trios of few people, by trying all: exact, whoever may meet whom.

For each set of people, the best that can be made of it is worked out once, from the sets without its last person (Held
and Karp's way over sets): 2^n sets of n people, n^2/2 steps each. 16 people take about a hundredth of a second.
"""

import numpy as np

from haln.compiled import LONG, LONGS, OUT_CHOICES, OUT_LONGS, Ints, Longs, compiled

FEW = 16
"""So many people at most."""


@compiled(LONG, LONGS, LONG, LONG, LONG, OUT_LONGS, OUT_CHOICES)
def group(n: int, weights: Longs, barred: int, left: int, trio: int, best: Longs, with_whom: Ints) -> int:
    """Write, for each set of people as bits, the most that it can weigh, and with whom its last person is put.

    `weights` (n * n) of pairs; of `-barred` or less: may not meet. Who is left over costs `left`, a trio `trio` beside
    its three pairs. `best` (2^n) and `with_whom` (2, 2^n; -1 for nobody) are written. Returns the best of all.
    """
    best[0] = 0
    with_whom[:] = -1
    for people in range(1, 2**n):
        last = n - 1
        while not (people >> last) & 1:
            last -= 1
        rest = people ^ (1 << last)
        best[people] = best[rest] - left
        for one in range(last):
            if not (rest >> one) & 1 or weights[last * n + one] <= -barred:
                continue
            without = rest ^ (1 << one)
            worth = weights[last * n + one] + best[without]
            if worth > best[people]:
                best[people] = worth
                with_whom[0, people], with_whom[1, people] = one, -1
            for other in range(one):
                if (
                    not (without >> other) & 1
                    or weights[last * n + other] <= -barred
                    or weights[one * n + other] <= -barred
                ):
                    continue
                three = weights[last * n + one] + weights[last * n + other] + weights[one * n + other]
                worth = three - trio + best[without ^ (1 << other)]
                if worth > best[people]:
                    best[people] = worth
                    with_whom[0, people], with_whom[1, people] = one, other
    return int(best[2**n - 1])


def groups_of(weights: Longs, barred: int, left: int, trio: int) -> tuple[list[list[int]], list[int]]:
    """The groups of rows that weigh most together, and the rows left over. `weights` (n, n), n up to `FEW`."""
    n = len(weights)
    best, with_whom = np.zeros(2**n, np.int64), np.full((2, 2**n), -1, np.int32)
    group(n, np.ascontiguousarray(weights).ravel(), barred, left, trio, best, with_whom)
    groups: list[list[int]] = []
    over: list[int] = []
    people = 2**n - 1
    while people:
        last = people.bit_length() - 1
        mates = [int(one) for one in with_whom[:, people] if one >= 0]
        if mates:
            groups.append(sorted([last, *mates]))
        else:
            over.append(last)
        for one in (last, *mates):
            people ^= 1 << one
    return groups, over
