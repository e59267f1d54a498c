"""Calendar files: of one event, and the calendar that a member follows."""

from __future__ import annotations

from flask import Response as FileResponse
from flask import current_app, flash, render_template, request, session, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.learn import event_calendars
from haln.learn.event_calendars import Pages
from haln.views import edge, visitors, words
from haln.views.events.base import blueprint
from haln.views.speech import gettext

MADE = "calendar_made"
"""Where a new address waits, in the browser that asked for it, for the page that shows it once."""


def _public(path: str) -> str:
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + path


def _pages() -> Pages:
    return Pages(
        lambda event_id: _public(url_for("events.one", public_id=event_id)),
        lambda set_id, session_id: _public(url_for("sets.session_page", public_id=set_id, session_id=session_id)),
    )


def _file(made: bytes, name: str) -> FileResponse:
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return FileResponse(made, content_type="text/calendar; charset=utf-8; method=PUBLISH", headers=headers)


@edge.page(blueprint, "/<public_id>/calendar.ics", Permission.NETWORK)
def event_file(public_id: str) -> FileResponse:
    """One event, for a calendar."""
    return _file(event_calendars.of_event(edge.session(), edge.actor(), public_id, _pages(), edge.now()), "event.ics")


@edge.page(blueprint, "/calendar", Permission.NETWORK, "GET", "POST")
def calendar() -> str | Response:
    """The calendar that a member follows: its address is shown once, when it is made."""
    if request.method == "POST":
        if request.form.get("end") == "yes":
            event_calendars.close_feed(edge.session(), edge.actor(), edge.now())
            flash(gettext("The address of your calendar works no more."), "success")
            return edge.back("events.calendar")
        session[MADE] = event_calendars.open_feed(edge.session(), edge.actor(), edge.now())
        return edge.back("events.calendar")
    token = session.pop(MADE, "")
    address = _public(url_for("events.feed", token=token)) if token else ""
    since = event_calendars.current(edge.session(), edge.actor())
    said = words.moment(since) if since is not None else ""
    return visitors.not_kept(render_template("events/calendar.html", address=address, since=said))


@edge.page(blueprint, "/calendar/<token>.ics", Permission.PUBLIC)
def feed(token: str) -> FileResponse:
    """What one member takes part in, for their calendar program, which cannot sign in: the address is the key."""
    return _file(event_calendars.feed(edge.session(), token, _pages(), edge.now()), "calendar.ics")
