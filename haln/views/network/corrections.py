"""Correct when somebody was a member: for staff, with what was believed before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import HalnError, Invalid
from haln.people import corrections
from haln.people.corrections import Correction, Known
from haln.views import edge, local_time, words
from haln.views.errors import STATUS, say
from haln.views.speech import gettext
from haln.views.tables import Column

blueprint = Blueprint("network_corrections", __name__, url_prefix="/network")

COLUMNS = (
    Column(lazy_gettext("From")),
    Column(lazy_gettext("Until before")),
    Column(lazy_gettext("What was so")),
    Column(lazy_gettext("Written down on")),
)


@edge.page(blueprint, "/corrections", Permission.MANAGE_MEMBERS)
def index() -> str:
    """Ask whose dates are wrong; with an address, show what is known and the form."""
    address = request.args.get("address", "").strip()
    return _page(address)


@edge.page(blueprint, "/corrections", Permission.MANAGE_MEMBERS, "POST")
def correct() -> Response | tuple[str, int]:
    """Write a correction down."""
    address = request.form.get("address", "")
    try:
        corrections.correct(edge.session(), edge.actor(), address, _said(), edge.now())
    except HalnError as error:
        edge.session().rollback()
        fields = error.fields if isinstance(error, Invalid) else {}
        wrong = {field: gettext(sentence) for field, sentence in fields.items()} or {"": say(error)}
        return _page(address, wrong), STATUS[type(error)]
    flash(gettext("Corrected. Figures as known before today stay as they were."), "success")
    return edge.back("network_corrections.index", address=address)


def _said() -> Correction:
    """What was sent, or Invalid."""
    from_on = _day("from_on")
    if from_on is None:
        raise Invalid("Give the first day.", {"from_on": "Give the first day."})
    member = request.form.get("member", "")
    if member not in ("yes", "no"):
        raise Invalid("Choose one of the list.", {"member": "Choose one of the list."})
    return Correction(from_on, _day("until_on"), member == "yes", request.form.get("reason", ""))


def _day(field: str) -> date | None:
    text = request.form.get(field, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("Give a day as in 2026-03-31.", {field: "Give a day as in 2026-03-31."}) from None


def _page(address: str, errors: Mapping[str, str] | None = None) -> str:
    found, wrong = None, dict(errors or {})
    if address:
        try:
            found = corrections.record(edge.session(), address)
        except HalnError as error:
            wrong = {"address": say(error)}
    return render_template(
        "network/corrections.html",
        address=address,
        found=found,
        known=[_row(one) for one in found.known] if found else [],
        believed=[_row(one) for one in found.believed] if found else [],
        columns=COLUMNS,
        errors=wrong,
        form=request.form,
        error_pairs=list(wrong.items()),
        standings=[("yes", gettext("They were a member")), ("no", gettext("They were not a member"))],
        today=local_time.today().isoformat(),
        back_url=url_for("network.overview"),
    )


def _row(known: Known) -> dict[str, Any]:
    return {
        "from_on": words.day(known.from_on),
        "until_on": words.day(known.until_on) if known.until_on else "–",
        "member": gettext("Member") if known.member else gettext("Not a member"),
        "recorded_on": words.day(known.recorded_on),
    }
