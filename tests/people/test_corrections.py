"""Corrections: what was so changes on the days that are named and no other, and what was believed before is kept."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.measure import facts
from haln.models import AuditRecord, Member
from haln.network.history import snapshot
from haln.people import changes, corrections, leaving, versions
from haln.people.corrections import Correction
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, an_actor

TODAY = NOW.date()
DAYS = [TODAY - timedelta(days=number) for number in range(60, -1, -1)]
WORDS = vocabulary.load()


@pytest.fixture
def staff(session: Session, cast: Cast) -> Actor:
    joined = session.get_one(Member, cast.ada)
    joined.joined_at = NOW - timedelta(days=40)
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    return an_actor(session, cast.sol)


def address(session: Session, cast: Cast) -> str:
    return session.get_one(Member, cast.ada).email or ""


def there(session: Session, member: int, known: date | None = None) -> list[bool]:
    """Whether somebody was a member on each of the days, as known at the end of a day (none: now)."""
    told = facts.read(session, WORDS).known(known.toordinal() if known else None)
    days = []
    for day in DAYS:
        found = snapshot(told, day.toordinal())
        days.append(member in told.members[found.rows].tolist())
    return days


def test_only_the_days_that_are_named_change_whatever_was_corrected_before(
    session: Session, cast: Cast, staff: Actor
) -> None:
    rng = Random(7)
    done = 0
    for number in range(40):
        one, other = sorted(rng.sample(range(60), 2))
        member = rng.random() < 0.5
        now = NOW + timedelta(days=number)
        believed, before = there(session, cast.ada), now.date() - timedelta(days=1)
        known_then = there(session, cast.ada, before)
        said = Correction(DAYS[one], DAYS[other], member, "Their manager wrote to us.")
        try:
            corrections.correct(session, staff, address(session, cast), said, now)
            session.commit()
            done += 1
        except Conflict:
            session.rollback()
        expected = [member if DAYS[one] <= day < DAYS[other] else was for day, was in zip(DAYS, believed, strict=True)]
        assert there(session, cast.ada) == expected
        assert there(session, cast.ada, before) == known_then
        assert not any(versions.behind(session).values())
    assert done > 20


def test_who_joined_earlier_and_who_left_earlier(session: Session, cast: Cast, staff: Actor) -> None:
    said = Correction(DAYS[5], DAYS[20], True, "On the list of the first event.")
    corrections.correct(session, staff, address(session, cast), said, NOW)
    session.commit()
    assert there(session, cast.ada).index(True) == 5
    leaving.leave(session, an_actor(session, cast.ada), NOW + timedelta(days=3))
    session.commit()
    gone = Correction(DAYS[50], None, False, "They changed jobs then.")
    corrections.correct(session, staff, address(session, cast), gone, NOW + timedelta(days=4))
    session.commit()
    assert there(session, cast.ada) == [5 <= number < 50 for number in range(61)]
    told = corrections.record(session, staff, address(session, cast))
    assert [(one.from_on, one.member) for one in told.known] == [(DAYS[5], True), (DAYS[50], False)]
    assert told.believed
    kept = session.scalars(select(AuditRecord).where(AuditRecord.action == "correct_membership")).all()
    assert [one.detail["reason"] for one in kept] == ["On the list of the first event.", "They changed jobs then."]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Correction(TODAY + timedelta(days=1), None, True, "So."), "from_on"),
        (Correction(date(1889, 1, 1), None, True, "So."), "from_on"),
        (Correction(DAYS[9], DAYS[9], True, "So."), "until_on"),
        (Correction(DAYS[9], TODAY + timedelta(days=9), True, "So."), "until_on"),
        (Correction(DAYS[9], DAYS[10], True, "  "), "reason"),
        (Correction(DAYS[9], DAYS[10], True, "x" * 501), "reason"),
    ],
)
def test_days_that_cannot_be_are_refused_at_their_field(
    session: Session, cast: Cast, staff: Actor, said: Correction, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        corrections.correct(session, staff, address(session, cast), said, NOW)
    assert list(refused.value.fields) == [field]


def test_what_is_known_already_or_contradicts_today_is_refused(session: Session, cast: Cast, staff: Actor) -> None:
    for said in (Correction(DAYS[30], DAYS[40], True, "So."), Correction(DAYS[30], None, False, "So.")):
        with pytest.raises(Conflict):
            corrections.correct(session, staff, address(session, cast), said, NOW)
    with pytest.raises(NotFound):
        corrections.correct(session, staff, "nobody@example.org", Correction(DAYS[1], None, True, "So."), NOW)


def test_figures_are_read_again_after_a_correction(session: Session, cast: Cast, staff: Actor) -> None:
    before = changes.latest_number(session)
    said = Correction(DAYS[30], DAYS[40], False, "A mistake of ours.")
    corrections.correct(session, staff, address(session, cast), said, NOW)
    session.commit()
    assert changes.latest_number(session) > before
