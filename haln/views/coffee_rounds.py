"""Coffee rounds as staff run them: open, try out, make the pairs, see how earlier ones went."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, render_template, request
from flask_babel import format_decimal
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.connect import coffee_pairing, coffee_rounds, coffee_schedule
from haln.connect.coffee_pairing import Trial
from haln.connect.coffee_rounds import Line
from haln.connect.coffee_schedule import Rule
from haln.errors import Conflict, Invalid
from haln.views import edge, meanwhile, members, words
from haln.views.coffee_round_words import RoundForm, ScheduleForm, across_words, round_row, rule_words, who_made
from haln.views.errors import say
from haln.views.local_time import today
from haln.views.profile_forms import show_faults, status
from haln.views.speech import gettext, ngettext
from haln.views.tables import Column

blueprint = Blueprint("coffee_rounds", __name__, url_prefix="/coffee/rounds")

Page = Any
UNREADABLE = -1


@edge.page(blueprint, "", Permission.RUN_COFFEE)
def index() -> str:
    """The rounds, the newest first."""
    found = [round_row(line) for line in coffee_rounds.listing(edge.session())]
    return render_template(
        "coffee/rounds.html",
        rounds=found,
        any_open=any(row.state == "open" for row in found),
        asking=_asking(),
        rule=rule_words(known.rule) if (known := coffee_schedule.schedule(edge.session())) and known.going else "",
    )


def _asking() -> str:
    asking = coffee_rounds.asking(edge.session(), today())
    told = ngettext(
        "%(count)s person asks to be paired.",
        "%(count)s people ask to be paired.",
        asking.ready,
        count=format_decimal(asking.ready),
    )
    if not asking.not_now:
        return told
    more = ngettext(
        "%(num)s more is hidden or away, and is left out until they are back.",
        "%(num)s more are hidden or away, and are left out until they are back.",
        asking.not_now,
    )
    return f"{told} {more}"


@edge.page(blueprint, "/new", Permission.RUN_COFFEE, "GET", "POST")
def new() -> Page:
    """Open a round."""
    form = RoundForm(data={"across": "some", "colleagues": "yes", "by_itself": "yes"})
    problem = ""
    if form.is_submitted() and form.readable():
        try:
            made = coffee_rounds.open_round(edge.session(), edge.actor(), form.facts(), today(), edge.now())
        except Invalid as error:
            show_faults(form, error, "pairs_on")
        except Conflict as error:
            edge.session().rollback()
            problem = say(error)
        else:
            flash(gettext("The round is open: members see its days."), "success")
            return edge.back("coffee_rounds.one", public_id=made)
    return render_template("coffee/new.html", form=form, problem=problem), 409 if problem else status(form)


@edge.page(blueprint, "/schedule", Permission.RUN_COFFEE, "GET", "POST")
def schedule() -> Page:
    """Let rounds be opened, and their pairs made, by a rule; or no more."""
    session, problem = edge.session(), ""
    known = coffee_schedule.schedule(session)
    form = ScheduleForm(data=ScheduleForm.of(known.rule if known else Rule()))
    if form.is_submitted():
        try:
            if request.form.get("do") == "stop":
                coffee_schedule.stop(session, edge.actor(), _version(), edge.now())
                flash(gettext("No more rounds are opened by the rule. One that is open stays."), "success")
            else:
                coffee_schedule.keep(session, edge.actor(), form.rule(), _version(), edge.now())
                flash(gettext("Rounds are opened by this rule from now on."), "success")
        except Invalid as error:
            show_faults(form, error, "week")
        except Conflict as error:
            session.rollback()
            problem = say(error)
        else:
            return edge.back("coffee_rounds.schedule")
    known = coffee_schedule.schedule(session)
    rule = known.rule if known else Rule()
    page = render_template(
        "coffee/schedule.html",
        form=form,
        problem=problem,
        going=known is not None and known.going,
        version=known.version if known else 0,
        rule=rule_words(rule),
        days=[words.day(day) for day in coffee_schedule.following(session, rule, today())],
    )
    return page, 409 if problem else status(form)


@edge.page(blueprint, "/<public_id>", Permission.RUN_COFFEE)
def one(public_id: str) -> str:
    """A round: its days, what it prefers, its pairs in numbers, how it went."""
    line = coffee_rounds.one(edge.session(), public_id)
    prefers = [
        (gettext("Pairs from two sectors"), across_words()[line.facts.across]),
        (gettext("Two of one organisation"), gettext("May meet") if line.facts.colleagues else gettext("Never meet")),
        (gettext("Who makes the pairs?"), who_made(line)),
    ]
    return render_template("coffee/one.html", row=round_row(line), prefers=prefers, asking=_asking())


@edge.page(blueprint, "/<public_id>/edit", Permission.RUN_COFFEE, "GET", "POST")
def edit(public_id: str) -> Page:
    """Change an open round."""
    found = coffee_rounds.one(edge.session(), public_id)
    if found.state != coffee_rounds.OPEN:
        return _closed(found, gettext("Change this"))
    facts = found.facts
    form = RoundForm(
        data={
            "pairs_on": facts.pairs_on,
            "meet_by": facts.meet_by,
            "across": facts.across,
            "colleagues": "yes" if facts.colleagues else "no",
            "by_itself": "yes" if facts.by_itself else "no",
        }
    )
    problem = ""
    refusal: Conflict | None = None
    if form.is_submitted() and form.readable():
        try:
            coffee_rounds.change(edge.session(), edge.actor(), public_id, _version(), form.facts(), today(), edge.now())
        except Invalid as error:
            show_faults(form, error, "pairs_on")
        except Conflict as error:
            edge.session().rollback()
            problem, refusal = say(error), error
        else:
            flash(gettext("Saved."), "success")
            return edge.back("coffee_rounds.one", public_id=public_id)
    line = coffee_rounds.one(edge.session(), public_id)  # as it is now, where somebody else changed it
    told_of = form.in_words(line.facts)
    seen = meanwhile.opened(line.version, told_of)
    if form.is_submitted():
        seen = meanwhile.refused(refusal, line.version, told_of) if refusal else meanwhile.sent()
    page = render_template("coffee/edit.html", form=form, row=round_row(line), problem=problem, seen=seen)
    return page, 409 if problem else status(form)


def _closed(line: Line, heading: str) -> Page:
    """The page that says why there is nothing to fill in: the round's facts and a sentence."""
    sentence = {
        "made": gettext("The pairs of this round are made: what it was stays as it is."),
        "closed": gettext("This round is over: what it was stays as it is."),
        "cancelled": gettext("This round is called off. Open another one."),
    }[line.state]
    page = render_template("coffee/closed.html", row=round_row(line), heading=heading, sentence=sentence)
    return page, 409 if request.method == "POST" else 200


