"""The newsletter in a browser: written, looked at, tried out, sent by the worker, read as a letter, and stopped."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from haln.people.demonstration.people import DOMAIN
from tests.accessible import contrast
from tests.browser import DESKTOP, PHONE, OpenPage, follow, look_over, sign_in, too_wide
from tests.live import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SUBJECT = "Bread, rooms and a walk"


def write(page: Page) -> None:
    """Write an issue with the keyboard and its buttons."""
    page.goto("/news")
    follow(page, page.get_by_role("link", name="Write and send"))
    look_over(page)
    page.reload()
    page.get_by_role("link", name="Write an issue").click()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a subject")
    look_over(page, dark=False)
    page.reload()
    page.get_by_label("Subject").fill(SUBJECT)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("No block yet")).to_be_visible()
    look_over(page)
    page.reload()
    page.get_by_role("link", name="Add words").click()
    page.get_by_label("Heading").fill("Six bakers")
    page.get_by_label("Words").fill("They **now** bake for the wards.")
    page.get_by_role("button", name="Save").click()
    follow(page, page.get_by_role("link", name="Add an event"))
    look_over(page)
    page.get_by_label("Event", exact=True).select_option(index=1)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Add a button").click()
    page.get_by_label("On the button").fill("Find somebody to ask")
    page.get_by_label("Where it leads").fill("javascript:alert(1)")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a whole address")
    page.get_by_label("Where it leads").fill("/suggestions")
    page.get_by_role("button", name="Save").click()


def arrange(page: Page) -> None:
    """Put blocks in another order, take one out and put it back, by keyboard alone."""
    later = page.get_by_role("button", name="Later: Six bakers")
    later.focus()
    page.keyboard.press("Enter")
    expect(page.locator("ol li").nth(1)).to_contain_text("Six bakers")
    page.get_by_role("button", name="Take out: Six bakers").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Taken out")).to_be_visible()
    look_over(page)
    page.reload()
    page.get_by_role("button", name="Put back: Six bakers").focus()
    page.keyboard.press("Enter")
    expect(page.locator("ol li").nth(1)).to_contain_text("Six bakers")


def letter(server: LiveServer, to: str, subject: str) -> Path:
    """The letter's text, once the worker has put it into the mail folder."""
    for _ in range(120):
        for path in (server.instance / "mail").glob("*.txt"):
            text = path.read_text(encoding="utf-8")
            if f"To: {to}@{DOMAIN}" in text and f"Subject: {subject}\n" in text:
                return path
        time.sleep(0.5)
    raise AssertionError(f"no letter “{subject}” to {to}")


def can_be_read(open_page: OpenPage, text: Path) -> None:
    """Fail unless the letter can be read as a mail program shows it: alone, with its own styles."""
    for scheme in ("light", "dark"):
        for size in (PHONE, DESKTOP):
            page = open_page(scheme=scheme, size=size)
            page.set_content(text.with_suffix(".html").read_text(encoding="utf-8"))
            contrast(page)
            assert too_wide(page) <= 0


def test_from_the_first_word_to_the_link_that_stops_it(open_page: OpenPage, live_server: LiveServer) -> None:
    page = open_page()
    sign_in(page, "staff")
    write(page)
    arrange(page)
    follow(page, page.get_by_role("link", name="Change subject and readers"))
    look_over(page)
    page.reload()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Preview").first.click()
    expect(page.get_by_text("They now bake for the wards.")).to_be_visible()
    look_over(page)
    page.reload()
    page.get_by_role("link", name="As text").click()
    expect(page.get_by_text("To get no more newsletters: […]")).to_be_visible()
    look_over(page, dark=False)
    page.get_by_role("link", name=SUBJECT).click()
    page.get_by_role("button", name="Send a test to me").click()
    expect(page.get_by_text("to nobody else")).to_be_visible()
    can_be_read(open_page, letter(live_server, "staff", f"Test: {SUBJECT}"))
    follow(page, page.get_by_role("link", name="Send it …"))
    look_over(page)
    page.reload()
    page.get_by_label("Day").fill("2020-01-01")
    page.get_by_label("Hour").fill("09:00")
    page.get_by_role("button", name="Let it leave then").click()
    expect(page.get_by_role("alert")).to_contain_text("This hour is over")
    page.get_by_role("button", name="Send it now").click()
    text = letter(live_server, "member", SUBJECT).read_text(encoding="utf-8")
    page.reload()
    expect(page.get_by_role("heading", name="How its letters fare")).to_be_visible()
    look_over(page)
    path = re.search(r"/unsubscribe/[\w.-]+", text)
    assert path is not None
    reader = open_page(size=PHONE)
    reader.goto(path.group())
    look_over(reader)
    reader.get_by_role("button", name="Stop this mail").click()
    expect(reader.get_by_role("heading", name="You get no more newsletters")).to_be_visible()
    sign_in(reader, "member")
    reader.goto("/news")
    expect(reader.get_by_text("You do not get it by mail")).to_be_visible()
    look_over(reader)
    reader.reload()
    reader.get_by_role("link", name=SUBJECT).click()
    expect(reader.get_by_text("They now bake for the wards.")).to_be_visible()
    look_over(reader)


def test_staff_see_how_mail_fares_and_let_it_go_again(open_page: OpenPage) -> None:
    page = open_page(size=PHONE)
    sign_in(page, "staff")
    page.goto("/staff/outbox")
    follow(page, page.get_by_role("link", name="How mail fares"))
    look_over(page)
    page.reload()
    follow(page, page.get_by_role("link", name="The week before"))
    look_over(page, dark=False)
