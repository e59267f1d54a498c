"""The studio: plans of a cohort formed, looked at, changed by hand, compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotFound
from haln.learn import plan_advice, plan_changes, plan_people, plan_reading, plans
from haln.learn.leading import led_plan
from haln.learn.plan_changes import Changed
from haln.learn.plan_queue import WAITING
from haln.learn.plan_reading import PAGE, StudioPage
from haln.learn.studio import Studio
from haln.views import advice_words, edge, plan_pages, plan_words
from haln.views.cohorts.base import head
from haln.views.errors import STATUS, say
from haln.views.leading_back import lead_back
from haln.views.speech import gettext

blueprint = Blueprint("plans", __name__)
lead_back(blueprint, "plans.studio")
Page = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]

OUT = "out"
"""What stands for "left over" where a set is chosen."""

FRESH = {"HX-Retarget": "#studio", "HX-Reselect": "#studio", "HX-Reswap": "outerHTML"}
"""A part of the page that was refused is drawn anew whole: it shows how things stand."""


def set_up(app: Flask) -> None:
    """Install what plans are judged with."""
    app.extensions["haln_studio"] = Studio(app.extensions["haln_vocabulary"], app.extensions["haln_reading"])


def workshop() -> Studio:
    """What plans are judged with, the same for all requests of this process."""
    return cast(Studio, current_app.extensions["haln_studio"])


@edge.page(blueprint, "/cohorts/<public_id>/plans", Permission.FORM_SETS, "GET", "POST")
def index(public_id: str) -> Page:
    """The plans of a cohort; ask for more."""
    problem, status = "", 200
    typed = {name: request.form.get(name, "")[:9] for name in ("count", "sets")}
    if request.method == "POST":
        try:
            made = plans.propose(
                edge.session(), edge.actor(), public_id, _number("count") or 0, _number("sets"), None, edge.now()
            )
        except (Invalid, Conflict) as error:
            problem, status = say(error), STATUS[type(error)]
        else:
            return edge.back("plans.studio", public_id=made[0])
    found = plans.listing(edge.session(), edge.actor(), public_id)
    page = render_template(
        "plans/index.html",
        cohort=found,
        head=head(public_id, "plans.index"),
        problem=problem,
        typed=typed,
        words=plan_words,
        counts=[(str(number), str(number)) for number in range(1, plans.MOST_AT_ONCE + 1)],
    )
    return page, status


def _number(name: str, default: int | None = None) -> int | None:
    """A whole number of a form; the default where nothing was written. Raises Invalid."""
    typed = request.form.get(name, "").strip()
    if not typed:
        return default
    if not (typed.isascii() and typed.isdigit() and len(typed) < 7):
        raise Invalid("Write a whole number.", {name: "Write a whole number."})
    return int(typed)


def _version() -> int:
    """Which version of the plan was seen."""
    number = _number("version")
    if number is None:
        raise Invalid("Open the plan again: this page does not say which version of it you saw.")
    return number


@edge.page(blueprint, "/plans/<public_id>", Permission.FORM_SETS)
def studio(public_id: str) -> Page:
    """A plan: its sets, its rules, who is left over; or how far the forming of it is."""
    return _studio(public_id)


def _studio(public_id: str, problem: str = "", status: int = 200) -> Page:
    first = edge.number_argument("sets", 10_000) or 0
    text = request.args.get("q", "").strip()[:80]
    page = plan_reading.studio(edge.session(), edge.actor(), public_id, first, text)
    if page.row.state in WAITING:
        return _waiting(page)
    if edge.is_fragment():  # of a page that waited for the plan
        return Response(status=204, headers={"HX-Refresh": "true"})
    if page.unformed:
        return _unformed(page)
    shown = render_template(
        "plans/studio.html",
        page=page,
        problem=problem,
        text=text,
        columns=[plan_pages.column(page, one) for one in page.sets],
        left_over=plan_pages.left_over(page),
        left_more=len(page.row.left_over) - len(page.left_over),
        rules=plan_pages.rules(page),
        tabs=plan_pages.tabs(page),
        others=[one for one in page.tabs if one.public_id != public_id and one.state in ("ready", "published")],
        advice=advice_words.advice(page),
        found=[(plan_pages.card(page, one.id, one), plan_words.set_name(at), at) for one, at in page.found],
        words=plan_words,
        set_url=plan_pages.set_url,
        ranges=_ranges(page),
        editable=page.row.state == "ready" and page.cohort.state in ("open", "closed"),
    )
    return (shown, status, FRESH) if status != 200 else shown


def _ranges(page: StudioPage) -> dict[str, Any]:
    """The pages of a plan with many sets: what each holds, and the addresses of those beside this one."""
    total = len(page.row.sets)
    if total <= PAGE:
        return {}

    def address(first: int) -> str:
        return url_for("plans.studio", public_id=page.row.public_id, sets=first or None) if 0 <= first < total else ""

    return {
        "all": [(first, f"{first + 1}–{min(first + PAGE, total)}") for first in range(0, total, PAGE)],
        "before": address(page.first - PAGE),
        "after": address(page.first + PAGE),
    }


def _waiting(page: StudioPage) -> Page:
    share = float(page.row.progress.get("done", 0))
    values = {"page": page, "share": round(share * 100), "tabs": plan_pages.tabs(page), "words": plan_words}
    if edge.is_fragment():
        return render_template("plans/progress.html", **values)
    return render_template("plans/waiting.html", **values)


def _unformed(page: StudioPage) -> Page:
    problem = page.row.progress.get("problem", "")
    said = gettext(problem) % page.row.progress.get("values", {}) if problem else ""
    return render_template("plans/unformed.html", page=page, said=said, tabs=plan_pages.tabs(page), words=plan_words)


@edge.page(blueprint, "/plans/<public_id>/stop", Permission.FORM_SETS, "POST")
def stop(public_id: str) -> Page:
    """Keep the best that was found so far."""
    kept = plans.stop(edge.session(), edge.actor(), public_id, edge.now())
    stopped = gettext("The forming stops, and the best plan so far is kept.")
    flash(stopped if kept else gettext("The plan is taken back: it had not begun to be formed."), "success")
    return redirect(url_for("plans.studio", public_id=public_id), 303)


@edge.page(blueprint, "/plans/<public_id>/aside", Permission.FORM_SETS, "POST")
def aside(public_id: str) -> Page:
    """Put a plan aside, or bring it back."""
    back = request.form.get("back") == "yes"
    plans.set_aside(edge.session(), edge.actor(), public_id, _version(), edge.now(), back=back)
    said = gettext("The plan is back.") if back else gettext("The plan is set aside. You can bring it back.")
    flash(said, "success")
    return redirect(url_for("plans.studio", public_id=public_id), 303)


@edge.page(blueprint, "/plans/<public_id>/improve", Permission.FORM_SETS, "POST")
def improve(public_id: str) -> Page:
    """Ask for a new plan around what is locked in this one."""

    def act() -> str:
        return plans.improve(edge.session(), edge.actor(), public_id, _version(), edge.now())

    return _or_as_it_stands(public_id, lambda: redirect(url_for("plans.studio", public_id=act()), 303))


@edge.page(blueprint, "/plans/<public_id>/relax", Permission.FORM_SETS, "POST")
def relax(public_id: str) -> Page:
    """Take a way out: change the cohort's rules, and form a new plan."""

    def act() -> Response:
        way = _number("way", 0) or 0
        made = plan_advice.take(edge.session(), edge.actor(), public_id, _version(), way, edge.now())
        flash(gettext("The cohort’s rules are changed, and a new plan is formed by them."), "success")
        return redirect(url_for("plans.studio", public_id=made), 303)

    return _or_as_it_stands(public_id, act)


