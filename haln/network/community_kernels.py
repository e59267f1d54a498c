"""Compiled loops of finding communities. Groups are numbered from 0, below the number of nodes; sums are whole."""

from __future__ import annotations

import numpy as np

from haln.compiled import INTS, LONGS, OUT_INTS, OUT_LONGS, Ints, Longs, compiled, inlined


@compiled(INTS, INTS, LONGS, LONGS, INTS, OUT_INTS)
def move(starts: Ints, others: Ints, weights: Longs, strength: Longs, order: Ints, group: Ints) -> None:
    """Move nodes to the neighbouring group that raises modularity most, until no move does.

    A node stays where nothing is gained, and of groups that gain as much goes to the one it meets first.
    """
    many = group.size
    total, links = np.zeros(many, np.int64), np.zeros(many, np.int64)
    met = np.empty(many, np.int32)
    whole = strength.sum()
    for node in range(many):
        total[group[node]] += strength[node]
    queue, waits = order.copy(), np.ones(many, np.uint8)
    head, waiting = 0, many
    while waiting:
        node = queue[head]
        head = head + 1 if head + 1 < many else 0
        waiting -= 1
        waits[node] = 0
        here, around = group[node], 0
        for place in range(starts[node], starts[node + 1]):
            theirs = group[others[place]]
            if not links[theirs]:
                met[around] = theirs
                around += 1
            links[theirs] += weights[place]
        total[here] -= strength[node]
        best, most = here, links[here] * whole - strength[node] * total[here]
        for at in range(around):
            gain = links[met[at]] * whole - strength[node] * total[met[at]]
            if gain > most:
                best, most = met[at], gain
            links[met[at]] = 0
        total[best] += strength[node]
        if best == here:
            continue
        group[node] = best
        for place in range(starts[node], starts[node + 1]):
            other = others[place]
            if group[other] != best and not waits[other]:
                tail = head + waiting
                queue[tail if tail < many else tail - many] = other
                waiting += 1
                waits[other] = 1


@inlined
def _to_own(starts: Ints, others: Ints, weights: Longs, group: Ints) -> Longs:
    """Return how strongly each node is tied to the rest of its group."""
    own = np.zeros(group.size, np.int64)
    for node in range(group.size):
        for place in range(starts[node], starts[node + 1]):
            if group[others[place]] == group[node]:
                own[node] += weights[place]
    return own


@compiled(INTS, INTS, LONGS, LONGS, INTS, INTS, OUT_INTS)
def refine(starts: Ints, others: Ints, weights: Longs, strength: Longs, order: Ints, group: Ints, part: Ints) -> None:
    """Write parts of groups: each node begins as its own, and joins the part of its group that raises modularity most.

    Only a node that is still alone joins, and only nodes and parts that are tied to the rest of their group at least as
    chance would tie them are joined (Traag, Waltman and van Eck 2019), so that every part hangs together.
    """
    many = part.size
    # Of each part: its strength, whether it is one node, and how strongly it is tied to the rest of its group.
    total, alone, own = strength.copy(), np.ones(many, np.uint8), _to_own(starts, others, weights, group)
    inside, links = np.zeros(many, np.int64), np.zeros(many, np.int64)
    met = np.empty(many, np.int32)
    whole = strength.sum()
    for node in range(many):
        part[node] = node
        inside[group[node]] += strength[node]
    for node in order:
        rest = inside[group[node]]
        if not alone[node] or own[node] * whole < strength[node] * (rest - strength[node]):
            continue
        around = 0
        for place in range(starts[node], starts[node + 1]):
            if group[others[place]] == group[node]:
                theirs = part[others[place]]
                if not links[theirs]:
                    met[around] = theirs
                    around += 1
                links[theirs] += weights[place]
        best, most, joined = node, np.int64(0), np.int64(0)
        for at in range(around):
            theirs = met[at]
            gain = links[theirs] * whole - strength[node] * total[theirs]
            if gain > most and own[theirs] * whole >= total[theirs] * (rest - total[theirs]):
                best, most, joined = theirs, gain, links[theirs]
            links[theirs] = 0
        if best != node:
            part[node] = best
            alone[best] = 0
            total[best] += strength[node]
            own[best] += own[node] - 2 * joined


@compiled(OUT_INTS)
def renumber(group: Ints) -> None:
    """Number groups, which are below their size, anew from 0 in the order of their first nodes."""
    new = np.full(group.size, -1, np.int32)
    found = 0
    for node in range(group.size):
        if new[group[node]] < 0:
            new[group[node]] = found
            found += 1
        group[node] = new[group[node]]


@inlined
def _listed(group: Ints, many: int) -> tuple[Ints, Ints]:
    """List the nodes of each group, ascending: `nodes[begins[group] : begins[group + 1]]`."""
    begins, nodes = np.zeros(many + 1, np.int32), np.empty(group.size, np.int32)
    for node in range(group.size):
        begins[group[node] + 1] += 1
    for number in range(many):
        begins[number + 1] += begins[number]
    free = begins.copy()
    for node in range(group.size):
        nodes[free[group[node]]] = node
        free[group[node]] += 1
    return begins, nodes


@compiled(INTS, INTS, LONGS, LONGS, INTS, OUT_INTS, OUT_INTS, OUT_LONGS, OUT_LONGS)
def merge(
    starts: Ints,
    others: Ints,
    weights: Longs,
    strength: Longs,
    group: Ints,
    begins: Ints,
    joined: Ints,
    total: Longs,
    strengths: Longs,
) -> int:
    """Write the ties between groups as a node's are, with their weight and each group's strength; return how many."""
    many = strengths.size
    first, nodes = _listed(group, many)
    place_of = np.full(many, -1, np.int32)
    count = 0
    for number in range(many):
        begins[number] = count
        strengths[number] = 0
        for at in range(first[number], first[number + 1]):
            node = nodes[at]
            strengths[number] += strength[node]
            for place in range(starts[node], starts[node + 1]):
                theirs = group[others[place]]
                if theirs == number:
                    continue
                if place_of[theirs] < begins[number]:
                    place_of[theirs] = count
                    joined[count] = theirs
                    total[count] = 0
                    count += 1
                total[place_of[theirs]] += weights[place]
    begins[many] = count
    return count


@compiled(INTS, INTS)
def together(one: Ints, other: Ints) -> np.int64:
    """Count the pairs that are in one group both ways."""
    begins, nodes = _listed(one, one.max() + 1)
    met = np.zeros(other.max() + 1, np.int64)
    count = np.int64(0)
    for number in range(begins.size - 1):
        for at in range(begins[number], begins[number + 1]):
            count += met[other[nodes[at]]]
            met[other[nodes[at]]] += 1
        for at in range(begins[number], begins[number + 1]):
            met[other[nodes[at]]] = 0
    return count
