"""Figures of the network over 36 months: `python -m benchmarks.network [--members 1800 20000 100000] [--peer]`.

Every figure at 36 months' ends and the day itself: first those that a page shows for every month, then all of them,
with what chance makes of the network and with estimates of who lies in between, for every month as well. With --peer
networkx works out the same in the plain way, snapshot by snapshot, and every value that both have is compared: where
one differs, the run ends. Then one day of the figures of every month: by itself, as one more after those before it, for
each of a hundred days in a row, for a hundred on which nothing but some ties change, and where nothing changes; and
distances alone of the days in a row, each by itself and each after those before it. Of all these is said how they grow
by the ties that change. Each way has a process of its own, so that its memory is its own. Seconds are of processor.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.network_days import ALONE, MORE, ONE_DAY, SOME, STEPS_ALONE, STEPS_MORE, STILL, WALKED, one_day, walked
from benchmarks.network_peer import SHARED, WHOLE_ONLY, plain
from benchmarks.networks import FEW, MONTHS, SEED, Network, haln
from benchmarks.report import Figure, load_words, machine_words, table

SIZES = (1_800, 20_000, 100_000)
SHOWN, EVERYTHING, SAME, PEER = "shown", "everything", "same", "networkx"
NAMES = {
    SHOWN: "figures of every month",
    EVERYTHING: "and chance, communities, in between",
    ALONE: "one day by itself",
    MORE: "one more day, median of them",
    SOME: "one more day, a few ties differ",
    STILL: "one more day, no change",
    STEPS_ALONE: "distances of a day by itself",
    STEPS_MORE: "distances of one more day",
    SAME: "what networkx has, ours",
    PEER: "what networkx has, networkx",
}

TURNS = 15
"""So often one day is worked out in each round: it takes milliseconds."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One way at one size: seconds of each round, memory in MB, and each value by its figure and day.

    Where it walks from day to day, seconds are of each of them, and `changes` how many ties differ.
    """

    way: str
    members: int
    seconds: list[float]
    memory: float
    values: dict[str, float]
    changes: list[int]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.network", description=__doc__)
    parser.add_argument("--members", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"), help="networks are kept here")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", action="store_true", help="networkx, too: minutes at 1,800 members, hours at 100,000")
    parser.add_argument("--once", choices=NAMES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        json.dump(asdict(_measured(given.once, given.members[0], given.rounds)), sys.stdout)
        return
    print(machine_words())
    found: list[Measured] = []
    for size in given.members:
        some = {one.way: one for one in _sized(given, size)}
        if PEER in some:
            _agree(some[SAME], some[PEER])
        found += some.values()
    print("\n" + table(("members", "what", "seconds", "a day, ms", "memory, MB", "networkx / ours"), _rows(found)))
    for way in NAMES:
        _show_exponent([one for one in found if one.way == way])
    for one in found:
        _show_growth(one, {other.way: other for other in found if other.members == one.members})
    print(f"\n{load_words()}")


def _sized(given: argparse.Namespace, members: int) -> Iterator[Measured]:
    network = prepared(given.folder, members)
    for way in NAMES if given.peer else (SHOWN, EVERYTHING, *ONE_DAY):
        rounds = 1 if way == PEER else given.rounds
        command = [sys.executable, "-m", "benchmarks.network", "--once", way]
        command += ["--members", str(members), "--rounds", str(rounds)]
        print(f"  {members:,} members: {NAMES[way]}", file=sys.stderr)
        told = subprocess.run(command, env=network.environment, check=True, stdout=subprocess.PIPE)
        yield Measured(**json.loads(told.stdout))


def prepared(folder: Path, members: int) -> Network:
    """A demonstration network of that size, without suggestions, made by the product's own commands and kept."""
    home = (folder / f"history-{members}").resolve()
    home.mkdir(parents=True, exist_ok=True)
    settings = {"HALN_INSTANCE": str(home), "HALN_ENVIRONMENT": "development", "HALN_LOG_LEVEL": "ERROR"}
    network = Network(members, "sqlite", FEW, {**os.environ, **settings})
    if not (home / "made").exists():
        (home / "haln.sqlite").unlink(missing_ok=True)
        haln(network, "db", "upgrade")
        haln(network, "demo", "--members", str(members), "--months", MONTHS, "--seed", SEED)
        (home / "made").touch()
    return network


