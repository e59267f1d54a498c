"""The outbox, for staff: what was sent, what waits, what failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import NotFound
from haln.post import coffee_letters, reading
from haln.post.transport import file_of
from haln.views import edge, letters, words
from haln.views.speech import gettext

blueprint = Blueprint("outbox", __name__)
_ROWS = 50

KINDS: dict[str, Any] = {
    "verify": lazy_gettext("Link to join"),
    "invitation": lazy_gettext("Invitation"),
    "reset": lazy_gettext("Forgotten password"),
    "confirm_address": lazy_gettext("New address"),
    "password_changed": lazy_gettext("Password changed"),
    "address_changed": lazy_gettext("Address changed"),
    "audience_changed": lazy_gettext("What somebody may do: changed"),
    "introduction_asked": lazy_gettext("Introduction: asked"),
    "introduction_accepted": lazy_gettext("Introduction: accepted"),
    "introduction_woven": lazy_gettext("Introduction: woven"),
    "introduction_lapsed": lazy_gettext("Introduction: ended"),
    "connection_ended": lazy_gettext("Connection: ended by a correction"),
    "application_received": lazy_gettext("Cohort: applied"),
    "application_entered": lazy_gettext("Cohort: entered by a facilitator"),
    "cohort_cancelled": lazy_gettext("Cohort: cancelled"),
    "cohort_led": lazy_gettext("Cohort: leads it now"),
    "cohort_not_led": lazy_gettext("Cohort: no longer leads it"),
    "session_planned": lazy_gettext("Learning set: sessions planned"),
    "session_moved": lazy_gettext("Learning set: session moved"),
    "session_cancelled": lazy_gettext("Learning set: session cancelled"),
    "session_reminder": lazy_gettext("Learning set: reminder"),
    "set_joined": lazy_gettext("Learning set: joined"),
    "set_ended": lazy_gettext("Learning set: ended"),
    "set_reopened": lazy_gettext("Learning set: opened again"),
    "set_led": lazy_gettext("Learning set: facilitates it now"),
    "set_not_led": lazy_gettext("Learning set: no longer facilitates it"),
    "set_left": lazy_gettext("Learning set: somebody has left"),
    "set_out": lazy_gettext("Learning set: taken out"),
    "set_member_out": lazy_gettext("Learning set: somebody was taken out"),
    "set_request_asked": lazy_gettext("Learning set: somebody asks to join"),
    "set_request_declined": lazy_gettext("Learning set: no place"),
    "resource_sent": lazy_gettext("Resource: to review"),
    "resource_answered": lazy_gettext("Resource: what staff say"),
    "resource_author_asked": lazy_gettext("Resource: asked to be an author"),
    "seat_offered": lazy_gettext("Place in a set: offered"),
    "seat_reminder": lazy_gettext("Place in a set: reminder"),
    "seat_lapsed": lazy_gettext("Place in a set: the day has passed"),
    "seat_changed": lazy_gettext("Place in a set: others have changed"),
    "seat_lost": lazy_gettext("Place in a set: no longer offered"),
    "seat_recalled": lazy_gettext("Place in a set: proposal taken back"),
    "set_confirmed": lazy_gettext("Learning set: begins"),
    **dict.fromkeys(coffee_letters.KINDS, lazy_gettext("Coffee rounds: a message to somebody who asked")),
    "digest": lazy_gettext("Digest"),
    "event_placed": lazy_gettext("Event: has a place"),
    "event_moved": lazy_gettext("Event: moved"),
    "event_cancelled": lazy_gettext("Event: cancelled"),
    "event_reminder": lazy_gettext("Event: reminder"),
    "event_answered": lazy_gettext("Event: answer to a proposal"),
    "event_proposals": lazy_gettext("Events: proposals that wait"),
    "left_over": lazy_gettext("Cohort: left over"),
    "pathway_module_added": lazy_gettext("Pathway: new module"),
    "pathway_letter": lazy_gettext("Pathway: letter of completion"),
    "topic_answered": lazy_gettext("Topic: answered"),
    "topic_retired": lazy_gettext("Topic: retired"),
    "topic_planned": lazy_gettext("Topic: what comes of it"),
    "topic_comment_hidden": lazy_gettext("Topic: a comment was hidden"),
    "newsletter": lazy_gettext("Newsletter"),
    "newsletter_test": lazy_gettext("Newsletter: a test"),
}
STATES: dict[str, Any] = {
    "waiting": lazy_gettext("Waiting"),
    "leased": lazy_gettext("Taken by a worker"),
    "sending": lazy_gettext("Being sent"),
    "sent": lazy_gettext("Sent"),
    "failed": lazy_gettext("Failed"),
    "cancelled": lazy_gettext("Cancelled"),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """A state to look at."""

    label: Any
    url: str
    current: bool
    count: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table."""

    label: Any
    number: bool = False
    sort_url: str = ""
    sorted: str = ""


COLUMNS = (
    Column(lazy_gettext("Message")),
    Column(lazy_gettext("To")),
    Column(lazy_gettext("Written")),
    Column(lazy_gettext("State")),
    Column(lazy_gettext("Attempts"), number=True),
)


@edge.page(blueprint, "/staff/outbox", Permission.SEE_POST)
def index() -> str:
    """List messages, newest first."""
    state = request.args.get("state") or None
    if state is not None and state not in STATES:
        raise NotFound("There is no such state.")
    before = request.args.get("before", "")[:40]
    rows = reading.listed(edge.session(), state, before, _ROWS)
    counts = reading.counts(edge.session())
    tabs = [Tab(gettext("All"), url_for("outbox.index"), state is None, sum(counts.values()))]
    tabs += [
        Tab(label, url_for("outbox.index", state=name), state == name, counts.get(name, 0))
        for name, label in STATES.items()
        if counts.get(name) or state == name
    ]
    return render_template(
        "staff/outbox.html",
        rows=rows[:_ROWS],
        tabs=tabs,
        columns=COLUMNS,
        kinds=KINDS,
        states=STATES,
        words=words,
        prefix=url_for("outbox.index"),
        next_url=url_for("outbox.index", state=state, before=rows[_ROWS - 1].public_id) if len(rows) > _ROWS else "",
        start_url=url_for("outbox.index", state=state) if before else "",
    )


@edge.page(blueprint, "/staff/outbox/<public_id>", Permission.SEE_POST)
def message(public_id: str) -> str:
    """Show one message as it was or would be worded."""
    found = reading.message(edge.session(), public_id, letters.desk(), edge.now())
    return render_template(
        "staff/message.html",
        message=found,
        kinds=KINDS,
        states=STATES,
        words=words,
        written=_written(found.message_id),
    )


def _written(message_id: str) -> str:
    """In development, the message as it lies in the folder, links and all; nothing where mail is really sent."""
    if not message_id or not letters.is_on_paper():
        return ""
    path = file_of(letters.folder(), message_id.strip("<>"))
    return path.read_text(encoding="utf-8") if path.is_file() else ""


@edge.page(blueprint, "/staff/outbox/<public_id>/retry", Permission.SEE_POST, "POST")
def retry(public_id: str) -> Response:
    """Try a failed message again."""
    reading.retry(edge.session(), edge.actor(), public_id, edge.now())
    flash(gettext("The message is tried again within a minute."), "success")
    return edge.back("outbox.message", public_id=public_id)
