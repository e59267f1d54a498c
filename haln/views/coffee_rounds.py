"""Coffee rounds as staff run them: open, try out, make the pairs, see how earlier ones went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, flash, render_template, request
from flask_babel import format_decimal, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, RadioField
from wtforms.validators import Optional

from haln.access import Permission
from haln.connect import coffee_pairing, coffee_rounds
from haln.connect.coffee_pairing import Trial
from haln.connect.coffee_rounds import Facts, Line
from haln.errors import Conflict, HalnError, Invalid
from haln.measure import coffee
from haln.measure.exports_csv import HIDDEN
from haln.views import edge, meanwhile, members, words
from haln.views.errors import say
from haln.views.local_time import today
from haln.views.profile_forms import show_faults, status
from haln.views.speech import gettext, ngettext
from haln.views.tables import Column

blueprint = Blueprint("coffee_rounds", __name__, url_prefix="/coffee/rounds")

Page = Any
UNREADABLE = -1


class RoundForm(FlaskForm):
    """The days of a round and what it prefers."""

    pairs_on = DateField(
        lazy_gettext("Pairs are made on"),
        validators=[Optional()],
        description=lazy_gettext("Members see it. The pairs are made when you say so, on that day or another."),
    )
    meet_by = DateField(lazy_gettext("People should have met by"), validators=[Optional()])
    across = RadioField(lazy_gettext("Prefer pairs from two sectors"))
    colleagues = RadioField(lazy_gettext("May two of one organisation meet?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in (self.pairs_on, self.meet_by, self.across, self.colleagues):
            part.flags.required = True
        self.across.choices = list(across_words().items())
        self.colleagues.choices = [("yes", gettext("Yes, if it comes to that")), ("no", gettext("No"))]

    def readable(self) -> bool:
        """Whether both days could be read; whether they fit is for the domain to say."""
        for part in (self.pairs_on, self.meet_by):
            if part.raw_data and part.raw_data[0] and part.data is None:
                part.errors = [gettext("Enter a day like 2026-10-05.")]
        return not self.errors

    def in_words(self, facts: Facts) -> meanwhile.Kept:
        """What is saved, by the names of these fields, for whoever finds that somebody else has changed it."""
        said = {
            "pairs_on": words.day(facts.pairs_on) if facts.pairs_on else "",
            "meet_by": words.day(facts.meet_by) if facts.meet_by else "",
            "across": across_words()[facts.across],
            "colleagues": gettext("Yes, if it comes to that") if facts.colleagues else gettext("No"),
        }
        return [(name, str(self[name].label.text), told) for name, told in said.items()]

    def facts(self) -> Facts:
        """What was entered, for the domain to judge."""
        colleagues = self.colleagues.data != "no"
        return Facts(self.pairs_on.data, self.meet_by.data, self.across.data or "", colleagues)


def across_words() -> dict[str, str]:
    """How much a round prefers two sectors."""
    return {
        "none": gettext("Not at all"),
        "some": gettext("Somewhat: between people who suit each other as well"),
        "strong": gettext("Strongly: before themes in common"),
    }


def _state_words(state: str) -> str:
    return {
        "open": gettext("Open"),
        "made": gettext("Pairs are meeting"),
        "closed": gettext("Over"),
        "cancelled": gettext("Called off"),
    }[state]


STATE_KINDS = {"open": "good", "made": "accent", "cancelled": "bad"}


@dataclass(frozen=True, slots=True)
class Row:
    """A round as the pages draw it. `told` are its numbers, `went` how it went, hidden where few people are in them."""

    public_id: str
    title: str
    state: str
    state_words: str
    state_kind: str
    days: str
    version: int
    told: list[tuple[str, str]]
    went: list[tuple[str, str]]


def _row(line: Line) -> Row:
    facts, told = line.facts, line.told
    assert facts.pairs_on is not None and facts.meet_by is not None
    days = gettext(
        "Pairs on %(first)s, to meet by %(last)s", first=words.day(facts.pairs_on), last=words.day(facts.meet_by)
    )
    return Row(
        line.public_id,
        gettext("Coffee round of %(day)s", day=words.day(facts.pairs_on)),
        line.state,
        _state_words(line.state),
        STATE_KINDS.get(line.state, ""),
        days,
        line.version,
        _numbers(told),
        _went(told),
    )


def _numbers(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """From what pairs were made, and how many: what staff did, not what anybody said."""
    if "groups" not in told:
        return []
    return [
        (gettext("People who took part"), format_decimal(told["people"])),
        (gettext("Pairs and trios"), format_decimal(told["groups"])),
        (gettext("Trios among them"), format_decimal(told["trios"])),
        (gettext("New ties possible"), format_decimal(told["new"])),
        (gettext("Of these between two sectors"), format_decimal(told["across"])),
        (gettext("Pairs that were put together before"), format_decimal(told["again"])),
        (gettext("People left over"), format_decimal(told["left"])),
    ]


def _went(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How a closed round went: in fives, and hidden where few said so."""
    went = coffee.went(told, int(current_app.config["SMALL_NUMBER"]))
    if went is None:
        return []
    return [
        (gettext("Pairs that met"), HIDDEN if went.met is None else format_decimal(went.met)),
        (gettext("People who said anything"), HIDDEN if went.spoke is None else format_decimal(went.spoke)),
    ]


@edge.page(blueprint, "", Permission.RUN_COFFEE)
def index() -> str:
    """The rounds, the newest first."""
    found = [_row(line) for line in coffee_rounds.listing(edge.session())]
    return render_template(
        "coffee/rounds.html",
        rounds=found,
        any_open=any(row.state == "open" for row in found),
        asking=_asking(),
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
    form = RoundForm(data={"across": "some", "colleagues": "yes"})
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


@edge.page(blueprint, "/<public_id>", Permission.RUN_COFFEE)
def one(public_id: str) -> str:
    """A round: its days, what it prefers, its pairs in numbers, how it went."""
    line = coffee_rounds.one(edge.session(), public_id)
    prefers = [
        (gettext("Pairs from two sectors"), across_words()[line.facts.across]),
        (gettext("Two of one organisation"), gettext("May meet") if line.facts.colleagues else gettext("Never meet")),
    ]
    return render_template("coffee/one.html", row=_row(line), prefers=prefers, asking=_asking())


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
        }
    )
    problem = ""
    refusal: HalnError | None = Invalid("") if form.is_submitted() else None
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
    seen = meanwhile.refused(refusal, line.version, told_of) if refusal else meanwhile.opened(line.version, told_of)
    page = render_template("coffee/edit.html", form=form, row=_row(line), problem=problem, seen=seen)
    return page, 409 if problem else status(form)


def _closed(line: Line, heading: str) -> Page:
    """The page that says why there is nothing to fill in: the round's facts and a sentence."""
    sentence = {
        "made": gettext("The pairs of this round are made: what it was stays as it is."),
        "closed": gettext("This round is over: what it was stays as it is."),
        "cancelled": gettext("This round is called off. Open another one."),
    }[line.state]
    page = render_template("coffee/closed.html", row=_row(line), heading=heading, sentence=sentence)
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
        return render_template("coffee/cancel.html", row=_row(found))
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
        row=_row(line),
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
