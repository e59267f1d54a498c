"""One's own account: password, address, links."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.errors import Gone, Invalid, TooMany
from haln.models import AccountToken, Mail, Member, SignInSession
from haln.people import accounts, links, passwords, sessions
from haln.people.links import Purpose
from haln.people.throttles import Limits
from tests.builders import NOW, PASSWORD, Cast, a_member, an_actor

ADA, NEW = "ada.okafor@example.org", "ada@new.example.org"
ANOTHER = "three other words"
LIMITS = Limits(sign_in=3, sign_in_network=50, mail=3, mail_network=50)


@pytest.fixture(autouse=True)
def with_password(session: Session, cast: Cast) -> None:
    session.execute(update(Member).where(Member.id == cast.ada).values(password_hash=passwords.hashed(PASSWORD)))


def a_reset(session: Session, cast: Cast) -> str:
    return links.mint(session, Purpose.RESET, ADA, cast.ada, NOW)


def a_change(session: Session, cast: Cast, email: str = NEW) -> str:
    return links.mint(session, Purpose.CHANGE, email, cast.ada, NOW)


def open_sessions(session: Session, member_id: int) -> int:
    session.flush()
    ended = select(SignInSession.id).where(SignInSession.member_id == member_id, SignInSession.ended_at.is_(None))
    return len(session.scalars(ended).all())


def test_asking_for_a_reset_writes_the_same_for_known_and_unknown_addresses(session: Session, cast: Cast) -> None:
    for email in (ADA, "nobody@example.org"):
        accounts.ask_reset(session, email, "192.0.2.1", "en", NOW, LIMITS)
    rows = session.execute(select(Mail.kind, Mail.values, Mail.member_id, Mail.state)).all()
    assert len(rows) == 2 and rows[0] == rows[1]


@pytest.mark.parametrize("email", [ADA, "nobody@example.org"])
def test_one_address_is_not_flooded_with_resets(session: Session, email: str) -> None:
    for number in range(3):
        accounts.ask_reset(session, email, f"192.0.2.{number}", "en", NOW, LIMITS)
    with pytest.raises(TooMany):
        accounts.ask_reset(session, email, "192.0.2.9", "en", NOW, LIMITS)


def test_a_reset_sets_the_password_and_ends_every_session(session: Session, cast: Cast) -> None:
    sessions.start(session, cast.ada, NOW, 14)
    assert accounts.reset_password(session, a_reset(session, cast), ANOTHER, NOW) == cast.ada
    assert open_sessions(session, cast.ada) == 0
    assert passwords.fits(ANOTHER, session.scalar(select(Member.password_hash).where(Member.id == cast.ada)))
    assert session.scalars(select(Mail.kind)).all() == ["password_changed"]


def test_a_reset_works_once_and_takes_the_others_with_it(session: Session, cast: Cast) -> None:
    first, second = a_reset(session, cast), a_reset(session, cast)
    accounts.reset_password(session, first, ANOTHER, NOW)
    for token in (first, second):
        with pytest.raises(Gone):
            accounts.reset_password(session, token, "four more other words", NOW)


def test_a_reset_is_dead_after_two_hours(session: Session, cast: Cast) -> None:
    with pytest.raises(Gone):
        accounts.reset_password(session, a_reset(session, cast), ANOTHER, NOW + timedelta(hours=2))


def test_a_reset_is_dead_after_a_change_of_address(session: Session, cast: Cast) -> None:
    token = a_reset(session, cast)
    accounts.change_address(session, a_change(session, cast), NOW)
    with pytest.raises(Gone):
        accounts.look_reset(session, token, NOW)


def test_a_reset_is_dead_when_the_address_is_not_the_accounts_any_more_however_it_changed(
    session: Session, cast: Cast
) -> None:
    token = a_reset(session, cast)
    session.execute(update(Member).where(Member.id == cast.ada).values(email=NEW))
    with pytest.raises(Gone):
        accounts.reset_password(session, token, ANOTHER, NOW)


@pytest.mark.parametrize("purpose", [Purpose.JOIN, Purpose.CHANGE])
def test_a_link_for_one_thing_does_no_other(session: Session, cast: Cast, purpose: Purpose) -> None:
    token = links.mint(session, purpose, ADA, cast.ada, NOW)
    with pytest.raises(Gone):
        accounts.reset_password(session, token, ANOTHER, NOW)


def test_looking_at_a_link_uses_nothing_up(session: Session, cast: Cast) -> None:
    token = a_reset(session, cast)
    for _ in range(3):
        assert accounts.look_reset(session, token, NOW) == ADA
    assert session.scalars(select(AccountToken.used_at)).all() == [None]


def test_a_new_password_ends_the_other_sessions_and_the_links(session: Session, cast: Cast) -> None:
    sessions.start(session, cast.ada, NOW, 14)
    sessions.start(session, cast.ada, NOW, 14)
    session.flush()
    mine = session.scalars(select(SignInSession.id)).first()
    token = a_reset(session, cast)
    accounts.change_password(session, an_actor(session, cast.ada, mine or 0), PASSWORD, ANOTHER, NOW, LIMITS)
    assert open_sessions(session, cast.ada) == 1
    with pytest.raises(Gone):
        accounts.look_reset(session, token, NOW)


def test_the_own_password_is_asked_and_counted(session: Session, cast: Cast) -> None:
    actor = an_actor(session, cast.ada)
    for _ in range(3):
        with pytest.raises(Invalid) as refused:
            accounts.change_password(session, actor, "wrong password", ANOTHER, NOW, LIMITS)
        assert "own_password" in refused.value.fields
    with pytest.raises(TooMany):
        accounts.change_password(session, actor, PASSWORD, ANOTHER, NOW, LIMITS)


def test_the_new_address_is_written_to_and_nothing_changes_yet(session: Session, cast: Cast) -> None:
    accounts.ask_address_change(session, an_actor(session, cast.ada), NEW, PASSWORD, NOW, LIMITS)
    assert session.execute(select(Mail.kind, Mail.address)).all() == [("confirm_address", NEW)]
    assert accounts.own(session, an_actor(session, cast.ada)).email == ADA


def test_an_address_in_use_is_answered_like_any_other(session: Session, cast: Cast) -> None:
    accounts.ask_address_change(session, an_actor(session, cast.ada), "ben.whitaker@example.org", PASSWORD, NOW, LIMITS)
    assert session.scalars(select(Mail.kind)).all() == ["confirm_address"]


def test_a_confirmed_address_is_the_accounts_and_the_old_one_is_told(session: Session, cast: Cast) -> None:
    assert accounts.change_address(session, a_change(session, cast), NOW) == NEW
    assert accounts.own(session, an_actor(session, cast.ada)).email == NEW
    assert session.execute(select(Mail.kind, Mail.address)).all() == [("address_changed", ADA)]


def test_a_confirmed_address_never_takes_anothers_account(session: Session, cast: Cast) -> None:
    token = a_change(session, cast)
    a_member(session, "Eve Newcomer", email=NEW)
    with pytest.raises(Gone):
        accounts.change_address(session, token, NOW)


def test_links_sent_to_the_old_address_are_dead(session: Session, cast: Cast) -> None:
    old = links.mint(session, Purpose.JOIN, ADA, None, NOW)
    first, second = a_change(session, cast, "ada@third.example.org"), a_change(session, cast)
    accounts.change_address(session, second, NOW)
    for purpose, token in ((Purpose.JOIN, old), (Purpose.CHANGE, first), (Purpose.CHANGE, second)):
        with pytest.raises(Gone):
            links.look(session, purpose, token, NOW)


def test_a_reset_takes_back_a_change_of_address_that_has_not_left_yet(session: Session, cast: Cast) -> None:
    accounts.ask_address_change(session, an_actor(session, cast.ada), NEW, PASSWORD, NOW, LIMITS)
    accounts.reset_password(session, a_reset(session, cast), ANOTHER, NOW)
    session.expire_all()
    assert session.scalars(select(Mail.state).where(Mail.kind == "confirm_address")).all() == ["cancelled"]
