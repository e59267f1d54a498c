"""Weights for what to join, learned from who joined what: the same conditional logit as of ties.

The network as it was known at an earlier moment, and the memberships that came after it. Nothing of what came is in
what is learned from: the earlier openings and crowds are made without it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from haln.matching.blend import Weights
from haln.matching.joining import candidates
from haln.matching.joining_signals import Openings, Seeker, read_each
from haln.matching.joining_weights import DEFAULT_WEIGHTS
from haln.matching.learning import ASKERS, Lesson, learn, sampled

PULL = 16.0
"""How strongly weights are drawn towards those of other networks: as much as this many members' memberships."""


@dataclass(frozen=True, slots=True)
class PastJoining:
    """What there was to join at a moment, those who joined after it, and the (member, key of an opening) that came."""

    openings: Openings
    seekers: Sequence[Seeker]
    came: Sequence[tuple[int, int]]


def joining_lessons(past: PastJoining, seed: int, askers: int = ASKERS) -> Iterator[Lesson]:
    """Yield a lesson for each member who joined something that was among their candidates."""
    wanted: dict[int, set[int]] = {}
    for member, key in past.came:
        wanted.setdefault(member, set()).add(key)
    rng = np.random.default_rng(seed)
    seekers = sorted((one for one in past.seekers if one.member in wanted), key=lambda one: one.member)
    if len(seekers) > askers:
        seekers = [seekers[at] for at in np.sort(rng.choice(len(seekers), askers, replace=False))]
    keys = np.array([one.key for one in past.openings.all], np.int64)
    for seeker, told in read_each(past.openings, seekers):
        numbers, signals = candidates(past.openings, seeker, told)
        became = np.isin(keys[numbers], sorted(wanted[seeker.member]))
        if became.any() and not became.all():
            kept = sampled(became, rng)
            groups = past.openings.groups_of(seeker.member)
            yield Lesson(signals[kept].astype(np.float32), became[kept], groups)


def learned_weights(
    pasts: Iterable[PastJoining], seed: int, prior: Weights = DEFAULT_WEIGHTS, version: str = "joining-learned"
) -> Weights:
    """Return weights learned from earlier moments and drawn towards `prior`; the prior where there is too little."""
    some = [one for past in pasts for one in joining_lessons(past, seed)]
    return learn(some, prior, version, PULL)
