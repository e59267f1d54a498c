"""What was so from which day on, and when that was written down."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.access import Audience
from haln.connect import connections
from haln.models import Connection, ConnectionVersion, Member, MemberVersion, Organisation, SetMembershipVersion
from haln.people import audiences, changes, erasure, leaving, versions
from tests.builders import NOW, Cast, a_connection, an_actor, an_organisation

LATER = NOW + timedelta(days=40)
KEPT = ("member_version", "connection_version", "set_membership_version", "session_version", "attendance_version")
NONE_BEHIND = dict.fromkeys(KEPT, 0)


def told(session: Session, member_id: int) -> list[tuple[date, date, str, str | None]]:
    """A member's versions in the order in which they were written down."""
    rows = session.execute(
        select(MemberVersion.from_on, MemberVersion.recorded_on, MemberVersion.standing, MemberVersion.sector)
        .where(MemberVersion.member_id == member_id)
        .order_by(MemberVersion.id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def test_bulk_rows_get_versions_once(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=90), until=NOW - timedelta(days=9))
    session.commit()
    assert versions.behind(session)["member_version"] == 6
    versions.keep_all(session, NOW)
    assert versions.behind(session) == NONE_BEHIND
    count = len(session.scalars(select(MemberVersion)).all())
    versions.keep_all(session, LATER)
    assert len(session.scalars(select(MemberVersion)).all()) == count == 6
    spells = session.scalars(select(ConnectionVersion).order_by(ConnectionVersion.id)).all()
    assert [(one.holds, one.from_on, one.recorded_on) for one in spells] == [
        (True, (NOW - timedelta(days=90)).date(), NOW.date()),
        (False, (NOW - timedelta(days=9)).date(), NOW.date()),
    ]


def test_what_is_told_as_it_happened_was_known_at_the_time(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=90), until=NOW - timedelta(days=9))
    versions.keep_all(session, NOW, as_it_happened=True)
    assert all(one.recorded_on == one.from_on for one in session.scalars(select(ConnectionVersion)))


def test_a_connection_is_kept_as_it_begins_changes_and_ends(session: Session, cast: Cast) -> None:
    ada = an_actor(session, cast.ada)
    ben = session.get_one(Member, cast.ben).public_id
    connections.make(session, cast.ada, cast.ben, "introduced", NOW)
    session.commit()
    connections.change(session, ada, ben, 3, "met", LATER)
    session.commit()
    connections.end(session, ada, ben, LATER + timedelta(days=1))
    session.commit()
    kept = session.scalars(select(ConnectionVersion).order_by(ConnectionVersion.id)).all()
    assert [(one.from_on, one.holds, one.evidence, one.intensity) for one in kept] == [
        (NOW.date(), True, "introduced", 1),
        (LATER.date(), True, "met", 3),
        ((LATER + timedelta(days=1)).date(), False, "met", 3),
    ]
    assert versions.behind(session)["connection_version"] == 0


def test_leaving_ends_the_member_and_their_connections_on_the_day(session: Session, cast: Cast) -> None:
    connections.make(session, cast.ada, cast.ben, "introduced", NOW)
    session.commit()
    leaving.leave(session, an_actor(session, cast.ada), LATER)
    session.commit()
    assert [row[0::2] for row in told(session, cast.ada)][-1] == (LATER.date(), "left")
    assert told(session, cast.ben)[-1][2] == "active"
    last = session.scalars(select(ConnectionVersion).order_by(ConnectionVersion.id.desc())).first()
    assert last is not None and (last.holds, last.from_on) == (False, LATER.date())


def test_nothing_is_kept_of_what_was_rolled_back(session: Session, cast: Cast) -> None:
    changes.touch(session, [cast.ada], NOW)
    session.rollback()
    session.commit()
    assert told(session, cast.ada) == []


def test_a_change_of_audience_and_of_an_organisations_sector_is_kept(session: Session, cast: Cast) -> None:
    changes.touch(session, [cast.ada], NOW)
    session.commit()
    before = told(session, cast.ada)
    address = session.get_one(Member, cast.ada).email
    audiences.change_at(session, address or "", Audience.FACILITATOR, LATER)
    session.commit()
    home = an_organisation(session, "Elsewhere Council", "council")
    session.execute(update(Member).where(Member.id == cast.ada).values(organisation_id=home.id))
    changes.touch(session, [cast.ada], LATER)
    session.commit()
    assert len(told(session, cast.ada)) == len(before) + 2
    assert told(session, cast.ada)[-1][3] == session.get_one(Organisation, home.id).sector


def test_an_erased_persons_versions_say_no_more_than_sector_and_region(session: Session, cast: Cast) -> None:
    changes.touch(session, [cast.ada], NOW)
    session.commit()
    erasure.erase(session, cast.ada, LATER)
    session.commit()
    kept = session.scalars(select(MemberVersion).where(MemberVersion.member_id == cast.ada)).all()
    assert [one.standing for one in kept] == ["active", "erased"]
    assert all(one.role is None and one.organisation_id is None and one.place_id is None for one in kept)
    assert kept[0].sector is not None
    assert versions.behind(session)["member_version"] == 5  # the others were never touched


def test_no_place_has_a_version_without_a_set(session: Session, cast: Cast) -> None:
    versions.keep_all(session, NOW)
    assert session.scalars(select(SetMembershipVersion)).all() == []
    assert session.scalars(select(Connection)).all() == []
