"""Weights learned from a network's own history: what told, before they were there, which ties would come.

The network as it was known at an earlier moment, and the ties that came after it: for each member who made such a tie,
those who did become one are told from the others of the same candidate pool by a conditional logit (McFadden 1974; the
same as a softmax over the pool). The weights are drawn towards those of other networks, the more so the less there is
to learn from. Nothing of what came is in what is learned from: the earlier network is built without it.

What came tells who meets whom, not whom members need. What they say they look for keeps a share of its weight, whatever
became of it.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from haln.compiled import Doubles, Longs
from haln.matching.blend import COLUMN, LOG, SATURATING, SIGNALS, Family, Weight, Weights, share_of_many
from haln.matching.index import Index
from haln.matching.signals import Room, pair_signals
from haln.matching.suggest import NOTHING, Settings, candidate_rows
from haln.matching.threads import on_one_thread

Floats = NDArray[np.float32]

ASKERS = 1500
"""So many members at most are learned from in one round."""
LOOKS = 10
"""So many members at most are looked at for each lesson; where 100,000 are, five are needed."""
OTHERS = 120
"""So many of the candidates who did not become a tie are kept for each."""
PULL = 4.0
"""How strongly weights are drawn towards those of other networks: as much as this many members' ties."""
HELD = 0.5
"""So much of what is stated weighs on, at least."""
FEWEST = 20
"""Of fewer askers with a tie to come nothing is learned."""
# A random turn is no evidence.
_NOT_LEARNED = "turn"


@dataclass(frozen=True, slots=True)
class Past:
    """A network as it was known at a moment, and the pairs of members that became ties after it."""

    index: Index
    came: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One asker's candidates: signals (candidates, the family's) and which of them came; how many ties they had."""

    signals: Floats
    became: NDArray[np.bool_]
    ties: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one suggestion: signals (people, SIGNALS) of all who stood in the list, the one it is about first.

    `liked`: both said yes; otherwise they were set aside, or said no. `stress`: how much it counts.
    """

    signals: Floats
    ties: int
    liked: bool
    stress: float = 1.0


def lessons(past: Past, settings: Settings, askers: int = ASKERS) -> Iterator[Lesson]:
    """Yield a lesson for each member of whom a tie came that was among their candidates.

    Of more members than `askers` a sample by seed is looked at.
    """
    wanted, rng = _wanted(past), np.random.default_rng(settings.seed)
    members = np.array(sorted(wanted), np.int64)
    if len(members) > askers:
        members = np.sort(rng.choice(members, askers, replace=False))
    return _taught(past, wanted, members, settings, rng)


def enough_lessons(past: Past, settings: Settings, count: int = ASKERS) -> Iterator[Lesson]:
    """Yield up to `count` lessons: members are looked at in an order by seed until so many have taught something.

    Who has no tie to come among their candidates teaches nothing and is not counted; but for each lesson no more than
    `LOOKS` members are looked at.
    """
    wanted, rng = _wanted(past), np.random.default_rng(settings.seed)
    members = rng.permutation(np.array(sorted(wanted), np.int64))[: LOOKS * count]
    return islice(_taught(past, wanted, members, settings, rng), count)


def _wanted(past: Past) -> dict[int, set[int]]:
    """Who became tied to whom, each of both among those of the other."""
    wanted: dict[int, set[int]] = {}
    for one, other in past.came:
        if one != other and one in past.index and other in past.index:
            wanted.setdefault(one, set()).add(other)
            wanted.setdefault(other, set()).add(one)
    return wanted


def _taught(
    past: Past, wanted: Mapping[int, Set[int]], members: Longs, settings: Settings, rng: np.random.Generator
) -> Iterator[Lesson]:
    room = Room(len(past.index.ids))
    for member in members.tolist():
        row = past.index.row(member)
        seen, rows = candidate_rows(past.index, row, NOTHING, settings, room)
        became = np.isin(past.index.ids[rows], list(wanted[member]))
        if became.any():
            kept = sampled(became, rng)
            signals = pair_signals(past.index, seen, rows[kept])
            ties = int(past.index.ties.starts[row + 1] - past.index.ties.starts[row])
            yield Lesson(signals.astype(np.float32), became[kept], ties)


