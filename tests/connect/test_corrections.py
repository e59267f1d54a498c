"""Corrections of connections: only the days that are named change, and nobody is connected by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.connect import blocks, connections, corrections
from haln.connect.connections import EVIDENCE
from haln.connect.corrections import Correction
from haln.db import may_write, prepare_engine
from haln.errors import Conflict, HalnError, Invalid
from haln.measure import attribution, exports, facts
from haln.measure.exports_rows import Asked
from haln.measure.periods import Period
from haln.measure.questions import Question
from haln.models import AuditRecord, Connection, ConnectionVersion, Mail, Member
from haln.network.history import snapshot
from haln.people import changes, erasure, own_data, versions
from haln.people import corrections as of_members
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, a_member, an_actor, the_cast
from tests.measure.flow_builders import an_introduction

TODAY = NOW.date()
DAYS = [TODAY - timedelta(days=number) for number in range(60, -1, -1)]
WORDS = vocabulary.load()
Stored = tuple[Session, Cast, Actor]


@pytest.fixture
def stored(database_url: str) -> Iterator[Stored]:
    """Ada and Ben, connected for forty days, on either database."""
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        cast = the_cast(session)
        a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=40))
        a_connection(session, cast.cai, cast.dee, since=NOW - timedelta(days=50))
        versions.keep_all(session, NOW, as_it_happened=True)
        session.commit()
        yield session, cast, an_actor(session, cast.sol)
    engine.dispose()


def address(session: Session, member: int) -> str:
    return session.get_one(Member, member).email or ""


def correct(stored: Stored, said: Correction, now: datetime = NOW, people: tuple[int, int] | None = None) -> None:
    session, cast, staff = stored
    one, other = (address(session, member) for member in people or (cast.ada, cast.ben))
    try:
        corrections.correct(session, staff, one, other, said, now)
    except HalnError:
        session.rollback()
        raise
    session.commit()


def tied(session: Session, one: int, other: int, known: date | None = None) -> list[str | None]:
    """By which evidence two were connected on each of the days, as known at the end of a day (none: now)."""
    told = facts.read(session, WORDS).known(known.toordinal() if known else None)
    said = _said(session, one, other)
    found: list[str | None] = []
    for day in DAYS:
        seen = snapshot(told, day.toordinal())
        ids = told.members[seen.rows]
        pairs = {(ids[low], ids[high]): None for low, high in zip(seen.low, seen.high, strict=True)}
        here = (min(one, other), max(one, other)) in pairs
        found.append(_evidence(said, day, known) if here else None)
    return found


def _said(session: Session, one: int, other: int) -> list[ConnectionVersion]:
    """All that was ever said of the connections of a pair, in the order in which it was said."""
    return list(
        session.execute(
            select(ConnectionVersion)
            .join(Connection, Connection.id == ConnectionVersion.connection_id)
            .where(Connection.low_id == min(one, other), Connection.high_id == max(one, other))
            .order_by(ConnectionVersion.id)
        ).scalars()
    )


def _evidence(said: list[ConnectionVersion], day: date, known: date | None) -> str:
    """What is said of the day last, by whichever connection of the pair holds on it."""
    last = {
        row.connection_id: row for row in said if row.from_on <= day and (known is None or row.recorded_on <= known)
    }
    (holds,) = [row for row in last.values() if row.holds]
    return holds.evidence


def written(session: Session) -> dict[int, tuple[object, ...]]:
    return {row[0]: tuple(row) for row in session.execute(select(*ConnectionVersion.__table__.columns))}


def test_only_the_days_that_are_named_change_whatever_was_corrected_before(stored: Stored) -> None:
    session, cast, _ = stored
    rng = Random(7)
    done = 0
    for number in range(40):
        one, other = sorted(rng.sample(range(61), 2))
        evidence = rng.choice([None, *EVIDENCE])
        now = NOW + timedelta(days=number)
        before = now.date() - timedelta(days=1)
        believed, versions_then = tied(session, cast.ada, cast.ben), written(session)
        others, known_then = tied(session, cast.cai, cast.dee), tied(session, cast.ada, cast.ben, before)
        end = None if rng.random() < 0.2 else DAYS[other]
        try:
            correct(stored, Correction(DAYS[one], end, evidence, "Both wrote to us."), now)
            done += 1
            expected = [
                evidence if DAYS[one] <= day and (end is None or day < end) else was
                for day, was in zip(DAYS, believed, strict=True)
            ]
            assert tied(session, cast.ada, cast.ben) == expected
        except Conflict:
            assert tied(session, cast.ada, cast.ben) == believed
        assert tied(session, cast.ada, cast.ben, before) == known_then
        assert tied(session, cast.cai, cast.dee) == others
        after = written(session)
        assert {key: after[key] for key in versions_then} == versions_then, "a version is never changed"
        assert not any(versions.behind(session).values())
    assert done > 20


def test_how_close_two_are_is_not_corrected_with_their_days(stored: Stored) -> None:
    session, cast, _ = stored
    row = session.get_one(Connection, 1)
    for day, intensity in ((30, 3), (45, 2)):
        row.intensity = intensity
        changes.touch(session, [cast.ada, cast.ben], NOW - timedelta(days=60 - day))
        session.commit()

    def closeness() -> list[int | None]:
        told, found = facts.read(session, WORDS).known(None), []
        for day in DAYS:
            seen = snapshot(told, day.toordinal())
            ids = told.members[seen.rows]
            pairs = zip(ids[seen.low], ids[seen.high], seen.intensity.tolist(), strict=True)
            found.append({(one, other): intensity for one, other, intensity in pairs}.get((cast.ada, cast.ben)))
        return found

    def expected(first: int, *gaps: int) -> list[int | None]:
        true = [1] * 30 + [3] * 15 + [2] * 16
        return [None if number < first or number in gaps else one for number, one in enumerate(true)]

    assert closeness() == expected(20)
    for later, (said, days) in enumerate(
        (
            (Correction(DAYS[10], None, "met", "They met earlier, and still do."), expected(10)),
            (Correction(DAYS[5], DAYS[50], "declared", "They say so."), expected(5)),
            (Correction(DAYS[25], DAYS[48], None, "They fell out."), expected(5, *range(25, 48))),
            (Correction(None, None, None, "Entered by mistake."), expected(61)),
            (Correction(DAYS[5], None, "met", "It was right after all."), expected(5)),
        )
    ):
        correct(stored, said, NOW + timedelta(days=later))
        assert closeness() == days
        session.refresh(row)
        assert row.intensity == 2 and not any(versions.behind(session).values())


def test_the_row_says_what_its_versions_say_and_the_record_says_why(stored: Stored) -> None:
    session, cast, staff = stored
    correct(stored, Correction(DAYS[5], DAYS[20], "met", "They met at the first event."))
    row = session.scalars(select(Connection).order_by(Connection.id)).first()
    assert row is not None and row.since.date() == DAYS[5] and row.until is None and row.evidence == "introduced"
    correct(stored, Correction(DAYS[50], None, None, "One of them says so."))
    session.refresh(row)
    assert row.until is not None and row.until.date() == DAYS[50] and row.ended_by_id == cast.sol
    told = corrections.record(session, staff, address(session, cast.ada), address(session, cast.ben))
    assert [(one.from_on, one.evidence) for one in told.known] == [
        (DAYS[5], "met"),
        (DAYS[20], "introduced"),
        (DAYS[50], None),
    ]
    assert [one.reason for one in told.made] == ["One of them says so.", "They met at the first event."]
    assert {one.by for one in told.made} == {staff.name} and told.believed


def test_what_never_was_ends_and_what_a_correction_ended_is_opened_again(stored: Stored) -> None:
    session, cast, _ = stored
    before = tied(session, cast.ada, cast.ben)
    correct(stored, Correction(None, None, None, "Entered by mistake."))
    assert not any(tied(session, cast.ada, cast.ben))
    assert not session.scalar(select(func.count(Connection.id)).where(Connection.until.is_(None), Connection.id == 1))
    correct(stored, Correction(DAYS[20], None, "introduced", "It was right after all."), NOW + timedelta(days=1))
    assert tied(session, cast.ada, cast.ben) == before
    assert connections.count(session, an_actor(session, cast.ada)) == 1


def test_what_was_believed_says_of_which_days_and_until_when(stored: Stored) -> None:
    session, cast, staff = stored
    correct(stored, Correction(DAYS[25], DAYS[30], None, "So."), NOW + timedelta(days=1))
    correct(stored, Correction(DAYS[50], None, None, "So."), NOW + timedelta(days=2))
    told = corrections.record(session, staff, address(session, cast.ada), address(session, cast.ben)).believed
    days = [TODAY + timedelta(days=number) for number in (1, 2)]
    assert [(one.from_on, one.until_on, one.evidence, one.replaced_on) for one in told] == [
        (DAYS[25], DAYS[30], "introduced", days[0]),
        (DAYS[50], None, "introduced", days[1]),
    ]
    assert [one.recorded_on for one in told] == [DAYS[20], days[0]]


def test_nobody_is_connected_today_by_a_correction(stored: Stored) -> None:
    session, cast, _ = stored
    open_again = Correction(DAYS[20], None, "met", "So.")
    for people in ((cast.ada, cast.cai),):
        with pytest.raises(Conflict):
            correct(stored, open_again, people=people)
        correct(stored, Correction(DAYS[10], DAYS[30], "met", "So."), people=people)
        assert [bool(one) for one in tied(session, *people)] == [10 <= number < 30 for number in range(61)]
        with pytest.raises(Conflict):
            correct(stored, open_again, people=people)
    connections.end(session, an_actor(session, cast.ada), session.get_one(Member, cast.ben).public_id, NOW)
    session.commit()
    with pytest.raises(Conflict):
        correct(stored, open_again)


def test_who_wants_no_more_of_the_other_is_not_connected_again(stored: Stored) -> None:
    session, cast, _ = stored
    correct(stored, Correction(DAYS[50], None, None, "So."))
    blocks.block(session, an_actor(session, cast.ben), session.get_one(Member, cast.ada).public_id, NOW)
    session.commit()
    with pytest.raises(Conflict):
        correct(stored, Correction(DAYS[50], None, "met", "So."))


@pytest.mark.parametrize("blocker", ["staff", "member"])
@pytest.mark.parametrize("whom", ["address", "other"])
def test_whom_somebody_has_blocked_is_nobody_to_them(stored: Stored, whom: str, blocker: str) -> None:
    session, cast, staff = stored
    member = cast.ada if whom == "address" else cast.ben
    one, other = (cast.sol, member) if blocker == "staff" else (member, cast.sol)
    blocks.block(session, an_actor(session, one), session.get_one(Member, other).public_id, NOW)
    session.commit()
    addresses = [address(session, who) for who in (cast.ada, cast.ben)]
    said = Correction(DAYS[50], None, None, "So.")
    for act in (
        lambda: corrections.look(session, staff, *addresses, NOW),
        lambda: corrections.correct(session, staff, *addresses, said, NOW),
    ):
        with pytest.raises(Invalid) as refused:
            act()
        assert refused.value.fields == {whom: "Nobody here has this address."}
    assert session.scalar(select(func.count(AuditRecord.id)).where(AuditRecord.action == corrections.LOOK)) == 0


def test_both_find_in_their_copy_that_somebody_looked(stored: Stored) -> None:
    session, cast, staff = stored
    addresses = [address(session, who) for who in (cast.ada, cast.cai)]
    for preview in (False, True):
        corrections.look(session, staff, *addresses, NOW, preview=preview)
        session.commit()
    kept = session.scalars(select(AuditRecord).where(AuditRecord.action == corrections.LOOK).order_by(AuditRecord.id))
    assert [(one.actor_id, one.subject_kind, one.subject_id, one.detail) for one in kept] == [
        (cast.sol, "member", one, {"other": other, "preview": preview})
        for preview in (False, True)
        for one, other in ((cast.ada, cast.cai), (cast.cai, cast.ada))
    ]
    for member, times in ((cast.ada, 2), (cast.cai, 2), (cast.ben, 0)):
        told = own_data.collected(session, member, NOW)["record"]
        found = [(one["by"], one["detail"]) for one in told if one["what"] == corrections.LOOK]
        assert found == [("the network", {})] * times


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Correction(TODAY + timedelta(days=1), None, None, "So."), "from_on"),
        (Correction(date(1889, 1, 1), DAYS[1], "met", "So."), "from_on"),
        (Correction(None, None, "met", "So."), "from_on"),
        (Correction(DAYS[9], DAYS[9], "met", "So."), "until_on"),
        (Correction(DAYS[9], TODAY + timedelta(days=9), "met", "So."), "until_on"),
        (Correction(DAYS[9], DAYS[10], "hearsay", "So."), "evidence"),
        (Correction(DAYS[9], DAYS[10], "met", " "), "reason"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(stored: Stored, said: Correction, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        correct(stored, said)
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("field", ["address", "other"])
@pytest.mark.parametrize("standing", ["invited", "unverified"])
def test_who_was_never_a_member_was_never_connected(stored: Stored, standing: str, field: str) -> None:
    session, cast, _ = stored
    never = a_member(session, standing=standing).id
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    people = (never, cast.ada) if field == "address" else (cast.ada, never)
    with pytest.raises(Invalid) as refused:
        correct(stored, Correction(DAYS[10], DAYS[20], "met", "So."), people=people)
    assert refused.value.fields == {field: "This person was never a member."}


def test_nobody_was_connected_before_both_were_members(stored: Stored) -> None:
    session, cast, staff = stored
    late = a_member(session, joined_at=NOW - timedelta(days=30)).id
    a_connection(session, cast.ada, late, since=NOW - timedelta(days=20))
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    for people in ((cast.ada, late), (late, cast.ada)):
        for early in (date(1995, 1, 1), DAYS[29]):
            with pytest.raises(Invalid) as refused:
                correct(stored, Correction(early, None, "met", "So."), people=people)
            assert list(refused.value.fields) == ["from_on"]
            assert early.year == 1995 or refused.value.text.startswith("Eve Newcomer was not a member yet")
    correct(stored, Correction(DAYS[30], None, "met", "So."), people=(cast.ada, late))
    assert [bool(one) for one in tied(session, cast.ada, late)] == [number >= 30 for number in range(61)]
    joined = of_members.Correction(DAYS[5], DAYS[30], True, "On the first list.")
    of_members.correct(session, staff, address(session, late), joined, NOW)
    correct(stored, Correction(DAYS[5], None, "met", "So."), people=(cast.ada, late))
    assert [bool(one) for one in tied(session, cast.ada, late)] == [number >= 5 for number in range(61)]


def test_a_pair_is_two_people_with_addresses(stored: Stored) -> None:
    session, cast, staff = stored
    ada = address(session, cast.ada)
    for one, other, field in (("x@example.org", ada, "address"), (ada, "x@example.org", "other"), (ada, ada, "other")):
        with pytest.raises(Invalid) as refused:
            corrections.record(session, staff, one, other)
        assert list(refused.value.fields) == [field]


def test_a_report_as_known_then_keeps_its_bytes(stored: Stored) -> None:
    session, cast, _ = stored

    def report() -> dict[str, bytes]:
        asked = Asked(Question(DAYS[45], TODAY, months=2), TODAY, 3, exact=True)
        told = facts.read(session, WORDS)
        return {form: exports.figures_file(told, asked, form).content for form in ("csv", "json")}

    before = report()
    later = NOW + timedelta(days=3)
    correct(stored, Correction(None, None, None, "Entered by mistake."), later)
    correct(stored, Correction(DAYS[10], DAYS[50], "met", "On the list."), later, (cast.ada, cast.dee))
    assert report() == before


def test_an_introduction_made_what_is_said_to_have_begun_then(stored: Stored) -> None:
    session, cast, _ = stored
    introduction = an_introduction(session, cast.ada, cast.cai, "accepted", source="weaver")
    a_connection(session, cast.ada, cast.cai, introduction_id=introduction, since=NOW - timedelta(days=20))
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()

    def made(until: date, known_on: date | None = None) -> set[str]:
        period = Period(until - timedelta(days=15), Question(until, known_on))
        parts = attribution.told(session, facts.read(session, WORDS), period).parts
        return {one.activity.detail for one in parts if one.activity.kind == "introduction" and one.ties}

    begun = TODAY - timedelta(days=19)
    assert "weaver" in made(begun)
    correct(
        stored,
        Correction(DAYS[35], DAYS[50], None, "Later than was said."),
        NOW + timedelta(days=1),
        (cast.ada, cast.cai),
    )
    assert "weaver" not in made(begun)
    assert "weaver" in made(begun, TODAY), "as known then"


def test_both_have_it_in_their_copy_and_its_words_go_with_whom_they_are_about(stored: Stored) -> None:
    session, cast, _ = stored
    correct(stored, Correction(DAYS[50], None, None, "Ben wrote so."))
    for member, times in ((cast.ada, 1), (cast.ben, 1), (cast.cai, 0)):
        told = own_data.collected(session, member, NOW)["record"]
        assert [(one["by"], one["detail"]) for one in told if one["what"] == corrections.ACTION] == [
            ("the network", {})
        ] * times
    erasure.erase(session, cast.ben, NOW)
    session.commit()
    kept = session.scalars(select(AuditRecord).where(AuditRecord.action == corrections.ACTION)).one()
    assert kept.detail["reason"] == "" and kept.detail["from_on"] == DAYS[50].isoformat()


def test_both_are_told_when_a_correction_ends_a_connection_that_held(stored: Stored) -> None:
    """They are told that it ended, and not why; of what changes in the past alone nobody is told."""
    session, cast, _ = stored
    correct(stored, Correction(DAYS[25], DAYS[30], None, "They said so."))
    assert not session.scalars(select(Mail)).all()
    correct(stored, Correction(DAYS[40], None, None, "He was rude to her."))
    told = session.scalars(select(Mail).order_by(Mail.member_id)).all()
    assert [(one.kind, one.member_id) for one in told] == [(corrections.ENDED, cast.ada), (corrections.ENDED, cast.ben)]
    assert all(list(one.values) == ["connection_id"] for one in told)
    correct(stored, Correction(DAYS[45], None, "met", "No."))
    assert len(session.scalars(select(Mail)).all()) == 2
