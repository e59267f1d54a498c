"""What making suggestions costs: everyone's lists, and one member's after a change, with the memory it takes.

The peer in the same run is the plain way: scikit-learn's cosine of TF-IDF over all texts, the best twenty each. It
gives no ties, no themes, no reasons and no rows; it is the yardstick of what the machine can do.
"""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.networks import EVERYONE, Network
from benchmarks.report import Figure, load_words, table

GOALS = {"one member": {1_800: 50, 100_000: 250}, "everyone": {1_800: 5_000}}


def run(network: Network, rounds: int) -> dict[str, object]:
    """Measure in a process of its own; prints a table and returns the figures."""
    largest = 1 if network.members > 20_000 else rounds
    if network.lists != EVERYONE:
        largest = 0  # everyone's would be the first: one member's alone is measured
    command = [sys.executable, "-m", "benchmarks.refresh_once", str(min(rounds, largest))]
    answer = subprocess.run(command, env=network.environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, list[float]] = json.loads(answer.stdout)
    rows = []
    for name, values in found.items():
        if not values:
            continue
        goal = GOALS.get(name, {}).get(network.members, "")
        rows.append([name, Figure(tuple(values)).words(0 if values[0] > 100 else 1), str(goal)])
    heads = ["what", "median (lowest to highest)", "at most"]
    print(f"\n### Suggestions: {network.name}\n\n{table(heads, rows)}\n\n{load_words()}")
    return {"part": "refresh", "network": network.name, "figures": found}
