"""Who leads a set: find somebody else, or let it run itself, once more asked."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict
from haln.learn import set_access, set_facilitators, set_people
from haln.learn.set_facilitators import Proposed
from haln.people.seen import PersonLine
from haln.views import edge, members
from haln.views.errors import say
from haln.views.sets import base
from haln.views.sets.base import blueprint
from haln.views.sets.people import rules_broken
from haln.views.speech import gettext

Page = str | Response | tuple[str, int]


@edge.page(blueprint, "/sets/<public_id>/facilitator", Permission.NETWORK)
def facilitator(public_id: str) -> str:
    """Show who leads a set, and find somebody else, to who takes members in and out."""
    session, actor = edge.session(), edge.actor()
    entry = set_access.admitting(session, actor, public_id)
    typed = request.args.get("q", "")[:80]
    circle = set_people.circle(session, actor.member_id, entry.row)
    found = set_facilitators.find(session, actor, entry, typed) if typed.strip() else []
    return render_template(
        "sets/facilitator.html",
        **base.frame(entry),
        leader=base.person(circle.facilitator, actor.member_id) if circle.facilitator else None,
        typed=typed,
        found=[_found(public_id, one) for one in found],
    )


def _found(public_id: str, line: PersonLine) -> members.Person:
    address = url_for("sets.name_facilitator", public_id=public_id, person=line.public_id)
    return members.person(line, url=address)


@edge.page(blueprint, "/sets/<public_id>/facilitator/change", Permission.NETWORK, "GET", "POST")
def name_facilitator(public_id: str) -> Page:
    """Show what another facilitator, or none, would mean for a set, then have it so."""
    person, problem, status = request.values.get("person", "")[:16], "", 200
    session, actor = edge.session(), edge.actor()
    if request.method == "POST":
        seen = base.number("version") or 0
        try:
            done = set_facilitators.name(session, actor, public_id, seen, person, edge.now())
        except Conflict as error:
            problem, status = say(error), 409
        else:
            return _done(public_id, done)
    found = set_facilitators.proposed(session, actor, public_id, person)
    circle = set_people.circle(session, actor.member_id, found.entry.row)
    page = render_template(
        "sets/name_facilitator.html",
        **base.frame(found.entry),
        found=found,
        leader=base.person(circle.facilitator, actor.member_id) if circle.facilitator else None,
        broken=rules_broken(found.breaks, told=found.told),
        problem=problem,
    )
    return page, status


def _done(public_id: str, done: Proposed) -> Response:
    if done.name:
        flash(gettext("%(name)s facilitates the set now.", name=done.name), "success")
    else:
        flash(gettext("The set runs itself now."), "success")
    if done.shuts_out:
        return edge.back("learning.index")
    return edge.back("sets.people", public_id=public_id)
