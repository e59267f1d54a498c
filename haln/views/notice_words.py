"""Notifications in words: one sentence each, and its icon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from haln.post.notices import Line
from haln.views import words
from haln.views.speech import gettext


def sentence(one: Line) -> str:
    """What happened. Kinds that a newer service wrote say that there is something new."""
    known = _SENTENCES.get(one.kind)
    return known(one) if known else gettext("Something new for you.")


def icon(one: Line) -> str:
    """The icon of a kind."""
    return next((name for start, name in _ICONS if one.kind.startswith(start)), "info-circle")


def _answered(one: Line) -> str:
    if one.detail == "planned":
        return gettext("Your event is accepted: %(title)s", title=one.title)
    return gettext("Staff have answered your proposal of an event: %(title)s", title=one.title)


def _resource(one: Line) -> str:
    told = {
        "published": gettext("Published: %(title)s", title=one.title),
        "changes": gettext("Staff ask for changes to your resource: %(title)s", title=one.title),
        "declined": gettext("Staff have declined your resource: %(title)s", title=one.title),
        "taken_down": gettext("Taken down: %(title)s", title=one.title),
    }
    return told.get(one.detail, gettext("There is news of your resource: %(title)s", title=one.title))


def _woven(one: Line) -> str:
    if one.second:
        return gettext("%(weaver)s introduces you to %(name)s.", weaver=one.second, name=one.name)
    return gettext("You are introduced to %(name)s.", name=one.name)


_ICONS = (
    ("introduction", "chat-heart"),
    ("event", "calendar-event"),
    ("coffee", "cup-hot"),
    ("seat", "person-raised-hand"),
    ("set", "collection"),
    ("session", "collection"),
    ("resource", "book"),
    ("pathway", "signpost-split"),
    ("topic", "lightbulb"),
)

_SENTENCES: dict[str, Callable[[Line], str]] = {
    "introduction_asked": lambda one: gettext("%(name)s asks to connect with you.", name=one.name),
    "introduction_woven": _woven,
    "introduction_accepted": lambda one: gettext("You and %(name)s are connected now.", name=one.name),
    "event_placed": lambda one: gettext("You have a place now: %(title)s", title=one.title),
    "event_moved": lambda one: gettext("Time, place or link have changed: %(title)s", title=one.title),
    "event_cancelled": lambda one: gettext("Cancelled: %(title)s", title=one.title),
    "event_answered": _answered,
    "seat_offered": lambda one: gettext("You are offered a place in a learning set: %(title)s", title=one.title),
    "seat_changed": lambda one: gettext("Your set has changed; you keep your place: %(title)s", title=one.title),
    "set_confirmed": lambda one: gettext("Your learning set is settled: %(title)s", title=one.title),
    "set_joined": lambda one: gettext("You are in a learning set now: %(title)s", title=one.title),
    "session_planned": lambda one: gettext("New sessions are planned: %(title)s", title=one.title),
    "session_moved": lambda one: gettext("A session is at another time or place: %(title)s", title=one.title),
    "session_cancelled": lambda one: gettext("A session is cancelled: %(title)s", title=one.title),
    "set_request_asked": lambda one: gettext("%(name)s asks to join %(title)s.", name=one.name, title=one.title),
    "coffee_paired": lambda one: gettext("You have somebody to meet over coffee."),
    "coffee_asked": lambda one: gettext("Did you meet over coffee? Say so."),
    "coffee_met": lambda one: gettext("%(name)s says that you met: you are connected now.", name=one.name),
    "coffee_ahead": lambda one: gettext(
        "Pairs for coffee are made on %(day)s.", day=words.day(date.fromisoformat(one.detail))
    ),
    "coffee_off": lambda one: gettext(
        "The coffee round of %(day)s is called off.", day=words.day(date.fromisoformat(one.detail))
    ),
    "event_proposals": lambda one: gettext("Proposals of events wait for your answer."),
    "resource_answered": _resource,
    "resource_author_asked": lambda one: gettext("You are named as an author: %(title)s", title=one.title),
    "resource_sent": lambda one: gettext("A resource waits for review: %(title)s", title=one.title),
    "pathway_module_added": lambda one: gettext(
        "A pathway that you finished has a new module: %(title)s (%(pathway)s)", title=one.title, pathway=one.detail
    ),
    "topic_answered": lambda one: gettext("A topic of yours is answered: %(title)s", title=one.title),
    "topic_retired": lambda one: gettext("A topic of yours is retired: %(title)s", title=one.title),
    "topic_planned": lambda one: gettext(
        "Something comes of a topic that you back (%(topic)s): %(title)s", topic=one.detail, title=one.title
    ),
    "topic_comment_hidden": lambda one: gettext("What you said to a topic is hidden: %(title)s", title=one.title),
}
