"""An issue of the newsletter on both databases: nobody gets it twice, whoever races, wherever a worker is killed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from haln.db import prepare_engine
from haln.models import Mail, Member, Newsletter
from haln.people import stopped_mail
from haln.post import delivery, outbox, return_reports, returns
from haln.post.newsletters import archive, audience, issues, sending
from haln.post.newsletters.audience import Segment
from haln.post.newsletters.letters import ISSUE
from haln.taxonomy import vocabulary
from tests.builders import NOW, a_member, a_theme, an_actor, the_cast
from tests.newsletter_builders import an_issue, want_news
from tests.post.test_returns import OURS, SECRET, a_complaint

WORDS = vocabulary.load()


class Killed(BaseException):
    """The machine went off."""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(database_url)
    prepare_engine(made)
    yield made
    made.dispose()


def a_crowd(session: Session, count: int, **facts: object) -> Newsletter:
    the_cast(session)
    people = [a_member(session, f"Person {number}").id for number in range(count)]
    want_news(session, *people)
    row = an_issue(session, state="scheduled", **facts)
    session.commit()
    return row


def got(session: Session) -> Counter[int | None]:
    return Counter(session.scalars(select(Mail.member_id).where(Mail.kind == ISSUE)))


def test_workers_that_race_write_each_letter_once(engine: Engine) -> None:
    with Session(engine) as session:
        a_crowd(session, 45)
    faults: list[Exception] = []

    def work() -> None:
        try:
            with Session(engine, expire_on_commit=False) as session:
                for _ in range(12):
                    sending.due(session, WORDS, session.commit, NOW, portion=7)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        while sending.due(session, WORDS, session.commit, NOW, portion=7):  # what was left by those who found it held
            pass
        found = got(session)
        state = session.scalars(select(Newsletter.state)).one()
    assert faults == [] and state == "sent"
    assert len(found) == 45 and set(found.values()) == {1}


def test_a_worker_killed_at_any_commit_loses_nothing_and_writes_nothing_twice(engine: Engine) -> None:
    with Session(engine) as session:
        a_crowd(session, 10)
    for at in range(1, 12):
        with Session(engine) as session:
            left = at

            def commit(session: Session = session) -> None:
                nonlocal left
                left -= 1
                if left == 0:
                    raise Killed  # before it is committed
                session.commit()
                left -= 1
                if left == 0:
                    raise Killed  # after

            for _ in range(2):
                try:
                    sending.due(session, WORDS, commit, NOW, portion=3)
                except Killed:
                    session.rollback()
                    break
    with Session(engine) as session:
        sending.due(session, WORDS, session.commit, NOW)
        found = got(session)
    assert len(found) == 10 and set(found.values()) == {1}


def test_who_stops_it_and_who_sends_it_at_once_leave_it_stopped(engine: Engine) -> None:
    with Session(engine) as session:
        key = a_crowd(session, 30).public_id
        sol = an_actor(session, session.scalars(select(Member.id).where(Member.audience == "staff")).one())
        sending.due(session, WORDS, session.commit, NOW, portion=3)
    started = threading.Event()

    def work() -> None:
        with Session(engine) as session:
            for _ in range(8):
                sending.due(session, WORDS, session.commit, NOW, portion=2)
                started.set()

    thread = threading.Thread(target=work)
    thread.start()
    started.wait(10)
    with Session(engine) as session:
        sending.stop(session, sol, key, NOW)
        session.commit()
    thread.join()
    with Session(engine) as session:
        assert issues.one(session, key).state == "stopped"
        assert set(session.scalars(select(Mail.state))) == {"cancelled"}


def test_an_address_that_two_hear_of_at_once_is_stopped_once(engine: Engine) -> None:
    faults: list[Exception] = []

    def hear(reason: str) -> None:
        try:
            with Session(engine) as session:
                for _ in range(10):
                    stopped_mail.stop(session, "a@example.org", reason, "", NOW)
                    session.commit()
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=hear, args=(reason,)) for reason in ("bounced", "complained", "bounced")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        assert faults == [] and stopped_mail.keeps_back(session, "A@example.org", "newsletter") == "complained"


def test_segments_figures_and_pages_read_the_same_on_both(engine: Engine) -> None:
    with Session(engine) as session:
        cast = the_cast(session)
        want_news(session, *cast.everyone())
        a_theme(session, cast.ben, "food", seek=True)
        segment = Segment(sectors=("local-government",), themes=("food",), languages=("en",))
        assert audience.count(session, segment, WORDS) == 1
        row = an_issue(session, state="scheduled", sectors=["local-government"], themes=["food"], languages=["en"])
        session.commit()
        assert sending.due(session, WORDS, session.commit, NOW) == 1
        mail = session.scalars(select(Mail)).one()
        mail.state, mail.message_id = "sent", OURS
        session.flush()
        report = return_reports.read(a_complaint())
        assert report is not None and returns.take(session, report, SECRET, NOW)
        assert sending.figures(session, row) == {"sent": 1, "complained": 1}
        assert [one.subject for one in archive.listed(session, an_actor(session, cast.ben), WORDS)] == ["News of June"]
        assert archive.listed(session, an_actor(session, cast.ada), WORDS) == []
        told = delivery.week(session, NOW - timedelta(days=1), NOW + timedelta(days=1), 7)
        assert told[ISSUE]["sent"] is None and told[ISSUE]["waiting"] == 0 and told[ISSUE]["refused"] is None
        assert delivery.pulse(session, NOW, 7).oldest is None
        assert [one.reason for one in delivery.stopped(session, 0)] == ["complained"]
        stopped_mail.forget_old(session, NOW)
        sending.keep_figures(session, NOW + outbox.KEPT, outbox.KEPT)
        session.commit()
        assert session.scalars(select(Newsletter.figures)).one() is None  # not old enough: begun NOW
        sending.keep_figures(session, NOW + outbox.KEPT + timedelta(days=1), outbox.KEPT)
        session.commit()
        assert session.scalars(select(Newsletter.figures)).one() == {"sent": 1, "complained": 1}
