"""The digest in a browser: choose it, get it, stop it from the letter. And the page of notifications."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from haln.models import Digest, DigestChoice, Event, EventRegistration, Mail, Member, Notice
from haln.people import notices
from haln.people.demonstration.people import DOMAIN
from haln.people.tokens import public_id
from haln.post import digests
from haln.post.digest_times import Days
from tests.browser import PHONE, OpenPage, follow, look_over, sign_in
from tests.live import LiveServer, database

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MAIL_SECONDS = 60
TITLE = "Bread for the wards: an hour with the bakers"


def member(session: Session) -> Member:
    return session.scalars(select(Member).where(Member.email == f"member@{DOMAIN}")).one()


def an_event_for_all(session: Session) -> int:
    """An event about every theme, so that it is for whoever reads."""
    from haln.taxonomy import vocabulary

    starts = datetime.now(UTC) + timedelta(days=20)
    organiser = session.scalars(select(Member).where(Member.email == f"facilitator@{DOMAIN}")).one()
    themes = [theme.code for theme in vocabulary.load().themes]
    row = Event(public_id=public_id(), title=TITLE, starts_at=starts, ends_at=starts + timedelta(hours=1))
    row.themes, row.organiser_id, row.where = themes, organiser.id, "Online"
    row.made_at = datetime.now(UTC) - timedelta(minutes=10)  # a digest waits until what is stored is seen by all
    session.add(row)
    session.flush()
    return row.id


def order(server: LiveServer) -> int:
    """Order what was due an hour ago; the server's worker sends it."""
    now = datetime.now(UTC)
    due = now - timedelta(hours=1)
    with database(server) as session:
        return digests.order_due(session, Days(due.weekday(), due.hour, UTC), now)


def letter_to_member(server: LiveServer) -> str:
    """The digest in the folder of mail, as text, as soon as it is there."""
    end = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < end:
        for file in sorted((server.instance / "mail").glob("*.txt")):
            text = file.read_text(encoding="utf-8")
            if f"To: member@{DOMAIN}" in text and TITLE in text and "List-Unsubscribe" in text:
                return text
        time.sleep(0.2)
    raise AssertionError("no digest was sent")


def test_from_choosing_a_weekly_digest_to_its_letter_and_no_more(open_page: OpenPage, live_server: LiveServer) -> None:
    with database(live_server) as session:
        session.execute(delete(DigestChoice))
        session.execute(delete(Digest))
        session.execute(delete(Mail).where(Mail.kind == "digest"))
        an_event_for_all(session)
    mine = open_page()
    sign_in(mine, "member")
    mine.goto("/account")
    mine.get_by_role("link", name="Choose how often, and what in it").click()
    expect(mine.get_by_text("You have not said yet whether you want it, so you get none.")).to_be_visible()
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_role("alert")).to_contain_text("Say how often you want the digest")
    look_over(mine)
    mine.goto("/account/digest")
    mine.get_by_label("Every week").check()
    mine.get_by_label("Introductions that wait for you").uncheck()
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_text("Your choice is saved.")).to_be_visible()
    expect(mine.get_by_text("Your next digest is due on")).to_be_visible()
    look_over(mine, dark=False)

    with database(live_server) as session:
        session.execute(update(DigestChoice).values(chosen_at=datetime.now(UTC) - timedelta(days=2)))
    assert order(live_server) == 1
    text = letter_to_member(live_server)
    assert "Introductions that wait for you".upper() not in text
    assert "Because you chose" in text

    stop = re.search(r"https?://\S+/unsubscribe/[^\s>]+", text)
    assert stop is not None
    visitor = open_page(size=PHONE)
    visitor.goto(urlsplit(stop[0]).path)
    look_over(visitor)
    visitor.goto(urlsplit(stop[0]).path)
    visitor.get_by_role("button", name="Stop this mail").click()
    expect(visitor.get_by_role("heading", name="You get no more digests")).to_be_visible()
    mine.goto("/account/digest")
    expect(mine.get_by_text("You get no digest at present.")).to_be_visible()
    with database(live_server) as session:
        session.execute(delete(Digest))
        session.execute(delete(Mail).where(Mail.kind == "digest"))
    assert order(live_server) == 0


def bell(page: Page) -> str:
    return page.get_by_role("link", name="Notifications").inner_text()


def test_a_notification_is_counted_opened_and_read(open_page: OpenPage, live_server: LiveServer) -> None:
    now = datetime.now(UTC)
    with database(live_server) as session:
        me = member(session).id
        session.execute(delete(Notice).where(Notice.member_id == me))
        for _ in range(2):
            event = an_event_for_all(session)
            place = EventRegistration(event_id=event, member_id=me, state="registered", asked_at=now, changed_at=now)
            session.add(place)
            session.flush()
            notices.put(session, "event_placed", {me: {"event_id": event}}, now)
    page = open_page(size=PHONE)
    sign_in(page, "member")
    page.goto("/events")
    assert "2" in bell(page)
    follow(page, page.get_by_role("link", name="Notifications"))
    look_over(page)
    page.goto("/notifications")
    page.get_by_role("button", name=f"Open it: You have a place now: {TITLE}").first.click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    assert "1" in bell(page)
    page.goto("/notifications")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("All are marked as read.")).to_be_visible()
    assert bell(page).strip() == "Notifications"
    page.goto("/profile/still-right")
    look_over(page)
