"""Correct when a learning set ran and who had a place in it: for staff, with what was believed before."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import HalnError
from haln.learn import set_corrections
from haln.learn.set_corrections import Belief, Dates, Line, Place, Seat
from haln.views import edge, local_time, words
from haln.views.network import correction_forms
from haln.views.speech import gettext
from haln.views.tables import Column

blueprint = Blueprint("network_set_corrections", __name__, url_prefix="/network")

SETS = (Column(lazy_gettext("Learning set")), Column(lazy_gettext("Began on")), Column(lazy_gettext("Ended on")))
PLACES = (Column(lazy_gettext("Member")), Column(lazy_gettext("From")), Column(lazy_gettext("Until before")))


@edge.page(blueprint, "/corrections/sets", Permission.MANAGE_MEMBERS)
def index() -> str:
    """Ask which set: the latest ones, or those of a name."""
    typed = request.args.get("name", "").strip()
    return render_template(
        "network/set_list_corrections.html",
        typed=typed,
        sets=[_line(one) for one in set_corrections.find(edge.session(), typed)],
        most=set_corrections.MOST,
        set_columns=SETS,
        back_url=url_for("network.overview"),
        **correction_forms.frame({}),
    )


@edge.page(blueprint, "/corrections/sets/<int:number>", Permission.MANAGE_MEMBERS)
def one_set(number: int) -> str:
    """Show what is known of a set, with the two forms."""
    return _page(number)


@edge.page(blueprint, "/corrections/sets/<int:number>", Permission.MANAGE_MEMBERS, "POST")
def correct_dates(number: int) -> Response | tuple[str, int]:
    """Write down when a set began and ended."""
    try:
        said = Dates(
            correction_forms.day("started_on"), correction_forms.day("ended_on"), request.form.get("set_reason", "")
        )
        set_corrections.correct_dates(edge.session(), edge.actor(), number, said, edge.now())
    except HalnError as error:
        return _refused(number, error, {"reason": "set_reason"})
    return _corrected(number)


@edge.page(blueprint, "/corrections/sets/<int:number>/places", Permission.MANAGE_MEMBERS, "POST")
def correct_place(number: int) -> Response | tuple[str, int]:
    """Write down when somebody had a place in a set."""
    address = request.form.get("address", "")
    try:
        set_corrections.correct_place(edge.session(), edge.actor(), number, address, _said(), edge.now())
    except HalnError as error:
        return _refused(number, error, {})
    return _corrected(number)


def _said() -> Place:
    """What was sent of a place, or Invalid."""
    sat = correction_forms.one_of("sat", ("yes", "no", "never"))
    reason = request.form.get("reason", "")
    if sat == "never":
        return Place(None, None, False, reason)
    return Place(correction_forms.first_day("from_on"), correction_forms.day("until_on"), sat == "yes", reason)


def _corrected(number: int) -> Response:
    flash(gettext("Corrected. Figures as known before today stay as they were."), "success")
    return edge.back("network_set_corrections.one_set", number=number)


def _refused(number: int, error: HalnError, names: Mapping[str, str]) -> tuple[str, int]:
    """The page with what was refused; `names` are those of fields that are called otherwise on it."""
    edge.session().rollback()
    wrong, status = correction_forms.refused(error)
    return _page(number, {names.get(field, field): sentence for field, sentence in wrong.items()}), status


def _page(number: int, errors: Mapping[str, str] | None = None) -> str:
    found = set_corrections.record(edge.session(), edge.actor(), number)
    line = found.line
    return render_template(
        "network/set_corrections.html",
        number=number,
        line=_line(line),
        lead=_lead(line),
        started=line.started_on.isoformat() if line.started_on else "",
        ended=line.ended_on.isoformat() if line.ended_on else "",
        places=[_place(one) for one in found.seats],
        place_columns=PLACES,
        believed=[_belief(one) for one in found.believed],
        made=[correction_forms.made_row(one.made, one.name) for one in found.made],
        choices=[
            ("yes", gettext("They had a place")),
            ("no", gettext("They had no place")),
            ("never", gettext("They never had one: it was entered by mistake"), gettext("No days are needed then.")),
        ],
        today=local_time.today().isoformat(),
        back_url=url_for("network_set_corrections.index"),
        **correction_forms.frame(errors or {}),
    )


def _line(line: Line) -> dict[str, str]:
    return {
        "name": line.name,
        "url": url_for("network_set_corrections.one_set", number=line.number),
        "started_on": words.day(line.started_on) if line.started_on else "–",
        "ended_on": words.day(line.ended_on) if line.ended_on else gettext("It runs"),
    }


def _lead(line: Line) -> str:
    start = words.day(line.started_on) if line.started_on else "–"
    if line.ended_on:
        return gettext("From %(start)s until %(end)s.", start=start, end=words.day(line.ended_on))
    return gettext("Since %(start)s. It runs.", start=start)


def _place(seat: Seat) -> dict[str, str]:
    name = seat.name or gettext("Somebody you cannot see")
    return {"name": name, **correction_forms.spell(seat.from_on, seat.until_on, "")}


def _belief(one: Belief) -> dict[str, str]:
    what = correction_forms.place_words(one.name, one.sat)
    return correction_forms.spell(one.days.from_on, one.days.until_on, what, one.recorded_on, one.replaced_on)
