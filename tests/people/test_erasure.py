"""Nothing says any more who an erased person was, anywhere in the database; what is counted stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session

from haln.db import may_write, prepare_engine
from haln.errors import Invalid, NotFound
from haln.learn.resources import authors, reading
from haln.models import (
    Application,
    ApplicationSlot,
    Attendance,
    AuditRecord,
    Base,
    Block,
    CohortFacilitator,
    CohortPair,
    CohortSlot,
    Connection,
    Dismissal,
    ImportFile,
    Introduction,
    Invitation,
    LearningSet,
    Mail,
    Member,
    MemberText,
    Outcome,
    OutcomeAgreement,
    Reflection,
    Seat,
    SetAction,
    SetMembership,
    SetNote,
    SetRequest,
    SetSession,
    SetSuggestion,
    Suggestion,
)
from haln.people import erasure, links, mailbox, passwords, profiles, search_index
from haln.people.links import Purpose
from haln.people.throttles import Limits
from haln.taxonomy import vocabulary
from tests.builders import NOW, PASSWORD, Cast, a_connection, a_member, a_theme, an_actor, sign_in_token, the_cast
from tests.cohort_builders import a_cohort, a_learning_set, a_plan, an_application
from tests.outcome_builders import agreements, an_outcome
from tests.resource_builders import a_content, a_draft, published

WORDS = vocabulary.load()
LIMITS = Limits(5, 50, 5, 50)
TRACES = ("zephyrine", "quibble", "hedgehog", "xylophon", "marmalade", "p-9917")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(database_url)
    prepare_engine(made)
    if made.dialect.name == "sqlite":  # Debian's overwrites what it deletes by itself, others do not
        sa.event.listen(made, "connect", lambda raw, _record: raw.execute("PRAGMA secure_delete = 0"))
    may_write.set(True)
    yield made
    made.dispose()


def everything(engine: Engine) -> str:
    """All that stands in any table, SQLite's hidden ones included, and in the file itself."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            names = sa.inspect(connection).get_table_names()
        else:
            names = [row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='table'")]
        found = [str(tuple(row)) for name in names for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')]
    if engine.url.database and engine.dialect.name == "sqlite":
        engine.dispose()
        with engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")  # a checkpoint cannot be made in a transaction
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        file = Path(engine.url.database)
        found += [part.read_bytes().decode("latin-1") for part in file.parent.glob(f"{file.name}*")]
    return "\n".join(found).lower()


def traces_in_learning(session: Session, me: int, cast: Cast) -> None:
    """Somebody who applied, sits in a set, wrote, reflected and asked, and led a cohort and a set."""
    days = a_cohort(session, cast.fay, days=1)
    slot = session.scalars(select(CohortSlot.id).where(CohortSlot.cohort_id == days.id)).first()
    words = {"live_issue": "Marmalade for every ward", "access_needs": "A hedgehog comes along", "themes": ["food"]}
    an_application(session, days.id, me, [slot or 0], facilitator_id=cast.fay, **words)
    an_application(session, days.id, cast.ben, facilitator_id=me)
    for low, high, by in ((me, cast.ada, me), (me, cast.ben, cast.ben), (cast.ada, cast.ben, me)):
        pair = {"low_id": min(low, high), "high_id": max(low, high)}
        session.add(CohortPair(cohort_id=days.id, kind="apart", by_id=by, created_at=NOW, **pair))
    session.add(CohortFacilitator(cohort_id=days.id, member_id=me))
    plan = a_plan(session, days, [[me, cast.ben]], state="published")
    session.add(Seat(public_id="seat", plan_id=plan.id, member_id=me, set_number=0, asked_at=NOW))
    group = a_learning_set(session, [me, cast.ben], name="Quiet set")
    led = a_learning_set(session, [cast.ben], name="Led set", facilitator_id=me, open_places=1)
    held = {"public_id": "held", "starts_at": NOW - timedelta(days=9), "state": "held"}
    coming = {"public_id": "coming", "starts_at": NOW + timedelta(days=9)}
    for facts in (held, coming):
        session.add(SetSession(set_id=group.id, presenter_id=me, **facts))
    session.flush()
    session.add(Attendance(session_id=1, member_id=me, state="present", recorded_at=NOW, recorded_by_id=me))
    for number, state in enumerate(("open", "done")):
        session.add(
            SetAction(
                public_id=f"action{number}",
                set_id=group.id,
                owner_id=me,
                text="Ask Zephyrine",
                outcome="More marmalade",
                state=state,
                written_by_id=cast.ben,
                created_at=NOW,
            )
        )
    wrote = {"text": "A hedgehog said so", "created_at": NOW, "changed_at": NOW}
    session.add(SetNote(public_id="note", set_id=group.id, author_id=me, **wrote))
    session.add(
        Reflection(set_id=group.id, member_id=me, useful=5, text="Marmalade helped", shared=True, written_at=NOW)
    )
    request = SetRequest(public_id="request", set_id=led.id, member_id=me, note="Marmalade?", created_at=NOW)
    session.add(request)
    session.add(
        SetSuggestion(
            member_id=me,
            set_id=group.id,
            rank=1,
            score=1.0,
            band="good",
            reasons=[{"kind": "alike_purpose", "evidence": {"terms": ["hedgehog"]}}],
            refreshed_at=NOW,
        )
    )
    session.flush()
    left = {"subject": "Zephyrine Quibble has left the learning set", "text": "Zephyrine Quibble has left"}
    mailbox.put_to_member(session, "set_left", cast.fay, {"set_id": led.id, "left_id": me, "wording": left}, NOW)
    wording = {"subject": "Zephyrine Quibble would like to join", "text": "Marmalade?"}
    mailbox.put_to_member(
        session, "set_request_asked", cast.fay, {"set_request_id": request.id, "wording": wording}, NOW
    )


def traces_in_outcomes(session: Session, me: int, cast: Cast) -> None:
    """Somebody who told what came of it, and of whom others told."""
    tie = session.scalars(select(Connection).where(Connection.high_id == me, Connection.until.is_(None))).one()
    group = session.scalars(select(LearningSet).where(LearningSet.name == "Quiet set")).one()
    told = "Marmalade with ZEPHYRINE QUIBBLE"
    an_outcome(session, me, tie, text=told, told="A hedgehog", consent="named")
    for writer, source in ((cast.ada, tie), (cast.ben, group)):
        words = "Zephyrine Quibble and\nQuibble alone"
        one = an_outcome(session, writer, source, text=words, told="[…]", signed=words, consent="named")
        agreements(session, one, [(me, "yes")])
    far = a_connection(session, cast.cai, cast.dee)
    an_outcome(session, cast.cai, far, text="Far off, Zephyrine  Quibble said so", told="[…] said so")


def traces_in_resources(session: Session, me: int, cast: Cast) -> None:
    """Somebody who wrote what was published, what nobody was sent, and what another writes with them."""
    published(session, me, cast.sol, a_content("Bread by Zephyrine Quibble"))
    a_draft(session, me, a_content("A marmalade that nobody was sent"))
    shared = a_draft(session, cast.ada, a_content("Of Zephyrine Quibble and me"))
    authors.add(session, an_actor(session, cast.ada), shared, session.get_one(Member, me).public_id, NOW)
    authors.answer(session, an_actor(session, me), shared.public_id, "yes", NOW)
    reading.use(session, an_actor(session, me), published(session, cast.ben, cast.sol).public_id, NOW)


@pytest.fixture
def person(engine: Engine) -> int:
    """Somebody who has left traces wherever one can, among people who have too."""
    with Session(engine) as session:
        cast = the_cast(session)
        member = a_member(
            session,
            "Zephyrine Quibble",
            biography="I keep every hedgehog warm.",
            job_title="Xylophonist",
            external_ref="P-9917",
            password_hash=passwords.hashed(PASSWORD),
            show_name=3,
        )
        me = member.id
        a_theme(session, me, "housing", 2, offer=True)
        session.add(MemberText(member_id=me, text="A hedgehog paper"))
        a_connection(session, me, cast.ada)
        a_connection(session, cast.ben, me, until=NOW - timedelta(days=3))
        for asker, asked, state in ((me, cast.cai, "open"), (cast.dee, me, "accepted")):
            session.add(
                Introduction(
                    public_id=f"intro{asker}",
                    kind="asked",
                    asker_id=asker,
                    asked_id=asked,
                    note="Zephyrine likes marmalade",
                    state=state,
                    created_at=NOW,
                    expires_at=NOW + timedelta(days=14),
                )
            )
        for mine, other in ((me, cast.dee), (cast.dee, me)):
            session.add(
                Suggestion(
                    member_id=mine,
                    other_id=other,
                    rank=1,
                    score=1.0,
                    band="good",
                    reasons=[{"kind": "text", "words": ["hedgehog"]}],
                    signals={},
                    weights_version="1",
                    listed_at=NOW,
                    refreshed_at=NOW,
                )
            )
        session.add(Dismissal(member_id=cast.fay, other_id=me, created_at=NOW))
        session.add(Block(blocker_id=me, blocked_id=cast.sol, created_at=NOW))
        session.add(Invitation(email=member.email, invited_by_id=cast.sol, member_id=me, created_at=NOW))
        session.add(
            ImportFile(
                public_id="f", name="a.csv", content=b"Zephyrine Quibble", brought_by_id=cast.sol, brought_at=NOW
            )
        )
        mailbox.put(session, "reset", member.email, {}, NOW)
        mailbox.put_to_member(session, "introduction_asked", me, {"note": "Dear Zephyrine Quibble"}, NOW)
        mailbox.put_to_member(session, "introduction_asked", cast.cai, {"other_name": "Zephyrine Quibble"}, NOW)
        links.mint(session, Purpose.RESET, member.email, me, NOW)
        traces_in_learning(session, me, cast)
        traces_in_outcomes(session, me, cast)
        traces_in_resources(session, me, cast)
        actor = an_actor(session, me)
        profiles.change_biography(session, actor, "I keep every hedgehog very warm.", NOW)
        search_index.catch_up(session, WORDS)
        search_index.reindex(session, WORDS, [me])
        session.commit()
        sign_in_token(session, me)
    return me


def test_no_trace_is_left_of_who_it_was(engine: Engine, person: int) -> None:
    before = everything(engine)
    assert [trace for trace in TRACES if trace not in before] == []
    with Session(engine) as session:
        erasure.erase(session, person, NOW)
        search_index.catch_up(session, WORDS)
        session.commit()
    after = everything(engine)
    assert [trace for trace in TRACES if trace in after] == []


def test_what_is_counted_stays(engine: Engine, person: int) -> None:
    with Session(engine) as session:
        erasure.erase(session, person, NOW)
        session.commit()
        member = session.get_one(Member, person)
        assert (member.name, member.standing, member.email, member.listed) == ("Former member", "erased", None, False)
        assert member.joined_at < NOW
        ties = session.scalars(select(Connection).order_by(Connection.id)).all()
        assert [tie.until for tie in ties] == [NOW, NOW - timedelta(days=3), None]
        assert session.scalar(select(func.count(Introduction.id))) == 2
        assert set(session.scalars(select(Introduction.state))) == {"withdrawn", "accepted"}


def test_what_is_counted_of_outcomes_stays_without_words_and_names(engine: Engine, person: int) -> None:
    with Session(engine) as session:
        erasure.erase(session, person, NOW)
        session.commit()
        own = session.scalars(select(Outcome).where(Outcome.written_by_id == person)).one()
        assert (own.text, own.told, own.signed, own.consent) == ("", "", "", "count")
        others = session.scalars(select(Outcome.text).where(Outcome.written_by_id != person).order_by(Outcome.id)).all()
        assert others == ["[…] and\n[…] alone"] * 2 + ["Far off, […] said so"]
        assert set(session.scalars(select(OutcomeAgreement.answer))) == {"no"}


def test_what_is_counted_of_learning_stays_without_words(engine: Engine, person: int) -> None:
    with Session(engine) as session:
        erasure.erase(session, person, NOW)
        session.commit()
        application = session.scalars(select(Application).where(Application.member_id == person)).one()
        assert (application.state, application.live_issue, application.themes) == ("withdrawn", "", [])
        assert session.scalars(select(Application.facilitator_id)).all() == [None, None]
        for gone in (ApplicationSlot, CohortPair, SetNote, SetSuggestion):
            assert session.scalar(select(func.count()).select_from(gone)) == 0, gone
        assert person not in session.scalars(select(CohortFacilitator.member_id)).all()
        assert session.scalars(select(Seat.state)).all() == ["declined"]
        left = select(SetMembership.left_on).where(SetMembership.member_id == person)
        assert session.scalars(left).all() == [NOW.date()]
        assert session.scalars(select(Attendance.state)).all() == ["present"]
        actions = session.execute(select(SetAction.state, SetAction.text, SetAction.outcome).order_by(SetAction.id))
        assert [tuple(row) for row in actions] == [("dropped", "", ""), ("done", "", "")]
        assert session.execute(select(Reflection.useful, Reflection.text, Reflection.shared)).one() == (5, "", False)
        assert session.execute(select(SetRequest.state, SetRequest.note)).one() == ("withdrawn", "")
        presenters = session.scalars(select(SetSession.presenter_id).order_by(SetSession.starts_at)).all()
        assert presenters == [person, None]


def test_every_column_that_points_to_a_member_has_its_rule() -> None:
    pointing = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "member" for key in column.foreign_keys)
    }
    assert set(erasure.ERASING) == pointing


