"""A coffee round, from people to pairs: `python -m benchmarks.coffee [--members 500 1800 5000] [--peer]`.

People with themes, offers, sectors, places and employers, who have met in five rounds before. With `--peer`, networkx's
`max_weight_matching` on the same weights: on the complete graph of all who take part (`--peer-members`), where it can
finish, in the same run. Both are exact: the weights of the two answers are compared.
"""

from __future__ import annotations

import argparse
import time

import networkx as nx
import numpy as np

from benchmarks.report import Figure, load_words, machine_words, table
from haln.matching.coffee import NOTHING, Choice, Memory, PairOf, Scale, pair_up, weights_of
from haln.matching.pairing import best_pairs
from haln.matching.people import Person, ThemeChoice

SECTORS = ("nhs", "council", "education", "housing", "charity")
THEMES, REGIONS, BEFORE = 24, 12, 5


def crowd(count: int, seed: int) -> list[Person]:
    """So many people who might come."""
    draw = np.random.default_rng(seed)

    def choice(theme: int) -> ThemeChoice:
        return ThemeChoice(
            f"theme-{theme}", interest=True, offer=bool(draw.random() < 0.4), seek=bool(draw.random() < 0.4)
        )

    return [
        Person(
            member,
            themes=tuple(choice(int(one)) for one in draw.choice(THEMES, draw.integers(1, 6), replace=False)),
            sector=SECTORS[draw.integers(len(SECTORS))],
            organisation=int(draw.integers(max(2, count // 4))),
            place=int(draw.integers(max(2, count // 6))),
            region=f"region-{draw.integers(REGIONS)}",
        )
        for member in range(1, count + 1)
    ]


def measure(count: int, rounds: int) -> tuple[Figure, int]:
    """Pair the same people in round after round; returns the seconds of each after the first ones, and all repeats."""
    people, met, seconds, again = crowd(count, count), dict[PairOf, int](), [], 0
    for number in range(BEFORE + rounds):
        start = time.perf_counter()
        found = pair_up(people, {}, Memory(met, frozenset(), frozenset(), {}), Choice(seed=number))
        if number >= BEFORE:
            seconds.append(time.perf_counter() - start)
        again += found.again
        met = {pair: ago + 1 for pair, ago in met.items()} | dict.fromkeys(found.pairs, 1)
    return Figure(tuple(seconds)), again


def beside(count: int, rounds: int) -> tuple[Figure, Figure, bool]:
    """The matching alone, ours and networkx's on the complete graph: seconds of each, and whether both are as heavy."""
    ours, theirs, same = [], [], True
    for number in range(rounds):
        weights = weights_of(crowd(count, number), {}, NOTHING, Choice(seed=number), Scale.of(count))
        start = time.perf_counter()
        mates = best_pairs(weights).mates
        ours.append(time.perf_counter() - start)
        graph: nx.Graph[int] = nx.Graph()
        graph.add_weighted_edges_from((a, b, int(weights[a, b])) for a in range(count) for b in range(a + 1, count))
        start = time.perf_counter()
        pairs = nx.max_weight_matching(graph, maxcardinality=True)
        theirs.append(time.perf_counter() - start)
        weight = int(weights[np.arange(count), mates].sum()) // 2
        same = same and weight == sum(int(weights[a, b]) for a, b in pairs)
    return Figure(tuple(ours)), Figure(tuple(theirs)), same


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.coffee", description=__doc__)
    parser.add_argument("--members", type=int, nargs="+", default=[500, 1800, 5000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", action="store_true", help="networkx on the complete graph, too")
    parser.add_argument("--peer-members", type=int, nargs="+", default=[60, 120])
    arguments = parser.parse_args()
    print(f"{machine_words()}\n{load_words()}\n")
    pair_up(crowd(20, 0), {})  # kernels are loaded
    rows = []
    for count in arguments.members:
        seconds, again = measure(count, arguments.rounds)
        rows.append((f"{count:,}", seconds.words(), str(again)))
    print(table(("people", "a round, seconds: median (lowest to highest)", "repeats in all rounds"), rows))
    if arguments.peer:
        peers = []
        for count in arguments.peer_members:
            ours, theirs, same = beside(count, min(3, arguments.rounds))
            peers.append((f"{count:,}", ours.words(4), theirs.words(), "yes" if same else "NO"))
        print("\n" + table(("people, complete graph", "ours", "networkx", "as heavy"), peers))


if __name__ == "__main__":
    main()
