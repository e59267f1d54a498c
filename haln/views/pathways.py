"""Learning Pathways as a member walks them: the list, a pathway, its modules and steps, the letter at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Gone, Invalid, TooMany
from haln.learn import pathway_people, pathway_progress, pathways
from haln.learn.pathway_progress import Marked
from haln.learn.pathways import Course, Module, StepLine, StepPage
from haln.people.markdown import to_html
from haln.views import edge, errors, members, pathway_words, words
from haln.views.errors import say
from haln.views.local_time import today, zone
from haln.views.sets.base import Faults, faults
from haln.views.speech import gettext

blueprint = Blueprint("pathways", __name__, url_prefix="/pathways")

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Card:
    """A pathway or a module in a list: how far one is, in words and as a bar."""

    id: str
    title: str
    purpose: str
    url: str
    done: int
    total: int
    progress: str
    state: str
    note: str
    next_url: str = ""
    next_words: str = ""
    begun: bool = False


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step in its module's list."""

    title: str
    url: str
    kind: str
    icon: str
    done: bool
    note: str


@dataclass(frozen=True, slots=True)
class PersonAhead:
    """Somebody to talk to, with the reason in words."""

    person: members.Person
    reasons: list[str]
    ask_url: str


@blueprint.errorhandler(Gone)
def _gone(error: Gone) -> errors.Answer:
    """What was retired leads to what holds it."""
    if module_id := error.values.get("module"):
        url, way = url_for("pathways.module", public_id=module_id), gettext("See its module")
    elif pathway_id := error.values.get("pathway"):
        url, way = url_for("pathways.pathway", public_id=pathway_id), gettext("See its pathway")
    else:
        url, way = url_for("pathways.index"), gettext("See all pathways")
    return errors.answer_with(error, "pathways/gone.html", status=errors.STATUS[Gone], url=url, words=way)


@edge.page(blueprint, "", Permission.NETWORK)
def index() -> str:
    """List the pathways, each with how far one is."""
    found = pathways.courses(edge.session(), edge.actor())
    return render_template(
        "pathways/index.html",
        cards=[_course_card(one) for one in found],
        edits=edge.actor().may(Permission.MANAGE_PATHWAYS),
    )


def _course_card(one: Course) -> Card:
    live = [module for module in one.modules if module.finished or not module.retired]
    note = pathway_words.new_modules([module.title for module in one.new_modules])
    going = one.resume
    return Card(
        one.public_id,
        one.title,
        one.purpose,
        url_for("pathways.pathway", public_id=one.public_id),
        one.finished_modules,
        len(live),
        pathway_words.modules_finished(one.finished_modules, len(live)),
        _course_state(one),
        note,
        url_for("pathways.step", public_id=going.public_id) if going else "",
        going.title if going else "",
        one.started_at is not None,
    )


def _course_state(one: Course) -> str:
    if one.finished_at is not None:
        return gettext("Finished on %(day)s", day=words.day(one.finished_at.astimezone(zone()).date()))
    return gettext("Begun") if one.started_at is not None else gettext("Not begun yet")


@edge.page(blueprint, "/<public_id>", Permission.NETWORK)
def pathway(public_id: str) -> str:
    """Show a pathway with its modules in one's own order."""
    one = pathways.course(edge.session(), edge.actor(), public_id)
    return render_template(
        "pathways/pathway.html",
        course=one,
        card=_course_card(one),
        modules=[_module_card(module) for module in one.modules],
    )


def _module_card(one: Module) -> Card:
    total = one.total
    done = total if one.finished else one.done
    note = gettext("New since you finished this pathway") if one.new else ""
    if one.retired:
        note = gettext("Retired: it is here for those who began it")
    return Card(
        one.public_id,
        one.title,
        one.purpose,
        url_for("pathways.module", public_id=one.public_id),
        done,
        total,
        gettext("Finished") if one.finished else pathway_words.steps_done(one.done, total),
        gettext("Finished") if one.finished else "",
        note,
    )


@edge.page(blueprint, "/<public_id>/order", Permission.NETWORK, "POST")
def order(public_id: str) -> Response:
    """Put a module one place earlier or later in one's own order."""
    up, key = request.form.get("way") == "up", request.form.get("module", "")
    pathway_progress.move(edge.session(), edge.actor(), public_id, key, up=up, now=edge.now())
    return edge.back("pathways.pathway", public_id=public_id)


