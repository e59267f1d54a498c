"""Who is staff and who a facilitator: for staff to see, and to change for others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from haln.access import Audience, Permission
from haln.errors import Conflict, Invalid
from haln.people import audiences
from haln.people.audiences import OfAudience
from haln.views import edge, members
from haln.views.errors import STATUS, say
from haln.views.speech import gettext

blueprint = Blueprint("audiences", __name__, url_prefix="/staff/people")

NAMES: dict[Audience, Any] = {
    Audience.MEMBER: lazy_gettext("Member"),
    Audience.FACILITATOR: lazy_gettext("Facilitator"),
    Audience.STAFF: lazy_gettext("Staff"),
}
HINTS: dict[Audience, Any] = {
    Audience.MEMBER: lazy_gettext("Takes part. Cohorts that they led are left to others who lead them, and to staff."),
    Audience.FACILITATOR: lazy_gettext("Also opens calls, forms and looks after sets, invites people, answers topics."),
    Audience.STAFF: lazy_gettext("Also sees figures and mail, brings members in, and changes what others may do."),
}
"""What each may do beside what stands before it."""


@edge.page(blueprint, "", Permission.MANAGE_MEMBERS)
def index() -> str:
    """List staff and facilitators, and find anybody by name or address."""
    session, actor = edge.session(), edge.actor()
    typed = request.args.get("q", "")[:254]
    return render_template(
        "staff/people.html",
        typed=typed,
        found=_rows(audiences.named(session, actor, typed)) if typed.strip() else [],
        leading=_rows(audiences.leading(session, actor)),
    )


@edge.page(blueprint, "/<public_id>", Permission.MANAGE_MEMBERS, "GET", "POST")
def person(public_id: str) -> str | Response | tuple[str, int]:
    """Say what somebody may do, and change it."""
    problem: Conflict | Invalid | None = None
    if request.method == "POST":
        try:
            return _changed(public_id)
        except (Conflict, Invalid) as error:
            edge.session().rollback()
            problem = error
    found = audiences.one(edge.session(), edge.actor(), public_id)
    page = render_template(
        "staff/person.html",
        row=_row(found),
        own=found.person.id == edge.actor().member_id,
        choices=[(one.value, str(NAMES[one]), str(HINTS[one])) for one in Audience],
        chosen=found.audience.value,
        problem=say(problem) if problem else "",
    )
    return page, STATUS[type(problem)] if problem else 200


def _changed(public_id: str) -> Response:
    typed = request.form.get("audience", "")
    if typed not in {one.value for one in Audience}:
        raise Invalid("Choose what they may do.")
    if audiences.change(edge.session(), edge.actor(), public_id, Audience(typed), edge.now()):
        flash(gettext("Changed. They are told by mail."), "success")
    else:
        flash(gettext("Nothing was changed."), "success")
    return edge.back("audiences.index")


def _rows(found: Sequence[OfAudience]) -> list[dict[str, Any]]:
    return [_row(one) for one in found]


def _row(found: OfAudience) -> dict[str, Any]:
    public_id = found.person.public_id
    return {
        "person": members.person(found.person, url=url_for("members.page", public_id=public_id)),
        "audience": str(NAMES[found.audience]),
        "url": url_for("audiences.person", public_id=public_id),
    }
