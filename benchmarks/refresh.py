"""What making suggestions costs: everyone's lists, and one member's after a change, with the memory it takes.

The peer in the same run is the plain way: scikit-learn's cosine of TF-IDF over all texts, the best twenty each. It
gives no ties, no themes, no reasons and no rows; it is the yardstick of what the machine can do.
"""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.networks import Network
from benchmarks.report import Figure, table

GOALS = {"one member": {1_800: 50, 100_000: 250}, "everyone": {1_800: 5_000}}


def run(network: Network, rounds: int) -> dict[str, object]:
    """Measure in a process of its own; prints a table and returns the figures."""
    command = [sys.executable, "-m", "benchmarks.refresh_once", str(rounds if network.members <= 20_000 else 1)]
    answer = subprocess.run(command, env=network.environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, list[float]] = json.loads(answer.stdout)
    rows = []
    for name, values in found.items():
        goal = GOALS.get(name, {}).get(network.members, "")
        rows.append([name, Figure(tuple(values)).words(0 if values[0] > 100 else 1), str(goal)])
    print(f"\n### Suggestions: {network.name}\n\n{table(['what', 'median (lowest to highest)', 'at most'], rows)}")
    return {"part": "refresh", "network": network.name, "figures": found}