def _measured(way: str, members: int, rounds: int) -> Measured:
    """Work out all figures so many times, in this process."""
    from haln.app import create_app
    from haln.db import db
    from haln.measure import facts
    from haln.measure.questions import Question

    app = create_app()
    with app.app_context():
        versions = facts.read(db.session(), app.extensions["haln_vocabulary"])
    last = date.fromordinal(int(max(versions.members.said.max(), versions.ties.said.max())))
    question = Question(last, months=int(MONTHS))
    whole = members <= _measured_whole()
    seconds: list[float] = []
    values: dict[str, float] = {}
    changed: list[int] = []
    if way in WALKED:
        seconds, changed = walked(way, versions, last)
    elif way in ONE_DAY:
        seconds = [one_day(way, versions, last) for _ in range(rounds * TURNS)]
    else:
        work_out = _way(way, versions, question, whole)
        for _ in range(rounds):
            began = time.process_time()
            values = work_out()
            seconds.append(time.process_time() - began)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(way, members, seconds, memory, values, changed)


def _measured_whole() -> int:
    from haln.measure.figures import MEASURED_WHOLE

    return MEASURED_WHOLE


def _way(way: str, versions: Any, question: Any, whole: bool) -> Callable[[], dict[str, float]]:
    """What is timed."""
    from haln.measure import figures

    shared = [key for key in SHARED if whole or key not in WHOLE_ONLY]
    if way == PEER:
        # The plain way begins with lists of spells, made before the clock starts.
        return plain(versions.known(), [day.toordinal() for day in question.days()], shared)
    keys = {
        SHOWN: [key for family in figures.FAMILIES if not family.costly for key in family.keys],
        EVERYTHING: [key for family in figures.FAMILIES for key in family.keys],
        SAME: shared,
    }[way]

    def work_out() -> dict[str, float]:
        found = figures.series(versions, question, keys)
        return {f"{one.measure} {one.as_of.toordinal()}": one.value for one in found if one.value is not None}

    return work_out


def _rows(found: list[Measured]) -> list[tuple[str, ...]]:
    peers = {one.members: one for one in found if one.way == PEER}
    rows: list[tuple[str, ...]] = []
    for one in found:
        median = statistics.median(one.seconds)
        beside = one.way == SAME and one.members in peers
        ratio = f"{statistics.median(peers[one.members].seconds) / median:.0f}" if beside else ""
        a_day = f"{1000 * median / (1 if one.way in ONE_DAY else int(MONTHS) + 1):.2f}"
        seconds = Figure(tuple(one.seconds)).words()
        rows.append((f"{one.members:,}", NAMES[one.way], seconds, a_day, f"{one.memory:.0f}", ratio))
    return rows


def _agree(one: Measured, peer: Measured) -> None:
    """End the run where both do not have the same values."""
    different = set(one.values) ^ set(peer.values)
    different |= {
        key
        for key in set(one.values) & set(peer.values)
        if not math.isclose(one.values[key], peer.values[key], rel_tol=1e-9, abs_tol=1e-9)
    }
    if different:
        key = min(different)
        raise SystemExit(f"{len(different)} values differ: {key}: {one.values.get(key)}, {peer.values.get(key)}")
    print(f"{one.members:,} members: {len(one.values):,} values are the same as networkx's.", flush=True)


def _show_growth(one: Measured, beside: dict[str, Measured]) -> None:
    """Say what a day takes on which one tie changes, and more for each other: the line through all days."""
    if not one.changes:
        return
    line = statistics.linear_regression(one.changes, [1000 * second for second in one.seconds])
    usual, others = statistics.median(one.changes), ""
    if one.way in (MORE, SOME):
        alone, still = (1000 * statistics.median(beside[way].seconds) for way in (ALONE, STILL))
        others = f" A day by itself takes {alone:.2f}, one without a change {still:.2f}."
    print(
        f"{one.members:,} members, {NAMES[one.way]}: {line.intercept + line.slope:.2f} ms where one tie changes, and"
        f" {line.slope:.3f} for each other, {usual:.0f} of them on the median day.{others}"
    )


def _show_exponent(found: list[Measured]) -> None:
    """Say how seconds grow with members: the slope of their logarithms."""
    if len(found) < 2:
        return
    sizes = [math.log(one.members) for one in found]
    slope = statistics.linear_regression(sizes, [math.log(statistics.median(one.seconds)) for one in found]).slope
    print(f"{NAMES[found[0].way]}: seconds grow with members to the power of {slope:.2f}.")


if __name__ == "__main__":
    main()
