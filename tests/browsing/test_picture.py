"""The picture of 2,000 members in a real browser: it draws, moves through time, and says what it draws."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.accessible import axe, contrast
from tests.browser import PHONE, OpenPage, long_names_fit, nothing_touches, sign_in
from tests.live import LiveServer, run, serving
from tests.made_once import copy_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

JOINED = 2500
"""So many ever joined: 2,000 and more are there on the last day and show what a dot tells."""

PATH = "/network/picture"
NO_WEBGL = """
  const real = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    return kind.startsWith("webgl") ? null : real.call(this, kind, ...rest);
  };
"""


@pytest.fixture(scope="module")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A running server with a demonstration of its own, and everybody in their place."""
    instance = tmp_path_factory.mktemp("picture") / "own"
    with serving(copy_of("picture", _place_everybody, instance, tmp_path_factory)) as server:
        yield server


def _place_everybody(instance: Path) -> None:
    run(instance, "db", "upgrade")
    run(instance, "demo", f"--members={JOINED}", "--months=36", "--seed=7")
    run(instance, "network", "layout")


def at_picture(page: Page) -> Page:
    """The picture before a member of staff, once it is drawn."""
    sign_in(page, "staff")
    page.goto(PATH)
    expect(page.locator("#picture-stage")).to_have_attribute("data-dots", re.compile(r"\d+"), timeout=30_000)
    return page


def drawn(page: Page) -> tuple[int, int]:
    """How many dots and lines the picture has."""
    told = page.locator("#picture-stage").evaluate("stage => [stage.dataset.dots, stage.dataset.lines]")
    return int(told[0]), int(told[1])


def counted(page: Page) -> tuple[int, int]:
    """How many members and connections the table below has."""
    cells = page.locator('[data-table="facts"] tbody td').all_inner_texts()
    return _number(cells[0]), _number(cells[1])


def month(page: Page, back: int) -> tuple[int, int]:
    """The same of a row in the table of months, counted from the day itself."""
    cells = page.locator("table", has_text="The network at the ends of months").locator("tbody tr").nth(back)
    texts = cells.locator("td").all_inner_texts()
    return _number(texts[0]), _number(texts[1])


def _drawn_anew(stage: Locator, before: bytes) -> bytes:
    """The picture as it is once it is another than before: a slow machine takes its time to draw."""
    until = time.monotonic() + 10
    while (now := stage.screenshot()) == before:
        assert time.monotonic() < until, "the picture stays as it was"
    return now


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def test_two_thousand_members_are_drawn_and_the_page_is_accessible(open_page: OpenPage) -> None:
    page = at_picture(open_page())
    assert drawn(page)[0] >= 2000
    assert drawn(page) == counted(page) == month(page, 0)
    expect(page.locator("#picture")).to_be_visible()
    expect(page.locator("#picture-without")).to_be_hidden()
    axe(page)
    nothing_touches(page)
    page.emulate_media(color_scheme="dark")
    contrast(page)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    nothing_touches(page)
    long_names_fit(page)


def test_the_slider_changes_what_is_drawn_and_what_is_said_without_asking_the_server(open_page: OpenPage) -> None:
    page = at_picture(open_page())
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    slider = page.get_by_label("Day", exact=True)
    slider.focus()
    before, seen = drawn(page), slider.get_attribute("aria-valuetext")
    for back in (1, 2, 3):
        page.keyboard.press("ArrowLeft")
        assert drawn(page) == counted(page) == month(page, back)
        assert drawn(page) < before
    assert slider.get_attribute("aria-valuetext") == page.locator("#picture-day").inner_text() != seen
    page.keyboard.press("Home")
    assert drawn(page) == counted(page) == month(page, 36)
    page.get_by_role("button", name="Later").click()
    assert drawn(page) == counted(page) == month(page, 35)
    page.get_by_role("button", name="Earlier").click()
    page.get_by_role("button", name="Earlier").click(force=True)  # there is none before: it stays
    assert drawn(page) == month(page, 36)
    said = page.locator("[data-sentences] li").first.inner_text()
    assert page.locator("#picture-day").inner_text() in said
    assert f" {drawn(page)[0]} member" in said
    expect(page.locator("#picture-says")).to_contain_text(said)
    assert page.locator(".page-header .lead").inner_text() == said
    # A new address makes the browser look for the page's icon again, and for nothing else.
    assert [one for one in asked if "/static/mark.svg" not in one] == []
    axe(page)


def test_the_keyboard_goes_from_dot_to_dot_and_says_whose_connections_there_are(open_page: OpenPage) -> None:
    page = at_picture(open_page())
    chosen = page.locator("#picture-chosen")
    page.locator("#picture-stage").focus()
    before = page.locator("#picture-stage").screenshot()
    page.keyboard.press("ArrowRight")
    expect(chosen).to_contain_text("Connections you may see:")
    first = chosen.inner_text()
    _drawn_anew(page.locator("#picture-stage"), before)
    told = re.search(r"Connections you may see: (\d+)", first)
    listed = page.locator("#picture-known button").count()
    assert told and int(told[1]) == listed
    axe(page)
    page.locator("#picture-known button").first.click()
    assert chosen.inner_text() != first
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    expect(chosen).to_contain_text("Choose a dot")
    name = page.locator("#picture-names option").first.get_attribute("value")
    assert name
    page.get_by_label("Find a member").fill(name)
    page.keyboard.press("Enter")
    expect(chosen).to_contain_text(name)
    page.get_by_label("Find a member").fill("Nobody Of-That-Name")
    page.keyboard.press("Enter")
    expect(chosen).to_have_text("Nobody of this name is there on this day, or may be named.")
    assert page.locator("#picture-known button").count() == 0


