"""A cohort from its opening to its cancelling, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from haln.db import may_write, prepare_engine
from haln.learn import (
    applicant_changes,
    applicant_export,
    applicant_imports,
    applicants,
    application_pages,
    applications,
    cohort_lists,
    cohort_rules,
    cohort_states,
    cohorts,
    pairs,
    slots,
)
from haln.learn.applications import Answers
from haln.learn.cohorts import CohortFacts
from haln.learn.slots import Poll
from haln.models import Cohort, CohortFacilitator, Mail, Member
from haln.taxonomy.vocabulary import load
from tests.builders import NOW, an_actor, the_cast
from tests.cohort_builders import a_learning_set

LONDON, TODAY, VOCABULARY = ZoneInfo("Europe/London"), NOW.date(), load()


def test_a_cohort_lives_on_both_databases(database_url: str) -> None:
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        cast = the_cast(session)
        fay, ada = an_actor(session, cast.fay), an_actor(session, cast.ada)
        keys = {member.id: member.public_id for member in session.scalars(select(Member))}
        key = cohorts.create(session, fay, CohortFacts("Sets", availability="dates"), 2, VOCABULARY, NOW)
        poll = Poll(date(2026, 10, 20), (time(14), time(9)), 2)
        assert slots.add_hours(session, fay, key, 1, poll, LONDON, TODAY, NOW) == 4
        slots.add_hours(session, fay, key, 2, Poll(date(2026, 10, 1), (time(9),), 1), LONDON, TODAY, NOW)
        cohort_rules.move(session, fay, key, 3, 0, False, NOW)
        cohort_states.open_up(session, fay, key, 4, TODAY, NOW)
        row = session.scalars(select(Cohort)).one()
        every = slots.of_cohort(session, row.id)
        assert [one.position for one in every] == [0, 1, 2, 3, 4]
        said = Answers("Food", ("food",), frozenset({every[0].id, every[2].id}), (keys[cast.ben],), "A ramp")
        assert applications.apply(session, ada, key, said, VOCABULARY, TODAY, NOW)
        assert applicant_changes.put(session, fay, key, keys[cast.ben], Answers("Homes"), VOCABULARY, NOW)
        content = b"email,times,apart\ncai.morgan@example.org,all,ada.okafor@example.org\nnobody@example.org,,\n"
        kept = applicant_imports.keep(session, fay, key, "a.csv", content, VOCABULARY, LONDON, NOW)
        session.commit()
        report = applicant_imports.apply_kept(session, fay, key, kept, VOCABULARY, LONDON, NOW)
        assert (report.created, report.refused) == (1, 1)
        session.commit()
        for sort in (*applicants.SORTS, *(f"-{one}" for one in applicants.SORTS)):
            _row, found = applicants.listing(session, fay, key, sort=sort)
            assert (found.total, found.all) == (3, 3)
        _row, found = applicants.listing(session, fay, key, text="university MORGAN", sort="-times")
        assert [(one.name, one.times, one.pairs) for one in found.rows] == [("Cai Morgan", 5, 1)]
        pairs.add(session, fay, key, "together", keys[cast.ben], keys[cast.cai], NOW)
        assert pairs.listing(session, fay, key)[2] == 3
        assert cohort_lists.one(session, fay, key, TODAY, NOW).applied == 3
        assert b"A ramp" in applicant_export.export(session, fay, key, lambda kind, code: code or "", str, NOW)
        page = application_pages.page(session, ada, key, TODAY)
        assert page.own is not None
        assert [line.name for line in page.own.apart] == ["Ben Whitaker"]
        before = Cohort(public_id="before", title="Spring", made_by_id=cast.fay, created_at=NOW, changed_at=NOW)
        session.add(before)
        session.flush()
        session.add(CohortFacilitator(cohort_id=before.id, member_id=cast.fay, sets=1, slots=[]))
        a_learning_set(session, (cast.ada, cast.ben), cohort_id=before.id)
        assert [one.title for one in pairs.earlier(session, fay, row)] == ["Spring"]
        pairs.not_again(session, fay, key, row.version, "before", NOW)
        assert slots.take_away(session, fay, key, row.version, [every[0].id], NOW) == 2
        assert cohort_states.cancel(session, fay, key, row.version, NOW) == 3
        session.commit()
        kinds = session.scalars(select(Mail.kind)).all()
        assert sorted(kinds) == sorted(
            ["application_received", *["application_entered"] * 2, *["cohort_cancelled"] * 3]
        )
    engine.dispose()
