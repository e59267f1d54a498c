"""A member's page, by who looks."""

from __future__ import annotations

from itertools import product

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from haln.models import Block, Member
from haln.people.visibility import FACTS
from tests.application import SignIn, without_token
from tests.builders import NOW, Cast, a_connection, a_member, a_place, a_theme

SAID = {
    "role": "Buyer of everything",
    "organisation": "Leeds Teaching Hospitals NHS Trust",
    "place": "Cardiff",
    "biography": "measure social value",
    "themes": "Housing",
    "connections": "Ben Whitaker",
    "email": "ada.okafor@example.org",
}
"""What tells each fact of Ada's on her page."""


@pytest.fixture
def ada(session: Session, cast: Cast) -> Member:
    """Ada, with something in every fact; she and Dee both know Ben."""
    member = session.get_one(Member, cast.ada)
    member.job_title = SAID["role"]
    member.place_id = session.get_one(Member, cast.cai).place_id
    a_theme(session, member.id, "housing", 2, seek=True)
    a_connection(session, cast.ada, cast.ben)
    a_connection(session, cast.dee, cast.ben)
    a_connection(session, cast.ada, cast.fay)
    a_connection(session, cast.fay, cast.ben)
    session.commit()
    return member


def _look(client: FlaskClient, member: Member) -> str:
    return client.get(f"/people/{member.public_id}").get_data(as_text=True)


@pytest.mark.parametrize("fact", FACTS)
def test_each_fact_is_shown_to_those_whom_it_is_for_and_to_nobody_else(
    session: Session, cast: Cast, ada: Member, client: FlaskClient, signed_in: SignIn, fact: str
) -> None:
    ada.show_name = 3
    newcomer = a_member(session, "Una Verified", standing="unverified", verified_at=None)
    a_connection(session, cast.sol, cast.ben)
    session.commit()
    viewers = {
        "not signed in": (client, 3),
        "not verified": (signed_in(newcomer.id), 3),
        "member": (signed_in(cast.dee), 2),
        "connection": (signed_in(cast.fay), 1),
        "staff": (signed_in(cast.sol), 2),
    }
    for level, (viewer, (browser, needed)) in product(range(4), viewers.items()):
        setattr(ada, f"show_{fact}", level)
        session.commit()
        page = _look(browser, ada)
        expected = level >= needed
        if fact == "connections" and needed == 3:
            expected = False  # who is not a member has nobody in common
        assert "Ada Okafor" in page
        assert (SAID[fact] in page) is expected, (viewer, level)


@pytest.mark.parametrize("why", ["hidden", "left", "erased", "unverified", "blocked", "blocking"])
def test_a_page_that_may_not_be_seen_is_the_same_as_none(
    session: Session, cast: Cast, ada: Member, signed_in: SignIn, why: str
) -> None:
    ada.listed = why != "hidden"
    if why in ("left", "erased", "unverified"):
        ada.standing = why
    if why == "blocked":
        session.add(Block(blocker_id=cast.dee, blocked_id=ada.id, created_at=NOW))
    if why == "blocking":
        session.add(Block(blocker_id=ada.id, blocked_id=cast.dee, created_at=NOW))
    session.commit()
    browser = signed_in(cast.dee)
    nobodys = "z" * 12
    there, none = browser.get(f"/people/{ada.public_id}"), browser.get(f"/people/{nobodys}")
    assert there.status_code == none.status_code == 404
    assert without_token(there.text).replace(ada.public_id, nobodys) == without_token(none.text)


def test_who_is_not_signed_in_sees_only_those_who_show_their_name_to_everyone(
    ada: Member, session: Session, client: FlaskClient
) -> None:
    assert client.get(f"/people/{ada.public_id}").status_code == 303
    ada.show_name = 3
    session.commit()
    assert client.get(f"/people/{ada.public_id}").status_code == 200


@pytest.mark.parametrize("why", ["for members", "hidden", "left"])
def test_who_is_not_signed_in_is_asked_to_be_whether_anybody_is_there_or_not(
    ada: Member, session: Session, client: FlaskClient, why: str
) -> None:
    ada.listed = why != "hidden"
    ada.standing = "left" if why == "left" else ada.standing
    session.commit()
    nobodys = "z" * 12
    there, none = client.get(f"/people/{ada.public_id}?from=mail"), client.get(f"/people/{nobodys}?from=mail")
    assert (there.status_code, there.location) == (303, f"/sign-in?next=/people/{ada.public_id}?from%3Dmail")
    assert (none.status_code, none.location) == (303, f"/sign-in?next=/people/{nobodys}?from%3Dmail")
    assert there.text.replace(ada.public_id, nobodys) == none.text


def test_who_has_not_confirmed_an_address_is_asked_to_whether_anybody_is_there_or_not(
    ada: Member, session: Session, signed_in: SignIn
) -> None:
    newcomer = a_member(session, "Una Verified", standing="unverified", verified_at=None)
    session.commit()
    browser, nobodys = signed_in(newcomer.id), "z" * 12
    there, none = browser.get(f"/people/{ada.public_id}"), browser.get(f"/people/{nobodys}")
    assert (there.status_code, none.status_code) == (403, 403)
    assert "Confirm your e-mail address first" in none.text
    assert without_token(there.text).replace(ada.public_id, nobodys) == without_token(none.text)


@pytest.mark.parametrize("why", ["hidden", "left", "paused", "blocked", "secretive"])
def test_people_in_common_are_only_those_whom_both_may_see(
    session: Session, cast: Cast, ada: Member, signed_in: SignIn, why: str
) -> None:
    assert "Ben Whitaker" in _look(signed_in(cast.dee), ada)
    ben = session.get_one(Member, cast.ben)
    if why == "hidden":
        ben.listed = False
    elif why == "left":
        ben.standing = "left"
    elif why == "paused":
        ben.paused_until = NOW.date().replace(year=2027)
    elif why == "blocked":
        session.add(Block(blocker_id=ben.id, blocked_id=cast.dee, created_at=NOW))
    else:
        ben.show_connections = 0
    session.commit()
    page = _look(signed_in(cast.dee), ada)
    assert "Ben Whitaker" not in page
    assert "Nobody we may show you" in page


def test_ones_own_page_leads_to_ones_profile(ada: Member, signed_in: SignIn) -> None:
    answer = signed_in(ada.id).get(f"/people/{ada.public_id}")
    assert (answer.status_code, answer.location) == (303, "/profile")


def test_a_nation_is_told_in_the_readers_language_wherever_members_are(
    ada: Member, session: Session, signed_in: SignIn
) -> None:
    ada.place_id = a_place(session, "Wales", "W92000004", "nation", "W92000004").id
    session.commit()
    own, other = signed_in(ada.id), signed_in(a_member(session, "Una Other").id)
    for browser, page in ((own, "/profile"), (own, "/profile/still-right"), (other, f"/people/{ada.public_id}")):
        told = browser.get(f"{page}?lang=cy").text.partition("<main")[2]
        assert "Cymru" in told and "Wales" not in told, page
