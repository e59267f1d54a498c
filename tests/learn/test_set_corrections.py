"""Corrections of sets: their days and places change on the days that are named, and nobody comes in or goes by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.connect import blocks
from haln.db import may_write, prepare_engine
from haln.errors import Conflict, HalnError, Invalid, NotFound
from haln.learn import set_corrections
from haln.learn.set_corrections import Dates, Place
from haln.measure import attribution, facts
from haln.measure.periods import Period
from haln.measure.questions import Question
from haln.models import AuditRecord, LearningSet, Member, SetMembership, SetMembershipVersion
from haln.network.making import sittings
from haln.people import own_data, versions
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, a_member, an_actor, the_cast
from tests.cohort_builders import a_learning_set
from tests.learn.sets import a_session

TODAY = NOW.date()
DAYS = [TODAY - timedelta(days=number) for number in range(60, -1, -1)]
WORDS = vocabulary.load()
Stored = tuple[Session, Cast, Actor, LearningSet]


@pytest.fixture
def stored(database_url: str) -> Iterator[Stored]:
    """A set that ran from day 10 to day 50: Ada from its start, Ben from day 20, Cai until day 40."""
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        cast = the_cast(session)
        row = a_learning_set(session, [cast.ada, cast.ben, cast.cai], started_on=DAYS[10], ended_on=DAYS[50])
        places = {one.member_id: one for one in session.scalars(select(SetMembership))}
        places[cast.ada].joined_on, places[cast.ben].joined_on, places[cast.cai].joined_on = None, DAYS[20], DAYS[10]
        places[cast.cai].left_on = DAYS[40]
        versions.keep_all(session, NOW, as_it_happened=True)
        session.commit()
        yield session, cast, an_actor(session, cast.sol), row
    engine.dispose()


def sat(session: Session, member: int, known: date | None = None) -> list[bool]:
    """Whether somebody had a place on each of the days, as known at the end of a day (none: now)."""
    kept = SetMembershipVersion
    rows = session.scalars(select(kept).where(kept.member_id == member).order_by(kept.id)).all()
    columns = [
        [getattr(row, name) for row in rows] for name in ("set_id", "member_id", "from_on", "recorded_on", "sits")
    ]
    days = ([one.toordinal() for one in columns[2]], [one.toordinal() for one in columns[3]])
    found = sittings(columns[0], columns[1], *days, columns[4], known.toordinal() if known else None)
    return [any(one.since <= day.toordinal() < one.until for one in found) for day in DAYS]


def correct(stored: Stored, member: int, said: Place, days_later: int = 0) -> None:
    session, _, staff, row = stored
    address = session.get_one(Member, member).email or ""
    now = NOW + timedelta(days=days_later)
    _committed(session, lambda: set_corrections.correct_place(session, staff, row.id, address, said, now))


def move(stored: Stored, started: date | None, ended: date | None, days_later: int = 0) -> None:
    session, _, staff, row = stored
    said, now = Dates(started, ended, "Their letters say so."), NOW + timedelta(days=days_later)
    _committed(session, lambda: set_corrections.correct_dates(session, staff, row.id, said, now))


def _committed(session: Session, act: object) -> None:
    try:
        act()  # type: ignore[operator]
    except HalnError:
        session.rollback()
        raise
    session.commit()
    assert not any(versions.behind(session).values())


def written(session: Session) -> dict[int, tuple[object, ...]]:
    return {row[0]: tuple(row) for row in session.execute(select(*SetMembershipVersion.__table__.columns))}


def test_only_the_days_that_are_named_change_whatever_was_corrected_before(stored: Stored) -> None:
    session, cast, _, _ = stored
    rng, done = Random(5), 0
    for number in range(1, 41):
        one, other = sorted(rng.sample(range(10, 51), 2))
        member, sits = rng.choice((cast.ada, cast.ben, cast.cai)), rng.random() < 0.5
        end = None if rng.random() < 0.2 else DAYS[other]
        before, believed = written(session), {who: sat(session, who) for who in cast.everyone()}
        known = TODAY + timedelta(days=number - 1)
        known_then = {who: sat(session, who, known) for who in cast.everyone()}
        expected = dict(believed)
        try:
            correct(stored, member, Place(DAYS[one], end, sits, "So."), number)
            done += 1
            last = end or (DAYS[50] if sits else TODAY + timedelta(days=1))
            expected[member] = [
                sits if DAYS[one] <= day < last else was for day, was in zip(DAYS, believed[member], strict=True)
            ]
        except Conflict:
            pass
        assert {who: sat(session, who) for who in cast.everyone()} == expected
        assert {who: sat(session, who, known) for who in cast.everyone()} == known_then
        after = written(session)
        assert {key: after[key] for key in before} == before, "a version is never changed"
    assert done > 20


def span(days: list[bool]) -> tuple[int, int]:
    """The first day on which it is so, and the first after the last."""
    return days.index(True), len(days) - days[::-1].index(True)


def test_places_go_along_with_the_days_of_their_set_or_the_set_stays_as_it_is(stored: Stored) -> None:
    """A place that neither begins nor ends with its set keeps its days; where it would lie outside, nothing changes."""
    session, cast, _, row = stored
    people, rng, moves, refusals = (cast.ada, cast.ben, cast.cai), Random(3), 0, 0
    for number in range(1, 31):
        started, ended = rng.choice((5, 10, 15, 19, 25)), rng.choice((35, 41, 45, 50, 55))
        known = TODAY + timedelta(days=number - 1)
        was, known_then = [sat(session, who) for who in people], [sat(session, who, known) for who in people]
        old = DAYS.index(row.started_on or TODAY), DAYS.index(row.ended_on or TODAY)
        spans = [span(one) for one in was]
        expected = [(started if a == old[0] else a, ended if b == old[1] else b) for a, b in spans]
        fits = all(started <= a < b <= ended for a, b in expected)
        try:
            move(stored, DAYS[started], DAYS[ended], number)
            moves += 1
            assert fits and [span(sat(session, who)) for who in people] == expected
        except Invalid:
            refusals += 1
            assert not fits and [sat(session, who) for who in people] == was
            session.refresh(row)
            assert (row.started_on, row.ended_on) == (DAYS[old[0]], DAYS[old[1]])
        except Conflict:
            assert old == (started, ended)
        assert [sat(session, who, known) for who in people] == known_then
    assert moves > 5 and refusals > 5


def test_what_was_corrected_of_a_place_is_there_when_a_move_of_its_set_is_taken_back(stored: Stored) -> None:
    session, cast, _, _ = stored
    correct(stored, cast.ada, Place(DAYS[10], DAYS[13], False, "She came later."))
    before = [sat(session, who) for who in cast.everyone()]
    with pytest.raises(Invalid) as refused:
        move(stored, DAYS[15], DAYS[50], 1)
    assert list(refused.value.fields) == ["started_on"] and "Ada Okafor had a place from" in refused.value.text
    move(stored, DAYS[5], DAYS[55], 1)
    move(stored, DAYS[10], DAYS[50], 2)
    assert [sat(session, who) for who in cast.everyone()] == before


def test_a_place_of_its_own_days_keeps_them_when_its_set_is_corrected_to_them_and_back(stored: Stored) -> None:
    """Ben came on day 20 and Cai went on day 40, whatever was thought of the set in between."""
    session, cast, _, _ = stored
    before = [sat(session, who) for who in cast.everyone()]
    for number, days in enumerate(((20, 40), (20, 45), (10, 40), (10, 50))):
        move(stored, DAYS[days[0]], DAYS[days[1]], number)
    assert [sat(session, who) for who in cast.everyone()] == before
    move(stored, DAYS[20], DAYS[50], 5)
    with pytest.raises(Invalid) as refused:
        move(stored, DAYS[25], DAYS[50], 6)
    assert "Ben" in refused.value.text
    move(stored, DAYS[15], DAYS[50], 7)
    assert sat(session, cast.ben) == [20 <= number < 50 for number in range(61)]
    assert sat(session, cast.ada) == [15 <= number < 50 for number in range(61)]


def test_what_was_believed_of_places_is_told_until_when(stored: Stored) -> None:
    session, cast, staff, row = stored
    assert not set_corrections.record(session, staff, row.id).believed
    correct(stored, cast.ben, Place(DAYS[20], DAYS[30], False, "He came later."), 1)
    correct(stored, cast.dee, Place(DAYS[12], None, True, "On the list."), 2)
    move(stored, DAYS[5], DAYS[50], 3)
    found = set_corrections.record(session, staff, row.id).believed
    assert [(one.name, one.sat, one.days.from_on, one.days.until_on, one.replaced_on) for one in found] == [
        ("Ben Whitaker", True, DAYS[20], DAYS[30], TODAY + timedelta(days=1)),
    ]
    session.get_one(Member, cast.ben).listed = False
    session.commit()
    assert [one.name for one in set_corrections.record(session, staff, row.id).believed] == [None]


def test_a_place_that_ended_on_its_own_day_is_named_unless_it_is_hidden(stored: Stored) -> None:
    session, cast, _, _ = stored
    for name, listed in (("Cai Morgan", True), ("Somebody", False)):
        session.get_one(Member, cast.cai).listed = listed
        session.commit()
        with pytest.raises(Invalid) as refused:
            move(stored, DAYS[10], DAYS[35])
        assert list(refused.value.fields) == ["ended_on"]
        assert refused.value.text.startswith(f"{name} had a place until {DAYS[40]}")


def test_a_set_ran_when_its_sessions_were_held(stored: Stored) -> None:
    session, _, _, row = stored
    for day, state in ((12, "held"), (50, "held"), (11, "cancelled"), (52, "planned")):
        a_session(session, row, starts_at=NOW - timedelta(days=60 - day), state=state)
    versions.keep_all(session, NOW)
    session.commit()
    for started, ended, field, held in ((13, 50, "started_on", 12), (12, 49, "ended_on", 50)):
        with pytest.raises(Invalid) as refused:
            move(stored, DAYS[started], DAYS[ended])
        assert list(refused.value.fields) == [field] and f"was held on {DAYS[held]}" in refused.value.text
    move(stored, DAYS[12], DAYS[50])


def test_a_set_that_is_moved_takes_those_along_who_began_and_ended_with_it(stored: Stored) -> None:
    session, cast, staff, row = stored
    move(stored, DAYS[5], DAYS[55])
    assert [sat(session, who) for who in (cast.ada, cast.ben, cast.cai)] == [
        [first <= number < last for number in range(61)] for first, last in ((5, 55), (20, 55), (5, 40))
    ]
    move(stored, DAYS[15], DAYS[45], 1)
    assert [sat(session, who) for who in (cast.ada, cast.ben, cast.cai)] == [
        [first <= number < last for number in range(61)] for first, last in ((15, 45), (20, 45), (15, 40))
    ]
    told = set_corrections.record(session, staff, row.id)
    assert [one.made.detail["started_before"] for one in told.made] == [DAYS[5].isoformat(), DAYS[10].isoformat()]
    assert {one.made.reason for one in told.made} == {"Their letters say so."}


def test_a_place_that_is_missing_and_one_that_never_was(stored: Stored) -> None:
    session, cast, staff, row = stored
    correct(stored, cast.dee, Place(DAYS[12], None, True, "On the list."))
    assert sat(session, cast.dee) == [12 <= number < 50 for number in range(61)]
    place = session.get_one(SetMembership, (row.id, cast.dee))
    assert place.left_on == DAYS[50], "what the set wrote stays with those who were there as it ended"
    correct(stored, cast.dee, Place(None, None, False, "Somebody of the same name."), 1)
    assert not any(sat(session, cast.dee))
    correct(stored, cast.dee, Place(DAYS[12], DAYS[50], True, "It was her after all."), 2)
    assert sat(session, cast.dee) == [12 <= number < 50 for number in range(61)]
    told = set_corrections.record(session, staff, row.id)
    assert [(one.name, one.made.reason, one.made.by) for one in told.made] == [
        ("Dee Sandhu", "It was her after all.", staff.name),
        ("Dee Sandhu", "Somebody of the same name.", staff.name),
        ("Dee Sandhu", "On the list.", staff.name),
    ]
    own = own_data.collected(session, cast.dee, NOW)["record"]
    assert [one["what"] for one in own].count(set_corrections.PLACE) == 3


def test_nobody_comes_into_a_set_that_runs_or_goes_by_a_correction(stored: Stored) -> None:
    session, cast, _, row = stored
    row.ended_on = None
    versions.keep_all(session, NOW)
    session.commit()
    for member, said in (
        (cast.dee, Place(DAYS[12], None, True, "So.")),
        (cast.ada, Place(DAYS[12], None, False, "So.")),
        (cast.ada, Place(None, None, False, "So.")),
        (cast.cai, Place(DAYS[12], None, True, "So.")),
    ):
        with pytest.raises(Conflict):
            correct(stored, member, said)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Place(TODAY + timedelta(days=1), None, False, "So."), "from_on"),
        (Place(None, None, True, "So."), "from_on"),
        (Place(DAYS[9], DAYS[20], True, "So."), "from_on"),
        (Place(DAYS[11], DAYS[51], True, "So."), "until_on"),
        (Place(DAYS[11], DAYS[11], True, "So."), "until_on"),
        (Place(DAYS[50], None, True, "So."), "from_on"),
        (Place(DAYS[55], None, True, "So."), "from_on"),
        (Place(DAYS[11], DAYS[12], True, ""), "reason"),
    ],
)
def test_places_that_cannot_be_are_refused_at_their_field(stored: Stored, said: Place, field: str) -> None:
    for member in (stored[1].ben, stored[1].dee):
        with pytest.raises(Invalid) as refused:
            correct(stored, member, said)
        assert list(refused.value.fields) == [field]


def test_nobody_had_a_place_before_they_were_a_member(stored: Stored) -> None:
    session, _, _, _ = stored
    never = a_member(session, "Gil Invited", standing="invited").id
    late = a_member(session, "Hana Late", joined_at=NOW - timedelta(days=40)).id
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    for member, first, field in ((never, DAYS[30], "address"), (late, DAYS[19], "from_on")):
        with pytest.raises(Invalid) as refused:
            correct(stored, member, Place(first, DAYS[35], True, "So."))
        assert list(refused.value.fields) == [field]
    correct(stored, late, Place(DAYS[20], DAYS[35], True, "So."))
    assert sat(session, late) == [20 <= number < 35 for number in range(61)]


def test_whom_somebody_has_blocked_is_nobody_to_them(stored: Stored) -> None:
    session, cast, _, _ = stored
    blocks.block(session, an_actor(session, cast.ben), session.get_one(Member, cast.sol).public_id, NOW)
    session.commit()
    with pytest.raises(Invalid) as refused:
        correct(stored, cast.ben, Place(DAYS[20], DAYS[30], False, "So."))
    assert refused.value.fields == {"address": "Nobody here has this address."}


@pytest.mark.parametrize(
    ("started", "ended", "field"),
    [
        (None, DAYS[50], "started_on"),
        (DAYS[50], DAYS[50], "ended_on"),
        (DAYS[10], None, "ended_on"),
        (DAYS[10], TODAY + timedelta(days=1), "ended_on"),
        (date(1889, 1, 1), DAYS[50], "started_on"),
    ],
)
def test_days_of_a_set_that_cannot_be_are_refused(
    stored: Stored, started: date | None, ended: date | None, field: str
) -> None:
    stored[3].public_id = "with-a-page"
    stored[0].commit()
    with pytest.raises(Invalid) as refused:
        move(stored, started, ended)
    assert list(refused.value.fields) == [field]


def test_a_set_that_is_to_begin_keeps_its_day_and_none_is_to_end(stored: Stored) -> None:
    session, _, _, row = stored
    soon = TODAY + timedelta(days=5)
    row.public_id, row.started_on, row.ended_on = None, soon, None
    session.commit()
    with pytest.raises(Invalid) as refused:
        move(stored, DAYS[10], soon)
    assert list(refused.value.fields) == ["ended_on"]
    with pytest.raises(Invalid) as refused:
        move(stored, soon + timedelta(days=1), None)
    assert list(refused.value.fields) == ["started_on"]
    with pytest.raises(Conflict):
        move(stored, soon, None)


def test_a_set_that_has_no_page_is_ended_and_opened_by_a_correction(stored: Stored) -> None:
    session, cast, _, row = stored
    row.public_id = None
    session.commit()
    move(stored, DAYS[10], None)
    assert sat(session, cast.ada)[-1] and not sat(session, cast.cai)[-1]
    move(stored, DAYS[10], DAYS[50], 1)
    assert sat(session, cast.ada) == [10 <= number < 50 for number in range(61)]
    with pytest.raises(NotFound):
        set_corrections.record(session, stored[2], 4711)


def test_what_made_connections_is_told_as_it_was_known_then(stored: Stored) -> None:
    session, cast, _, _ = stored
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=35), evidence="set_mates")
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()

    def made(known_on: date | None = None) -> tuple[attribution.SetMade, ...]:
        period = Period(DAYS[0], Question(TODAY, known_on))
        return attribution.told(session, facts.read(session, WORDS), period).sets

    before = made(TODAY)
    assert len(before) == 1 and before == made()
    correct(stored, cast.ben, Place(None, None, False, "Somebody of the same name."), 1)
    move(stored, DAYS[12], DAYS[50], 2)
    assert made() == () and made(TODAY) == before
    assert len(session.scalars(select(AuditRecord).where(AuditRecord.action == set_corrections.DATES)).all()) == 1
