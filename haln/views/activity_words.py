"""What brings people together, in words: activities, sources of introductions, leading reasons of suggestions."""

from __future__ import annotations

from haln.measure.attribution import COFFEE, EVENT, INTRODUCED, SET, Activity
from haln.views.connections import evidence_words
from haln.views.speech import gettext


def activity(one: Activity) -> str:
    """An activity's name."""
    if one.kind == INTRODUCED:
        return introduction(one.detail)
    if one.kind == SET:
        return gettext("Learning sets")
    if one.kind == EVENT:
        return gettext("Events at which both were")
    if one.kind == COFFEE:
        return gettext("Coffee rounds")
    known = dict(evidence_words())
    return known.get(one.kind, gettext("Connected before: somebody came back or began to count"))


def kind(code: str) -> str:
    """A kind of activity; introductions of every source together."""
    return gettext("Introductions") if code == INTRODUCED else activity(Activity(code))


def introduction(source: str) -> str:
    """Introductions of a source."""
    told = {
        "suggestion": gettext("Introductions from suggestions"),
        "directory": gettext("Introductions from the directory"),
        "member_page": gettext("Introductions from a member's page"),
        "weaver": gettext("Introductions by another member"),
    }
    return told.get(source, gettext("Introductions of which no source is recorded"))


def reason(kind: str) -> str:
    """The leading reason of a suggestion."""
    told = {
        "they_offer_you_seek": gettext("One can help with what the other seeks"),
        "you_offer_they_seek": gettext("One seeks help that the other can give"),
        "shared_theme": gettext("Interested in the same themes"),
        "step_ahead": gettext("A step ahead in a theme"),
        "mutual_connections": gettext("Know the same people"),
        "same_place_other_sector": gettext("In the same place, in different sectors"),
        "same_role_other_organisation": gettext("Do the same work in different organisations"),
        "first_link": gettext("First link between two parts of the network"),
        "similar_text": gettext("Write about the same things"),
        "shared_group": gettext("Share a learning set, an event, a topic or a module"),
        "shared_event": gettext("Went to the same event"),
        "shared_topic": gettext("Back the same topic"),
        "shared_module": gettext("Finished the same module"),
        "newcomer": gettext("New to the network"),
        "active_nearby": gettext("Active in the same region"),
        "same_place": gettext("In the same place"),
        "same_region": gettext("In the same region"),
        "same_sector": gettext("In the same sector"),
        "active": gettext("Often here"),
    }
    return told.get(kind, kind.replace("_", " ") or gettext("No reason is recorded"))
