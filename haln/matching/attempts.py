"""Newly learned weights held against those in use, by what came last and neither has seen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from haln.compiled import Doubles
from haln.matching.blend import Weights
from haln.matching.learning import ASKERS, FEWEST, PULL, Answer, Lesson, learn, shaped

LISTED = 12
"""So many of the best are compared where bands are drawn."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Newly learned weights beside those in use, by the mean nDCG@10 over what came last.

    `lessons`, `answers`: how many they were learned from; `asked`: lessons of what came last.
    """

    weights: Weights
    before: Weights
    value: float
    value_before: float
    lessons: int
    answers: int
    asked: int

    @property
    def accepted(self) -> bool:
        """Whether the new weights are no worse than those in use."""
        return self.value >= self.value_before


def attempt(
    earlier: Iterable[Iterable[Lesson]],
    answers: Sequence[Answer],
    newest: Sequence[Lesson],
    before: Weights,
    prior: Weights,
    version: str,
    pull: float = PULL,
) -> Attempt | None:
    """Learn from earlier moments and answers, and hold the result against `before` by what came last.

    `earlier` moments are looked at one by one until there are `ASKERS` lessons; nothing of what is in `newest` may be
    in them. None: too little came last to tell one from the other, or too little is there to learn from.
    """
    if len(newest) < FEWEST:
        return None
    some: list[Lesson] = []
    for lessons in earlier:
        some += lessons
        if len(some) >= ASKERS:
            break
    if len(some) + len(answers) < FEWEST:
        return None
    found = _banded(learn(some, prior, version, pull, answers), prior, newest)
    values = [value_of(newest, weights) for weights in (found, before)]
    return Attempt(found, before, values[0], values[1], len(some), len(answers), len(newest))


def _banded(weights: Weights, like: Weights, some: Sequence[Lesson]) -> Weights:
    """Return weights with bands that hold as large a share of the best of each as those of others do."""
    mine, theirs = best_scores(some, weights), best_scores(some, like)
    shares = [float(np.mean(theirs < least)) for least in (like.strong, like.good)]
    strong, good = (float(np.quantile(mine, share)) for share in shares)
    return replace(weights, strong=strong, good=good)


def best_scores(some: Sequence[Lesson], weights: Weights) -> Doubles:
    """Return the scores of the `LISTED` best of each lesson under weights."""
    return np.concatenate([np.sort(_scores(one, weights))[-LISTED:] for one in some])


def _scores(lesson: Lesson, weights: Weights) -> Doubles:
    columns, values, shapes, scales, offsets = weights.at(lesson.ties).arrays()
    x = lesson.signals[:, columns].astype(np.float64) / scales
    x = shaped(x, shapes)
    scores: Doubles = (x - offsets) @ values
    return scores


def value_of(some: Sequence[Lesson], weights: Weights) -> float:
    """Return the mean nDCG@10 of lessons under weights, of what their candidates hold: what models are compared by."""
    return float(np.mean([_ndcg(one, weights) for one in some])) if some else 0.0


def _ndcg(lesson: Lesson, weights: Weights) -> float:
    order = np.argsort(-_scores(lesson, weights), kind="stable")[:10]
    gains = 1.0 / np.log2(np.arange(2, 12))
    return float(lesson.became[order] @ gains[: len(order)] / gains[: min(10, int(lesson.became.sum()))].sum())
