"""What to join, beside published figures: `python -m benchmarks.published FOLDER [--seeds 0 1 2]`.

Tuned models of other people's, by the table that RecBole-GNN keeps of hetrec2011-lastfm (`results/social/lastfm.md`):
each knows eight tenths of what every member follows, another tenth served to choose among models, and the last is to be
found. Here rankers know the same eight tenths and nothing of the ninth, so that figures are lower than those of
`haln evaluate --task group`, where it is known. The tenths are drawn by seed, and not those of the table.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from haln.evaluation import group_baselines, group_ranker, metrics, splits, tasks
from haln.evaluation.dataset import BadDataset, Dataset, read
from haln.evaluation.protocol import GroupFit

PUBLISHED = {
    "lastfm": {
        "BPR": 0.1674,
        "NeuMF": 0.1604,
        "NGCF": 0.1898,
        "LightGCN": 0.1972,
        "DiffNet": 0.1694,
        "MHCN": 0.2068,
        "SEPT": 0.2057,
    }
}
"""nDCG@10 by data set; embeddings of 64 numbers, one split."""
RANKERS: dict[str, GroupFit] = {
    **{name: group_baselines.GROUP[name] for name in ("item-neighbours", "user-neighbours", "als")},
    "haln": group_ranker.fit,
}
_FIGURES = ("ndcg@10", "recall@10", "mrr")


def figures(data: Dataset, fit: GroupFit, seed: int) -> dict[str, float]:
    """Return the figures of a ranker that knows all but two tenths, by the last of these.

    Raises BadDataset for a data set with dates, where tenths are not drawn.
    """
    (known, *others), (came, *_) = (list(splits.group_rounds(data, phase, seed)) for phase in splits.PHASES)
    if known.now is not None or others:
        raise BadDataset(f"{data.folder}: tenths are drawn of what has no dates only")
    model = fit(known.profiles, known.ties, known.groups, known.memberships, None, seed)
    barred, wanted = tasks.by_member(one[:2] for one in came.memberships), tasks.by_member(came.targets)
    rows = []
    for member in sorted(wanted):
        own = barred.get(member, set())
        got = tasks.allowed(model.suggest_groups(member, metrics.DEEP + len(own)), own)
        rows.append(metrics.of_one(got, wanted[member]))
    return {name: float(np.mean([row[name] for row in rows])) for name in _FIGURES}


def compared(data: Dataset, seeds: list[int]) -> Iterator[dict[str, Any]]:
    """Yield each ranker's nDCG@10 by seed and its other figures' means, and what was published."""
    for name, fit in RANKERS.items():
        found = [figures(data, fit, seed) for seed in seeds]
        means = {key: round(float(np.mean([one[key] for one in found])), 4) for key in _FIGURES}
        yield {"ranker": name, **means, "ndcg@10 by seed": [round(one["ndcg@10"], 4) for one in found]}
    for name, value in PUBLISHED.get(data.name, {}).items():
        yield {"published": name, "ndcg@10": value}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.published", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    for line in compared(read(arguments.folder), arguments.seeds):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
