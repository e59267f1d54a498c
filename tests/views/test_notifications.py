"""The bell and the page of notifications."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Member, Notice
from haln.people import notices
from tests.application import SignIn
from tests.builders import NOW, Cast, a_member
from tests.digest_builders import asks
from tests.event_builders import a_place, an_event
from tests.queries import queries_of


def told_of_asking(session: Session, cast: Cast) -> None:
    row = asks(session, cast.cai, cast.ada)
    notices.put(session, "introduction_asked", {cast.ada: {"introduction_id": row.id}}, NOW)


def masthead(browser: FlaskClient, path: str = "/events") -> str:
    return browser.get(path).text.split("</header>")[0]


def test_the_bell_counts_and_the_page_lists_and_leads_on(session: Session, cast: Cast, signed_in: SignIn) -> None:
    told_of_asking(session, cast)
    ada = signed_in(cast.ada)
    assert "1 not read" in masthead(ada)
    page = ada.get("/notifications").text
    assert "Cai Morgan asks to connect with you." in page and "Not read:" in page
    assert "1 not read" in masthead(ada)  # looking reads nothing
    number = session.scalars(select(Notice.id)).one()
    assert ada.get(f"/notifications/{number}/open").status_code == 405
    assert ada.post(f"/notifications/{number}/open").location == "/introductions"
    assert "not read" not in masthead(ada)
    page = ada.get("/notifications").text
    assert "Cai Morgan asks" in page and "Not read:" not in page and "Mark all as read" not in page


def test_marking_all_reads_what_the_page_showed(session: Session, cast: Cast, signed_in: SignIn) -> None:
    told_of_asking(session, cast)
    ada = signed_in(cast.ada)
    for until in ("", "0", "99999999999999999", "x" * 40):
        assert ada.post("/notifications/seen", data={"until": until}).status_code == 303
        left = session.scalars(select(Notice.id).where(Notice.seen_at.is_(None))).all()
        assert bool(left) == (until == "0")
        told_of_asking(session, cast)


def test_anothers_is_not_opened_and_what_is_over_says_so(session: Session, cast: Cast, signed_in: SignIn) -> None:
    told_of_asking(session, cast)
    number = session.scalars(select(Notice.id)).one()
    ben = signed_in(cast.ben)
    assert ben.post(f"/notifications/{number}/open").location == "/notifications"
    assert "This is over" in ben.get("/notifications").text
    assert session.get_one(Notice, number).seen_at is None
    assert ben.post("/notifications/99999999999999999999/open").status_code == 404


def test_an_empty_page_says_what_will_stand_there_and_asks_about_the_profile_when_due(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    ada = signed_in(cast.ada)
    page = ada.get("/notifications").text
    assert "Nothing to tell you" in page and "Still right?" not in page
    session.get_one(Member, cast.ada).confirmed_at = NOW - timedelta(days=181)
    session.commit()
    assert "Still right?" in ada.get("/notifications").text
    page = ada.get("/profile/still-right").text
    assert "Leeds Teaching Hospitals NHS Trust" in page and 'action="/profile/confirm"' in page
    assert ada.post("/profile/confirm").status_code == 303
    assert "Still right?" not in ada.get("/notifications").text


def test_the_bell_costs_a_page_nothing_and_one_query_where_something_waits(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    ada = signed_in(cast.ada)
    ada.get("/events")
    before = queries_of(ada, "/events"), queries_of(ada, "/account"), queries_of(ada, "/notifications")
    for number in range(40):
        row = an_event(session, cast.fay, NOW + timedelta(days=number + 1), made_at=NOW, state="cancelled")
        a_place(session, row, cast.ada)
        notices.put(session, "event_cancelled", {cast.ada: {"event_id": row.id}}, NOW)
    after = queries_of(ada, "/events"), queries_of(ada, "/account"), queries_of(ada, "/notifications")
    assert [late - early for early, late in zip(before, after, strict=True)] == [1, 1, 1]
    assert "40 not read" in masthead(ada, "/account")


def test_who_is_not_verified_has_no_bell(session: Session, cast: Cast, signed_in: SignIn) -> None:
    una = signed_in(a_member(session, "Una Unverified", standing="unverified").id)
    assert "Notifications" not in masthead(una, "/account")
