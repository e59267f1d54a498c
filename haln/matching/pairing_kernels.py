"""The method of pairing: Edmonds' blossoms with prices (1965), one tree at a time, over a list of edges.

Nodes are vertices (0 to n-1) and blossoms (n to 2n-1): odd cycles that count as one vertex while they last. `t` holds
what is known of each node, a row per fact. Prices `u` of vertices and `z` of blossoms satisfy, for each edge,
u[a] + u[b] + sum of z over the blossoms with both ends >= its weight, with equality on the edges of the matching; so
no perfect matching weighs more. Weights are even whole numbers, which keeps every price a whole number.
"""

import numpy as np

from haln.compiled import CHOICES, INTS, LONG, LONGS, OUT_CHOICES, OUT_INTS, OUT_LONGS, Ints, Longs, compiled, inlined

# What is known of a node; -1 where there is none.
PARENT = 0  # the blossom right around it
TOP = 1  # of a vertex: the outermost blossom around it, or itself
BASE = 2  # the vertex in it that is matched to the outside
FIRST = 3  # of a blossom: the child with the base
AFTER, BEFORE = 4, 5  # its neighbours in the cycle of its blossom
OWN, THEIRS = 6, 7  # the ends of the edge to the node AFTER it
LABEL = 8  # of an outermost node: OUTSIDE the tree, or at an EVEN or ODD distance from its root
CAME, ENTERED = 9, 10  # the ends of the edge by which the tree reached it
MARK = 11
FACTS = 12

OUTSIDE, EVEN, ODD = 0, 1, 2
SEEN = -2
NEVER = 2**62


@inlined
def _leaves(t: Ints, node: int, n: int, found: Ints, work: Ints) -> int:
    """Write the vertices in a node into `found`; returns how many."""
    count, depth = 0, 1
    work[0] = node
    while depth > 0:
        depth -= 1
        one = work[depth]
        if one < n:
            found[count] = one
            count += 1
        else:
            child = t[FIRST, one]
            while True:
                work[depth] = child
                depth += 1
                child = t[AFTER, child]
                if child == t[FIRST, one]:
                    break
    return count


@inlined
def _is_forward(t: Ints, child: int, first: int) -> bool:
    """Which way round the cycle a child is an even number of steps from the first one."""
    steps = 0
    while child != first:
        child, steps = t[BEFORE, child], steps + 1
    return steps % 2 == 1


@inlined
def _rotate(t: Ints, mate: Ints, node: int, vertex: int, n: int, work: Ints) -> None:
    """Make a vertex the base of a node, changing who is matched to whom inside."""
    work[0], work[1], depth = node, vertex, 2
    while depth > 0:
        depth -= 2
        b, v = work[depth], work[depth + 1]
        if b < n or t[BASE, b] == v:
            continue
        child = v
        while t[PARENT, child] != b:
            child = t[PARENT, child]
        work[depth], work[depth + 1], depth = child, v, depth + 2
        forward = _is_forward(t, child, t[FIRST, b])
        one = child
        while one != t[FIRST, b]:
            if forward:
                near = t[AFTER, one]
                far = t[AFTER, near]
                p, q = t[OWN, near], t[THEIRS, near]
            else:
                near = t[BEFORE, one]
                far = t[BEFORE, near]
                p, q = t[THEIRS, far], t[OWN, far]
            mate[p], mate[q] = q, p
            work[depth], work[depth + 1], depth = near, p, depth + 2
            work[depth], work[depth + 1], depth = far, q, depth + 2
            one = far
        t[FIRST, b], t[BASE, b] = child, v


@inlined
def _augment(t: Ints, mate: Ints, s: int, w: int, n: int, work: Ints) -> None:
    """Match along the path from the free vertex `w` over the edge to `s` up to the root of the tree."""
    _rotate(t, mate, t[TOP, w], w, n, work)
    mate[w] = s
    while True:
        even = t[TOP, s]
        _rotate(t, mate, even, s, n, work)
        mate[s] = w
        if t[CAME, even] < 0:
            return
        odd = t[TOP, t[CAME, even]]
        s, w = t[CAME, odd], t[ENTERED, odd]
        _rotate(t, mate, odd, w, n, work)
        mate[w] = s


@inlined
def _reach(t: Ints, node: int, label: int, came: int, entered: int) -> None:
    t[LABEL, node], t[CAME, node], t[ENTERED, node] = label, came, entered


@inlined
def _meet(t: Ints, one: int, other: int, mark: int) -> int:
    """The first node on the ways of both up to the root."""
    while True:
        t[MARK, one] = mark
        if t[CAME, one] < 0:
            break
        one = t[TOP, t[CAME, one]]
    while t[MARK, other] != mark:
        other = t[TOP, t[CAME, other]]
    return other


@inlined
def _join(t: Ints, one: int, other: int, own: int, theirs: int) -> None:
    t[AFTER, one], t[BEFORE, other], t[OWN, one], t[THEIRS, one] = other, one, own, theirs


