"""Blossoms and trees of the method of pairing: odd cycles that count as one vertex while they last.

Nodes are vertices (0 to n-1) and blossoms (n to 2n-1). `t` holds what is known of each node, a row per fact.
"""

from haln.compiled import Ints, inlined

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


@inlined
def leaves_of(t: Ints, node: int, n: int, found: Ints, work: Ints) -> int:
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
def augment(t: Ints, mate: Ints, s: int, w: int, n: int, work: Ints) -> None:
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
def reach(t: Ints, node: int, label: int, came: int, entered: int) -> None:
    """Note how far from the root a node is, and the ends of the edge by which it was reached."""
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
def shrink(t: Ints, v: int, w: int, made: int, mark: int) -> None:
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
    reach(t, made, EVEN, t[CAME, base], t[ENTERED, base])


@inlined
def take_apart(t: Ints, mate: Ints, b: int) -> None:
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
    reach(t, entry, ODD, t[CAME, b], t[ENTERED, b])
    one = entry
    while one != t[FIRST, b]:
        near = t[AFTER, one] if forward else t[BEFORE, one]
        far = t[AFTER, near] if forward else t[BEFORE, near]
        reach(t, near, EVEN, mate[t[BASE, near]], t[BASE, near])
        if forward:
            reach(t, far, ODD, t[OWN, near], t[THEIRS, near])
        else:
            reach(t, far, ODD, t[THEIRS, far], t[OWN, far])
        one = far
    t[LABEL, b] = OUTSIDE


@inlined
def wait(t: Ints, node: int, n: int, queue: Ints, waiting: int, work: Ints) -> int:
    """Put the vertices of a node at the end of those whose edges are to be looked at; returns how many there are."""
    return waiting + leaves_of(t, node, n, queue[waiting:], work)


@inlined
def take_in(t: Ints, made: int, n: int, queue: Ints, waiting: int, leaves: Ints, work: Ints) -> int:
    """Let the children of a new blossom be in it: those at an odd distance are at an even one now, and wait."""
    child = t[FIRST, made]
    while True:
        if t[LABEL, child] == ODD:
            waiting = wait(t, child, n, queue, waiting, work)
        for k in range(leaves_of(t, child, n, leaves, work)):
            t[TOP, leaves[k]] = made
        t[LABEL, child] = OUTSIDE
        child = t[AFTER, child]
        if child == t[FIRST, made]:
            return waiting


@inlined
def let_out(
    t: Ints, b: int, n: int, queue: Ints, waiting: int, tree: Ints, size: int, leaves: Ints, work: Ints
) -> tuple[int, int]:
    """Let the children of a blossom that is taken apart stand for themselves, as they are labelled."""
    child = t[FIRST, b]
    while True:
        for k in range(leaves_of(t, child, n, leaves, work)):
            t[TOP, leaves[k]] = child
        if t[LABEL, child] == EVEN:
            waiting = wait(t, child, n, queue, waiting, work)
        if t[LABEL, child] != OUTSIDE:
            tree[size] = child
            size += 1
        child = t[AFTER, child]
        if child == t[FIRST, b]:
            return waiting, size


@inlined
def grow(t: Ints, mate: Ints, v: int, w: int, tree: Ints, size: int) -> int:
    """Take the node of `w` into the tree, and the one that it is matched with; returns the latter."""
    odd = t[TOP, w]
    came = mate[t[BASE, odd]]
    even = int(t[TOP, came])
    reach(t, odd, ODD, v, w)
    reach(t, even, EVEN, t[BASE, odd], came)
    tree[size], tree[size + 1] = odd, even
    return even
