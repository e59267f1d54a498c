"""Who is in a set: take somebody in, answer who asks to join, let somebody go, leave."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, NotFound
from haln.learn import set_access, set_members, set_people
from haln.learn.set_members import Coming
from haln.learn.set_rules import CONFIDENTIAL, Break
from haln.people.seen import PersonLine
from haln.views import edge, members, rule_words, words
from haln.views.errors import say
from haln.views.leading_back import back_with_reason
from haln.views.sets import base
from haln.views.sets.base import blueprint
from haln.views.speech import gettext

Page = str | Response | tuple[str, int]


@edge.page(blueprint, "/sets/<public_id>/people", Permission.NETWORK)
def people(public_id: str) -> str:
    """Show who is in a set and who asks to be, to who takes members in and out."""
    session, actor = edge.session(), edge.actor()
    entry = set_access.admitting(session, actor, public_id)
    typed = request.args.get("q", "")[:80]
    circle = set_people.circle(session, actor.member_id, entry.row)
    found = set_members.find(session, actor, entry, typed) if typed.strip() else []
    return render_template(
        "sets/people.html",
        **base.frame(entry),
        people=[base.person(one, actor.member_id) for one in circle.members],
        leader=base.person(circle.facilitator, actor.member_id) if circle.facilitator else None,
        typed=typed,
        found=[_found(public_id, one) for one in found],
        requests=[
            {
                "name": one.name,
                "note": one.note,
                "asked": words.day(one.created_at),
                "url": url_for("sets.answer", public_id=public_id, request_id=one.public_id),
            }
            for one in set_members.asking(session, actor, entry)
        ],
    )


def _found(public_id: str, line: PersonLine) -> members.Person:
    return members.person(line, url=url_for("sets.add_member", public_id=public_id, member=line.public_id))


@edge.page(blueprint, "/sets/<public_id>/people/add", Permission.NETWORK, "GET", "POST")
def add_member(public_id: str) -> Page:
    """Show what taking somebody in would break, then do it."""
    member, problem, status = request.values.get("member", "")[:16], "", 200
    if request.method == "POST":
        try:
            name = set_members.add(edge.session(), edge.actor(), public_id, member, words.vocabulary(), edge.now())
        except Conflict as error:
            problem, status = say(error), 409
        else:
            flash(gettext("%(name)s is in the set now, and is told so.", name=name), "success")
            return edge.back("sets.people", public_id=public_id)
    found = set_members.coming(edge.session(), edge.actor(), public_id, member, words.vocabulary())
    return _drawn(found, problem, url_for("sets.add_member", public_id=public_id), {"member": member}), status


@edge.page(blueprint, "/sets/<public_id>/requests/<request_id>", Permission.NETWORK, "GET", "POST")
def answer(public_id: str, request_id: str) -> Page:
    """Answer a request to join, seeing what a yes would break."""
    session, actor, vocabulary, problem, status = edge.session(), edge.actor(), words.vocabulary(), "", 200
    if request.method == "POST":
        said = request.form.get("answer", "")
        try:
            if said == "yes":
                name = set_members.accept(session, actor, public_id, request_id, vocabulary, edge.now())
                flash(gettext("%(name)s is in the set now, and is told so.", name=name), "success")
            elif said == "no":
                set_members.decline(session, actor, public_id, request_id, vocabulary, edge.now())
                flash(gettext("The request is declined."), "success")
            else:
                raise NotFound("There is no such answer.")
        except Conflict as error:
            problem, status = say(error), 409
        else:
            return edge.back("sets.people", public_id=public_id)
    try:
        found, row = set_members.request(session, actor, public_id, request_id, vocabulary)
    except Conflict as error:  # somebody else has answered it, or whoever asked has gone
        return back_with_reason(error, "sets.people")
    address = url_for("sets.answer", public_id=public_id, request_id=request_id)
    return _drawn(
        found, problem, address, {"answer": "yes"}, note=row.note if found.entry.inside else "", asks=True
    ), status


def rules_broken(breaks: Iterable[Break], *, told: bool) -> list[tuple[str, str]]:
    """Rules that would be broken, in words, with their strength; of those about pairs `told` reads which."""
    said = []
    for one in breaks:
        if one.rule.kind in CONFIDENTIAL and not told:
            sentence = gettext("A rule that only the facilitators of the cohort may see")
        else:
            sentence = rule_words.sentence(one.rule)
        said.append((sentence, rule_words.strength(one.rule.strength)))
    return said


def _drawn(
    found: Coming, problem: str, address: str, fields: dict[str, str], *, note: str = "", asks: bool = False
) -> str:
    return render_template(
        "sets/coming.html",
        **base.frame(found.entry),
        name=found.name,
        broken=rules_broken(found.breaks, told=found.told),
        refused=found.refused,
        already=found.already,
        problem=problem,
        address=address,
        fields=fields,
        note=note,
        asks=asks,
    )


@edge.page(blueprint, "/sets/<public_id>/people/<int:member>/out", Permission.NETWORK, "GET", "POST")
def move_out(public_id: str, member: int) -> Page:
    """Take somebody out of a set, once more asked, with what that would break."""
    session, actor = edge.session(), edge.actor()
    entry = set_access.admitting(session, actor, public_id)
    if request.method == "POST":
        try:
            set_members.move_out(session, actor, public_id, member, edge.now())
        except NotFound as error:  # they have left meanwhile, or this is a second click
            return back_with_reason(error, "sets.people")
        flash(gettext("They are no longer in the set."), "success")
        return edge.back("sets.people", public_id=public_id)
    mate = set_people.circle(session, actor.member_id, entry.row).of(member)
    if mate is None or not mate.sitting:
        return back_with_reason(NotFound("They are not in this set."), "sets.people")
    broken = set_members.going(session, entry, member, words.vocabulary())
    return render_template(
        "sets/out.html",
        **base.frame(entry),
        name=base.mate_name(mate),
        member=member,
        broken=[rule_words.sentence(one.rule) for one in broken],
    )


@edge.page(blueprint, "/sets/<public_id>/leave", Permission.NETWORK, "GET", "POST")
def leave(public_id: str) -> Page:
    """Leave a set, once more asked."""
    if request.method == "POST":
        set_members.leave(edge.session(), edge.actor(), public_id, edge.now())
        flash(gettext("You have left the set."), "success")
        return edge.back("learning.index")
    entry = set_access.inside(edge.session(), edge.actor(), public_id)
    return render_template("sets/leave.html", **base.frame(entry))
