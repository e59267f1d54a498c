"""An issue of the newsletter, ordered and worded: `python -m benchmarks.newsletter [--members 1800]`.

Processor seconds, on an SQLite database of its own: writing one row for each reader, then, in batches as the worker
takes them, asking whether each still wants it, wording it and marking it sent. The mail server is left out: it takes
everything at once. Beside it what wording each letter on its own would cost, with nothing shared between them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from alembic import command
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.report import load_words, machine_words, table
from haln.app import create_app
from haln.db import db, may_write
from haln.models import Mail, Member, Newsletter
from haln.people.tokens import public_id
from haln.post import letters as post_letters
from haln.post import outbox
from haln.post.newsletters import sending
from haln.post.writing import Order
from haln.recovery.schema import alembic_config
from haln.taxonomy import vocabulary
from haln.views import letters

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)


class Taking:
    """A mail server that takes everything."""

    def send(self, message: EmailMessage) -> None:
        """Take one message."""

    def close(self) -> None:
        """Nothing is open."""


def a_member(number: int) -> Member:
    """One who asked for the newsletter."""
    return Member(
        public_id=public_id(),
        email=f"person-{number}@example.org",
        standing="active",
        name=f"Person {number}",
        sort_name=f"{number}",
        joined_at=NOW,
        news_since=NOW,
        change_number=number,
        language="cy" if number % 10 == 0 else "en",
    )


def an_issue() -> Newsletter:
    """An issue of seven blocks that is due."""
    words = "Six bakers **now** bake for the wards.\n\n- One\n- Two\n\n" * 4
    blocks = [
        {"id": public_id(), "version": 1, "kind": "words", "heading": f"Part {number}", "text": words}
        for number in range(6)
    ]
    call = {"id": public_id(), "version": 1, "kind": "call", "text": "", "button": "Go there", "link": "/events"}
    row = Newsletter(public_id=public_id(), subject="News", state="scheduled", send_at=NOW, made_at=NOW, changed_at=NOW)
    row.blocks, row.sectors, row.regions, row.themes, row.languages = [*blocks, call], [], [], [], []
    return row


def measure(members: int) -> list[tuple[str, str]]:
    """Order, word and send one issue; then word its letters each on its own."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'haln.sqlite'}"
        command.upgrade(alembic_config(url), "head")
        app = create_app({"INSTANCE": folder, "DATABASE_URL": url, "ENVIRONMENT": "test"}, environ={})
        may_write.set(True)
        with app.app_context():
            session = db.session()
            session.add_all(a_member(number) for number in range(1, members + 1))
            session.add(an_issue())
            session.commit()
            start = time.process_time()
            while sending.due(session, vocabulary.load(), session.commit, NOW):
                pass
            ordered = time.process_time() - start
            edge = outbox.Edge(session.commit, session.rollback, lambda: NOW)
            start = time.process_time()
            while outbox.send_due(session, letters.desk(), Taking(), "one", edge):
                pass
            worded = time.process_time() - start
            sent = session.scalar(select(func.count()).where(Mail.state == "sent"))
            assert sent == members, f"{sent} of {members} were sent"
            apart = _each_on_its_own(session)
            db.session.remove()
            db.engine.dispose()
    return [
        ("one row for each reader", f"{ordered:.2f}"),
        ("asked, worded and marked as sent", f"{worded:.2f}"),
        ("of which wording would be, each on its own", f"{apart:.2f}"),
    ]


def _each_on_its_own(session: Session) -> float:
    """Seconds of wording all letters when none shares anything with another."""
    found = session.execute(select(Mail.member_id, Mail.language, Mail.values)).all()
    start = time.process_time()
    for member, language, values in found:
        order = Order("newsletter", "", member, language, values)
        post_letters.write(session, order, letters.desk(), NOW + timedelta(minutes=1))
    return time.process_time() - start


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.newsletter", description=__doc__)
    parser.add_argument("--members", type=int, default=1800)
    members = parser.parse_args().members
    print(f"{machine_words()}\n{load_words()}\n")
    print(table((f"an issue to {members:,}", "processor seconds"), measure(members)))


if __name__ == "__main__":
    main()
