"""Actions: agree one, and say what became of those that are open."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid
from haln.learn import actions, set_access, set_people, workspaces
from haln.learn.actions import Report
from haln.views import edge
from haln.views.sets import base
from haln.views.sets.base import Faults, blueprint
from haln.views.sets.workspace import action_row
from haln.views.speech import gettext, ngettext

Page = Response | tuple[str, int]
FIELDS = ("text", "owner")


def _back(public_id: str, session_id: str) -> Response:
    if session_id:
        return edge.back("sets.session_page", public_id=public_id, session_id=session_id)
    return edge.back("sets.workspace", public_id=public_id)


@edge.page(blueprint, "/sets/<public_id>/actions", Permission.NETWORK, "GET", "POST")
def add_action(public_id: str) -> Page:
    """Write down what somebody said they would do."""
    faults, form = Faults(), {name: request.values.get(name, "")[:2_000] for name in (*FIELDS, "session")}
    if request.method == "POST":
        owner, text, meeting = base.number("owner"), request.form.get("text", ""), form["session"]
        try:
            actions.add(edge.session(), edge.actor(), public_id, owner, text, meeting, edge.now())
        except (Invalid, Conflict) as error:
            faults = base.faults(error, FIELDS)
        else:
            flash(gettext("Written down. It comes back at the next session."), "success")
            return _back(public_id, form["session"])
    found = set_access.inside(edge.session(), edge.actor(), public_id)
    circle = set_people.circle(edge.session(), edge.actor().member_id, found.row)
    page = render_template(
        "sets/action.html",
        **base.frame(found),
        form={**form, "owner": form["owner"] or str(edge.actor().member_id)},
        owners=base.choices(circle, leader=True),
        faults=faults,
    )
    return page, faults.status


@edge.page(blueprint, "/sets/<public_id>/actions/report", Permission.NETWORK, "GET", "POST")
def report(public_id: str) -> Page:
    """Say what became of the open actions, all at once."""
    faults, meeting = Faults(), request.values.get("session", "")[:16]
    if request.method == "POST":
        said = {
            name.removeprefix("state-"): Report(state, request.form.get(f"outcome-{name.removeprefix('state-')}", ""))
            for name, state in request.form.items()
            if name.startswith("state-")
        }
        try:
            closed = actions.report(edge.session(), edge.actor(), public_id, said, edge.now())
        except (Invalid, Conflict) as error:
            faults = base.faults(error, tuple(f"outcome-{key}" for key in said))
        else:
            told = ngettext("%(num)s action is closed.", "%(num)s actions are closed.", closed) if closed else ""
            flash(told or gettext("Saved."), "success")
            return _back(public_id, meeting)
    found = workspaces.workspace(edge.session(), edge.actor(), public_id, edge.now())
    set_access.inside(edge.session(), edge.actor(), public_id)
    page = render_template(
        "sets/report.html",
        **base.frame(found.entry),
        open=[action_row(one) for one in found.actions],
        form=request.form,
        meeting=meeting,
        faults=faults,
        back_url=url_for("sets.session_page", public_id=public_id, session_id=meeting) if meeting else "",
    )
    return page, faults.status
