"""The method of pairing: Edmonds' blossoms with prices (1965), one tree at a time, over a list of edges.

Nodes are vertices (0 to n-1) and blossoms (n to 2n-1): odd cycles that count as one vertex while they last. `t` holds
what is known of each node, a row per fact. Prices `u` of vertices and `z` of blossoms satisfy, for each edge,
u[a] + u[b] + sum of z over the blossoms with both ends >= its weight, with equality on the edges of the matching; so
no perfect matching weighs more. Weights are even whole numbers, which keeps every price a whole number.
"""

import numpy as np

from haln.compiled import CHOICES, INTS, LONG, LONGS, OUT_CHOICES, OUT_INTS, OUT_LONGS, Ints, Longs, compiled, inlined
from haln.matching.blossom_kernels import (
    BASE,
    EVEN,
    LABEL,
    MARK,
    ODD,
    OUTSIDE,
    PARENT,
    TOP,
    augment,
    grow,
    leaves_of,
    let_out,
    reach,
    shrink,
    take_apart,
    take_in,
    wait,
)

SEEN = -2
NEVER = 2**62


@inlined
def _listed(t: Ints, tree: Ints, size: int) -> int:
    """Keep in the list what is outermost and in the tree, each once; returns how many."""
    kept = 0
    for k in range(size):
        one = tree[k]
        if t[PARENT, one] < 0 and t[LABEL, one] != OUTSIDE and t[MARK, one] != SEEN:
            t[MARK, one] = SEEN
            tree[kept] = one
            kept += 1
    for k in range(kept):
        t[MARK, tree[k]] = -1
    return kept