def test_the_chosen_day_stays_and_goes_along(open_page: OpenPage) -> None:
    page = at_picture(open_page())
    page.locator("#picture-stop").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile(r"as_of=\d{4}-\d\d-\d\d"))
    day, before = page.locator("#picture-day").inner_text(), drawn(page)
    asked = page.url.partition("?")[2]
    assert asked in (page.get_by_role("link", name="Overview").get_attribute("href") or "")
    page.reload()
    expect(page.locator("#picture-stage")).to_have_attribute("data-dots", re.compile(r"\d+"), timeout=30_000)
    assert page.locator("#picture-day").inner_text() == day and drawn(page) == before
    page.goto(PATH)
    page.locator("#picture-stop").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)
    assert "as_of" not in page.url


def test_the_picture_is_zoomed_moved_and_clicked(open_page: OpenPage) -> None:
    page = at_picture(open_page())
    stage = page.locator("#picture-stage")
    whole = stage.screenshot()
    page.get_by_role("button", name="Zoom in").click()
    near = _drawn_anew(stage, whole)
    box = stage.bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 120, middle[1] + 60, steps=4)
    page.mouse.up()
    aside = _drawn_anew(stage, near)
    page.get_by_role("button", name="Show all").click()
    _drawn_anew(stage, aside)
    box = stage.bounding_box()  # where the page stands now: buttons and pictures may have scrolled it
    assert box
    at = (box["x"] + box["width"] / 2 - 120, box["y"] + box["height"] / 2)
    # Two clicks in quick succession would zoom: the pointer looks for a dot first, and clicks once.
    for step in range(120):  # the middle is full of dots: one of them is under the pointer
        page.mouse.move(at[0] + 2 * step, at[1])
        if "picture-over" in (stage.get_attribute("class") or ""):
            break
    page.mouse.down()
    page.mouse.up()
    expect(page.locator("#picture-chosen")).to_contain_text("Connections you may see:")


def test_a_sector_is_seen_alone(open_page: OpenPage) -> None:
    page = at_picture(open_page())
    key = page.locator('.picture-key[data-group="nhs"]')
    before = page.locator("#picture-stage").screenshot()
    key.click()
    expect(key).to_have_attribute("aria-pressed", "true")
    _drawn_anew(page.locator("#picture-stage"), before)
    key.click()
    expect(key).to_have_attribute("aria-pressed", "false")


def test_it_plays_where_movement_is_welcome_alone(open_page: OpenPage) -> None:
    page = at_picture(open_page())
    play = page.locator("#picture-play")
    expect(play).to_be_hidden()
    page.emulate_media(reduced_motion="no-preference")
    expect(play).to_be_visible()
    play.click()
    expect(play).to_have_text("Pause")
    expect(page.locator("#picture-stop")).to_have_value("2", timeout=15_000)
    play.click()
    expect(play).to_have_text("Play")
    at = page.locator("#picture-stop").input_value()
    page.wait_for_timeout(1200)
    assert page.locator("#picture-stop").input_value() == at
    play.click()
    page.emulate_media(reduced_motion="reduce")
    expect(play).to_be_hidden()


def test_the_wheel_scrolls_the_page_until_the_picture_is_chosen(open_page: OpenPage) -> None:
    page = at_picture(open_page())
    page.locator("#picture-stage").evaluate("stage => stage.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = page.locator("#picture-stage").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    before = page.evaluate("window.scrollY")
    page.mouse.wheel(0, 40)
    page.wait_for_function("y => window.scrollY === y", arg=before + 40)
    page.locator("#picture-stage").evaluate("stage => stage.focus({ preventScroll: true })")
    top = page.evaluate("window.scrollY")
    page.mouse.wheel(0, 40)
    page.wait_for_timeout(500)
    assert page.evaluate("window.scrollY") == top


def test_without_webgl_the_page_says_so_and_keeps_its_tables(open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script(NO_WEBGL)
    sign_in(page, "staff")
    page.goto(PATH)
    expect(page.locator("#picture-failed")).to_be_visible()
    expect(page.locator("#picture")).to_be_hidden()
    assert counted(page) == month(page, 0)


def test_without_scripts_the_page_has_its_tables_and_a_day_for_every_month(open_page: OpenPage) -> None:
    page = open_page(scripts=False)
    sign_in(page, "staff")
    page.goto(PATH)
    expect(page.locator("#picture-without")).to_be_visible()
    expect(page.locator("#picture")).to_be_hidden()
    earlier = month(page, 12)
    page.locator("table", has_text="The network at the ends of months").locator("tbody a").nth(12).click()
    page.wait_for_url("**as_of=*")
    expect(page.locator('[data-table="facts"]')).to_be_visible()
    assert counted(page) == month(page, 0) == earlier


def test_the_map_is_accessible(open_page: OpenPage) -> None:
    page = open_page()
    sign_in(page, "staff")
    page.goto("/network/picture/regions")
    axe(page)
    page.emulate_media(color_scheme="dark")
    contrast(page)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    long_names_fit(page)
