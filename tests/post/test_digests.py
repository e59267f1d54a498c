"""Digests: for whom one is due, and when; once, in portions, whoever is killed."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from haln.db import may_write, prepare_engine
from haln.errors import Misconfigured
from haln.models import Digest, Mail, Member
from haln.people import digest_choices, own_data
from haln.post import digest_times, digests
from haln.post.digest_times import DAYS as NAMES
from haln.post.digest_times import Days
from tests.builders import NOW, Cast, a_member
from tests.digest_builders import ALL, DAYS, DUE, WEEK, a_choice, digest_of, mail_of, order_all

LONDON = ZoneInfo("Europe/London")
MOMENTS = st.integers(0, 60 * 24 * 365 * 6).map(
    lambda minute: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)


@given(now=MOMENTS, weekday=st.integers(0, 6), hour=st.integers(0, 23), frequency=st.sampled_from(["week", "month"]))
def test_the_last_due_moment_is_the_chosen_day_and_hour_and_the_next_is_one_period_on(
    now: datetime, weekday: int, hour: int, frequency: str
) -> None:
    days = Days(weekday, hour, LONDON)
    last, following = days.last(frequency, now), days.next(frequency, now)
    assert last <= now < following
    for moment in (last, following):
        local = moment.astimezone(LONDON)
        assert local.weekday() == weekday and (local.hour == hour or hour == 1)  # no such hour in March
        assert frequency == "week" or local.day <= 7
    assert timedelta(0) < following - last <= timedelta(days=36 if frequency == "month" else 7, hours=1)
    assert days.last(frequency, following) == following


def test_a_day_that_is_none_stops_the_worker_with_a_sentence() -> None:
    assert [digest_times.days(name, 8, LONDON).weekday for name in NAMES] == list(range(7))
    for day, hour in (("Dienstag", 8), ("tuesday", 24), ("tuesday", -1)):
        with pytest.raises(Misconfigured):
            digest_times.days(day, hour, LONDON)


def test_only_who_said_so_gets_one_and_once(session: Session, cast: Cast) -> None:
    a_choice(session, cast.ada)
    a_choice(session, cast.ben, "none")
    a_choice(session, cast.cai, "month")
    a_choice(session, cast.dee, chosen_at=DUE + timedelta(minutes=1))
    assert order_all(session, DUE - timedelta(seconds=1)) == 0
    assert order_all(session) == 1 and order_all(session) == 0 and order_all(session, DUE + timedelta(hours=5)) == 0
    assert [row.kind for row in mail_of(session, cast.ada)] == ["digest"]
    assert order_all(session, DUE + WEEK) == 2  # Ada, and Dee now
    assert order_all(session, datetime(2026, 7, 7, 7, 0, tzinfo=UTC)) == 3  # the first Tuesday of the month: Cai, too


def test_a_service_that_was_down_is_late_by_three_days_at_most(session: Session, cast: Cast) -> None:
    a_choice(session, cast.ada)
    assert order_all(session, DUE + digest_times.LATE + timedelta(seconds=1)) == 0
    assert order_all(session, DUE + digest_times.LATE) == 1


def test_changing_the_day_or_the_frequency_brings_no_second_one_within_six_days(session: Session, cast: Cast) -> None:
    choice = a_choice(session, cast.ada)
    assert order_all(session) == 1
    friday = digest_times.days("friday", 8, LONDON)
    assert digests.order_due(session, friday, DUE + timedelta(days=3)) == 0
    assert digests.order_due(session, friday, DUE + timedelta(days=10)) == 1
    choice.frequency, choice.chosen_at = "month", DUE + timedelta(days=11)
    assert order_all(session, datetime(2026, 7, 7, 7, 0, tzinfo=UTC)) == 0  # eleven days after the last one
    assert order_all(session, datetime(2026, 8, 4, 7, 0, tzinfo=UTC)) == 1


@pytest.mark.parametrize("became", ["sent", "waiting", "sending", "failed", "cancelled"])
def test_only_one_that_left_or_may_still_leave_holds_back_the_next_and_the_page_says_so(
    session: Session, cast: Cast, became: str
) -> None:
    """Weekly until 30 June, monthly from then on: the next of these is on 7 July."""
    choice = a_choice(session, cast.ada)
    june, july, august = (datetime(2026, month, day, 7, tzinfo=UTC) for month, day in ((6, 30), (7, 7), (8, 4)))
    assert order_all(session, june) == 1
    (mail,) = mail_of(session, cast.ada)
    mail.state = became
    digest_of(session, cast.ada, june).sent_at = june if became == "sent" else None
    choice.frequency, choice.chosen_at = "month", june + timedelta(days=1)
    session.commit()
    held = became in ("sent", "waiting", "sending")
    asked = june + timedelta(days=1)
    assert digests.next_due(session, DAYS, cast.ada, "month", asked) == (august if held else july)
    assert order_all(session, july) == (0 if held else 1)
    assert digests.next_due(session, DAYS, cast.ada, "week", july) == july + WEEK
    if not held:
        assert order_all(session, july + timedelta(hours=1)) == 0  # its own day has one, whatever becomes of it
        mail_of(session, cast.ada)[-1].state = "cancelled"
        assert order_all(session, july + timedelta(hours=2)) == 0


def test_portions_go_on_where_a_killed_worker_was(session: Session, cast: Cast) -> None:
    people = [a_member(session, f"Person{number} Number").id for number in range(25)]
    for member in people:
        a_choice(session, member)
    session.commit()
    assert digests.order_due(session, DAYS, DUE, 10) == 10
    session.commit()
    assert digests.order_due(session, DAYS, DUE, 10) == 10
    session.rollback()  # killed before it could commit
    assert order_all(session, DUE, 10) == 15
    counts = session.execute(select(Mail.member_id, func.count()).group_by(Mail.member_id)).all()
    assert sorted((row[0], row[1]) for row in counts) == [(member, 1) for member in people]
    assert session.scalar(select(func.count()).select_from(Digest).where(Digest.mail_id.is_not(None))) == 25


def test_two_workers_at_once_write_each_digest_once(database_url: str) -> None:
    may_write.set(True)
    engine = create_engine(database_url)
    prepare_engine(engine)
    with Session(engine) as session:
        for number in range(60):
            a_choice(session, a_member(session, f"Person{number} Number").id)
        session.commit()
    faults: list[Exception] = []
    begin = threading.Barrier(3)

    def worker() -> None:
        may_write.set(True)
        try:
            with Session(engine) as session:
                begin.wait()
                while digests.order_due(session, DAYS, DUE, 7):
                    session.commit()
                session.commit()
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        assert faults == []
        assert session.scalar(select(func.count()).select_from(Mail)) == 60
        assert session.scalar(select(func.count(func.distinct(Mail.member_id)))) == 60
        linked = select(func.count()).select_from(Digest).join(Mail, Mail.id == Digest.mail_id)
        assert session.scalar(linked.where(Mail.member_id == Digest.member_id)) == 60
    engine.dispose()


@pytest.mark.parametrize("old_link", [False, True])
def test_who_leaves_is_asked_anew_when_they_come_back(session: Session, cast: Cast, old_link: bool) -> None:
    a_choice(session, cast.ada)
    digest_choices.withdraw(session, cast.ada)
    if old_link:
        digest_choices.stop(session, session.get_one(Member, cast.ada).public_id, NOW)
    assert digest_choices.own(session, cast.ada) == digest_choices.Choice("none", frozenset(), asked=False)
    assert order_all(session) == 0


def test_what_was_chosen_and_sent_is_in_ones_own_copy(session: Session, cast: Cast) -> None:
    a_choice(session, cast.ada, parts=["events"])
    order_all(session)
    copy = own_data.collected(session, cast.ada, DUE)
    assert copy["digest_choice"]["frequency"] == "week" and copy["digest_choice"]["parts"] == ["events"]
    assert copy["digests"] == [{"due_on": date(2026, 6, 16), "frequency": "week", "items": None, "sent_at": None}]


def test_days_are_dates_of_the_networks_zone() -> None:
    late = Days(1, 23, ZoneInfo("Pacific/Auckland"))
    assert late.last("week", NOW).astimezone(late.zone).date() == date(2026, 6, 9)
    assert set(ALL) == {"introductions", "suggestions", "events", "resources", "topics", "still_right"}
