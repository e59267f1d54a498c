"""Notes of a set: read all, write, change and remove one's own."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid
from haln.learn import notes, set_access, workspaces
from haln.views import edge
from haln.views.sets import base
from haln.views.sets.base import Faults, blueprint
from haln.views.sets.workspace import note_row
from haln.views.speech import gettext

Page = str | Response | tuple[str, int]


@edge.page(blueprint, "/sets/<public_id>/notes", Permission.NETWORK)
def all_notes(public_id: str) -> str:
    """Show every note."""
    entry, found = workspaces.all_notes(edge.session(), edge.actor(), public_id)
    return render_template("sets/notes.html", **base.frame(entry), notes=[note_row(entry, one) for one in found])


@edge.page(blueprint, "/sets/<public_id>/notes/new", Permission.NETWORK, "GET", "POST")
def write_note(public_id: str) -> Page:
    """Write a note, about a session or the set."""
    faults, meeting = Faults(), request.values.get("session", "")[:16]
    if request.method == "POST":
        try:
            notes.write(edge.session(), edge.actor(), public_id, request.form.get("text", ""), meeting, edge.now())
        except (Invalid, Conflict) as error:
            faults = base.faults(error, ("text",))
        else:
            flash(gettext("Your note is saved. Everybody in the set can read it."), "success")
            if meeting:
                return edge.back("sets.session_page", public_id=public_id, session_id=meeting)
            return edge.back("sets.workspace", public_id=public_id)
    entry = set_access.inside(edge.session(), edge.actor(), public_id)
    page = render_template(
        "sets/note.html",
        **base.frame(entry),
        text=request.form.get("text", ""),
        meeting=meeting,
        mark="",
        remove_url="",
        faults=faults,
    )
    return page, faults.status


@edge.page(blueprint, "/sets/<public_id>/notes/<note_id>", Permission.NETWORK, "GET", "POST")
def note(public_id: str, note_id: str) -> Page:
    """Change one's own note."""
    faults, text, mark = Faults(), request.form.get("text", ""), request.form.get("mark", "")
    if request.method == "POST":
        try:
            notes.change(edge.session(), edge.actor(), public_id, note_id, text, mark, edge.now())
        except (Invalid, Conflict) as error:
            faults = base.faults(error, ("text",))
        else:
            flash(gettext("Saved."), "success")
            return edge.back("sets.workspace", public_id=public_id)
    entry = set_access.inside(edge.session(), edge.actor(), public_id)
    row = notes.own(edge.session(), edge.actor(), public_id, note_id)
    page = render_template(
        "sets/note.html",
        **base.frame(entry),
        text=text if request.method == "POST" else row.text,
        meeting="",
        mark=mark if request.method == "POST" else notes.mark(row),
        remove_url=url_for("sets.remove_note", public_id=public_id, note_id=note_id),
        faults=faults,
    )
    return page, faults.status


@edge.page(blueprint, "/sets/<public_id>/notes/<note_id>/remove", Permission.NETWORK, "GET", "POST")
def remove_note(public_id: str, note_id: str) -> Page:
    """Remove one's own note, once more asked."""
    if request.method == "POST":
        notes.remove(edge.session(), edge.actor(), public_id, note_id, edge.now())
        flash(gettext("The note is removed."), "success")
        return edge.back("sets.workspace", public_id=public_id)
    entry = set_access.inside(edge.session(), edge.actor(), public_id)
    row = notes.own(edge.session(), edge.actor(), public_id, note_id)
    return render_template("sets/remove_note.html", **base.frame(entry), note_id=row.public_id, text=row.text[:200])
