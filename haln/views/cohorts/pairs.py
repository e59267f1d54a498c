"""Who is kept apart and together in a cohort, who manages whom, and whose sets are not formed again."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import flash, render_template, request, url_for

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotFound
from haln.learn import pairs as pair_rows
from haln.learn.leading import entrusted
from haln.learn.pairs import KINDS, PAGE, PairLine
from haln.views import edge
from haln.views.cohorts.base import Page, blueprint, head, page_number, version
from haln.views.errors import STATUS, say
from haln.views.layout import Link
from haln.views.speech import gettext


@dataclass(frozen=True, slots=True)
class PairWords:
    """A pair as a sentence, and who said so."""

    line: PairLine
    sentence: str
    by: str


def pair_words(line: PairLine) -> PairWords:
    """Say a pair."""
    said = {
        "apart": gettext("%(one)s and %(other)s: apart", one=line.low_name, other=line.high_name),
        "together": gettext("%(one)s and %(other)s: together", one=line.low_name, other=line.high_name),
        "manager": gettext("%(one)s and %(other)s: one manages the other", one=line.low_name, other=line.high_name),
    }
    who = line.by_name or gettext("Former member")
    by = gettext("asked for by %(name)s", name=who) if line.own else gettext("noted by %(name)s", name=who)
    return PairWords(line, said[line.kind], by)


def kind_words(kind: str) -> str:
    """What is wanted of a pair."""
    said = {
        "apart": gettext("Keep apart"),
        "together": gettext("Keep together"),
        "manager": gettext("One manages the other"),
    }
    return said[kind]


@edge.page(blueprint, "/<public_id>/pairs", Permission.FORM_SETS, "GET", "POST")
def pairs(public_id: str) -> Page:
    """The pairs of a cohort. Who is kept apart is shown to its facilitators only."""
    problem: Invalid | Conflict | NotFound | None = None
    if request.method == "POST" and not any(name.endswith("-find") for name in request.form):
        try:
            flash(_changed(public_id), "success")
        except (Invalid, Conflict, NotFound) as error:  # not there: one of the two has withdrawn meanwhile
            edge.session().rollback()
            problem = error
        else:
            return edge.back("cohorts.pairs", public_id=public_id)
    shown = head(public_id, "cohorts.pairs")
    kind, page = request.args.get("kind", ""), page_number()
    row, lines, total = pair_rows.listing(edge.session(), edge.actor(), public_id, kind, page)
    earlier = pair_rows.earlier(edge.session(), edge.actor(), row)
    trusted = entrusted(edge.session(), edge.actor(), row.id)
    html = render_template(
        "cohorts/pairs.html",
        head=shown,
        lines=[pair_words(line) for line in lines],
        total=total,
        kinds=_kinds(public_id, kind, trusted),
        choices=[(code, kind_words(code)) for code in KINDS],
        chosen=request.form.get("kind", "apart"),
        sides=[
            (name, label, typed, pair_rows.candidates(edge.session(), row.id, typed), request.form.get(name, ""))
            for name, label in (("one", gettext("First person")), ("other", gettext("Second person")))
            for typed in [request.form.get(f"{name}-typed", "")[:80]]
        ],
        earlier=earlier,
        earlier_options=[(one.public_id, one.title) for one in earlier],
        problem=say(problem) if problem else "",
        next_url=_url(public_id, kind, page + 1) if page * PAGE < total else "",
        start_url=_url(public_id, kind, 1) if page > 1 else "",
        trusted=trusted,
        can_change=row.state not in ("formed", "cancelled"),
    )
    return html, STATUS[type(problem)] if problem else 200


def _url(public_id: str, kind: str, page: int) -> str:
    kept = {"kind": kind, "page": str(page) if page > 1 else ""}
    query = urlencode({name: value for name, value in kept.items() if value})
    address = url_for("cohorts.pairs", public_id=public_id)
    return f"{address}?{query}" if query else address


def _kinds(public_id: str, chosen: str, trusted: bool) -> list[Link]:
    told = [kind for kind in KINDS if trusted or kind != "apart"]
    every = [("", gettext("All")), *((kind, kind_words(kind)) for kind in told)]
    return [Link(_url(public_id, kind, 1), label, current=kind == chosen) for kind, label in every]


@edge.page(blueprint, "/<public_id>/pairs/people", Permission.FORM_SETS)
def find_applicants(public_id: str) -> str:
    """Applicants by name, as a part of the form."""
    row, _lines, _total = pair_rows.listing(edge.session(), edge.actor(), public_id)
    name = "one" if "one-typed" in request.args else "other"
    typed = request.args.get(f"{name}-typed", "")[:80]
    found = pair_rows.candidates(edge.session(), row.id, typed)
    return render_template("cohorts/pair_options.html", name=name, found=found, typed=typed)


def _changed(public_id: str) -> str:
    """Do what the form asks for, and say what was done."""
    asked = request.form.get("do", "")
    session, actor, now = edge.session(), edge.actor(), edge.now()
    kind, one, other = (request.form.get(name, "")[:16] for name in ("kind", "one", "other"))
    if asked == "again":
        previous = request.form.get("previous", "")[:16]
        pair_rows.not_again(session, actor, public_id, version(), previous, now)
        if previous:
            return gettext("Who sat together in that cohort is not to sit together again.")
        return gettext("Earlier sets no longer matter.")
    if asked == "remove":
        pair_rows.remove(session, actor, public_id, kind, one, other, request.form.get("by", "")[:16], now)
        return gettext("The pair is taken away.")
    pair_rows.add(session, actor, public_id, kind, one, other, now)
    return gettext("The pair is noted.")
