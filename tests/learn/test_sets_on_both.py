"""What sets read and write, on both databases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import (
    actions,
    attendance,
    notes,
    overviews,
    reflections,
    set_facilitators,
    set_mail,
    set_members,
    workspaces,
)
from haln.learn.actions import Report
from haln.learn.overviews import Sort
from haln.models import Cohort, Member, SetAction
from tests.builders import NOW, a_member, an_actor, the_cast
from tests.cohort_builders import a_cohort
from tests.learn.sets import WORDS, a_session, key, planned, the_set


def test_a_set_is_run_from_its_first_session_to_its_reflections(stored: Session) -> None:
    cast = the_cast(stored)
    cohort = a_cohort(stored, cast.fay, days=1)
    row = the_set(stored, cast, cohort_id=cohort.id)
    fay, ada, sol = (an_actor(stored, member) for member in (cast.fay, cast.ada, cast.sol))
    planned(stored, cast, row, 3)
    held = a_session(stored, row, NOW - timedelta(hours=2))
    a_session(stored, the_set(stored, cast), NOW + timedelta(hours=20))
    stored.commit()
    assert set_mail.remind(stored, NOW) == 5
    stored.commit()
    assert set_mail.remind(stored, NOW) == 0
    attendance.record(stored, fay, key(row), held.public_id, {cast.ada: "present", cast.ben: "absent"}, NOW)
    actions.add(stored, ada, key(row), cast.ben, "Ring", held.public_id, NOW)
    notes.write(stored, ada, key(row), "Leeds", held.public_id, NOW)
    one = stored.scalars(select(SetAction)).one()
    actions.report(stored, ada, key(row), {one.public_id: Report("done", "Yes")}, NOW)
    eve = a_member(stored, "Eve Newcomer")
    assert [line.name for line in set_members.find(stored, fay, set_members.admitting(stored, fay, key(row)), "NEW")]
    set_members.add(stored, fay, key(row), eve.public_id, WORDS, NOW)
    gus = a_member(stored, "Gus Leader", audience="facilitator")
    entry = set_members.admitting(stored, sol, key(row))
    assert [line.id for line in set_facilitators.find(stored, sol, entry, "GUS")] == [gus.id]
    set_facilitators.name(stored, fay, key(row), row.version, gus.public_id, NOW)
    set_facilitators.name(stored, sol, key(row), row.version, "", NOW)
    set_facilitators.name(stored, sol, key(row), row.version, stored.get_one(Member, cast.fay).public_id, NOW)
    for actor in (ada, fay, sol):
        assert workspaces.workspace(stored, actor, key(row), NOW).next is not None
    assert workspaces.session_page(stored, ada, key(row), held.public_id, NOW).meeting.present == 1
    assert {line.share for line in overviews.overview(stored, sol, NOW, sort=Sort.NEXT).lines} == {0.5, None}
    set_members.leave(stored, ada, key(row), NOW)
    assert reflections.end(stored, fay, key(row), NOW) == 3
    reflections.reflect(stored, an_actor(stored, cast.ben), key(row), 5, True, "Good", True, NOW)
    assert reflections.summary(stored, sol, key(row)).words == ("Good",)
    assert stored.scalar(select(Cohort.id)) == cohort.id
    stored.commit()
