"""Events in a browser: every page is accessible; a member registers, comes, writes to somebody, and they connect."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.connect import answers
from haln.models import Connection, Event, EventAttendance, Introduction, Member, MemberTheme
from haln.people.demonstration.people import DOMAIN
from haln.people.tokens import public_id
from tests.browser import OpenPage, Who, look_over, sign_in
from tests.builders import a_member, an_actor
from tests.event_builders import a_place, an_event
from tests.live import LiveServer, database

LONG = "Bartholomew Featherstonehaugh-Cholmondeley of Great Yarmouth"


def signed_up(session: Session, name: str) -> Member:
    return session.scalars(select(Member).where(Member.email == f"{name}@{DOMAIN}")).one()


def fill(session: Session) -> dict[str, str]:
    """Events of the demonstration's facilitator, and somebody with a long name who comes to all of them."""
    now, leader, member = datetime.now(UTC), signed_up(session, "facilitator"), signed_up(session, "member")
    long = a_member(session, LONG, email=f"{public_id()}@example.org", joined_at=now, active_at=now)
    if session.get(MemberTheme, (member.id, "food")) is None:
        session.add(MemberTheme(member_id=member.id, theme="food"))
    session.flush()
    session.execute(update(MemberTheme).where(MemberTheme.member_id == member.id).values(interest=True))
    session.add(MemberTheme(member_id=long.id, theme="food", interest=True, offer=True))
    facts = {"themes": ["food"], "description": "Buying *local* food."}
    rows = {
        "coming": an_event(session, leader.id, now + timedelta(days=3), title=f"Open {public_id()}", **facts),
        "full": an_event(session, leader.id, now + timedelta(days=5), title="Full", capacity=1, **facts),
        "past": an_event(session, leader.id, now - timedelta(days=3), title="Past", **facts),
        "proposed": an_event(session, member.id, now + timedelta(days=9), title="Wish", state="proposed"),
    }
    for key in ("coming", "full", "past"):
        a_place(session, rows[key], long.id, says_hello=True)
    a_place(session, rows["full"], member.id, "waiting")
    a_place(session, rows["past"], member.id, says_hello=True)
    rows["past"].recording_link = "https://video.example.org/1"
    session.commit()
    return {key: row.public_id for key, row in rows.items()}


def pages(seeded: dict[str, str], who: Who) -> list[str]:
    one = {key: f"/events/{name}" for key, name in seeded.items()}
    if who == "member":
        return ["/events", "/events/past", "/events/new", "/events/calendar", *one.values()]
    if who == "staff":
        return ["/events", f"{one['proposed']}/decide"]
    return [
        f"{one['coming']}/change",
        f"{one['coming']}/cancel",
        f"{one['past']}/links",
        *(f"{one[key]}/people" for key in ("coming", "past")),
        f"{one['past']}/report",
    ]


@pytest.mark.browser
@pytest.mark.slow
def test_every_page_of_events_is_accessible_and_fits_a_phone(open_page: OpenPage, live_server: LiveServer) -> None:
    with database(live_server) as session:
        seeded = fill(session)
    for who in ("member", "facilitator", "staff"):
        page = open_page()
        sign_in(page, who)
        for path in pages(seeded, who):
            answer = page.goto(path)
            assert answer is not None and answer.ok, path
            look_over(page, dark=path in ("/events", f"/events/{seeded['past']}"))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")


@pytest.mark.browser
@pytest.mark.slow
def test_a_member_registers_comes_writes_to_somebody_and_they_connect(
    open_page: OpenPage, live_server: LiveServer
) -> None:
    with database(live_server) as session:
        event = fill(session)["coming"]
    member = open_page(scripts=False)
    sign_in(member, "member")
    member.goto(f"/events/{event}")
    member.get_by_label("Name me to others who come").check()
    press(member, "Register")
    expect(member.get_by_text("We have sent you a message with a calendar file.")).to_be_visible()
    expect(member.get_by_role("link", name="Join online")).to_be_visible()
    expect(member.get_by_role("link", name=LONG, exact=True)).to_be_visible()
    with database(live_server) as session:
        row = session.scalars(select(Event).where(Event.public_id == event)).one()
        row.starts_at, row.ends_at = (moment - timedelta(days=4) for moment in (row.starts_at, row.ends_at))
        session.commit()
    leader = open_page(scripts=False)
    sign_in(leader, "facilitator")
    leader.goto(f"/events/{event}/people")
    for box in leader.get_by_role("checkbox").all():
        box.check()
    press(leader, "Save who came")
    expect(leader.get_by_text("Who came is recorded.")).to_be_visible()
    member.goto(f"/events/{event}")
    expect(member.get_by_role("heading", name="People to write to now")).to_be_visible()
    member.get_by_role("link", name=f"Ask {LONG} to connect").click()
    press(member, "Send request")
    expect(member.get_by_text(f"Your request is on its way to {LONG}.")).to_be_visible()
    with database(live_server) as session:
        mine = signed_up(session, "member").id
        asked = session.scalars(
            select(Introduction).where(Introduction.asker_id == mine).order_by(Introduction.id.desc())
        ).first()
        assert asked is not None
        other = an_actor(session, asked.asked_id)
        answers.accept(session, other, asked.public_id, datetime.now(UTC))
        session.commit()
        pair = (min(mine, other.member_id), max(mine, other.member_id))
        tie = session.scalars(
            select(Connection).where(Connection.low_id == pair[0], Connection.high_id == pair[1])
        ).one()
        assert tie.until is None
        there = session.scalars(
            select(EventAttendance.member_id)
            .join(Event, Event.id == EventAttendance.event_id)
            .where(Event.public_id == event, EventAttendance.came)
        )
        assert set(pair) <= set(there)
