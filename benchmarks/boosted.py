"""The learned blend beside boosted trees: `python -m benchmarks.boosted FOLDER… [--phase valid] [--seed 0]`.

LambdaMART (Burges 2010) as lightgbm has it learns from the very lessons the blend learns from and puts the very
candidates in order, monotone in the same signals. Whatever trees gain is what a sum of parts gives away. Needs lightgbm
(requirements/bench.txt); prints nDCG@10 of both, and their ratio with an interval by paired bootstrap.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haln.evaluation import metrics, ranker, splits, tasks
from haln.evaluation.dataset import Dataset, read
from haln.matching.blend import MONOTONE, SIGNALS
from haln.matching.fixed_weights import DEFAULT_WEIGHTS
from haln.matching.learning import Lesson, learn
from haln.matching.suggest import NOTHING, Settings, candidates, ranked

Scores = NDArray[np.float64]
# A random turn is no evidence, for the trees neither.
_KEPT = [column for column, name in enumerate(SIGNALS) if name != "turn"]
_TREES = {
    "n_estimators": 150,
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_child_samples": 50,
    "reg_lambda": 5.0,
    "colsample_bytree": 0.7,
    "subsample": 0.8,
    "subsample_freq": 1,
}
"""Customary for a few thousand lessons; not searched."""


def features(signals: NDArray[Any], ties: int) -> NDArray[np.float32]:
    """Return what the trees see of candidates: their signals, and how many ties the asker has."""
    return np.column_stack((signals[:, _KEPT], np.full(len(signals), ties))).astype(np.float32)


def boosted(lessons: Sequence[Lesson], seed: int) -> Any:
    """Return trees that learned from lessons: `predict(features)`."""
    from lightgbm import LGBMRanker

    rising = [int(SIGNALS[column] in MONOTONE) for column in _KEPT]
    trees = LGBMRanker(**_TREES, monotone_constraints=[*rising, 0], random_state=seed, n_jobs=1, verbose=-1)
    table = np.concatenate([features(one.signals, one.ties) for one in lessons])
    became = np.concatenate([one.became for one in lessons]).astype(int)
    return trees.fit(table, became, group=[len(one.became) for one in lessons])


def compared(data: Dataset, phase: str, seed: int, limit: int) -> dict[str, Any]:
    """Return nDCG@10 of the blend and of the trees, and the ratio of the first to the second with its interval."""
    found = np.array(list(_lists(data, phase, seed, limit)))
    blend, trees = found.mean(axis=0)
    ratio = {"ratio": blend / trees, "ratio_ci95": metrics.ratio_interval(found[:, 0], found[:, 1])}
    figures = {"blend": blend, "lambdamart": trees, **ratio}
    rounded = {name: np.round(value, 4).tolist() for name, value in figures.items()}
    return {"dataset": data.name, "phase": phase, "seed": seed, "lists": len(found), **rounded}


def _lists(data: Dataset, phase: str, seed: int, limit: int) -> Iterator[tuple[float, float]]:
    """Yield nDCG@10 of both for each member asked."""
    for one in splits.peer_rounds(data, phase, seed):
        known = ranker.Known(one.profiles, one.ties, one.groups, one.memberships, one.now)
        lessons = ranker.earlier_lessons(known, seed)
        settings = Settings(seed=seed, weights=learn(lessons, DEFAULT_WEIGHTS, "learned"))
        trees = boosted(lessons, seed)
        wanted = tasks.both_ways(one.targets)
        for member in splits.asked(wanted, limit, seed):
            number = known.number[member]
            names = [known.names[other] for other in ranked(known.index, number, settings)]
            others = _by_trees(known, number, settings, trees)
            blend, by_trees = (metrics.of_one(order, wanted[member])["ndcg@10"] for order in (names, others))
            yield blend, by_trees


def _by_trees(known: ranker.Known, number: int, settings: Settings, trees: Any) -> list[str]:
    row = known.index.row(number)
    rows, signals = candidates(known.index, row, NOTHING, settings)
    ties = int(known.index.ties.starts[row + 1] - known.index.ties.starts[row])
    scores: Scores = trees.predict(features(signals, ties))
    return [known.names[int(known.index.ids[rows[at]])] for at in np.lexsort((known.index.ids[rows], -scores))]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.boosted", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--phase", choices=splits.PHASES, default="test")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, default=tasks.LIMIT, help="members asked; 0: all")
    arguments = parser.parse_args()
    for folder in arguments.folders:
        print(json.dumps(compared(read(folder), arguments.phase, arguments.seed, arguments.limit)), flush=True)


if __name__ == "__main__":
    main()
