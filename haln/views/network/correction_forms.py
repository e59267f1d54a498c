"""What the pages of corrections share: their tabs, the days that are sent, what was refused, what was corrected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date
from typing import TYPE_CHECKING, Any

from flask import request, url_for
from flask_babel import format_date, format_decimal, lazy_gettext

from haln.errors import HalnError, Invalid
from haln.measure import corrected
from haln.views import edge, words
from haln.views.connections import evidence_words
from haln.views.errors import STATUS, fill, say
from haln.views.network import asking
from haln.views.network.tabs import Tab
from haln.views.speech import gettext
from haln.views.tables import Column

if TYPE_CHECKING:
    from haln.measure.corrected import Change
    from haln.people.correcting import Made

PAGES = (
    ("network_corrections.index", lazy_gettext("Members")),
    ("network_tie_corrections.index", lazy_gettext("Connections")),
    ("network_set_corrections.index", lazy_gettext("Learning sets")),
)

KNOWN = (
    Column(lazy_gettext("From")),
    Column(lazy_gettext("Until before")),
    Column(lazy_gettext("What was so")),
    Column(lazy_gettext("Written down on")),
)
BELIEVED = (*KNOWN, Column(lazy_gettext("Corrected on")))
MADE = (
    Column(lazy_gettext("Corrected on")),
    Column(lazy_gettext("By")),
    Column(lazy_gettext("What was said")),
    Column(lazy_gettext("How it was known")),
)


PREVIEW = (
    Column(lazy_gettext("At the end of")),
    Column(lazy_gettext("Members")),
    Column(lazy_gettext("Connections")),
)


def frame(errors: Mapping[str, str], changes: Sequence[Change] | None = None) -> dict[str, Any]:
    """What every page of corrections is drawn with. `changes`: what the one that was sent would change."""
    tabs = [
        Tab(str(label), url_for(endpoint), request.blueprint == endpoint.partition(".")[0]) for endpoint, label in PAGES
    ]
    return {
        "tabs": tabs,
        "columns": KNOWN,
        "believed_columns": BELIEVED,
        "made_columns": MADE,
        "errors": dict(errors),
        "error_pairs": list(errors.items()),
        "form": request.form,
        "previewed": changes is not None,
        "preview": [_change(one) for one in changes or ()],
        "preview_columns": PREVIEW,
    }


def wants_preview() -> bool:
    """Whether it is asked what the correction would change, before it is made."""
    return request.form.get("act") == "preview"


def preview(correct: Callable[[], None]) -> tuple[Change, ...]:
    """What a correction would change in the figures. It is not made."""
    today = edge.now().astimezone(UTC).date()
    return corrected.preview(edge.session(), words.vocabulary(), asking.held(), correct, today)


def _change(one: Change) -> dict[str, str]:
    return {"day": words.day(one.day), "members": _from_to(one.members), "ties": _from_to(one.ties)}


def _from_to(numbers: tuple[int, int]) -> str:
    before, after = (str(format_decimal(number)) for number in numbers)
    if before == after:
        return before
    return gettext("%(before)s, with the correction %(after)s", before=before, after=after)


def day(field: str) -> date | None:
    """The day that was sent in a field; none where it is empty. Raises Invalid for what is no day."""
    text = request.form.get(field, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("Give a day as in 2026-03-31.", {field: "Give a day as in 2026-03-31."}) from None


def first_day(field: str) -> date:
    """The day that was sent, which is needed. Raises Invalid."""
    found = day(field)
    if found is None:
        raise Invalid("Give the first day.", {field: "Give the first day."})
    return found


def one_of(field: str, codes: tuple[str, ...]) -> str:
    """The choice that was sent. Raises Invalid for none of the list."""
    given = request.form.get(field, "")
    if given not in codes:
        raise Invalid("Choose one of the list.", {field: "Choose one of the list."})
    return given


def refused(error: HalnError) -> tuple[dict[str, str], int]:
    """What was refused, by field in the reader's language, and with which status."""
    fields = error.fields if isinstance(error, Invalid) else {}
    wrong = {field: fill(sentence, error) for field, sentence in fields.items()} or {"": say(error)}
    return wrong, STATUS[type(error)]


def spell(
    from_on: date,
    until_on: date | None,
    what: str,
    recorded_on: date | None = None,
    replaced_on: date | None = None,
) -> dict[str, str]:
    """A row of what is known, or was believed until it was replaced."""
    open_end = gettext("No end was known") if replaced_on else "–"
    return {
        "from_on": words.day(from_on),
        "until_on": words.day(until_on) if until_on else open_end,
        "what": what,
        "recorded_on": words.day(recorded_on) if recorded_on else "",
        "replaced_on": words.day(replaced_on) if replaced_on else "",
    }


def made_row(made: Made, name: str | None = None) -> dict[str, str]:
    """A row of what was corrected. `name`: whose place it is about."""
    return {
        "at": words.moment(made.at, short=True),
        "by": made.by or gettext("Somebody you cannot see"),
        "what": _what(made, name),
        "reason": made.reason or "–",
    }


def _what(made: Made, name: str | None) -> str:
    detail = made.detail
    if made.action == "correct_set":
        return gettext(
            "Ran from %(first)s until %(last)s",
            first=_short(detail.get("started_on")),
            last=_short(detail.get("ended_on")),
        )
    from_on, until_on = detail.get("from_on"), detail.get("until_on")
    what = _state(made, name)
    if not from_on:
        return gettext("%(what)s, at any time", what=what)
    if not until_on:
        return gettext("%(what)s, from %(first)s on", what=what, first=_short(from_on))
    return gettext(
        "%(what)s, from %(first)s until before %(last)s", what=what, first=_short(from_on), last=_short(until_on)
    )


def _state(made: Made, name: str | None) -> str:
    detail = made.detail
    if made.action == "correct_membership":
        return gettext("Member") if detail.get("member") else gettext("Not a member")
    if made.action == "correct_connection":
        return connected_words(str(detail["evidence"]) if detail.get("evidence") else None)
    return place_words(name, bool(detail.get("sat")))


def place_words(name: str | None, sat: bool) -> str:
    """Whether somebody had a place in a set. `name`: none where it is hidden."""
    who = name or gettext("Somebody you cannot see")
    return gettext("%(name)s had a place", name=who) if sat else gettext("%(name)s had no place", name=who)


def connected_words(evidence: str | None) -> str:
    """How two stood to each other."""
    if evidence is None:
        return gettext("Not connected")
    return gettext("Connected: %(evidence)s", evidence=dict(evidence_words()).get(evidence, evidence))


def _short(day: Any) -> str:
    return str(format_date(date.fromisoformat(str(day)), "d MMM y")) if day else "–"
