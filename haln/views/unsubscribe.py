"""Stopping a kind of mail from the mail itself, without signing in."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from flask.blueprints import BlueprintSetupState

from haln.access import Permission
from haln.post import unsubscribing
from haln.views import edge

blueprint = Blueprint("unsubscribe", __name__)


@edge.page(blueprint, "/unsubscribe/<token>", Permission.PUBLIC, "GET", "POST")
def stop(token: str) -> str:
    """Ask once (GET), stop (POST). Mail programs post here themselves, without a form's token (RFC 8058)."""
    secret = str(current_app.config["SECRET_KEY"])
    if request.method == "POST":
        topic = unsubscribing.stop(edge.session(), secret, token, edge.now())
        return render_template("account/unsubscribed.html", topic=topic)
    _, topic = unsubscribing.read(secret, token)
    return render_template("account/unsubscribe.html", topic=topic)


@blueprint.record_once
def _without_form_token(state: BlueprintSetupState) -> None:
    state.app.extensions["csrf"].exempt(stop)
