"""Which calls and running sets suit a member, and why: each openly listed thing against each seeker.

What is told of the people behind an opening is counted first, and a count of `few` people or fewer is not used at all:
neither in a score nor in a reason. What people wrote is used as a mean and never comes out again; the words that a
reason quotes stand in the seeker's own text and in the opening's. The same blend ranks groups of networks whose later
memberships are known (`haln evaluate --task group`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from haln.compiled import Doubles, Longs
from haln.matching.blend import Weights, blend
from haln.matching.joining_signals import OWN, SIGNALS, Openings, Read, Seeker, Told, read_each, table, told_by
from haln.matching.joining_weights import PAGE_WEIGHTS, POOL_WEIGHTS
from haln.matching.reasons import Reason

CANDIDATES = 300
"""So many openings are looked at closely where there are more."""
TOGETHER = "together"
"""That only all groups taken together have enough people who speak."""
_DECIMALS = 6

# Which signals of the crowds speak for which reason, the one it cannot be without first. How many are in something, and
# how new they are, speaks for none.
_SPEAKS: Mapping[str, tuple[str, ...]] = {
    "alike_groups": ("group_text",),
    "ties_there": ("ties_there",),
    "people_alike": ("groups_alike", "walk", "regression", "kindred", "broadly_kindred"),
}


@dataclass(frozen=True, slots=True)
class Ranked:
    """An opening as it suits one seeker: `score` in log odds, `band` strong, good or worth_a_look, why.

    The weights of the reasons add up to the score, but for what speaks for no reason and for rounding.
    """

    key: int
    score: float
    band: str
    reasons: tuple[Reason, ...]


def rank(openings: Openings, seekers: Sequence[Seeker], weights: Weights = PAGE_WEIGHTS) -> Iterator[Iterator[Ranked]]:
    """Rank all openings for each seeker, best first; of equal ones the lower key comes first.

    What one seeker gets depends on them and on the openings alone, not on who else is asked. Each is explained when it
    is asked for: lists are shorter than what there is to join.
    """
    for seeker, told in read_each(openings, seekers):
        yield _best_first(openings, seeker, told, weights)


def _best_first(openings: Openings, seeker: Seeker, told: Read, weights: Weights) -> Iterator[Ranked]:
    signals, what = table(openings, seeker, told)
    parts, scores = blended(signals, weights, openings.groups_of(seeker.member))
    # No reason of the crowds is said without this signal, and which word tells takes as long as all of their evidence.
    crowds_speak = bool(signals[:, SIGNALS.index(_SPEAKS["people_alike"][0])].any())
    words = told_by(openings, seeker) if crowds_speak else {}
    for number in np.lexsort((np.arange(len(scores)), -scores)).tolist():  # numbers ascend as keys do
        yield _explained(
            openings.all[number].key,
            what.get(number, {}),
            {"alike_groups": OWN[told.nearest[number]][0], "people_alike": words.get(number, TOGETHER)},
            dict(zip(SIGNALS, zip(signals[number].tolist(), parts[number].tolist(), strict=True), strict=True)),
            float(scores[number]),
            weights,
        )


def blended(signals: Doubles, weights: Weights, groups: int) -> tuple[Doubles, Doubles]:
    """Return each signal's part of each opening's score for somebody in so many groups, and the scores."""
    parts, scores = np.empty_like(signals), np.empty(len(signals))
    blend(signals, *weights.at(groups).arrays(), parts, scores)
    return parts, np.round(scores, _DECIMALS)


def candidates(openings: Openings, seeker: Seeker, told: Read, most: int = CANDIDATES) -> tuple[Longs, Doubles]:
    """Return the openings (their numbers) that are looked at closely for one seeker, and all signals of each.

    What the seeker is in is never among them.
    """
    signals, _ = table(openings, seeker, told)
    free = np.ones(len(signals), bool)
    if openings.crowds is not None:
        own = set(openings.crowds.groups_of(seeker.member))
        free = np.array([one.group is None or one.group not in own for one in openings.all], bool)
    numbers = np.flatnonzero(free)
    if len(numbers) > most:
        _, scores = blended(signals[numbers], POOL_WEIGHTS, openings.groups_of(seeker.member))
        numbers = np.sort(numbers[np.lexsort((numbers, -scores))[:most]])
    return numbers, signals[numbers]


def best(openings: Openings, seekers: Sequence[Seeker], weights: Weights) -> Iterator[list[int]]:
    """Yield the keys of each seeker's candidates, best first: as `rank`, without what they are in and unexplained."""
    for seeker, told in read_each(openings, seekers):
        numbers, signals = candidates(openings, seeker, told)
        _, scores = blended(signals, weights, openings.groups_of(seeker.member))
        yield [openings.all[numbers[at]].key for at in np.lexsort((numbers, -scores))]


def _explained(
    key: int,
    what: Told,
    by: Mapping[str, str],
    measured: Mapping[str, tuple[float, float]],
    score: float,
    weights: Weights,
) -> Ranked:
    """One opening with its reasons: of what is said by part, and of the crowds.

    `by`: the word for what a reason of the crowds comes of. `measured`: signal and part by name.
    """
    reasons = []
    for name, found in what.items():
        whole = sum(share for _, _, share in found)
        reasons += [
            Reason(kind, about, round(measured[name][1] * share / whole, _DECIMALS)) for kind, about, share in found
        ]
    for kind, names in _SPEAKS.items():
        weight = sum(measured[name][1] for name in names)
        if measured[names[0]][0] > 0.0 and weight > 0.0:
            reasons.append(Reason(kind, {"of": by[kind]} if kind in by else {}, round(weight, _DECIMALS)))
    band = "strong" if score >= weights.strong else "good" if score >= weights.good else "worth_a_look"
    return Ranked(key, score, band, tuple(sorted(reasons, key=lambda one: (-one.weight, one.kind))))
