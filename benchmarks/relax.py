"""Advice and bounds for pools of learning sets: `python -m benchmarks.relax [--pools FOLDER] [--sizes 24 60 120 1800]`.

Invented pools, and those of a folder of `LS*.json.gz` files. For each: how long it takes to say whether the rules can
hold and what would help, and for small ones the proven gap of a formed plan.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.report import Figure, machine_words
from haln.matching.exact import bound
from haln.matching.forming import effort_for, form
from haln.matching.objective import Problem, prepare
from haln.matching.pool import Applicant, Facilitator, Pair, Pool
from haln.matching.relax import advise
from haln.matching.rules import Kind, Rule, Rules, Strength

SMALL = 24
MUST, STRONGLY, IF_POSSIBLE = Strength.MUST, Strength.STRONGLY, Strength.IF_POSSIBLE


def rules_for(least: int, most: int, slots: int = 1) -> Rules:
    return (
        Rule(Kind.SIZE, MUST, least, most),
        Rule(Kind.PER_ORGANISATION, MUST, 1),
        Rule(Kind.MANAGERS, MUST),
        Rule(Kind.APART, MUST),
        Rule(Kind.TOGETHER, MUST),
        Rule(Kind.SLOTS, MUST, slots),
        Rule(Kind.FACILITATOR_LOAD, MUST),
        Rule(Kind.THEMES, STRONGLY),
        Rule(Kind.NEW_TIES, STRONGLY),
        Rule(Kind.SPREAD, IF_POSSIBLE, of="sector"),
        Rule(Kind.SPREAD, IF_POSSIBLE, of="role"),
    )


def invented(count: int, seed: int) -> Problem:
    """A pool in which people can make most of ten slots, and few share an organisation."""
    chance = random.Random(seed)
    sets = count // 6
    people = tuple(
        Applicant(
            member,
            organisation=chance.randrange(2 * count),
            sector=str(chance.randrange(6)),
            role=str(chance.randrange(8)),
            themes={str(theme): chance.randint(1, 4) for theme in chance.sample(range(10), 3)},
            slots=frozenset(chance.sample(range(10), chance.randint(5, 8))),
        )
        for member in range(count)
    )
    leaders = tuple(
        Facilitator(10_000 + number, 4, frozenset(chance.sample(range(10), 6))) for number in range(sets // 3 + 1)
    )
    pairs = [frozenset(_pair(chance, count) for _ in range(max(1, count // 120))) for _ in range(2)]
    ties = frozenset(_pair(chance, count) for _ in range(count))
    return prepare(Pool(people, leaders, 10, frozenset(), *pairs, ties), rules_for(5, 8), sets)


def _pair(chance: random.Random, count: int) -> Pair:
    one, other = sorted(chance.sample(range(count), 2))
    return one, other


def stored(path: Path) -> Problem:
    """A pool of a file, its pinned people and weights left aside."""
    data: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))

    def pairs(some: list[list[int]]) -> frozenset[Pair]:
        return frozenset((min(two), max(two)) for two in some)

    people = tuple(
        Applicant(
            one["id"],
            one["org"],
            sector=str(one["sector"]),
            region=str(one["region"]),
            role=str(one["role"]),
            level=min(4, one["seniority"]),
            themes={str(theme): weight for theme, weight in enumerate(one["themes"]) if weight},
            slots=frozenset(one["availability"]),
        )
        for one in data["members"]
    )
    leaders = tuple(
        Facilitator(10_000 + number, one["capacity"], frozenset(one["availability"]))
        for number, one in enumerate(data["facilitators"])
    )
    managers = pairs([[one["id"], one["manager"]] for one in data["members"] if one["manager"] is not None])
    apart, together, ties = (pairs(data[name]) for name in ("keep_apart", "keep_together", "ties"))
    pool = Pool(people, leaders, data["slots"], managers, apart, together, ties)
    sizes = data["sets"]
    return prepare(pool, rules_for(sizes["min"], sizes["max"], data["min_common_slots"]), sizes["count"])


def problems(arguments: argparse.Namespace) -> Iterator[tuple[str, Problem]]:
    for count in arguments.sizes:
        for seed in range(arguments.seeds if count <= SMALL else 1):
            yield f"invented {count}, {seed}", invented(count, seed)
    for path in sorted(arguments.pools.glob("LS*.json.gz")) if arguments.pools else ():
        problem = stored(path)
        if len(problem.people) in arguments.sizes or "_inf_" in path.name:
            yield path.name.split(".")[0], problem


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.relax", description=__doc__)
    parser.add_argument("--pools", type=Path, help="a folder of LS*.json.gz files")
    parser.add_argument("--sizes", type=int, nargs="+", default=[24, 60, 120, 1800])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--largest-bound", type=int, default=SMALL, help="bound pools of up to so many people")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(machine_words())
    for name, problem in problems(arguments):
        print(name, "·", _advice(problem, arguments.rounds), "·", _gap(problem, arguments.largest_bound), flush=True)


def _advice(problem: Problem, rounds: int) -> str:
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        found = advise(problem)
        seconds.append(time.process_time() - start)
    said = {True: "can hold", False: "cannot hold", None: "not decided"}[found.possible]
    proofs = ", ".join(sorted({one.finding for one in found.certificates}))
    return f"{said} {proofs} ({len(found.relaxations)} ways out) in {Figure(tuple(seconds)).words()} s of processor"


def _gap(problem: Problem, largest: int) -> str:
    if len(problem.people) > largest:
        return "no bound asked for"
    formed = form(problem, 1, effort_for(len(problem.people)))
    start = time.process_time()
    found = bound(problem, formed.plan)
    if found is None:
        return f"{formed.breaks} breaks, {len(formed.plan.left_over)} left over: no bound"
    better = ", a better plan found" if found.better else ""
    return f"gap {100 * found.gap:.2f} %{better} in {time.process_time() - start:.2f} s of processor"


if __name__ == "__main__":
    main()
