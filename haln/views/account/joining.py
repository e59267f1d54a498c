"""Joining the network."""

from __future__ import annotations

from flask import render_template

from haln.access import Permission
from haln.views import edge
from haln.views.account.base import blueprint


@edge.page(blueprint, "/join", Permission.PUBLIC, "GET", "POST")
def join() -> str:
    """Join the network."""
    return render_template("account/join.html")
