"""Compiled loops that follow kept distances when ties end and when they begin.

A `table` and how often each distance is in it are as `step_kernels` has them. The neighbours of a node are those from
its start to before its end, in any order.
"""

from __future__ import annotations

from haln.compiled import BYTES, INTS, OUT_BYTES, OUT_INTS, OUT_LONGS, Bytes, Ints, Longs, inner, lean

FAR = 31
"""What `step_kernels` has as well: kernels that are kept would not notice that it is another one there."""

ASKED, MOVED = 1, 2
"""Who is asked whether they move, and who does."""


@inner
def _nearer(row: Bytes, own: Ints, node: int, step: int) -> None:
    """Take a node to be so many steps away."""
    own[row[node]] -= 1
    own[step] += 1
    row[node] = step


@inner
def _awaits(lists: tuple[Longs, Ints, Longs], entries: int, node: int, step: int) -> int:
    """Put a node on the list of those so many steps away; return how many entries all lists have."""
    head, entry, then = lists
    entry[entries], then[entries] = node, head[step]
    head[step] = entries
    return entries + 1


@inner
def _held(net: tuple[Ints, Ints, Ints, Bytes], row: Bytes, met: Bytes, node: int) -> bool:
    """Whether a node has a neighbour one step nearer who has not moved."""
    starts, ends, others, fresh = net
    nearer = row[node] - 1
    for place in range(starts[node], ends[node]):
        other = others[place]
        if row[other] == nearer and not fresh[place] and met[other] != MOVED:
            return True
    return False


@inner
def _moving(
    net: tuple[Ints, Ints, Ints, Bytes],
    row: Bytes,
    met: Bytes,
    lists: tuple[Longs, Ints, Longs],
    entries: int,
    step: int,
) -> int:
    """Mark who moves: all whose every nearer neighbour is gone or moves, from a step outwards.

    The lists hold who has lost one; all who were asked end up in them. Returns how many entries there are.
    """
    starts, ends, others, fresh = net
    head, entry, then = lists
    pending = entries
    while pending:
        at = head[step]
        head[step] = -1
        while at >= 0:
            node = entry[at]
            at = then[at]
            pending -= 1
            if _held(net, row, met, node):
                continue
            met[node] = MOVED
            for place in range(starts[node], ends[node]):
                child = others[place]
                if row[child] == step + 1 and not met[child] and not fresh[place]:
                    met[child] = ASKED
                    entries = _awaits(lists, entries, child, step + 1)
                    pending += 1
        step += 1
    return entries


@inner
def _reached(
    net: tuple[Ints, Ints, Ints, Bytes],
    row: Bytes,
    own: Ints,
    lists: tuple[Longs, Ints, Longs],
    entries: int,
    step: int,
) -> None:
    """Reach from all on the lists whoever is nearer by way of them, the nearest first."""
    starts, ends, others, fresh = net
    head, entry, then = lists
    pending = entries
    while pending:
        at = head[step]
        head[step] = -1
        while at >= 0:
            node = entry[at]
            at = then[at]
            pending -= 1
            if row[node] != step:  # was reached on a shorter way since
                continue
            for place in range(starts[node], ends[node]):
                other = others[place]
                if step + 1 < row[other] and not fresh[place]:
                    _nearer(row, own, other, step + 1)
                    entries = _awaits(lists, entries, other, step + 1)
                    pending += 1
        step += 1


@inner
def _asking(
    net: tuple[Ints, Ints, Ints, Bytes], row: Bytes, met: Bytes, lists: tuple[Longs, Ints, Longs], low: Ints, high: Ints
) -> tuple[int, int]:
    """Put those on the lists who have lost their last nearer neighbour; return how many, and the least distance."""
    entries, least = 0, FAR
    for number in range(low.size):
        one, other = low[number], high[number]
        if row[one] == row[other]:
            continue
        node = one if row[one] > row[other] else other
        if not met[node] and not _held(net, row, met, node):
            met[node] = ASKED
            entries = _awaits(lists, entries, node, row[node])
            least = min(least, row[node])
    return entries, least


@inner
def _away(row: Bytes, own: Ints, met: Bytes, lists: tuple[Longs, Ints, Longs], entries: int, moved: Ints) -> int:
    """Take all who move to be reached by nobody, for now; return how many they are."""
    _, entry, _ = lists
    gone = 0
    for number in range(entries):
        node = entry[number]
        if met[node] == MOVED:
            moved[gone] = node
            gone += 1
            _nearer(row, own, node, FAR)
        met[node] = 0
    return gone


