"""Take the pictures of the guides from the real pages: `make docs-pictures`.

A small demonstration network is made and served for the purpose, always the same one, and thrown away afterwards.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import machine
from tests.browser import FLAGS, Scheme, Who, sign_in
from tests.live import serving

FOLDER = Path(__file__).resolve().parent
MEMBERS = 300
DESKTOP, TALL, PHONE = (1080, 720), (1080, 960), (390, 780)
MOST_BYTES = 150_000

FILE = """name,email,role,organisation,place,offers
Amal Haddad,amal@example.org,Procurement,Bristol City Council,Bristol,Food
Bryn Pugh,bryn@example,Finance and investment,Cardiff Council,Cardiff,Housing
Carys Lloyd,carys@example.org,Wizard,Cardiff Council,Cardiff,Housing
Dara Quinn,dara@example.org,Estates and facilities,Belfast Citty Counsel,Belfast,Food
Eilidh Muir,eilidh@example.org,Sustainability,Argyll and Bute Council,Argyll and Bute,Measuring impact
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its file's name, who looks, at what address, and what they do there first."""

    name: str
    who: Who | None
    path: str
    prepare: Callable[[Page], None] | None = None
    size: tuple[int, int] = DESKTOP
    scheme: Scheme = "light"


def _ask(page: Page) -> None:
    card = page.locator("article.person").first
    card.get_by_text("Ask to connect", exact=True).click()
    card.get_by_label("Add a note").fill("We are setting up the same thing here. Could we have half an hour?")


def _first_card(page: Page) -> None:
    page.locator("h1").evaluate("title => scrollBy(0, title.getBoundingClientRect().top - 24)")


def _why(page: Page) -> None:
    page.get_by_role("link", name="Why am I seeing this?").first.click()


def _somebody(page: Page) -> None:
    page.locator("article.person h2 a").first.click()


def _path(page: Page) -> None:
    _somebody(page)
    page.get_by_role("link", name="How am I connected?").click()
    page.locator(".chain").wait_for()


def _organisation(page: Page) -> None:
    page.get_by_role("searchbox", name="Type to search").fill("Bristol Cty Counsil")
    page.get_by_role("radio", name="Bristol City Council").check()
    page.get_by_label("Level").evaluate("field => scrollBy(0, field.getBoundingClientRect().top - 60)")


def _filter(page: Page) -> None:
    page.get_by_role("checkbox", name="Housing", exact=False).last.check()
    page.get_by_role("link", name="Clear all filters").wait_for()
    page.evaluate("scrollTo(0, 0)")


def _second(page: Page) -> None:
    page.locator(".row-name a").first.click()
    page.locator(".row-name a").nth(2).click()
    page.get_by_label("Why should they meet?").fill("You both want the people next door to get the jobs inside.")


def _file(page: Page) -> None:
    page.get_by_label("File").set_input_files({"name": "members.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    page.get_by_role("radio", name="Yes").check()
    page.get_by_role("button", name="Show what would happen").click()
    page.locator(".stats").evaluate("counts => scrollBy(0, counts.getBoundingClientRect().top - 24)")


def _outbox(page: Page) -> None:
    page.get_by_label("E-mail addresses").fill("gwen.parry@example.org\nhamish.orr@example.org")
    page.get_by_role("button", name="Send invitations").click()
    page.goto("/staff/outbox")


PICTURES = (
    Picture("home", None, "/"),
    Picture("join-phone", None, "/join", size=PHONE),
    Picture("about-you-phone", "newcomer", "/welcome/1", _organisation, PHONE),
    Picture("themes", "newcomer", "/welcome/2"),
    Picture("who-may-see-what", "newcomer", "/welcome/3"),
    Picture("suggestions", "member", "/suggestions", _first_card),
    Picture("suggestions-dark", "member", "/suggestions", _first_card, scheme="dark"),
    Picture("suggestions-phone", "member", "/suggestions", size=PHONE),
    Picture("ask", "member", "/suggestions", _ask),
    Picture("why", "member", "/suggestions", _why, TALL),
    Picture("member", "member", "/suggestions", _somebody, TALL),
    Picture("path", "member", "/suggestions", _path),
    Picture("introductions", "member", "/introductions"),
    Picture("connections", "member", "/connections"),
    Picture("directory", "member", "/people", _filter),
    Picture("profile", "member", "/profile"),
    Picture("introduce", "facilitator", "/introductions/weave", _second),
    Picture("import", "staff", "/staff/import"),
    Picture("import-preview", "staff", "/staff/import", _file, TALL),
    Picture("organisations", "staff", "/staff/organisations"),
    Picture("invite", "staff", "/invitations"),
    Picture("outbox", "staff", "/invitations", _outbox),
)


def main() -> None:
    """Take every picture, or those whose names are given."""
    path = machine.chromium()
    if path is None:
        sys.exit("Chromium is not installed on this machine (package chromium).")
    chosen = [picture for picture in PICTURES if not sys.argv[1:] or picture.name in sys.argv[1:]]
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), members=MEMBERS) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        signed_in = {who: _signed_in(browser, server.url, who) for who in {one.who for one in chosen}}
        for picture in chosen:
            _take(browser, server.url, picture, signed_in[picture.who])
        browser.close()


def _signed_in(browser: Browser, url: str, who: Who | None) -> BrowserContext:
    context = browser.new_context(base_url=url)
    if who:
        sign_in(context.new_page(), who)
    return context


def _take(browser: Browser, url: str, picture: Picture, signed_in: BrowserContext) -> None:
    context = browser.new_context(
        base_url=url,
        storage_state=signed_in.storage_state(),
        viewport={"width": picture.size[0], "height": picture.size[1]},
        color_scheme=picture.scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/London",
    )
    page = context.new_page()
    page.goto(picture.path)
    if picture.prepare:
        picture.prepare(page)
    page.wait_for_load_state("networkidle")
    taken = page.screenshot(animations="disabled", caret="hide")
    context.close()
    if len(taken) > MOST_BYTES:
        sys.exit(f"The picture {picture.name} has {len(taken):,} bytes; at most {MOST_BYTES:,} are kept.")
    (FOLDER / f"{picture.name}.png").write_bytes(taken)
    sys.stdout.write(f"{picture.name}.png  {len(taken) // 1000} kB\n")


if __name__ == "__main__":
    main()
