"""A set's sessions: plan, look at, move, cancel, record who came, and take them into a calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from flask import Response as FileResponse
from flask import current_app, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, HalnError, Invalid
from haln.learn import attendance, session_calendars, session_overlaps, sessions, set_access, set_people, workspaces
from haln.learn.session_times import Span
from haln.learn.workspaces import SessionPage
from haln.people.markdown import to_html
from haln.views import edge, meanwhile, words
from haln.views.local_time import zone
from haln.views.sets import base
from haln.views.sets.base import Faults, blueprint
from haln.views.sets.workspace import action_row, note_row, session_row
from haln.views.speech import gettext, ngettext

Page = str | Response | tuple[str, int]
FEW = 3
"""What else takes place at the hours of sessions, at most so many by name."""

FIELDS = ("day", "begins", "ends", "where", "link", "agenda", "weeks", "count", "presenter")


@edge.page(blueprint, "/sets/<public_id>/sessions/new", Permission.NETWORK, "GET", "POST")
def plan(public_id: str) -> Page:
    """Plan sessions, several at once."""
    faults, form = Faults(), {"weeks": "4", "count": "6", "begins": "14:00", "ends": "15:30"}
    if request.method == "POST":
        form = {name: request.form.get(name, "") for name in FIELDS}
        try:
            made = sessions.plan(
                edge.session(),
                edge.actor(),
                public_id,
                base.meeting(),
                base.number("weeks") or 0,
                base.number("count") or 0,
                zone(),
                edge.now(),
            )
        except (Invalid, Conflict) as error:
            faults = base.faults(error, FIELDS)
        else:
            flash(ngettext("%(num)s session is planned.", "%(num)s sessions are planned.", len(made)), "success")
            _say_beside(public_id, made)
            return edge.back("sets.workspace", public_id=public_id)
    entry = set_access.managing(edge.session(), edge.actor(), public_id)
    page = render_template("sets/plan.html", **base.frame(entry), form=form, faults=faults)
    return page, faults.status


def _say_beside(public_id: str, made: Sequence[str]) -> None:
    """Name what else whoever plans leads at these hours, once they are saved: they may know better, and go on."""
    found = session_overlaps.also_led(edge.session(), edge.actor(), public_id, made)
    if not found:
        return
    named = [
        gettext("“%(title)s” (%(moment)s)", title=o.set_name, moment=words.moment(o.starts_at)) for o in found[:FEW]
    ]
    if len(found) > FEW:
        named.append(ngettext("%(num)s more", "%(num)s more", len(found) - FEW))
    flash(gettext("You lead another set at that time: %(sets)s.", sets="; ".join(named)), "warning")


@edge.page(blueprint, "/sets/<public_id>/sessions/<session_id>", Permission.NETWORK)
def session_page(public_id: str, session_id: str) -> str:
    """Show a session: what came back from the last one, what is agreed, notes, who came."""
    found = workspaces.session_page(edge.session(), edge.actor(), public_id, session_id, edge.now())
    return _drawn(found)


def _drawn(found: SessionPage) -> str:
    still_open = [one for one in found.actions if one.state == "open"]
    states = _states()
    link = found.row.joining_link or found.entry.row.joining_link
    return render_template(
        "sets/session.html",
        **base.frame(found.entry),
        row=session_row(found.entry, found.meeting),
        when=base.span(found.row.starts_at, found.row.minutes),
        session_id=found.row.public_id,
        agenda=to_html(found.row.agenda) if found.row.agenda else "",
        joining_link=link if found.row.state != sessions.CANCELLED else "",
        lines=[(base.mate_name(mate), states[state]) for mate, state in found.lines],
        came_back=[action_row(one) for one in still_open if not one.here],
        agreed=[action_row(one) for one in still_open if one.here],
        closed=[action_row(one) for one in found.actions if one.state != "open"],
        owners=base.choices(found.circle, leader=True),
        me=str(edge.actor().member_id),
        notes=[note_row(found.entry, one) for one in found.notes],
        may_record=found.may_record,
        may_change=found.entry.manages and found.entry.running and found.row.state == sessions.PLANNED,
        faults=Faults(),
        form={},
    )


def _states() -> dict[str | None, str]:
    """What may be recorded of somebody, in words."""
    return {"present": gettext("Present"), "apologies": gettext("Apologies"), "absent": gettext("Absent")}


@edge.page(blueprint, "/sets/<public_id>/sessions/<session_id>/change", Permission.NETWORK, "GET", "POST")
def change(public_id: str, session_id: str) -> Page:
    """Move a session, or change what is said of it and who presents."""
    faults, form, refusal = Faults(), dict[str, str](), None
    if request.method == "POST":
        form = {name: request.form.get(name, "") for name in FIELDS}
        try:
            moved = _change(public_id, session_id, form["presenter"])
        except (Invalid, Conflict) as error:
            refusal = error
            faults = base.faults(error, FIELDS)
        else:
            flash(gettext("Saved. Everybody in the set is told.") if moved else gettext("Saved."), "success")
            if moved:
                _say_beside(public_id, [session_id])
            return edge.back("sets.session_page", public_id=public_id, session_id=session_id)
    entry = set_access.managing(edge.session(), edge.actor(), public_id)
    row = sessions.of_set(edge.session(), entry.row, session_id)
    starts, ends = (at.astimezone(zone()) for at in (row.starts_at, Span(row.starts_at, row.minutes).ends_at))
    kept = {
        "day": starts.date().isoformat(),
        "begins": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "where": row.where,
        "link": row.joining_link,
        "agenda": row.agenda,
        "presenter": str(row.presenter_id or ""),
    }
    circle = set_people.circle(edge.session(), edge.actor().member_id, entry.row)
    presenters = [("", gettext("Nobody yet")), *base.choices(circle)]
    told_of = _in_words(kept, dict(presenters))
    seen = meanwhile.refused(refusal, row.sequence, told_of) if refusal else meanwhile.opened(row.sequence, told_of)
    page = render_template(
        "sets/change.html",
        **base.frame(entry),
        form=form or kept,
        faults=faults,
        when=words.moment(row.starts_at),
        presenters=presenters,
        seen=seen,
        session_url=url_for("sets.session_page", public_id=public_id, session_id=session_id),
    )
    return page, faults.status


def _in_words(kept: Mapping[str, str], presenters: Mapping[str, str]) -> meanwhile.Kept:
    """A session's fields as they are saved, for whoever finds that somebody else has changed them."""
    return (
        ("day", gettext("Day"), words.day(date.fromisoformat(kept["day"]))),
        ("begins", gettext("Begins"), kept["begins"]),
        ("ends", gettext("Ends"), kept["ends"]),
        ("where", gettext("Where"), kept["where"]),
        ("link", gettext("Joining link"), kept["link"]),
        ("agenda", gettext("What it is about"), kept["agenda"]),
        ("presenter", gettext("Who presents"), presenters.get(kept["presenter"], gettext("Former member"))),
    )