@inner
def _back(
    net: tuple[Ints, Ints, Ints, Bytes], row: Bytes, own: Ints, lists: tuple[Longs, Ints, Longs], moved: Ints, gone: int
) -> tuple[int, int]:
    """Put those who moved on the lists by the nearest neighbour they have; return how many, and the least distance."""
    starts, ends, others, fresh = net
    entries, least = 0, FAR
    for number in range(gone):
        node = moved[number]
        step = FAR
        for place in range(starts[node], ends[node]):
            if not fresh[place]:
                step = min(step, row[others[place]] + 1)
        if step < FAR:
            _nearer(row, own, node, step)
            entries = _awaits(lists, entries, node, step)
            least = min(least, step)
    return entries, least


_NETWORK = (INTS, INTS, INTS, BYTES, INTS, INTS)
_TABLE = (OUT_BYTES, OUT_INTS)
_LISTS = (OUT_LONGS, OUT_INTS, OUT_LONGS)


@lean(*_NETWORK, *_TABLE, *_LISTS, OUT_BYTES, OUT_INTS)
def lost(
    starts: Ints,
    ends: Ints,
    others: Ints,
    fresh: Bytes,
    low: Ints,
    high: Ints,
    table: Bytes,
    counts: Ints,
    head: Longs,
    entry: Ints,
    then: Longs,
    met: Bytes,
    moved: Ints,
) -> None:
    """Follow ties that have ended: `starts`, `ends` and `others` are what is left, ties marked `fresh` not among
    them.

    For each source those whose every nearer neighbour is gone or moves are found, step by step outwards; then they are
    reached anew from the others, the nearest first (Ramalingam and Reps 1996, for steps).
    """
    many = ends.size
    net = (starts, ends, others, fresh)
    lists = (head, entry, then)
    for source in range(counts.size // (FAR + 1)):
        row = table[source * many : (source + 1) * many]
        entries, least = _asking(net, row, met, lists, low, high)
        if entries:
            entries = _moving(net, row, met, lists, entries, least)
            own = counts[source * (FAR + 1) : (source + 1) * (FAR + 1)]
            gone = _away(row, own, met, lists, entries, moved)
            entries, least = _back(net, row, own, lists, moved, gone)
            _reached(net, row, own, lists, entries, least)


@lean(*_NETWORK, *_TABLE, *_LISTS)
def made(
    starts: Ints,
    ends: Ints,
    others: Ints,
    fresh: Bytes,
    low: Ints,
    high: Ints,
    table: Bytes,
    counts: Ints,
    head: Longs,
    entry: Ints,
    then: Longs,
) -> None:
    """Follow ties that have begun, and are in `starts` and `others`: whoever is nearer is reached from their ends.

    Ties marked `fresh` are not among them yet: none is.
    """
    many = ends.size
    lists = (head, entry, then)
    for source in range(counts.size // (FAR + 1)):
        row = table[source * many : (source + 1) * many]
        own = counts[source * (FAR + 1) : (source + 1) * (FAR + 1)]
        entries, least = 0, FAR
        for number in range(low.size):
            one, other = low[number], high[number]
            node, step = (other, row[one] + 1) if row[other] > row[one] else (one, row[other] + 1)
            if step < row[node]:
                _nearer(row, own, node, step)
                entries = _awaits(lists, entries, node, step)
                least = min(least, step)
        _reached((starts, ends, others, fresh), row, own, lists, entries, least)


@lean(INTS, INTS, *_TABLE, OUT_BYTES, OUT_INTS)
def joined(low: Ints, high: Ints, table: Bytes, counts: Ints, ways: Bytes, nearer: Ints) -> None:
    """Follow ties that have begun in a table of everybody, one after the other, pair by pair.

    Only pairs of one to whom the one end is nearer by two or more than the other end, and one to whom it is the other
    way round, can be nearer now (Ausiello and others 1991).
    """
    many = nearer.size
    for number in range(low.size):
        one, other = low[number], high[number]
        ours, theirs = 0, many
        for node in range(many):
            left, right = table[one * many + node], table[other * many + node]
            ways[node], ways[many + node] = left, right
            if left + 1 < right:
                nearer[ours] = node
                ours += 1
            elif right + 1 < left:
                theirs -= 1
                nearer[theirs] = node
        for place in range(ours):
            node = nearer[place]
            so_far = ways[node] + 1
            own = counts[node * (FAR + 1) : (node + 1) * (FAR + 1)]
            row = table[node * many : (node + 1) * many]
            for further in range(theirs, many):
                end = nearer[further]
                step = so_far + ways[many + end]
                before = row[end]
                if step < before:
                    row[end] = table[end * many + node] = step
                    own[before] -= 1
                    own[step] += 1
                    counts[end * (FAR + 1) + before] -= 1
                    counts[end * (FAR + 1) + step] += 1
