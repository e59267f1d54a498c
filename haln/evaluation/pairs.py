"""Which of two is tied to a member: the true one, or one drawn at random (after Tu and others 2017).

Ties are hidden from the ranker but for a share, and each hidden one is to be told from a false one. It is an easier
question than whom to suggest; what a list is worth, `haln.evaluation.tasks` says.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from haln.evaluation import metrics, tasks
from haln.evaluation.dataset import BadDataset, Dataset, Tie
from haln.evaluation.protocol import PairFit, PairModel

TASK = "cane_auc"
"""What the task is called in `dataset.json`: `ratios` are the shares of ties that are known, one after another."""
LINES = "edges_raw"
"""The table of ties as they were published: each line counts, those of a member with themselves, too."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known, a share of all ties, and what is asked: a question is a member, a true one and a false one."""

    share: float
    known: tuple[Tie, ...]
    questions: tuple[tuple[str, str, str], ...]


def drawn(data: Dataset, seed: int, published: bool = False) -> Iterator[Asked]:
    """Yield what is asked for each share. False ones are drawn from the ends of hidden ties. Raises BadDataset.

    `published`: as published figures were made, from `LINES`, and of members with a known tie alone. By either way a
    tie that is there twice counts twice, so that one may be known and the other asked about, and a false one may be
    tied to the member as well, or be the member.
    """
    ties = _lines(data) if published else sorted(set(data.ties))
    data.check_members(end for tie in ties for end in tie[:2])
    for share in _shares(data):
        rng = np.random.default_rng(5000 + seed)
        order = rng.permutation(len(ties)).tolist()
        kept = int(len(ties) * share)
        known, hidden = [ties[at] for at in order[:kept]], [ties[at] for at in order[kept:]]
        ends = sorted({end for tie in hidden for end in tie[:2]})
        met = {end for tie in known for end in tie[:2]} if published else set(ends)
        asked = [(u, v) for u, v, _ in hidden if u in met and v in met]
        if not asked or len(met.intersection(ends)) < 2:
            raise BadDataset(f"{data.folder}: with a share of {share:g} of the ties nothing is left to be told apart")
        questions = tuple((u, v, _another(v, ends, met, rng)) for u, v in asked)
        yield Asked(share, tuple(tie for tie in known if tie[0] != tie[1]), questions)


def _lines(data: Dataset) -> list[Tie]:
    return [(row["u"], row["v"], 0.0) for row in data.table(LINES, ("u", "v"))]


def _shares(data: Dataset) -> Sequence[float]:
    shares = data.task(TASK).get("ratios")
    numbers = isinstance(shares, list) and all(isinstance(one, int | float) and 0 < one < 1 for one in shares)
    if not shares or not numbers or len(set(shares)) < len(shares):
        raise BadDataset(f"{data.folder}: {TASK} in dataset.json names no ratios between 0 and 1, each once")
    return [float(share) for share in shares]


def _another(one: str, ends: Sequence[str], met: Set[str], rng: np.random.Generator) -> str:
    other = one
    while other == one or other not in met:
        other = ends[int(rng.integers(len(ends)))]
    return other


def auc(data: Dataset, fit: PairFit, seed: int, published: bool = False) -> dict[str, Any]:
    """Judge how often the true one scores higher: `auc`, the mean of all shares, and by share; draws count half.

    The intervals are of the questions that are answered right, by 1,000 resamples of these. Raises BadDataset.
    """
    profiles = data.profiles(None)
    found: dict[str, float] = {}
    intervals: dict[str, list[float]] = {}
    count, fitting, asking = 0, 0.0, 0.0
    for asked in drawn(data, seed, published):
        started = time.process_time()
        model = fit(profiles, asked.known, {}, (), None, seed)
        fitted = time.process_time()
        right = np.array([_right(model, *question) for question in asked.questions])
        asking += time.process_time() - fitted
        fitting += fitted - started
        count += len(right)
        found[str(asked.share)] = float(right.mean())
        intervals[str(asked.share)] = list(metrics.interval(right))
    return {
        "queries": count,
        "auc": float(np.mean(list(found.values()))),
        "auc_by_share": found,
        "auc_by_share_ci95": intervals,
        **tasks.cost(fitting, asking, count),
    }


def _right(model: PairModel, member: str, true: str, false: str) -> float:
    one, other = model.score(member, [true, false])
    return 1.0 if one > other else 0.5 if one == other else 0.0