def sampled(became: NDArray[np.bool_], rng: np.random.Generator) -> Longs:
    """Return which candidates of one asker are learned from: all that came, and some of the others."""
    others = np.flatnonzero(~became)
    if len(others) > OTHERS:
        others = rng.choice(others, OTHERS, replace=False)
    return np.sort(np.concatenate((np.flatnonzero(became), others)))


def _learned_terms(weights: Weights) -> list[tuple[str, Weight]]:
    return weights.terms(*(name for name in weights.family.names if name != _NOT_LEARNED))


@dataclass(frozen=True, slots=True)
class _Form:
    """The terms a blend is learned in: signal, shape and scale of each."""

    family: Family
    names: tuple[str, ...]
    shapes: NDArray[np.uint8]
    scales: Doubles
    typical: tuple[float, ...]

    @classmethod
    def of(cls, weights: Weights) -> "_Form":
        terms = _learned_terms(weights)
        return cls(
            weights.family,
            tuple(name for name, _ in terms),
            np.array([one.shape for _, one in terms], np.uint8),
            np.array([one.scale for _, one in terms]),
            tuple(one.typical for _, one in terms),
        )

    def features(self, lesson: Lesson | Answer) -> Floats:
        """Return the terms of everybody in a lesson, for the end without ties and for that with many."""
        columns = [self.family.column[name] for name in self.names]
        x = lesson.signals[:, columns] / self.scales.astype(np.float32)
        x = shaped(x, self.shapes)
        share = np.float32(share_of_many(lesson.ties))
        return np.concatenate((x * (1 - share), x * share), axis=1).astype(np.float32)

    def least(self, name: str, prior: float) -> float | None:
        """Return the least weight of a term that a prior gives so much."""
        return HELD * prior if name in self.family.stated else 0.0 if name in self.family.monotone else None

    def ends(self, weights: Weights) -> Doubles:
        """Return the weights as one vector: without ties, then with many."""
        return np.array([one.ends() for _, one in _learned_terms(weights)]).T.ravel()

    def weights(self, version: str, ends: Doubles, prior: Weights) -> Weights:
        """Return weights of a vector; what is not learned is as in `prior`."""
        few, many = ends.reshape(2, -1)
        found: dict[str, list[Weight]] = {}
        for k, name in enumerate(self.names):
            one = Weight(float(few[k]), int(self.shapes[k]), float(self.scales[k]), float(many[k]), self.typical[k])
            found.setdefault(name, []).append(one)
        rest = {name: terms for name, terms in prior.by_signal.items() if name not in found}
        terms = {**rest, **{name: tuple(terms) for name, terms in found.items()}}
        return replace(prior, version=version, by_signal=terms)


@on_one_thread
def learn(
    some: Sequence[Lesson], prior: Weights, version: str, pull: float = PULL, answers: Sequence[Answer] = ()
) -> Weights:
    """Return weights learned from lessons and answers, drawn towards `prior`, whose terms they have.

    Where there are too few of both, the prior.
    """
    if len(some) + len(answers) < FEWEST:
        return replace(prior, version=version)
    form = _Form.of(prior)
    start = form.ends(prior)
    bounds = [(form.least(name, at), None) for name, at in zip(form.names * 2, start, strict=True)]
    parts = [part for part in (_Choices.of(some, form), _Answers.of(answers, form)) if part is not None]

    def loss(found: Doubles) -> tuple[float, Doubles]:
        away = found[:-1] - start
        value, slope = 0.5 * pull * float(away @ away), np.append(pull * away, 0.0)
        for part in parts:
            more, steeper = part(found)
            value, slope = value + more, slope + steeper
        return value, slope

    # The last unknown is how ready members are to say yes at all: it is no weight.
    begin = np.append(start, 0.0)
    limits = [*bounds, (None, None)]
    found = optimize.minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=limits, options={"maxiter": 300})
    return form.weights(version, np.asarray(found.x)[:-1], prior)


