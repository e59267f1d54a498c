"""Every page that can be reached by links, in every role, is accessible in light and in dark, wide and narrow."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

from haln.app import create_app
from tests.browser import CONTRAST, PHONE, OpenPage, Who, axe, long_names_fit, nothing_touches, sign_in

PER_ENDPOINT = 2
"""Pages looked at of each kind: the first member's page may be quite unlike the second's."""

ROLES: tuple[Who | None, ...] = (None, "newcomer", "member", "facilitator", "staff")


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MapAdapter]:
    """The application's map of addresses."""
    app: Flask = create_app({"INSTANCE": str(tmp_path_factory.mktemp("routes"))}, environ={})
    with app.test_request_context():
        yield app.url_map.bind("127.0.0.1")


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("who", ROLES, ids=lambda who: who or "visitor")
def test_every_page_is_accessible_to(who: Who | None, open_page: OpenPage, routes: MapAdapter) -> None:
    page = open_page()
    if who:
        sign_in(page, who)
    seen: set[str] = set()
    for path, endpoint in _reachable(page, routes):
        seen.add(endpoint)
        axe(page)
        nothing_touches(page)
        page.emulate_media(color_scheme="dark")
        page.reload()  # the scheme is chosen before the first paint, and not again
        axe(page, CONTRAST)
        page.emulate_media(color_scheme="light")
        _fits_a_phone(page, path)
    assert len(seen) >= 5, f"only {sorted(seen)} could be reached"


def _reachable(page: Page, routes: MapAdapter) -> Iterator[tuple[str, str]]:
    """Open one page after the other, following links; yields each while it is open."""
    waiting, counted = deque(["/"]), dict[str, int]()
    known = set(waiting)
    while waiting:
        path = waiting.popleft()
        endpoint = _endpoint(routes, path)
        if endpoint is None or counted.get(endpoint, 0) >= PER_ENDPOINT:
            continue
        if not _opened(page, path):
            continue
        counted[endpoint] = counted.get(endpoint, 0) + 1
        yield path, endpoint
        for link in page.eval_on_selector_all(
            "main a[href], header a[href], footer a[href]", "all => all.map(a => a.href)"
        ):
            found = urlsplit(str(link))
            target = found.path + (f"?{found.query}" if found.query else "")
            if found.netloc == urlsplit(page.url).netloc and target not in known:
                known.add(target)
                waiting.append(target)


def _opened(page: Page, path: str) -> bool:
    """Open a page; false where the address is a file to keep."""
    try:
        answer = page.goto(path)
    except PlaywrightError as error:
        if "Download is starting" in str(error):
            return False
        raise
    assert answer is not None, f"{path} did not answer"
    assert answer.ok, f"{path} answered {answer.status}"
    return True


def _endpoint(routes: MapAdapter, path: str) -> str | None:
    """The page's kind, or none for what is no page of ours."""
    try:
        endpoint, _values = routes.match(urlsplit(path).path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    return None if endpoint == "static" else endpoint


def _fits_a_phone(page: Page, path: str) -> None:
    """Nothing sticks out at the width of a phone, and there too the page is accessible."""
    before = page.viewport_size
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    sticking_out = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert sticking_out <= 0, f"{path} is {sticking_out} pixels too wide for a phone"
    nothing_touches(page)
    long_names_fit(page)
    if before:
        page.set_viewport_size(before)
