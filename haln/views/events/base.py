"""What all pages of events share: the blueprint, an event in words, and what a form asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.errors import Conflict, Invalid
from haln.learn import event_facts
from haln.learn.event_facts import EventFacts
from haln.learn.event_lists import EventLine
from haln.people import places as known_places
from haln.views import edge, words
from haln.views.errors import say
from haln.views.local_time import typed_day, typed_hour, zone
from haln.views.speech import gettext, ngettext

blueprint = Blueprint("events", __name__, url_prefix="/events")

Page = str | Response | tuple[str, int]
FIELDS = ("title", "standfirst", "description", "day", "begins", "ends", "where", "place", "link", "capacity")
FEW = 5
"""Of no more free places than these it is said that they are few, and not how many."""

UNREADABLE = 0
"""A capacity that cannot be read: no event has it, so that it is refused with the rest."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event in a list. `chips`: pairs of words and kind."""

    url: str
    title: str
    standfirst: str
    when: str
    where: str
    chips: tuple[tuple[str, str], ...]
    themes: tuple[str, ...]


def event_row(line: EventLine, *, over: bool = False, now: datetime | None = None) -> EventRow:
    """An event in a list, in words. `now`, for proposals: one whose time is over has lapsed."""
    return EventRow(
        url=url_for("events.one", public_id=line.public_id),
        title=line.title,
        standfirst=line.standfirst,
        when=words.span(line.starts_at, line.ends_at),
        where=place(line.where, line.place, online=line.online),
        chips=tuple(_chips(line, over=over, lapsed=now is not None and line.starts_at <= now)),
        themes=tuple(words.label("theme", code) for code in line.themes),
    )


def _chips(line: EventLine, *, over: bool, lapsed: bool) -> list[tuple[str, str]]:
    if line.state == "cancelled":
        return [(gettext("Cancelled"), "bad")]
    if line.state == "proposed":
        return [(gettext("Its time is over"), "bad") if lapsed else (gettext("Proposed"), "accent")]
    if line.state in ("declined", "withdrawn"):
        return [(gettext("Declined") if line.state == "declined" else gettext("Taken back"), "bad")]
    found = []
    if line.mine == "registered":
        found.append((gettext("You were registered") if over else gettext("You have a place"), "good"))
    elif line.mine == "waiting" and not over:
        found.append((gettext("You wait for a place"), "accent"))
    if line.organises:
        found.append((gettext("You organise it"), "accent"))
    if not over and not line.mine and line.full:
        found.append((gettext("Full: waiting list"), ""))
    return found


def place(where: str, name: str | None, *, online: bool) -> str:
    """Where an event is: as its organiser says it, and the name of its place where that adds something."""
    if where or name:
        said = event_facts.whereabouts(where, name)
        return said if said == where else event_facts.whereabouts(where, words.place(name))
    return gettext("Online") if online else ""


def places(line: EventLine) -> str:
    """How many places there are, and whether some are free: of few, never how many."""
    if line.capacity is None:
        return gettext("Room for everybody")
    total = ngettext("%(num)s place", "%(num)s places", line.capacity)
    if line.full:
        return gettext("%(places)s, all taken", places=total)
    if line.capacity <= FEW:
        return (
            gettext("%(places)s, not all taken", places=total) if line.capacity > 1 else gettext("1 place, still free")
        )
    if line.capacity - line.taken <= FEW:
        return gettext("%(places)s, a few of them free", places=total)
    return gettext("%(places)s, some of them free", places=total)


def facts() -> EventFacts:
    """The event that a form asks for. Raises Invalid, with a sentence for each field that cannot be read."""
    wrong = {}
    day, begins, ends, capacity = (request.form.get(name, "").strip() for name in ("day", "begins", "ends", "capacity"))
    on_day, at, until = typed_day(day), typed_hour(begins), typed_hour(ends)
    if on_day is None:
        wrong["day"] = "Choose a day."
    if at is None:
        wrong["begins"] = "Enter when it begins, like 14:00."
    if until is None:
        wrong["ends"] = "Enter when it ends, like 15:30."
    said = {name: request.form.get(name, "") for name in ("title", "standfirst", "description", "where")}
    typed = request.form.get("place", "").strip()
    place_id = known_places.named(edge.session(), typed)
    if typed and place_id is None:
        wrong["place"] = "Choose a place from the list, or leave this empty."
    places_ = edge.whole(capacity) if capacity else None
    found = EventFacts(
        on_day=on_day or date.min,
        begins=at or time.min,
        ends=until or time.max,
        place_id=place_id,
        joining_link=request.form.get("link", ""),
        capacity=UNREADABLE if capacity and places_ is None else places_,
        themes=tuple(request.form.getlist("themes")),
        **said,
    )
    if wrong:  # all that is wrong, at once: without a day or hours the rest can still be judged
        times = event_facts.time_faults(found, zone(), edge.now())
        if at is None or until is None:
            times.pop("ends", None)
        wrong = times | wrong | event_facts.word_faults(found, theme_codes())
        raise Invalid(next(iter(wrong.values())), wrong)
    return found


def closed(
    check: Callable[[], None], row: Any, heading: str, typed: Sequence[tuple[str, str]] = ()
) -> tuple[str, int] | None:
    """The page that says why there is nothing to fill in: the event's facts and a sentence; none where there is.

    `check` raises Conflict. A form that was sent in vain is shown with what was typed.
    """
    try:
        check()
    except Conflict as error:
        page = render_template(
            "events/closed.html",
            heading=heading,
            sentence=say(error),
            title=row.title,
            public_id=row.public_id,
            facts=[
                (gettext("When"), words.span(row.starts_at, row.ends_at)),
                (
                    gettext("Where"),
                    place(row.where, known_places.name(edge.session(), row.place_id), online=bool(row.joining_link)),
                ),
                (gettext("Themes"), ", ".join(words.label("theme", code) for code in row.themes)),
            ],
            typed=[(label, said) for label, said in typed if said],
        )
        return page, 409 if request.method == "POST" else 200
    return None


def theme_codes() -> frozenset[str]:
    """The themes that there are."""
    return frozenset(theme.code for theme in words.vocabulary().themes)


def theme_options() -> list[tuple[str, str]]:
    """The themes as options of a form."""
    return [(theme.code, gettext(theme.label)) for theme in words.vocabulary().themes]
