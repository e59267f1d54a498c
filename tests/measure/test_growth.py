"""Growth over a period: what is made and lost adds up, on the invented network as on a few people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from haln.errors import Invalid
from haln.measure import facts, growth, periods
from haln.measure.periods import Period
from haln.measure.questions import Question
from haln.models import Member
from haln.network.history import snapshot
from haln.network.versions import Versions
from haln.people import versions
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, a_member
from tests.people.demonstration import places

WORDS = vocabulary.load()
TODAY = NOW.date()


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def told(session: Session) -> Versions:
    versions.keep_all(session, NOW, as_it_happened=True)
    return facts.read(session, WORDS)


def period(days: int, until: date = TODAY, **asked: object) -> Period:
    return Period(until - timedelta(days=days), Question(until, **asked))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def invented() -> Iterator[Versions]:
    """The network that the demonstration makes, small."""
    with places.an_empty_network() as session:
        places.a_demonstration(session, members=150, months=18)
        yield facts.read(session, WORDS)


def test_what_was_before_and_what_was_made_less_what_was_lost_is_what_is_after(invented: Versions) -> None:
    for days, asked in [
        (400, {}),
        (200, {"evidence": "met"}),
        (90, {"with_hosts": False}),
        (365, {"then": True}),
        (0, {}),
    ]:
        one = period(days, places.UNTIL, **asked)
        found = growth.change(invented, one)
        made, lost = found.with_newcomers + found.between_members, found.with_leavers + found.ended
        assert found.ties_before + made - lost == found.ties_after
        assert found.ties_after == _pairs(invented, one, one.until) and found.ties_before == _pairs(
            invented, one, one.start
        )
        assert days or made == lost == 0
    assert growth.change(invented, period(400, places.UNTIL)).with_newcomers > 0


def _pairs(found: Versions, one: Period, day: date) -> int:
    known, question = one.question.known(found, day), one.question
    return snapshot(known, day.toordinal(), only=question.only, evidences=question.evidences).ties


def test_months_add_up_to_the_members_at_their_ends(invented: Versions) -> None:
    one = period(400, places.UNTIL)
    months = growth.by_month(invented, one)
    known = invented.known()
    before = len(snapshot(known, one.start.toordinal()))
    for month in months:
        before += month.net
        assert month.members == before == len(snapshot(known, month.until.toordinal()))
    assert months[-1].until == places.UNTIL and sum(month.joined for month in months) > 0


def test_cohorts_are_all_who_came_in_their_quarters(invented: Versions) -> None:
    found = growth.told(invented, period(365, places.UNTIL))
    assert sum(cohort.members for cohort in found.cohorts) == found.staying.people == found.first_tie.people
    assert [cohort.start.month in (1, 4, 7, 10) for cohort in found.cohorts] == [True] * len(found.cohorts)
    assert found.cohorts[-1].staying[-1] is None  # nobody who came this quarter was followed for two years


def test_those_who_wait_count_and_those_who_came_lately_are_not_asked_yet(session: Session, cast: Cast) -> None:
    a_member(session, "Nia New", joined_at=NOW - timedelta(days=10))
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=70))
    found = growth.told(told(session), period(365))
    assert found.first_tie.people == 7
    assert (found.soon.count, found.soon.of) == (2, 6)
    assert found.first_tie.median.day is None


def test_who_left_and_came_back_is_said(session: Session, cast: Cast) -> None:
    one = session.get_one(Member, cast.ben)
    one.standing, one.left_at = "left", NOW - timedelta(days=30)
    versions.keep_all(session, NOW - timedelta(days=30))
    assert growth.told(facts.read(session, WORDS), period(60)).returning.value == 0
    one.standing, one.left_at = "active", None
    versions.keep_all(session, NOW - timedelta(days=3))
    found = growth.told(facts.read(session, WORDS), period(60))
    assert (found.returning.count, found.returning.of) == (1, 1)
    assert [(month.joined, month.left) for month in found.months][-2:] == [(0, 1), (1, 0)]


def test_an_empty_network_has_no_growth(session: Session) -> None:
    found = growth.told(told(session), period(365))
    assert found.cohorts == () and found.soon.of == 0 and found.first_tie.people == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"from": "2999-01-01"}, "from"),
        ({"until": "yesterday"}, "until"),
        ({"as_of": "yesterday"}, "until"),
        ({"from": days_ago(1).isoformat(), "until": days_ago(2).isoformat()}, "from"),
        ({"evidence": "hearsay"}, "evidence"),
    ],
)
def test_a_period_that_cannot_be_is_refused_at_its_field(given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        periods.asked(given, TODAY, WORDS)
    assert list(refused.value.fields) == [field]


def test_a_period_is_the_year_to_the_day_where_nothing_is_said() -> None:
    assert periods.asked({}, TODAY, WORDS) == Period(days_ago(365), Question(TODAY))
    found = periods.asked({"as_of": "2025-03-10", "from": "2025-01-31"}, TODAY, WORDS)
    assert found.months() == (date(2025, 2, 28), date(2025, 3, 10))
    assert (found.begins.isoformat(), found.ends.isoformat()) == (
        "2025-02-01T00:00:00+00:00",
        "2025-03-11T00:00:00+00:00",
    )
    assert growth.quarters(date(2025, 3, 10), 2) == (date(2024, 10, 1), date(2025, 1, 1))