@edge.page(blueprint, "/plans/<public_id>/move", Permission.FORM_SETS, "POST")
def move(public_id: str) -> Page:
    """Move somebody to another set, or out of all."""
    to = request.form.get("to", "")
    number = None if to == OUT else _set_number("to")
    member = request.form.get("member", "")[:16]

    def act(version: int) -> Changed:
        return plan_changes.move(
            edge.session(), workshop(), edge.actor(), public_id, version, member, number, edge.now()
        )

    return _change(public_id, act)


@edge.page(blueprint, "/plans/<public_id>/swap", Permission.FORM_SETS, "POST")
def swap(public_id: str) -> Page:
    """Let two people change places."""
    one, other = (request.form.get(name, "")[:16] for name in ("member", "other"))

    def act(version: int) -> Changed:
        return plan_changes.swap(edge.session(), workshop(), edge.actor(), public_id, version, one, other, edge.now())

    return _change(public_id, act)


@edge.page(blueprint, "/plans/<public_id>/lead", Permission.FORM_SETS, "POST")
def lead(public_id: str) -> Page:
    """Let somebody else lead a set, or nobody."""
    number, who = _set_number("set"), request.form.get("facilitator", "")[:16]

    def act(version: int) -> Changed:
        return plan_changes.lead(edge.session(), workshop(), edge.actor(), public_id, version, number, who, edge.now())

    return _change(public_id, act)


