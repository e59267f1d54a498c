"""Whether two who were introduced met: asked on the pages of connections and introductions, answered here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, flash, request
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.connect import meetings
from haln.connect.meetings import Said
from haln.views import edge, words
from haln.views.speech import gettext

blueprint = Blueprint("meetings", __name__)

PAGES = {"connections": "connections.index", "introductions": "introductions.index"}
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one person as the pages draw it."""

    public_id: str
    name: str
    question: str
    asks: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Told:
    """What the member says of an introduction, to be changed: `met` is chosen now, and `touch` where it is asked."""

    met: str
    touch: str
    touch_due: bool
    said: str


def met_words() -> list[Option]:
    """What may be said of a meeting."""
    return [
        ("not_yet", gettext("Not yet")),
        ("met", gettext("We met")),
        ("useful", gettext("We met and it was useful")),
    ]


def touch_words() -> list[Option]:
    """What may be said half a year later."""
    return [("yes", gettext("Yes")), ("no", gettext("No"))]


def asked() -> list[Question]:
    """What the pages ask the member now."""
    found = meetings.asked(edge.session(), edge.actor(), edge.now())
    return [
        Question(
            one.person.public_id,
            one.person.name,
            one.question,
            _asks(one.question, one.person.name, words.day(one.since)),
            met_words() if one.question == meetings.MET else touch_words(),
        )
        for one in found
    ]


def _asks(question: str, name: str, day: str) -> str:
    if question == meetings.TOUCH:
        return gettext(
            "You were introduced to %(name)s on %(day)s and met. Are you still in touch?", name=name, day=day
        )
    return gettext("You were introduced to %(name)s on %(day)s. Did you meet?", name=name, day=day)


def told(others: Iterable[int]) -> dict[int, Told]:
    """What the member says of the introductions to others, by the others' numbers."""
    found = meetings.said(edge.session(), edge.actor(), others, edge.now())
    return {number: _told(one) for number, one in found.items()}


def _told(one: Said) -> Told:
    said = dict(met_words()).get(one.met, "")
    return Told(one.met, one.touch, one.touch_due, said)


@edge.page(blueprint, "/connections/<public_id>/meeting", Permission.NETWORK, "POST")
def answer(public_id: str) -> Response:
    """Say whether the two met, or are still in touch; or put the question away."""
    question, given = request.form.get("question", ""), request.form.get("answer", "")
    meetings.answer(edge.session(), edge.actor(), public_id, question, given, edge.now())
    aside = given == meetings.ASIDE
    flash(gettext("You are not asked again.") if aside else gettext("Saved. Nobody else sees your answer."), "success")
    return edge.back(PAGES.get(request.form.get("page", ""), "connections.index"))
