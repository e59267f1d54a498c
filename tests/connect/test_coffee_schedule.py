"""Rounds that are planned: opened by a rule, told of a week before, made on their day, never twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from haln.connect import coffee_due, coffee_opting, coffee_pairing, coffee_rounds, coffee_schedule
from haln.connect.coffee_rounds import Facts
from haln.connect.coffee_schedule import LAST, Rule
from haln.db import prepare_engine
from haln.errors import Conflict, Invalid
from haln.models import AuditRecord, CoffeePair, CoffeeRound, CoffeeSchedule, Mail
from haln.post import coffee_letters
from tests.builders import NOW, Cast, an_actor, the_cast
from tests.coffee_builders import TODAY, an_open_round, ask, make, top_sector
from tests.connect.test_at_once import at_once

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
PLANNED = Facts(TODAY + 10 * DAY, TODAY + 31 * DAY, by_itself=True)


def at(day: date, hour: int = 9) -> datetime:
    """A moment of a day, on London's clock."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=LONDON).astimezone(UTC)


def turn(session: Session, now: datetime) -> int:
    return coffee_due.work(session, LONDON, now, top_sector, nullcontext)


def rounds(session: Session) -> list[CoffeeRound]:
    return list(session.scalars(select(CoffeeRound).order_by(CoffeeRound.pairs_on)))


def mails(session: Session, kind: str) -> list[int | None]:
    return sorted(session.scalars(select(Mail.member_id).where(Mail.kind == kind)))  # type: ignore[type-var]


RULES = st.builds(Rule, week=st.sampled_from(coffee_schedule.WEEKS), weekday=st.sampled_from(coffee_schedule.WEEKDAYS))


@given(rule=RULES, today=st.dates(date(2024, 1, 1), date(2060, 1, 1)))
def test_a_rule_is_one_day_of_each_month_the_one_that_it_names(rule: Rule, today: date) -> None:
    found = list(islice(coffee_schedule.days(rule, today), 14))
    assert found[0] >= today and found == sorted(set(found))
    months = [one.year * 12 + one.month for one in found]
    assert months == list(range(months[0], months[0] + 14))
    assert months[0] - (today.year * 12 + today.month) in (0, 1)
    for one in found:
        assert one.weekday() == rule.weekday
        if rule.week == LAST:
            assert (one + 7 * DAY).month != one.month
        else:
            assert (one.day - 1) // 7 + 1 == rule.week


def test_the_next_round_is_opened_as_soon_as_there_is_none_and_once_a_month(session: Session, cast: Cast) -> None:
    staff = an_actor(session, cast.sol)
    assert turn(session, NOW) == 0 and rounds(session) == []
    coffee_schedule.keep(session, staff, Rule(1, 1, 4, "strong", False), 0, NOW)
    assert turn(session, NOW) == 1 and turn(session, NOW) == 0
    (row,) = rounds(session)
    assert (row.pairs_on, row.meet_by) == (date(2026, 7, 7), date(2026, 8, 4))
    assert (row.across, row.colleagues, row.by_itself, row.opened_by_id) == ("strong", False, True, None)
    coffee_rounds.cancel(session, staff, row.public_id, 1, NOW)
    assert turn(session, NOW) == 1
    assert [one.pairs_on for one in rounds(session)] == [date(2026, 7, 7), date(2026, 8, 4)]
    coffee_schedule.stop(session, staff, 1, NOW)
    coffee_rounds.cancel(session, staff, rounds(session)[1].public_id, 1, NOW)
    assert turn(session, NOW) == 0


def test_a_rule_that_cannot_be_and_one_that_somebody_changed_are_refused(session: Session, cast: Cast) -> None:
    staff = an_actor(session, cast.sol)
    for rule in (Rule(week=6), Rule(week=0), Rule(weekday=6), Rule(weeks_to_meet=5), Rule(across="much")):
        with pytest.raises(Invalid):
            coffee_schedule.keep(session, staff, rule, 0, NOW)
    coffee_schedule.keep(session, staff, Rule(), 0, NOW)
    with pytest.raises(Conflict):
        coffee_schedule.keep(session, staff, Rule(week=2), 0, NOW)
    with pytest.raises(Conflict):
        coffee_schedule.stop(session, staff, 0, NOW)


