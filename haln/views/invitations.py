"""Inviting people to join."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Invalid
from haln.people import invitations
from haln.views import edge, visitors, words
from haln.views.account.forms import InvitationForm, show_faults
from haln.views.speech import gettext, ngettext

blueprint = Blueprint("invitations", __name__)
_ROWS = 50


@edge.page(blueprint, "/invitations", Permission.INVITE, "GET", "POST")
def index() -> tuple[str, int] | Response:
    """Invite people by their address, and see who came."""
    form = InvitationForm()
    if form.validate_on_submit():
        try:
            count = invitations.invite(
                edge.session(), edge.actor(), form.addresses.data or "", edge.now(), visitors.limits()
            )
        except Invalid as error:
            show_faults(form, error, "addresses")
        else:
            flash(
                ngettext("%(num)s invitation is on its way.", "%(num)s invitations are on their way.", count), "success"
            )
            return edge.back("invitations.index")
    before = edge.number_argument("before")
    rows = invitations.sent_by(edge.session(), edge.actor(), before, _ROWS)
    more = url_for("invitations.index", before=rows[_ROWS - 1].id) if len(rows) > _ROWS else ""
    may_ask_entered = edge.actor().may(Permission.MANAGE_MEMBERS)
    page = render_template(
        "account/invitations.html",
        form=form,
        words=words,
        rows=rows[:_ROWS],
        next_url=more,
        start_url=url_for("invitations.index") if before else "",
        entered=invitations.count_entered(edge.session()) if may_ask_entered else 0,
    )
    return page, 422 if form.is_submitted() else 200


@edge.page(blueprint, "/invitations/entered", Permission.MANAGE_MEMBERS, "POST")
def ask_entered() -> Response:
    """Ask everybody whom staff entered, and who has not been asked yet."""
    count = invitations.invite_entered(edge.session(), edge.actor(), edge.now())
    if count:
        flash(ngettext("%(num)s invitation is on its way.", "%(num)s invitations are on their way.", count), "success")
    else:
        flash(gettext("Everybody has been asked already."), "info")
    return edge.back("invitations.index")
