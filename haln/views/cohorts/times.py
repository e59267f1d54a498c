"""The times a cohort asks about: look at them, add some, take some away."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from flask import flash, render_template, request
from flask_babel import get_locale

from haln.access import Permission
from haln.errors import Conflict, Invalid
from haln.learn import cohort_losses, leading, slots
from haln.learn.slots import Grid, Poll
from haln.learn.weekly_times import HALVES
from haln.views import edge, slot_words
from haln.views.cohorts.base import Page, blueprint, day, head, ids, number, version
from haln.views.errors import STATUS, say
from haln.views.local_time import today, zone
from haln.views.speech import gettext, ngettext

_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*(am|pm)?", re.IGNORECASE)


@edge.page(blueprint, "/<public_id>/times", Permission.FORM_SETS, "GET", "POST")
def times(public_id: str) -> Page:
    """The times of a cohort, each with how many can make it."""
    problem: Invalid | Conflict | None = None
    if request.method == "POST":
        if (sure := _asked_once_more(public_id)) is not None:
            return sure
        try:
            flash(_changed(public_id), "success")
        except (Invalid, Conflict) as error:
            edge.session().rollback()
            problem = error
        else:
            return edge.back("cohorts.times", public_id=public_id)
    shown = head(public_id, "cohorts.times")
    row = leading.led_cohort(edge.session(), edge.actor(), public_id)
    every = slots.of_cohort(edge.session(), row.id)
    problems = {name: gettext(said) for name, said in problem.fields.items()} if isinstance(problem, Invalid) else {}
    page = render_template(
        "cohorts/times.html",
        head=shown,
        table=slot_words.table(every, counts=slots.answers(edge.session(), row.id)),
        kind=row.availability,
        problem=say(problem) if isinstance(problem, Conflict) else "",
        problems=problems,
        summary=[("slot-0-0" if name == "slots" else name, said) for name, said in problems.items()],
        sent=request.form,
        weekdays=_weekdays(),
        halves=[(half, slot_words.half_words(half)) for half in HALVES],
        chosen_days=request.form.getlist("weekdays") or ["0", "1", "2", "3", "4"],
        chosen_halves=request.form.getlist("halves") or ["morning", "afternoon"],
        can_change=row.state not in ("formed", "cancelled"),
    )
    return page, STATUS[type(problem)] if problem else 200


def _asked_once_more(public_id: str) -> str | None:
    """A page that says which answers go, where times are taken away while people are asked for their places."""
    if request.form.get("do") != "take" or request.form.get("sure"):
        return None
    lost = cohort_losses.times(edge.session(), edge.actor(), public_id, ids("slot"))
    if lost is None:
        return None
    shown, chosen = head(public_id, "cohorts.times"), sorted(ids("slot"))
    return render_template("cohorts/take_times.html", head=shown, lost=lost, chosen=chosen, sent=version())


def _weekdays() -> list[tuple[str, str]]:
    locale: Any = get_locale()
    return [(str(number), locale.days["format"]["wide"][number]) for number in range(7)]


def _changed(public_id: str) -> str:
    """Do what the form asks for, and say what was done."""
    asked = request.form.get("do", "")
    if asked == "take":
        lost = slots.take_away(edge.session(), edge.actor(), public_id, version(), ids("slot"), edge.now())
        if not lost:
            return gettext("The times are taken away.")
        return ngettext(
            "The times are taken away, and with them %(num)s answer.",
            "The times are taken away, and with them %(num)s answers.",
            lost,
        )
    if asked == "grid":
        days = frozenset(int(text) if text in {"0", "1", "2", "3", "4", "5", "6"} else -1 for text in _sent("weekdays"))
        grid = Grid(day("first"), number("weeks"), days, frozenset(_sent("halves")))
        added = slots.add_grid(edge.session(), edge.actor(), public_id, version(), grid, today(), edge.now())
    else:
        poll = Poll(day("day"), _clocks(request.form.get("times", "")), number("poll_weeks", 1))
        added = slots.add_hours(edge.session(), edge.actor(), public_id, version(), poll, zone(), today(), edge.now())
    return ngettext("%(num)s time is added.", "%(num)s times are added.", added)


def _sent(name: str) -> list[str]:
    return request.form.getlist(name)


def _clocks(text: str) -> tuple[time, ...]:
    """Times of day as people write them: 10:00, 14:00; 10am and 2.30pm. Raises Invalid for what is none."""
    found = []
    for part in re.split(r"[,;\n]", text):
        if not part.strip():
            continue
        clock = _CLOCK.fullmatch(part.strip())
        hour, minute = (int(clock[1]), int(clock[2] or 0)) if clock else (99, 0)
        if clock and clock[3]:
            hour = hour % 12 + (12 if clock[3].lower() == "pm" else 0) if 1 <= hour <= 12 else 99
        if hour > 23 or minute > 59:
            problem = "Write one to twelve times of day, like 10:00, 14:00."
            raise Invalid(problem, {"times": problem})
        found.append(time(hour, minute))
    return tuple(found)
