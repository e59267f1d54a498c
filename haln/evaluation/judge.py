"""Rankers side by side on one data set: each in a process of its own, so that seconds and memory are its own."""

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from haln.evaluation import attention, baselines, group_baselines, group_ranker, pairs, ranker, tasks
from haln.evaluation.dataset import BadDataset, Dataset, read
from haln.evaluation.protocol import Fit, GroupFit, PeerFit

OURS = "haln"
PRIOR = "haln-unlearned"
SHARED = "haln-shared"
ATTENTION, PAIRS = ASKED_FOR = "attention", "pairs"
"""Tasks that have to be asked for: everyone gets a list, or a ranker is fitted time and again, which takes long."""
PEER: Mapping[str, PeerFit] = {**baselines.PEER, PRIOR: ranker.fit_unlearned, OURS: ranker.fit}
GROUP: Mapping[str, GroupFit] = {**group_baselines.GROUP, PRIOR: group_ranker.fit_unlearned, OURS: group_ranker.fit}
TEXT: Mapping[str, Fit] = {**baselines.TEXT, OURS: ranker.fit_texts}
EVERYONE: Mapping[str, Fit] = {**baselines.PEER, OURS: ranker.fit, SHARED: attention.fit}
RANKERS: Mapping[str, Mapping[str, Fit | GroupFit]] = {
    "peer": PEER,
    "group": GROUP,
    "text": TEXT,
    ATTENTION: EVERYONE,
    PAIRS: PEER,
}
TASKS = tuple(RANKERS)
_NAMES = {
    "peer": ("peer",),
    "group": ("group",),
    "text": ("rating", "invite"),
    ATTENTION: ("peer",),
    PAIRS: (pairs.TASK,),
}


def tasks_of(data: Dataset) -> list[str]:
    """Return the tasks that a data set can be asked."""
    return [task for task, names in _NAMES.items() if any(name in data.tasks for name in names)]


def chosen(data: Dataset, task: str | None, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return (task, ranker) to run: all of them, or those named. Raises `BadDataset` for what there is not."""
    possible = tasks_of(data)
    if task is not None and task not in possible:
        raise BadDataset(f"{data.folder} has no task {task}: it has {', '.join(possible) or 'none that is known'}")
    if not possible:
        raise BadDataset(f"{data.folder} names no task that is known: {', '.join(TASKS)}")
    known = {name for one in RANKERS.values() for name in one}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BadDataset(f"no ranker is called {', '.join(unknown)}: there are {', '.join(sorted(known))}")
    run = [task] if task else [one for one in possible if one not in ASKED_FOR] or possible
    found = [(one, name) for one in run for name in RANKERS[one] if not names or name in names]
    if not found:
        raise BadDataset(f"none of these rankers does {task or ', '.join(possible)}")
    return found


def judged(
    folder: Path, task: str | None, names: Sequence[str], phase: str, seeds: Sequence[int], limit: int
) -> Iterator[dict[str, Any]]:
    """Yield the figures of each ranker. Raises `BadDataset`."""
    runs = chosen(read(folder), task, names)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        for one, name in runs:
            yield pool.submit(_run, folder, one, name, phase, tuple(seeds), limit).result()


def _run(folder: Path, task: str, name: str, phase: str, seeds: Sequence[int], limit: int) -> dict[str, Any]:
    data = read(folder)
    if task == "text":
        found = tasks.text(data, TEXT[name], seeds[0])
        return {"dataset": data.name, "task": task, "ranker": name, "seeds": [seeds[0]], **found}
    if task == PAIRS:
        every = [pairs.auc(data, PEER[name], seed) for seed in seeds]
        return {"dataset": data.name, "task": task, "ranker": name, "seeds": list(seeds), **_mean(every)}
    # Of what is dated nothing is drawn: another seed would be the same again, but for what is random itself.
    dated = data.task(*_NAMES[task]).get("split") == "temporal" and name != "random"
    asked = seeds[:1] if dated else seeds
    if task == ATTENTION:
        rounds = [attention.whole(data, EVERYONE[name], phase, seed) for seed in asked]
    elif task == "group":
        rounds = [tasks.group(data, GROUP[name], phase, seed, limit) for seed in asked]
    else:
        rounds = [tasks.peer(data, PEER[name], phase, seed, limit) for seed in asked]
    return {"dataset": data.name, "task": task, "phase": phase, "ranker": name, "seeds": list(asked), **_mean(rounds)}


def _mean(rounds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    rounds = [one for one in rounds if one["queries"]] or rounds[:1]  # where nobody was asked there is nothing to add
    if len(rounds) == 1:
        return dict(rounds[0])
    found: dict[str, Any] = {}
    for key, first in rounds[0].items():
        values = [one[key] for one in rounds if key in one]
        if isinstance(first, (int, float)):
            found[key] = max(values) if key == "peak_memory_mb" else float(np.mean(values))
        elif isinstance(first, dict) and not key.endswith("_ci95"):
            found[key] = {name: float(np.mean([one[name] for one in values])) for name in first}
        else:
            found[key] = values
    main = "auc" if "auc" in rounds[0] else "ndcg@10"
    found[f"{main}_std"] = float(np.std([one[main] for one in rounds], ddof=1))
    return found
