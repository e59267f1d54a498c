"""Several workers on one outbox, on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from haln.db import prepare_engine
from haln.models import Mail
from haln.people import mailbox
from haln.post import outbox
from haln.post.transport import Server, SmtpTransport
from haln.post.writing import Desk, Worded
from tests import mailserver

SENDER = "HALN <post@haln.example>"


def render(template: str, language: str, values: Mapping[str, object]) -> Worded:
    return Worded(template, "text", "<p>text</p>")


def test_workers_that_run_at_once_send_every_message_once(database_url: str) -> None:
    engine = create_engine(database_url)
    prepare_engine(engine)
    with Session(engine) as session:
        for number in range(40):
            mailbox.put(session, "verify", f"new{number}@example.org", {}, datetime.now(UTC))
        session.commit()
    desk = Desk("https://haln.example", "secret", SENDER, True, render)
    faults: list[Exception] = []

    def worker(name: str, port: int) -> None:
        transport = SmtpTransport(Server("127.0.0.1", port, security="none"), SENDER)
        try:
            with Session(engine, expire_on_commit=False) as session:
                edge = outbox.Edge(session.commit, session.rollback, lambda: datetime.now(UTC))
                while outbox.send_due(session, desk, transport, name, edge, limit=5):
                    pass
        except Exception as error:
            faults.append(error)

    with mailserver.running() as box:
        threads = [threading.Thread(target=worker, args=(f"worker {number}", box.port)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with Session(engine) as session:
        states = Counter(session.scalars(select(Mail.state)))
    engine.dispose()
    assert faults == [] and states == {"sent": 40}
    assert len(box.taken) == 40 == len(set(box.recipients))
