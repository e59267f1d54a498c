"""Learning sets that meet: the workspace of each, and the facilitator's view over all."""

from __future__ import annotations

from haln.views.leading_back import lead_back
from haln.views.sets import actions, endings, facilitators, notes, overview, people, sessions, workspace
from haln.views.sets.base import blueprint

lead_back(blueprint, "sets.workspace")

__all__ = ["actions", "blueprint", "endings", "facilitators", "notes", "overview", "people", "sessions", "workspace"]
