"""The page of invitations."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Mail
from tests.application import SignIn
from tests.builders import Cast, a_member


def test_members_do_not_invite_and_facilitators_and_staff_do(signed_in: SignIn, cast: Cast) -> None:
    answers = [signed_in(member).get("/invitations").status_code for member in (cast.ada, cast.fay, cast.sol)]
    assert answers == [403, 200, 200]


def test_what_is_no_address_is_named_beside_the_field(signed_in: SignIn, cast: Cast, session: Session) -> None:
    answer = signed_in(cast.fay).post("/invitations", data={"addresses": "eve@example.org\nnot % an address"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'href="#addresses"' in page and "not % an address" in page
    assert session.scalars(select(Mail.id)).all() == []


def test_an_invitation_is_sent_and_listed(signed_in: SignIn, cast: Cast, session: Session) -> None:
    browser = signed_in(cast.fay)
    assert browser.post("/invitations", data={"addresses": "eve@example.org"}).status_code == 303
    assert session.scalars(select(Mail.kind)).all() == ["invitation"]
    page = browser.get("/invitations").get_data(as_text=True)
    assert "eve@example.org" in page and "1 invitation is on its way" in page


def test_only_staff_ask_the_people_whom_staff_entered(signed_in: SignIn, cast: Cast, session: Session) -> None:
    a_member(session, "Eve Newcomer", standing="invited")
    session.commit()
    assert signed_in(cast.fay).post("/invitations/entered").status_code == 403
    assert "1 person has been entered" in signed_in(cast.sol).get("/invitations").get_data(as_text=True)
    assert signed_in(cast.sol).post("/invitations/entered").status_code == 303
    assert session.scalars(select(Mail.address)).all() == ["eve.newcomer@example.org"]
