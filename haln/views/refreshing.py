"""What a member does shows in their suggestions at once: after each commit, the actor's own are made anew."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from haln.connect.refresher import Refresher
from haln.views import edge


def set_up(app: Flask) -> None:
    """Install the refresher, and the step after each commit."""
    refresher = Refresher(
        Path(app.instance_path) / "index",
        app.extensions["haln_vocabulary"],
        int(app.config["SUGGESTIONS"]),
        float(app.config["EXPOSURE"]),
        app.extensions["haln_reading"],
    )
    app.extensions["haln_refresher"] = refresher

    def follow() -> None:
        actor = edge.maybe_actor()
        if actor is not None and actor.verified:
            refresher.if_due(edge.session(), actor.member_id, edge.now())

    app.extensions.setdefault("haln_after_commit", []).append(follow)
