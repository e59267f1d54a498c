"""From a ready plan to learning sets: publish it, follow the answers, repair it, confirm it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, current_app, flash, render_template, request
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, HalnError, Invalid
from haln.learn import asked, confirming, publishing, repairing, taking_back
from haln.learn.judging import Broken
from haln.views import edge, rule_words, words
from haln.views.cohorts.index import set_lines
from haln.views.errors import STATUS, say
from haln.views.leading_back import lead_back
from haln.views.local_time import today, zone
from haln.views.plan_words import set_name
from haln.views.plans import workshop
from haln.views.speech import gettext, ngettext

blueprint = Blueprint("publishing", __name__)
lead_back(blueprint, "publishing.answers", Conflict, Invalid)
Page = str | Response | tuple[str, int]


@edge.page(blueprint, "/plans/<public_id>/publish", Permission.FORM_SETS, "GET", "POST")
def publish(public_id: str) -> Page:
    """Ask the people of a plan whether they will come."""
    problem: HalnError | None = None
    if request.method == "POST":
        try:
            publishing.warm(edge.session(), edge.actor(), workshop(), public_id)
            publishing.publish(
                edge.session(), edge.actor(), workshop(), public_id, _version(), _answer_by(), edge.now()
            )
        except (Invalid, Conflict) as error:
            problem = error
            edge.session().rollback()
        else:
            flash(gettext("The plan is published. Everybody in it is asked by mail."), "success")
            return edge.back("publishing.answers", public_id=public_id)
    with current_app.extensions["haln_reading"]():
        plan = publishing.prospect(edge.session(), edge.actor(), workshop(), public_id)
        edge.session().rollback()
    page = render_template(
        "publishing/publish.html",
        plan=plan,
        problem=_beside_no_field(problem),
        day_problem=_beside(problem, "answer_by"),
        day=request.form.get("answer_by", "") or _days_ahead(publishing.DAYS, plan.starts_on),
        first=_days_ahead(1),
        broken=_broken(plan.broken),
        unled=", ".join(set_name(number) for number in plan.unled),
    )
    return page, STATUS[type(problem)] if problem else 200


@edge.page(blueprint, "/plans/<public_id>/answers", Permission.FORM_SETS)
def answers(public_id: str) -> str:
    """How the people of a published plan have answered so far."""
    plan = asked.followed(edge.session(), edge.actor(), public_id, edge.now())
    return render_template(
        "publishing/answers.html",
        plan=plan,
        answer_by=words.day(plan.answer_by) if plan.answer_by else "",
        set_name=set_name,
        sets=set_lines(plan.cohort_public_id) if plan.state == "confirmed" else [],
    )


@edge.page(blueprint, "/plans/<public_id>/repair", Permission.FORM_SETS, "GET", "POST")
def repair(public_id: str) -> Page:
    """What a repair would do; ask for one."""
    if request.method == "POST":
        sent = (edge.whole(one, 6) for one in request.form.getlist("dissolve")[:1000])
        dissolve = [one for one in sent if one is not None]
        repairing.ask(edge.session(), edge.actor(), public_id, _version(), dissolve, edge.now())
        return edge.back("publishing.repair", public_id=public_id)
    return _repair(public_id, None)


def _repair(public_id: str, problem: HalnError | None) -> Page:
    plan = repairing.preview(edge.session(), edge.actor(), public_id, edge.now())
    page = render_template(
        "publishing/repair_state.html" if edge.is_fragment() else "publishing/repair.html",
        plan=plan,
        problem=_beside_no_field(problem),
        day_problem=_beside(problem, "answer_by"),
        day=request.form.get("answer_by", "") or _days_ahead(repairing.DAYS, plan.starts_on),
        first=_days_ahead(1),
        broken=[_said(rule_words.sentence(rule), sets) for rule, sets in plan.broken],
        set_name=set_name,
    )
    return page, STATUS[type(problem)] if problem else 200


@edge.page(blueprint, "/plans/<public_id>/repair/apply", Permission.FORM_SETS, "POST")
def apply(public_id: str) -> Page:
    """Apply a repair that was looked at."""
    try:
        answer_by = _answer_by() if request.form.get("answer_by") else None
        repair_id = request.form.get("repair", "")[:16]
        repairing.apply(edge.session(), edge.actor(), public_id, _version(), repair_id, answer_by, edge.now())
    except (Invalid, Conflict) as error:
        edge.session().rollback()
        return _repair(public_id, error)
    flash(gettext("The plan is repaired. Whoever was moved or is new is asked by mail."), "success")
    return edge.back("publishing.answers", public_id=public_id)


@edge.page(blueprint, "/plans/<public_id>/confirm", Permission.FORM_SETS, "GET", "POST")
def confirm(public_id: str) -> Page:
    """Make learning sets of those who accepted."""
    problem: HalnError | None = None
    if request.method == "POST":
        try:
            _confirm(public_id)
        except (Invalid, Conflict) as error:
            problem = error
            edge.session().rollback()
        else:
            flash(gettext("The learning sets are made. Everybody is told by mail."), "success")
            return edge.back("publishing.answers", public_id=public_id)
    with current_app.extensions["haln_reading"]():
        try:
            plan = confirming.prospect(edge.session(), edge.actor(), workshop(), public_id, edge.now())
        except Conflict as error:  # it is confirmed already, or was never published: its answers say which
            edge.session().rollback()
            flash(say(error), "warning")
            return edge.back("publishing.answers", public_id=public_id)
        edge.session().rollback()
    fields = problem.fields if isinstance(problem, Invalid) else {}
    page = render_template(
        "publishing/confirm.html",
        plan=plan,
        problems=[(name, gettext(sentence)) for name, sentence in fields.items()],
        problem=_beside_no_field(problem),
        chosen={one.number: request.form.get(f"small-{one.number}", "") for one in plan.sets},
        knowingly=request.form.get("knowingly") == "yes",
        broken=_broken(plan.broken),
        answer_by=words.day(plan.answer_by) if plan.answer_by else "",
        set_name=set_name,
    )
    return page, STATUS[type(problem)] if problem else 200


@edge.page(blueprint, "/plans/<public_id>/take-back", Permission.FORM_SETS, "GET", "POST")
def take_back(public_id: str) -> Page:
    """Take a published plan back, once more asked, with what that means for its people."""
    problem: HalnError | None = None
    if request.method == "POST":
        try:
            told = taking_back.take_back(edge.session(), edge.actor(), public_id, _version(), edge.now())
        except Conflict as error:
            problem = error
            edge.session().rollback()
        else:
            flash(_taken_back(told), "success")
            return edge.back("plans.studio", public_id=public_id)
    plan = taking_back.prospect(edge.session(), edge.actor(), public_id, edge.now())
    page = render_template("publishing/take_back.html", plan=plan, problem=_beside_no_field(problem))
    return page, STATUS[type(problem)] if problem else 200


def _taken_back(told: int) -> str:
    if not told:
        return gettext("The plan is taken back. You can change it, and publish it again.")
    return ngettext(
        "The plan is taken back, and one person is told. You can change it, and publish it again.",
        "The plan is taken back, and %(num)s people are told. You can change it, and publish it again.",
        told,
    )


def _confirm(public_id: str) -> None:
    small = {
        number: value
        for name, value in request.form.items()
        if name.startswith("small-") and (number := edge.whole(name.removeprefix("small-"), 6)) is not None
    }
    publishing.warm(edge.session(), edge.actor(), workshop(), public_id)
    confirming.confirm(
        edge.session(),
        edge.actor(),
        workshop(),
        public_id,
        _version(),
        request.form.get("mark", "")[:40],
        small,
        request.form.get("knowingly") == "yes",
        today(),
        edge.now(),
    )


def _broken(found: Sequence[Broken]) -> list[str]:
    return [_said(rule_words.sentence(one.rule), one.sets) for one in found]


def _said(sentence: str, sets: Sequence[int]) -> str:
    if not sets:
        return sentence
    named = ", ".join(set_name(number) for number in sets)
    return str(gettext("%(rule)s: not in %(sets)s", rule=sentence, sets=named))


def _version() -> int:
    """Which version of the plan was seen."""
    number = edge.whole(request.form.get("version", ""), 9)
    if number is None:
        raise Conflict("Open the plan again: this page does not say which version of it you saw.")
    return number


def _days_ahead(days: int, starts_on: date | None = None) -> str:
    """A day so far ahead, or the last one before the sets start."""
    wanted = today() + timedelta(days=days)
    return min(wanted, publishing.last_day(today(), starts_on) or wanted).isoformat()


def _answer_by() -> datetime:
    """The last minute of the day that was chosen. Raises Invalid for what is no day from tomorrow on."""
    problem = "Choose a day from tomorrow on, at most 90 days ahead."
    try:
        day = date.fromisoformat(request.form.get("answer_by", "").strip()[:10])
    except ValueError as error:
        raise Invalid(problem, {"answer_by": problem}) from error
    if not today() < day <= today() + timedelta(days=publishing.MOST_DAYS - 1):
        raise Invalid(problem, {"answer_by": problem})
    return datetime.combine(day, time(23, 59), zone()).astimezone(UTC)


def _beside(problem: HalnError | None, field: str) -> str:
    return say(problem) if isinstance(problem, Invalid) and field in problem.fields else ""


def _beside_no_field(problem: HalnError | None) -> str:
    return "" if problem is None or (isinstance(problem, Invalid) and problem.fields) else say(problem)