def test_those_who_take_part_are_told_a_week_before_and_of_a_new_day_anew(session: Session, cast: Cast) -> None:
    ask(session, (cast.ada, cast.ben))
    ask(session, (cast.cai,), "next")
    coffee_opting.opt_out(session, an_actor(session, cast.dee), NOW)
    row = an_open_round(session, cast.sol, PLANNED)
    assert turn(session, at(TODAY + 2 * DAY)) == 0
    assert turn(session, at(TODAY + 3 * DAY)) == 1 and turn(session, at(TODAY + 4 * DAY)) == 0
    assert mails(session, "coffee_ahead") == [cast.ada, cast.ben, cast.cai]
    later = Facts(TODAY + 12 * DAY, TODAY + 31 * DAY, by_itself=True)
    coffee_rounds.change(session, an_actor(session, cast.sol), row.public_id, row.version, later, TODAY, NOW)
    assert turn(session, at(TODAY + 5 * DAY)) == 1
    assert mails(session, "coffee_ahead").count(cast.ada) == 2
    coffee_rounds.change(session, an_actor(session, cast.sol), row.public_id, row.version, PLANNED, TODAY, NOW)
    assert turn(session, at(TODAY + 5 * DAY)) == 1
    assert mails(session, "coffee_ahead").count(cast.ada) == 3  # and of the first day, when it is that again


def test_the_letter_says_what_is_so_when_it_leaves(session: Session, cast: Cast) -> None:
    ask(session, (cast.ada, cast.ben))
    row = an_open_round(session, cast.sol, PLANNED)

    def told(member: int) -> coffee_letters.Told | None:
        return coffee_letters.told(session, "coffee_ahead", {"coffee_round_id": row.id}, member, str, NOW)

    found = told(cast.ada)
    assert found is not None and found.values["pairs_on"] == PLANNED.pairs_on
    coffee_opting.opt_out(session, an_actor(session, cast.ada), NOW)
    assert told(cast.ada) is None and told(cast.ben) is not None
    coffee_rounds.cancel(session, an_actor(session, cast.sol), row.public_id, row.version, NOW)
    assert told(cast.ben) is None


def test_who_was_told_of_a_day_is_told_that_it_is_called_off(session: Session, cast: Cast) -> None:
    ask(session, (cast.ada, cast.ben))
    for told in (False, True):
        row = an_open_round(session, cast.sol, PLANNED)
        if told:
            turn(session, at(TODAY + 4 * DAY))
        coffee_rounds.cancel(session, an_actor(session, cast.sol), row.public_id, row.version, NOW)
        assert mails(session, "coffee_off") == ([cast.ada, cast.ben] if told else [])
    row = an_open_round(session, cast.sol, PLANNED)
    assert PLANNED.pairs_on is not None
    turn(session, at(PLANNED.pairs_on - DAY))
    coffee_opting.opt_out(session, an_actor(session, cast.ben), NOW)
    turn(session, at(PLANNED.pairs_on))  # nobody is left to be paired
    assert row.state == "cancelled" and mails(session, "coffee_off").count(cast.ada) == 2
    about = {"coffee_round_id": row.id}
    found = coffee_letters.told(session, "coffee_off", about, cast.ada, str, NOW)
    assert found is not None and found.values["pairs_on"] == PLANNED.pairs_on
    assert coffee_letters.told(session, "coffee_off", about, cast.ben, str, NOW) is None


def test_pairs_are_made_by_themselves_on_their_day_and_not_before(session: Session, cast: Cast) -> None:
    ask(session, (cast.ada, cast.ben, cast.cai, cast.dee))
    row = an_open_round(session, cast.sol, PLANNED)
    assert PLANNED.pairs_on is not None
    turn(session, at(PLANNED.pairs_on - DAY, 23))
    turn(session, at(PLANNED.pairs_on, 7))
    assert row.state == "open"
    assert turn(session, at(PLANNED.pairs_on, 8)) == 1
    assert row.state == "made" and len(session.scalars(select(CoffeePair)).all()) == 2
    assert len(mails(session, "coffee_paired")) == 4
    record = session.scalars(select(AuditRecord).where(AuditRecord.action == "make_coffee_pairs")).one()
    assert record.actor_id is None


def test_what_staff_make_themselves_waits_for_them(session: Session, cast: Cast) -> None:
    ask(session, (cast.ada, cast.ben))
    row = an_open_round(session, cast.sol)
    turn(session, at(TODAY, 20))
    assert row.state == "open"
    assert make(session, cast.sol, row) == 1


def test_who_is_late_gives_people_as_many_days_as_they_were_promised(session: Session, cast: Cast) -> None:
    ask(session, (cast.ada, cast.ben))
    row = an_open_round(session, cast.sol, PLANNED)
    assert PLANNED.pairs_on is not None and PLANNED.meet_by is not None
    assert turn(session, at(PLANNED.pairs_on + 40 * DAY, 1)) == 1
    assert (row.state, row.meet_by) == ("made", PLANNED.meet_by + 40 * DAY)


