"""What happened that concerns whoever looks: read, open, mark as read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import NotFound
from haln.people import digest_choices, profiles
from haln.people import notices as written
from haln.post import notices
from haln.views import edge, notice_words, words
from haln.views.speech import gettext

blueprint = Blueprint("notifications", __name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@edge.page(blueprint, "/notifications", Permission.NETWORK)
def index() -> str:
    """List them, the newest first, and whether one's profile is still right, when that is due."""
    session, member = edge.session(), edge.actor().member_id
    lines = notices.listed(session, member, edge.now())
    return render_template(
        "notifications/index.html",
        lines=[(one, notice_words.sentence(one), notice_words.icon(one)) for one in lines],
        unread=any(not one.seen for one in lines),
        until=(edge.now() - _EPOCH) // timedelta(microseconds=1),
        days=written.KEPT.days,
        confirm_due=profiles.is_due(session, member, int(current_app.config["CONFIRM_DAYS"]), edge.now()),
        digest_asked=digest_choices.own(session, member).asked,
        words=words,
    )


@edge.page(blueprint, "/notifications/<int:notice_id>/open", Permission.NETWORK, "POST")
def open_one(notice_id: int) -> Response:
    """Mark one as read and go to the page that it is about."""
    try:
        path = notices.open_one(edge.session(), edge.actor().member_id, notice_id, edge.now())
    except NotFound as error:
        flash(gettext(error.sentence), "info")
        return edge.back("notifications.index")
    # A path of ours, made of our own words and random ids; below it the application may hang from a longer address.
    return redirect(request.script_root + path, 303)


@edge.page(blueprint, "/notifications/seen", Permission.NETWORK, "POST")
def see_all() -> Response:
    """Mark all as read that the page showed."""
    until = edge.whole(request.form.get("until", ""), 17)
    moment = edge.now() if until is None else _EPOCH + timedelta(microseconds=until)
    written.see_all(edge.session(), edge.actor().member_id, min(moment, edge.now()), edge.now())
    flash(gettext("All are marked as read."), "success")
    return edge.back("notifications.index")
