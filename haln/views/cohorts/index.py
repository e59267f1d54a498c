"""The list of cohorts one leads, a new one, what one is about, and opening, closing and cancelling it."""

from __future__ import annotations

from dataclasses import asdict

from flask import flash, render_template, request, url_for
from flask_babel import format_decimal
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid
from haln.learn import cohort_facilitators, cohort_lists, cohort_sets, cohort_states, cohorts, leading, topic_asking
from haln.learn.cohort_lists import CohortLine, Next
from haln.learn.cohorts import CohortFacts
from haln.people.markdown import to_html
from haln.views import edge, meanwhile, plan_words, words
from haln.views.cohorts.base import STATE_KINDS, Page, blueprint, done_or_refused, head, state_words, version
from haln.views.cohorts.forms import CohortForm
from haln.views.errors import say
from haln.views.local_time import today
from haln.views.profile_forms import show_faults, status
from haln.views.speech import gettext, ngettext


@edge.page(blueprint, "", Permission.FORM_SETS)
def index() -> str:
    """The cohorts that the actor leads."""
    return render_template(
        "cohorts/index.html",
        cohorts=[
            (
                line,
                state_words(line.state),
                STATE_KINDS.get(line.state, ""),
                counts_in_words(line),
                next_words(line),
                url_for("cohorts.one", public_id=line.public_id),
            )
            for line in cohort_lists.led(edge.session(), edge.actor(), today(), edge.now())
        ],
    )


def counts_in_words(line: CohortLine) -> str:
    """How many apply to a cohort, and until when."""
    parts = [
        ngettext("%(count)s application", "%(count)s applications", line.applied, count=format_decimal(line.applied))
    ]
    if line.sets:
        parts.append(ngettext("%(num)s set", "%(num)s sets", line.sets))
    if line.open and line.closes_on:
        parts.append(gettext("open until %(day)s", day=words.day(line.closes_on)))
    return " · ".join(parts)


def next_words(line: CohortLine) -> str:
    """What to do next with a cohort."""
    said = {
        Next.TIMES: gettext("Say when people could meet."),
        Next.OPEN: gettext("Open it for applications."),
        Next.WAIT: gettext("Wait for applications, add people, or close it."),
        Next.FEW: gettext("Too few people for one set yet: add some, or open it again."),
        Next.ROOM: ngettext(
            "The facilitators can hold %(num)s set, and %(needed)s are needed: add a facilitator.",
            "The facilitators can hold %(num)s sets, and %(needed)s are needed: add a facilitator.",
            line.held,
            needed=line.needed,
        ),
        Next.FORM: gettext("Form sets."),
        Next.CHOOSE: gettext("Choose a plan, and ask its people."),
        Next.ANSWERS: gettext("Wait for the answers of those who are asked."),
        Next.CONFIRM: gettext("Everybody accepted: confirm the sets."),
        Next.SETTLE: gettext("The day to answer has passed: repair the plan, or confirm the sets of those who come."),
        Next.MEET: gettext("Its sets meet."),
        Next.NOTHING: gettext("Nothing more to do."),
    }
    return said[line.next]


@edge.page(blueprint, "/new", Permission.FORM_SETS, "GET", "POST")
def new() -> Page:
    """Make a cohort."""
    form = CohortForm(data={**asdict(CohortFacts("")), "own_sets": 2})
    if form.is_submitted() and form.readable():
        try:
            made = cohorts.create(
                edge.session(), edge.actor(), form.facts(), form.sets_held(), words.vocabulary(), edge.now()
            )
        except Invalid as error:
            show_faults(form, error, "title")
        else:
            flash(gettext("The cohort is saved as a draft. Nobody sees it until you open it."), "success")
            return edge.back("cohorts.one", public_id=made)
    return render_template("cohorts/new.html", form=form), status(form)


