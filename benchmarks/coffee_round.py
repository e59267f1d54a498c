"""A coffee round from the button to the letters: `python -m benchmarks.coffee_round [--members 500 1800 5000]`.

Demonstration networks, made by the product's own commands and kept; so many of their active members take part, with the
rounds of three years before behind them. Measured is what the page does on "Make the pairs": reading who is there and
what they share, pairing, and writing groups, letters and notices, in one transaction. Each round begins from the same
copy. `benchmarks.coffee` measures the pairing alone, beside networkx.
"""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from benchmarks.digest import SHARE, application
from benchmarks.networks import FEW, prepared
from benchmarks.report import Figure, load_words, machine_words, table
from haln.access import Actor, Audience
from haln.connect import coffee_pairing, coffee_rounds
from haln.db import db, may_write
from haln.models import CoffeeOptIn, CoffeeRound, Mail, Member

HEADS = ("members", "groups", "letters", "clock, s", "of it pairing and reading, s", "processor, s")


def measure(app: Flask, count: int) -> tuple[int, int, float, float, float]:
    """Make one round of so many members; returns groups, letters, and what it took."""
    with app.app_context():
        may_write.set(True)
        session, now = db.session(), datetime.now(UTC)
        public_id, staff = _opened(session, count, now)
        top = app.extensions["haln_vocabulary"].top_sector
        before = session.scalar(select(func.count(Mail.id))) or 0
        clock, start = time.perf_counter(), time.process_time()
        worked = coffee_pairing.work_out(
            session, public_id, now.date(), now, lambda code: top(code).code, app.extensions["haln_reading"]
        )
        paired = time.perf_counter() - clock
        version = session.scalar(select(CoffeeRound.version).where(CoffeeRound.public_id == public_id)) or 0
        groups = coffee_pairing.make(
            session, staff, public_id, version, now.date(), now, lambda code: top(code).code, worked
        )
        session.commit()
        took = time.perf_counter() - clock, paired, time.process_time() - start
        letters = (session.scalar(select(func.count(Mail.id))) or 0) - before
        return groups, letters, *took


def _opened(session: Session, count: int, now: datetime) -> tuple[str, Actor]:
    """Open a round in which so many active members, and nobody else, take part."""
    session.execute(delete(CoffeeOptIn))
    session.execute(update(CoffeeRound).where(CoffeeRound.state == coffee_rounds.OPEN).values(state="cancelled"))
    people = session.scalars(
        select(Member.id).where(Member.standing == "active").order_by(Member.id).limit(count)
    ).all()
    if len(people) < count:
        raise SystemExit(f"Only {len(people)} members are active in this network.")
    since = now - timedelta(days=9)
    session.add_all(CoffeeOptIn(member_id=one, mode="every", wish="", since=since, changed_at=since) for one in people)
    member = session.scalars(select(Member).where(Member.audience == Audience.STAFF).order_by(Member.id)).first()
    if member is None:
        raise SystemExit("Nobody is staff in this network.")
    staff = Actor(member.id, member.public_id, member.name, Audience.STAFF, True, 0)
    facts = coffee_rounds.Facts(now.date() + timedelta(days=1), now.date() + timedelta(days=20))
    public_id = coffee_rounds.open_round(session, staff, facts, now.date(), now)
    session.commit()
    return public_id, staff


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.coffee_round", description=__doc__)
    parser.add_argument("--members", type=int, nargs="+", default=[500, 1800, 5000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"), help="networks are kept here")
    arguments = parser.parse_args()
    print(f"{machine_words()}\n{load_words()}\n")
    rows = []
    for count in arguments.members:
        network = prepared(arguments.folder, "sqlite", "", int(count * SHARE), FEW)
        found = []
        for _ in range(arguments.rounds + 1):  # the first loads kernels
            with application(network) as app:
                found.append(measure(app, count))
        groups, letters = found[-1][:2]
        took = [Figure(tuple(one[at] for one in found[1:])).words() for at in (2, 3, 4)]
        rows.append((f"{count:,}", f"{groups:,}", f"{letters:,}", *took))
    print(table(HEADS, rows))


if __name__ == "__main__":
    main()
