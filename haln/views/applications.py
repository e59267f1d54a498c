"""A member reads about a cohort, applies, changes what they said, withdraws."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, render_template, request, url_for

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotPermitted
from haln.learn import application_pages, applications, topic_asking
from haln.learn.application_pages import CohortPage
from haln.people.lost_places import Lost
from haln.people.markdown import to_html
from haln.views import application_forms, edge, joining_words, members, slot_words, words
from haln.views.cohorts.base import done_or_refused
from haln.views.cohorts.index import sessions_words, size_words
from haln.views.errors import STATUS, say
from haln.views.local_time import today
from haln.views.speech import gettext

blueprint = Blueprint("applications", __name__, url_prefix="/cohorts")


@edge.page(blueprint, "/<public_id>/about", Permission.NETWORK)
def about(public_id: str) -> str:
    """What a cohort is about, and how one's own application stands."""
    shown = _page(public_id)
    own = shown.own
    return render_template(
        "applications/about.html",
        page=shown,
        purpose=to_html(shown.facts.purpose) if shown.facts.purpose else "",
        facts=_facts(shown),
        leaders=[_leader(line) for line in shown.facilitators],
        state=_state(shown),
        applied=own is not None and own.state == "applied",
        own=_said(shown) if own is not None and own.state != "withdrawn" else [],
        topic=topic_asking.source(edge.session(), edge.actor().member_id, cohort=shown.id),
    )


def _page(public_id: str) -> CohortPage:
    return application_pages.page(edge.session(), edge.actor(), public_id, today())


def _leader(line: Any) -> members.Person:
    return members.person(line, url=url_for("members.page", public_id=line.public_id))


def _facts(page: CohortPage) -> list[tuple[str, str]]:
    facts = page.facts
    days = ((facts.closes_on, gettext("Last day to apply")), (facts.starts_on, gettext("The sets start on")))
    return [
        (gettext("Themes"), ", ".join(words.label("theme", code) for code in facts.themes)),
        (gettext("Where"), facts.where),
        *((label, words.day(day)) for day, label in days if day is not None),
        *([(gettext("The sets end on"), words.day(facts.ends_on))] if facts.ends_on else []),
        (gettext("Sessions"), sessions_words(facts)),
        (gettext("People in a set"), size_words(facts)),
    ]


def _state(page: CohortPage) -> str:
    """How one's application stands, in a sentence."""
    state = page.own.state if page.own else ""
    if page.state == "cancelled":
        return gettext("This cohort does not take place.")
    if page.own and page.own.lost:
        return {
            Lost.NO_ANSWER: gettext(
                "A place was kept for you, and no answer came in time, so the sets go on without you."
            ),
            Lost.DECLINED: gettext("You declined the place that was kept for you. The sets go on without you."),
        }[page.own.lost]
    if page.seat:
        return joining_words.seat(page.seat)
    said = {
        "applied": gettext("You have applied. You can change what you said until applications close.")
        if page.open
        else gettext("You have applied. The facilitators are forming the sets: you are asked before yours is fixed."),
        "withdrawn": gettext("You have withdrawn your application.")
        if page.own and page.own.source == "member"
        else gettext(
            "You are no longer among the applicants. If this comes as a surprise, speak to the cohort’s facilitators."
        ),
        "placed": gettext("You have a place in one of the sets.")
        if page.own and page.own.sits
        else gettext("You had a place in one of the sets."),
        "left_over": gettext("There was no place for you this time. Next time you come first."),
    }
    return said.get(state, "" if page.open else gettext("Applications to this cohort have closed."))


def _said(page: CohortPage) -> list[tuple[str, str]]:
    own = page.own
    assert own is not None
    return [
        (gettext("Your live issue"), own.live_issue),
        (gettext("Themes"), ", ".join(words.label("theme", code) for code in own.themes)),
        (
            gettext("When you can meet"),
            "; ".join(slot_words.short_words(slot) for slot in page.slots if slot.id in own.slots),
        ),
        (gettext("The facilitator you would like"), own.facilitator.name if own.facilitator else ""),
        (gettext("Rather not with"), ", ".join(line.name for line in own.apart)),
        (gettext("What you need"), own.access_needs),
    ]


@edge.page(blueprint, "/<public_id>/apply", Permission.NETWORK, "GET", "POST")
def apply(public_id: str) -> Any:
    """Apply, or change what one said: one page."""
    shown = _page(public_id)
    if not shown.open:
        flash(gettext("Applications to this cohort have closed."), "info")
        return edge.back("applications.about", public_id=public_id)
    problem: Invalid | Conflict | NotPermitted | None = None
    if request.method == "POST" and "apart-find" not in request.form:
        try:
            new = applications.apply(
                edge.session(),
                edge.actor(),
                public_id,
                application_forms.sent(),
                words.vocabulary(),
                today(),
                edge.now(),
            )
        except (Invalid, Conflict, NotPermitted) as error:
            edge.session().rollback()
            problem = error
        else:
            flash(gettext("You have applied. We have written to you.") if new else gettext("It is saved."), "success")
            return edge.back("applications.about", public_id=public_id)
    page = render_template(
        "applications/apply.html",
        page=shown,
        drawn=application_forms.draw(
            application_forms.sent() if request.method == "POST" else application_forms.held(shown.own),
            shown.slots,
            [(line.public_id, line.name) for line in shown.facilitators],
            problem if isinstance(problem, Invalid) else None,
        ),
        applied=shown.own is not None and shown.own.state == "applied",
        problem=say(problem) if problem and not isinstance(problem, Invalid) else "",
    )
    return page, STATUS[type(problem)] if problem else 200


@edge.page(blueprint, "/<public_id>/apply/people", Permission.NETWORK)
def find_people(public_id: str) -> str:
    """People to keep apart from, as a part of the form: those ticked, and those who are found."""
    chosen = [key[:16] for key in request.args.getlist("apart")[:50]]
    found = application_forms.people(chosen, request.args.get("apart-typed", "")[:80])
    return render_template("applications/people.html", people=found)


@edge.page(blueprint, "/<public_id>/withdraw", Permission.NETWORK, "GET", "POST")
def withdraw(public_id: str) -> Any:
    """Ask once more, then take the application back."""

    def act() -> str:
        applications.withdraw(edge.session(), edge.actor(), public_id, edge.now())
        return gettext("Your application is withdrawn.")

    if request.method == "POST":
        return done_or_refused(act, "applications.about", public_id=public_id)
    shown = _page(public_id)
    if shown.own is None or shown.own.state != "applied":
        return edge.back("applications.about", public_id=public_id)
    return render_template("applications/withdraw.html", page=shown)
