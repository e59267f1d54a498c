"""A year of members with hidden tastes: `python -m benchmarks.tastes [--members 400]`, with and without learning.

People and first ties are those of the demonstration network, as matching is told about them; half of the ties are taken
away, so that there is a year to come. Prints, month by month, which share of the suggestions that were read led to a
connection.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from benchmarks.networks import FEW, prepared
from benchmarks.report import load_words, machine_words, table
from haln.connect import encoding, person_rows
from haln.evaluation import tastes
from haln.matching.people import Membership, Person, Tie
from haln.taxonomy.vocabulary import load

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.tastes", description=__doc__)
    parser.add_argument("--network", type=int, default=1_800, help="members of the demonstration network")
    parser.add_argument("--members", type=int, default=400, help="so many of them, drawn by seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--own", type=float, default=0.5, help="how far each taste is from all others'")
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"), help="networks are kept here")
    given = parser.parse_args()
    network = prepared(given.folder, "sqlite", "", given.network, FEW)
    people, ties, memberships = known(f"sqlite:///{network.environment['HALN_INSTANCE']}/haln.sqlite", given.members)
    found = {}
    for learns in (False, True):
        years = [
            list(
                tastes.year(people, ties, memberships, NOW.toordinal(), tastes.World(own=given.own, seed=seed), learns)
            )
            for seed in given.seeds
        ]
        found[learns] = np.array([[month.agreed / max(1, month.read) for month in one] for one in years])
    print(machine_words())
    rows = [
        [str(month), *(f"{found[learns][:, month].mean():.3f}" for learns in (False, True))]
        for month in range(found[True].shape[1])
    ]
    print(table(["month", "weights that stay", "weights that learn"], rows))
    whole = {learns: found[learns][:, 1:].mean(axis=1) for learns in found}
    print(f"From month 1 on, by seed: {np.round(whole[False], 3)} and {np.round(whole[True], 3)}. {load_words()}")


def known(url: str, members: int) -> tuple[list[Person], list[Tie], list[Membership]]:
    """The people, half of the ties and the sets of some members."""
    with Session(create_engine(url)) as session:
        vocabulary = load()
        everyone = list(person_rows.people(session, NOW, lambda code: vocabulary.top_sector(code).code))
        ties, memberships = list(encoding.ties(session)), list(encoding.memberships(session))
    rng = np.random.default_rng(5)
    able = [person for person in everyone if person.suggestable]
    chosen = rng.choice(len(able), min(members, len(able)), replace=False)
    people = [able[at] for at in sorted(chosen.tolist())]
    ids = {person.member for person in people}
    left = [tie for tie in ties if tie.a in ids and tie.b in ids and rng.random() < 0.5]
    return people, left, [one for one in memberships if one.member in ids]


if __name__ == "__main__":
    main()
