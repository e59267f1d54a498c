"""Growth, attribution and flow come out alike on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from haln.db import may_write, prepare_engine
from haln.measure import attribution, facts, flow, growth
from haln.measure.flow import Listed
from haln.measure.periods import Period
from haln.measure.questions import Question
from haln.network.retention import Share
from haln.people import versions
from haln.taxonomy import vocabulary
from tests.builders import NOW, a_connection, the_cast
from tests.measure.flow_builders import a_suggestion, an_introduction


def test_the_pages_of_a_period_are_worked_out_on_both_databases(database_url: str) -> None:
    engine, words = create_engine(database_url), vocabulary.load()
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        cast = the_cast(session)
        used = a_suggestion(session, cast.ada, cast.ben, "shared_theme", NOW - timedelta(days=50))
        a_suggestion(session, cast.ben, cast.ada, "", NOW)
        number = an_introduction(
            session, cast.ada, cast.ben, "accepted", 30, took=3, source="suggestion", suggestion_id=used
        )
        a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=27), introduction_id=number)
        versions.keep_all(session, NOW, as_it_happened=True)
        found = facts.read(session, words)
        for asked in ({}, {"with_hosts": False}, {"known_on": NOW.date()}):
            period = Period(NOW.date() - timedelta(days=365), Question(NOW.date(), **asked))  # type: ignore[arg-type]
            made = attribution.told(session, found, period)
            assert [(part.activity.detail, part.ties) for part in made.parts] == [("suggestion", 1)]
            flowed = flow.told(session, found, period, words)
            assert (flowed.introductions.accepted, flowed.introductions.median.day) == (1, 3)
            assert flowed.by_reason == (Listed("", 1, 0, 0), Listed("shared_theme", 1, 1, 1))
            assert flowed.exposure.ever == Share(2, 4 if asked == {"with_hosts": False} else 6)
            assert growth.told(found, period).change.with_newcomers == 1
    engine.dispose()
