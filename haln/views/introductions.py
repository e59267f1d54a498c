"""Introductions: ask, answer, withdraw, and bring two others together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.connect import answers, introduction_lists, introductions, standing, weaving
from haln.connect.introduction_lists import Line
from haln.connect.introductions import Rules
from haln.errors import Conflict, HalnError, Invalid, NotFound, NotPermitted, TooMany
from haln.people import member_page
from haln.people.member_page import MemberPage
from haln.people.seen import PersonLine
from haln.views import edge, meetings, members, words
from haln.views.errors import STATUS, say
from haln.views.speech import gettext

blueprint = Blueprint("introductions", __name__)

SOURCES = ("suggestions", "directory")
Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Row:
    """An introduction as the page draws it."""

    public_id: str
    person: members.Person
    second: members.Person | None
    weaver: str
    note: str
    woven: bool
    known: bool
    state: str
    asked_on: str
    until: str
    meeting: meetings.Told | None


def rules() -> Rules:
    """The settings that introductions follow."""
    config = current_app.config
    return Rules(int(config["OPEN_INTRODUCTIONS"]), int(config["INTRODUCTION_DAYS"]), int(config["NOT_NOW_DAYS"]))


@edge.page(blueprint, "/introductions", Permission.NETWORK)
def index() -> str:
    """Show what waits for an answer, on either side."""
    found = introduction_lists.lists(edge.session(), edge.actor(), edge.now())
    told = meetings.told(line.other.id for line in found.past if line.state == "accepted" and line.second is None)
    return render_template(
        "introductions/index.html",
        asked=meetings.asked(),
        met_words=meetings.met_words(),
        touch_words=meetings.touch_words(),
        to_answer=[_row(line) for line in found.to_answer],
        waiting=[_row(line) for line in found.waiting],
        woven=[_row(line) for line in found.woven],
        past=[_row(line, told.get(line.other.id) if line.state == "accepted" else None) for line in found.past],
        mine=edge.actor().public_id,
    )


def _row(line: Line, meeting: meetings.Told | None = None) -> Row:
    return Row(
        public_id=line.public_id,
        person=_person(line.other),
        second=_person(line.second) if line.second else None,
        weaver=line.weaver.name if line.weaver else "",
        note=line.note,
        woven=line.kind == "woven",
        known=line.evidence == "declared",
        state=line.state,
        asked_on=words.day(line.created_at),
        until=words.day(line.expires_at),
        meeting=meeting,
    )


def _person(line: PersonLine) -> members.Person:
    return members.person(line, url=url_for("members.page", public_id=line.public_id))


@edge.page(blueprint, "/people/<public_id>/ask", Permission.NETWORK, "GET", "POST")
def ask(public_id: str) -> Page:
    """Ask somebody to connect."""
    source = request.args.get("from", "")
    problem: HalnError | None = None
    if request.method == "POST":
        try:
            done = introductions.ask(
                edge.session(),
                edge.actor(),
                public_id,
                request.form.get("note", ""),
                rules(),
                edge.now(),
                source={"suggestions": "suggestion", "directory": "directory"}.get(source, "member_page"),
                known_already=request.form.get("known") == "yes",
            )
        except (Invalid, Conflict, TooMany, NotPermitted) as error:
            if edge.is_fragment():
                raise
            problem = error
        else:
            return _asked(done, public_id, source)
    if public_id == edge.actor().public_id:
        raise NotFound("There is no such page, or it is not for you.")
    them = member_page.seen_by(edge.session(), edge.actor().member_id, public_id, edge.now())
    told = _standing(them) if problem is None else ""
    if told:
        flash(told, "info")
        return edge.back("introductions.index")
    page = render_template(
        "introductions/ask.html",
        person=members.person(them),
        back_url=url_for("members.page", public_id=public_id),
        note=request.form.get("note", ""),
        known=request.form.get("known") == "yes",
        note_problem=say(problem) if isinstance(problem, Invalid) else "",
        problem=say(problem) if problem and not isinstance(problem, Invalid) else "",
    )
    return page if problem is None else (page, STATUS[type(problem)])


def _standing(them: MemberPage) -> str:
    """Why there is nothing to ask, if so."""
    if them.connected:
        return str(gettext("You are connected already."))
    found = standing.standing(edge.session(), edge.actor().member_id, them.member_id, edge.now())
    if found is None:
        return ""
    if found.state == standing.WAITING:
        return str(gettext("You have asked already. Give them time to answer."))
    return str(gettext("They would like to connect with you: your answer is all that is missing."))


def _asked(done: answers.Answered, public_id: str, source: str) -> Page:
    if done.connected:
        said = gettext("You and %(name)s are connected now.", name=done.other_name)
    else:
        said = gettext("Your request is on its way to %(name)s.", name=done.other_name)
    if edge.is_fragment():
        return render_template("introductions/asked_line.html", public_id=public_id, said=said)
    flash(said, "success")
    return edge.back("suggestions.index" if source == "suggestions" else "introductions.index")


@edge.page(blueprint, "/introductions/<public_id>/accept", Permission.NETWORK, "POST")
def accept(public_id: str) -> Response:
    """Say yes."""
    done = answers.accept(edge.session(), edge.actor(), public_id, edge.now())
    if done.connected:
        flash(gettext("You and %(name)s are connected now.", name=done.other_name), "success")
    else:
        flash(gettext("You said yes. %(name)s is asked as well.", name=done.other_name), "success")
    return edge.back("introductions.index")


@edge.page(blueprint, "/introductions/<public_id>/decline", Permission.NETWORK, "POST")
def decline(public_id: str) -> Response:
    """Say no; nobody is told."""
    answers.decline(edge.session(), edge.actor(), public_id, edge.now())
    flash(gettext("Done. Nobody is told."), "success")
    return edge.back("introductions.index")


@edge.page(blueprint, "/introductions/<public_id>/withdraw", Permission.NETWORK, "POST")
def withdraw(public_id: str) -> Response:
    """Take back what one asked for, or wove."""
    introductions.withdraw(edge.session(), edge.actor(), public_id, edge.now())
    flash(gettext("The introduction is withdrawn."), "success")
    return edge.back("introductions.index")


@edge.page(blueprint, "/introductions/weave", Permission.WEAVE, "GET", "POST")
def weave() -> Page:
    """Choose two people, then say why they should meet."""
    one, other = (request.values.get(name, "")[:16] for name in ("one", "other"))
    if not (one and other):
        return _choose(one)
    problems: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        try:
            note = request.form.get("note", "")
            weaving.weave(edge.session(), edge.actor(), one, other, note, rules(), edge.now())
        except (Invalid, Conflict, TooMany) as error:
            fields = error.fields if isinstance(error, Invalid) else {}
            problems = {"note" if "note" in fields else "problem": say(error)}
            status = STATUS[type(error)]
        else:
            flash(gettext("Both are asked now. You will see here when they are connected."), "success")
            return edge.back("introductions.index")
    both = [weaving.choice(edge.session(), edge.actor(), public_id) for public_id in (one, other)]
    page = render_template(
        "introductions/weave.html",
        people=[_person(person) for person in both],
        one=one,
        other=other,
        note=request.form.get("note", ""),
        problems=problems,
    )
    return page, status


def _choose(one: str) -> str:
    """The page that chooses the first or the second person."""
    typed = request.args.get("q", "")[:80]
    first = weaving.choice(edge.session(), edge.actor(), one) if one else None
    found = weaving.find(edge.session(), edge.actor(), typed, leave_out=one)

    def address(person: PersonLine) -> str:
        chosen: dict[str, Any] = {"one": one, "other": person.public_id} if one else {"one": person.public_id}
        return url_for("introductions.weave", **chosen)

    return render_template(
        "introductions/choose.html",
        first=_person(first) if first else None,
        one=one,
        typed=typed,
        found=[members.person(person, url=address(person)) for person in found],
    )
