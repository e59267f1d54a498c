"""Dated ties → a networkx graph for people and export, and sparse rows for speed; how close two members are in it."""

import math
from collections.abc import Iterable, Mapping, Sequence

import networkx as nx
import numpy as np

from haln.compiled import (
    BYTES,
    DOUBLE,
    DOUBLES,
    FLOATS,
    INTS,
    LONG,
    LONGS,
    OUT_DOUBLES,
    OUT_FLOATS,
    OUT_LONGS,
    OUT_TABLE,
    Bytes,
    Doubles,
    Floats,
    Ints,
    Longs,
    compiled,
    inlined,
)
from haln.matching.people import Person, Tie
from haln.matching.ragged import Ragged, gathered

HALF_LIFE_DAYS = 730.0
STRONGEST = 4.0


def to_networkx(people: Iterable[Person], ties: Iterable[Tie], as_of: int | None = None) -> "nx.Graph[int]":
    """Return the network as of a day (ties of later days left out) with sector, region and role on its nodes.

    Edges carry `first` and `last` day and the summed `strength` of all evidence. Nodes and edges come in id order.
    """
    graph: nx.Graph[int] = nx.Graph()
    for person in sorted(people, key=lambda person: person.member):
        graph.add_node(person.member, sector=person.sector, region=person.region, role=person.role)
    for tie in sorted(ties, key=lambda tie: (min(tie.a, tie.b), max(tie.a, tie.b), tie.day or 0, tie.strength)):
        later = as_of is not None and tie.day is not None and tie.day > as_of
        if later or tie.a == tie.b or tie.a not in graph or tie.b not in graph:
            continue
        if graph.has_edge(tie.a, tie.b):
            edge = graph.edges[tie.a, tie.b]
            edge["last"] = tie.day
            edge["strength"] += tie.strength
        else:
            graph.add_edge(tie.a, tie.b, first=tie.day, last=tie.day, strength=tie.strength)
    return graph


def tie_weight(tie: Tie, today: int) -> float:
    """Weigh a tie by its evidence; one of long ago counts half of one of today."""
    if tie.day is None:
        return tie.strength
    return tie.strength * (0.5 + 0.5 * math.exp2(-max(0, today - tie.day) / HALF_LIFE_DAYS))


def tie_rows(ties: Sequence[Tie], row_of: Mapping[int, int], open_rows: Bytes, today: int) -> Ragged:
    """Return for each row its ties (other row ascending, weight, open).

    Evidence of the same pair adds up to at most `STRONGEST`. A tie is open, so may serve third members, when both its
    ends show their connections.
    """
    known = [tie for tie in ties if tie.a != tie.b and tie.a in row_of and tie.b in row_of and tie.strength > 0]
    ends = np.array([(row_of[tie.a], row_of[tie.b]) for tie in known], np.int64).reshape(-1, 2)
    weights = np.array([tie_weight(tie, today) for tie in known], np.float64)
    low, high = ends.min(axis=1), ends.max(axis=1)
    order = np.lexsort((weights, high, low))
    keys, first = np.unique((low * len(open_rows) + high)[order], return_index=True)
    summed = np.minimum(np.add.reduceat(weights[order], first), STRONGEST) if len(keys) else np.empty(0)
    low, high = keys // max(1, len(open_rows)), keys % max(1, len(open_rows))
    rows, others = np.concatenate((low, high)), np.concatenate((high, low))
    by_other = np.argsort(others, kind="stable")
    rows, others = rows[by_other], others[by_other]
    both = np.concatenate((summed, summed))[by_other].astype(np.float32)
    is_open = (open_rows[rows] & open_rows[others]).astype(np.uint8)
    return gathered(rows, (others.astype(np.int32), both, is_open), len(open_rows))


def open_strength(ties: Ragged) -> Doubles:
    """Return for each row the summed weight of its open ties."""
    _, weights, is_open = ties.columns
    owner = np.repeat(np.arange(len(ties)), ties.lengths())
    # bincount adds in the order of the entries, so that a row's sum does not depend on other rows.
    return np.bincount(owner, weights=weights * is_open, minlength=len(ties)).astype(np.float64)


