"""Who runs something for others: seen and changed by staff alone, and never by oneself."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Audience
from haln.errors import Conflict, NotFound
from haln.models import AuditRecord, Mail, Member
from haln.people import audiences
from tests.application import SignIn
from tests.builders import NOW, Cast, an_actor


def of(session: Session, member_id: int) -> str:
    return session.get_one(Member, member_id).audience


def key(session: Session, member_id: int) -> str:
    return session.get_one(Member, member_id).public_id


def test_staff_make_somebody_a_facilitator_who_is_told(session: Session, cast: Cast) -> None:
    sol = an_actor(session, cast.sol)
    assert audiences.change(session, sol, key(session, cast.ada), Audience.FACILITATOR, NOW)
    assert of(session, cast.ada) == "facilitator"
    (mail,) = session.scalars(select(Mail)).all()
    assert (mail.kind, mail.member_id, mail.values) == ("audience_changed", cast.ada, {"audience": "facilitator"})
    (record,) = session.scalars(select(AuditRecord).where(AuditRecord.action == "change_audience")).all()
    assert (record.actor_id, record.subject_id) == (cast.sol, cast.ada)
    assert not audiences.change(session, sol, key(session, cast.ada), Audience.FACILITATOR, NOW)
    assert len(session.scalars(select(Mail)).all()) == 1


@pytest.mark.parametrize("audience", list(Audience))
def test_nobody_changes_what_they_may_do_themselves(session: Session, cast: Cast, audience: Audience) -> None:
    with pytest.raises(Conflict):
        audiences.change(session, an_actor(session, cast.sol), key(session, cast.sol), audience, NOW)
    assert of(session, cast.sol) == "staff"


@pytest.mark.parametrize("way", ["hidden", "left"])
def test_whom_staff_may_not_see_they_cannot_change(session: Session, cast: Cast, way: str) -> None:
    ada = session.get_one(Member, cast.ada)
    public_id = ada.public_id
    if way == "hidden":
        ada.listed = False
    else:
        ada.standing = "left"
    session.flush()
    sol = an_actor(session, cast.sol)
    for typed in (ada.email or "", ada.name):
        assert audiences.named(session, sol, typed) == []
    with pytest.raises(NotFound):
        audiences.change(session, sol, public_id, Audience.STAFF, NOW)
    assert of(session, cast.ada) == "member"


def test_the_list_has_staff_first_then_facilitators(session: Session, cast: Cast) -> None:
    found = audiences.leading(session, an_actor(session, cast.sol))
    assert [(one.person.id, one.audience.value) for one in found] == [(cast.sol, "staff"), (cast.fay, "facilitator")]


def test_the_pages_find_somebody_and_change_them(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ada = session.get_one(Member, cast.ada)
    browser, path = signed_in(cast.sol), f"/staff/people/{ada.public_id}"
    assert path in browser.get("/staff/people", query_string={"q": ada.email}).text
    assert path not in browser.get("/staff/people").text
    assert browser.post(path, data={"audience": "queen"}).status_code == 422
    assert of(session, cast.ada) == "member"
    assert browser.post(path, data={"audience": "staff"}).status_code == 303
    assert of(session, cast.ada) == "staff"
    assert path in browser.get("/staff/people").text
    own = f"/staff/people/{key(session, cast.sol)}"
    assert "somebody else of staff" in browser.get(own).text
    assert browser.post(own, data={"audience": "member"}).status_code == 409
    assert of(session, cast.sol) == "staff"


def test_who_is_staff_no_longer_may_change_nobody(session: Session, cast: Cast, signed_in: SignIn) -> None:
    browser = signed_in(cast.sol)
    session.get_one(Member, cast.sol).audience = "facilitator"
    session.commit()
    assert browser.get("/staff/people").status_code == 403
    assert browser.post(f"/staff/people/{key(session, cast.ada)}", data={"audience": "staff"}).status_code == 403
    assert of(session, cast.ada) == "member"
