"""What came of it, for staff: how often, how much funding, and the stories that may be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid
from haln.measure import exports, exports_outcomes, outcome_stories, outcomes, periods
from haln.measure.definition import said
from haln.measure.exports_csv import HIDDEN
from haln.measure.outcome_stories import Story
from haln.measure.outcomes import Line
from haln.people import outcome_sources, story_hiding
from haln.people.outcomes import FUNDING
from haln.views import edge, outcome_words
from haln.views.errors import say
from haln.views.network import asking, asking_periods, files
from haln.views.network.asking_periods import whole
from haln.views.network.tabs import FILTERS, right
from haln.views.outcome_words import StoryWords
from haln.views.speech import gettext
from haln.views.tables import Column

blueprint = Blueprint("network_outcomes", __name__, url_prefix="/network/outcomes")
asking.say_what_is_wrong(blueprint)

COLUMNS = (
    Column(lazy_gettext("What came of it")),
    Column(lazy_gettext("In these days"), number=True),
    Column(lazy_gettext("So far"), number=True),
    Column(lazy_gettext("Told by so many people"), number=True),
    Column(lazy_gettext("Funding in these days"), number=True),
    Column(lazy_gettext("Funding so far"), number=True),
)


OF_EVERYBODY = said("Outcomes are told of the whole network only: take this away.")


@dataclass(frozen=True, slots=True)
class Row:
    """A story as staff see it: how it is told, and why it is kept out of the report, if it is."""

    public_id: str
    story: StoryWords
    consent: str
    hidden: str


@edge.page(blueprint, "/", Permission.SEE_MEASURES)
def index() -> str:
    """Show what came of it in a period."""
    period, errors = asking_periods.asked()
    session, days, known = edge.session(), (period.start, period.until), period.question.known_by(period.until)
    told_of = outcomes.read(session, asking.threshold(), edge.now())
    viewer, came_of = edge.actor().member_id, _came_of(request.args)
    found = outcome_stories.stories(session, viewer, *days, known_on=known, hidden=True, came_of=came_of)
    return render_template(
        "network/outcomes.html",
        lines=[cells(line) for line in told_of.lines(*days, known)],
        columns=COLUMNS,
        stories=[Row(one.public_id, told(one), _consent(one), _hidden(one)) for one in found],
        reasons=outcome_words.reasons(),
        came_of=came_of,
        sources=outcome_words.sources(),
        most=outcome_stories.MOST,
        hidden_to=told_of.hidden_to,
        longest=periods.longest_before(period.until).isoformat(),
        carried=_carried(),
        files=[
            (name, _file_address(form, period.until)) for form, name in files.FORMATS.items() if form in exports.FIGURES
        ],
        **asking_periods.frame(period, errors, ()),
    )


def _came_of(given: Mapping[str, str]) -> str:
    """What the stories are to have come of: of the numbers it is never told, which two of them would take apart."""
    said = given.get("came_of", "")
    return said if said in outcome_sources.SOURCES else ""


def _file_address(form: str, until: date) -> str:
    """The address of a file of what the page shows: as of its last day, and as known when."""
    known: dict[str, Any] = {name: value for name, value in _carried().items() if name in ("known_on", "known")}
    return url_for("network_outcomes.file", form=form, as_of=until.isoformat(), **known)


def _carried() -> dict[str, str]:
    """The filters of the address, which a choice of other days leaves as they are."""
    given = right(request.args)
    return {name: given[name] for name in FILTERS if given.get(name)}


def told(one: Story) -> StoryWords:
    """A story as everybody reads it."""
    return outcome_words.story(one.kind, one.happened_on, one.came_of, one.names, one.text)


def cells(line: Line) -> tuple[str, ...]:
    """A kind as it may be told."""
    numbers = (line.within, line.outcomes, line.people)
    money = (line.pounds_within, line.pounds) if line.kind == FUNDING else ()
    return (
        outcome_words.kind(line.kind),
        *(HIDDEN if number is None else whole(number) for number in numbers),
        *(HIDDEN if amount is None else outcome_words.pounds(amount) for amount in money),
        *(("–", "–") if not money else ()),
    )


def _consent(one: Story) -> str:
    return gettext("Told with names") if one.names else gettext("Told without names")


def _hidden(one: Story) -> str:
    return outcome_words.reason(one.hidden_for) if one.hidden_for else ""


@edge.page(blueprint, "/outcomes.<any(csv,xlsx,json):form>", Permission.SEE_MEASURES)
def file(form: str) -> Response:
    """Give the numbers as a file that may be published. Raises Invalid where it asks for a part of the network."""
    question = asking.exactly()
    narrowed = [name for name in ("hosts", "evidence", "sector", "region") if request.values.get(name)]
    if narrowed:
        raise Invalid(OF_EVERYBODY, dict.fromkeys(narrowed, OF_EVERYBODY))
    mark = request.args.get("mark") == "yes"
    session, small = edge.session(), asking.threshold()
    return files.answer(exports_outcomes.outcomes_file(session, question, small, edge.now(), form, mark=mark))


@edge.page(blueprint, "/<public_id>/hide", Permission.SEE_MEASURES, "POST")
def hide(public_id: str) -> Response:
    """Keep a story out of the report."""
    try:
        story_hiding.hide(edge.session(), edge.actor(), public_id, request.form.get("reason", ""), edge.now())
    except (Invalid, Conflict) as error:
        flash(say(error), "warning")
        return edge.back("network_outcomes.index", **_period())
    flash(gettext("The story is kept out of the report. Whoever wrote it sees that, and why."), "success")
    return edge.back("network_outcomes.index", **_period())


@edge.page(blueprint, "/<public_id>/show", Permission.SEE_MEASURES, "POST")
def show(public_id: str) -> Response:
    """Let a story into the report again."""
    story_hiding.show(edge.session(), edge.actor(), public_id, edge.now())
    flash(gettext("The story is in the report again."), "success")
    return edge.back("network_outcomes.index", **_period())


def _period() -> dict[str, str]:
    """The period that was looked at."""
    carried = {name: request.form[name] for name in ("from", "until", *FILTERS) if request.form.get(name)}
    came_of = _came_of(request.form)
    return carried | ({"came_of": came_of} if came_of else {})
