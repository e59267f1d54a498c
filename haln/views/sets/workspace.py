"""A set's page: when and where next, what one said one would do, who is in it, notes, past sessions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid
from haln.learn import reopening, set_access, set_details, workspaces
from haln.learn.set_access import Entry
from haln.learn.set_details import Details
from haln.learn.workspaces import Action, Meeting, Note
from haln.people.markdown import to_html
from haln.views import edge, meanwhile, words
from haln.views.sets import base
from haln.views.sets.base import Faults, blueprint
from haln.views.speech import gettext

FIELDS = ("name", "purpose", "where", "link", "places")


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in a list."""

    url: str
    when: str
    where: str
    presenter: str
    state: str
    came: str


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action as the pages draw one."""

    public_id: str
    text: str
    owner: str
    mine: bool
    state: str
    outcome: str
    behind: bool
    since: str


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note as the pages draw one."""

    html: Markup
    author: str
    written: str
    about: str
    changed: bool
    edit_url: str


@edge.page(blueprint, "/sets/<public_id>", Permission.NETWORK)
def workspace(public_id: str) -> str:
    """Show a set to those inside; to staff and its cohort's leaders only that it is there, and counts."""
    actor = edge.actor()
    found = workspaces.workspace(edge.session(), actor, public_id, edge.now())
    actions = [action_row(one) for one in found.actions]
    return render_template(
        "sets/workspace.html",
        **base.frame(found.entry),
        purpose=to_html(found.entry.row.purpose) if found.entry.row.purpose else Markup(),
        place=found.entry.row.where,
        next=session_row(found.entry, found.next) if found.next else None,
        next_id=found.next.public_id if found.next else "",
        joining_link=found.joining_link,
        ahead=[session_row(found.entry, one) for one in found.ahead if one != found.next],
        past=[session_row(found.entry, one) for one in found.past],
        mine=[one for one in actions if one.mine],
        others=[one for one in actions if not one.mine],
        owners=base.choices(found.circle, leader=True),
        me=str(actor.member_id),
        people=[base.person(one, actor.member_id) for one in found.circle.members],
        facilitator=base.person(found.circle.facilitator, actor.member_id) if found.circle.facilitator else None,
        queue=[base.mate_name(one) for one in found.queue],
        notes=[note_row(found.entry, one) for one in found.notes],
        found=found,
        may_reopen=reopening.may_reopen(found.entry, edge.now()),
    )


def session_row(entry: Entry, one: Meeting) -> SessionRow:
    """A session in words."""
    came = ""
    if one.present is not None:
        came = gettext("%(present)s of %(expected)s came", present=one.present, expected=one.expected)
    elif one.state == "planned" and one.past:
        came = gettext("Attendance is not recorded")
    return SessionRow(
        url=url_for("sets.session_page", public_id=entry.row.public_id, session_id=one.public_id)
        if entry.inside
        else "",
        when=base.span(one.starts_at, one.minutes),
        where=one.where or entry.row.where,
        presenter=base.mate_name(one.presenter) if entry.inside else "",
        state=one.state,
        came=came,
    )


def action_row(one: Action) -> ActionRow:
    """An action in words."""
    return ActionRow(
        public_id=one.public_id,
        text=one.text,
        owner=base.mate_name(one.owner),
        mine=one.mine,
        state=one.state,
        outcome=one.outcome,
        behind=one.behind,
        since=words.day(one.created_at),
    )


def note_row(entry: Entry, one: Note) -> NoteRow:
    """A note in words."""
    can = one.mine and entry.running
    return NoteRow(
        html=to_html(one.text),
        author=base.mate_name(one.author),
        written=words.moment(one.created_at),
        about=_about(one.about),
        changed=one.changed,
        edit_url=url_for("sets.note", public_id=entry.row.public_id, note_id=one.public_id) if can else "",
    )


def _about(moment: datetime | None) -> str:
    return words.day(moment) if moment else ""


@edge.page(blueprint, "/sets/<public_id>/about", Permission.NETWORK, "GET", "POST")
def about(public_id: str) -> str | Response | tuple[str, int]:
    """Change what a set is called, what it is for, where it meets and how many may ask to join."""
    faults, form, refusal = Faults(), dict[str, Any](), None
    if request.method == "POST":
        form = {name: request.form.get(name, "") for name in FIELDS}
        wanted = Details(form["name"], form["purpose"], form["where"], form["link"], base.number("places") or 0)
        if form["places"].strip() and base.number("places") is None:
            wanted = replace(wanted, open_places=-1)
        try:
            seen = base.number("version") or 0
            set_details.change(edge.session(), edge.actor(), public_id, wanted, seen, edge.now())
        except (Invalid, Conflict) as error:
            refusal = error
            faults = base.faults(error, FIELDS)
        else:
            flash(gettext("Saved."), "success")
            return edge.back("sets.workspace", public_id=public_id)
    entry = set_access.managing(edge.session(), edge.actor(), public_id)
    row = entry.row
    kept = {"name": row.name, "purpose": row.purpose, "where": row.where, "link": row.joining_link}
    told_of = (
        ("name", gettext("Name"), row.name),
        ("purpose", gettext("What it is for"), row.purpose),
        ("where", gettext("Where it meets"), row.where),
        ("link", gettext("Joining link"), row.joining_link),
        ("places", gettext("Open places"), str(row.open_places)),
    )
    page = render_template(
        "sets/about.html",
        **base.frame(entry),
        form=form or {**kept, "places": str(row.open_places)},
        seen=meanwhile.refused(refusal, row.version, told_of) if refusal else meanwhile.opened(row.version, told_of),
        faults=faults,
    )
    return page, faults.status
