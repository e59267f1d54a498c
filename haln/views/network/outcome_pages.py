"""What came of it, for staff: how often, how much funding, and the stories that may be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid
from haln.measure import exports, exports_outcomes, outcome_stories, outcomes, questions
from haln.measure.exports_csv import HIDDEN
from haln.measure.outcome_stories import Story
from haln.measure.outcomes import Line
from haln.measure.periods import LONGEST
from haln.people import story_hiding
from haln.people.outcomes import FUNDING
from haln.views import edge, local_time, outcome_words, words
from haln.views.errors import say
from haln.views.network import asking, asking_periods, files
from haln.views.network.asking_periods import whole
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
    session = edge.session()
    lines = outcomes.read(session, asking.threshold(), edge.now()).lines(period.start, period.until)
    found = outcome_stories.stories(session, edge.actor().member_id, period.start, period.until, hidden=True)
    return render_template(
        "network/outcomes.html",
        lines=[cells(line) for line in lines],
        columns=COLUMNS,
        stories=[Row(one.public_id, told(one), _consent(one), _hidden(one)) for one in found],
        reasons=outcome_words.reasons(),
        most=outcome_stories.MOST,
        threshold=asking.threshold(),
        longest=max(questions.EARLIEST, period.until - timedelta(days=LONGEST)).isoformat(),
        files=[
            (name, url_for("network_outcomes.file", form=form, as_of=period.until.isoformat()))
            for form, name in files.FORMATS.items()
            if form in exports.FIGURES
        ],
        **asking_periods.frame(period, errors, ()),
    )


def told(one: Story) -> StoryWords:
    """A story as everybody reads it."""
    return outcome_words.story(one.kind, one.happened_on, one.of_set, one.names, one.text)


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
    """Give the numbers as a file that may be published."""
    given = {name: request.args.get(name, "") for name in ("as_of", "known_on", "known")}
    question = questions.asked(given, local_time.today(), words.vocabulary())
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
    return {name: request.form[name] for name in ("from", "until") if request.form.get(name)}
