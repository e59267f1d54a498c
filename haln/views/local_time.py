"""Days and hours as they are where the network is."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

from flask import current_app

from haln.views import edge


def zone() -> ZoneInfo:
    """The network's time zone."""
    return ZoneInfo(str(current_app.config["TIME_ZONE"]))


def today() -> date:
    """The day it is where the network is."""
    return edge.now().astimezone(zone()).date()


def typed_day(raw: str) -> date | None:
    """A day as a form sends it (ISO 8601); none for anything else."""
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None


def typed_hour(raw: str) -> time | None:
    """An hour on the wall's clock as people type it, to the minute: 15:30 or 15.30; none for anything else."""
    try:
        found = time.fromisoformat(raw.replace(".", ":"))
    except ValueError:
        return None
    return found.replace(second=0, microsecond=0, tzinfo=None)