def test_erasing_twice_is_erasing_once(engine: Engine, person: int) -> None:
    with Session(engine) as session:
        erasure.erase(session, person, NOW)
        session.commit()
        address = session.get_one(Member, person).public_id
        erasure.erase(session, person, NOW + timedelta(days=1))
        session.commit()
        assert session.get_one(Member, person).public_id == address
        records = select(func.count(AuditRecord.id)).where(AuditRecord.action == "erase_member")
        assert session.scalar(records) == 1
        with pytest.raises(NotFound):
            erasure.erase(session, 999_999, NOW)


def test_only_the_password_erases(engine: Engine, person: int) -> None:
    with Session(engine) as session:
        actor = an_actor(session, person)
        with pytest.raises(Invalid):
            erasure.erase_own(session, actor, "not my password", NOW, LIMITS)
        assert session.get_one(Member, person).standing == "active"
        erasure.erase_own(session, actor, PASSWORD, NOW, LIMITS)
        assert session.get_one(Member, person).standing == "erased"


def test_others_keep_their_own_data(engine: Engine, person: int) -> None:
    with Session(engine) as session:
        erasure.erase(session, person, NOW)
        session.commit()
        ada = session.scalars(select(Member).where(Member.name == "Ada Okafor")).one()
        assert ada.biography
        assert ada.email == "ada.okafor@example.org"


