"""Whom to talk to, and why: a member's suggestions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, flash, render_template, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.connect import explanations, mirror, suggestions
from haln.connect.mirror import Count
from haln.connect.shown_reasons import ShownReason
from haln.connect.suggestions import ShownSuggestion
from haln.people.profiles import OPEN_END
from haln.people.seen import PersonLine
from haln.views import edge, members, words
from haln.views.reason_words import ReasonWords, kind_words, reason_words
from haln.views.speech import gettext, ngettext

blueprint = Blueprint("suggestions", __name__, url_prefix="/suggestions")

REASONS = 3
"""Reasons on a card; the page that explains it tells all of them."""

WHOSE = "\ue000"
"""Of the characters that no text has: it stands for a public id until that is filled in."""

NEW = (ShownReason("newcomer", {}),)


@dataclass(frozen=True, slots=True)
class Card:
    """A suggestion as its card is drawn."""

    id: str
    name: str
    url: str
    tone: str
    role: str
    organisation: str
    place: str
    band: str
    band_words: str
    reasons: list[ReasonWords]


@dataclass(frozen=True, slots=True)
class Acts:
    """What may be done about a suggestion: addresses in which `whose` stands for the suggested member's public id.

    They differ in nothing else, so that a page draws the lower part of its cards once. `why_url` is empty for people
    who are shown without being suggested: there is nothing to explain.
    """

    whose: str
    ask_url: str
    not_now_url: str
    never_url: str
    why_url: str


@edge.page(blueprint, "", Permission.NETWORK)
def index() -> str:
    """Show the member's suggestions, best first."""
    length = int(current_app.config["SUGGESTIONS"])
    listing = suggestions.current(edge.session(), edge.actor(), length, edge.now(), REASONS)
    shown = listing.suggestions or [ShownSuggestion(person, "worth_a_look", NEW) for person in listing.newest]
    return render_template(
        "suggestions/index.html",
        cards=cards(shown),
        acts=acts(explained=bool(listing.suggestions)),
        first=not listing.suggestions,
        hints=listing.missing[:2],
    )


def cards(shown: Iterable[ShownSuggestion]) -> list[Card]:
    """Put suggestions into words; addresses and bands are made once for all of them."""
    people = url_for("members.page", public_id="")
    bands = {"strong": ("strong", gettext("Strong")), "good": ("good", gettext("Good"))}
    other = ("look", gettext("Worth a look"))
    found = []
    for one in shown:
        person, public_id = one.person, one.person.public_id
        band, band_words = bands.get(one.band, other)
        place = words.place(person.place)
        found.append(
            Card(
                id=public_id,
                name=person.name,
                url=people + public_id,
                tone=person.sector or "",
                role=words.work(person.role, person.level, person.job_title),
                organisation=person.organisation or place,
                place=place if person.organisation else "",
                band=band,
                band_words=band_words,
                reasons=reason_words(one.reasons, REASONS),
            )
        )
    return found


def acts(explained: bool) -> Acts:
    """The addresses on every card; that of the explanation only where there is one."""
    people, own = url_for("members.page", public_id=""), url_for("suggestions.index")
    return Acts(
        whose=WHOSE,
        ask_url=f"{people}{WHOSE}/ask?from=suggestions",
        not_now_url=f"{own}/{WHOSE}/not-now",
        never_url=f"{own}/{WHOSE}/never",
        why_url=f"{own}/{WHOSE}/why" if explained else "",
    )


@edge.page(blueprint, "/<public_id>/<any('not-now', never):how>", Permission.NETWORK, "POST")
def dismiss(public_id: str, how: str) -> str | Response:
    """Set a suggestion aside for a while, or for good."""
    days = int(current_app.config["NOT_NOW_DAYS"]) if how == "not-now" else None
    name = suggestions.dismiss(edge.session(), edge.actor(), public_id, days, edge.now())
    if days is None:
        said = gettext("%(name)s will not be suggested to you again.", name=name)
    else:
        said = ngettext(
            "%(name)s will not be suggested to you for a day.",
            "%(name)s will not be suggested to you for %(num)s days.",
            days,
            name=name,
        )
    undo_url = url_for("suggestions.undo", public_id=public_id)
    if edge.is_fragment():
        return render_template("suggestions/set_aside_line.html", public_id=public_id, said=said, undo_url=undo_url)
    flash(said, "success")
    return edge.back("suggestions.index", _anchor="main")


