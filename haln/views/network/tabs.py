"""The tabs between the pages of the network: each carries the day and the filters of the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext

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


def network_tabs() -> list[Tab]:
    """One tab for each page, the current one marked."""
    return [
        Tab(str(label), _address(endpoint, request.args, of_period), request.blueprint == endpoint.partition(".")[0])
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
