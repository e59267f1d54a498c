"""Figures of the network over 36 months: `python -m benchmarks.network [--members 1800 20000 100000] [--peer]`.

Every figure at 36 months' ends and the day itself: first those that a page shows for every month, then all of them,
with what chance makes of the network and with estimates of who lies in between, for every month as well. With --peer
networkx works out the same in the plain way, snapshot by snapshot, and every value that both have is compared: where
one differs, the run ends. Then one day of the figures of every month: by itself, as one more after those before it, for
each of a hundred days in a row, and where nothing changes; and distances alone of these days, each by itself and each
after those before it, with how they grow by the ties that change. Each way has a process of its own, so that its memory
is its own. Seconds are of processor.
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
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.network_peer import SHARED, WHOLE_ONLY, plain
from benchmarks.networks import FEW, MONTHS, SEED, Network, haln
from benchmarks.report import Figure, load_words, machine_words, table
from haln.network import structure
from haln.network.history import snapshot
from haln.network.steps import Steps
from haln.network.walk import Course, Walk

SIZES = (1_800, 20_000, 100_000)
SHOWN, EVERYTHING, SAME, PEER = "shown", "everything", "same", "networkx"
ALONE, MORE, STILL = "alone", "more", "still"
STEPS_ALONE, STEPS_MORE = "steps-alone", "steps-more"
NAMES = {
    SHOWN: "figures of every month",
    EVERYTHING: "and chance, communities, in between",
    ALONE: "one day by itself",
    MORE: "one more day, median of them",
    STILL: "one more day, no change",
    STEPS_ALONE: "distances of a day by itself",
    STEPS_MORE: "distances of one more day",
    SAME: "what networkx has, ours",
    PEER: "what networkx has, networkx",
}

WALKED = (MORE, STEPS_ALONE, STEPS_MORE)
ONE_DAY = (ALONE, STILL, *WALKED)
TURNS = 15
"""So often one day is worked out in each round: it takes milliseconds."""

BEFORE, DAYS = 10, 100
"""So many days are walked before any is measured, and so many that are."""


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
        _show_growth(one)
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
        seconds, changed = _walked(way, versions, question, last)
    elif way in ONE_DAY:
        seconds = [_one_day(way, versions, last) for _ in range(rounds * TURNS)]
    else:
        work_out = _way(way, versions, question, whole)
        for _ in range(rounds):
            began = time.process_time()
            values = work_out()
            seconds.append(time.process_time() - began)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(way, members, seconds, memory, values, changed)


def _one_day(way: str, versions: Any, last: date) -> float:
    """The seconds that the figures of one day take, once the history is there, after the day before it or by itself."""
    from haln.measure.figures import FAMILIES, Days
    from haln.measure.questions import Question

    question = Question(last, months=0)
    days = Days(versions, question, [key for family in FAMILIES if not family.costly for key in family.keys])
    # After the last day on which anything was said nothing changes.
    day = last + timedelta(days=3) if way == STILL else _usual_day(question.known(versions, last), last)
    # Whatever a history is asked once for all its days is not part of one of them.
    for before in (401, 400) if way == ALONE else (2, 1):
        list(days.on(day - timedelta(days=before)))
    began = time.process_time()
    list(days.on(day))
    return time.process_time() - began


def _walked(way: str, versions: Any, question: Any, last: date) -> tuple[list[float], list[int]]:
    """The seconds that each of so many days takes after the day before it, and how many ties differ."""
    history = question.known(versions, last)
    follow = _steps(history, way == STEPS_ALONE) if way in (STEPS_ALONE, STEPS_MORE) else _figures(versions, last)
    seconds: list[float] = []
    changed: list[int] = []
    before: Any = np.empty(0, np.int64)
    for number in range(BEFORE + DAYS, 0, -1):
        day = last - timedelta(days=number)
        seconds.append(follow(day))
        keys = snapshot(history, day.toordinal()).keys
        changed.append(len(np.setxor1d(before, keys)))
        before = keys
    return seconds[BEFORE:], changed[BEFORE:]


def _figures(versions: Any, last: date) -> Callable[[date], float]:
    """What works out the figures of every month as of one day after the other."""
    from haln.measure.figures import FAMILIES, Days
    from haln.measure.questions import Question

    keys = [key for family in FAMILIES if not family.costly for key in family.keys]
    days = Days(versions, Question(last, months=0), keys)

    def follow(day: date) -> float:
        began = time.process_time()
        list(days.on(day))
        return time.process_time() - began

    return follow


def _steps(history: Any, alone: bool) -> Callable[[date], float]:
    """What counts distances as of one day after the other, or of each by itself."""
    from haln.measure.figures import MEASURED_WHOLE, SEED, SOURCES

    kept, walk = Steps(), Walk(Course(history), 0)

    def follow(day: date) -> float:
        found = snapshot(history, day.toordinal())
        giant = structure.components(found).giant
        sources = None if len(giant) <= MEASURED_WHOLE else SOURCES
        walk.to(day.toordinal())
        began = time.process_time()
        if alone:
            structure.distances(found, giant, sources, SEED)
        else:
            kept.of(walk, lambda: found, found.rows[giant], sources, SEED)
        return time.process_time() - began

    return follow


def _usual_day(history: Any, last: date) -> date:
    """The latest day of the year with the median number of spells that begin or end."""
    turns = [*history.since, *history.until, *history.tied_since, *history.tied_until]
    counted = Counter(int(turn) for turn in turns)
    year = [last - timedelta(days=number) for number in range(365)]
    usual = sorted(counted[day.toordinal()] for day in year)[len(year) // 2]
    return next(day for day in year if counted[day.toordinal()] == usual)


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


def _show_growth(one: Measured) -> None:
    """Say what a day takes, whatever changes, and more for each tie that changes: the line through all days."""
    if one.changes:
        line = statistics.linear_regression(one.changes, [1000 * second for second in one.seconds])
        usual = statistics.median(one.changes)
        print(
            f"{one.members:,} members, {NAMES[one.way]}: {line.intercept:.2f} ms and {line.slope:.3f} for each tie"
            f" that changes, {usual:.0f} of them on the median day."
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