def _change(public_id: str, session_id: str, presenter: str) -> bool:
    sequence = base.number("sequence")
    return sessions.change(
        edge.session(),
        edge.actor(),
        public_id,
        session_id,
        base.meeting(),
        (base.number("presenter") or 0) if presenter else None,
        -1 if sequence is None else sequence,
        zone(),
        edge.now(),
    )


@edge.page(blueprint, "/sets/<public_id>/sessions/<session_id>/cancel", Permission.NETWORK, "GET", "POST")
def cancel(public_id: str, session_id: str) -> Page:
    """Cancel a session, once more asked; one that was held is not to be cancelled."""
    if request.method == "POST":
        told = sessions.cancel(edge.session(), edge.actor(), public_id, session_id, edge.now())
        cancelled = gettext("The session is cancelled. Everybody in the set is told.")
        flash(cancelled if told else gettext("The session is cancelled."), "success")
        return edge.back("sets.workspace", public_id=public_id)
    entry = set_access.managing(edge.session(), edge.actor(), public_id)
    row = sessions.of_set(edge.session(), entry.row, session_id)
    sessions.check_open(row)
    return render_template(
        "sets/cancel.html",
        **base.frame(entry),
        when=words.moment(row.starts_at),
        session_id=session_id,
        back_url=url_for("sets.session_page", public_id=public_id, session_id=session_id),
        ahead=row.starts_at > edge.now(),
    )


@edge.page(blueprint, "/sets/<public_id>/sessions/<session_id>/attendance", Permission.NETWORK, "GET", "POST")
def register(public_id: str, session_id: str) -> Page:
    """Record who came: one page, one answer for everybody."""
    problem: HalnError | None = None
    if request.method == "POST":
        sent = {name.removeprefix("of-"): said for name, said in request.form.items() if name.startswith("of-")}
        states = {member: said for key, said in sent.items() if (member := edge.whole(key)) is not None}
        try:
            seen = request.form.get("version", "")[:200]
            attendance.record(edge.session(), edge.actor(), public_id, session_id, states, edge.now(), seen=seen)
        except (Invalid, Conflict) as error:
            problem = error
        else:
            flash(gettext("Attendance is recorded."), "success")
            return edge.back("sets.session_page", public_id=public_id, session_id=session_id)
    found = attendance.register(edge.session(), edge.actor(), public_id, session_id, edge.now())
    faults = base.faults(problem, ()) if problem else Faults()
    states_words = {None: "", **_states()}
    told_of = [(f"of-{one.mate.id}", base.mate_name(one.mate), states_words[one.state]) for one in found.lines]
    page = render_template(
        "sets/attendance.html",
        seen=meanwhile.refused(problem, found.seen, told_of) if problem else meanwhile.opened(found.seen, told_of),
        corrects=bool(found.seen),
        **base.frame(found.entry),
        when=words.moment(found.meeting.starts_at),
        session_url=url_for("sets.session_page", public_id=public_id, session_id=session_id),
        lines=[
            {
                "id": line.mate.id,
                "name": base.mate_name(line.mate),
                "state": request.form.get(f"of-{line.mate.id}", line.state or attendance.PRESENT),
            }
            for line in found.lines
        ],
        may_record=found.open,
        cancelled=found.meeting.state == sessions.CANCELLED,
        faults=faults,
    )
    return page, faults.status


@edge.page(blueprint, "/sets/<public_id>/calendar.ics", Permission.NETWORK)
def calendar(public_id: str) -> FileResponse:
    """All sessions of a set, for a calendar."""
    return _file(session_calendars.of_set(edge.session(), edge.actor(), public_id, _address, edge.now()))


@edge.page(blueprint, "/sets/<public_id>/sessions/<session_id>/calendar.ics", Permission.NETWORK)
def session_calendar(public_id: str, session_id: str) -> FileResponse:
    """One session, for a calendar."""
    made = session_calendars.of_session(edge.session(), edge.actor(), public_id, session_id, _address, edge.now())
    return _file(made)


def _address(set_id: str, session_id: str) -> str:
    """A session's page, at the address that people use."""
    path = url_for("sets.session_page", public_id=set_id, session_id=session_id)
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + path


def _file(made: bytes) -> FileResponse:
    headers = {"Content-Disposition": "attachment; filename=sessions.ics"}
    return FileResponse(made, content_type="text/calendar; charset=utf-8; method=PUBLISH", headers=headers)
