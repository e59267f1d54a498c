"""The events to come and those that were, one event's page, registering for it and giving a place up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, flash, render_template, request, url_for
from flask_babel import format_decimal
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.connect import hellos
from haln.errors import Conflict
from haln.learn import event_lists, event_registrations, topic_asking
from haln.learn.event_lists import EventPage
from haln.people import outcome_events, outcomes
from haln.people.markdown import to_html
from haln.views import edge, members, outcome_words, words
from haln.views.errors import say
from haln.views.events.base import blueprint, event_row, place, places, theme_codes, theme_options
from haln.views.local_time import today
from haln.views.members import Person
from haln.views.reason_words import ReasonWords, reason_words
from haln.views.speech import gettext
from haln.views.tables import Column


@edge.page(blueprint, "", Permission.NETWORK)
def index() -> str:
    """The events to come."""
    theme = request.args.get("theme", "")
    theme = theme if theme in theme_codes() else ""
    found = event_lists.coming(edge.session(), edge.actor(), theme, edge.now())
    return render_template(
        "events/index.html",
        asked=[event_row(one, now=edge.now()) for one in found.asked],
        mine=[event_row(one) for one in found.mine],
        coming=[event_row(one) for one in found.coming],
        proposals=[event_row(one, now=edge.now()) for one in found.proposals],
        theme=theme,
        themes=[("", gettext("All themes")), *theme_options()],
        may_plan=edge.actor().may(Permission.FORM_SETS),
    )


@edge.page(blueprint, "/past", Permission.NETWORK)
def past() -> str:
    """The events that took place, the last first."""
    number = max(1, min(edge.number_argument("page") or 1, 10_000))
    found, more = event_lists.past(edge.session(), edge.actor(), number, edge.now())
    beyond = number > 1 and not found and bool(event_lists.past(edge.session(), edge.actor(), 1, edge.now())[0])
    return render_template(
        "events/past.html",
        rows=[event_row(one, over=True) for one in found],
        next_url=url_for("events.past", page=number + 1) if more else "",
        start_url=url_for("events.past") if number > 1 else "",
        beyond=beyond,
    )


NAMED_AFTER = timedelta(days=14)
"""How long after an event its page still says whom to write to."""


@dataclass(frozen=True, slots=True)
class HelloRow:
    """Somebody to say hello to, as the page draws them."""

    id: str
    person: Person
    reasons: list[ReasonWords]


@edge.page(blueprint, "/<public_id>", Permission.NETWORK)
def one(public_id: str) -> str:
    """One event."""
    threshold = int(current_app.config["SMALL_NUMBER"])
    found = event_lists.page(edge.session(), edge.actor(), public_id, _top_sector, threshold, edge.now())
    return render_template("events/one.html", **_drawn(found))


def _drawn(found: EventPage) -> dict[str, object]:
    row, line, now = found.row, found.line, edge.now()
    over, begun = row.ends_at <= now, row.starts_at <= now
    planned = row.state == "planned"
    return {
        "public_id": row.public_id,
        "event": event_row(line, over=over),
        "state": row.state,
        "answer": row.answer,
        "over": over,
        "facts": _facts(found),
        "organiser": _organiser(found),
        "topic": topic_asking.source(edge.session(), edge.actor().member_id, event=row.id),
        "description": to_html(row.description) if row.description else "",
        "mine": line.mine,
        "full": line.full,
        "open": planned and not begun,
        "organises": line.organises,
        "turn": found.turn,
        "says_hello": found.says_hello,
        "joining_link": found.joining_link,
        "overlaps": [
            gettext("%(name)s, %(moment)s", name=o.name, moment=words.moment(o.starts_at)) for o in found.overlaps
        ],
        "hellos": _hellos(found) if planned and row.ends_at > now - NAMED_AFTER and line.mine == "registered" else [],
        "sectors": _sector_rows(found.sectors) if planned and not over else [],
        "sector_columns": [Column(gettext("Sector")), Column(gettext("People with a place"), number=True)],
        "hidden_to": int(current_app.config["SMALL_NUMBER"]),
        "recording": found.recording,
        "slides": found.slides,
        "manages": found.manages,
        "records": found.records,
        "decides": found.decides,
        "may_change": found.manages and (row.state == "proposed" or (planned and not begun)),
        "lapsed": row.state == "proposed" and begun,
        "may_add_links": found.manages and planned and over,
        "unrecorded": planned and found.records and _nobody_recorded(found),
        **_came_of_it(found),
        "numbers": _numbers(found) if found.manages and planned else [],
    }


def _facts(found: EventPage) -> list[tuple[str, str]]:
    row = found.row
    return [
        (gettext("When"), words.span(row.starts_at, row.ends_at)),
        (gettext("Where"), place(row.where, found.line.place, online=bool(row.joining_link))),
        (gettext("Places"), places(found.line) if row.state == "planned" and row.ends_at > edge.now() else ""),
        (gettext("Themes"), ", ".join(words.label("theme", code) for code in row.themes)),
    ]


def _came_of_it(found: EventPage) -> dict[str, object]:
    """What the member told of the event once it is over, and whether they may tell more."""
    row, session, actor, now = found.row, edge.session(), edge.actor(), edge.now()
    if row.ends_at > now:
        return {"tells": False, "told": []}
    return {
        "tells": outcome_events.may_tell(session, actor.member_id, row.public_id, now),
        "told": [outcome_words.own_row(one, named=False) for one in outcomes.mine(session, actor, row.id)],
    }


def _organiser(found: EventPage) -> Person | None:
    person = found.organiser
    if person is None:
        return None
    return members.person(person, url=url_for("members.page", public_id=person.public_id))


def _numbers(found: EventPage) -> list[tuple[str, str]]:
    """What whoever runs it may count exactly, also who reads no names: the balance of sectors allows for it."""
    row = found.row
    shown = [(gettext("Registered"), format_decimal(found.line.taken))]
    if row.starts_at > edge.now():
        shown += [(gettext("Waiting"), format_decimal(found.waiting))]
    elif _nobody_recorded(found):
        shown += [(gettext("Members who came"), gettext("Nobody is recorded yet"))]
    else:
        shown += [(gettext("Members who came"), format_decimal(found.came))]
        shown += [(gettext("Others who came"), format_decimal(row.others_came))]
    return shown


def _nobody_recorded(found: EventPage) -> bool:
    """Whether it has begun, and nobody is known to have come."""
    return found.row.starts_at <= edge.now() and not found.came and not found.row.others_came


def _hellos(found: EventPage) -> list[HelloRow]:
    people = hellos.three(edge.session(), edge.actor().member_id, found.row.id, today())
    return [
        HelloRow(
            one.person.public_id,
            members.person(one.person, url=url_for("members.page", public_id=one.person.public_id)),
            reason_words(one.reasons, hellos.REASONS),
        )
        for one in people
    ]


def _top_sector(code: str) -> str:
    try:
        return words.vocabulary().top_sector(code).code
    except KeyError:
        return code


def _sector_rows(sectors: Mapping[str, int | None]) -> list[tuple[str, str]]:
    return [
        (
            gettext("No sector given") if code == "other" else words.label("sector", code),
            "*" if count is None else format_decimal(count),
        )
        for code, count in sectors.items()
    ]


@edge.page(blueprint, "/<public_id>/register", Permission.NETWORK, "POST")
def register(public_id: str) -> Response:
    """Ask for a place, or say anew whether one is named to others."""
    says_hello = request.form.get("says_hello") == "yes"
    again, state = request.form.get("again") == "yes", ""
    try:
        if again:
            event_registrations.name_me(edge.session(), edge.actor(), public_id, says_hello, edge.now())
        else:
            state = event_registrations.register(edge.session(), edge.actor(), public_id, says_hello, edge.now())
    except Conflict as error:
        edge.session().rollback()
        flash(say(error), "warning")
        return edge.back("events.one", public_id=public_id)
    if again:
        flash(gettext("Your choice is saved."), "success")
    elif state == event_registrations.REGISTERED:
        flash(gettext("You have a place. We have sent you a message with a calendar file."), "success")
    else:
        flash(gettext("All places are taken. You wait for one, and are told as soon as it is yours."), "info")
    return edge.back("events.one", public_id=public_id)


@edge.page(blueprint, "/<public_id>/give-up", Permission.NETWORK, "GET", "POST")
def give_up(public_id: str) -> Response | str:
    """Give one's place up, or stop waiting; asked once more where registering again would not undo it."""
    session, actor, now = edge.session(), edge.actor(), edge.now()
    try:
        would = event_registrations.leaving(session, actor, public_id, now)
        if request.method == "GET" or (would.final and request.form.get("sure") != "yes"):
            return render_template(
                "events/give_up.html",
                public_id=public_id,
                title=would.row.title,
                when=words.span(would.row.starts_at, would.row.ends_at),
                state=would.state,
                full=would.full,
                others_wait=would.others_wait,
            )
        was, passed_on = event_registrations.give_up(session, actor, public_id, now)
    except Conflict as error:
        session.rollback()
        flash(say(error), "warning")
    else:
        flash(_given_up(was, full=would.full, passed_on=passed_on), "success")
    return edge.back("events.one", public_id=public_id)


def _given_up(was: str, *, full: bool, passed_on: bool) -> str:
    if was == event_registrations.WAITING:
        return gettext("You no longer wait for a place.")
    if was != event_registrations.REGISTERED:
        return gettext("You have no place at this event, and wait for none.")
    if passed_on:
        return gettext("You have given your place up. It has gone to the next of those who wait.")
    if full:
        return gettext("You have given your place up. You can register again until somebody else takes it.")
    return gettext("You have given your place up. You can register again while there is room.")
