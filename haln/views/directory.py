"""The directory: search, filters with counts, and the list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import cast
from urllib.parse import urlencode

from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Invalid
from haln.people import directory, search_index
from haln.people.directory import NARROWED, Page, Query, Row
from haln.people.directory_index import DirectoryIndex
from haln.taxonomy.vocabulary import Vocabulary
from haln.views import edge, words
from haln.views.speech import gettext

blueprint = Blueprint("directory", __name__)

LONGEST = 1000
MOST_CHOSEN = 50
CHIPS = 3
"""How many offers and seeks a row names."""

_LABELS = {"sector": "sector", "kind": "sector", "role": "role", "region": "region"}


@dataclass(frozen=True, slots=True)
class Line:
    """A person in the list, in words."""

    name: str
    url: str
    tone: str
    role: str
    organisation: str
    place: str
    offers: list[str]
    seeks: list[str]
    tie: str


@dataclass(frozen=True, slots=True)
class Option:
    """One code of a facet."""

    value: str
    label: str
    count: int
    checked: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet with what is worth offering: codes that lead to somebody, and those chosen."""

    name: str
    legend: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use, and the same page without it."""

    label: str
    url: str


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    """Give the application its index, and have members who changed indexed before each commit."""
    app = state.app
    index = DirectoryIndex(app.extensions["haln_vocabulary"])
    app.extensions["haln_directory"] = index
    app.extensions.setdefault("haln_before_commit", []).append(
        partial(_index_changed, app.extensions["haln_vocabulary"])
    )


def _index_changed(vocabulary: Vocabulary) -> None:
    search_index.catch_up(edge.session(), vocabulary)


@edge.page(blueprint, "/people", Permission.NETWORK)
def index() -> Response:
    """Find people; for htmx only the part that changes."""
    query = _asked()
    index = cast(DirectoryIndex, current_app.extensions["haln_directory"])
    page = directory.search(edge.session(), index, edge.actor().member_id, query, edge.now())
    template = "directory/found.html" if edge.is_fragment() else "directory/index.html"
    response = make_response(
        render_template(
            template,
            query=query,
            page=page,
            lines=_lines(page.rows),
            facets=_facets(index, page, query),
            chips=_chips(index, replace(query, text="") if page.wordless else query),
            next_url=_url(query, after=page.next_after) if page.next_after else "",
            start_url=_url(query) if query.after else "",
            clear_url=_url(Query(query.text)),
        )
    )
    response.headers["Vary"] = "HX-Request, Cookie"
    return response


def _asked() -> Query:
    """What the address asks for. Codes that are no code are nothing."""
    text = " ".join(request.args.get("q", "").split())
    if len(text) > LONGEST:
        raise Invalid("Search for fewer words.")
    names = [*directory.FACETS, *NARROWED.values()]
    chosen = {name: frozenset(code for code in request.args.getlist(name) if code) for name in names}
    if any(len(codes) > MOST_CHOSEN for codes in chosen.values()):
        raise Invalid("Choose fewer filters.")
    return Query(text, {name: codes for name, codes in chosen.items() if codes}, request.args.get("after") or None)


def _url(query: Query, after: str | None = None, without: tuple[str, str] | None = None) -> str:
    """The address of this query."""
    pairs = [("q", query.text)] if query.text else []
    for name, codes in query.chosen.items():
        pairs += [(name, code) for code in sorted(codes) if (name, code) != without]
    if after:
        pairs.append(("after", after))
    base = url_for("directory.index")
    return f"{base}?{urlencode(pairs)}" if pairs else base


def _label(index: DirectoryIndex, facet: str, code: str) -> str:
    if facet == "place":
        place = index.places.get(code)
        return words.place(place.name) if place else code
    return words.label(_LABELS.get(facet, "theme"), code)


def _facets(index: DirectoryIndex, page: Page, query: Query) -> list[Facet]:
    legends = {
        "sector": gettext("Sector"),
        "kind": gettext("Kind of organisation"),
        "role": gettext("Works on"),
        "theme": gettext("Theme"),
        "offer": gettext("Can help with"),
        "seek": gettext("Would like help with"),
        "region": gettext("Nation or region"),
        "place": gettext("Place"),
    }
    found = []
    for name, legend in legends.items():
        chosen = query.chosen.get(name, frozenset())
        options = [
            Option(code, _label(index, name, code), count, code in chosen)
            for code, count in page.counts.get(name, {}).items()
            if count or code in chosen
        ]
        if options:
            found.append(Facet(name, legend, options))
    return found


def _chips(index: DirectoryIndex, query: Query) -> list[Chip]:
    prefixes = {"offer": gettext("Can help with"), "seek": gettext("Would like help with")}
    chips = [Chip(f"“{query.text}”", _url(Query("", query.chosen)))] if query.text else []
    for name, codes in query.chosen.items():
        for code in sorted(codes):
            label = _label(index, name, code)
            label = f"{prefixes[name]}: {label}" if name in prefixes else label
            chips.append(Chip(label, _url(query, without=(name, code))))
    return chips


def _lines(rows: tuple[Row, ...]) -> list[Line]:
    prefix = url_for("members.page", public_id="")
    connected, own = gettext("Connected"), gettext("You")
    return [
        Line(
            name=row.name,
            url=prefix + row.public_id,
            tone=row.sector or "",
            role=words.work(row.role, row.level, row.job_title),
            organisation=row.organisation or "",
            place=words.place(row.place),
            offers=[words.label("theme", code) for code in row.offers[:CHIPS]],
            seeks=[words.label("theme", code) for code in row.seeks[:CHIPS]],
            tie=own if row.own else connected if row.connected else "",
        )
        for row in rows
    ]
