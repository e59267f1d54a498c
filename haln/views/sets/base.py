"""What all pages of sets share: the blueprint, people and faults in words, and dates and hours from forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, request, url_for

from haln.errors import HalnError, Invalid
from haln.learn.session_times import Meeting, Span
from haln.learn.set_access import Entry
from haln.learn.set_people import Circle, Mate, Sight
from haln.views import edge, members, words
from haln.views.errors import STATUS, fill, say
from haln.views.local_time import typed_day, typed_hour
from haln.views.speech import gettext

blueprint = Blueprint("sets", __name__)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a set as the pages draw them; `url` is empty where there is no page to see."""

    id: int
    name: str
    tone: str
    role: str
    organisation: str
    place: str
    url: str
    tie: str = ""
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a form: all of it for the summary, and the sentence for each field."""

    listed: tuple[tuple[str, str], ...] = ()
    of: dict[str, str] | None = None
    status: int = 200

    def get(self, name: str) -> str:
        """The sentence for a field, or nothing."""
        return (self.of or {}).get(name, "")


def faults(error: HalnError, known: tuple[str, ...]) -> Faults:
    """A refusal as a page's faults; `known` are the fields that the page has."""
    of = {}
    if isinstance(error, Invalid):
        for name, sentence in error.fields.items():
            of[name] = fill(sentence, error)
    listed = tuple((name if name in known else "", said) for name, said in of.items()) or (("", say(error)),)
    return Faults(listed, of, STATUS[type(error)])


def mate_name(mate: Mate | None) -> str:
    """What somebody is called on this page."""
    if mate is None:
        return ""
    if mate.sight is Sight.HERE:
        return mate.name
    return gettext("Former member") if mate.sight is Sight.FORMER else gettext("A member you cannot see")


def person(mate: Mate, me: int, tie: str = "") -> Person:
    """Somebody of a set, as far as they may be seen."""
    if mate.person is None:
        return Person(mate.id, mate_name(mate), "", "", "", "", "", tie, mate.id == me)
    drawn = members.person(mate.person)
    url = url_for("members.page", public_id=mate.person.public_id)
    facts = (drawn.tone, drawn.role, drawn.organisation, drawn.place)
    return Person(mate.id, mate.name, *facts, url, tie, mate.id == me)


def choices(circle: Circle, *, leader: bool = False) -> list[tuple[str, str]]:
    """The members as options of a list, with the facilitator where wanted. Those unseen are told apart by numbers."""
    found, unseen = [], 0
    everyone = list(circle.members)
    if leader and circle.facilitator is not None and circle.facilitator not in everyone:
        everyone.append(circle.facilitator)
    for mate in everyone:
        name = mate_name(mate)
        if mate.sight is Sight.UNSEEN:
            unseen += 1
            name = f"{name} ({unseen})" if unseen > 1 else name
        found.append((str(mate.id), name))
    return found


def number(name: str) -> int | None:
    """A whole number that a form sent; none for nothing, and for what is none."""
    return edge.whole(request.form.get(name, ""))


def meeting() -> Meeting:
    """The session that a form asks for. Raises Invalid, with a sentence for each field that cannot be read."""
    wrong = {}
    day, begins, ends = (request.form.get(name, "").strip() for name in ("day", "begins", "ends"))
    on_day, at, until = typed_day(day), typed_hour(begins), typed_hour(ends)
    if on_day is None:
        wrong["day"] = "Choose a day."
    if at is None:
        wrong["begins"] = "Enter when it begins, like 14:00."
    if until is None:
        wrong["ends"] = "Enter when it ends, like 15:30."
    if on_day is None or at is None or until is None:
        raise Invalid(next(iter(wrong.values())), wrong)
    said = (request.form.get(name, "") for name in ("where", "link", "agenda"))
    return Meeting(on_day, at, until, *said)


def span(starts_at: datetime, minutes: int) -> str:
    """A session's time in words: Thursday 3 December 2026, 2:00pm to 3:30pm."""
    return words.span(starts_at, Span(starts_at, minutes).ends_at)


def frame(entry: Entry) -> dict[str, Any]:
    """What every page of one set says of it."""
    row = entry.row
    return {
        "set_name": row.name,
        "set_id": row.public_id,
        "set_url": url_for("sets.workspace", public_id=row.public_id),
        "entry": entry,
        "words": words,
    }
