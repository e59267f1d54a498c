"""How mail fares, for staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, NotFound
from haln.post import delivery
from haln.views import edge, newsletter_words, words
from haln.views.errors import say
from haln.views.local_time import today, typed_day, zone
from haln.views.outbox import KINDS
from haln.views.speech import gettext
from haln.views.tables import Column

blueprint = Blueprint("delivery", __name__, url_prefix="/staff/delivery")
WEEKS = 13
LATE = timedelta(minutes=15)
"""When a message has been due for so long, staff are asked whether a worker runs."""

COLUMNS = {
    "waiting": lazy_gettext("Waiting"),
    "held": lazy_gettext("Held back"),
    "sent": lazy_gettext("Sent"),
    "cancelled": lazy_gettext("Cancelled"),
    "refused": lazy_gettext("Refused"),
    "returned": lazy_gettext("Came back"),
    "complained": lazy_gettext("Complaints"),
}


@edge.page(blueprint, "", Permission.SEE_POST)
def index() -> str:
    """Say whether mail leaves, how it fared week by week, and which addresses get none."""
    session, now = edge.session(), edge.now()
    monday = _week(request.args.get("week", ""))
    page = edge.number_argument("page", 10_000) or 0
    found = delivery.stopped(session, page)
    owners = delivery.whose(session, edge.actor(), found)
    threshold = int(current_app.config["SMALL_NUMBER"])
    pulse = delivery.pulse(session, now, threshold)
    rows = _rows(delivery.week(session, *_span(monday), threshold))
    this_week = today() - timedelta(days=today().weekday())
    return render_template(
        "staff/delivery.html",
        pulse=pulse,
        sealed_due=newsletter_words.number(pulse.sealed),
        late=pulse.oldest is not None and pulse.oldest < now - LATE,
        monday=monday,
        rows=rows,
        columns=[Column(gettext("Kind of message")), *(Column(str(name), number=True) for name in COLUMNS.values())],
        earlier_url=_url(monday - timedelta(days=7)) if monday > this_week - timedelta(weeks=WEEKS - 1) else "",
        later_url=_url(monday + timedelta(days=7)) if monday < this_week else "",
        stopped=[(one, reason(one), owners.get(one.address)) for one in found[: delivery.PAGE]],
        members_url=url_for("members.page", public_id=""),
        stopped_columns=[
            Column(gettext("Address")),
            Column(gettext("Why")),
            Column(gettext("Since")),
            Column(gettext("What to do")),
        ],
        count=delivery.count_stopped(session),
        next_url=url_for("delivery.index", page=page + 1) if len(found) > delivery.PAGE else "",
        start_url=url_for("delivery.index") if page else "",
        words=words,
    )


def _week(raw: str) -> date:
    """The Monday of the week that is asked for: this one, or one of those whose mail is kept."""
    this_week = today() - timedelta(days=today().weekday())
    asked = typed_day(raw) if raw else this_week
    if asked is None or asked.weekday() or not this_week - timedelta(weeks=WEEKS - 1) <= asked <= this_week:
        raise NotFound("There is no such week here.")
    return asked


def _span(monday: date) -> tuple[datetime, datetime]:
    return _midnight(monday), _midnight(monday + timedelta(days=7))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), zone()).astimezone(UTC)


def _url(monday: date) -> str:
    return url_for("delivery.index", week=monday.isoformat())


def _rows(counted: Mapping[str, Mapping[str, int | None]]) -> list[tuple[str, list[str]]]:
    """The kinds in words; those that have one name are one row, as they are in the outbox."""
    found: dict[str, dict[str, int | None]] = {}
    for kind, numbers in counted.items():
        name = str(KINDS.get(kind, kind))
        row = found.setdefault(name, dict.fromkeys(COLUMNS, 0))
        for column, number in numbers.items():
            before = row[column]
            row[column] = None if before is None or number is None else before + number
    return [(name, [newsletter_words.number(row[column]) for column in COLUMNS]) for name, row in sorted(found.items())]


def reason(one: delivery.Stopped) -> str:
    """Why an address gets no mail."""
    if not one.liftable:
        return gettext("Its owner complained of our mail")
    if one.code.startswith("5.2"):
        return gettext("The mailbox is closed")
    if one.code.startswith("5.1"):
        return gettext("There is no such mailbox")
    return gettext("Mail came back on several days")


@edge.page(blueprint, "/lift", Permission.SEE_POST, "POST")
def lift() -> Response:
    """Let mail go to an address again."""
    try:
        delivery.lift(edge.session(), edge.actor(), request.form.get("address", "")[:254], edge.now())
    except (Conflict, NotFound) as error:
        flash(say(error), "warning")
    else:
        flash(gettext("Mail goes to this address again."), "success")
    return edge.back("delivery.index")


@edge.page(blueprint, "/again", Permission.SEE_POST, "POST")
def again() -> Response:
    """Try those letters of a week again that failed and stand in no list."""
    monday = _week(request.form.get("week", ""))
    delivery.try_again(edge.session(), edge.actor(), *_span(monday), edge.now())
    flash(gettext("Those that failed are tried again within a minute."), "success")
    return redirect(_url(monday), 303)