@compiled(LONG, LONGS, INTS, FLOATS, BYTES, BYTES, OUT_FLOATS, OUT_FLOATS, OUT_FLOATS)
def common_ties(
    asker: int,
    starts: Longs,
    others: Ints,
    weights: Floats,
    is_open: Bytes,
    nameable: Bytes,
    common: Floats,
    adamic_adar: Floats,
    allocation: Floats,
) -> Longs:
    """Score everyone two steps away by those in between; return the rows reached, in the order met.

    Counts them (common), and sums weight × weight over the log of their degree (Adamic and Adar 2003) and over their
    degree (resource allocation, Zhou, Lü and Zhang 2009). Only nameable members stand in between.
    """
    reached = np.empty(common.size, np.int64)
    size = 0
    for first in range(starts[asker], starts[asker + 1]):
        middle = others[first]
        if not nameable[middle]:
            continue
        degree = starts[middle + 1] - starts[middle]
        per_log = 1.0 / np.log(max(degree, 2))
        for second in range(starts[middle], starts[middle + 1]):
            other = others[second]
            if not is_open[second] or other == asker:
                continue
            if common[other] == 0.0:
                reached[size] = other
                size += 1
            both = weights[first] * weights[second]
            common[other] += 1.0
            adamic_adar[other] += both * per_log
            allocation[other] += both / degree
    return reached[:size].copy()


@inlined
def _clear(asker: int, rows: Longs, starts: Longs, others: Ints, values: Doubles) -> None:
    """Write 0 wherever a walk over these rows can have left something: a few, and never as many as there are rows."""
    for entry in range(starts[asker], starts[asker + 1]):
        values[others[entry]] = 0.0
    for row in rows:
        values[row] = 0.0
        for entry in range(starts[row], starts[row + 1]):
            values[others[entry]] = 0.0


@compiled(LONG, DOUBLE, DOUBLE, LONGS, INTS, FLOATS, BYTES, DOUBLES, OUT_DOUBLES, OUT_DOUBLES)
def walk(
    asker: int,
    damping: float,
    precision: float,
    starts: Longs,
    others: Ints,
    weights: Floats,
    is_open: Bytes,
    strength: Doubles,
    rank: Doubles,
    residue: Doubles,
) -> Longs:
    """Approximate the personalised PageRank of everyone for the asker by forward push (Andersen, Chung, Lang 2006).

    Off by at most `precision` × the open strength of a row. The first step takes any tie of the asker, further ones
    open ties only. `rank` and `residue` are zeros, one per row; `residue` is zeros again afterwards. Returns the rows
    that have a rank. The asker's rank is their own return probability and of no use.
    """
    ranked = np.empty(rank.size, np.int64)
    size = 0
    queue = np.empty(rank.size + 1, np.int64)
    waiting = np.zeros(rank.size, np.uint8)
    head, tail = 0, 0
    total = 0.0
    for entry in range(starts[asker], starts[asker + 1]):
        total += weights[entry]
    for entry in range(starts[asker], starts[asker + 1]):
        other = others[entry]
        residue[other] += damping * weights[entry] / total
        if residue[other] > precision * strength[other]:
            waiting[other] = 1
            queue[tail] = other
            tail += 1
    while head != tail:
        row = queue[head]
        head = head + 1 if head < rank.size else 0
        waiting[row] = 0
        mass = residue[row]
        residue[row] = 0.0
        if rank[row] == 0.0:
            ranked[size] = row
            size += 1
        rank[row] += (1.0 - damping) * mass
        if strength[row] == 0.0:
            continue
        for entry in range(starts[row], starts[row + 1]):
            if not is_open[entry]:
                continue
            other = others[entry]
            residue[other] += damping * mass * weights[entry] / strength[row]
            if not waiting[other] and residue[other] > precision * strength[other]:
                waiting[other] = 1
                queue[tail] = other
                tail = tail + 1 if tail < rank.size else 0
    reached = ranked[:size].copy()
    _clear(asker, reached, starts, others, residue)
    return reached


@compiled(LONG, LONG, LONGS, INTS, BYTES, BYTES)
def shortest_rows(source: int, target: int, starts: Longs, others: Ints, is_open: Bytes, allowed: Bytes) -> Longs:
    """Return the rows of a shortest path from source to target through allowed rows, both ends included; else none.

    The source's own ties all count, further on open ones only. Of several, the path met first in row order.
    """
    parent = np.full(starts.size - 1, -1, np.int64)
    queue = np.empty(starts.size - 1, np.int64)
    parent[source] = source
    queue[0] = source
    head, tail = 0, 1
    while head < tail and parent[target] < 0:
        row = queue[head]
        head += 1
        for entry in range(starts[row], starts[row + 1]):
            other = others[entry]
            if parent[other] >= 0 or not (is_open[entry] or row == source):
                continue
            if other != target and not allowed[other]:
                continue
            parent[other] = row
            queue[tail] = other
            tail += 1
    path = np.empty(0, np.int64)
    if parent[target] >= 0:
        length = 1
        row = target
        while row != source:
            row = parent[row]
            length += 1
        path = np.empty(length, np.int64)
        row = target
        for step in range(length):
            path[length - 1 - step] = row
            row = parent[row]
    return path


