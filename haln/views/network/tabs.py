"""The tabs between the pages of the network: each carries the day and the filters of the one before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import g, request, url_for
from flask_babel import lazy_gettext

from haln.errors import Invalid
from haln.views import words
from haln.views.speech import gettext

Asked = TypeVar("Asked")

FILTERS = ("known_on", "known", "evidence", "hosts", "sector", "region")

PAGES: tuple[tuple[str, Any, bool], ...] = (
    ("network.overview", lazy_gettext("Overview"), False),
    ("network_growth.growth_page", lazy_gettext("Growth"), True),
    ("network_mixing.sectors", lazy_gettext("Mixing"), False),
    ("network_gaps.index", lazy_gettext("Gaps"), False),
    ("network_picture.picture_page", lazy_gettext("Picture"), False),
    ("network_activities.activities", lazy_gettext("Activities"), True),
    ("network_outcomes.index", lazy_gettext("Outcomes"), True),
    ("network_report.index", lazy_gettext("Report"), False),
    ("network_files.index", lazy_gettext("Files"), False),
)
"""Each page's endpoint and name, and whether it tells of a period (`from`, `until`) or of a day (`as_of`)."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab as `components/tabs.html` draws it."""

    label: str
    url: str
    current: bool
    count: int | None = None


def read(ask: Callable[[Mapping[str, str]], Asked]) -> tuple[Asked, dict[str, str]]:
    """What the address asks for, by `ask`, which raises Invalid; what it cannot ask for is left out, and why is told.

    What was left out is no longer carried to other pages: see `right`.
    """
    given, wrong = request.values.to_dict(), dict[str, str]()
    while True:
        try:
            found = ask(given)
        except Invalid as error:
            before = len(given)
            for field, sentence in error.fields.items():
                wrong[field] = gettext(sentence)
                for name in (field, *(("as_of",) if field == "until" else ())):
                    given.pop(name, None)
            if len(given) == before:
                given = {}
        else:
            g.wrong_filters = frozenset(request.values) - frozenset(given)
            return found, wrong


def right(given: Mapping[str, str]) -> dict[str, str]:
    """What an address gave, without what could not be asked for."""
    wrong: Collection[str] = g.get("wrong_filters", ())
    return {name: value for name, value in given.items() if name not in wrong}


def network_tabs() -> list[Tab]:
    """One tab for each page, the current one marked."""
    given = right(request.values)
    return [
        Tab(str(label), _address(endpoint, given, of_period), request.blueprint == endpoint.partition(".")[0])
        for endpoint, label, of_period in PAGES
    ]


def _address(endpoint: str, given: Mapping[str, str], of_period: bool) -> str:
    carried: dict[str, Any] = {name: given[name] for name in FILTERS if given.get(name)}
    last = given.get("until") or given.get("as_of")
    if last:
        carried["until" if of_period else "as_of"] = last
    if of_period and given.get("from"):
        carried["from"] = given["from"]
    return url_for(endpoint, **carried)


def directory_of(kind: str, code: str) -> str:
    """The directory's page of a sector or region; regions go by the vocabulary's own code there."""
    if kind == "sector":
        return url_for("directory.index", sector=code)
    return url_for("directory.index", region=words.vocabulary().region(code).code)
