"""Beside published figures: `python -m benchmarks.published FOLDER [--seeds 0 1 2]`, asked as they were.

*What to join*, by the table of tuned models that RecBole-GNN keeps of hetrec2011-lastfm (`results/social/lastfm.md`):
each knows eight tenths of what every member follows, another tenth served to choose among models, and the last is to be
found. Here rankers know the same eight tenths and not the other, so that figures are lower than those of `haln evaluate
--task group`, where it is known. *Pairs*, by what the authors of CANE say of their newest code (thunlp/CANE, README):
see `haln.evaluation.pairs`. What is drawn is drawn by seed, and differs from what they drew.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from haln.evaluation import baselines, group_baselines, group_ranker, pairs, ranker, splits, tasks
from haln.evaluation.dataset import BadDataset, Dataset, read
from haln.evaluation.protocol import GroupFit, PairFit

JOINING = {
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
"""nDCG@10 by data set and model; embeddings of 64 numbers, one split."""
PAIRS = {"cane_cora": {"CANE": (0.852, 0.905, 0.922, 0.935, 0.934, 0.936, 0.944, 0.950, 0.925)}}
"""How often the true one scores higher, by data set and model, for each share of known ties."""
JOINERS: Mapping[str, GroupFit] = {
    **{name: group_baselines.GROUP[name] for name in ("item-neighbours", "user-neighbours", "als")},
    "haln": group_ranker.fit,
}
PAIRERS: Mapping[str, PairFit] = {
    **{name: baselines.PEER[name] for name in ("bm25", "pagerank", "fusion")},
    "haln-unlearned": ranker.fit_unlearned,
    "haln": ranker.fit,
}
_FIGURES = ("ndcg@10", "recall@10", "mrr")


def figures(data: Dataset, fit: GroupFit, seed: int) -> dict[str, float]:
    """Return the figures of a ranker of groups that does not know the tenth to choose by, by the tenth to be found.

    Raises BadDataset for a data set with dates, where tenths are not drawn.
    """
    (known, *_), (came, *_) = [list(splits.group_rounds(data, phase, seed)) for phase in splits.PHASES]
    if known.now is not None:
        raise BadDataset(f"{data.folder}: tenths are drawn of what has no dates only")
    found = tasks.group_in([replace(known, targets=came.targets, aside=came.memberships)], fit, seed, limit=0)
    return {name: found[name] for name in _FIGURES}


def joining(data: Dataset, seeds: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield each ranker's nDCG@10 by seed and the means of its figures, and what was published."""
    for name, fit in JOINERS.items():
        found = [figures(data, fit, seed) for seed in seeds]
        means = {key: round(float(np.mean([one[key] for one in found])), 4) for key in _FIGURES}
        yield {"ranker": name, **means, "ndcg@10 by seed": [round(one["ndcg@10"], 4) for one in found]}
    for name, value in JOINING.get(data.name, {}).items():
        yield {"published": name, "ndcg@10": value}


def told_apart(data: Dataset, seeds: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield how often each ranker is right, by share, mean over seeds, and what was published."""
    for name, fit in PAIRERS.items():
        found = [pairs.auc(data, fit, seed, published=True) for seed in seeds]
        shares = np.mean([list(one["auc_by_share"].values()) for one in found], axis=0)
        by_seed = [round(one["auc"], 4) for one in found]
        yield {
            "ranker": name,
            "auc": round(float(shares.mean()), 4),
            "by share": shares.round(4).tolist(),
            "by seed": by_seed,
        }
    for name, values in PAIRS.get(data.name, {}).items():
        yield {"published": name, "auc": round(float(np.mean(values)), 4), "by share": list(values)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.published", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    try:
        data = read(arguments.folder)
        for line in (told_apart if pairs.TASK in data.tasks else joining)(data, arguments.seeds):
            print(json.dumps(line), flush=True)
    except BadDataset as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
