"""Which of two is tied to a member: the true one, or one drawn at random (the protocol of Tu and others 2017).

Ties are hidden from the ranker but for a share, and each hidden one is told from a false one. It is an easier question
than whom to suggest, and one that published tables answer; what a list is worth, `haln.evaluation.tasks` says.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from haln.evaluation import metrics
from haln.evaluation.dataset import BadDataset, Dataset, Tie
from haln.evaluation.protocol import PairFit, PairModel

TASK = "cane_auc"
"""What the task is called in `dataset.json`: `ratios` are the shares of ties that are kept, one after another."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A share of the ties that is known, and of the others each (member, true one, false one)."""

    share: float
    known: tuple[Tie, ...]
    pairs: tuple[tuple[str, str, str], ...]


def drawn(data: Dataset, seed: int) -> Iterator[Asked]:
    """Yield what is asked for each share. The false ones are drawn from the ends of hidden ties. Raises BadDataset."""
    ties = sorted(set(data.ties))
    for share in _shares(data):
        rng = np.random.default_rng(5000 + seed)
        order = rng.permutation(len(ties)).tolist()
        kept = int(len(ties) * share)
        hidden = [ties[at] for at in order[kept:]]
        ends = sorted({end for tie in hidden for end in tie[:2]})
        if len(ends) < 2:
            raise BadDataset(f"{data.folder}: with a share of {share:g} of the ties nothing is left to be told apart")
        pairs = tuple((u, v, _another(v, ends, rng)) for u, v, _ in hidden)
        yield Asked(share, tuple(ties[at] for at in order[:kept] if ties[at][0] != ties[at][1]), pairs)


def _shares(data: Dataset) -> Sequence[float]:
    shares = data.task(TASK).get("ratios")
    numbers = isinstance(shares, list) and all(isinstance(one, int | float) and math.isfinite(one) for one in shares)
    if not shares or not numbers or not all(0 < share < 1 for share in shares):
        raise BadDataset(f"{data.folder}: {TASK} in dataset.json names no ratios between 0 and 1")
    return [float(share) for share in shares]


def _another(one: str, ends: Sequence[str], rng: np.random.Generator) -> str:
    other = one
    while other == one:
        other = ends[int(rng.integers(len(ends)))]
    return other


def pairs(data: Dataset, fit: PairFit, seed: int) -> dict[str, Any]:
    """Judge how often the true one scores higher: `auc`, the mean of all shares, and by share; draws count half.

    The intervals are of the share of pairs put in the right order, by 1,000 resamples of these.
    """
    profiles = data.profiles(None)
    found: dict[str, float] = {}
    intervals: dict[str, list[float]] = {}
    count, fitting, asking = 0, 0.0, 0.0
    for asked in drawn(data, seed):
        started = time.process_time()
        model = fit(profiles, asked.known, {}, (), None, seed)
        fitted = time.process_time()
        right = np.array([_right(model, *pair) for pair in asked.pairs])
        asking += time.process_time() - fitted
        fitting += fitted - started
        count += len(right)
        found[f"{asked.share:g}"] = float(right.mean())
        intervals[f"{asked.share:g}"] = list(metrics.interval(right))
    return {
        "queries": count,
        "auc": float(np.mean(list(found.values()))),
        "auc_by_share": found,
        "auc_by_share_ci95": intervals,
        **metrics.cost(fitting, asking, count),
    }


def _right(model: PairModel, member: str, true: str, false: str) -> float:
    one, other = model.score(member, [true, false])
    return 1.0 if one > other else 0.5 if one == other else 0.0
