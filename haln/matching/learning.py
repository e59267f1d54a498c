"""Weights learned from a network's own history: what told, before they were there, which ties would come.

The network as it was known at an earlier moment, and the ties that came after it: for each member who made such a tie,
those who did become one are told from the others of the same candidate pool by a conditional logit (McFadden 1974; the
same as a softmax over the pool). The weights are drawn towards those of other networks, the more so the less there is
to learn from. Nothing of what came is in what is learned from: the earlier network is built without it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from haln.compiled import Doubles, Longs
from haln.matching.blend import Family, Weight, Weights, share_of_many
from haln.matching.index import Index
from haln.matching.suggest import NOTHING, Settings, candidates

Floats = NDArray[np.float32]

ASKERS = 1500
"""So many members at most are learned from in one round; of more, a sample by seed."""
OTHERS = 120
"""So many of the candidates who did not become a tie are kept for each."""
PULL = 4.0
"""How strongly weights are drawn towards those of other networks: as much as this many members' ties."""
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


def lessons(past: Past, settings: Settings, askers: int = ASKERS) -> Iterator[Lesson]:
    """Yield a lesson for each member of whom a tie came that was among their candidates."""
    wanted: dict[int, set[int]] = {}
    for one, other in past.came:
        if one != other and one in past.index and other in past.index:
            wanted.setdefault(one, set()).add(other)
            wanted.setdefault(other, set()).add(one)
    rng = np.random.default_rng(settings.seed)
    members = np.array(sorted(wanted), np.int64)
    if len(members) > askers:
        members = np.sort(rng.choice(members, askers, replace=False))
    for member in members.tolist():
        row = past.index.row(member)
        rows, signals = candidates(past.index, row, NOTHING, settings)
        became = np.isin(past.index.ids[rows], list(wanted[member]))
        if became.any():
            kept = sampled(became, rng)
            ties = int(past.index.ties.starts[row + 1] - past.index.ties.starts[row])
            yield Lesson(signals[kept].astype(np.float32), became[kept], ties)


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

    def features(self, lesson: Lesson) -> Floats:
        """Return the terms of a lesson's candidates, for the end without ties and for that with many."""
        columns = [self.family.column[name] for name in self.names]
        x = lesson.signals[:, columns] / self.scales.astype(np.float32)
        x = np.where(self.shapes == 1, x / (x + 1.0), np.where(self.shapes == 2, np.log1p(x), x))
        share = np.float32(share_of_many(lesson.ties))
        return np.concatenate((x * (1 - share), x * share), axis=1).astype(np.float32)

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
        return Weights(version, {**rest, **{name: tuple(terms) for name, terms in found.items()}}, self.family)


def learn(some: Sequence[Lesson], prior: Weights, version: str, pull: float = PULL) -> Weights:
    """Return weights learned from lessons and drawn towards `prior`, whose terms they have; the prior where too few."""
    if len(some) < FEWEST:
        return replace(prior, version=version)
    form = _Form.of(prior)
    start = form.ends(prior)
    bounds = [(0.0 if name in prior.family.monotone else None, None) for name in form.names * 2]
    features = np.concatenate([form.features(one) for one in some])
    became = np.concatenate([one.became for one in some])
    sizes = np.array([len(one.became) for one in some])
    loss = _Loss(features, became, np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes, start, pull)
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 300})
    return form.weights(version, np.asarray(found.x), prior)


class _Loss:
    """Minus the log likelihood of which candidates became ties, and the pull; with its gradient."""

    def __init__(
        self, features: Floats, became: NDArray[np.bool_], firsts: Longs, sizes: Longs, start: Doubles, pull: float
    ) -> None:
        self._features, self._firsts, self._start, self._pull = features, firsts, start, pull
        self._owner = np.repeat(np.arange(len(sizes)), sizes)
        self._became = became.astype(np.float64)
        self._count = np.add.reduceat(self._became, firsts)
        # Somebody of whom ten ties came counts for more than one with one tie, but not ten times.
        self._stress = 1.0 / np.sqrt(self._count)

    def __call__(self, ends: Doubles) -> tuple[float, Doubles]:
        scores = (self._features @ ends.astype(np.float32)).astype(np.float64)
        top = np.maximum.reduceat(scores, self._firsts)
        odds = np.exp(scores - top[self._owner])
        total = np.add.reduceat(odds, self._firsts)
        told = np.add.reduceat(self._became * scores, self._firsts) - self._count * (top + np.log(total))
        miss = (self._became - odds / total[self._owner] * self._count[self._owner]) * self._stress[self._owner]
        slope = (miss.astype(np.float32) @ self._features).astype(np.float64)
        away = ends - self._start
        return float(-(told @ self._stress) + 0.5 * self._pull * away @ away), -slope + self._pull * away


def value_of(some: Sequence[Lesson], weights: Weights) -> float:
    """Return the mean nDCG@10 of lessons under weights, of what their candidates hold: what models are compared by."""
    return float(np.mean([_ndcg(one, weights) for one in some])) if some else 0.0


def _ndcg(lesson: Lesson, weights: Weights) -> float:
    columns, values, shapes, scales, _ = weights.at(lesson.ties).arrays()
    x = lesson.signals[:, columns].astype(np.float64) / scales
    x = np.where(shapes == 1, x / (x + 1.0), np.where(shapes == 2, np.log1p(x), x))
    order = np.argsort(-(x @ values), kind="stable")[:10]
    gains = 1.0 / np.log2(np.arange(2, 12))
    return float(lesson.became[order] @ gains[: len(order)] / gains[: min(10, int(lesson.became.sum()))].sum())
