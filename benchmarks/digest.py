"""A digest run, from who is due to the last letter: `python -m benchmarks.digest [--letters 1800 5000]`.

Demonstration networks with everybody's suggestions, made by the product's own commands and kept. So many active members
want every part every week and have had none yet, which is when a digest holds most. A run orders them in portions, then
words, composes and ticks off each through the outbox with all its commits; only the mail server is left out. Beside it,
in the same run, the same with what is open to all read anew for each letter. Processor seconds are this process's; on
PostgreSQL the server's own come on top.
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from flask import Flask
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from benchmarks.networks import EVERYONE, Network, postgres, prepared
from benchmarks.report import Figure, load_words, machine_words, table
from haln.app import create_app
from haln.db import db, may_write
from haln.models import Digest, DigestChoice, Mail, Member
from haln.post import digests, outbox
from haln.post.digest_parts.registry import PARTS
from haln.post.digest_times import Days
from haln.views import letters

SHARE = 1.06
"""Members in a network for each letter: not all are active."""

HEADS = (
    "database",
    "due",
    "sent",
    "kB each",
    "ordering, s",
    "sending, s",
    "ms a letter",
    "clock, s",
    "ms, nothing shared",
    "memory, MB",
)

WARM, FEW = 40, 200
"""Letters that fill caches before anything is measured, and letters with nothing shared."""

BATCH = 200
"""Letters that share a desk, as in a turn of `flask haln work`."""


@dataclass(slots=True)
class Paper:
    """A transport that counts."""

    letters: int = 0
    size: int = 0

    def send(self, message: EmailMessage) -> None:
        self.letters += 1
        self.size += len(message.as_bytes())

    def close(self) -> None:
        pass


@dataclass(slots=True)
class Run:
    """What one run took, in processor seconds and by the clock."""

    ordered: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)
    anew: float = 0.0
    paper: Paper = field(default_factory=Paper)


def measure(app: Flask, count: int, rounds: int) -> Run:
    """Run the digest of so many members, again and again from the start."""
    now = datetime.now(UTC)
    days = Days((now - timedelta(hours=1)).weekday(), (now - timedelta(hours=1)).hour, UTC)
    found = Run()
    with app.app_context():
        session = db.session()
        may_write.set(True)
        _choose(session, count, now)
        for number in range(rounds + 1):
            _start_again(session)
            if not number:  # caches are filled by a few
                digests.order_due(session, days, now, WARM)
                session.commit()
                _send(session, Paper(), BATCH, now, WARM)
                continue
            clock, start = time.perf_counter(), time.process_time()
            while digests.order_due(session, days, now):
                session.commit()
            session.commit()
            ordered = time.process_time() - start
            found.paper = Paper()
            _send(session, found.paper, BATCH, now)
            found.ordered.append(ordered)
            found.sent.append(time.process_time() - start - ordered)
            found.clock.append(time.perf_counter() - clock)
        _start_again(session)
        digests.order_due(session, days, now, FEW)
        session.commit()
        start = time.process_time()
        _send(session, Paper(), 1, now, FEW)
        found.anew = (time.process_time() - start) / FEW
    return found


def _choose(session: Session, count: int, now: datetime) -> None:
    """Let so many active members want all of it every week, and nobody else anything."""
    session.execute(delete(DigestChoice))
    wanted = select(Member.id).where(Member.standing == "active", Member.email.is_not(None)).order_by(Member.id)
    people = session.scalars(wanted.limit(count)).all()
    if len(people) < count:
        raise SystemExit(f"Only {len(people)} members are active in this network.")
    chosen = {"frequency": "week", "parts": list(PARTS), "chosen_at": now - timedelta(days=60)}
    session.execute(insert(DigestChoice), [{"member_id": member, **chosen} for member in people])
    session.commit()


def _start_again(session: Session) -> None:
    session.execute(delete(Digest))
    session.execute(delete(Mail).where(Mail.kind == digests.KIND))
    session.commit()


def _send(session: Session, paper: Paper, sharing: int, now: datetime, most: int = 10**9) -> None:
    """Send what is ordered, so many letters by one desk."""
    edge = outbox.Edge(session.commit, session.rollback, lambda: now)
    more = True
    while more and paper.letters < most:
        desk = letters.desk()
        for _ in range(max(1, sharing // 20)):
            more = bool(outbox.send_due(session, desk, paper, "benchmark", edge, min(20, sharing)))
            if not more:
                break


@contextlib.contextmanager
def application(network: Network) -> Iterator[Flask]:
    """The application on a copy of the network; a PostgreSQL network is used as it is, and only digests change."""
    with tempfile.TemporaryDirectory() as folder:
        url = network.environment.get("HALN_DATABASE_URL", "")
        if not url:
            home = Path(network.environment["HALN_INSTANCE"])
            for file in home.glob("haln.sqlite*"):
                shutil.copy(file, folder)
            url = f"sqlite:///{Path(folder) / 'haln.sqlite'}"
        yield create_app({"INSTANCE": folder, "DATABASE_URL": url, "LOG_LEVEL": "ERROR"}, environ={})


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.digest", description=__doc__)
    parser.add_argument("--letters", type=int, nargs="+", default=[1800, 5000])
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgres"], default=["sqlite"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"), help="networks are kept here")
    arguments = parser.parse_args()
    print(f"{machine_words()}\n{load_words()}\n")
    rows = []
    for database in arguments.databases:
        server = postgres(arguments.folder) if database == "postgres" else contextlib.nullcontext("")
        with server as url:
            for count in arguments.letters:
                network = prepared(arguments.folder, database, url, int(count * SHARE), EVERYONE)
                with application(network) as app:
                    rows.append((database, *_row(count, measure(app, count, arguments.rounds))))
    print(table(HEADS, rows))


def _row(count: int, run: Run) -> tuple[str, ...]:
    sent = Figure(tuple(run.sent))
    return (
        f"{count:,}",
        f"{run.paper.letters:,}",
        f"{run.paper.size / max(1, run.paper.letters) / 1000:.1f}",
        Figure(tuple(run.ordered)).words(),
        sent.words(1),
        f"{sent.median / count * 1000:.1f}",
        Figure(tuple(run.clock)).words(1),
        f"{run.anew * 1000:.1f}",
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}",
    )


if __name__ == "__main__":
    main()
