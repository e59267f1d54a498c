"""How introductions and suggestions flow: in sums only, and a "no" looks like silence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.measure import facts, flow
from haln.measure.flow import Listed
from haln.measure.periods import Period
from haln.measure.questions import Question
from haln.models import Introduction
from haln.network.retention import Share
from haln.network.survival import Median
from haln.people import versions
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast
from tests.measure.flow_builders import a_suggestion, an_introduction

WORDS = vocabulary.load()
TODAY = NOW.date()
YEAR = Period(TODAY - timedelta(days=365), Question(TODAY))


def told(session: Session, period: Period = YEAR) -> flow.Told:
    versions.keep_all(session, NOW, as_it_happened=True)
    return flow.told(session, facts.read(session, WORDS), period, WORDS)


def introduced(session: Session, cast: Cast) -> None:
    an_introduction(session, cast.ada, cast.ben, "accepted", days=40, took=3)
    an_introduction(session, cast.ada, cast.cai, "accepted", days=40, took=5)
    an_introduction(session, cast.ada, cast.dee, "accepted", days=4, took=1, source="weaver", kind="woven")
    an_introduction(session, cast.ben, cast.dee, "lapsed", days=70, took=14, source="weaver", kind="woven")
    an_introduction(session, cast.cai, cast.dee, days=3)
    an_introduction(session, cast.cai, cast.ben, "accepted", days=40, took=1, evidence="declared")
    an_introduction(session, cast.cai, cast.ben, "accepted", days=800, took=1)


def test_introductions_are_counted_by_source_and_by_the_month_in_which_they_were_offered(
    session: Session, cast: Cast
) -> None:
    introduced(session, cast)
    found = told(session)
    assert (found.introductions.offered, found.introductions.accepted) == (5, 3)
    assert found.introductions.median.day == 3
    assert {(one.name, one.offered, one.accepted) for one in found.by_source} == {("directory", 3, 2), ("weaver", 2, 1)}
    months = {one.name: (one.offered, one.accepted) for one in found.by_month}
    assert len(months) == 13
    assert {month: counts for month, counts in months.items() if counts[0]} == {
        "2026-04-30": (1, 0),
        "2026-05-31": (2, 2),
        "2026-06-15": (2, 1),
    }
    for some in (found.by_source, found.by_month):
        assert sum(one.offered for one in some) == 5 and sum(one.accepted for one in some) == 3


def test_what_was_accepted_after_the_last_day_was_not_yet(session: Session, cast: Cast) -> None:
    introduced(session, cast)
    until = TODAY - timedelta(days=37)  # the day on which the first was accepted
    found = told(session, Period(until - timedelta(days=365), Question(until)))
    assert (found.introductions.offered, found.introductions.accepted) == (3, 1)
    earlier = told(session, Period(until - timedelta(days=365), Question(until - timedelta(days=1))))
    assert (earlier.introductions.offered, earlier.introductions.accepted) == (3, 0)
    assert earlier.introductions.median == Median(None, None, None)


def test_a_no_changes_nothing_that_is_shown(session: Session, cast: Cast) -> None:
    introduced(session, cast)
    before = told(session)
    session.execute(update(Introduction).where(Introduction.state != "accepted").values(asked_answer="no"))
    assert told(session) == before


def test_only_people_who_both_count_count(session: Session, cast: Cast) -> None:
    introduced(session, cast)
    an_introduction(session, cast.fay, cast.sol, "accepted", days=9)
    a_suggestion(session, cast.fay, cast.ada, "newcomer")
    a_suggestion(session, cast.ada, cast.ben, "newcomer")
    everybody, members = told(session), told(session, Period(YEAR.start, Question(TODAY, with_hosts=False)))
    assert (everybody.introductions.offered, members.introductions.offered) == (6, 5)
    assert (everybody.suggestions.listed, members.suggestions.listed) == (2, 1)
    assert (everybody.exposure.ever, members.exposure.ever) == (Share(2, 6), Share(2, 4))
    nhs = told(session, Period(YEAR.start, Question(TODAY, sector="nhs")))
    assert (nhs.introductions.offered, nhs.exposure.ever.of) == (0, 2)
    wales = told(session, Period(YEAR.start, Question(TODAY, region="W92000004", then=True)))
    assert (wales.introductions.offered, wales.exposure.ever.of) == (0, 1)


def test_suggestions_are_counted_by_their_leading_reason_and_used_once(session: Session, cast: Cast) -> None:
    used = a_suggestion(session, cast.ada, cast.ben, "shared_theme", NOW - timedelta(days=50))
    a_suggestion(session, cast.ada, cast.cai, "shared_theme", NOW - timedelta(days=50))
    seen = a_suggestion(session, cast.ada, cast.dee, "first_link", NOW - timedelta(days=50))
    a_suggestion(session, cast.cai, cast.ben, "", NOW - timedelta(days=50))
    a_suggestion(session, cast.cai, cast.ada, "first_link", NOW - timedelta(days=500), NOW - timedelta(days=400))
    for state, days in (("lapsed", 40), ("accepted", 5)):
        an_introduction(session, cast.ada, cast.ben, state, days, source="suggestion", suggestion_id=used)
    an_introduction(  # they know each other already
        session, cast.dee, cast.ada, "accepted", 30, 1, source="suggestion", suggestion_id=seen, evidence="declared"
    )
    an_introduction(session, cast.ada, cast.dee, source="directory", suggestion_id=seen)  # not through the suggestion
    found = told(session)
    assert found.by_reason == (
        Listed("shared_theme", 2, 1, 1),
        Listed("", 1, 0, 0),
        Listed("first_link", 1, 0, 0),
    )
    assert found.suggestions == Listed("", 4, 1, 1)
    assert found.exposure.ever == Share(4, 6)
    assert found.exposure.gini == pytest.approx(_gini([2, 1, 1, 0, 0, 0]))
    before = told(session, Period(YEAR.start, Question(TODAY - timedelta(days=6))))
    assert before.suggestions == Listed("", 4, 1, 0)


def _gini(counts: list[int]) -> float:
    differences = sum(abs(one - other) for one in counts for other in counts)
    return differences / (2 * len(counts) * sum(counts))


def test_a_network_without_introductions_has_a_flow_too(session: Session) -> None:
    found = told(session)
    assert found.introductions.offered == found.suggestions.listed == 0
    assert found.exposure.ever == Share(0, 0) and found.exposure.gini is None


def test_introductions_from_suggestions_are_told_by_the_leading_reason(session: Session, cast: Cast) -> None:
    suggestion = a_suggestion(session, cast.ada, cast.ben, "shared_theme", NOW - timedelta(days=50))
    facts = {"source": "suggestion", "suggestion_id": suggestion}
    an_introduction(session, cast.ada, cast.ben, "accepted", 40, 2, **facts)  # type: ignore[arg-type]
    an_introduction(session, cast.ada, cast.cai, "accepted", 40, 2)
    (found,) = told(session).by_leading
    assert (found.name, found.offered, found.accepted) == ("shared_theme", 1, 1)


def test_what_one_of_two_said_changes_nothing_that_is_told(session: Session, cast: Cast) -> None:
    introduced(session, cast)
    number = an_introduction(session, cast.ben, cast.cai, days=20, source="weaver", kind="woven", asker_answer=None)
    before = told(session)
    values = {"asker_answer": "yes", "first_yes_at": NOW - timedelta(days=19)}
    session.execute(update(Introduction).where(Introduction.id == number).values(values))
    assert told(session) == before
