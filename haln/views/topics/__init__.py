"""Topics: the list, one topic, proposing one, what is said to it, and what comes of it."""

from __future__ import annotations

from haln.views.topics import comments, index, pages, proposing, running
from haln.views.topics.base import blueprint

__all__ = ["blueprint", "comments", "index", "pages", "proposing", "running"]
