"""What came of it, in a browser: written, agreed to, told with both names, withdrawn and told without."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.connect import pairs
from haln.models import Connection, Introduction, Member
from haln.people.demonstration.people import DOMAIN
from haln.people.tokens import public_id
from tests.browser import OpenPage, look_over, sign_in
from tests.builders import a_connection
from tests.event_builders import a_place, an_event, was_there
from tests.live import LiveServer, database

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = f"rang a grower ({public_id()}) for us"
BEHIND_DAYS = 15  # asked about first: the latest introduction that is due


def connect(session: Session) -> tuple[str, str, str]:
    """Let the member and the facilitator be connected by an introduction; the other's public id, and both names."""
    now, people = datetime.now(UTC), {}
    for who in ("member", "facilitator"):
        people[who] = session.scalars(select(Member).where(Member.email == f"{who}@{DOMAIN}")).one()
    member, other = people["member"], people["facilitator"]
    since = now - timedelta(days=BEHIND_DAYS)
    introduced = select(Introduction.id).where(
        Introduction.asker_id == member.id, Introduction.asked_id == other.id, Introduction.closed_at <= since
    )
    if session.scalar(introduced) is None:
        given = {"asker_answer": "yes", "asked_answer": "yes", "created_at": since, "closed_at": since}
        row = Introduction(public_id=public_id(), kind="asked", asker_id=member.id, asked_id=other.id, state="accepted")
        for name, value in {**given, "expires_at": now}.items():
            setattr(row, name, value)
        session.add(row)
        session.flush()
        known = pairs.connection_id(session, member.id, other.id)
        if known is None:
            a_connection(session, member.id, other.id, since, introduction_id=row.id)
        else:  # another story on the same server connected them today
            session.get_one(Connection, known).introduction_id = row.id
    return other.public_id, member.name, other.name


def report(open_page: OpenPage) -> Page:
    page = open_page()
    sign_in(page, "staff")
    page.goto("/network/report")
    return page


def test_a_story_is_told_with_names_as_long_as_both_want_it(open_page: OpenPage, live_server: LiveServer) -> None:
    with database(live_server) as session:
        other, me, them = connect(session)
    writer, partner = open_page(), open_page(scripts=False)
    sign_in(writer, "member")
    writer.goto("/connections")
    look_over(writer)
    writer.goto(f"/connections/{other}/outcome")
    look_over(writer)
    writer.get_by_role("button", name="See how it will be read").click()
    expect(writer.get_by_role("alert")).to_contain_text("Choose what came of it.")
    look_over(writer, dark=False)
    writer.goto(f"/connections/{other}/outcome")  # what was looked over has long names in it
    writer.get_by_label("A joint project").check()
    writer.get_by_label("What happened, in your own words").fill(f"{them} {WORDS}")
    writer.get_by_label("A story with names").check()
    writer.get_by_role("button", name="See how it will be read").click()
    expect(writer.get_by_role("heading", name="Once everybody agrees")).to_be_visible()
    expect(writer.get_by_text(f"[…] {WORDS}")).to_be_visible()
    look_over(writer)
    writer.get_by_role("button", name="Save it").click()
    expect(writer.get_by_text("Thank you. It is written down.")).to_be_visible()
    look_over(writer)
    reader = report(open_page)
    expect(reader.get_by_text(f"[…] {WORDS}")).to_be_visible()
    sign_in(partner, "facilitator")
    partner.goto("/outcomes")
    expect(partner.get_by_text(f"{them} {WORDS}")).to_be_visible()
    partner.get_by_role("button", name=f"Yes, name me in the story of {me}").last.click()
    expect(partner.get_by_text("You agree to be named in it.")).to_be_visible()
    reader.reload()
    story = reader.get_by_role("article").filter(has_text=WORDS)
    expect(story).to_contain_text(f"[…] {WORDS}")  # their names are for members: the report is for everybody
    look_over(reader)
    reader.goto("/network/outcomes/")
    expect(story).to_contain_text(f"{them} {WORDS}")
    expect(story).to_contain_text(f"{me}, {them}")
    look_over(reader)
    mine = writer.get_by_role("article").filter(has_text=WORDS)
    mine.get_by_role("link", name="Change").click()
    writer.get_by_label("A story without names").check()
    writer.get_by_role("button", name="See how it will be read").click()
    writer.get_by_role("button", name="Save it").click()
    reader.goto("/network/report")
    expect(story).to_contain_text(f"[…] {WORDS}")
    expect(story).to_contain_text("A member who gives no names")
    assert them not in story.inner_text() and me not in story.inner_text()
    mine.get_by_role("button", name="Count it only").click()
    expect(writer.get_by_text("Nobody reads your words any more.")).to_be_visible()
    reader.reload()
    expect(story).to_have_count(0)


def test_whether_they_met_is_asked_and_answered_without_a_script(open_page: OpenPage, live_server: LiveServer) -> None:
    with database(live_server) as session:
        _, me, _ = connect(session)
    sighted, page = open_page(), open_page(scripts=False)
    sign_in(sighted, "facilitator")
    sighted.goto("/introductions")
    look_over(sighted)
    sign_in(page, "facilitator")
    page.goto("/connections")
    panel = page.locator("form").filter(has_text=f"You were introduced to {me}")
    expect(panel).to_be_visible()
    panel.get_by_role("button", name="We met and it was useful").click()
    expect(page.get_by_text("Saved. Nobody else sees your answer.")).to_be_visible()
    expect(panel).to_have_count(0)


def an_event_of(session: Session) -> tuple[str, str]:
    """An event that is over, at which the member and the newcomer were, who agreed to be named; id and other's name."""
    now, people = datetime.now(UTC), {}
    for who in ("member", "facilitator", "newcomer"):
        people[who] = session.scalars(select(Member).where(Member.email == f"{who}@{DOMAIN}")).one()
    row = an_event(session, people["facilitator"].id, now - timedelta(days=4), title=f"Looked back {public_id()}")
    for who in ("member", "newcomer"):
        a_place(session, row, people[who].id, says_hello=True)
    was_there(session, row, people["member"].id)
    session.commit()
    return row.public_id, people["facilitator"].name


def test_what_came_of_an_event_is_told_on_its_page_and_taken_back(open_page: OpenPage, live_server: LiveServer) -> None:
    with database(live_server) as session:
        event, leader = an_event_of(session)
    page = open_page(scripts=False)
    sign_in(page, "member")
    page.goto(f"/events/{event}")
    page.get_by_role("link", name="Say what came of it").click()
    page.get_by_label("Confidence").check()
    page.get_by_label("What happened, in your own words").fill(f"{leader} gave me heart ({event}).")
    page.get_by_label("A story with names").check()
    page.get_by_role("button", name="See how it will be read").click()
    expect(page.get_by_text(f"We ask on their page: {leader}.")).to_be_visible()
    page.get_by_role("button", name="Save it").click()
    expect(page).to_have_url(re.compile(f"/events/{event}$"))
    story = page.get_by_role("article").filter(has_text=event)
    expect(story).to_contain_text("Without names, until everybody whom it names agrees")
    sighted = open_page()
    sign_in(sighted, "member")
    for path in (f"/events/{event}", f"/events/{event}/outcome", "/outcomes"):
        sighted.goto(path)
        look_over(sighted)
    story.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete it").click()
    page.goto(f"/events/{event}")
    expect(page.get_by_role("link", name="Say what came of it")).to_be_visible()
    expect(story).to_have_count(0)
