"""People of a plan, named within sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from haln.learn.plan_people import Placed
from haln.views.speech import ngettext


def names_of(members: Iterable[int], people: Mapping[int, Placed], most: int = 3) -> list[str]:
    """The names of some people, the rest as a number."""
    every = list(members)
    named = [people[one].name for one in every[:most] if one in people]
    more = len(every) - len(named)
    if more:
        named.append(ngettext("one other", "%(num)s others", more))
    return named
