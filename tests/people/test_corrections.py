"""Corrections: what is told changes on the days that are named, nothing else, and what was believed before is kept."""

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
from haln.errors import Conflict, Invalid, NotFound
from haln.measure import facts
from haln.models import AuditRecord, Member, MemberVersion
from haln.network.history import UNKNOWN, snapshot
from haln.people import changes, corrections, leaving, versions
from haln.people.corrections import Correction
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_member, an_actor, the_cast

TODAY = NOW.date()
DAYS = [TODAY - timedelta(days=number) for number in range(60, -1, -1)]
WORDS = vocabulary.load()
COLUMNS = [one.key for one in MemberVersion.__table__.columns if one.key not in ("id", "from_on", "recorded_on")]
Says = dict[str, object]


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session of either database."""
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def cast(session: Session) -> Cast:
    return the_cast(session)


@pytest.fixture
def staff(session: Session, cast: Cast) -> Actor:
    """Staff. Ada joined on day 20, and so did Cai, who moved on days 28, 36, 44 and 52."""
    for member in (cast.ada, cast.cai):
        session.get_one(Member, member).joined_at = NOW - timedelta(days=40)
    versions.keep_all(session, NOW - timedelta(days=40), as_it_happened=True)
    cai = session.get_one(Member, cast.cai)
    others = [session.get_one(Member, member) for member in (cast.ada, cast.dee, cast.sol, cast.fay)]
    for number, (one, role) in enumerate(zip(others, ("finance", "strategy", "estates", "research"), strict=True)):
        cai.organisation_id, cai.place_id = one.organisation_id, one.place_id
        cai.role, cai.audience = role, ("facilitator", "member")[number % 2]
        moment = NOW - timedelta(days=32 - 8 * number)
        changes.touch(session, [cast.cai], moment)
        session.commit()
    return an_actor(session, cast.sol)


def says(session: Session, member: int, known: date | None = None) -> list[Says | None]:
    """All that versions say of a member on each of the days, as known at the end of a day (none: now)."""
    kept = MemberVersion
    rows = session.scalars(select(kept).where(kept.member_id == member).order_by(kept.id)).all()
    rows = [row for row in rows if known is None or row.recorded_on <= known]
    last = [[row for row in rows if row.from_on <= day][-1:] for day in DAYS]
    return [{name: getattr(row[0], name) for name in COLUMNS} if row else None for row in last]


def groups(session: Session, member: int) -> list[Says | None]:
    """In which groups figures count a member on each of the days; none where they do not count them."""
    told = facts.read(session, WORDS).known(None)
    found: list[Says | None] = []
    for day in DAYS:
        seen = snapshot(told, day.toordinal())
        row = told.members[seen.rows].tolist().index(member) if member in told.members[seen.rows] else None
        codes = {kind: seen.groups(kind)[row] for kind in told.groups} if row is not None else None
        found.append(
            codes and {kind: told.names[kind][code] if code != UNKNOWN else None for kind, code in codes.items()}
        )
    return found


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


def test_what_is_not_told_stays_as_it_was_on_every_day(session: Session, cast: Cast, staff: Actor) -> None:
    """Sector, region, organisation, place, role and audience are those of each day, also where it is corrected."""
    rng, done = Random(11), 0
    email = session.get_one(Member, cast.cai).email or ""
    assert len({str(one) for one in says(session, cast.cai)}) == 6
    for number in range(1, 31):
        one, other = sorted(rng.sample(range(60), 2))
        member, end = rng.random() < 0.5, None if rng.random() < 0.3 else DAYS[other]
        now = NOW + timedelta(days=number)
        before, known = says(session, cast.cai), now.date() - timedelta(days=1)
        known_then = says(session, cast.cai, known)
        try:
            corrections.correct(session, staff, email, Correction(DAYS[one], end, member, "So."), now)
            session.commit()
            done += 1
        except Conflict:
            session.rollback()
            assert says(session, cast.cai) == before
            continue
        first = next(line for line in before if line)
        for day, was, is_so in zip(DAYS, before, says(session, cast.cai), strict=True):
            if DAYS[one] <= day and (end is None or day < end):
                assert is_so == (was or first) | {"standing": "active" if member else "left"}
            elif was is None and day >= DAYS[one]:
                assert is_so == first | {"standing": "left"}
            else:
                assert is_so == was
        assert says(session, cast.cai, known) == known_then
        assert not any(versions.behind(session).values())
    assert done > 15


@pytest.mark.parametrize("end", [None, DAYS[50]])
def test_figures_count_who_joined_earlier_in_the_groups_of_each_day(
    session: Session, cast: Cast, staff: Actor, end: date | None
) -> None:
    before = groups(session, cast.cai)
    assert [one["sector"] for one in before if one][::8] == [
        "education",
        "nhs",
        "housing",
        "local-government",
        "nhs",
        "nhs",
    ]
    email = session.get_one(Member, cast.cai).email or ""
    corrections.correct(session, staff, email, Correction(DAYS[5], end, True, "On the first list."), NOW)
    session.commit()
    assert groups(session, cast.cai) == [None] * 5 + [before[20]] * 15 + before[20:]


def test_the_row_of_today_says_when_they_joined_and_left(session: Session, cast: Cast, staff: Actor) -> None:
    def days() -> tuple[date, date | None]:
        row = session.get_one(Member, cast.ada)
        session.refresh(row)
        return row.joined_at.date(), row.left_at.date() if row.left_at else None

    def correct(first: date, last: date | None, member: bool, later: int) -> None:
        said = Correction(first, last, member, "So.")
        corrections.correct(session, staff, address(session, cast), said, NOW + timedelta(days=later))
        session.commit()

    moment = session.get_one(Member, cast.ada).joined_at
    correct(DAYS[30], DAYS[40], False, 0)
    assert session.get_one(Member, cast.ada).joined_at == moment, "what is not corrected keeps its hour"
    correct(DAYS[5], DAYS[20], True, 0)
    assert days() == (DAYS[5], None)
    correct(DAYS[0], DAYS[15], False, 0)
    assert days() == (DAYS[15], None)
    leaving.leave(session, an_actor(session, cast.ada), NOW + timedelta(days=3))
    session.commit()
    correct(DAYS[50], None, False, 4)
    assert days() == (DAYS[15], DAYS[50])
    correct(DAYS[0], None, False, 5)
    assert days() == (DAYS[15], DAYS[15]), "never a member, as far as is known"
    correct(DAYS[10], DAYS[12], True, 6)
    assert days() == (DAYS[10], DAYS[12])


@pytest.mark.parametrize("blocker", ["staff", "member"])
def test_of_whom_somebody_wants_to_see_nothing_they_are_told_nothing(
    session: Session, cast: Cast, staff: Actor, blocker: str
) -> None:
    one, other = (cast.sol, cast.ada) if blocker == "staff" else (cast.ada, cast.sol)
    email = address(session, cast)
    blocks.block(session, an_actor(session, one), session.get_one(Member, other).public_id, NOW)
    session.commit()
    with pytest.raises(NotFound):
        corrections.record(session, staff, email)
    with pytest.raises(NotFound):
        corrections.correct(session, staff, email, Correction(DAYS[30], DAYS[40], False, "So."), NOW)
    assert corrections.record(session, an_actor(session, cast.fay), email).member_id == cast.ada


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


@pytest.mark.parametrize("standing", corrections.NOT_JOINED)
def test_who_has_yet_to_join_has_no_past(session: Session, cast: Cast, staff: Actor, standing: str) -> None:
    member = a_member(session, standing=standing)
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    for until_on, is_so in ((DAYS[20], True), (None, True), (DAYS[20], False)):
        with pytest.raises(Conflict) as refused:
            said = Correction(DAYS[10], until_on, is_so, "So.")
            corrections.correct(session, staff, member.email or "", said, NOW)
        assert "has not joined yet" in refused.value.text
        session.rollback()
    assert not any(there(session, member.id))


def test_who_was_a_member_before_they_were_invited_again_has_a_past(session: Session, cast: Cast, staff: Actor) -> None:
    row = session.get_one(Member, cast.ada)
    row.standing = "invited"
    changes.touch(session, [cast.ada], NOW)
    session.commit()
    said = Correction(DAYS[30], DAYS[40], False, "So.")
    corrections.correct(session, staff, address(session, cast), said, NOW)
    session.commit()
    assert [number for number, one in enumerate(there(session, cast.ada)) if one] == [*range(20, 30), *range(40, 60)]


def test_what_was_believed_says_of_which_days_and_until_when(session: Session, cast: Cast, staff: Actor) -> None:
    email = address(session, cast)
    for later, said in enumerate(
        (Correction(DAYS[30], DAYS[40], False, "So."), Correction(DAYS[35], DAYS[45], True, "Not so.")), start=1
    ):
        corrections.correct(session, staff, email, said, NOW + timedelta(days=later))
        session.commit()
    told = corrections.record(session, staff, email).believed
    assert [(one.from_on, one.until_on, one.member) for one in told] == [
        (DAYS[30], DAYS[40], True),
        (DAYS[35], DAYS[40], False),
    ]
    assert [one.recorded_on for one in told] == [DAYS[20], TODAY + timedelta(days=1)]
    assert [one.replaced_on for one in told] == [TODAY + timedelta(days=1), TODAY + timedelta(days=2)]


def test_figures_are_read_again_after_a_correction(session: Session, cast: Cast, staff: Actor) -> None:
    before = changes.latest_number(session)
    said = Correction(DAYS[30], DAYS[40], False, "A mistake of ours.")
    corrections.correct(session, staff, address(session, cast), said, NOW)
    session.commit()
    assert changes.latest_number(session) > before
