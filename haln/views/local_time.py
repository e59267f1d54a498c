"""Days and hours as they are where the network is."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from flask import current_app

from haln.views import edge


def zone() -> ZoneInfo:
    """The network's time zone."""
    return ZoneInfo(str(current_app.config["TIME_ZONE"]))


def today() -> date:
    """The day it is where the network is."""
    return edge.now().astimezone(zone()).date()
