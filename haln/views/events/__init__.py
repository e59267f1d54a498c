"""Events: the list, one event, what its organiser does, who came, and members' own calendars."""

from __future__ import annotations

from haln.views.events import attendance, calendars, pages, planning
from haln.views.events.base import blueprint

__all__ = ["attendance", "blueprint", "calendars", "pages", "planning"]