def _version() -> int:
    found = edge.whole(request.form.get("version", ""), 9)
    return UNREADABLE if found is None else found


@edge.page(blueprint, "/<public_id>/cancel", Permission.RUN_COFFEE, "GET", "POST")
def cancel(public_id: str) -> Page:
    """Ask once more, then call a round off."""
    if request.method == "GET":
        found = coffee_rounds.one(edge.session(), public_id)
        if found.state != coffee_rounds.OPEN:
            return _closed(found, gettext("Call the round off"))
        return render_template("coffee/cancel.html", row=round_row(found))
    try:
        coffee_rounds.cancel(edge.session(), edge.actor(), public_id, _version(), edge.now())
    except Conflict as error:
        return _refused(error, public_id)
    flash(gettext("The round is called off. Who asked to take part stays asked."), "success")
    return edge.back("coffee_rounds.index")


def _refused(error: Conflict | Invalid, public_id: str) -> Response:
    edge.session().rollback()
    flash(say(error), "warning")
    return edge.back("coffee_rounds.one", public_id=public_id)


def _top_sector(code: str) -> str:
    return words.vocabulary().top_sector(code).code


@edge.page(blueprint, "/<public_id>/dry-run", Permission.RUN_COFFEE)
def dry_run(public_id: str) -> Page:
    """What making the pairs now would give, and what other preferences would. Nothing is written."""
    line = coffee_rounds.one(edge.session(), public_id)
    if line.state != coffee_rounds.OPEN:
        return _closed(line, gettext("Dry run"))
    try:
        found = coffee_pairing.dry_run(edge.session(), edge.actor(), public_id, today(), edge.now(), _top_sector)
    except (Conflict, Invalid) as error:
        return _refused(error, public_id)
    return render_template(
        "coffee/dry_run.html",
        row=round_row(line),
        found=found,
        trials=[(across_words()[trial.across], trial, _cells(trial)) for trial in found.trials],
        columns=[
            Column(gettext("Prefer pairs from two sectors")),
            Column(gettext("Pairs and trios"), number=True),
            Column(gettext("Trios among them"), number=True),
            Column(gettext("New ties possible"), number=True),
            Column(gettext("Of these between two sectors"), number=True),
            Column(gettext("Pairs that were put together before"), number=True),
        ],
        left=[members.person(line) for line in found.left],
    )


def _cells(trial: Trial) -> list[str]:
    numbers = (trial.groups, trial.trios, trial.new, trial.across_sectors, trial.again)
    return [format_decimal(number) for number in numbers]


@edge.page(blueprint, "/<public_id>/make", Permission.RUN_COFFEE, "POST")
def make(public_id: str) -> Response:
    """Make the pairs and write to everybody."""
    try:
        session, actor, day, now = edge.session(), edge.actor(), today(), edge.now()
        reading = current_app.extensions["haln_reading"]
        worked = coffee_pairing.work_out(session, public_id, day, now, _top_sector, reading)
        groups = coffee_pairing.make(session, actor, public_id, _version(), day, now, _top_sector, worked)
    except (Conflict, Invalid) as error:
        return _refused(error, public_id)
    flash(
        ngettext(
            "%(num)s pair is made, and its people are written to.",
            "%(num)s pairs are made, and their people are written to.",
            groups,
        ),
        "success",
    )
    return edge.back("coffee_rounds.one", public_id=public_id)
