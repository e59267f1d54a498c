"""A demonstration's newsletter: what is to come is about something else than what has just left."""

from __future__ import annotations

from datetime import UTC

from sqlalchemy import select

from haln.models import Newsletter
from haln.people.demonstration.writing import Wanted
from haln.post.newsletters import demonstration
from tests.people.demonstration import places

MEMBERS, MONTHS = 120, 18


def test_an_issue_to_come_has_none_of_the_last_subjects() -> None:
    with places.an_empty_network() as session:
        places.a_demonstration(session, members=MEMBERS, months=MONTHS)
        left = demonstration.write(session, Wanted(MEMBERS, MONTHS, 7, places.UNTIL), UTC)
        subjects = list(session.scalars(select(Newsletter.subject).order_by(Newsletter.id)))
    assert left >= 5 and len(subjects) == left + 2
    assert not set(subjects[left:]) & set(subjects[left - 5 : left])