@edge.page(blueprint, "/<public_id>", Permission.FORM_SETS)
def one(public_id: str) -> str:
    """A cohort: what it is about, how far it is, what to do next."""
    shown = head(public_id, "cohorts.one")
    row = leading.led_cohort(edge.session(), edge.actor(), public_id)
    facts = cohorts.facts_of(row)
    leaders = cohort_facilitators.listing(edge.session(), edge.actor(), row.id)
    return render_template(
        "cohorts/one.html",
        head=shown,
        line=shown.line,
        next_words=next_words(shown.line),
        next_url=_next_url(shown.line),
        warnings=warnings(shown.line),
        sets=set_lines(public_id) if row.state == "formed" else [],
        purpose=to_html(facts.purpose) if facts.purpose else "",
        topic=topic_asking.source(edge.session(), edge.actor().member_id, cohort=row.id),
        facts=_told(facts, [leader.name for leader in leaders]),
        can_open=row.state in ("draft", "closed") or (row.state == "open" and not shown.line.open),
        can_close=row.state == "open",
        can_change=row.state not in ("formed", "cancelled"),
        first_time=row.state == "draft",
    )


def set_lines(public_id: str) -> list[tuple[str, str, str]]:
    """The sets of a cohort: what each is called below the cohort's own name, its address, and how it stands."""
    found = []
    for one in cohort_sets.listing(edge.session(), edge.actor(), public_id):
        told = ngettext("One person", "%(num)s people", one.members)
        if one.ended:
            told = gettext("%(people)s, ended", people=told)
        elif one.starts_on and one.starts_on > today():
            told = gettext("%(people)s, begins on %(day)s", people=told, day=words.day(one.starts_on))
        name = one.name or plan_words.set_name(one.number)
        found.append((name, url_for("sets.workspace", public_id=one.public_id), told))
    return found


def _next_url(line: CohortLine) -> str:
    endpoints = {
        Next.TIMES: "cohorts.times",
        Next.FEW: "cohorts.add_person",
        Next.ROOM: "cohorts.facilitators",
        **dict.fromkeys((Next.FORM, Next.CHOOSE), "plans.index"),
    }
    if line.next is Next.CONFIRM:
        return url_for("publishing.confirm", public_id=line.asked)
    endpoint = endpoints.get(line.next)
    return url_for(endpoint, public_id=line.public_id) if endpoint else ""


def warnings(line: CohortLine) -> list[str]:
    """What does not add up as it stands, each as a sentence."""
    found = []
    if line.left:
        found.append(
            ngettext(
                "%(num)s person who applied has left the network since, and is not counted.",
                "%(num)s people who applied have left the network since, and are not counted.",
                line.left,
            )
        )
    ahead = line.state not in ("formed", "cancelled")
    if ahead and line.applied >= line.size_low and line.over:
        found.append(
            ngettext(
                "%(count)s people do not divide into sets of %(low)s to %(high)s: at least %(num)s is left over. "
                "Allow smaller or larger sets, or add people.",
                "%(count)s people do not divide into sets of %(low)s to %(high)s: at least %(num)s are left over. "
                "Allow smaller or larger sets, or add people.",
                line.over,
                count=line.applied,
                low=line.size_low,
                high=line.size_high,
            )
        )
    if ahead and line.held < line.needed and line.next is not Next.ROOM:
        found.append(next_room(line))
    return found


def next_room(line: CohortLine) -> str:
    """That there are too few facilitators."""
    return ngettext(
        "The facilitators can hold %(num)s set so far; %(needed)s are needed for everybody.",
        "The facilitators can hold %(num)s sets so far; %(needed)s are needed for everybody.",
        line.held,
        needed=line.needed,
    )


def _told(facts: CohortFacts, leaders: list[str]) -> list[tuple[str, str]]:
    def day(value: object) -> str:
        return words.day(value) if value is not None else ""  # type: ignore[arg-type]  # a date

    ways = {
        "halfdays": gettext("A grid of half-days"),
        "dates": gettext("A poll of days and hours"),
        "none": gettext("Times do not matter"),
    }
    return [
        (gettext("Themes"), ", ".join(words.label("theme", code) for code in facts.themes)),
        (gettext("Where"), facts.where),
        (gettext("Last day to apply"), day(facts.closes_on)),
        (gettext("The sets start on"), day(facts.starts_on)),
        (gettext("The sets end on"), day(facts.ends_on)),
        (gettext("Sessions"), sessions_words(facts)),
        (gettext("People in a set"), size_words(facts)),
        (gettext("When people can meet"), ways[facts.availability]),
        (gettext("Facilitators"), ", ".join(leaders)),
    ]


