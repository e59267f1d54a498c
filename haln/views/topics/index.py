"""Find topics: words, filters with counts, an order, and one's own."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Invalid
from haln.learn import topic_lists
from haln.learn.topic_lists import NEWEST, SORTS, Query
from haln.learn.topic_lists import Page as Found
from haln.views import edge, words
from haln.views.directory import Chip, Facet, Option
from haln.views.speech import gettext
from haln.views.topics.base import blueprint, row, rules, states

LONGEST, MOST_CHOSEN, LAST_PAGE = 1000, 30, 10_000
FACETS = ("state", "theme")


@edge.page(blueprint, "", Permission.NETWORK)
def index() -> Response:
    """Find topics; for htmx only the part that changes."""
    query = _asked()
    order = [theme.code for theme in words.vocabulary().themes]
    found = topic_lists.search(edge.session(), edge.actor(), query, order, rules())
    own = topic_lists.backed(edge.session(), edge.actor(), rules())
    template = "topics/found.html" if edge.is_fragment() else "topics/index.html"
    response = make_response(
        render_template(
            template,
            query=query,
            total=found.total,
            rows=[row(line) for line in found.rows],
            facets=_facets(found, query),
            chips=_chips(query),
            sorts=sorts(),
            own=[row(line) for line in own],
            left=max(0, rules().backings - len(own)),
            most=rules().backings,
            next_url=_url(query, page=query.number + 1) if found.more else "",
            start_url=_url(query) if query.number > 1 else "",
            clear_url=_url(Query(query.text, sort=query.sort)),
            narrowed=bool(query.text or query.chosen or query.mine or query.ready),
            ready=topic_lists.ready(edge.session(), rules()) if edge.actor().may(Permission.ANSWER_TOPICS) else 0,
        )
    )
    response.headers["Vary"] = "HX-Request, Cookie"
    return response


def sorts() -> list[tuple[str, str]]:
    """The orders in words."""
    return [
        ("newest", gettext("Newest")),
        ("backed", gettext("Most backed")),
        ("discussed", gettext("Last discussed")),
    ]


def _asked() -> Query:
    """What the address asks for. Codes that are no code are nothing."""
    text = " ".join(request.args.get("q", "").split())
    if len(text) > LONGEST:
        raise Invalid("Search for fewer words.")
    chosen = {name: frozenset(code for code in request.args.getlist(name) if code) for name in FACETS}
    if any(len(codes) > MOST_CHOSEN or any(len(code) > 40 for code in codes) for codes in chosen.values()):
        raise Invalid("Choose fewer filters.")
    sort = request.args.get("sort", NEWEST)
    number = max(1, min(edge.number_argument("page") or 1, LAST_PAGE))
    return Query(
        text,
        {name: codes for name, codes in chosen.items() if codes},
        sort if sort in SORTS else NEWEST,
        number,
        request.args.get("mine") == "yes",
        request.args.get("ready") == "yes" and edge.actor().may(Permission.ANSWER_TOPICS),
    )


def _url(query: Query, page: int = 1, without: tuple[str, str] | None = None) -> str:
    """The address of this query."""
    pairs = [("q", query.text)] if query.text and without != ("q", query.text) else []
    for name, codes in query.chosen.items():
        pairs += [(name, code) for code in sorted(codes) if (name, code) != without]
    if query.mine and without != ("mine", "yes"):
        pairs.append(("mine", "yes"))
    if query.ready and without != ("ready", "yes"):
        pairs.append(("ready", "yes"))
    if query.sort != NEWEST:
        pairs.append(("sort", query.sort))
    if page > 1:
        pairs.append(("page", str(page)))
    return f"{url_for('topics.index')}?{urlencode(pairs)}" if pairs else url_for("topics.index")


def _label(facet: str, code: str) -> str:
    return states().get(code, code) if facet == "state" else words.label("theme", code)


def _facets(found: Found, query: Query) -> list[Facet]:
    made = []
    for name, legend in (("state", gettext("State")), ("theme", gettext("Theme"))):
        chosen, counts = query.chosen.get(name, frozenset()), found.counts[name]
        codes = [*counts, *sorted(code for code in chosen if code not in counts)]
        options = [Option(code, _label(name, code), counts.get(code, 0), code in chosen) for code in codes]
        if options:
            made.append(Facet(name, legend, options))
    return made


def _chips(query: Query) -> list[Chip]:
    chips = [Chip(f"“{query.text}”", _url(query, without=("q", query.text)))] if query.text else []
    if query.mine:
        chips.append(Chip(gettext("Backed by you"), _url(query, without=("mine", "yes"))))
    if query.ready:
        chips.append(Chip(gettext("Enough members back it"), _url(query, without=("ready", "yes"))))
    for name, codes in query.chosen.items():
        chips += [Chip(_label(name, code), _url(query, without=(name, code))) for code in sorted(codes)]
    return chips
