"""`flask haln evaluate`: how well the ranker behind the pages ranks, beside what anybody could pick instead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from haln.evaluation import judge, tasks
from haln.evaluation.dataset import BadDataset
from haln.evaluation.splits import PHASES

_SHOWN = (
    "auc",
    "ndcg@10",
    "recall@10",
    "mrr",
    "coverage@10",
    "gini@10",
    "peak@10",
    "loss",
    "fit_seconds",
    "ms_per_query",
)


@click.command("evaluate")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--task", type=click.Choice(judge.TASKS), help="Only this task; without, all the data set has.")
@click.option("--ranker", "rankers", help="Only these rankers, with commas between; without, all of them.")
@click.option("--phase", type=click.Choice(PHASES), default="test", show_default=True, help="Choose by valid only.")
@click.option("--seed", "seeds", type=int, multiple=True, default=(0,), show_default=True, help="Several: the mean.")
@click.option(
    "--limit", type=click.IntRange(min=0), default=tasks.LIMIT, show_default=True, help="Members asked; 0: all."
)
@click.option("--json", "only_json", is_flag=True, help="Nothing but the JSON lines.")
def evaluate(
    folder: Path, task: str | None, rankers: str | None, phase: str, seeds: tuple[int, ...], limit: int, only_json: bool
) -> None:
    """Rank on a data set whose later ties are known, beside baselines: one JSON line for each ranker."""
    names = [name.strip() for name in (rankers or "").split(",") if name.strip()]
    found = []
    try:
        for one in judge.judged(folder, task, names, phase, seeds, limit):
            click.echo(json.dumps(one))
            found.append(one)
    except BadDataset as error:
        raise click.ClickException(str(error)) from error
    if not only_json:
        click.echo(_table(found), err=True)


def _table(found: list[dict[str, Any]]) -> str:
    """The main figures in columns, for a reader."""
    columns = [name for name in _SHOWN if any(name in one for one in found)]
    lines = [" ".join([f"{'ranker':<22}", *(f"{name:>12}" for name in columns)])]
    for one in found:
        numbers = [f"{one[name]:>12.4f}" if name in one else f"{'':>12}" for name in columns]
        lines.append(" ".join([f"{one['ranker']:<22}", *numbers]))
    return "\n".join(lines)