def sessions_words(facts: CohortFacts) -> str:
    """How many sessions of how many minutes."""
    return ngettext(
        "%(num)s session of %(minutes)s minutes",
        "%(num)s sessions of %(minutes)s minutes each",
        facts.sessions,
        minutes=facts.session_minutes,
    )


def size_words(facts: CohortFacts) -> str:
    """How large a set is."""
    if facts.size_low == facts.size_high:
        return str(facts.size_low)
    return gettext("%(low)s to %(high)s", low=facts.size_low, high=facts.size_high)


@edge.page(blueprint, "/<public_id>/edit", Permission.FORM_SETS, "GET", "POST")
def edit(public_id: str) -> Page:
    """Change what a cohort is about; a second facilitator is told, and nothing is overwritten."""
    row = cohorts.changeable(edge.session(), edge.actor(), public_id)
    form = CohortForm(data=asdict(cohorts.facts_of(row)))
    problem = ""
    refusal: Conflict | None = None
    if form.is_submitted() and form.readable():
        try:
            cohorts.change(
                edge.session(), edge.actor(), public_id, version(), form.facts(), words.vocabulary(), edge.now()
            )
        except Invalid as error:
            show_faults(form, error, "title")
        except Conflict as error:
            edge.session().rollback()
            problem, refusal = say(error), error
        else:
            flash(gettext("The cohort is saved."), "success")
            return edge.back("cohorts.one", public_id=public_id)
    row = leading.led_cohort(edge.session(), edge.actor(), public_id)  # as it is now, where somebody else changed it
    told_of = form.in_words(cohorts.facts_of(row))
    seen = meanwhile.opened(row.version, told_of)
    if form.is_submitted():
        seen = meanwhile.refused(refusal, row.version, told_of) if refusal else meanwhile.sent()
    page = render_template(
        "cohorts/edit.html", form=form, public_id=public_id, title=row.title, problem=problem, seen=seen
    )
    return page, 409 if problem else status(form)


@edge.page(blueprint, "/<public_id>/open", Permission.FORM_SETS, "POST")
def open_up(public_id: str) -> Response:
    """Let members apply."""

    def act() -> str:
        cohort_states.open_up(edge.session(), edge.actor(), public_id, version(), today(), edge.now())
        return gettext("The cohort is open: members can apply.")

    return done_or_refused(act, "cohorts.one", public_id=public_id)


@edge.page(blueprint, "/<public_id>/close", Permission.FORM_SETS, "POST")
def close(public_id: str) -> Response:
    """Take no more applications."""

    def act() -> str:
        cohort_states.close(edge.session(), edge.actor(), public_id, version(), edge.now())
        return gettext("Applications are closed. You can open them again.")

    return done_or_refused(act, "cohorts.one", public_id=public_id)


@edge.page(blueprint, "/<public_id>/cancel", Permission.FORM_SETS, "GET", "POST")
def cancel(public_id: str) -> Page:
    """Ask once more, then call the cohort off and tell those who applied."""

    def act() -> str:
        told = cohort_states.cancel(edge.session(), edge.actor(), public_id, version(), edge.now())
        said = ngettext("%(num)s person is told", "%(num)s people are told", told)
        return gettext("The cohort is cancelled: %(said)s.", said=said)

    if request.method == "POST":
        return done_or_refused(act, "cohorts.one", public_id=public_id)
    cohorts.changeable(edge.session(), edge.actor(), public_id)
    return render_template("cohorts/cancel.html", head=head(public_id, "cohorts.one"))
