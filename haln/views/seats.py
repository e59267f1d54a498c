"""A place in a proposed learning set: look at it, accept or decline. Opening the page never answers."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Invalid
from haln.learn import seats
from haln.learn.seat_state import State
from haln.learn.seats import SeatPage, Time
from haln.people.markdown import to_html
from haln.views import edge, members, words
from haln.views.leading_back import lead_back
from haln.views.speech import gettext

blueprint = Blueprint("seats", __name__)
lead_back(blueprint, "seats.one")

ANSWERS = {"yes": True, "no": False}


@edge.page(blueprint, "/seats/<public_id>", Permission.NETWORK)
def one(public_id: str) -> str:
    """Show what is proposed to its member."""
    page = seats.page(edge.session(), edge.actor(), public_id, edge.now())
    return render_template(
        "seats/one.html",
        page=page,
        purpose=to_html(page.purpose) if page.purpose else Markup(),
        facts=_facts(page),
        people=[members.person(line, url=url_for("members.page", public_id=line.public_id)) for line in page.people],
        times=[time_words(time) for time in page.times],
        answer_by=words.day(page.answer_by) if page.answer_by else "",
        set_url=f"{request.script_root}/sets/{page.set_public_id}" if page.set_public_id else "",
    )


def _facts(page: SeatPage) -> list[tuple[str, str]]:
    leader = page.facilitator.name if page.facilitator else gettext("Somebody of the network") if page.led else ""
    sessions = gettext("%(count)s of %(minutes)s minutes", count=page.sessions, minutes=page.session_minutes)
    return [
        (gettext("Facilitator"), leader),
        (gettext("Themes"), ", ".join(words.label("theme", code) for code in page.themes)),
        (gettext("Where"), page.where),
        (gettext("Begins"), words.day(page.starts_on) if page.starts_on else ""),
        (gettext("Sessions"), sessions),
    ]


def time_words(time: Time) -> str:
    """A time as people say it: Tuesday 4 August 2026, in the morning."""
    if time.starts_at is not None:
        return words.moment(time.starts_at)
    day = words.day(time.on_day)
    said = {
        "morning": gettext("%(day)s, in the morning", day=day),
        "afternoon": gettext("%(day)s, in the afternoon", day=day),
        "evening": gettext("%(day)s, in the evening", day=day),
    }
    return said.get(time.half or "", day)


@edge.page(blueprint, "/seats/<public_id>/answer", Permission.NETWORK, "POST")
def answer(public_id: str) -> Response:
    """Accept or decline."""
    come = ANSWERS.get(request.form.get("answer", ""))
    if come is None:
        raise Invalid("Choose whether you will come.")
    state = seats.answer(edge.session(), edge.actor(), public_id, come, edge.now())
    said = {
        State.ACCEPTED: gettext("Thank you: you will come."),
        State.DECLINED: gettext("Done. Nobody is told that you declined."),
        State.REPLACED: gettext("Thank you. You are asked again as soon as there is a place."),
    }
    flash(said[state], "success")
    return edge.back("seats.one", public_id=public_id)
