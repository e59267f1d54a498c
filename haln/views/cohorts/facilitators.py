"""Who leads a cohort's sets: add somebody, say how many sets they can hold and when, take them out."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotFound
from haln.learn import cohort_facilitators, cohort_losses, leading, slots
from haln.people.seen import PersonLine
from haln.views import edge, members, slot_words
from haln.views.cohorts.base import Page, blueprint, head, ids, number, version
from haln.views.errors import STATUS, say
from haln.views.plan_words import set_name
from haln.views.speech import gettext


@edge.page(blueprint, "/<public_id>/facilitators", Permission.FORM_SETS, "GET", "POST")
def facilitators(public_id: str) -> Page:
    """A cohort's facilitators, and who could be one."""
    problem: Invalid | Conflict | NotFound | None = None
    if request.method == "POST":
        if (sure := _asked_once_more(public_id)) is not None:
            return sure
        try:
            flash(_changed(public_id), "success")
        except (Invalid, Conflict, NotFound) as error:
            edge.session().rollback()
            problem = error
        else:
            return _back(public_id)
    shown = head(public_id, "cohorts.facilitators")
    row = leading.led_cohort(edge.session(), edge.actor(), public_id)
    leaders = cohort_facilitators.listing(edge.session(), edge.actor(), row.id)
    every = slots.of_cohort(edge.session(), row.id)
    typed = request.args.get("q", "")[:80]
    there = {leader.public_id for leader in leaders}
    found = cohort_facilitators.find(edge.session(), edge.actor(), typed) if typed.strip() else []
    page = render_template(
        "cohorts/facilitators.html",
        head=shown,
        leaders=[(leader, slot_words.table(every, leader.slots)) for leader in leaders],
        has_slots=bool(every),
        typed=typed,
        found=[(line.public_id, _person(line)) for line in found if line.public_id not in there],
        problem=say(problem) if problem else "",
        can_change=row.state not in ("formed", "cancelled"),
    )
    return page, STATUS[type(problem)] if problem else 200


def _asked_once_more(public_id: str) -> str | None:
    """A page that says which proposed sets nobody leads then, where taking somebody out would leave some."""
    if request.form.get("do") != "remove" or request.form.get("sure"):
        return None
    person = request.form.get("person", "")[:16]
    lost = cohort_losses.leader(edge.session(), edge.actor(), public_id, person)
    if lost is None:
        return None
    sets = [set_name(number) for number in lost.sets]
    shown = head(public_id, "cohorts.facilitators")
    told = {"lost": lost, "person": person, "sets": sets, "stays": edge.actor().is_staff, "sent": version()}
    return render_template("cohorts/take_leader.html", head=shown, **told)


def _back(public_id: str) -> Response:
    """The page again, or all cohorts where this one is no longer the actor's."""
    try:
        leading.led_cohort(edge.session(), edge.actor(), public_id)
    except NotFound:
        return edge.back("cohorts.index")
    return edge.back("cohorts.facilitators", public_id=public_id)


def _person(line: PersonLine) -> members.Person:
    return members.person(line, url=url_for("members.page", public_id=line.public_id))


def _changed(public_id: str) -> str:
    asked, person = request.form.get("do", ""), request.form.get("person", "")[:16]
    session, actor, now = edge.session(), edge.actor(), edge.now()
    if asked == "add":
        cohort_facilitators.add(session, actor, public_id, version(), person, now)
        if person == actor.public_id:
            return gettext("You lead this cohort too. Say how many sets you can hold.")
        return gettext("They lead this cohort too, and are told by mail. Say how many sets they can hold.")
    if asked == "remove":
        cohort_facilitators.remove(session, actor, public_id, version(), person, now)
        if person == actor.public_id:
            return gettext("You no longer lead this cohort.")
        return gettext("They no longer lead this cohort. They are told by mail.")
    sets, chosen = number("sets"), ids("slot")
    cohort_facilitators.change(session, actor, public_id, version(), person, sets, chosen, now)
    return gettext("What the facilitator can hold is saved.")
