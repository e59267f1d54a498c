"""Sessions that were held, as known: nothing that is written down later is in what was known before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from haln.db import may_write, prepare_engine
from haln.learn import attendance, sessions
from haln.measure import attribution, facts, sessions_held
from haln.measure.periods import Period
from haln.measure.questions import Question
from haln.measure.sessions_held import Met
from haln.models import Attendance, AttendanceVersion, LearningSet, SessionVersion, SetSession
from haln.people import erasure, versions
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, an_actor, the_cast
from tests.learn.sets import LONDON, a_meeting, a_session, key, the_set

WORDS = vocabulary.load()
TODAY = NOW.date()


@pytest.fixture
def stored(database_url: str) -> Iterator[tuple[Session, Cast, LearningSet]]:
    """A set that meets, on either database."""
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        cast = the_cast(session)
        row = the_set(session, cast, started_on=TODAY - timedelta(days=100))
        versions.keep_all(session, NOW, as_it_happened=True)
        session.commit()
        yield session, cast, row
    engine.dispose()


def met(session: Session, until: date, known_on: date | None = None) -> Met:
    period = Period(TODAY - timedelta(days=300), Question(until, known_on))
    found = sessions_held.met(session, period)
    assert len(found) <= 1
    return next(iter(found.values()), Met(0, 0))


def record(
    session: Session, cast: Cast, row: LearningSet, one: SetSession, states: dict[int, str], at: datetime
) -> None:
    attendance.record(session, an_actor(session, cast.fay), key(row), one.public_id, states, at)
    session.commit()


def test_what_is_entered_or_moved_later_was_not_known_before(stored: tuple[Session, Cast, LearningSet]) -> None:
    session, cast, row = stored
    fay = an_actor(session, cast.fay)
    first, other = sessions.plan(session, fay, key(row), a_meeting(TODAY + timedelta(days=3)), 1, 2, LONDON, NOW)
    session.commit()
    one, two = sessions.of_set(session, row, first), sessions.of_set(session, row, other)
    third_day = NOW + timedelta(days=4)
    record(session, cast, row, one, {cast.ada: "present", cast.ben: "absent"}, third_day)
    far = TODAY + timedelta(days=60)
    assert met(session, far, TODAY) == Met(0, 0)
    assert met(session, far) == met(session, far, third_day.date()) == Met(1, 1)
    wanted = a_meeting(TODAY + timedelta(days=20))
    sessions.change(session, fay, key(row), other, wanted, two.presenter_id, two.sequence, LONDON, third_day)
    session.commit()
    record(session, cast, row, one, {cast.ben: "present"}, NOW + timedelta(days=9))
    record(session, cast, row, two, dict.fromkeys((cast.ada, cast.ben), "present"), NOW + timedelta(days=21))
    assert met(session, far) == Met(2, 4)
    assert met(session, far, third_day.date()) == Met(1, 1)
    assert met(session, far, TODAY + timedelta(days=9)) == Met(1, 2)
    assert met(session, TODAY + timedelta(days=10)) == Met(1, 2), "it was held on the day to which it was moved"
    assert not any(versions.behind(session).values())


def test_as_known_then_is_the_same_after_any_later_acts_and_no_version_changes(
    stored: tuple[Session, Cast, LearningSet],
) -> None:
    session, cast, row = stored
    fay, rng = an_actor(session, cast.fay), Random(11)
    sessions.plan(session, fay, key(row), a_meeting(TODAY + timedelta(days=1)), 1, 12, LONDON, NOW)
    session.commit()
    told: dict[date, list[Met]] = {}
    written: dict[tuple[str, int], tuple[object, ...]] = {}
    days = [TODAY + timedelta(days=7 * number) for number in range(14)]
    for number in range(40):
        now = NOW + timedelta(days=2 * number)
        one = rng.choice(session.scalars(select(SetSession).where(SetSession.state != "cancelled")).all())
        if one.starts_at < now:
            states = {member: rng.choice(attendance.STATES) for member in (cast.ada, cast.ben, cast.cai, cast.dee)}
            attendance.record(session, fay, key(row), one.public_id, states, now)
        elif rng.random() < 0.3:
            sessions.cancel(session, fay, key(row), one.public_id, now)
        else:
            on_day = one.starts_at.date() + timedelta(days=rng.choice((1, 2, 3)))
            sessions.change(session, fay, key(row), one.public_id, a_meeting(on_day), None, one.sequence, LONDON, now)
        session.commit()
        if number % 8 == 7:  # all that was ever told: versions only grow, so what breaks stays broken until then
            for known, before in told.items():
                assert [met(session, day, known) for day in days] == before
        told[now.date()] = [met(session, day, now.date()) for day in days]
        assert told[now.date()] == [met(session, day) for day in days]
        kept = {
            (model.__tablename__, line[0]): tuple(line)
            for model in (SessionVersion, AttendanceVersion)
            for line in session.execute(select(*model.__table__.columns))
        }
        assert {which: kept[which] for which in written} == written
        written = kept
        assert not any(versions.behind(session).values())
    assert len({tuple(one) for one in told.values()}) > 5


def test_sums_stay_when_somebody_is_erased(stored: tuple[Session, Cast, LearningSet]) -> None:
    session, cast, row = stored
    one = a_session(session, row, NOW - timedelta(days=5))
    record(session, cast, row, one, dict.fromkeys((cast.ada, cast.ben), "present"), NOW)
    erasure.erase(session, cast.ada, NOW + timedelta(days=1))
    session.commit()
    assert met(session, TODAY) == met(session, TODAY, TODAY) == Met(1, 2)
    assert session.scalar(select(func.count(Attendance.member_id))) == 2
    assert not any(versions.behind(session).values())


def test_a_set_shows_its_sessions_beside_what_it_made(stored: tuple[Session, Cast, LearningSet]) -> None:
    session, cast, row = stored
    one = a_session(session, row, NOW - timedelta(days=5))
    record(session, cast, row, one, dict.fromkeys((cast.ada, cast.ben), "present"), NOW)
    found = attribution.told(session, facts.read(session, WORDS), Period(TODAY - timedelta(days=99), Question(TODAY)))
    assert found.met == Met(1, 2) and found.sets == ()
