"""Whether a page is accessible: axe in the page itself, colours judged once for each way in which text is dressed.

To judge contrast took axe longer than all its other rules, and whole pages wear what other pages wear. Text in the
same colour, size and weight on the same backgrounds has the same contrast: what axe once found well is not asked
again. What covers, or lies under, text without being around it makes a dress of no other; axe judges it each time.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Everything WCAG 2.2 AA asks for that a machine can see, and axe's own good practice.
EVERYTHING = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# What another colour scheme can change.
CONTRAST = ("color-contrast", "link-in-text-block")

_DRESSES = Path(__file__).with_name("dresses.js")
_VIOLATIONS = (
    "async options => (await axe.run(options)).violations"  # all that was well would be as much to carry again
)
_WELL_DRESSED = "([known, options]) => dresses.judge(known, options)"

_passed: set[int] = set()


def axe(page: Page) -> None:
    """Fail, naming each element and rule, unless the page as it stands is accessible."""
    _load(page)
    found = page.evaluate(
        _VIOLATIONS,
        {
            "runOnly": {"type": "tag", "values": EVERYTHING},
            "rules": {rule: {"enabled": False} for rule in CONTRAST},
            "resultTypes": ["violations"],
        },
    )
    _refuse(page, found)
    contrast(page)


def contrast(page: Page) -> None:
    """Fail, naming each element and rule, unless colours stand out in the scheme in which the page is shown."""
    _refuse(page, badly_dressed(page, _passed))


def badly_dressed(page: Page, passed: set[int]) -> list[dict[str, Any]]:
    """What axe says against the colours of the page, not asked about dresses that `passed`, to which it adds."""
    _load(page)
    answer = page.evaluate(_WELL_DRESSED, [sorted(passed), {"runOnly": {"type": "rule", "values": CONTRAST}}])
    passed.update(answer["passed"])
    found: list[dict[str, Any]] = answer["violations"]
    return found


def _refuse(page: Page, found: list[dict[str, Any]]) -> None:
    assert not found, f"{page.url} is not accessible:\n" + "\n".join(
        f"- {rule['id']} ({rule['impact']}): {rule['help']}\n"
        + "\n".join(f"    {' '.join(map(str, node['target']))}: {node['html'][:200]}" for node in rule["nodes"])
        for rule in found
    )


def _load(page: Page) -> None:
    """Have axe in the page, and in those that the browser's window shows from now on.

    To carry it into each page took a quarter as long as to use it.
    """
    page.wait_for_load_state()  # of half a page axe would say what is true of no page
    if page.evaluate("() => 'axe' in window && 'dresses' in window"):
        return
    page.add_init_script(_script())
    page.evaluate(_script())


@cache
def _script() -> str:
    return f"{Axe().axe_script}\n{_DRESSES.read_text(encoding='utf-8')}"
