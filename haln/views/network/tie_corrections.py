"""Correct when two members were connected: for staff, with what was believed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.connect import corrections
from haln.connect.connections import EVIDENCE
from haln.connect.corrections import Correction, Known, Record
from haln.errors import HalnError
from haln.views import edge, local_time
from haln.views.connections import evidence_words
from haln.views.network import correction_forms
from haln.views.speech import gettext

if TYPE_CHECKING:
    from haln.measure.corrected import Change

blueprint = Blueprint("network_tie_corrections", __name__, url_prefix="/network")


@edge.page(blueprint, "/corrections/connections", Permission.MANAGE_MEMBERS)
def index() -> str:
    """Ask which two. What is known of them is shown by a POST alone, for who looks is written down."""
    return _page(request.args.get("address", "").strip(), request.args.get("other", "").strip(), None, {})


@edge.page(blueprint, "/corrections/connections", Permission.MANAGE_MEMBERS, "POST")
def correct() -> Response | tuple[str, int]:
    """Write a correction down, or show what is known of the two and what a correction would change."""
    address, other = request.form.get("address", ""), request.form.get("other", "")

    def act() -> None:
        corrections.correct(edge.session(), edge.actor(), address, other, _said(), edge.now())

    if request.form.get("act") == "look":
        return _looked(address, other)
    try:
        if correction_forms.wants_preview():
            return _looked(address, other, changes=correction_forms.preview(act))
        act()
    except HalnError as error:
        edge.session().rollback()
        wrong, status = correction_forms.refused(error)
        return _looked(address, other, wrong, status)
    flash(gettext("Corrected. Figures as known before today stay as they were."), "success")
    return edge.back("network_tie_corrections.index", address=address, other=other)


def _said() -> Correction:
    """What was sent, or Invalid."""
    tied = correction_forms.one_of("tied", ("yes", "no", "never"))
    reason = request.form.get("reason", "")
    if tied == "never":
        return Correction(None, None, None, reason)
    from_on = correction_forms.first_day("from_on")
    evidence = correction_forms.one_of("evidence", EVIDENCE) if tied == "yes" else None
    return Correction(from_on, correction_forms.day("until_on"), evidence, reason)


def _looked(
    address: str,
    other: str,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    changes: Sequence[Change] | None = None,
) -> tuple[str, int]:
    """What is known of the two. That somebody looked is kept even where what they sent was refused."""
    preview = correction_forms.wants_preview()
    try:
        found = corrections.look(edge.session(), edge.actor(), address, other, edge.now(), preview=preview)
    except HalnError as error:
        wrong, status = correction_forms.refused(error)
        return _page(address, other, None, wrong), status
    return _page(address, other, found, errors or {}, changes), status


def _page(
    address: str,
    other: str,
    found: Record | None,
    wrong: Mapping[str, str],
    changes: Sequence[Change] | None = None,
) -> str:
    return render_template(
        "network/tie_corrections.html",
        address=address,
        other=other,
        found=found,
        known=[_row(one) for one in found.known] if found else [],
        believed=[_row(one) for one in found.believed] if found else [],
        made=[correction_forms.made_row(one) for one in found.made] if found else [],
        choices=[
            ("yes", gettext("They were connected")),
            ("no", gettext("They were not connected")),
            ("never", gettext("They never were: it was entered by mistake"), gettext("No days are needed then.")),
        ],
        evidences=[("", gettext("Choose one")), *evidence_words()],
        today=local_time.today().isoformat(),
        back_url=url_for("network.overview"),
        **correction_forms.frame(wrong, changes),
    )


def _row(known: Known) -> dict[str, str]:
    what = correction_forms.connected_words(known.evidence)
    return correction_forms.spell(known.from_on, known.until_on, what, known.recorded_on, known.replaced_on)