@edge.page(blueprint, "/<public_id>/undo", Permission.NETWORK, "POST")
def undo(public_id: str) -> Response:
    """Take "not now" or "don't suggest again" back."""
    name = suggestions.undo(edge.session(), edge.actor(), public_id, edge.now())
    flash(gettext("%(name)s may be suggested to you again.", name=name), "success")
    return edge.back("suggestions.index")


@edge.page(blueprint, "/set-aside", Permission.NETWORK)
def set_aside() -> str:
    """Show whom the member set aside, with a way back for each."""
    found = suggestions.set_aside(edge.session(), edge.actor(), edge.now())
    return render_template(
        "suggestions/set_aside.html",
        rows=[
            {
                "person": line(one.person),
                "until": words.day(one.until) if one.until else "",
                "undo_url": url_for("suggestions.undo", public_id=one.person.public_id),
            }
            for one in found
        ],
    )


def line(person: PersonLine) -> members.Person:
    """A person as a row of a list."""
    return members.person(person, url=url_for("members.page", public_id=person.public_id))


@edge.page(blueprint, "/<public_id>/why", Permission.NETWORK)
def why(public_id: str) -> str:
    """Explain a suggestion: what was used, what counted, and what is never used."""
    found = explanations.why(edge.session(), edge.actor(), public_id, edge.now())
    return render_template(
        "suggestions/why.html",
        person=line(found.person),
        ask_url=url_for("introductions.ask", public_id=public_id) + "?from=suggestions",
        explanation=found,
        reasons=reason_words(found.reasons, len(found.reasons), named=5),
        counted=[(_family(family), _weight(weight)) for family, weight in found.counted.items()],
        listed_on=words.day(found.listed_at),
        refreshed_on=words.day(found.refreshed_at),
    )


def _family(family: str) -> str:
    told: dict[str, Any] = {
        "themes": gettext("Themes: what you and they can help with, would like help with, and are interested in"),
        "people": gettext("People you both know, and who they know"),
        "connections": gettext("How many connections they have"),
        "texts": gettext("What you and they, and people you know, write about your work"),
        "work": gettext("Your roles, levels, sectors and organisations"),
        "place": gettext("Where you both work"),
        "bridge": gettext("Parts of the network that nobody links yet"),
        "groups": gettext("Sets, events, topics and modules that you share"),
        "activity": gettext("Being new, or active of late"),
        "turn": gettext("A fair turn, so that the same few are not always suggested"),
    }
    return str(told[family])


def _weight(weight: str) -> str:
    told: dict[str, Any] = {
        "much": gettext("counted a lot"),
        "some": gettext("counted"),
        "little": gettext("counted a little"),
        "against": gettext("counted against"),
    }
    return str(told[weight])


@edge.page(blueprint, "/mirror", Permission.NETWORK)
def mirrored() -> str:
    """Show members how often they are suggested to others, and why."""
    found = mirror.mirror(edge.session(), edge.actor(), int(current_app.config["SMALL_NUMBER"]), edge.now())
    return render_template(
        "suggestions/mirror.html",
        mirror=found,
        people=_people(found.people),
        reasons=[(kind_words(kind), _count(count)) for kind, count in found.reasons],
        since=words.day(found.since),
        paused=found.paused_until is not None,
        paused_until=words.day(found.paused_until) if found.paused_until not in (None, OPEN_END) else "",
    )


def _people(count: Count) -> str:
    if count.number == 0:
        return str(gettext("You were suggested to nobody in the last 30 days."))
    if count.few:
        return str(gettext("You were suggested to fewer than %(below)s people in the last 30 days.", below=count.below))
    return str(gettext("You were suggested to %(number)s people in the last 30 days.", number=count.number))


def _count(count: Count) -> str:
    if count.few:
        return str(gettext("fewer than %(below)s people", below=count.below))
    return str(ngettext("%(num)s person", "%(num)s people", count.number))
