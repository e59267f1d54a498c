"""A preview of a correction: the numbers that it tells are those that come of it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from random import Random

from sqlalchemy.orm import Session

from haln.connect import corrections
from haln.connect.corrections import Correction
from haln.errors import Conflict
from haln.measure import corrected, facts, figures
from haln.measure.questions import Question
from haln.models import Member
from haln.people import versions
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, an_actor

TODAY = NOW.date()
WORDS = vocabulary.load()


def numbers(session: Session) -> dict[tuple[str, object], float | None]:
    found = figures.series(facts.read(session, WORDS), Question(TODAY), corrected.KEYS)
    return {(one.measure, one.as_of): one.value for one in found}


def test_what_is_told_before_is_what_comes_of_it(session: Session, cast: Cast) -> None:
    for one, other in ((cast.ada, cast.ben), (cast.ben, cast.cai)):
        a_connection(session, one, other, since=NOW - timedelta(days=95))
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    staff, rng, changed = an_actor(session, cast.sol), Random(2), 0
    addresses = [session.get_one(Member, member).email or "" for member in (cast.ada, cast.ben)]
    for _ in range(12):
        first, last = sorted(rng.sample(range(100), 2), reverse=True)
        days = [TODAY - timedelta(days=number) for number in (first, last)]
        said = Correction(days[0], days[1], rng.choice([None, "met"]), "So.")
        act = partial(corrections.correct, session, staff, *addresses, said, NOW)
        before = numbers(session)
        try:
            told = corrected.preview(session, WORDS, facts.read(session, WORDS), act, TODAY)
        except Conflict:
            continue
        assert numbers(session) == before, "nothing is written"
        act()
        session.commit()
        after = numbers(session)
        expected = {key[1] for key, value in after.items() if before[key] != value}
        assert {one.day for one in told} == expected
        assert all(one.ties == (before["ties", one.day], after["ties", one.day]) for one in told)
        changed += len(told)
    assert changed > 3
