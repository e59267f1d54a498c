"""Every page that can be reached by links, in every role, is accessible in light and in dark, wide and narrow."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

from haln.access import AUDIENCES, Audience
from haln.app import create_app
from tests.browser import OpenPage, Scheme, Who, go_dark, go_light, look_over, sign_in

MEMBERS_PER_ENDPOINT = 2
"""Pages looked at of each kind as a member; as anybody else one: states of cohorts and sets have tests of their own."""

ROLES: tuple[Who | None, ...] = (None, "newcomer", "member", "facilitator", "staff")


@dataclass(frozen=True)
class Map:
    """The application's addresses; `shared` are the kinds of pages that every member has."""

    routes: MapAdapter
    shared: frozenset[str]


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Map]:
    """The application's map of addresses."""
    app: Flask = create_app({"INSTANCE": str(tmp_path_factory.mktemp("routes"))}, environ={})
    members = AUDIENCES[Audience.MEMBER]
    shared = {name for name, view in app.view_functions.items() if getattr(view, "permission", None) in members}
    with app.test_request_context():
        yield Map(app.url_map.bind("127.0.0.1"), frozenset(shared))


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("who", ROLES, ids=lambda who: who or "visitor")
def test_every_page_is_accessible_to(who: Who | None, open_page: OpenPage, addresses: Map) -> None:
    """Pages that a member has, too, are looked at in light only as anybody else."""
    page = open_page()
    if who:
        sign_in(page, who)
    seen: set[str] = set()
    again = frozenset() if who in (None, "member") else addresses.shared
    most = MEMBERS_PER_ENDPOINT if who == "member" else 1
    for endpoint in _reachable(page, addresses.routes, most):
        seen.add(endpoint)
        look_over(page, dark=endpoint not in again)
    assert len(seen) >= 5, f"only {sorted(seen)} could be reached"


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "cy"])
def test_what_every_member_does_is_one_row_on_a_desktop(open_page: OpenPage, language: str) -> None:
    page = open_page()
    sign_in(page, "member")
    page.goto(f"/connections?lang={language}")
    first, *others = page.locator(".sections-list").first.locator("li:not(.sections-more)").all()
    top = first.bounding_box()
    assert top is not None and len(others) > 7
    assert all((box := one.bounding_box()) is not None and box["y"] == top["y"] for one in others)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_comes_in_the_scheme_of_the_system_before_it_is_painted(open_page: OpenPage, scheme: Scheme) -> None:
    page = open_page(scheme=scheme)
    page.goto("/sign-in", wait_until="commit")
    page.wait_for_selector("body", state="attached")
    assert page.locator("html").get_attribute("data-bs-theme") == scheme
    before = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    (go_light if scheme == "dark" else go_dark)(page)
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") != before


def _reachable(page: Page, routes: MapAdapter, most: int) -> Iterator[str]:
    """Open one page after the other, following links, so many of a kind; yields the kind of each while it is open."""
    waiting, counted = deque(["/"]), dict[str, int]()
    known = set(waiting)
    while waiting:
        path = waiting.popleft()
        endpoint = _endpoint(routes, path)
        if endpoint is None or counted.get(endpoint, 0) >= most:
            continue
        if not _opened(page, path):
            continue
        counted[endpoint] = counted.get(endpoint, 0) + 1
        yield endpoint
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
