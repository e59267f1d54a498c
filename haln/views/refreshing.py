"""What a member does shows in their suggestions at once, of people and of sets: after each commit, the actor's own are
made anew."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from haln.connect.refresher import Refresher
from haln.learn.set_lists import SetLists
from haln.views import edge


def set_up(app: Flask) -> None:
    """Install the refresher, and the step after each commit."""
    set_lists = SetLists(
        app.extensions["haln_vocabulary"],
        str(app.config["TIME_ZONE"]),
        int(app.config["SMALL_NUMBER"]),
        app.extensions["haln_reading"],
        bool(app.config["LEARN"]),
        int(app.config["MATCHING_WORKERS"]),
    )
    refresher = Refresher(
        Path(app.instance_path) / "index",
        app.extensions["haln_vocabulary"],
        int(app.config["SUGGESTIONS"]),
        float(app.config["EXPOSURE"]),
        app.extensions["haln_reading"],
        set_lists.prepare,
        set_lists.prepare_at_once,
        bool(app.config["LEARN"]),
        int(app.config["MATCHING_WORKERS"]),
        str(app.config["DASK_SCHEDULER"]),
        app.extensions["haln_filling"],
    )
    app.extensions["haln_refresher"] = refresher
    app.extensions["haln_set_lists"] = set_lists

    def follow() -> None:
        actor = edge.maybe_actor()
        if actor is not None and actor.verified:
            refresher.if_due(edge.session(), actor.member_id, edge.now())

    app.extensions.setdefault("haln_after_commit", []).append(follow)
