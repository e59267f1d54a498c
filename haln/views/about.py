"""Pages for anybody: the start page, and what is behind the service."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.people import registers
from haln.views import edge

blueprint = Blueprint("about", __name__)


@edge.page(blueprint, "/", Permission.PUBLIC)
def home() -> str | Response:
    """The start page; members go on to their suggestions."""
    return render_template("about/home.html")


@edge.page(blueprint, "/health", Permission.PUBLIC)
def health() -> tuple[str, dict[str, str]]:
    """Say that the server answers, and nothing more."""
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}


@edge.page(blueprint, "/about/privacy", Permission.PUBLIC)
def privacy() -> str:
    """What is kept about people, and who sees it."""
    return render_template("about/privacy.html")


@edge.page(blueprint, "/about/accessibility", Permission.PUBLIC)
def accessibility() -> str:
    """How the service can be used by everybody, and what is known not to work."""
    return render_template("about/accessibility.html")


@edge.page(blueprint, "/about/data", Permission.PUBLIC)
def data() -> str:
    """Where organisations and places come from, in the words their owners ask for."""
    lines = registers.attribution(registers.folder_of(str(current_app.config["REGISTERS"])))
    return render_template("about/data.html", attribution=lines)
