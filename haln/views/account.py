"""Joining, signing in and out, and one's own account."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_login import logout_user
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.people import sessions
from haln.views import edge

blueprint = Blueprint("account", __name__)


@edge.page(blueprint, "/sign-in", Permission.PUBLIC, "GET", "POST")
def sign_in() -> str:
    """Sign in."""
    return render_template("account/sign_in.html")


@edge.page(blueprint, "/join", Permission.PUBLIC, "GET", "POST")
def join() -> str:
    """Join the network."""
    return render_template("account/join.html")


@edge.page(blueprint, "/sign-out", Permission.OWN_ACCOUNT, "POST")
def sign_out() -> Response:
    """Sign out: the session row ends, not only the cookie."""
    sessions.end(edge.session(), edge.actor(), edge.actor().session_id, edge.now())
    logout_user()
    return edge.back("about.home")
