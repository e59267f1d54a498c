"""The menu under one's name: all of it can be reached on a small screen, from its foot, too, and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.accessible import axe
from tests.browser import PHONE, OpenPage, Who, sign_in

SMALL, SMALLEST = (390, 667), (320, 568)


@pytest.mark.browser
@pytest.mark.parametrize("size", [SMALL, SMALLEST], ids=str)
@pytest.mark.parametrize("who", ["member", "staff", "newcomer"])
def test_whoever_opens_the_menu_on_a_small_screen_can_sign_out(
    who: Who, size: tuple[int, int], open_page: OpenPage
) -> None:
    page = open_page(size=size)
    sign_in(page, who)
    page.locator("details.menu > summary").click()
    panel, leave = page.locator("#menu"), page.locator("#menu form button")
    leave.scroll_into_view_if_needed()
    box, last = panel.bounding_box(), leave.bounding_box()
    assert box and last and box["y"] >= 0
    assert last["y"] + last["height"] <= box["y"] + box["height"] <= size[1]
    axe(page)
    leave.click()
    expect(page.locator("details.menu")).to_have_count(0)


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_phones_foot_opens_the_menu_with_what_has_no_room_there(scripts: bool, open_page: OpenPage) -> None:
    page = open_page(size=PHONE, scripts=scripts)
    sign_in(page, "member")
    bar = page.locator(".sections-list").first
    shown = [one.inner_text().split("\n")[0] for one in bar.locator("li").all() if one.is_visible()]
    assert len(shown) == 5 and shown[-1] == "More"
    page.mouse.wheel(0, 600)
    more = bar.get_by_role("link", name="More")
    more.click()
    topics = page.locator("#menu").get_by_role("link", name="Topics")
    expect(topics).to_be_in_viewport()
    if scripts:
        more.click()
        expect(topics).to_be_hidden()
        more.click()
    topics.click()
    page.wait_for_url("**/topics")
    expect(bar.locator("[aria-current]").locator("visible=true")).to_have_text("More")