def test_a_short_name_takes_nobody_elses_mail_away(engine: Engine) -> None:
    with Session(engine) as session:
        cast = the_cast(session)
        for name in ("o", "introduction_id"):
            mailbox.put_to_member(session, "introduction_asked", cast.cai, {"other_name": "Bo", "note": "Hello o"}, NOW)
            erasure.erase(session, a_member(session, name, email=f"{name}-q@example.org").id, NOW)
        session.commit()
        mail = session.scalars(select(Mail)).all()
        assert [(one.state, one.values["other_name"]) for one in mail] == [("waiting", "Bo")] * 2


def test_what_was_sent_about_their_introductions_and_invitations_is_emptied(engine: Engine, person: int) -> None:
    with Session(engine) as session:
        about = session.scalars(select(Introduction.id).where(Introduction.asker_id == person)).one()
        wording = {"wording": {"subject": "Zephyrine Quibble would like to connect", "text": "Ask Zephyrine Quibble"}}
        cai = session.scalars(select(Member).where(Member.name == "Cai Morgan")).one()
        for kind, told in (("introduction_asked", {"introduction_id": about}), ("invitation", {"inviter_id": person})):
            mailbox.put(session, kind, str(cai.email), {**told, **wording}, NOW, member_id=cai.id)
        session.flush()
        session.execute(sa.update(Mail).values(state="sent"))
        erasure.erase(session, person, NOW)
        session.commit()
    assert "quibble" not in everything(engine)
