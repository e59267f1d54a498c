"""What all pages of a cohort share: the blueprint, the head with its tabs, and how a form is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response

from haln.errors import Conflict, Invalid
from haln.learn import cohort_lists
from haln.learn.cohort_lists import CohortLine
from haln.views import edge
from haln.views.errors import say
from haln.views.layout import Link
from haln.views.local_time import today
from haln.views.speech import gettext

blueprint = Blueprint("cohorts", __name__, url_prefix="/cohorts")

Page = Any
"""What a view answers: a page, a page with its status, or a response."""

UNREADABLE = -1
"""What no number is read as: out of every range, so that the domain says what fits."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a cohort's pages."""

    public_id: str
    title: str
    state: str
    state_words: str
    state_kind: str
    version: int
    tabs: list[Link]
    line: CohortLine


def head(public_id: str, here: str) -> Head:
    """The head of a cohort that the actor leads; `here` is the page's own endpoint."""
    line = cohort_lists.one(edge.session(), edge.actor(), public_id, today(), edge.now())
    pages = [
        ("cohorts.one", gettext("Overview"), None),
        ("cohorts.people", gettext("People"), line.applied),
        ("cohorts.pairs", gettext("Pairs"), None),
        ("cohorts.rules", gettext("Rules"), None),
        ("cohorts.times", gettext("Times"), line.slots if line.availability != "none" else None),
        ("cohorts.facilitators", gettext("Facilitators"), None),
        ("plans.index", gettext("Plans"), None),
    ]
    if line.availability == "none":
        pages = [page for page in pages if page[0] != "cohorts.times"]
    return Head(
        public_id=line.public_id,
        title=line.title,
        state=line.state,
        state_words=state_words(line.state),
        state_kind=STATE_KINDS.get(line.state, ""),
        version=line.version,
        tabs=[
            Link(url_for(endpoint, public_id=public_id), label, current=endpoint == here, count=count)
            for endpoint, label, count in pages
        ],
        line=line,
    )


STATE_KINDS = {"open": "good", "cancelled": "bad", "formed": "accent"}


def state_words(state: str) -> str:
    """The state of a cohort as people read it."""
    said = {
        "draft": gettext("Draft"),
        "open": gettext("Open for applications"),
        "closed": gettext("Applications closed"),
        "formed": gettext("Sets formed"),
        "cancelled": gettext("Cancelled"),
    }
    return said[state]


def number(name: str, default: int = UNREADABLE) -> int:
    """A whole number of the form; what is none is out of every range."""
    text = request.form.get(name, "").strip()
    if not text:
        return default
    found = edge.whole(text, 9)
    return UNREADABLE if found is None else found


def version() -> int:
    """Which version of the cohort the page showed; a form without one changes nothing."""
    return number("version")


def day(name: str) -> date | None:
    """A day of the form, none for nothing. Raises Invalid for what is none."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        problem = "Enter a day like 2026-10-05."
        raise Invalid(problem, {name: problem}) from error


def done_or_refused(act: Callable[[], str], endpoint: str, **values: Any) -> Response:
    """Do it and say so, or say why it is refused; the page at `endpoint` shows how things stand, either way."""
    try:
        said, kind = act(), "success"
    except (Conflict, Invalid) as error:
        edge.session().rollback()
        said, kind = say(error), "warning"
    flash(said, kind)
    return edge.back(endpoint, **values)


def ids(name: str) -> frozenset[int]:
    """The numbers that were ticked; what is none names nothing that is there."""
    sent = (edge.whole(text) for text in request.form.getlist(name))
    return frozenset(UNREADABLE if found is None else found for found in sent)


def page_number() -> int:
    """Which page of a list is asked for, from 1."""
    return edge.number_argument("page", 10_000) or 1
