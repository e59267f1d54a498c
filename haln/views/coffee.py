"""A member's coffee rounds: take part, stop, whom to meet, and whether they met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.connect import coffee_meetings, coffee_opting, coffee_pages, coffee_rounds
from haln.connect.coffee_opting import EVERY, PAUSED, STOPPED, OptedIn
from haln.connect.coffee_pages import Meeting
from haln.connect.coffee_ties import Tie
from haln.errors import Conflict, HalnError, Invalid, NotPermitted
from haln.views import edge, members, words
from haln.views.errors import STATUS, fill, say
from haln.views.local_time import today
from haln.views.reason_words import ReasonWords, reason_words
from haln.views.speech import gettext

blueprint = Blueprint("coffee", __name__, url_prefix="/coffee")

Page = Any
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Coffee:
    """Somebody to meet, or met, as the page draws them."""

    round_id: str
    public_id: str
    person: members.Person
    email: str
    reasons: list[ReasonWords]
    day: str
    meet_by: str
    said: str
    said_words: str
    answerable: bool


def answer_words() -> list[Option]:
    """What may be said of a meeting."""
    return [("met", gettext("We met")), ("not_yet", gettext("Not yet")), ("no", gettext("We did not meet"))]


def mode_words() -> list[Option]:
    """For how long one may ask."""
    return [("every", gettext("Every round, until I say stop")), ("next", gettext("The next round only"))]


def wish_words() -> list[Option]:
    """Whom one may ask for."""
    return [
        ("", gettext("No preference")),
        ("sector", gettext("People from another sector")),
        ("place", gettext("People from my place")),
    ]


@edge.page(blueprint, "", Permission.NETWORK)
def index() -> str:
    """Show what the member has asked for, whom to meet, and whom they met."""
    return _page()


def _page(problem: HalnError | None = None) -> str:
    session, actor = edge.session(), edge.actor()
    known = coffee_opting.mine(session, actor, today())
    opted = known if known is not None and known.mode != STOPPED else None
    found = coffee_pages.meetings(session, actor, today())
    waiting = coffee_rounds.open_one(session)
    sent = request.form if problem is not None else {}
    return render_template(
        "coffee/index.html",
        opted=opted,
        stopped=known is not None and opted is None,
        begun=opted is None or opted.started,
        standing=_standing(opted),
        paused=opted is not None and opted.mode == PAUSED,
        mode=sent.get("mode", opted.mode if opted else ""),
        wish=sent.get("wish", opted.wish if opted else ""),
        modes=mode_words(),
        wishes=wish_words(),
        problems=_problems(problem),
        errors={name: fill(sentence, problem) for name, sentence in problem.fields.items()}
        if isinstance(problem, Invalid)
        else {},
        pairs_on=words.day(waiting.facts.pairs_on) if waiting and waiting.facts.pairs_on else "",
        now=[_coffee(one) for one in found.now],
        past=[_coffee(one) for one in found.past],
        unseen=[(round_id, other, words.day(day)) for round_id, other, day in found.unseen],
        answers=answer_words(),
        runs=actor.may(Permission.RUN_COFFEE),
    )


def _problems(problem: HalnError | None) -> list[tuple[str, str]]:
    if isinstance(problem, Invalid) and problem.fields:
        return [(name, fill(sentence, problem)) for name, sentence in problem.fields.items()]
    return [("", say(problem))] if problem is not None else []


def _standing(opted: OptedIn | None) -> str:
    """How the member stands, in a sentence."""
    if opted is None:
        return gettext("You do not take part at present.")
    if opted.mode == PAUSED:
        return gettext("Your coffee rounds are paused: you were silent in two rounds, and that is no harm.")
    if not opted.started:
        return gettext(
            "You have asked to take part, but nobody is paired with you before your first visit is finished."
        )
    if not opted.listed:
        return gettext("You take part, but nobody is paired with you while you are hidden from the network.")
    if opted.away_openly:
        return gettext(
            "You take part, but nobody is paired with you until you say in your profile that your break is over."
        )
    if opted.away:
        return gettext("You take part, but nobody is paired with you before the day that your profile says.")
    if opted.mode == EVERY:
        return gettext("You take part in every round.")
    return gettext("You take part in the next round.")


def _coffee(one: Meeting) -> Coffee:
    return Coffee(
        one.round_id,
        one.person.public_id,
        members.person(one.person, url=url_for("members.page", public_id=one.person.public_id)),
        one.email,
        reason_words(one.reasons, 3),
        words.day(one.pairs_on),
        words.day(one.meet_by),
        one.said,
        dict(answer_words()).get(one.said, ""),
        one.answerable,
    )


@edge.page(blueprint, "/join", Permission.NETWORK, "POST")
def join() -> Page:
    """Take part, or change how."""
    mode, wish = request.form.get("mode", ""), request.form.get("wish", "")
    try:
        coffee_opting.opt_in(edge.session(), edge.actor(), mode, wish, edge.now())
    except (Invalid, NotPermitted) as error:
        edge.session().rollback()
        return _page(error), STATUS[type(error)]
    opted = coffee_opting.mine(edge.session(), edge.actor(), today())
    if opted is not None and opted.started:
        flash(gettext("You take part. We write to you when pairs are made."), "success")
    else:
        flash(gettext("Saved. Finish your first visit, so that somebody can be paired with you."), "warning")
    return edge.back("coffee.index")


@edge.page(blueprint, "/stop", Permission.NETWORK, "POST")
def stop() -> Response:
    """Take part no more."""
    coffee_opting.opt_out(edge.session(), edge.actor(), edge.now())
    flash(
        gettext(
            "You take part in no more rounds, and get no more mail about them. Whom you are to meet already stays."
        ),
        "success",
    )
    return edge.back("coffee.index")


@edge.page(blueprint, "/back", Permission.NETWORK, "POST")
def come_back() -> Response:
    """Take part again after a pause."""
    try:
        coffee_opting.come_back(edge.session(), edge.actor(), edge.now())
    except Conflict as error:
        edge.session().rollback()
        flash(say(error), "warning")
    else:
        flash(gettext("Welcome back: you take part in every round."), "success")
    return edge.back("coffee.index")


@edge.page(blueprint, "/<round_id>/<public_id>/answer", Permission.NETWORK, "POST")
def answer(round_id: str, public_id: str) -> Response:
    """Say whether the two met."""
    given = request.form.get("answer", "")
    try:
        done = coffee_meetings.answer(edge.session(), edge.actor(), round_id, public_id, given, edge.now())
    except Conflict as error:
        edge.session().rollback()
        flash(say(error), "warning")
        return edge.back("coffee.index")
    said = {
        Tie.MADE: gettext("You are connected with %(name)s.", name=done.name),
        Tie.TAKEN_BACK: gettext(
            "Saved. You are no longer connected with %(name)s: it rested on having met.", name=done.name
        ),
        Tie.STAYS: gettext(
            "Saved. You stay connected with %(name)s. If you do not want that, end it under Connections.",
            name=done.name,
        ),
        Tie.NOTHING: gettext("Saved."),
    }
    flash(said[done.tie] if done.name else gettext("Saved."), "success")
    return edge.back("coffee.index")