@edge.page(blueprint, "/<public_id>/found", Permission.NETWORK, "POST")
def found(public_id: str) -> Response:
    """Say whether others may be told which modules one finished."""
    agreed = request.form.get("found") == "yes"
    pathway_progress.let_be_found(edge.session(), edge.actor(), public_id, agreed, edge.now())
    if agreed:
        flash(gettext("Members who finish a module may be told that you finished it, too."), "success")
    else:
        flash(gettext("Nobody is told what you finished."), "success")
    return edge.back("pathways.pathway", public_id=public_id)


@edge.page(blueprint, "/modules/<public_id>", Permission.NETWORK)
def module(public_id: str) -> str:
    """Show a module: its steps and, once it is finished, the people it leads to."""
    course, one = pathways.module(edge.session(), edge.actor(), public_id)
    going = one.next_step
    return render_template(
        "pathways/module.html",
        course=course,
        module=one,
        card=_module_card(one),
        theme=words.label("theme", one.theme),
        steps=[_step_row(line) for line in one.steps],
        going=_step_row(going) if going else None,
        company=_company(course, one) if one.finished else None,
        after=_after(course, one) if one.finished else None,
        pathway_url=url_for("pathways.pathway", public_id=course.public_id),
    )


def _step_row(line: StepLine) -> StepRow:
    note = gettext("Changed since you did it") if line.changed else ""
    if line.retired:
        note = gettext("Retired: that you did it is kept") if line.done else gettext("Retired: what you wrote is kept")
    return StepRow(
        line.title,
        url_for("pathways.step", public_id=line.public_id),
        pathway_words.kind(line.kind),
        pathway_words.ICONS[line.kind],
        line.done,
        note,
    )


def _company(course: Course, one: Module) -> dict[str, Any]:
    vocabulary = words.vocabulary()
    met = pathway_people.company(edge.session(), edge.actor(), course.id, one, vocabulary, edge.now(), today())
    return {
        "people": [
            PersonAhead(
                members.person(each.person, url=url_for("members.page", public_id=each.person.public_id)),
                pathway_words.reasons(each, one.theme),
                url_for("introductions.ask", public_id=each.person.public_id),
            )
            for each in met.ahead
        ],
        "calls": [
            (
                call.title,
                url_for("applications.about", public_id=call.public_id),
                gettext("Apply by %(day)s", day=words.day(call.closes_on)) if call.closes_on else "",
            )
            for call in met.calls
        ],
        "level": words.maturity(met.level),
    }


def _after(course: Course, one: Module) -> Card | None:
    """The module to go on with."""
    ahead = course.here
    return _module_card(ahead) if ahead is not None and ahead.id != one.id else None


@edge.page(blueprint, "/modules/<public_id>/level", Permission.NETWORK, "POST")
def level(public_id: str) -> Response:
    """Set one's level in a finished module's theme to what was offered."""
    _course, one = pathways.module(edge.session(), edge.actor(), public_id)
    try:
        rank = pathway_people.set_level(edge.session(), edge.actor(), one, words.vocabulary(), edge.now())
    except Conflict as error:
        flash(say(error), "warning")
        return edge.back("pathways.module", public_id=public_id)
    theme, said = words.label("theme", one.theme), words.maturity(rank)
    flash(gettext("Your level in “%(theme)s” is now “%(level)s”.", theme=theme, level=said), "success")
    return edge.back("pathways.module", public_id=public_id)


