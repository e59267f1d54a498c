"""How good rankings are: nDCG, recall, reciprocal rank, coverage and how evenly attention falls; with intervals."""

import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

K = 10
DEEP = 100
_BOOTSTRAP = 1000


def of_one(ranked: Sequence[str], wanted: Set[str]) -> dict[str, float]:
    """Return the figures of one list against what was wanted (not empty): each from 0 to 1.

    nDCG with gains of 1 (Järvelin and Kekäläinen 2002); the reciprocal rank looks at the first 100.
    """
    hits = [one in wanted for one in ranked[:K]]
    gained = sum(1.0 / math.log2(at + 2) for at, hit in enumerate(hits) if hit)
    ideal = sum(1.0 / math.log2(at + 2) for at in range(min(K, len(wanted))))
    first = next((at for at, one in enumerate(ranked[:DEEP]) if one in wanted), None)
    reciprocal = 0.0 if first is None else 1.0 / (first + 1)
    return {
        "recall@10": sum(hits) / len(wanted),
        "ndcg@10": gained / ideal,
        "mrr": reciprocal,
        "mrr@10": reciprocal if first is not None and first < K else 0.0,
        "hit@10": float(any(hits)),
        "precision@10": sum(hits) / K,
    }


def gini(counts: NDArray[np.float64]) -> float:
    """Return the Gini coefficient of counts: 0 where all are alike or nothing was counted, towards 1."""
    ordered = np.sort(counts)
    total, size = float(ordered.sum()), len(ordered)
    if total == 0.0:
        return 0.0
    return float((2 * np.arange(1, size + 1) - size - 1) @ ordered / (size * total))


def summed_up(
    rows: Sequence[Mapping[str, float]],
    slices: Sequence[str],
    exposures: Sequence[Mapping[str, int]],
    candidates: Sequence[int],
) -> dict[str, Any]:
    """Return means over all lists and per slice, coverage and Gini of who was shown (mean over rounds), an interval.

    The interval is of the mean nDCG@10, percentiles 2.5 and 97.5 of 1,000 resamples of the lists (seed 0).
    """
    if not rows:
        return {"queries": 0}
    found: dict[str, Any] = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    found["queries"] = len(rows)
    for name in sorted(set(slices)):
        some = [row for row, own in zip(rows, slices, strict=True) if own == name]
        means = {key: float(np.mean([row[key] for row in some])) for key in ("recall@10", "ndcg@10", "mrr")}
        found[f"slice:{name}"] = {"queries": len(some), **means}
    coverage, spread = [], []
    for shown, count in zip(exposures, candidates, strict=True):
        counts = np.zeros(count)
        counts[: len(shown)] = list(shown.values())
        coverage.append(len(shown) / count)
        spread.append(gini(counts))
    found["coverage@10"], found["gini@10"] = float(np.mean(coverage)), float(np.mean(spread))
    found["ndcg@10_ci95"] = list(interval(np.array([row["ndcg@10"] for row in rows])))
    return found


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the bootstrap interval (95 %) of a mean."""
    rng = np.random.default_rng(0)
    means = values[rng.integers(0, len(values), (_BOOTSTRAP, len(values)))].mean(axis=1)
    return float(np.percentile(means, 2.5)), float(np.percentile(means, 97.5))


def ratio_interval(values: NDArray[np.float64], others: NDArray[np.float64]) -> tuple[float, float]:
    """Return the bootstrap interval (95 %) of the mean of values over that of others, list by list of the same askers.

    Resamples in which the others have nothing tell nothing, and are left out. Raises ValueError where values and others
    are not as many, or the others have nothing at all.
    """
    if len(values) != len(others) or not others.any():
        raise ValueError("each value has one to be held against, and not all of these are 0")
    chosen = np.random.default_rng(0).integers(0, len(values), (_BOOTSTRAP, len(values)))
    means, against = values[chosen].mean(axis=1), others[chosen].mean(axis=1)
    ratios = means[against > 0.0] / against[against > 0.0]
    return float(np.percentile(ratios, 2.5)), float(np.percentile(ratios, 97.5))
