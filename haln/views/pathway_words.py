"""What pages say of Learning Pathways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import format_date, lazy_gettext

from haln.learn.pathway_people import Ahead
from haln.views import words
from haln.views.local_time import zone
from haln.views.speech import gettext, ngettext

_KINDS: Mapping[str, Any] = {
    "read": lazy_gettext("Read"),
    "watch": lazy_gettext("Watch or look"),
    "reflect": lazy_gettext("Reflect"),
    "try": lazy_gettext("Try at work"),
    "check": lazy_gettext("Check yourself"),
}
ICONS: Mapping[str, str] = {
    "read": "list",
    "watch": "eye",
    "reflect": "chat-left-text",
    "try": "briefcase",
    "check": "question-circle",
}
HIDDEN = "*"


def kind(code: str) -> str:
    """What one does in a step."""
    return str(_KINDS[code])


def kinds() -> list[tuple[str, str]]:
    """All kinds of steps, as options."""
    return [(code, str(said)) for code, said in _KINDS.items()]


def modules_finished(done: int, total: int) -> str:
    """How far somebody is in a pathway."""
    return ngettext("%(done)s of %(num)s module finished", "%(done)s of %(num)s modules finished", total, done=done)


def steps_done(done: int, total: int) -> str:
    """How far somebody is in a module."""
    return ngettext("%(done)s of %(num)s step done", "%(done)s of %(num)s steps done", total, done=done)


def new_modules(titles: Sequence[str]) -> str:
    """What is new in a pathway that somebody has finished."""
    if not titles:
        return ""
    return ngettext("New module: %(titles)s", "New modules: %(titles)s", len(titles), titles=", ".join(titles))


def reasons(one: Ahead, theme: str | None) -> list[str]:
    """Why somebody is a step ahead."""
    said = []
    if one.finished_at is not None:
        month = format_date(one.finished_at.astimezone(zone()).date(), "MMMM y")
        said.append(gettext("Finished this module in %(month)s", month=month))
    label, level = words.label("theme", theme), words.maturity(one.maturity)
    if level:
        said.append(gettext("“%(level)s” in %(theme)s", level=level, theme=label))
    if one.offer:
        said.append(gettext("Can help with %(theme)s", theme=label))
    return said


def people(counts: Mapping[int, int | None], key: int) -> str:
    """A number of people, in a class; a star where it is too small to be told."""
    number = counts.get(key, 0)
    return HIDDEN if number is None else str(number)