@edge.page(blueprint, "/steps/<public_id>", Permission.NETWORK, "GET", "POST")
def step(public_id: str) -> Page:
    """Show a step; mark it as done or not, answer it, write down what one thinks."""
    page = pathways.step(edge.session(), edge.actor(), public_id)
    if request.method == "GET":
        return _step(page, chosen=edge.number_argument("chosen", 9))
    act, typed = request.form.get("do", ""), request.form.get("text", "")
    try:
        if act == "undo":
            pathway_progress.take_back(edge.session(), edge.actor(), public_id, edge.now())
            flash(gettext("Marked as not done."), "success")
            return edge.back("pathways.step", public_id=public_id)
        if act == "answer":
            chosen = edge.whole(request.form.get("chosen", ""), 1)
            _right, marked = pathway_progress.answer(edge.session(), edge.actor(), public_id, chosen, edge.now())
            _congratulate(page, marked)
            return edge.back("pathways.step", public_id=public_id, chosen=chosen, _anchor="feedback")
        if act == "reflect":
            marked = pathway_progress.reflect(edge.session(), edge.actor(), public_id, typed, edge.now())
            if not typed.strip():
                return _deleted(page)
            flash(gettext("Kept for you alone."), "success")
        else:
            marked = pathway_progress.mark(edge.session(), edge.actor(), public_id, edge.now())
    except Conflict as error:
        flash(say(error), "warning")
        return edge.back("pathways.step", public_id=public_id)
    except Invalid as error:
        wrong = faults(error, ("text", "chosen"))
        return _step(page, wrong=wrong, typed=typed if act == "reflect" else None), wrong.status
    _congratulate(page, marked)
    return _onward(page, marked)


def _deleted(page: StepPage) -> Response:
    """Words are gone. Of a retired step nothing may be left, or of its module: the list is always there."""
    if page.line.done:
        flash(gettext("Your words are deleted."), "success")
    else:
        flash(gettext("Your words are deleted. The step is not marked as done."), "success")
    if page.line.done or not (page.line.retired or page.module.retired):
        return edge.back("pathways.step", public_id=page.line.public_id)
    return edge.back("pathways.index")


def _congratulate(page: StepPage, marked: Marked) -> None:
    if marked.pathway:
        flash(gettext("You have finished the whole pathway “%(title)s”.", title=page.course.title), "success")
    elif marked.module:
        flash(gettext("You have finished the module “%(title)s”.", title=page.module.title), "success")


def _onward(page: StepPage, marked: Marked) -> Response:
    """After a step the next one that is to do, else the end of the module."""
    lines = page.module.steps
    at = lines.index(page.line)
    ahead = next((line for line in (*lines[at + 1 :], *lines[:at]) if not line.done and not line.retired), None)
    if ahead is None or marked.module:
        return edge.back("pathways.module", public_id=page.module.public_id)
    return edge.back("pathways.step", public_id=ahead.public_id)


def _step(page: StepPage, *, wrong: Faults = Faults(), chosen: int | None = None, typed: str | None = None) -> str:  # noqa: B008  # frozen
    answers = page.answers
    picked = answers[chosen] if chosen is not None and chosen < len(answers) else None
    return render_template(
        "pathways/step.html",
        course=page.course,
        module=page.module,
        line=page.line,
        kind=pathway_words.kind(page.line.kind),
        icon_name=pathway_words.ICONS[page.line.kind],
        text=to_html(page.text) if page.text else Markup(),
        link=page.link,
        answers=[(str(number), one["text"]) for number, one in enumerate(answers)],
        chosen=str(chosen) if picked else "",
        feedback=picked,
        reflection=page.reflection if typed is None else typed,
        number=page.module.steps.index(page.line) + 1,
        total=len(page.module.steps),
        done_on=words.day(page.line.done_at.astimezone(zone()).date()) if page.line.done_at else "",
        before=_step_row(page.before) if page.before else None,
        after=_step_row(page.after) if page.after else None,
        faults=wrong,
    )


@edge.page(blueprint, "/<public_id>/letter", Permission.NETWORK, "GET", "POST")
def letter(public_id: str) -> Page:
    """Show the letter of a finished pathway to print it, or send it by mail."""
    if request.method == "POST":
        try:
            pathway_progress.ask_for_letter(edge.session(), edge.actor(), public_id, edge.now())
        except (Conflict, TooMany) as error:
            flash(say(error), "warning")
        else:
            flash(gettext("The letter is on its way to your mailbox."), "success")
        return edge.back("pathways.letter", public_id=public_id)
    try:
        course = pathway_progress.finished(edge.session(), edge.actor(), public_id)
    except Conflict as error:
        flash(say(error), "warning")
        return edge.back("pathways.pathway", public_id=public_id)
    assert course.finished_at is not None
    return render_template(
        "pathways/letter.html",
        course=course,
        name=edge.actor().name,
        day=words.day(course.finished_at.astimezone(zone()).date()),
        modules=[one.title for one in course.needed],
        pathway_url=url_for("pathways.pathway", public_id=public_id),
    )