class _Answers:
    """Minus the log likelihood of what members said to suggestions: yes or no, with its gradient.

    Each is seen beside the mean of its list. What members answer at all stands near the top of a list, whatever they
    say; compared with the rest of it, every no would tell against what brings people to the top.
    """

    def __init__(self, features: Floats, liked: NDArray[np.bool_], stress: Doubles) -> None:
        self._features, self._signs, self._stress = features, np.where(liked, 1.0, -1.0), stress

    @classmethod
    def of(cls, answers: Sequence[Answer], form: _Form) -> "_Answers | None":
        if not answers:
            return None
        every = (form.features(one) for one in answers)
        beside = np.stack([own[0] - own.mean(axis=0) for own in every])
        return cls(beside, np.array([one.liked for one in answers]), np.array([one.stress for one in answers]))

    def __call__(self, found: Doubles) -> tuple[float, Doubles]:
        odds = self._signs * (self._features @ found[:-1] + found[-1])
        missed = -self._signs * special.expit(-odds) * self._stress
        return float(np.logaddexp(0.0, -odds) @ self._stress), np.append(missed @ self._features, missed.sum())


class _Choices:
    """Minus the log likelihood of which candidates became ties, with its gradient."""

    def __init__(self, features: Floats, became: NDArray[np.bool_], firsts: Longs, sizes: Longs) -> None:
        self._features, self._firsts = features, firsts
        self._owner = np.repeat(np.arange(len(sizes)), sizes)
        self._became = became.astype(np.float64)
        self._count = np.add.reduceat(self._became, firsts)
        # Somebody of whom ten ties came counts for more than one with one tie, but not ten times.
        self._stress = 1.0 / np.sqrt(self._count)

    @classmethod
    def of(cls, some: Sequence[Lesson], form: _Form) -> "_Choices | None":
        if not some:
            return None
        sizes = np.array([len(one.became) for one in some])
        firsts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        features = np.empty((int(sizes.sum()), 2 * len(form.names)), np.float32)
        for one, first in zip(some, firsts.tolist(), strict=True):  # one by one: twice all of them takes a gigabyte
            features[first : first + len(one.became)] = form.features(one)
        return cls(features, np.concatenate([one.became for one in some]), firsts, sizes)

    def __call__(self, found: Doubles) -> tuple[float, Doubles]:
        scores = (self._features @ found[:-1].astype(np.float32)).astype(np.float64)
        top = np.maximum.reduceat(scores, self._firsts)
        odds = np.exp(scores - top[self._owner])
        total = np.add.reduceat(odds, self._firsts)
        told = np.add.reduceat(self._became * scores, self._firsts) - self._count * (top + np.log(total))
        miss = (self._became - odds / total[self._owner] * self._count[self._owner]) * self._stress[self._owner]
        slope = (miss.astype(np.float32) @ self._features).astype(np.float64)
        return float(-(told @ self._stress)), np.append(-slope, 0.0)


def answered(
    names: Sequence[str], listed: Sequence[Sequence[float]], ties: int, liked: bool, of_so_many: int = 1
) -> Answer:
    """Return what was said to one of a list: a row of values of the named signals for each who stood in it.

    The first row is of the one it was said of. Signals that are not known any more are left out. Somebody who gave so
    many answers counts for more than one who gave one, but not so many times: nobody alone turns everybody's weights.
    """
    known = [(at, COLUMN[name]) for at, name in enumerate(names) if name in COLUMN]
    signals = np.zeros((len(listed), len(SIGNALS)), np.float32)
    for line, row in enumerate(listed):
        for at, column in known:
            signals[line, column] = row[at]
    return Answer(signals, ties, liked, 1.0 / float(np.sqrt(of_so_many)))


def shaped(x: NDArray[Any], shapes: NDArray[np.uint8]) -> NDArray[Any]:
    """Return what terms make of signals over their scales: `blend` for many lessons at once."""
    return np.where(shapes == SATURATING, x / (x + 1.0), np.where(shapes == LOG, np.log1p(x), x))
