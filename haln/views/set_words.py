"""What is said of a set and of somebody in it, as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from haln.learn.plan_people import Placed
from haln.learn.plan_reading import Slot
from haln.views import words
from haln.views.plan_names import names_of
from haln.views.reason_words import listed
from haln.views.speech import gettext, ngettext

People = Mapping[int, Placed]
Said = Callable[[Mapping[str, Any], People], str]


def helps(said: Sequence[Mapping[str, Any]], people: People) -> list[str]:
    """What speaks for somebody's place."""
    return _sentences(_HELPS, said, people)


def hurts(said: Sequence[Mapping[str, Any]], people: People) -> list[str]:
    """What speaks against it."""
    return _sentences(_HURTS, said, people)


def _sentences(known: Mapping[str, Said], said: Sequence[Mapping[str, Any]], people: People) -> list[str]:
    return [known[one["kind"]](one, people) for one in said if one["kind"] in known]


_HELPS: dict[str, Said] = {}
_HURTS: dict[str, Said] = {}


def left_over(said: Mapping[str, Any], rules: Sequence[Any]) -> str:
    """Why somebody is left over."""
    return ""


def of_set(report: Mapping[str, Any], people: int) -> str:
    """One sentence about a set."""
    return ngettext("One person.", "%(num)s people.", people)


def facts(report: Mapping[str, Any], slots: Sequence[Slot]) -> list[str]:
    """Figures of a set."""
    return []