@inlined
def _price(n: int, starts: Longs, ends: Ints, weights: Longs, mate: Ints, u: Longs) -> None:
    """First prices, as low as edges allow one by one; who has an edge without slack to somebody free is matched."""
    for v in range(n):
        u[v] = -NEVER
        for e in range(starts[v], starts[v + 1]):
            u[v] = max(u[v], weights[e] // 2)
    for v in range(n):
        least, best = NEVER, -1
        for e in range(starts[v], starts[v + 1]):
            slack = u[v] + u[ends[e]] - weights[e]
            if slack < least or (slack == least and mate[best] >= 0 and mate[ends[e]] < 0):
                least, best = slack, ends[e]
        if best >= 0:
            u[v] -= least
            if mate[v] < 0 and mate[best] < 0:
                mate[v], mate[best] = best, v


@inlined
def _slack(
    t: Ints, starts: Longs, ends: Ints, weights: Longs, u: Longs, queue: Ints, waiting: int, tight: Ints
) -> tuple[int, int]:
    """By how much prices may change before an edge of the tree has no slack: how much, and of how many `tight`."""
    least, ties = NEVER, 0
    for k in range(waiting):
        v = queue[k]
        here = t[TOP, v]
        for e in range(starts[v], starts[v + 1]):
            there = t[TOP, ends[e]]
            if here == there or t[LABEL, there] == ODD:
                continue
            slack = u[v] + u[ends[e]] - weights[e]
            if t[LABEL, there] == EVEN:
                slack //= 2
            if slack < least:
                least, ties = slack, 0
            if slack == least and (ties == 0 or tight[ties - 1] != v):
                tight[ties] = v
                ties += 1
    return least, ties


@inlined
def _cheapest(t: Ints, n: int, z: Longs, tree: Ints, size: int) -> int:
    """The outermost blossom at an odd distance of the lowest price; -1 without one."""
    best = -1
    for k in range(size):
        b = tree[k]
        if b >= n and t[LABEL, b] == ODD and (best < 0 or z[b] < z[best]):
            best = b
    return best


@inlined
def _change(t: Ints, n: int, least: int, u: Longs, z: Longs, tree: Ints, size: int, leaves: Ints, work: Ints) -> None:
    """Let the prices of the tree go down at even distances and up at odd ones; its edges keep their slack."""
    for k in range(size):
        b = tree[k]
        change = least if t[LABEL, b] == ODD else -least
        if b >= n:
            z[b] -= 2 * change
        for i in range(leaves_of(t, b, n, leaves, work)):
            u[leaves[i]] += change


@inlined
def _again(t: Ints, queue: Ints, waiting: int, tight: Ints, ties: int) -> int:
    """Put those with an edge without slack last, to be looked at once more; returns where they begin."""
    for k in range(ties):
        t[MARK, tight[k]] = SEEN
    kept = 0
    for k in range(waiting):
        if t[MARK, queue[k]] != SEEN:
            queue[kept] = queue[k]
            kept += 1
    for k in range(ties):
        queue[kept + k] = tight[k]
        t[MARK, tight[k]] = -1
    return kept


@compiled(LONG, LONGS, INTS, LONGS, OUT_CHOICES, OUT_INTS, OUT_LONGS, OUT_LONGS)
def match(n: int, starts: Longs, ends: Ints, weights: Longs, t: Ints, mate: Ints, u: Longs, z: Longs) -> int:  # noqa: C901  # one search
    """Find the perfect matching of greatest weight; returns how many vertices could not be matched (0: all were).

    Edges of vertex v are `ends[starts[v]:starts[v + 1]]` with their even `weights`, each listed at both ends. `t`
    (FACTS, 2n), `mate` (n), `u` (n) and `z` (2n) are written: mate and prices are the answer.
    """
    t[:] = -1
    t[LABEL] = OUTSIDE
    z[:] = 0
    mate[:] = -1
    for v in range(n):
        t[TOP, v], t[BASE, v] = v, v
    _price(n, starts, ends, weights, mate, u)
    free, many = np.arange(2 * n - 1, n - 1, -1).astype(np.int32), n  # numbers for blossoms
    work, leaves, tight = np.empty(8 * n + 8, np.int32), np.empty(n, np.int32), np.empty(n, np.int32)
    queue, tree = np.empty(n, np.int32), np.empty(8 * n + 8, np.int32)
    mark, alone = 0, 0
    for root in range(n):
        if mate[root] >= 0:
            continue
        top = t[TOP, root]
        reach(t, top, EVEN, -1, -1)
        tree[0], size, done = top, 1, 0
        waiting = wait(t, top, n, queue, 0, work)
        grown = False
        while not grown:
            while done < waiting and not grown:
                v = int(queue[done])
                done += 1
                for e in range(starts[v], starts[v + 1]):
                    w = int(ends[e])
                    there = t[TOP, w]
                    if t[TOP, v] == there or t[LABEL, there] == ODD or u[v] + u[w] != weights[e]:
                        continue
                    if t[LABEL, there] == OUTSIDE and mate[t[BASE, there]] < 0:
                        augment(t, mate, v, w, n, work)
                        grown = True
                        break
                    if t[LABEL, there] == OUTSIDE:
                        waiting = wait(t, grow(t, mate, v, w, tree, size), n, queue, waiting, work)
                        size += 2
                    else:
                        many -= 1
                        mark += 1
                        shrink(t, v, w, free[many], mark)
                        z[free[many]] = 0
                        waiting = take_in(t, free[many], n, queue, waiting, leaves, work)
                        tree[size] = free[many]
                        size += 1
                    if size > 6 * n:
                        size = _listed(t, tree, size)
            if grown:
                break
            least, ties = _slack(t, starts, ends, weights, u, queue, waiting, tight)
            size = _listed(t, tree, size)
            b = _cheapest(t, n, z, tree, size)
            opens = b >= 0 and z[b] // 2 < least
            if opens:
                least = z[b] // 2
            if least == NEVER:
                alone += 1
                break
            _change(t, n, least, u, z, tree, size, leaves, work)
            if opens:
                take_apart(t, mate, b)
                waiting, size = let_out(t, b, n, queue, waiting, tree, size, leaves, work)
                free[many] = b
                many += 1
            else:
                done = _again(t, queue, waiting, tight, ties)
        for v in range(n):
            t[LABEL, t[TOP, v]] = OUTSIDE
    return alone


@compiled(LONG, CHOICES, LONGS, LONGS, LONGS, OUT_LONGS)
def discounts(n: int, t: Ints, z: Longs, ones: Longs, others: Longs, found: Longs) -> None:
    """Write for each pair of vertices the prices `z` of all blossoms that both are in. Blossoms may lie deep."""
    depth, whole = np.zeros(2 * n, np.int64), np.zeros(2 * n, np.int64)
    for node in range(2 * n):
        above = np.int64(t[PARENT, node])
        while above >= 0:
            depth[node] += 1
            whole[node] += z[above]
            above = np.int64(t[PARENT, above])
        if node >= n:
            whole[node] += z[node]
    for k in range(len(ones)):
        one, other = ones[k], others[k]
        while one != other and one >= 0 and other >= 0:
            deeper, shallower = depth[one], depth[other]
            if deeper >= shallower:
                one = np.int64(t[PARENT, one])
            if shallower >= deeper:
                other = np.int64(t[PARENT, other])
        found[k] = whole[one] if one == other and one >= 0 else 0
