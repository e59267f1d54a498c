"""One process that measures matching at one size, on the network its environment names; prints figures as JSON.

Seconds are of the processor, of this process, its threads and the processes it started.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse
from sqlalchemy import delete, update

from benchmarks import matching_peers as peers
from benchmarks.matching_machine import moved_by_text, processor_seconds, watched
from benchmarks.synthetic import multiplied
from haln.connect.stored_lists import stored
from haln.matching import nearest, ready
from haln.matching.crew import Held, Planned, Portion
from haln.matching.index import Index, build
from haln.matching.patching import patch
from haln.matching.people import Changes
from haln.matching.suggest import Exclusions, Settings, suggest_for
from haln.models import SetSuggestion, Suggestion

NEAREST, LISTS, PATCHES = 20, 200, 20
LONG = 60.0  # seconds; what takes longer is measured once
CLOSE = 1e-6

Figures = dict[str, list[float]]


def seconds(work: Callable[[], Any], rounds: int) -> tuple[list[float], Any]:
    """Processor seconds of each round, and what the last one gave."""
    spent: list[float] = []
    while len(spent) < rounds and (not spent or spent[0] < LONG):
        began = time.process_time()
        found = work()
        spent.append(time.process_time() - began)
    return spent, found


def in_turns(works: dict[str, Callable[[], Any]], rounds: int) -> Iterator[tuple[str, float, Any]]:
    """Yield the name, the processor seconds and what it gave of each work, one after the other, round by round.

    So that all of them meet the machine as fast, or as slow, as it is from minute to minute. What takes long: once.
    """
    long: set[str] = set()
    for _ in range(rounds):
        for name, work in works.items():
            if name in long:
                continue
            spent, found = seconds(work, 1)
            if spent[0] >= LONG:
                long.add(name)
            yield name, spent[0], found


def kernels(index: Index, rounds: int, with_peers: bool) -> dict[str, Any]:
    """Everyone's nearest by text and by ties, ours and others', which must agree."""
    figures: Figures = {}
    missing = []
    # Copies, and narrow starts: not all peers take arrays that are mapped, or starts wider than terms.
    terms, weights = (column.copy() for column in index.texts.columns)
    shape = (len(index.texts), len(index.vocabulary.terms))
    texts = sparse.csr_matrix((weights, terms, index.texts.starts.astype(np.int32)), shape)
    tied = index.ties.columns[0].copy()
    shape = (len(index.ties), len(index.ties))
    ties = sparse.csr_matrix((np.ones(len(tied)), tied, index.ties.starts.astype(np.int32)), shape)
    everyone, worth = np.ones(len(index.texts), np.float32), nearest.worth_of_ties(index.ties)["adamic_adar"]
    ours = {
        "text": lambda: nearest.nearest_texts(index.texts, everyone, texts.shape[1], NEAREST),
        "ties": lambda: nearest.nearest_by_ties(index.ties, worth, NEAREST),
    }
    for what, matrix, others in (("text", texts, peers.TEXT), ("ties", ties, peers.TIES)):
        works: dict[str, Callable[[], Any]] = {"ours": ours[what]}
        for name, peer in others.items() if with_peers else ():
            if peers.absent(name):
                missing.append(name)
            else:
                works[name] = partial(peer, matrix, NEAREST)
        for name, spent, found in in_turns(works, rounds):
            figures.setdefault(f"{what}: {name}", []).append(spent)
            if name == "ours":
                here = found
            else:
                agree(name, here.rows, here.scores, *found)
    bytes_moved = moved_by_text(index, figures["text: ours"])
    return {"figures": figures, "absent": missing, "gigabytes a second": bytes_moved}


def agree(name: str, rows: Any, scores: Any, their_rows: Any, their_scores: Any) -> None:
    """End the run unless both have the same scores, and the same members but for draws at the end of a list."""
    width = their_scores.shape[1]
    rows, scores = rows[:, :width], scores[:, :width]
    their_scores = np.where(their_scores > CLOSE, their_scores, 0.0)
    apart = float(np.abs(scores - their_scores).max(initial=0.0))
    if apart > CLOSE:
        raise SystemExit(f"{name} and we do not have the same scores: {apart} apart")
    for first in range(0, len(rows), 1000):
        block = slice(first, first + 1000)
        told = (their_rows[block][:, :, None] == rows[block][:, None, :]).any(axis=2)
        draws = their_scores[block] <= scores[block][:, -1:] + 2 * CLOSE
        if not (told | draws).all():
            raise SystemExit(f"{name} and we do not have the same members")


def lists(index: Index, count: int = LISTS) -> Figures:
    """Milliseconds of a full list: ranked, varied, explained; and of the same after a dismissal."""
    members = index.members()
    chosen = [members[k * len(members) // count] for k in range(min(count, len(members)))]
    suggest_for(index, chosen[0])
    found: Figures = {"one list, ms": [], "one list after a dismissal, ms": []}
    for member in chosen:
        began = time.process_time()
        made = suggest_for(index, member)
        found["one list, ms"].append(1000 * (time.process_time() - began))
        left_out = Exclusions(excluded=[one.member for one in made.suggestions[:1]])
        began = time.process_time()
        suggest_for(index, member, left_out)
        found["one list after a dismissal, ms"].append(1000 * (time.process_time() - began))
    return found


def patches(index: Index, changed: Callable[[int], Changes]) -> Figures:
    """Milliseconds of taking one member's change up (profile, ties, sets), and one tie."""
    members = index.members()
    found: Figures = {"patch of one member, ms": [], "patch of one tie, ms": []}
    for k in range(PATCHES + 1):
        member = members[k * len(members) // (PATCHES + 1)]
        whole = changed(member)
        tie = Changes(retied=whole.retied, ties=whole.ties)
        for name, changes in (("patch of one member, ms", whole), ("patch of one tie, ms", tie)):
            began = time.process_time()
            patch(index, changes)
            found[name].append(1000 * (time.process_time() - began))
    return {name: values[1:] for name, values in found.items()}


def memory() -> float:
    """The most memory this process has had so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def of_network(part: str, rounds: int, with_peers: bool, processes: Sequence[int]) -> dict[str, Any]:
    """Measure on the network in the database."""
    from haln.app import create_app
    from haln.connect import encoding, person_rows
    from haln.db import db

    app = create_app()
    refresher = app.extensions["haln_refresher"]
    ready.warm_up()
    with app.app_context():
        session, now = db.session(), datetime.now(UTC)
        if part == "refresh":
            return refreshes(session, refresher, app.extensions["haln_set_lists"], rounds, processes)
        indexes = refresher._indexes
        spent, caught = seconds(lambda: indexes.build(session, now), rounds)

        def changed(member: int) -> Changes:
            one = frozenset([member])
            people = tuple(person_rows.people(session, now, indexes.top_sector, one))
            own = tuple(encoding.memberships(session, one))
            return Changes(people, frozenset(), one, tuple(encoding.ties(session, one)), one, own)

        figures = {"index, from the database": spent} | lists(caught.index) | patches(caught.index, changed)
        figures |= portions(caught.index)
        session.rollback()
    # From here on the index as other processes have it: mapped into memory.
    found = kernels(indexes.saved().index, rounds, with_peers)
    return found | {"figures": figures | found["figures"], "memory": memory()}


def refreshes(session: Any, refresher: Any, set_lists: Any, rounds: int, processes: Sequence[int]) -> dict[str, Any]:
    """Everybody's lists from nothing, by so many processes: seconds by the clock and of all processors; memory.

    Of people, and of what there is to join.
    """
    from haln.connect import training

    figures: Figures = {}
    most: dict[str, float] = {}
    refresher._learns = set_lists._learns = False  # once a week only, and measured by itself
    for workers in processes:
        refresher._workers = set_lists._workers = workers
        by = f"by {workers} process{'es'[: 2 * (workers > 1)]}"
        for name, made in ((f"refresh of everyone {by}", refresher), (f"what to join, for everyone {by}", set_lists)):
            by_clock, spent = figures.setdefault(f"{name}, by the clock", []), figures.setdefault(name, [])
            with watched() as seen:
                while len(by_clock) < rounds and (not by_clock or by_clock[0] < LONG):
                    _forget_lists(session)
                    began, used = time.monotonic(), processor_seconds()
                    made.everyone(session, datetime.now(UTC), lambda _done, _all: None)
                    by_clock.append(time.monotonic() - began)
                    spent.append(processor_seconds() - used)
            most[name] = seen()
    now, settings = datetime.now(UTC), refresher._settings(session)
    began, used = time.monotonic(), processor_seconds()
    training.attempt(session, now, refresher._indexes.top_sector, settings)
    figures["weights learned, by the clock"] = [time.monotonic() - began]
    figures["weights learned"] = [processor_seconds() - used]
    return {"figures": figures, "memory": most}


def _forget_lists(session: Any) -> None:
    """Leave no list: on SQLite nothing of former ones either, so that a run finds the same whoever measured before.

    So it is for a copy of a network alone. On PostgreSQL lists are ended and stay: rows that point to them would be
    looked for one by one.
    """
    engine = session.get_bind()
    if engine.dialect.name != "sqlite":
        listed = update(Suggestion).where(Suggestion.unlisted_at.is_(None))
        session.execute(listed.values(unlisted_at=datetime.now(UTC)))
        session.execute(delete(SetSuggestion))
        session.commit()
        return
    session.close()
    with closing(sqlite3.connect(engine.url.database, isolation_level=None)) as store:
        # Without foreign keys, which is the rule for a connection of one's own.
        store.execute("UPDATE introduction SET suggestion_id = NULL WHERE suggestion_id IS NOT NULL")
        store.execute("DELETE FROM suggestion")
        store.execute("DELETE FROM set_suggestion")
        store.execute("VACUUM")
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def of_multiplied(members: int) -> dict[str, Any]:
    """Measure on a network made of a demonstration network many times over; without a database."""
    network = multiplied(members)
    ready.warm_up()
    spent, index = seconds(lambda: build(network), 1)
    figures = {"index, without a database": spent} | lists(index, 100) | portions(index)
    return {"figures": figures, "memory": memory()}


def portions(index: Index, count: int = 200) -> Figures:
    """Milliseconds for each member as the refresh makes lists: ranked, and explained with what that measured."""
    held, members = Held(index), index.members()
    some = tuple(members[k * len(members) // count] for k in range(count))
    portion = Portion(0, some, {})
    held.rank(Portion(0, some[:1], {}), Settings())
    began = time.process_time()
    ranked = held.rank(portion, Settings())
    between = time.process_time()
    held.explain(Planned(portion, ranked.wishes.rows[:, : Settings().length]), Settings(), ranked, stored)
    ended = time.process_time()
    found = {"of a refresh, to rank one, ms": between - began, "of a refresh, to explain one, ms": ended - between}
    return {name: [1000 * spent / count] for name, spent in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("part", choices=("index", "refresh", "multiplied"))
    parser.add_argument("--members", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--processes", type=int, nargs="+", default=[2, 1])
    given = parser.parse_args()
    if given.part == "multiplied":
        found = of_multiplied(given.members)
    else:
        found = of_network(given.part, given.rounds, not given.no_peers, given.processes)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
