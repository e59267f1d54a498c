"""Form learning sets: `python -m benchmarks.sets [--instances DIR] [--seeds 3] [--seconds 10] [--only WORD]`.

Pools of the demonstration network, and with --instances the realistic pools and the published instances of maximally
diverse grouping in a folder; clusters of limited size and CP-SAT as peers in the same run; then the advice for each
pool, and how far a small pool's plan is from the best there can be. Seconds are of processor.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from benchmarks.report import Figure, load_words, machine_words, table
from benchmarks.set_groupings import show_groupings
from benchmarks.set_peers import clustered, modelled
from benchmarks.set_pools import Case, Diverse, demonstrated, diverse, filed
from haln.matching.exact import bound
from haln.matching.forming import Locks, form, repair
from haln.matching.objective import Problem, assess, moves, place_of, prepare
from haln.matching.pool import Plan, Pool
from haln.matching.ready import warm_up
from haln.matching.relax import advise

SIZES = (24, 60, 120, 480, 1800)
BOUNDED = 24


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.sets", description=__doc__)
    parser.add_argument("--instances", type=Path, help="a folder with learning_sets/ and mdgp/")
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"), help="networks are kept here")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="for each grouping instance, and for CP-SAT")
    parser.add_argument("--only", default="", help="only what has this word in its name")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--bounded", type=int, default=BOUNDED, help="prove how good plans of so many people are")
    given = parser.parse_args()
    print(machine_words())
    warm_up()
    _show_pools([case for case in _cases(given) if given.only in case.name], given)
    found = [one for one in _groupings(given) if given.only in one.name]
    if found:
        show_groupings(found, given.seeds, given.seconds)
    print(f"\n{load_words()}")


def _cases(given: argparse.Namespace) -> Iterator[Case]:
    for size in SIZES:
        if given.only in f"demonstration, {size} people":
            yield demonstrated(given.folder, size)
    if given.instances:
        for path in sorted((given.instances / "learning_sets").glob("*.json.gz"), key=lambda one: _size(one.name)):
            yield filed(path)


def _groupings(given: argparse.Namespace) -> Iterator[Diverse]:
    for path in sorted((given.instances / "mdgp").glob("*.meta.json.gz")) if given.instances else ():
        for case in ("ss", "ds"):
            found = diverse(path, case)
            if found.known:
                yield found


def _size(name: str) -> tuple[int, str]:
    return int(name.removeprefix("LS").split("_")[0]), name


def _show_pools(cases: list[Case], given: argparse.Namespace) -> None:
    heads = ("pool", "way", "breaks", "left over", "value", "seconds")
    rows: list[tuple[str, ...]] = []
    others: list[tuple[str, ...]] = []
    advised: list[tuple[str, ...]] = []
    for case in cases:
        began = time.process_time()
        problem = prepare(case.pool, case.rules, case.sets)
        preparing = time.process_time() - began
        plans, seconds = [], []
        for seed in range(given.seeds):
            began = time.process_time()
            plans.append(form(problem, seed, start=case.start, locks=Locks(case.pinned)).plan)
            seconds.append(preparing + time.process_time() - began)
        rows.append((case.name, "ours", *_judged(problem, plans), Figure(tuple(seconds)).words()))
        print(" | ".join(rows[-1]), case.cannot and f"({case.cannot})", flush=True)
        if not given.no_peers and not case.cannot:
            rows += _peers(case, problem, given.seconds)
        others.append((case.name, *_around(problem, plans[0])))
        advised.append((case.name, *_advice(problem, plans[0]), _gap(problem, plans[0], given.bounded)))
        print("  " + " | ".join((*others[-1][1:], *advised[-1][1:])), flush=True)
    print("\n" + table(heads, rows))
    print("\n" + table(("pool", "one move, ms", "all moves of a person, ms", "declined, moved, breaks, s"), others))
    print("\n" + table(("pool", "can its rules hold", "ways out", "seconds", "proved gap"), advised))


def _judged(problem: Problem, plans: list[Plan]) -> tuple[str, str, str]:
    found = [assess(problem, plan) for plan in plans]
    breaks = max(one.breaks for one in found)
    left = max(len(one.left_over) for one in found)
    return str(breaks), str(left), Figure(tuple(one.value for one in found)).words(4)


def _peers(case: Case, problem: Problem, seconds: float) -> Iterator[tuple[str, ...]]:
    if len(problem.people) <= 480:
        plan, spent = clustered(problem)
        yield (case.name, "k-means-constrained", *_judged(problem, [plan]), f"{spent:.2f}")
    if len(problem.people) <= 60:
        plan, spent = modelled(problem, seconds, case.start)
        yield (case.name, "CP-SAT", *_judged(problem, [plan]), f"{spent:.2f}")


def _around(problem: Problem, plan: Plan) -> tuple[str, str, str]:
    """Measure the cost of a move, and a repair after one in ten declined."""
    seated = [one.id for one in problem.people if place_of(plan, one.id) is not None]
    if not seated or len(plan.sets) < 2:
        return "", "", ""
    one, every = [], []
    for member in Random(1).sample(seated, min(7, len(seated))):
        here = place_of(plan, member)
        began = time.process_time()
        moves(problem, plan, member, [0 if here != 0 else 1])
        one.append(1000 * (time.process_time() - began))
        began = time.process_time()
        moves(problem, plan, member)
        every.append(1000 * (time.process_time() - began))
    gone = set(Random(2).sample(seated, len(seated) // 10))
    told = {name: getattr(problem.pool, name) for name in Pool.__slots__}
    told["applicants"] = tuple(person for person in problem.people if person.id not in gone)
    fewer = prepare(Pool(**told), problem.rules, len(plan.sets))
    began = time.process_time()
    found = repair(fewer, plan, 1)
    spent = time.process_time() - began
    moved = sum(place_of(plan, person.id) != place_of(found.plan, person.id) for person in fewer.people)
    words = f"{len(gone)}, {moved}, {found.breaks}, {spent:.2f}"
    return Figure(tuple(one)).words(1), Figure(tuple(every)).words(1), words


def _advice(problem: Problem, plan: Plan) -> tuple[str, str, str]:
    """Say whether the rules can hold and what would help, as the pages do beside a plan."""
    began = time.process_time()
    found = advise(problem, plan)
    spent = time.process_time() - began
    proofs = ", ".join(sorted({one.finding for one in found.certificates}))
    said = {True: "yes", False: "no", None: "not decided"}[found.possible]
    return f"{said} {proofs}".strip(), str(len(found.relaxations)), f"{spent:.2f}"


def _gap(problem: Problem, plan: Plan, largest: int) -> str:
    if len(problem.people) > largest:
        return ""
    began = time.process_time()
    found = bound(problem, plan)
    spent = time.process_time() - began
    if found is None:
        return "no bound"
    better = ", a better plan found" if found.better else ""
    return f"{100 * found.gap:.2f} %{better} in {spent:.2f} s"


if __name__ == "__main__":
    main()
