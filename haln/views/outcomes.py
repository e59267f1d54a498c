"""What came of it, for members: tell it, see beforehand how it is read, change and withdraw it, agree to be named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid, TooMany
from haln.people import outcome_agreements, outcome_events, outcome_sources, outcomes
from haln.people.outcome_agreements import Asked
from haln.people.outcome_sources import Source
from haln.people.outcomes import COUNT, NAMED, Draft, Wording
from haln.views import edge, local_time, outcome_words, words
from haln.views.errors import say
from haln.views.outcome_words import StoryWords
from haln.views.sets.base import Faults, faults
from haln.views.speech import gettext

blueprint = Blueprint("outcomes", __name__)

Page = str | Response | tuple[str, int]
FIELDS = ("kind", "amount", "happened_on", "text", "consent")


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A story that would name the member."""

    public_id: str
    story: StoryWords
    writer: str
    answer: str
    version: int


@edge.page(blueprint, "/outcomes", Permission.NETWORK)
def index() -> str:
    """Show what the member told, the stories that would name them, and the sets and events of which they can tell."""
    session, actor = edge.session(), edge.actor()
    found = outcome_agreements.asked(session, actor)
    return render_template(
        "outcomes/index.html",
        mine=[outcome_words.own_row(one) for one in outcomes.mine(session, actor)],
        asked=[_asked_row(one, actor.name) for one in found if not one.answer],
        answered=[_asked_row(one, actor.name) for one in found if one.answer],
        sets=outcome_sources.learning_sets(session, actor),
        events=[
            (one.key, one.name, words.day(one.starts_at.astimezone(local_time.zone())))
            for one in outcome_events.latest(session, actor.member_id, edge.now())
        ],
    )


def _asked_row(one: Asked, me: str) -> AskedRow:
    writer = one.writer or gettext("A member you cannot see")
    told = outcome_words.story(one.kind, one.happened_on, one.came_of, [writer, me], one.text)
    return AskedRow(one.public_id, told, writer, one.answer, one.version)


@edge.page(blueprint, "/connections/<public_id>/outcome", Permission.NETWORK, "GET", "POST")
def of_connection(public_id: str) -> Page:
    """Tell what came of a connection."""
    source = outcome_sources.connection(edge.session(), edge.actor(), public_id)
    return _new(source, url_for("connections.index"), gettext("Connections"))


@edge.page(blueprint, "/sets/<public_id>/outcome", Permission.NETWORK, "GET", "POST")
def of_set(public_id: str) -> Page:
    """Tell what came of a learning set."""
    source = outcome_sources.learning_set(edge.session(), edge.actor(), public_id)
    return _new(source, url_for("outcomes.index"), gettext("What came of it"))


@edge.page(blueprint, "/events/<public_id>/outcome", Permission.NETWORK, "GET", "POST")
def of_event(public_id: str) -> Page:
    """Tell what came of an event that is over."""
    source = outcome_sources.event(edge.session(), edge.actor(), public_id, edge.now())
    return _new(source, url_for("events.one", public_id=public_id), source.name)


def _new(source: Source, back_url: str, back_words: str) -> Page:
    def save(draft: Draft) -> None:
        outcomes.write(edge.session(), edge.actor(), source, draft, edge.now(), local_time.zone())
        flash(gettext("Thank you. It is written down."), "success")

    blank = Draft(happened_on=local_time.today().isoformat(), consent=COUNT)
    return _steps(source, blank, save, "0", back_url, back_words)


@edge.page(blueprint, "/outcomes/<public_id>/change", Permission.NETWORK, "GET", "POST")
def change(public_id: str) -> Page:
    """Change what one told."""
    own = outcomes.one(edge.session(), edge.actor(), public_id)

    def save(draft: Draft) -> None:
        seen = edge.whole(request.form.get("version", "")) or 0
        outcomes.change(edge.session(), edge.actor(), public_id, draft, seen, edge.now(), local_time.zone())
        flash(gettext("Saved."), "success")

    amount = "" if own.amount is None else str(own.amount)
    kept = Draft(own.kind, amount, own.happened_on.isoformat(), own.text, own.consent)
    version = request.form.get("version", "")[:18] or str(own.version)
    back = (url_for("outcomes.index"), gettext("What came of it"))
    return _steps(own.source, kept, save, version, *back, newest=str(own.version))


