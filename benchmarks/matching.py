"""How fast matching is: `python -m benchmarks.matching [--members 1800 20000 100000 1000000]`, side by side in one run.

Everyone's nearest 20 by text and by ties beside others' (results compared: where one differs, the run ends), one full
list, patches, the index, and the whole refresh from nothing, by one process and by two, with the memory of all of them.
Each size has processes of its own. Sizes above `LARGEST` are made from the demonstration network without a database,
and only the index and some lists are measured. Seconds are of the processor, but where the clock is named. Peers that
are not here: `pip install -r requirements/bench.txt`.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.matching_machine import FAR, NEAR, triad
from benchmarks.networks import FEW, Network, copied, prepared
from benchmarks.pages import percentile
from benchmarks.report import Figure, load_words, machine_words, ratios, table

SIZES = (1_800, 20_000, 100_000)
LARGEST = 200_000
MODEL = 20_000  # the network that larger ones are made of

# What is to be reached: (figure, beside, members) -> at least so many times faster, or at most so much.
FASTER = {
    ("text: scikit-learn NearestNeighbors", 20_000): 10,
    ("text: sparse_dot_topn", 20_000): 5,
    ("ties: scipy.sparse", 20_000): 4,
    ("ties: networkx", 20_000): 200,
}
AT_MOST = {
    ("one list, ms", 20_000): 5.0,
    ("one list, ms", 100_000): 15.0,
    ("patch of one member, ms", 100_000): 50.0,
    ("refresh of everyone by 2 processes, by the clock", 100_000): 300.0,
}
MEMORY_AT_MOST = {100_000: 4096}  # MB, of the refresh


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.matching", description=__doc__)
    parser.add_argument("--members", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"), help="networks are kept here")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true", help="ours alone: peers take minutes at 100,000 members")
    parser.add_argument("--processes", type=int, nargs="+", default=[2, 1], help="a whole refresh by so many")
    parser.add_argument("--no-refresh", action="store_true", help="without the whole refresh")
    parser.add_argument("--json", type=Path, help="write all figures here, too")
    given = parser.parse_args()
    print(machine_words())
    limits = {"memory": triad(FAR), "cache": triad(NEAR)}
    found: dict[int, dict[str, Any]] = {}
    for members in given.members:
        found[members] = measured(given, members)
        _show(members, found[members], limits)
    _show_growth(found)
    print(f"\n{load_words()}")
    if given.json:
        told = {"machine": machine_words(), "limits": limits, "found": found}
        given.json.write_text(json.dumps(told, indent=1))


def measured(given: argparse.Namespace, members: int) -> dict[str, Any]:
    """All figures of one size: {"figures": …, "memory": …}, in processes of their own."""
    network = prepared(given.folder, "sqlite", "", members if members <= LARGEST else MODEL, FEW)
    rounds = ["--rounds", str(given.rounds)]
    if members > LARGEST:
        return _once(network, "multiplied", "--members", str(members)) | {"rows": members}
    found = _once(network, "index", *rounds, *["--no-peers"][: given.no_peers])
    if not given.no_refresh:
        with copied(network) as copy:
            refresh = _once(copy, "refresh", *rounds, "--processes", *map(str, given.processes))
        found["figures"] |= refresh["figures"]
        found["memory of a refresh"] = refresh["memory"]
    return found


def _once(network: Network, part: str, *words: str) -> dict[str, Any]:
    print(f"  {network.name}: {part} {' '.join(words)}", file=sys.stderr)
    command = [sys.executable, "-m", "benchmarks.matching_once", part, *words]
    answer = subprocess.run(command, env=network.environment, check=True, stdout=subprocess.PIPE)
    told: dict[str, Any] = json.loads(answer.stdout)
    return told


def _show(members: int, found: dict[str, Any], limits: dict[str, float]) -> None:
    print(f"\n### {members:,} members\n")
    heads = ("what", "seconds (ms where said)", "95 %", "theirs / ours", "to reach")
    print(table(heads, list(_rows(members, found["figures"]))))
    for name in found.get("absent", ()):
        print(f"\nNot measured, for it is not installed: {name}.")
    rate = found.get("gigabytes a second")
    if rate is not None:
        shares = ", ".join(f"{100 * rate / limit:.0f} % of {limit:.1f} GB/s from {at}" for at, limit in limits.items())
        print(f"\nEveryone's nearest by text move {rate:.1f} GB a second: {shares}.")
    told = [f"{found['memory']:.0f} MB"]
    asked = f" (at most {MEMORY_AT_MOST[members]})" if members in MEMORY_AT_MOST else ""
    told += [f"{name} {most:.0f} MB{asked}" for name, most in found.get("memory of a refresh", {}).items()]
    print(f"\nMemory: {', '.join(told)}.")


def _rows(members: int, figures: dict[str, list[float]]) -> Iterator[tuple[str, ...]]:
    for name, values in figures.items():
        kind = name.split(":")[0]
        ours = figures.get(f"{kind}: ours")
        ratio = ""
        if ours is not None and not name.endswith(": ours"):
            width = min(len(values), len(ours))
            ratio = ratios(values[:width], ours[:width]).words(1)
        goal = ""
        if (name, members) in FASTER:
            goal = f"{FASTER[name, members]} times"
        elif (name, members) in AT_MOST:
            goal = f"{AT_MOST[name, members]:g}"
        slow = f"{percentile(values, 0.95):.2f}" if name.endswith("ms") else ""
        yield name, Figure(tuple(values)).words(3 if values[0] < 1 else 2), slow, ratio, goal


def _show_growth(found: dict[int, dict[str, Any]]) -> None:
    """How each figure grows with members: the slope of the logarithms of its medians."""
    names = dict.fromkeys(name for one in found.values() for name in one["figures"])
    print()
    for name in names:
        points = [
            (size, statistics.median(one["figures"][name])) for size, one in found.items() if name in one["figures"]
        ]
        if len(points) > 1:
            sizes, values = ([math.log(point[k]) for point in points] for k in (0, 1))
            slope = statistics.linear_regression(sizes, values).slope
            print(f"- {name}: grows with members to the power of {slope:.2f} ({len(points)} sizes).")


if __name__ == "__main__":
    main()
