"""Plan an event or propose one, change it, cancel it, decide on a proposal, and say where its recording is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from flask import flash, render_template, request, url_for

from haln.access import Permission
from haln.errors import Conflict, Invalid, TooMany
from haln.learn import event_access, event_lists, events
from haln.learn.event_access import PLANNED
from haln.people import places
from haln.views import edge, meanwhile, words
from haln.views.events.base import FEW, FIELDS, Page, blueprint, closed, facts, theme_codes, theme_options
from haln.views.local_time import zone
from haln.views.sets.base import Faults
from haln.views.sets.base import faults as faults_of
from haln.views.speech import gettext, ngettext

Form = dict[str, object]


def _sent() -> Form:
    form: Form = {name: request.form.get(name, "") for name in FIELDS}
    form["themes"] = request.form.getlist("themes")
    return form


@edge.page(blueprint, "/new", Permission.NETWORK, "GET", "POST")
def new() -> Page:
    """Plan an event; members propose one."""
    plans = edge.actor().may(Permission.FORM_SETS)
    faults = Faults()
    form: Form = {"begins": "14:00", "ends": "15:30", "themes": []}
    if request.method == "POST":
        form = _sent()
        try:
            made = events.create(edge.session(), edge.actor(), facts(), theme_codes(), zone(), edge.now())
        except (Invalid, Conflict) as error:
            edge.session().rollback()
            faults = faults_of(error, (*FIELDS, "themes"))
        else:
            said = (
                gettext("The event is planned. Members see it now.")
                if made.state == PLANNED
                else gettext("Thank you. Staff read your proposal, and you are told what they say.")
            )
            flash(said, "success")
            _say_beside(made.public_id)
            return edge.back("events.one", public_id=made.public_id)
    page = render_template(
        "events/form.html",
        heading=gettext("Plan an event") if plans else gettext("Propose an event"),
        lead=gettext("Members see it as soon as it is saved.")
        if plans
        else gettext("Staff accept it, or say why not. Nobody else sees it until then."),
        button=gettext("Plan it") if plans else gettext("Propose it"),
        back_url=url_for("events.index"),
        back_words=gettext("Events"),
        form=form,
        themes=theme_options(),
        places=places.names(edge.session()),
        faults=faults,
    )
    return page, faults.status


@edge.page(blueprint, "/<public_id>/change", Permission.NETWORK, "GET", "POST")
def change(public_id: str) -> Page:
    """Change an event."""
    faults, form, refusal = Faults(), dict[str, object](), None
    if request.method == "POST":
        form = _sent()
        try:
            told = events.change(
                edge.session(),
                edge.actor(),
                public_id,
                facts(),
                theme_codes(),
                edge.whole(request.form.get("sequence", "")) or 0,
                zone(),
                edge.now(),
            )
        except (Invalid, Conflict, TooMany) as error:
            edge.session().rollback()
            refusal = error
            faults = faults_of(error, (*FIELDS, "themes"))
        else:
            flash(gettext("Saved. Everybody who comes is told.") if told else gettext("Saved."), "success")
            _say_beside(public_id)
            return edge.back("events.one", public_id=public_id)
    row = event_access.managed(edge.session(), edge.actor(), public_id)
    typed = [(label, str(form.get(name, ""))) for name, label in _labels() if name in FIELDS] if form else []
    if shut := closed(lambda: events.check_open(row, edge.now()), row, gettext("Change the event"), typed):
        return shut
    starts, ends = row.starts_at.astimezone(zone()), row.ends_at.astimezone(zone())
    kept: Form = {
        "title": row.title,
        "standfirst": row.standfirst,
        "description": row.description,
        "day": starts.date().isoformat(),
        "begins": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "where": row.where,
        "place": places.name(edge.session(), row.place_id),
        "link": row.joining_link,
        "capacity": "" if row.capacity is None else str(row.capacity),
        "themes": row.themes,
    }
    told_of = _in_words(kept, row.themes, starts.date())
    seen = meanwhile.refused(refusal, row.sequence, told_of) if refusal else meanwhile.opened(row.sequence, told_of)
    page = render_template(
        "events/form.html",
        heading=gettext("Change the event"),
        lead=gettext(
            "When the time, the place or the link changes, everybody who comes is told, with a calendar file."
        ),
        button=gettext("Save"),
        back_url=url_for("events.one", public_id=public_id),
        back_words=row.title,
        form=form or kept,
        seen=seen,
        themes=theme_options(),
        places=places.names(edge.session()),
        faults=faults,
    )
    return page, faults.status


def _say_beside(public_id: str) -> None:
    """Name what else takes place at that time, once it is saved: whoever plans may know better, and goes on."""
    found = event_lists.beside(edge.session(), edge.actor(), public_id)
    if not found:
        return
    named = [gettext("“%(title)s” (%(moment)s)", title=o.name, moment=words.moment(o.starts_at)) for o in found[:FEW]]
    if len(found) > FEW:
        named.append(ngettext("%(num)s more", "%(num)s more", len(found) - FEW))
    flash(gettext("At that time there is also: %(events)s.", events="; ".join(named)), "info")


def _in_words(kept: Form, themes: Collection[str], on_day: date) -> meanwhile.Kept:
    """An event's fields as they are saved, for whoever finds that somebody else has changed them."""
    said = {"day": words.day(on_day), "themes": ", ".join(words.label("theme", code) for code in themes)}
    return [(name, label, said.get(name, str(kept[name]))) for name, label in _labels()]


