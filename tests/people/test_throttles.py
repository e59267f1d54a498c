"""Throttles: counted in the database, all at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from haln.db import prepare_engine
from haln.errors import TooMany
from haln.models import Throttle
from haln.people import throttles
from haln.people.throttles import HOUR, Limits
from tests.builders import NOW

KEY = throttles.key("test", "ada@example.org")


def take(session: Session, limit: int = 3, after: timedelta = timedelta()) -> None:
    throttles.take(session, KEY, limit, HOUR, NOW + after)


def test_the_limit_may_be_reached_and_not_passed(session: Session) -> None:
    for _ in range(3):
        take(session)
    with pytest.raises(TooMany) as refused:
        take(session, after=timedelta(minutes=50))
    assert refused.value.retry_after == 600
    assert refused.value.values["minutes"] == 10


def test_after_the_window_counting_begins_anew(session: Session) -> None:
    for _ in range(3):
        take(session)
    take(session, after=HOUR)
    assert session.scalar(select(Throttle.count)) == 1


def test_a_try_given_back_counts_no_more(session: Session) -> None:
    take(session, limit=1)
    throttles.give_back(session, KEY)
    take(session, limit=1)
    throttles.clear(session, KEY)
    take(session, limit=1)


def test_the_table_is_no_list_of_addresses(session: Session) -> None:
    take(session)
    assert "ada" not in session.scalars(select(Throttle.key)).one()


def test_mail_is_counted_by_kind_and_address_and_by_who_asks(session: Session) -> None:
    limits = Limits(sign_in=1, sign_in_network=1, mail=1, mail_network=3)

    def ask(kind: str, address: str, network: str) -> None:
        with session.begin_nested():
            throttles.take_for_mail(session, kind, address, network, limits, NOW)

    ask("reset", "ada@example.org", "192.0.2.1")
    with pytest.raises(TooMany):
        ask("reset", "ada@example.org", "192.0.2.2")
    ask("verify", "ada@example.org", "192.0.2.1")
    ask("reset", "ben@example.org", "192.0.2.1")
    with pytest.raises(TooMany):
        ask("reset", "cai@example.org", "192.0.2.1")


def test_many_servers_at_once_let_no_more_through_than_the_limit(database_url: str) -> None:
    engine = create_engine(database_url)
    prepare_engine(engine)
    through: list[int] = []
    start = threading.Barrier(8)

    def server() -> None:
        start.wait()
        for _ in range(5):
            with Session(engine) as session:
                try:
                    take(session, limit=5)
                except TooMany:
                    session.rollback()
                else:
                    session.commit()
                    through.append(1)

    threads = [threading.Thread(target=server) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert len(through) == 5
