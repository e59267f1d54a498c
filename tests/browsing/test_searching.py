"""Searching the directory in a browser, where scripts send the form for one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import OpenPage, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_one_step_back_from_a_search_is_the_page_before_it(open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, "member")
    page.goto("/people")
    everybody = page.locator("#count").inner_text()
    page.get_by_role("searchbox").fill("nobodyiscalledthis")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_contain_text("0 people")
    page.wait_for_load_state("networkidle")
    page.go_back()
    expect(page.locator("#count")).to_have_text(everybody)
    expect(page.get_by_role("searchbox")).to_have_value("")
