"""The numbered changes of the tables, on both databases, with rows in them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from haln.db import prepare_engine
from haln.models import (
    Attendance,
    AttendanceVersion,
    Base,
    ConnectionVersion,
    Event,
    EventAttendance,
    EventRegistration,
    KeptFigures,
    LearningSet,
    Mail,
    Member,
    MemberTheme,
    MemberVersion,
    Outcome,
    OutcomeAgreement,
    Place,
    SessionVersion,
    SetMembership,
    SetMembershipVersion,
    SetSession,
    SetSuggestion,
    SignInSession,
    StoppedAddress,
)
from haln.people import search_index, search_words, versions
from haln.recovery.schema import alembic_config
from haln.taxonomy import vocabulary
from tests.builders import NOW, a_connection, a_theme, sign_in_token, the_cast
from tests.cohort_builders import a_cohort
from tests.event_builders import a_place as registered
from tests.event_builders import an_event, was_there
from tests.newsletter_builders import an_issue
from tests.outcome_builders import agreements, an_outcome


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(database_url)
    prepare_engine(made)
    yield made
    made.dispose()


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(alembic_config("sqlite://")).get_heads()) == 1


def test_the_revisions_are_numbered() -> None:
    script = ScriptDirectory.from_config(alembic_config("sqlite://"))
    numbers = [revision.revision for revision in reversed(list(script.walk_revisions()))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_the_migrated_tables_are_the_models(database_url: str) -> None:
    command.check(alembic_config(database_url))


def test_rows_survive_going_down_and_up_again_as_far_as_their_tables_do(database_url: str, engine: Engine) -> None:
    with Session(engine) as session:
        cast = the_cast(session)
        a_theme(session, cast.ada, "food", interest=True)
        sign_in_token(session, cast.ada)
    engine.dispose()
    revisions = list(ScriptDirectory.from_config(alembic_config(database_url)).walk_revisions())
    if len(revisions) > 1:
        command.downgrade(alembic_config(database_url), "-1")
        command.upgrade(alembic_config(database_url), "head")
        with Session(engine) as session:
            assert session.scalar(select(func.count(Member.id))) == 6
            assert session.scalar(select(func.count(MemberTheme.member_id))) == 1
    command.downgrade(alembic_config(database_url), "base")
    with engine.connect() as connection:
        left = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
    assert left == set()
    command.upgrade(alembic_config(database_url), "head")


def test_of_figures_kept_by_several_rules_the_last_go_back_to_a_service_that_knows_none(
    database_url: str, engine: Engine
) -> None:
    day = {"asked": "", "as_of": date(2026, 1, 31), "known_on": date(2026, 1, 30), "threshold": 7}
    with Session(engine) as session:
        for rules in ("one", "two"):
            session.add(KeptFigures(**day, rules=rules, published_rules="", figures=[[rules]], made_at=NOW))
            session.flush()
        session.add(KeptFigures(**day, rules="three", published_rules="", leased_until=NOW))  # a worker died over it
        day["asked"] = "hosts=without"
        for rules in ("one", "two"):
            session.flush()
            session.add(KeptFigures(**day, rules=rules, published_rules="", leased_until=NOW))
        day["asked"] = "evidence=met"
        session.flush()
        session.add(KeptFigures(**day, rules="one", published_rules="", figures=[["alone"]], made_at=NOW))
        session.commit()
    engine.dispose()
    command.downgrade(alembic_config(database_url), "0008")
    command.upgrade(alembic_config(database_url), "head")
    with Session(engine) as session:
        left = session.scalars(select(KeptFigures).order_by(KeptFigures.id)).all()
        assert [row.figures for row in left] == [[["two"]], None, [["alone"]]]
        assert {(row.rules, row.published_rules) for row in left} == {("", "")}


def test_mail_survives_that_what_came_back_of_it_is_taken_away(database_url: str, engine: Engine) -> None:
    with Session(engine) as session:
        facts = {"kind": "reset", "values": {}, "state": "sent", "created_at": NOW, "due_at": NOW}
        session.add(Mail(address="a@example.org", returned="bounced", returned_at=NOW, message_id="<1@x>", **facts))
        session.add(StoppedAddress(address="a@example.org", reason="bounced", code="5.1.1", since=NOW))
        an_issue(session, state="sent", figures={"sent": 1})
        session.commit()
    engine.dispose()
    command.downgrade(alembic_config(database_url), "0015")
    command.upgrade(alembic_config(database_url), "head")
    with Session(engine) as session:
        mail = session.scalars(select(Mail)).one()
        assert (mail.address, mail.message_id, mail.returned) == ("a@example.org", "<1@x>", None)


def test_each_message_gets_a_name_that_counts_nothing(database_url: str, engine: Engine) -> None:
    with Session(engine) as session:
        facts = {"kind": "reset", "values": {}, "state": "sent", "created_at": NOW, "due_at": NOW}
        session.add_all(Mail(address=f"{number}@example.org", **facts) for number in range(2_500))
        session.commit()
    engine.dispose()
    command.downgrade(alembic_config(database_url), "0020")
    command.upgrade(alembic_config(database_url), "head")
    with Session(engine) as session:
        names = session.scalars(select(Mail.public_id)).all()
        assert len(set(names)) == 2_500 and all(len(name) == 16 for name in names)
        session.add(Mail(address="a@example.org", public_id=names[0], **facts))
        with pytest.raises(IntegrityError):
            session.flush()


def test_outcomes_of_connections_and_sets_survive_that_those_of_events_go(database_url: str, engine: Engine) -> None:
    with Session(engine) as session:
        cast = the_cast(session)
        group = LearningSet(name="A set", started_on=date(2026, 1, 5))
        session.add(group)
        tie, event = a_connection(session, cast.ada, cast.ben), an_event(session, cast.fay, NOW - timedelta(days=9))
        for source in (tie, event, group):
            agreements(session, an_outcome(session, cast.ada, source, consent="named"), [(cast.ben, "yes")])
        session.commit()
    engine.dispose()
    command.downgrade(alembic_config(database_url), "0019")
    command.upgrade(alembic_config(database_url), "head")
    with Session(engine) as session:
        left = session.scalars(select(Outcome).order_by(Outcome.id)).all()
        assert [(row.connection_id is None, row.set_id is None, row.event_id) for row in left] == [
            (False, True, None),
            (True, False, None),
        ]
        answered = set(session.scalars(select(OutcomeAgreement.outcome_id)))
        assert answered == {row.id for row in left}
        for both in (left[0].connection_id, None):
            session.execute(update(Outcome).values(connection_id=left[0].connection_id, set_id=None))
            with pytest.raises(IntegrityError):
                session.execute(update(Outcome).values(connection_id=both, event_id=1 if both else None))
            session.rollback()


def test_everybody_is_found_again_after_the_search_was_down(database_url: str, engine: Engine) -> None:
    words, asked = vocabulary.load(), search_words.question("okafor")
    assert asked is not None
    with Session(engine) as session:
        the_cast(session)
        search_index.catch_up(session, words)
        session.commit()
        assert len(search_index.matching(session, asked)) == 1
    engine.dispose()
    command.downgrade(alembic_config(database_url), "0001")
    command.upgrade(alembic_config(database_url), "head")
    with Session(engine) as session:
        search_index.catch_up(session, words)
        session.commit()
        assert len(search_index.matching(session, asked)) == 1


def told(session: Session) -> list[list[tuple[object, ...]]]:
    """All versions, without their numbers, in an order of their own."""
    found = []
    for model in (MemberVersion, ConnectionVersion, SetMembershipVersion, SessionVersion, AttendanceVersion):
        columns = [column for column in model.__table__.columns if column.name != "id"]
        found.append(sorted((tuple(row) for row in session.execute(sa.select(*columns))), key=repr))
    return found


def test_what_there_was_becomes_the_first_versions_as_it_happened(database_url: str, engine: Engine) -> None:
    today = datetime.now(UTC)  # what is ahead is known since the day on which the migration runs
    with Session(engine) as session:
        cast = the_cast(session)
        a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=90), until=NOW - timedelta(days=9))
        a_connection(session, cast.ada, cast.cai)
        gone = session.get_one(Member, cast.dee)
        gone.standing, gone.left_at = "left", NOW
        group = LearningSet(name="A set", started_on=date(2026, 1, 5))
        session.add(group)
        session.flush()
        session.add(SetMembership(set_id=group.id, member_id=cast.ada, joined_on=None, left_on=date(2026, 3, 1)))
        session.add(SetMembership(set_id=group.id, member_id=cast.ben, joined_on=date(2026, 2, 1)))
        for number, (days, state) in enumerate(((9, "held"), (5, "cancelled"), (-9, "planned"))):
            facts = {"starts_at": today - timedelta(days=days), "state": state, "minutes": 90, "sequence": 0}
            session.add(SetSession(public_id=f"s{number}", set_id=group.id, **facts))
        session.flush()
        was = today - timedelta(days=8)
        session.add(Attendance(session_id=1, member_id=cast.ada, state="present", recorded_at=was))
        versions.keep_all(session, today, as_it_happened=True)
        session.commit()
        kept = told(session)
    engine.dispose()
    command.downgrade(alembic_config(database_url), "0003")
    command.upgrade(alembic_config(database_url), "head")
    with Session(engine) as session:
        assert told(session) == kept
        assert [len(one) for one in kept] == [7, 3, 3, 3, 1]
        assert not any(versions.behind(session).values())


def test_what_is_known_of_a_session_ahead_is_known_since_the_day_of_utc(
    database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    zones = ("Etc/GMT+12", "Etc/GMT-14")  # in one of the two it is another day by now, whenever this runs
    monkeypatch.setenv("PGTZ", next(one for one in zones if datetime.now(ZoneInfo(one)).date() != _today()))
    with Session(engine) as session:
        the_cast(session)
        group = LearningSet(name="A set", started_on=date(2026, 1, 5))
        session.add(group)
        session.flush()
        facts = {"state": "planned", "minutes": 90, "sequence": 0}
        ahead = datetime.now(UTC) + timedelta(days=9)
        session.add(SetSession(public_id="ahead", set_id=group.id, starts_at=ahead, **facts))
        session.commit()
    engine.dispose()
    command.downgrade(alembic_config(database_url), "0009")
    before = _today()
    command.upgrade(alembic_config(database_url), "head")
    with Session(engine) as session:
        assert before <= session.scalars(select(SessionVersion.recorded_on)).one() <= _today()


def _today() -> date:
    return datetime.now(UTC).date()


def rebuild_member(engine: Engine, foreign_keys: bool) -> int:
    """Alter a parent table as a migration does; returns how many children are left."""
    with Session(engine) as session:
        cast = the_cast(session)
        sign_in_token(session, cast.ada)
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        with connection.begin():
            operations = Operations(MigrationContext.configure(connection))
            with operations.batch_alter_table("member", recreate="always") as batch:
                batch.add_column(sa.Column("nickname", sa.String(20)))
    with Session(engine) as session:
        return session.scalar(select(func.count(SignInSession.id))) or 0


def test_rebuilding_a_parent_keeps_its_children(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)
    prepare_engine(engine)
    assert rebuild_member(engine, foreign_keys=False) == 1
    engine.dispose()


def test_with_foreign_keys_on_the_children_would_be_lost(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)
    prepare_engine(engine)
    with contextlib.suppress(sa.exc.IntegrityError):  # refused: no better for a migration
        assert rebuild_member(engine, foreign_keys=True) == 0
    engine.dispose()


def test_a_database_of_tests_is_the_migrated_one(engine: Engine) -> None:
    with engine.connect() as connection:
        assert set(Base.metadata.tables) <= set(sa.inspect(connection).get_table_names())


def test_who_stopped_mail_about_introductions_is_not_written_to_about_what_was_stopped_with_it(
    database_url: str, engine: Engine
) -> None:
    with Session(engine) as session:
        cast = the_cast(session)
        session.get_one(Member, cast.ada).introduction_mail = False
        session.get_one(Member, cast.ben).resource_mail = False
        session.get_one(Member, cast.cai).pathway_mail = False
        session.commit()
    engine.dispose()
    command.downgrade(alembic_config(database_url), "0015")
    command.upgrade(alembic_config(database_url), "head")
    with Session(engine) as session:
        ada, ben = session.get_one(Member, cast.ada), session.get_one(Member, cast.ben)
        assert (ada.pathway_mail, ada.resource_mail, ada.proposal_mail, ada.event_mail) == (False, False, True, True)
        # On the way down one wish stands for them: a stop of one stays a stop of it.
        assert not ben.resource_mail and not session.get_one(Member, cast.cai).pathway_mail
        dee = session.get_one(Member, cast.dee)
        assert dee.introduction_mail and dee.pathway_mail and dee.resource_mail


def test_an_event_survives_that_its_place_is_taken_away(database_url: str, engine: Engine) -> None:
    with Session(engine) as session:
        cast = the_cast(session)
        town = session.scalars(select(Place).where(Place.name == "Leeds")).one()
        event = an_event(session, cast.fay, where="Civic Hall", place_id=town.id)
        registered(session, event, cast.ada)
        was_there(session, event, cast.ada)
        session.commit()
    engine.dispose()
    command.downgrade(alembic_config(database_url), "0021")
    with engine.connect() as connection:
        assert "place_id" not in {row["name"] for row in sa.inspect(connection).get_columns("event")}
    engine.dispose()
    command.upgrade(alembic_config(database_url), "head")
    command.check(alembic_config(database_url))
    with Session(engine) as session:
        row = session.scalars(select(Event)).one()
        assert (row.where, row.place_id) == ("Civic Hall", None)
        assert session.scalar(select(func.count()).select_from(EventRegistration)) == 1
        assert session.scalar(select(func.count()).select_from(EventAttendance)) == 1
        row.place_id = 10_000
        with pytest.raises(IntegrityError):
            session.flush()


def test_lists_of_what_to_join_survive_without_their_fingerprints(database_url: str, engine: Engine) -> None:
    reasons = [{"kind": "themes", "evidence": {"themes": ["food"]}, "weight": 0.5}]
    with Session(engine) as session:
        cast = the_cast(session)
        call = a_cohort(session, cast.fay).id
        facts: dict[str, object] = {"rank": 1, "score": 0.5, "band": "good", "reasons": reasons, "refreshed_at": NOW}
        session.add(SetSuggestion(member_id=cast.ada, cohort_id=call, fingerprint="0123456789abcdef", **facts))
        session.commit()
    engine.dispose()
    command.downgrade(alembic_config(database_url), "0023")
    with engine.connect() as connection:
        assert "fingerprint" not in {row["name"] for row in sa.inspect(connection).get_columns("set_suggestion")}
    engine.dispose()
    command.upgrade(alembic_config(database_url), "head")
    command.check(alembic_config(database_url))
    with Session(engine) as session:
        row = session.scalars(select(SetSuggestion)).one()
        assert (row.member_id, row.cohort_id, row.reasons, row.fingerprint) == (cast.ada, call, reasons, "")
