"""Invitations."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.errors import Invalid, TooMany
from haln.models import Invitation, Mail
from haln.people import invitations
from haln.people.throttles import Limits
from tests.builders import NOW, Cast, a_member, an_actor

LIMITS = Limits(sign_in=5, sign_in_network=50, mail=2, mail_network=50)


def invite(session: Session, cast: Cast, text: str) -> int:
    return invitations.invite(session, an_actor(session, cast.fay), text, NOW, LIMITS)


def test_each_address_is_invited_once(session: Session, cast: Cast) -> None:
    assert invite(session, cast, "eve@example.org\n\n Fin@example.org; eve@example.org , EVE@example.org") == 2
    assert session.scalars(select(Mail.address).order_by(Mail.id)).all() == ["eve@example.org", "fin@example.org"]


def test_members_are_invited_in_the_same_words(session: Session, cast: Cast) -> None:
    assert invite(session, cast, "ada.okafor@example.org\neve@example.org") == 2
    rows = session.execute(select(Mail.kind, Mail.values, Mail.state)).all()
    assert rows[0] == rows[1]
    assert len(session.scalars(select(Invitation.id)).all()) == 2


@pytest.mark.parametrize(
    "text", ["", "  \n ", "eve@example.org\nnot an address", "\n".join(f"e{n}@example.org" for n in range(51))]
)
def test_what_cannot_be_invited_is_refused_whole(session: Session, cast: Cast, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        invite(session, cast, text)
    assert "addresses" in refused.value.fields
    assert session.scalars(select(Invitation.id)).all() == []


def test_one_address_is_not_flooded(session: Session, cast: Cast) -> None:
    for _ in range(2):
        invite(session, cast, "eve@example.org")
    with pytest.raises(TooMany):
        invite(session, cast, "eve@example.org")


def test_a_facilitator_sees_their_own_invitations_newest_first_page_by_page(session: Session, cast: Cast) -> None:
    invite(session, cast, "a@example.org\nb@example.org\nc@example.org")
    invitations.invite(session, an_actor(session, cast.sol), "d@example.org", NOW, LIMITS)
    actor = an_actor(session, cast.fay)
    first = invitations.sent_by(session, actor, limit=2)
    assert [row.email for row in first] == ["c@example.org", "b@example.org", "a@example.org"]
    assert [row.email for row in invitations.sent_by(session, actor, first[1].id)] == ["a@example.org"]


def test_people_whom_staff_entered_are_asked_once(session: Session, cast: Cast) -> None:
    a_member(session, "Eve Newcomer", standing="invited")
    a_member(session, "Fin Newcomer", standing="invited", email=None)
    actor = an_actor(session, cast.sol)
    assert invitations.count_entered(session) == 1
    assert invitations.invite_entered(session, actor, NOW) == 1
    assert invitations.invite_entered(session, actor, NOW) == 0 == invitations.count_entered(session)
