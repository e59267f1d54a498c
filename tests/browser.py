"""A real browser before a real server: Debian's Chromium, driven by Playwright, on a small demonstration network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, sync_playwright

from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.signins import PASSWORD
from tests import machine
from tests.accessible import axe, contrast
from tests.live import LiveServer, serving
from tests.made_once import copy_of

MEMBERS = 120
PHONE, DESKTOP = (390, 844), (1280, 900)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

GAP = 4
"""Pixels between two buttons, at least."""

_TOUCHING = """gap => {
  const seen = {visibilityProperty: true, contentVisibilityAuto: true};
  const all = [...document.querySelectorAll("main .btn")].filter(one => one.checkVisibility(seen));
  const boxes = all.map(one => one.getBoundingClientRect());
  const found = [];
  all.forEach((one, i) => all.slice(i + 1).forEach((other, k) => {
    const a = boxes[i], b = boxes[i + 1 + k];
    const across = Math.max(a.left, b.left) - Math.min(a.right, b.right);
    const down = Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom);
    if (Math.max(across, down) < gap - 0.5) found.push(`${one.innerText.trim()} / ${other.innerText.trim()}`);
  }));
  return found;
}"""

NAMES = "main :is(.row-name a, .seat-name a, .plan-rule-places a, .plain-rows > li > span, .choice > label, tbody th a)"
LONG_NAME = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogochjonesevan"

Scheme = Literal["light", "dark"]
Who = Literal["member", "newcomer", "facilitator", "staff"]
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium; the test is skipped where there is none."""
    path = machine.chromium()
    if path is None:
        pytest.skip("Chromium is not installed on this machine (package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A running server and its worker, with a demonstration network of 120 members."""
    instance = tmp_path_factory.mktemp("instance") / "own"
    with serving(copy_of("demonstration", _demonstrate, instance, tmp_path_factory), members=MEMBERS) as server:
        yield server


def _demonstrate(instance: Path) -> None:
    with serving(instance, members=MEMBERS):
        pass


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """Open a page of a new, signed-out browser: `open_page(scheme="dark", size=PHONE)`.

    A script error, a refusal by the content security policy or an answer 5xx fails the test.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(scheme: Scheme = "light", size: tuple[int, int] = DESKTOP, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            color_scheme=scheme,
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",
            java_script_enabled=scripts,
            locale="en-GB",
            timezone_id="Europe/London",
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
        page.on("console", lambda message: _note(message, faults))
        page.on("response", lambda answer: answer.status >= 500 and faults.append(f"{answer.status}: {answer.url}"))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


def _note(message: ConsoleMessage, faults: list[str]) -> None:
    # "Failed to load resource" repeats an answer 4xx that a test may well have asked for.
    if message.type == "error" and not message.text.startswith("Failed to load resource"):
        faults.append(f"console: {message.text}")


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A light page at desktop size, signed out."""
    return open_page()


_signed_in: dict[Who, tuple[list[Any], str]] = {}


def sign_in(page: Page, who: Who) -> None:
    """Sign in as one of the demonstration's people: by the form, or with the cookies that it gave before.

    Where they serve no longer, because somebody signed out or the server is another, the form is used again.
    """
    if who in _signed_in:
        cookies, start = _signed_in[who]
        page.context.add_cookies(cookies)
        page.goto(start)
        if "/sign-in" not in page.url:
            return
    page.goto("/sign-in")
    page.locator("input[name=email]").fill(f"{who}@{DOMAIN}")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    _signed_in[who] = page.context.cookies(), urlsplit(page.url).path


def follow(page: Page, link: Locator) -> None:
    """Click what leads to another page, and be there: after a click alone the page before may still be looked at."""
    with page.expect_navigation():
        link.click()


def go_dark(page: Page) -> None:
    """Show the page in dark as it would have come (theme.js): what it says is the same, only CSS tells schemes apart.

    To load it anew for that took as long as to judge it. What a script draws follows by itself.
    """
    page.emulate_media(color_scheme="dark")
    page.evaluate("() => document.documentElement.setAttribute('data-bs-theme', 'dark')")


def go_light(page: Page) -> None:
    """Show the page in light again."""
    page.emulate_media(color_scheme="light")
    page.evaluate("() => document.documentElement.setAttribute('data-bs-theme', 'light')")


def nothing_touches(page: Page) -> None:
    """Fail, naming both, where two buttons of the page stand closer together than a finger can tell."""
    found = page.evaluate(_TOUCHING, GAP)
    assert not found, f"{page.url} at {page.viewport_size}: buttons touch: {found}"


def shows_the_open_tab(page: Page) -> None:
    """Fail where the tab of the page that is open is scrolled out of sight."""
    hidden = page.evaluate("""() => [...document.querySelectorAll(".tabs [aria-current]")].filter(tab => {
      const row = tab.closest(".tabs").getBoundingClientRect(), box = tab.getBoundingClientRect();
      return box.left < row.left - 1 || box.right > row.right + 1;
    }).map(tab => tab.innerText)""")
    assert not hidden, f"{page.url}: the open tab is out of sight: {hidden}"


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than its window: 0 or less where nothing sticks out.

    Between two pages there is no document to measure: wait for something of the page that is meant before.
    """
    root = page.locator(":root")
    return int(root.evaluate("root => root.scrollWidth - root.clientWidth"))


def long_names_fit(page: Page) -> None:
    """Fail where somebody of one long name makes the page wider than its window; the names stay written over."""
    page.evaluate(
        "([where, name]) => document.querySelectorAll(where).forEach(one => { one.textContent = name; })",
        [NAMES, LONG_NAME],
    )
    wide = too_wide(page)
    assert wide <= 0, f"{page.url} is {wide} pixels too wide with a long name"


def look_over(page: Page, *, dark: bool = True) -> None:
    """Fail unless the page is accessible in light and, if `dark`, in dark, and on a phone nothing sticks out.

    Buttons stand apart in both. The page is written over with long names at the end.
    """
    axe(page)
    nothing_touches(page)
    if dark:
        go_dark(page)
        contrast(page)
        go_light(page)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    sticking_out = too_wide(page)
    assert sticking_out <= 0, f"{page.url} is {sticking_out} pixels too wide for a phone"
    nothing_touches(page)
    long_names_fit(page)
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