@inlined
def _shrink(t: Ints, v: int, w: int, made: int, mark: int) -> None:
    """Make one blossom of the cycle that the edge from `v` to `w` closes in the tree."""
    one, other = t[TOP, v], t[TOP, w]
    base = _meet(t, one, other, mark)
    _join(t, one, other, v, w)
    while one != base:
        above = t[TOP, t[CAME, one]]
        _join(t, above, one, t[CAME, one], t[ENTERED, one])
        t[PARENT, one] = made
        one = above
    while other != base:
        above = t[TOP, t[CAME, other]]
        _join(t, other, above, t[ENTERED, other], t[CAME, other])
        t[PARENT, other] = made
        other = above
    t[PARENT, base] = made
    t[PARENT, made], t[FIRST, made], t[BASE, made] = -1, base, t[BASE, base]
    _reach(t, made, EVEN, t[CAME, base], t[ENTERED, base])


@inlined
def _open(t: Ints, mate: Ints, b: int) -> None:
    """Take a blossom at an odd distance apart: the even way from where it was entered to its base stays in the tree."""
    entry = t[ENTERED, b]
    while t[PARENT, entry] != b:
        entry = t[PARENT, entry]
    child = t[FIRST, b]
    while True:
        t[PARENT, child] = -1
        t[LABEL, child] = OUTSIDE
        child = t[AFTER, child]
        if child == t[FIRST, b]:
            break
    forward = _is_forward(t, entry, t[FIRST, b])
    _reach(t, entry, ODD, t[CAME, b], t[ENTERED, b])
    one = entry
    while one != t[FIRST, b]:
        near = t[AFTER, one] if forward else t[BEFORE, one]
        far = t[AFTER, near] if forward else t[BEFORE, near]
        _reach(t, near, EVEN, mate[t[BASE, near]], t[BASE, near])
        if forward:
            _reach(t, far, ODD, t[OWN, near], t[THEIRS, near])
        else:
            _reach(t, far, ODD, t[THEIRS, far], t[OWN, far])
        one = far
    t[LABEL, b] = OUTSIDE


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
def _wait(t: Ints, node: int, n: int, queue: Ints, waiting: int, work: Ints) -> int:
    """Put the vertices of a node at the end of those whose edges are to be looked at; returns how many there are."""
    return waiting + _leaves(t, node, n, queue[waiting:], work)


@inlined
def _take_in(t: Ints, made: int, n: int, queue: Ints, waiting: int, leaves: Ints, work: Ints) -> int:
    """Let the children of a new blossom be in it: those at an odd distance are at an even one now, and wait."""
    child = t[FIRST, made]
    while True:
        if t[LABEL, child] == ODD:
            waiting = _wait(t, child, n, queue, waiting, work)
        for k in range(_leaves(t, child, n, leaves, work)):
            t[TOP, leaves[k]] = made
        t[LABEL, child] = OUTSIDE
        child = t[AFTER, child]
        if child == t[FIRST, made]:
            return waiting


@inlined
def _let_out(
    t: Ints, b: int, n: int, queue: Ints, waiting: int, tree: Ints, size: int, leaves: Ints, work: Ints
) -> tuple[int, int]:
    """Let the children of a blossom that is taken apart stand for themselves, as they are labelled."""
    child = t[FIRST, b]
    while True:
        for k in range(_leaves(t, child, n, leaves, work)):
            t[TOP, leaves[k]] = child
        if t[LABEL, child] == EVEN:
            waiting = _wait(t, child, n, queue, waiting, work)
        if t[LABEL, child] != OUTSIDE:
            tree[size] = child
            size += 1
        child = t[AFTER, child]
        if child == t[FIRST, b]:
            return waiting, size


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
        for i in range(_leaves(t, b, n, leaves, work)):
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


@inlined
def _grow(t: Ints, mate: Ints, v: int, w: int, tree: Ints, size: int) -> int:
    """Take the node of `w` into the tree, and the one that it is matched with; returns the latter."""
    odd = t[TOP, w]
    came = mate[t[BASE, odd]]
    even = int(t[TOP, came])
    _reach(t, odd, ODD, v, w)
    _reach(t, even, EVEN, t[BASE, odd], came)
    tree[size], tree[size + 1] = odd, even
    return even


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
        _reach(t, top, EVEN, -1, -1)
        tree[0], size, done = top, 1, 0
        waiting = _wait(t, top, n, queue, 0, work)
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
                        _augment(t, mate, v, w, n, work)
                        grown = True
                        break
                    if t[LABEL, there] == OUTSIDE:
                        waiting = _wait(t, _grow(t, mate, v, w, tree, size), n, queue, waiting, work)
                        size += 2
                    else:
                        many -= 1
                        mark += 1
                        _shrink(t, v, w, free[many], mark)
                        z[free[many]] = 0
                        waiting = _take_in(t, free[many], n, queue, waiting, leaves, work)
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
                _open(t, mate, b)
                waiting, size = _let_out(t, b, n, queue, waiting, tree, size, leaves, work)
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
