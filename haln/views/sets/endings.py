"""The end of a set: end it, reflect, and see what was said."""

from __future__ import annotations

from flask import flash, render_template, request
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Invalid
from haln.learn import reflections, reopening, set_access
from haln.views import edge
from haln.views.sets import base
from haln.views.sets.base import Faults, blueprint
from haln.views.speech import gettext

Page = str | Response | tuple[str, int]


@edge.page(blueprint, "/sets/<public_id>/end", Permission.NETWORK, "GET", "POST")
def end(public_id: str) -> Page:
    """End a set, once more asked."""
    session, actor = edge.session(), edge.actor()
    if request.method == "POST":
        reflections.end(session, actor, public_id, edge.now())
        flash(gettext("The set has ended. Its members are asked what it was good for."), "success")
        return edge.back("sets.workspace", public_id=public_id)
    entry = set_access.admitting(session, actor, public_id)
    ahead = reflections.ahead(session, entry.row, edge.now())
    return render_template("sets/end.html", **base.frame(entry), ahead=ahead, days=reopening.DAYS)


@edge.page(blueprint, "/sets/<public_id>/reopen", Permission.NETWORK, "GET", "POST")
def reopen(public_id: str) -> Page:
    """Open a set again that was ended by mistake, once more asked."""
    session, actor = edge.session(), edge.actor()
    if request.method == "POST":
        reopening.reopen(session, actor, public_id, edge.now())
        flash(gettext("The set goes on, and its people are told."), "success")
        return edge.back("sets.workspace", public_id=public_id)
    entry = reopening.ended(session, actor, public_id, edge.now())
    return render_template("sets/reopen.html", **base.frame(entry))


@edge.page(blueprint, "/sets/<public_id>/reflect", Permission.NETWORK, "GET", "POST")
def reflect(public_id: str) -> Page:
    """Say what the set was good for."""
    session, actor, faults = edge.session(), edge.actor(), Faults()
    sent = request.form
    if request.method == "POST":
        useful, changed, shared = base.number("useful") or 0, sent.get("changed") == "yes", sent.get("shared") == "yes"
        try:
            reflections.reflect(session, actor, public_id, useful, changed, sent.get("text", ""), shared, edge.now())
        except Invalid as error:
            faults = base.faults(error, ("useful", "text"))
        else:
            flash(gettext("Thank you. Your answers are saved."), "success")
            return edge.back("sets.workspace", public_id=public_id)
    entry, row = reflections.own(session, actor, public_id, edge.now())
    kept = {
        "useful": str(row.useful) if row else "",
        "changed": "yes" if row and row.changed else "",
        "text": row.text if row else "",
        "shared": "yes" if row and row.shared else "",
    }
    form = {name: sent.get(name, "") for name in kept} if request.method == "POST" else kept
    return render_template("sets/reflect.html", **base.frame(entry), form=form, faults=faults), faults.status


@edge.page(blueprint, "/sets/<public_id>/reflections", Permission.NETWORK)
def summary(public_id: str) -> str:
    """Show what a set's members said of it: counts, and the words they share."""
    found = reflections.summary(edge.session(), edge.actor(), public_id)
    return render_template(
        "sets/reflections.html",
        **base.frame(found.entry),
        found=found,
        enough=reflections.ENOUGH,
        rows=[(number, found.useful.get(number, 0)) for number in range(5, 0, -1)],
    )
