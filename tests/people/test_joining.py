"""Joining: an address, a link to it, then a name and a password."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.errors import Gone, Invalid
from haln.models import AccountToken, Invitation, Mail, Member
from haln.people import joining, links
from haln.people.links import Purpose
from haln.people.throttles import Limits
from tests.builders import NOW, PASSWORD, Cast, a_member

LIMITS = Limits(sign_in=5, sign_in_network=50, mail=5, mail_network=50)


def a_link(session: Session, email: str = "eve@example.org") -> str:
    return links.mint(session, Purpose.JOIN, email, None, NOW)


def join(session: Session, token: str, name: str = "Eve Newcomer", password: str = PASSWORD) -> int:
    return joining.join(session, token, name, password, "en", NOW)


def test_asking_to_join_writes_the_same_for_members_and_for_strangers(session: Session, cast: Cast) -> None:
    for email in ("ada.okafor@example.org", "eve@example.org"):
        joining.ask_to_join(session, email, "192.0.2.1", "en", NOW, LIMITS)
    rows = session.execute(select(Mail.kind, Mail.values, Mail.member_id, Mail.state)).all()
    assert len(rows) == 2 and rows[0] == rows[1]
    assert session.scalars(select(AccountToken.id)).all() == []


def test_nobody_is_a_member_before_the_link_is_used(session: Session) -> None:
    joining.ask_to_join(session, "eve@example.org", "192.0.2.1", "en", NOW, LIMITS)
    joining.look(session, a_link(session), NOW)
    assert session.scalars(select(Member.id)).all() == []


def test_a_link_makes_an_active_member_who_has_onboarding_before_them(session: Session) -> None:
    member = session.get_one(Member, join(session, a_link(session), "  Eve   van Dyke "))
    assert (member.name, member.sort_name) == ("Eve van Dyke", "dyke eve van")
    assert (member.standing, member.onboarding_step, member.audience) == ("active", 1, "member")
    assert member.email == "eve@example.org" and member.change_number > 0


def test_a_link_works_once(session: Session) -> None:
    token = a_link(session)
    join(session, token)
    with pytest.raises(Gone):
        join(session, token)


def test_all_links_to_an_address_are_dead_once_one_was_used(session: Session) -> None:
    first, second = a_link(session), a_link(session)
    join(session, second)
    with pytest.raises(Gone):
        joining.look(session, first, NOW)


def test_a_link_is_dead_after_two_weeks(session: Session) -> None:
    with pytest.raises(Gone):
        joining.join(session, a_link(session), "Eve Newcomer", PASSWORD, "en", NOW + timedelta(days=14))


def test_a_refused_password_leaves_the_link_good(session: Session) -> None:
    token = a_link(session)
    with pytest.raises(Invalid):
        join(session, token, password="short")
    assert join(session, token)


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "x" * 121])
def test_a_name_must_be_there_and_fit(session: Session, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        join(session, a_link(session), name)
    assert "name" in refused.value.fields


def test_somebody_whom_staff_entered_keeps_their_row(session: Session) -> None:
    entered = a_member(session, "Eve Newcomer", email="eve@example.org", standing="invited", verified_at=None)
    assert join(session, a_link(session)) == entered.id
    session.refresh(entered)
    assert entered.standing == "active" and entered.password_hash


def test_somebody_who_left_comes_back_to_their_own_row(session: Session) -> None:
    gone = a_member(session, "Eve Newcomer", email="eve@example.org", standing="left", left_at=NOW)
    assert join(session, a_link(session)) == gone.id
    session.refresh(gone)
    assert gone.standing == "active" and gone.left_at is None


def test_a_link_never_opens_an_account_that_is_in_use(session: Session, cast: Cast) -> None:
    with pytest.raises(Gone):
        join(session, a_link(session, "ada.okafor@example.org"))


def test_an_invitation_knows_who_came(session: Session, cast: Cast) -> None:
    session.add(Invitation(email="eve@example.org", invited_by_id=cast.fay, created_at=NOW))
    session.flush()
    member_id = join(session, a_link(session))
    assert session.execute(select(Invitation.member_id, Invitation.accepted_at)).one() == (member_id, NOW)
