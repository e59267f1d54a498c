"""Correct when somebody was a member: for staff, with what was believed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import HalnError
from haln.people import corrections
from haln.people.corrections import Correction, Known
from haln.views import edge, local_time
from haln.views.errors import say
from haln.views.network import correction_forms
from haln.views.speech import gettext

if TYPE_CHECKING:
    from haln.measure.corrected import Change

blueprint = Blueprint("network_corrections", __name__, url_prefix="/network")


@edge.page(blueprint, "/corrections", Permission.MANAGE_MEMBERS)
def index() -> str:
    """Ask whose dates are wrong; with an address, show what is known and the form."""
    address = request.args.get("address", "").strip()
    return _page(address)


@edge.page(blueprint, "/corrections", Permission.MANAGE_MEMBERS, "POST")
def correct() -> Response | str | tuple[str, int]:
    """Write a correction down, or show what it would change."""
    address = request.form.get("address", "")

    def act() -> None:
        corrections.correct(edge.session(), edge.actor(), address, _said(), edge.now())

    try:
        if correction_forms.wants_preview():
            return _page(address, changes=correction_forms.preview(act))
        act()
    except HalnError as error:
        edge.session().rollback()
        wrong, status = correction_forms.refused(error)
        return _page(address, wrong), status
    flash(gettext("Corrected. Figures as known before today stay as they were."), "success")
    return edge.back("network_corrections.index", address=address)


def _said() -> Correction:
    """What was sent, or Invalid."""
    from_on = correction_forms.first_day("from_on")
    member = correction_forms.one_of("member", ("yes", "no"))
    until_on = correction_forms.day("until_on")
    return Correction(from_on, until_on, member == "yes", request.form.get("reason", ""))


def _page(address: str, errors: Mapping[str, str] | None = None, changes: Sequence[Change] | None = None) -> str:
    found, wrong = None, dict(errors or {})
    if address:
        try:
            found = corrections.record(edge.session(), edge.actor(), address)
        except HalnError as error:
            wrong = {"address": say(error)}
    return render_template(
        "network/corrections.html",
        address=address,
        found=found,
        known=[_row(one) for one in found.known] if found else [],
        believed=[_row(one) for one in found.believed] if found else [],
        made=[correction_forms.made_row(one) for one in found.made] if found else [],
        standings=[("yes", gettext("They were a member")), ("no", gettext("They were not a member"))],
        today=local_time.today().isoformat(),
        back_url=url_for("network.overview"),
        **correction_forms.frame(wrong, changes),
    )


def _row(known: Known) -> dict[str, str]:
    what = gettext("Member") if known.member else gettext("Not a member")
    return correction_forms.spell(known.from_on, known.until_on, what, known.recorded_on, known.replaced_on)