def _steps(
    source: Source,
    kept: Draft,
    save: Callable[[Draft], None],
    version: str,
    back_url: str,
    back_words: str,
    newest: str = "0",
) -> Page:
    """The form, then how it will be read, then kept: in one address, so that nothing is kept half-way.

    `version` was seen; where that is not the `newest` any more, the form says so, and saved once more it replaces it.
    """
    wrong, draft, step = Faults(), kept, request.form.get("do", "")
    frame: dict[str, object] = {"source": source, "version": version, "back_url": back_url, "back_words": back_words}
    if request.method == "POST":
        draft = Draft(*(request.form.get(name, "") for name in FIELDS))
    try:
        if step == "save":
            save(draft)
            return edge.back("events.one", public_id=source.key) if source.event_id else edge.back("outcomes.index")
        if step == "preview":
            found = outcomes.wording(edge.session(), edge.actor(), source, draft, edge.now(), local_time.zone())
            return render_template("outcomes/preview.html", draft=draft, **_read(source, found), **frame)
    except (Invalid, Conflict, TooMany) as error:
        wrong = faults(error, FIELDS)
        frame["version"] = newest if isinstance(error, Conflict) else version
    page = render_template(
        "outcomes/edit.html",
        form=draft,
        kinds=outcome_words.kinds(),
        consents=outcome_words.consents(),
        today=local_time.today().isoformat(),
        faults=wrong,
        **frame,
    )
    return page, wrong.status


def _read(source: Source, found: Wording) -> dict[str, object]:
    """How a draft will be read: by nobody, without names, with names."""
    one = found.checked
    names = [edge.actor().name, *(person.name for person in found.asked)]
    return {
        "counted": outcome_words.kind(one.kind),
        "amount": "" if one.amount is None else outcome_words.pounds(one.amount),
        "day": words.day(one.happened_on),
        "without": outcome_words.story(one.kind, one.happened_on, source.came_of, (), found.told)
        if one.consent != COUNT
        else None,
        "with_names": outcome_words.story(one.kind, one.happened_on, source.came_of, names, found.signed)
        if one.consent == NAMED
        else None,
        "asked": ", ".join(person.name for person in found.asked),
    }


@edge.page(blueprint, "/outcomes/<public_id>/withdraw", Permission.NETWORK, "POST")
def withdraw(public_id: str) -> Response:
    """Let one's story be counted only."""
    outcomes.withdraw(edge.session(), edge.actor(), public_id, edge.now())
    flash(gettext("Nobody reads your words any more. It is still counted."), "success")
    return edge.back("outcomes.index")


@edge.page(blueprint, "/outcomes/<public_id>/remove", Permission.NETWORK, "GET", "POST")
def remove(public_id: str) -> Page:
    """Delete what one told, once more asked."""
    if request.method == "POST":
        outcomes.remove(edge.session(), edge.actor(), public_id)
        flash(gettext("It is deleted."), "success")
        return edge.back("outcomes.index")
    own = outcomes.one(edge.session(), edge.actor(), public_id)
    told = outcome_words.story(own.kind, own.happened_on, own.source.came_of, [edge.actor().name], own.text)
    return render_template("outcomes/remove.html", story_words=told, public_id=public_id)


@edge.page(blueprint, "/outcomes/<public_id>/agree", Permission.NETWORK, "POST")
def agree(public_id: str) -> Response:
    """Say whether one agrees to be named."""
    given, seen = request.form.get("answer", ""), edge.whole(request.form.get("version", "")) or 0
    try:
        outcome_agreements.answer(edge.session(), edge.actor(), public_id, given, seen, edge.now())
    except Conflict as error:
        flash(say(error), "warning")
        return edge.back("outcomes.index")
    if given == outcome_agreements.YES:
        flash(gettext("You agree to be named in it. You can change your mind here at any time."), "success")
    else:
        flash(gettext("It does not name you. Whoever wrote it sees that it is told without names, not why."), "success")
    return edge.back("outcomes.index")
