"""Learning sets as a member meets them: what to join, what waits for an answer, their own sets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, HalnError, Invalid, NotPermitted, TooMany
from haln.learn import learning, set_requests
from haln.learn.learning import OwnApplication, OwnSet, ToJoin
from haln.learn.own_seats import OwnSeat
from haln.learn.seat_state import State
from haln.people.markdown import plain
from haln.views import edge, joining_words, words
from haln.views.errors import STATUS, say
from haln.views.leading_back import lead_back
from haln.views.local_time import today
from haln.views.reason_words import ReasonWords
from haln.views.speech import gettext, ngettext

blueprint = Blueprint("learning", __name__, url_prefix="/learning")
lead_back(blueprint, "learning.index")

REASONS = 3
PURPOSE = 220
"""Signs of a purpose on a card; the page behind it has all of it."""

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Card:
    """Something to join, as its card is drawn."""

    id: str
    title: str
    kind: str
    purpose: str
    themes: list[str]
    facts: list[str]
    band: str
    band_words: str
    reasons: list[ReasonWords]
    url: str
    act: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of one of the lists: its words, a second line, where it leads."""

    title: str
    told: str
    url: str = ""
    id: str = ""


@edge.page(blueprint, "", Permission.NETWORK)
def index() -> str:
    """Show all that a member has to do with learning sets."""
    found = learning.page(edge.session(), edge.actor(), today(), edge.now())
    seated = {seat.cohort_id for seat in found.seats}
    return render_template(
        "learning/index.html",
        seats=[_seat(seat) for seat in found.seats if seat.state == State.ASKED],
        said_yes=[_seat(seat) for seat in found.seats if seat.state == State.ACCEPTED],
        own=[_set(one) for one in found.sets if not one.over],
        past=[_set(one) for one in found.sets if one.over],
        asked=[
            Line(
                one.name,
                ngettext("%(num)s person would like to join.", "%(num)s people would like to join.", one.count),
                url_for("sets.people", public_id=one.set_id),
            )
            for one in found.asked
        ],
        cards=[_card(one) for one in found.to_join],
        applications=[
            *(_seat(seat) for seat in found.seats if not seat.open),
            *(_application(one) for one in found.applications if one.cohort_id not in seated),
        ],
        requests=[
            Line(one.name, gettext("Asked on %(day)s", day=words.day(one.asked_on)), id=one.public_id)
            for one in found.requests
        ],
    )


def _card(one: ToJoin) -> Card:
    band, band_words = joining_words.band(one.band)
    if one.is_set:
        kind, act = gettext("Running set"), gettext("Ask to join")
        url = url_for("learning.ask", public_id=one.public_id)
    else:
        kind, act = gettext("Call for applications"), gettext("Read more and apply")
        url = url_for("applications.about", public_id=one.public_id)
    return Card(
        id=one.public_id,
        title=one.title,
        kind=kind,
        purpose=plain(one.purpose, PURPOSE),
        themes=[words.label("theme", code) for code in one.themes],
        facts=_facts(one),
        band=band,
        band_words=band_words,
        reasons=joining_words.sentences(one.reasons, REASONS),
        url=url,
        act=act,
    )


def _facts(one: ToJoin) -> list[str]:
    """What one needs to know before opening it, each as a short sentence."""
    if one.is_set:
        places = ngettext("%(num)s open place", "%(num)s open places", one.places)
        led = gettext("Facilitated by %(name)s", name=one.facilitator) if one.facilitator else ""
        return [fact for fact in (places, led, one.where) if fact]
    return [
        fact
        for fact in (
            _on(gettext("Apply by %(day)s"), one.closes_on),
            _on(gettext("Begins on %(day)s"), one.starts_on),
            ngettext("%(num)s session", "%(num)s sessions", one.sessions) if one.sessions else "",
            one.where,
        )
        if fact
    ]


def _on(sentence: str, day: date | None) -> str:
    return sentence % {"day": words.day(day)} if day else ""


def _seat(seat: OwnSeat) -> Line:
    return Line(seat.title, joining_words.seat(seat), url_for("seats.one", public_id=seat.public_id))


def _set(one: OwnSet) -> Line:
    if one.left:
        told = gettext("You are in it no longer.")
    elif one.next_at and not one.over:
        told = gettext("Next session: %(moment)s", moment=words.moment(one.next_at))
    elif one.over or not one.started_on:
        told = _on(gettext("Began on %(day)s"), one.started_on)
    else:
        told = gettext("No session is planned yet.")
    return Line(one.name, told, "" if one.left else url_for("sets.workspace", public_id=one.public_id))


def _application(one: OwnApplication) -> Line:
    if one.state == "placed":
        told = gettext("You have a place in a set.") if one.sits else gettext("You had a place in a set.")
    elif one.state == "left_over":
        told = gettext("There was no set for you this time. When you apply again, your turn comes earlier.")
    elif one.cohort_open:
        told = _on(gettext("You have applied. You can change what you said until %(day)s."), one.closes_on) or gettext(
            "You have applied. You can change what you said until it closes."
        )
    else:
        told = gettext("You have applied. The sets are being formed, and you will be asked before anything is decided.")
    return Line(one.title, told, url_for("applications.about", public_id=one.cohort_id))


@edge.page(blueprint, "/sets/<public_id>", Permission.NETWORK, "GET", "POST")
def ask(public_id: str) -> Page:
    """Show a running set as others may see it, and ask to join it."""
    problem: HalnError | None = None
    note = request.form.get("note", "")
    if request.method == "POST":
        try:
            name = set_requests.ask(edge.session(), edge.actor(), public_id, note, edge.now())
        except (Invalid, Conflict, TooMany, NotPermitted) as error:
            problem = error
        else:
            flash(gettext("Your request to join %(name)s is on its way.", name=name), "success")
            return edge.back("learning.index")
    one = set_requests.open_set(edge.session(), edge.actor(), public_id)
    page = render_template(
        "learning/ask.html",
        card=_card(one),
        purpose=plain(one.purpose, 4000),
        note=note,
        note_problem=say(problem) if isinstance(problem, Invalid) else "",
        problem=say(problem) if problem and not isinstance(problem, Invalid) else "",
    )
    return page if problem is None else (page, STATUS[type(problem)])


@edge.page(blueprint, "/requests/<public_id>/withdraw", Permission.NETWORK, "POST")
def withdraw(public_id: str) -> Response:
    """Take a request back."""
    set_requests.withdraw(edge.session(), edge.actor(), public_id, edge.now())
    flash(gettext("Your request is withdrawn."), "success")
    return edge.back("learning.index")
