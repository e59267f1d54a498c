"""A new member's way from "Join" to an accepted connection, in a browser, with the mail they get on the way."""

from __future__ import annotations

import re
import time
from email.message import Message
from email.parser import Parser
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import DESKTOP, PHONE, OpenPage, too_wide
from tests.live import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "blue harbour kettle"
NOTE = "We buy from three local growers and would like to hear how you began."
MAIL_SECONDS = 30
STEPS = ["About you", "Your themes", "Who may see what"]


@pytest.mark.parametrize(("name", "scripts"), [("Ada Okafor", True), ("Una Penry", False)], ids=["scripts", "plain"])
def test_a_new_member_is_connected_with_somebody_suggested(
    name: str, scripts: bool, open_page: OpenPage, live_server: LiveServer
) -> None:
    address = f"{name.split()[0].lower()}@story.example.org"
    ada = open_page(scripts=scripts)
    join(ada, live_server, name, address)
    say_about(ada, "Procurement lead", "Bristol Cty Counsil", "Bristol City Council", scripts)
    choose_themes(ada)
    expect(ada.get_by_role("heading", level=1)).to_have_text("Who may see what")
    ada.get_by_role("button", name="Save and see who to meet").click()

    card = first_suggestion(ada)
    other_name = card.get_by_role("heading", level=2).inner_text()
    other_page = str(card.get_by_role("link", name=other_name).get_attribute("href"))
    has_no_way_to(ada, other_page)

    card = first_suggestion(ada)
    card.get_by_text("Ask to connect", exact=True).click()
    card.get_by_label("Add a note").fill(NOTE)
    card.get_by_role("button", name="Send request").click()
    expect(ada.get_by_text(f"Your request is on its way to {other_name}.")).to_be_visible()

    asked = letter(live_server, f"{name} would like")
    other = open_page(scripts=scripts)
    sign_in_anew(other, live_server, str(asked["To"]))
    other.goto(urlsplit(link(asked)).path)
    waiting = other.get_by_role("listitem").filter(has_text=name)
    expect(waiting).to_contain_text(NOTE)
    expect(waiting).to_contain_text("Bristol City Council")
    waiting.get_by_role("button", name=f"Yes, connect me with {name}").click()
    expect(other.get_by_text(f"You and {name} are connected now.")).to_be_visible()
    expect(connected_names(other)).to_contain_text([name])

    ada.goto(urlsplit(link(letter(live_server, f"connected with {other_name}", to=address))).path)
    expect(connected_names(ada)).to_have_text([other_name])
    ada.goto(f"{other_page}/path")
    expect(ada.get_by_role("main")).to_contain_text("You are connected.")
    expect(ada.get_by_role("main").get_by_role("listitem")).to_contain_text([name, other_name])


def test_somebody_joins_on_a_phone(open_page: OpenPage, live_server: LiveServer) -> None:
    page = open_page(size=PHONE)
    join(page, live_server, "Bo Evans", "bo@story.example.org")
    for step in STEPS:
        expect(page.get_by_role("heading", level=1)).to_have_text(step)
        _nothing_sticks_out(page)
        page.get_by_role("button", name="Skip this step").click()
    first_suggestion(page)
    _nothing_sticks_out(page)
    expect(page.get_by_role("link", name="Add your organisation")).to_be_visible()


def test_a_link_to_join_works_once(open_page: OpenPage, live_server: LiveServer) -> None:
    page = open_page(size=DESKTOP)
    address = join(page, live_server, "Cai Rees", "cai@story.example.org")
    again = open_page()
    again.goto(address)
    expect(again.get_by_role("heading", level=1)).to_contain_text("no longer")


def join(page: Page, server: LiveServer, name: str, address: str) -> str:
    """From the front page to the first step of a new account, through the mail; returns the path of its link."""
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name=re.compile("^Join")).first.click()
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
    path = urlsplit(link(letter(server, "Join", to=address))).path
    page.goto(path)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("About you")
    return path


def say_about(page: Page, job_title: str, typed: str, organisation: str, scripts: bool) -> None:
    """The first step; the organisation is found by a name spelt wrong."""
    page.get_by_label("Job title").fill(job_title)
    page.get_by_label("What you mainly work on").select_option(label="Procurement")
    page.get_by_role("searchbox", name="Type to search").fill(typed)
    if not scripts:
        page.get_by_role("button", name="Find").click()
    page.get_by_role("radio", name=re.compile(f"^{organisation}")).check()
    page.get_by_role("button", name="Save and go on").click()


def choose_themes(page: Page) -> None:
    """The second step: one theme to help with, another to get help with."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Your themes")
    rows = page.get_by_role("main").get_by_role("group")
    rows.nth(0).get_by_role("checkbox", name="Can help", exact=True).check(force=True)
    rows.nth(1).get_by_role("checkbox", name="Would like help").check(force=True)
    page.get_by_role("button", name="Save and go on").click()


def first_suggestion(page: Page) -> Locator:
    """The first card of the suggestions, which gives reasons."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Suggestions")
    card = page.get_by_role("main").get_by_role("article").first
    reasons = card.get_by_role("listitem")
    assert 1 <= reasons.count() <= 3
    assert all(len(words) > 10 for words in reasons.all_inner_texts())
    return card


def sign_in_anew(page: Page, server: LiveServer, address: str) -> None:
    """Sign in as one of the invented people, who have no password yet, through "forgotten"."""
    page.goto("/forgotten")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("main").get_by_role("button").click()
    choosing = urlsplit(link(letter(server, "Choose a new password", to=address))).path
    page.goto(choosing)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").click()
    page.wait_for_url(lambda url: urlsplit(url).path != choosing)
    if "/sign-in" in page.url:
        page.get_by_label("E-mail address").fill(address)
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)


def connected_names(page: Page) -> Locator:
    """The names on the member's page of connections."""
    page.goto("/connections")
    return page.get_by_role("main").get_by_role("heading", level=2)


def has_no_way_to(page: Page, other_page: str) -> None:
    """Somebody without connections is linked with nobody yet; comes back to the suggestions."""
    page.goto(other_page)
    page.get_by_role("link", name="How am I connected?").click()
    expect(page.get_by_role("heading", name="No way that can be shown")).to_be_visible()
    page.goto("/suggestions")


def letter(server: LiveServer, subject: str, to: str = "") -> Message:
    """A message with these words in its subject, as soon as the worker has sent it; it is taken out of the folder."""
    end = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < end:
        for path in sorted((server.instance / "mail").glob("*.txt"), reverse=True):
            message = Parser().parsestr(path.read_text(encoding="utf-8"))
            if subject in str(message["Subject"]) and to in str(message["To"]):
                path.unlink()
                return message
        time.sleep(0.2)
    raise AssertionError(f"no message “{subject}” came to {to or 'anybody'}")


def link(message: Message) -> str:
    """The first address in a message."""
    found = re.search(r"https?://\S+", str(message.get_payload()))
    assert found, message
    return found[0]


def _nothing_sticks_out(page: Page) -> None:
    width = too_wide(page)
    assert width <= 0, f"{page.url} is {width} pixels too wide"
