"""How groups mix: a table of connections within and across them, beside chance, and the gaps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import format_decimal, format_percent, lazy_gettext

from haln.access import Permission
from haln.measure import mixed
from haln.measure.mixed import KINDS, Cell, Group, Kind, Mixed
from haln.views import edge, words
from haln.views.network import asking
from haln.views.network.tabs import Tab, directory_of
from haln.views.speech import gettext
from haln.views.tables import Column

blueprint = Blueprint("network_mixing", __name__, url_prefix="/network")

GROUPS = (
    Column(lazy_gettext("Group")),
    Column(lazy_gettext("Members"), number=True),
    Column(lazy_gettext("Connections within"), number=True),
    Column(lazy_gettext("Connections out"), number=True),
    Column(lazy_gettext("E-I index"), number=True),
    Column(lazy_gettext("By chance")),
)
GAPS = (
    Column(lazy_gettext("Between")),
    Column(lazy_gettext("Connections"), number=True),
    Column(lazy_gettext("By chance")),
    Column(lazy_gettext("What mends it")),
)


GAPS_SHOWN = 10
ENDPOINTS: dict[Kind, str] = {"sector": "network_mixing.sectors", "region": "network_mixing.regions"}


@edge.page(blueprint, "/mixing", Permission.SEE_MEASURES)
def sectors() -> str:
    """Show how sectors mix."""
    return _page("sector")


@edge.page(blueprint, "/mixing/regions", Permission.SEE_MEASURES)
def regions() -> str:
    """Show how nations and regions mix."""
    return _page("region")


def _page(chosen: Kind) -> str:
    asked, errors = asking.asked()
    question = replace(asked, sector="") if chosen == "sector" else replace(asked, region="")
    found = mixed.mixed(asking.held(), question, chosen)
    return render_template(
        "network/mixing.html",
        found=found,
        all_groups=question != asked,
        tabs=[_tab(one, one == chosen) for one in KINDS],
        labels=[words.label(chosen, one.code) for one in found.groups],
        rows=list(zip([words.label(chosen, one.code) for one in found.groups], found.rows, strict=True)),
        groups=[_group(one, chosen) for one in found.groups],
        gaps=[_gap(one, chosen) for one in found.gaps[:GAPS_SHOWN]],
        more_gaps=max(0, len(found.gaps) - GAPS_SHOWN),
        group_columns=GROUPS,
        gap_columns=GAPS,
        sentence=_sentence(found),
        cell_words=cell_words,
        action=url_for(ENDPOINTS[chosen]),
        **asking.frame(question, errors),
    )


def cell_words(cell: Cell) -> str:
    """What a cell says beside its number: what chance makes of it, and whether that is more or fewer."""
    told = gettext(
        "by chance %(low)s to %(high)s", low=format_decimal(cell.low, "0"), high=format_decimal(cell.high, "0")
    )
    if cell.verdict == "more":
        return gettext("more than by chance: %(range)s", range=told)
    return gettext("fewer than by chance: %(range)s", range=told) if cell.verdict else told


def _tab(kind: Kind, current: bool) -> Tab:
    label = gettext("Sectors") if kind == "sector" else gettext("Nations and regions")
    return Tab(label, asking.address(ENDPOINTS[kind]), current)


def _sentence(found: Mixed) -> str:
    if found.across_share is None or found.across_chance is None:
        return gettext("There are no connections to compare yet.")
    return gettext(
        "%(share)s of connections join two groups. If chance alone had made them, everybody keeping as many as they "
        "have, it would be %(low)s to %(high)s.",
        share=format_percent(found.across_share, "0.0%"),
        low=format_percent(found.across_chance.low, "0.0%"),
        high=format_percent(found.across_chance.high, "0.0%"),
    )


def _index(number: float | None) -> str:
    return "–" if number is None else str(format_decimal(number, "0.00;−0.00"))


def _group(group: Group, kind: Kind) -> dict[str, Any]:
    return {
        "label": words.label(kind, group.code),
        "members": group.members,
        "within": group.within,
        "out": group.out,
        "ei": _index(group.ei_index),
        "chance": "–"
        if group.chance is None
        else gettext("%(low)s to %(high)s", low=_index(group.chance.low), high=_index(group.chance.high)),
        "url": directory_of(kind, group.code),
    }


def _gap(cell: Cell, kind: Kind) -> dict[str, Any]:
    return {
        "label": gettext("%(one)s and %(other)s", one=words.label(kind, cell.one), other=words.label(kind, cell.other)),
        "observed": cell.observed,
        "chance": gettext(
            "%(low)s to %(high)s", low=format_decimal(cell.low, "0"), high=format_decimal(cell.high, "0")
        ),
    }