@compiled(LONGS, LONGS, INTS, BYTES, BYTES, FLOATS, FLOATS, FLOATS, OUT_TABLE, OUT_LONGS)
def circle_sums(
    rows: Longs,
    starts: Longs,
    others: Ints,
    is_open: Bytes,
    suggestable: Bytes,
    texts: Floats,
    circles: Floats,
    groups: Floats,
    sums: Doubles,
    counts: Longs,
) -> None:
    """For each of `rows`, write the sums of three values over its open ties (3, rows), and how many these are.

    `groups` count of suggestable ties only: of others nobody is told what they are in.
    """
    for k in range(rows.size):
        text, circle, group, count = 0.0, 0.0, 0.0, 0
        for entry in range(starts[rows[k]], starts[rows[k] + 1]):
            if is_open[entry]:
                text += texts[others[entry]]
                circle += circles[others[entry]]
                if suggestable[others[entry]]:
                    group += groups[others[entry]]
                count += 1
        sums[0, k], sums[1, k], sums[2, k], counts[k] = text, circle, group, count


@inlined
def _two_steps(
    asker: int, starts: Longs, others: Ints, weights: Floats, is_open: Bytes, strength: Doubles, two: Doubles
) -> Longs:
    near = np.empty(two.size, np.int64)
    size = 0
    own = 0.0
    for first in range(starts[asker], starts[asker + 1]):
        own += weights[first]
    for first in range(starts[asker], starts[asker + 1]):
        middle = others[first]
        if strength[middle] == 0.0:
            continue
        step = weights[first] / (np.sqrt(own) * strength[middle])
        for second in range(starts[middle], starts[middle + 1]):
            other = others[second]
            if not is_open[second] or other == asker:
                continue
            if two[other] == 0.0:
                near[size] = other
                size += 1
            two[other] += step * weights[second]
    return near[:size].copy()


@compiled(LONG, LONGS, INTS, FLOATS, BYTES, DOUBLES, OUT_DOUBLES, OUT_FLOATS)
def three_steps(
    asker: int,
    starts: Longs,
    others: Ints,
    weights: Floats,
    is_open: Bytes,
    strength: Doubles,
    two: Doubles,
    ends: Floats,
) -> Longs:
    """Score everyone by all ways of three steps to them; return the rows reached, in the order met.

    A way counts the product of its ties' weights, each over the square root of the strengths at its two ends (the
    normalised adjacency matrix to the power of three, with ways through the asker left out). The first step takes any
    tie of the asker, further ones open ties only. `two` and `ends` are zeros, one per row; `two` is zeros again
    afterwards.
    """
    near = _two_steps(asker, starts, others, weights, is_open, strength, two)
    reached = np.empty(ends.size, np.int64)
    found = 0
    for middle in near:
        step = two[middle] / strength[middle]
        for third in range(starts[middle], starts[middle + 1]):
            other = others[third]
            if not is_open[third] or other == asker:
                continue
            if ends[other] == 0.0:
                reached[found] = other
                found += 1
            ends[other] += step * weights[third] / np.sqrt(strength[other])
    for middle in near:
        two[middle] = 0.0
    return reached[:found].copy()


@compiled(LONGS, INTS, LONGS, FLOATS, OUT_FLOATS)
def shared_groups(groups: Longs, member_rows: Ints, starts: Longs, group_weights: Floats, shared: Floats) -> Longs:
    """Add to `shared` the weight of each of the asker's groups for all in it; return the rows reached."""
    reached = np.empty(shared.size, np.int64)
    size = 0
    for group in groups:
        if group_weights[group] <= 0.0:
            continue
        for entry in range(starts[group], starts[group + 1]):
            row = member_rows[entry]
            if shared[row] == 0.0:
                reached[size] = row
                size += 1
            shared[row] += group_weights[group]
    return reached[:size].copy()
