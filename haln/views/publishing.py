"""From a ready plan to learning sets: publish it, follow the answers, repair it, confirm it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, render_template, request
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, HalnError, Invalid
from haln.learn import asked, confirming, publishing, repairing
from haln.learn.judging import Broken
from haln.views import edge, rule_words, words
from haln.views.cohorts.index import set_lines
from haln.views.errors import STATUS, say
from haln.views.plan_words import set_name
from haln.views.plans import workshop
from haln.views.speech import gettext

blueprint = Blueprint("publishing", __name__)
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
        day=request.form.get("answer_by", "") or _days_ahead(publishing.DAYS),
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
        dissolve = [int(one) for one in request.form.getlist("dissolve") if one.isascii() and one.isdigit()][:1000]
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
        day=request.form.get("answer_by", "") or _days_ahead(repairing.DAYS),
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


def _confirm(public_id: str) -> None:
    small = {
        int(name.removeprefix("small-")): value
        for name, value in request.form.items()
        if name.startswith("small-") and name[6:].isascii() and name[6:].isdigit() and len(name) < 12
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
        _today(),
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
    typed = request.form.get("version", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Conflict("Open the plan again: this page does not say which version of it you saw.")
    return int(typed)


def _zone() -> ZoneInfo:
    return ZoneInfo(str(current_app.config["TIME_ZONE"]))


def _today() -> date:
    return edge.now().astimezone(_zone()).date()


def _days_ahead(days: int) -> str:
    return (_today() + timedelta(days=days)).isoformat()


def _answer_by() -> datetime:
    """The last minute of the day that was chosen. Raises Invalid for what is no day from tomorrow on."""
    problem = "Choose a day from tomorrow on, at most 90 days ahead."
    try:
        day = date.fromisoformat(request.form.get("answer_by", "").strip()[:10])
    except ValueError as error:
        raise Invalid(problem, {"answer_by": problem}) from error
    if not _today() < day <= _today() + timedelta(days=publishing.MOST_DAYS - 1):
        raise Invalid(problem, {"answer_by": problem})
    return datetime.combine(day, time(23, 59), _zone()).astimezone(UTC)


def _beside(problem: HalnError | None, field: str) -> str:
    return say(problem) if isinstance(problem, Invalid) and field in problem.fields else ""


def _beside_no_field(problem: HalnError | None) -> str:
    return "" if problem is None or (isinstance(problem, Invalid) and problem.fields) else say(problem)