def test_a_late_worker_leaves_the_next_month_its_round(session: Session, cast: Cast) -> None:
    ask(session, cast.everyone())
    coffee_schedule.keep(session, an_actor(session, cast.sol), Rule(week=LAST, weekday=1), 0, NOW)
    turn(session, at(date(2026, 9, 1)))
    assert turn(session, at(date(2026, 10, 2))) >= 1
    turn(session, at(date(2026, 10, 2)))
    assert [(one.pairs_on, one.state) for one in rounds(session)] == [
        (date(2026, 9, 29), "made"),
        (date(2026, 10, 27), "open"),
    ]


def test_a_round_that_staff_forgot_does_not_stop_the_rule(session: Session, cast: Cast) -> None:
    ask(session, cast.everyone())
    row = an_open_round(session, cast.sol, Facts(TODAY, TODAY + 21 * DAY))
    turn(session, at(TODAY + 40 * DAY))
    assert row.state == "open"  # where there is no rule, it waits for staff
    coffee_schedule.keep(session, an_actor(session, cast.sol), Rule(), 0, NOW)
    turn(session, at(TODAY + 20 * DAY))
    assert row.state == "open"
    turn(session, at(TODAY + 21 * DAY))
    assert (row.state, row.told) == ("cancelled", {"why": "Its days were over before pairs were made."})
    assert [one.state for one in rounds(session)] == ["cancelled", "open"]


def test_a_round_of_nobody_is_called_off_says_why_and_the_next_one_is_opened(session: Session, cast: Cast) -> None:
    ask(session, (cast.ada,))
    row = an_open_round(session, cast.sol, PLANNED)
    coffee_schedule.keep(session, an_actor(session, cast.sol), Rule(), 0, NOW)
    assert PLANNED.pairs_on is not None
    assert turn(session, at(PLANNED.pairs_on)) >= 1
    assert row.state == "cancelled" and row.told == {"why": "There are not two people yet who can be paired."}
    turn(session, at(PLANNED.pairs_on))
    assert [one.state for one in rounds(session)] == ["cancelled", "open"]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(database_url)
    prepare_engine(made)
    yield made
    made.dispose()


def test_two_workers_open_one_round_and_make_it_once(engine: Engine) -> None:
    with Session(engine) as session:
        cast = the_cast(session)
        ask(session, cast.everyone())
        coffee_schedule.keep(session, an_actor(session, cast.sol), Rule(), 0, NOW)
        session.commit()
    assert at_once(engine, *[lambda session: turn(session, NOW)] * 3) == ["done"] * 3
    with Session(engine) as session:
        (row,) = rounds(session)
        day = row.pairs_on
    for moment in (at(day - 7 * DAY), at(day)):
        assert at_once(engine, *[lambda session, when=moment: turn(session, when)] * 3) == ["done"] * 3  # type: ignore[misc]
    with Session(engine) as session:
        made = [one for one in rounds(session) if one.state == "made"]
        assert len(made) == 1 and made[0].version == 2
        assert len(session.scalars(select(CoffeePair)).all()) == 3
        assert len(mails(session, "coffee_ahead")) == len(mails(session, "coffee_paired")) == 6


def test_what_was_worked_out_for_a_round_that_another_made_is_let_go(engine: Engine) -> None:
    with Session(engine) as session:
        cast = the_cast(session)
        ask(session, cast.everyone())
        row = an_open_round(session, cast.sol, Facts(TODAY, TODAY + 20 * DAY, by_itself=True))
        session.commit()
        worked = coffee_pairing.work_out(session, row.public_id, TODAY, NOW, top_sector, nullcontext)
        with Session(engine) as other:
            assert turn(other, NOW) == 1
        with pytest.raises(Conflict):
            coffee_pairing.make(session, None, row.public_id, 1, TODAY, NOW, top_sector, worked)
        session.rollback()
        assert coffee_due.make(session, NOW, NOW, top_sector, nullcontext) == 0


def test_the_database_holds_one_schedule(engine: Engine) -> None:
    with Session(engine) as session:
        facts = {"week": 1, "weekday": 1, "weeks_to_meet": 3, "changed_at": NOW}
        session.add(CoffeeSchedule(id=2, **facts))
        with pytest.raises(Exception, match=r"(?i)check"):
            session.flush()