def _labels() -> tuple[tuple[str, str], ...]:
    """What the form calls its fields."""
    return (
        ("title", gettext("Title")),
        ("standfirst", gettext("In a sentence")),
        ("day", gettext("Day")),
        ("begins", gettext("Begins")),
        ("ends", gettext("Ends")),
        ("where", gettext("Where")),
        ("place", gettext("Place")),
        ("link", gettext("Joining link")),
        ("capacity", gettext("How many places")),
        ("themes", gettext("Themes")),
        ("description", gettext("What it is about")),
    )


@edge.page(blueprint, "/<public_id>/cancel", Permission.NETWORK, "GET", "POST")
def cancel(public_id: str) -> Page:
    """Cancel an event, or take a proposal back; asked once more before."""
    if request.method == "POST":
        told = events.cancel(edge.session(), edge.actor(), public_id, edge.now())
        said = (
            gettext("It is cancelled. Everybody who wanted to come is told.")
            if told
            else gettext("The proposal is taken back. Nobody but staff and who made it sees it.")
        )
        flash(said, "success")
        return edge.back("events.index")
    row = event_access.managed(edge.session(), edge.actor(), public_id)
    heading = gettext("Cancel the event")
    if shut := closed(lambda: events.check_open(row, edge.now()), row, heading):
        return shut
    return render_template(
        "events/cancel.html", title=row.title, public_id=public_id, when=words.moment(row.starts_at), state=row.state
    )


@edge.page(blueprint, "/<public_id>/decide", Permission.NETWORK, "GET", "POST")
def decide(public_id: str) -> Page:
    """Accept a member's proposal, or decline it with words."""
    faults, answer = Faults(), ""
    if request.method == "POST":
        answer, accept = request.form.get("answer", ""), request.form.get("accept") == "yes"
        try:
            events.decide(edge.session(), edge.actor(), public_id, accept, answer, edge.now())
        except (Invalid, Conflict) as error:
            edge.session().rollback()
            faults = faults_of(error, ("answer",))
        else:
            said = gettext("The event takes place.") if accept else gettext("The proposal is declined.")
            flash(said, "success")
            if accept:
                _say_beside(public_id)
            return edge.back("events.one", public_id=public_id)
    row = event_access.decided(edge.session(), edge.actor(), public_id)
    heading, typed = gettext("Answer the proposal"), [(gettext("What you say to it"), answer)] if answer else []
    if shut := closed(lambda: event_access.check_proposed(row), row, heading, typed):
        return shut
    page = render_template(
        "events/decide.html",
        title=row.title,
        public_id=public_id,
        when=words.moment(row.starts_at),
        answer=answer,
        faults=faults,
    )
    return page, faults.status


@edge.page(blueprint, "/<public_id>/links", Permission.NETWORK, "GET", "POST")
def links(public_id: str) -> Page:
    """Say where the recording and the slides are, and for whom."""
    faults, form = Faults(), dict[str, str]()
    if request.method == "POST":
        form = {name: request.form.get(name, "") for name in ("recording", "slides", "links_for")}
        try:
            events.add_links(edge.session(), edge.actor(), public_id, **form, now=edge.now())
        except (Invalid, Conflict) as error:
            edge.session().rollback()
            faults = faults_of(error, ("recording", "slides", "links_for"))
        else:
            flash(gettext("Saved."), "success")
            return edge.back("events.one", public_id=public_id)
    row = event_access.managed(edge.session(), edge.actor(), public_id)
    labels = {"recording": gettext("Link to the recording"), "slides": gettext("Link to the slides")}
    typed = [(label, form[name]) for name, label in labels.items()] if form else []
    if shut := closed(lambda: events.check_over(row, edge.now()), row, gettext("Recording and slides"), typed):
        return shut
    kept = {"recording": row.recording_link, "slides": row.slides_link, "links_for": row.links_for}
    page = render_template("events/links.html", title=row.title, public_id=public_id, form=form or kept, faults=faults)
    return page, faults.status
