"""Find resources: search, filters with counts, and the list; and one's bookmarks."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Invalid
from haln.learn.resources import searching
from haln.learn.resources.searching import FACETS, Page, Query
from haln.views import edge, resource_words, words
from haln.views.directory import Chip, Facet, Option
from haln.views.resources import base
from haln.views.resources.base import blueprint
from haln.views.speech import gettext

LONGEST = 1000
MOST_CHOSEN = 30


@edge.page(blueprint, "/resources", Permission.NETWORK)
def index() -> Response:
    """Find resources; for htmx only the part that changes."""
    return _found(edge.actor().member_id, "resources.index", "resources.one")


@edge.page(blueprint, "/library", Permission.PUBLIC)
def library() -> Response:
    """Find the resources that are for everyone, where the network publishes to all."""
    base.public_only()
    return _found(None, "resources.library", "resources.for_everyone")


def _found(viewer_id: int | None, here: str, page_of: str) -> Response:
    query = _asked()
    page = searching.search(edge.session(), words.vocabulary(), viewer_id, query)
    template = "resources/found.html" if edge.is_fragment() else "resources/index.html"
    response = make_response(
        render_template(
            template,
            here=url_for(here),
            public=viewer_id is None,
            tabs=base.tabs() if viewer_id is not None else [],
            query=query,
            page=page,
            lines=[resource_words.line(row, page_of) for row in page.rows],
            facets=_facets(page, query),
            chips=_chips(here, query),
            next_url=_url(here, query, after=page.next_after) if page.next_after else "",
            start_url=_url(here, query) if query.after else "",
            clear_url=_url(here, Query(query.text)),
        )
    )
    response.headers["Vary"] = "HX-Request, Cookie"
    return response


@edge.page(blueprint, "/resources/bookmarks", Permission.NETWORK)
def bookmarks() -> str:
    """Show one's bookmarks."""
    rows = searching.bookmarked(edge.session(), edge.actor().member_id)
    return render_template(
        "resources/bookmarks.html", lines=[resource_words.line(row) for row in rows], tabs=base.tabs()
    )


def _asked() -> Query:
    """What the address asks for. Codes that are no code are nothing."""
    text = " ".join(request.args.get("q", "").split())
    if len(text) > LONGEST:
        raise Invalid("Search for fewer words.")
    chosen = {name: frozenset(code for code in request.args.getlist(name) if code) for name in FACETS}
    if any(len(codes) > MOST_CHOSEN for codes in chosen.values()):
        raise Invalid("Choose fewer filters.")
    return Query(text, {name: codes for name, codes in chosen.items() if codes}, request.args.get("after") or None)


def _url(here: str, query: Query, after: str | None = None, without: tuple[str, str] | None = None) -> str:
    """The address of this query."""
    pairs = [("q", query.text)] if query.text else []
    for name, codes in query.chosen.items():
        pairs += [(name, code) for code in sorted(codes) if (name, code) != without]
    if after:
        pairs.append(("after", after))
    return f"{url_for(here)}?{urlencode(pairs)}" if pairs else url_for(here)


def _label(facet: str, code: str) -> str:
    if facet == "kind":
        return resource_words.kind(code)
    return code if facet == "year" else words.label(facet, code)


def _order(facet: str) -> list[str]:
    """The codes of a facet in the order of its vocabulary; years the newest first, of any that there are."""
    vocabulary = words.vocabulary()
    return {
        "kind": [code for code, _ in resource_words.kinds()],
        "theme": [one.code for one in vocabulary.themes],
        "sector": [one.code for one in vocabulary.top_sectors],
        "region": [one.code for one in vocabulary.regions],
    }.get(facet, [])


def _facets(page: Page, query: Query) -> list[Facet]:
    legends = {
        "kind": gettext("Kind"),
        "theme": gettext("Theme"),
        "sector": gettext("Sector"),
        "region": gettext("Nation or region"),
        "year": gettext("Year"),
    }
    found = []
    for name, legend in legends.items():
        chosen, counts = query.chosen.get(name, frozenset()), page.counts[name]
        order = _order(name) or sorted({*counts, *chosen}, reverse=True)
        codes = [*order, *sorted(code for code in {*counts, *chosen} if code not in order)]
        options = [
            Option(code, _label(name, code), counts.get(code, 0), code in chosen)
            for code in codes
            if counts.get(code) or code in chosen
        ]
        if options:
            found.append(Facet(name, legend, options))
    return found


def _chips(here: str, query: Query) -> list[Chip]:
    chips = [Chip(f"“{query.text}”", _url(here, Query("", query.chosen)))] if query.text else []
    for name, codes in query.chosen.items():
        chips += [Chip(_label(name, code), _url(here, query, without=(name, code))) for code in sorted(codes)]
    return chips