@edge.page(blueprint, "/plans/<public_id>/lock", Permission.FORM_SETS, "POST")
def lock(public_id: str) -> Page:
    """Lock or unlock a person, or a whole set."""
    on = request.form.get("on") == "yes"
    member = request.form.get("member", "")[:16]
    number = None if member else _set_number("set")

    def act(version: int) -> Changed:
        who = edge.session(), workshop(), edge.actor(), public_id, version
        if number is not None:
            return plan_changes.lock_set(*who, number, on, edge.now())
        return plan_changes.lock(*who, member, on, edge.now())

    return _change(public_id, act)


@edge.page(blueprint, "/plans/<public_id>/step/<any(undo, redo, refresh):what>", Permission.FORM_SETS, "POST")
def step(public_id: str, what: str) -> Page:
    """Take the last step back, do it again, or bring the plan up to date with who applies."""
    acts = {"undo": plan_changes.undo, "redo": plan_changes.redo, "refresh": plan_changes.bring_up_to_date}

    def act(version: int) -> Changed:
        return acts[what](edge.session(), workshop(), edge.actor(), public_id, version, edge.now())

    return _change(public_id, act)


def _set_number(name: str) -> int:
    number = _number(name)
    if not number:
        raise NotFound("Choose a set.")
    return number - 1


def _change(public_id: str, act: Callable[[int], Changed]) -> Page:
    """Change the plan and come back to it where the change is; or show it as it stands, and why nothing was done."""
    version = _version()
    workshop().warm(edge.session(), edge.actor(), public_id)

    def done() -> Response:
        made = act(version)
        names = _names(public_id, made)
        flash(plan_words.changed(made, *names), "success")
        return redirect(_address(public_id, made), 303)

    return _or_as_it_stands(public_id, done)


def _names(public_id: str, made: Changed) -> tuple[str, str]:
    row = led_plan(edge.session(), edge.actor(), public_id)
    ids = [one for one in (made.member, made.other) if one is not None]
    if made.kind == "lead":
        return plan_people.leaders(edge.session(), ids).get(made.member or 0, ""), ""
    people = plan_people.people(edge.session(), edge.actor().member_id, row.cohort_id, ids)
    one, other = (people[who].name if who in people else "" for who in (made.member, made.other))
    return one, other


def _address(public_id: str, made: Changed) -> str:
    """Where the change can be seen."""
    if made.kind in ("move", "swap", "lead", "lock_set") and made.after is not None:
        return plan_pages.set_url(public_id, made.after)
    first = edge.number_argument("sets", 10_000) or None
    return url_for("plans.studio", public_id=public_id, sets=first, _anchor="studio")


def _or_as_it_stands(public_id: str, act: Callable[[], Response]) -> Page:
    """Do it; where it cannot be done, nothing is, and the plan is shown as it stands with the reason."""
    try:
        return act()
    except (Conflict, NotFound) as error:
        edge.session().rollback()
        edge.session().expire_all()
        return _studio(public_id, say(error), STATUS[type(error)])
