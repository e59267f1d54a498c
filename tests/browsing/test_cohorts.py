"""A cohort in a browser: opened with the keyboard alone, applied to without scripts, accessible on every page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE, OpenPage, look_over, shows_the_open_tab, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def press(page: Page, role: str, name: str | re.Pattern[str]) -> None:
    """Reach a control with the keyboard, and press Enter."""
    page.get_by_role(role, name=name, exact=isinstance(name, str)).first.focus()  # type: ignore[arg-type]  # a role's name
    page.keyboard.press("Enter")


def opened_cohort(page: Page, title: str) -> str:
    """Open a cohort with a grid of times, by keyboard; returns its address."""
    page.goto("/cohorts/new")
    page.get_by_label("Title").focus()
    page.keyboard.type(title)
    press(page, "button", "Save as a draft")
    page.wait_for_url(lambda url: not url.endswith("/new"))
    address = page.url
    press(page, "link", "Do this now")
    page.get_by_label("From this day on").fill("2099-09-07")
    page.get_by_label("For how many weeks").fill("1")
    press(page, "button", "Add these times")
    expect(page.get_by_role("table")).to_be_visible()
    page.goto(address)
    press(page, "button", "Open for applications")
    expect(page.get_by_text("The cohort is open")).to_be_visible()
    return address


def test_a_cohort_is_opened_and_its_rules_ordered_with_the_keyboard(open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, "facilitator")
    address = opened_cohort(page, "By keyboard")
    page.goto(f"{address}/rules")
    rules = page.locator(".rule-words")
    first, second = rules.nth(0).inner_text(), rules.nth(1).inner_text()
    page.locator("#rule-0").get_by_role("button", name="Move down").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("#rule-1$"))
    expect(rules.nth(0)).to_have_text(second)
    expect(rules.nth(1)).to_have_text(first)


def test_a_member_applies_without_scripts(open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, "facilitator")
    address = opened_cohort(page, "Without scripts")
    page = open_page(scripts=False)
    sign_in(page, "member")
    page.goto(f"{address}/apply")
    page.get_by_label("Your live issue").fill("How do we begin?")
    page.get_by_label("Search by name").fill("a")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_label("Your live issue")).to_have_value("How do we begin?")
    page.locator("#apart-options input").first.check()
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one time that you can make.")
    expect(page.locator("#apart-options input").first).to_be_checked()
    page.get_by_label("Monday 7 September 2099, morning").check()
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_text("You have applied. We have written to you.")).to_be_visible()


def test_a_whole_row_of_times_is_ticked_at_once(open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, "facilitator")
    address = opened_cohort(page, "Whole rows")
    page.goto(f"{address}/apply")
    press(page, "button", re.compile("^All of Mon 7 Sept? 2099$"))
    expect(page.locator("input[data-row='0']:checked")).to_have_count(2)
    press(page, "button", "Every day, Morning")
    expect(page.locator("input[data-column='0']:checked")).to_have_count(5)
    press(page, "button", re.compile("^All of Mon 7 Sept? 2099$"))
    expect(page.locator("input[data-row='0']:checked")).to_have_count(0)


def test_every_page_of_a_cohort_is_accessible(open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, "facilitator")
    address = opened_cohort(page, "Accessible")
    parts = ("", "/edit", "/people", "/pairs", "/rules", "/times", "/facilitators?q=a", "/cancel", "/import")
    member = ("/add?q=a", "/about", "/apply", "/apply?apart-typed=a")
    for part in (*parts, *member):
        page.goto(f"{address}{part}")
        look_over(page)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    for part in ("", "/facilitators", "/plans"):
        page.goto(f"{address}{part}")
        shows_the_open_tab(page)


def test_each_row_of_the_list_opens_its_own_cohort(open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, "facilitator")
    page.goto("/cohorts")
    rows = page.locator("main .rows .row-name a")
    assert rows.count() >= 2
    for number in (0, rows.count() - 1):
        address = rows.nth(number).get_attribute("href")
        rows.nth(number).click()
        page.wait_for_url(f"**{address}")
        page.goto("/cohorts")
