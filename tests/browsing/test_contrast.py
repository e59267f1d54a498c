"""What is judged once for each dress is found as if axe judged all of it each time: see accessible.py."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from playwright.sync_api import Browser, Page

from tests.accessible import CONTRAST, badly_dressed

pytestmark = pytest.mark.browser

PAGES, PARTS = 9, 24
COLOURS = ("#000", "#fff", "#555", "#767676", "#7a7a7a", "#0a58ca", "#ffc107", "rgba(255, 0, 0, .4)")
SIZES = ("14px", "17px", "24px", "700 18.7px")
WHOLE = "async rules => (await axe.run({runOnly: {type: 'rule', values: rules}})).violations"


@pytest.fixture
def blank(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


def test_the_same_is_found_as_in_the_whole_of_each_page(blank: Page) -> None:
    passed: set[int] = set()
    wrong = 0
    for seed in range(PAGES):
        blank.set_content(written(Random(seed)))
        found = told(badly_dressed(blank, passed))
        assert found == told(blank.evaluate(WHOLE, list(CONTRAST))), f"page {seed}"
        wrong += len(found)
    assert wrong > PAGES
    assert passed


@pytest.mark.parametrize(
    "other",
    [
        "<p style='color: #999'>Words</p>",
        "<p style='color: #767676; font-size: 12px; opacity: .8'>Words</p>",
        "<div style='background: #ddd'><p style='color: #767676'>Words</p></div>",
        "<div style='opacity: .7'><p style='color: #767676'>Words</p></div>",
        "<div style='position: relative'><p style='color: #767676'>Words</p>"
        "<div style='position: absolute; inset: 0; background: #ddd; z-index: -1'></div></div>",
        "<p style='color: #767676'>Many words go before"
        " <a href='/' style='color: #606060; text-decoration: none'>it</a></p>",
    ],
)
def test_what_differs_from_what_was_well_is_judged(other: str, blank: Page) -> None:
    passed: set[int] = set()
    blank.set_content(WELL)
    assert not badly_dressed(blank, passed)
    blank.set_content(HEAD + other)
    assert badly_dressed(blank, passed)


HEAD = "<!doctype html><html lang=en><title>Dresses</title><body style='background: #fff; color: #000'>"

WELL = f"""{HEAD}<p style='color: #767676'>Words</p>
<p>It <a href='/' style='color: #606060; text-decoration: none'>is nearly alone</a></p>"""


def told(violations: list[dict[str, object]]) -> set[tuple[object, str]]:
    nodes = [(one["id"], one["nodes"]) for one in violations]
    return {(rule, node["html"]) for rule, found in nodes if isinstance(found, list) for node in found}


def written(random: Random) -> str:
    return HEAD + "".join(_part(random, f"{number}") for number in range(PARTS))


def _part(random: Random, number: str) -> str:
    style = f"color: {random.choice(COLOURS)}; font: {random.choice(SIZES)} sans-serif"
    inner = random.choice(
        (
            f"<p style='{style}'>Words {number}</p>",
            f"<p style='{style}'>Words <a href='#' style='color: {random.choice(COLOURS)};"
            f" text-decoration: {random.choice(('none', 'underline'))}'>of a link {number}</a></p>",
            f"<button style='{style}; background: {random.choice(COLOURS)}' {random.choice(('', 'disabled'))}>"
            f"Press {number}</button>",
            f"<label>{number} <input style='{style}' value='Typed {number}'></label>",
            f"<span style='{style}; position: absolute; clip: rect(0, 0, 0, 0)'>Hidden {number}</span>",
            f"<div style='position: relative'><p style='{style}'>Over {number}</p><div style='position: absolute;"
            f" inset: 0; z-index: {random.choice((-1, 1))}; background: {random.choice(COLOURS)}'></div></div>",
            f"<p style='{style}; margin: 0'>7</p>",
            f"<div style='{style}'><a href='#' style='color: {random.choice(COLOURS)}; text-decoration: none'>"
            f"Link {number}</a><em>and</em> words <strong>in a line</strong><p>Apart</p></div>",
            f"<p style='{style}; width: 3em; white-space: nowrap'>Words that reach far out of it {number}</p>",
        )
    )
    around = f"background: {random.choice((*COLOURS, 'transparent'))}; opacity: {random.choice(('1', '1', '.7'))}"
    return f"<div style='{around}; padding: 4px'>{inner}</div>"
