"""Where to draw each member so that those who are tied stand near each other: ForceAtlas2.

Jacomy, Venturini, Heymann and Bastian (2014), PLoS ONE 9(6) e98679: nodes repel each other by k (d1 + 1)(d2 + 1) /
distance, d being their ties; a tie pulls by its length; gravity ("strong") pulls everybody to the middle by g (d + 1)
times their distance from it, so that parts without a tie between them do not drift apart for ever. Speed follows
how far nodes swing, as there; towards the end it is taken back, so that the picture comes to rest.

Everything is counted in one order by one thread: the same members, ties and seed give the same places.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.sparse import csr_matrix

from haln.compiled import Doubles, Ints, Longs
from haln.network import layout_kernels
from haln.network.history import Flags, History, neighbours
from haln.network.structure import shuffled

REPULSION, GRAVITY = 1.0, 0.1
"""The formula's k and g."""

WIDE = 0.85
"""A square of the tree counts as one node where its side is less than its distance times this."""

STEPS, STEPS_ON = 400, 80
"""Steps from places by chance, and from places that were good enough before something changed."""

HELD = 0.1
"""The freedom of those whose place was known: a picture that people know changes slowly."""

NEAR, SPARE = 1.0, 3.0
"""How far from the mean of their ties a newcomer stands, and how far apart all begin."""

GOLDEN = np.pi * (3 - np.sqrt(5))

Places = Mapping[int, tuple[float, float]]
"""Where members are, by their ids."""


def layout(found: History, before: Places | None = None, seed: int = 0) -> dict[int, tuple[float, float]]:
    """Place all members who ever were there, by all ties that ever held, starting from where they were `before`.

    A newcomer starts where `between` puts them. The mean of all places is 0; the unit is that of the forces, in which a
    pair tied to nobody else stands two apart.
    """
    many = len(found)
    if not many:
        return {}
    low, high = _pairs(found)
    starts, others = neighbours(low, high, many)
    places, known = _start(found.members, starts, others, before or {}, seed)
    masses = np.diff(starts) + 1.0
    freedom = np.where(known, HELD, 1.0)
    steps = STEPS_ON if known.any() else STEPS
    layout_kernels.settle(starts, others, masses, freedom, steps, WIDE, REPULSION, GRAVITY, places)
    places -= places.mean(axis=0)
    return _told(found.members, places)


def between(found: History, known: Places) -> dict[int, tuple[float, float]]:
    """Everybody's place: their own where it is known, else near the mean of those they were ever tied to.

    Who has no tie to anybody with a place stands at the rim. Nobody stands on another's place.
    """
    if not len(found):
        return {}
    low, high = _pairs(found)
    starts, others = neighbours(low, high, len(found))
    places, _ = _start(found.members, starts, others, known, 0)
    return _told(found.members, places)


def _pairs(found: History) -> tuple[Ints, Ints]:
    """Each pair that ever was tied, once."""
    many = len(found)
    keys = np.unique(found.low.astype(np.int64) * many + found.high)
    return (keys // many).astype(np.int32), (keys % many).astype(np.int32)


def _start(members: Longs, starts: Ints, others: Ints, before: Places, seed: int) -> tuple[Doubles, Flags]:
    """Where to start, and whose place was known."""
    ids = members.tolist()
    here: Flags = np.array([member in before for member in ids], np.bool_)
    places = _round(len(ids), seed)
    if not here.any():
        return places, here
    places[here] = [before[member] for member in ids if member in before]
    rim = 1.05 * float(np.hypot(*places[here].T).max()) + 1.0
    places[~here] *= rim / np.hypot(*places[~here].T)[:, None]
    placed = here.copy()
    while _stand_by_friends(starts, others, placed, places):
        pass  # who is tied to newcomers only is reached through them
    return places, here


def _stand_by_friends(starts: Ints, others: Ints, placed: Flags, places: Doubles) -> bool:
    """Place those who are tied to somebody who is placed, near the mean of those; returns whether there were any."""
    many = len(placed)
    ties = csr_matrix((np.ones(len(others)), others, starts), shape=(many, many))
    counts = ties @ placed.astype(np.float64)
    newly = ~placed & (counts > 0)
    sums = ties @ (places * placed[:, None])
    turned = GOLDEN * np.arange(many)
    aside = NEAR * np.column_stack((np.cos(turned), np.sin(turned)))
    places[newly] = (sums[newly] / counts[newly, None]) + aside[newly]
    placed |= newly
    return bool(newly.any())


def _round(many: int, seed: int) -> Doubles:
    """Places in a round disc in an order by chance, no two the same (Vogel 1979)."""
    turns = shuffled(many, np.random.PCG64(seed)).astype(np.float64)
    far = SPARE * np.sqrt(turns + 0.5)
    disc: Doubles = np.column_stack((far * np.cos(GOLDEN * turns), far * np.sin(GOLDEN * turns)))
    return disc


def _told(members: Longs, places: Doubles) -> dict[int, tuple[float, float]]:
    return dict(zip(members.tolist(), map(tuple, places.tolist()), strict=True))
