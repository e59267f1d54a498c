"""The digest in words: its parts, why each is in it, and what it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from haln.post.digest_letters import Shown
from haln.post.digest_parts.base import Reader, Why
from haln.post.digest_parts.registry import PARTS
from haln.views import resource_words, words
from haln.views.reason_words import in_sentence, listed
from haln.views.speech import gettext, ngettext


def title(part: str) -> str:
    """The heading of a part."""
    return _TITLES[part]()


def hint(part: str) -> str:
    """What a part holds, for whoever chooses."""
    return _HINTS[part]()


def why_part(part: str) -> str:
    """Why a part is in a digest."""
    return str(gettext("Because you chose “%(part)s”.", part=title(part)))


def choices() -> list[tuple[str, str, str]]:
    """The parts to choose from: name, heading, what it holds."""
    return [(name, title(name), hint(name)) for name in PARTS]


def frequencies() -> list[tuple[str, str]]:
    """How often one may get the digest."""
    return [
        ("week", gettext("Every week")),
        ("month", gettext("Every month")),
        ("none", gettext("Not at all")),
    ]


def subject(shown: Sequence[Shown], frequency: str) -> str:
    """What a digest holds, in a line."""
    counts = [_COUNTS[one.name](len(one.items)) for one in shown if one.name in _COUNTS]
    if not counts:
        return str(gettext("Is your profile still right?"))
    if frequency == "week":
        return str(gettext("Your week: %(what)s", what=listed(counts)))
    return str(gettext("Your month: %(what)s", what=listed(counts)))


def why(one: Why, place: str = "", *, by_day: bool = False) -> str:
    """Why an item is in somebody's digest; `place` is its name; `by_day`: the next come first, not the newest."""
    themes = listed([in_sentence(words.label("theme", code)) for code in one.themes[:2]])
    if themes and place:
        return str(gettext("In %(place)s, and about %(themes)s, which you picked.", place=place, themes=themes))
    if themes:
        return str(gettext("About %(themes)s, which you picked.", themes=themes))
    if place:
        return str(gettext("In %(place)s, where you are.", place=place))
    if by_day:
        return str(gettext("You have picked no themes, so these are the next."))
    return str(gettext("You have picked no themes, so these are the newest."))


def region(code: str) -> str:
    """The name of a region."""
    return words.label("region", code)


def kind(code: str) -> str:
    """The kind of a resource."""
    return resource_words.kind(code)


def profile(reader: Reader) -> list[tuple[str, str]]:
    """What is held of somebody, a line each."""
    themes = sorted(words.label("theme", code) for code in reader.themes)
    said = gettext("Not said")
    return [
        (gettext("Works on"), words.label("role", reader.role) or said),
        (gettext("Organisation"), reader.organisation or said),
        (gettext("Place"), words.place(reader.place) or said),
        (gettext("Themes"), ", ".join(themes) or said),
    ]


_TITLES: dict[str, Callable[[], str]] = {
    "introductions": lambda: gettext("Introductions that wait for you"),
    "suggestions": lambda: gettext("New people to meet"),
    "events": lambda: gettext("New events"),
    "resources": lambda: gettext("New resources"),
    "topics": lambda: gettext("New topics"),
    "still_right": lambda: gettext("Still right?"),
}

_HINTS: dict[str, Callable[[], str]] = {
    "introductions": lambda: gettext("Who asks to connect with you, or is introduced to you, and has no answer yet."),
    "suggestions": lambda: gettext("Who is new among your suggestions, and why."),
    "events": lambda: gettext("Those in your place, or about your themes."),
    "resources": lambda: gettext("Case studies, blogs, tools and recordings about your themes, or from your region."),
    "topics": lambda: gettext("What members would like to work on, about your themes."),
    "still_right": lambda: gettext("Now and then: what we hold of you, to look at and confirm."),
}

_COUNTS: dict[str, Callable[[int], str]] = {
    "introductions": lambda count: ngettext("%(num)s introduction waiting", "%(num)s introductions waiting", count),
    "suggestions": lambda count: ngettext("%(num)s person to meet", "%(num)s people to meet", count),
    "events": lambda count: ngettext("%(num)s event", "%(num)s events", count),
    "resources": lambda count: ngettext("%(num)s resource", "%(num)s resources", count),
    "topics": lambda count: ngettext("%(num)s topic", "%(num)s topics", count),
}
