"""The report for a funder: figures fit to be published, with sentences, method and definitions; made to be printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, url_for
from flask_babel import format_date, lazy_gettext

from haln.access import Permission
from haln.measure import figures, kept, outcome_stories, outcomes
from haln.measure.definitions import BY_KEY, PUBLISHED, Measure
from haln.measure.exports_csv import HIDDEN
from haln.measure.exports_rows import EVERYBODY, Asked, Row, rows
from haln.measure.outcome_stories import Story
from haln.measure.outcomes import Line
from haln.measure.periods import year_before
from haln.measure.questions import Question, month_ends
from haln.views import edge, figure_words, local_time, sparklines, words
from haln.views.network import asking, outcome_pages, overview
from haln.views.speech import gettext
from haln.views.tables import Column

blueprint = Blueprint("network_report", __name__, url_prefix="/network")

COLUMNS = (
    Column(lazy_gettext("Figure")),
    Column(lazy_gettext("Value"), number=True),
    Column(lazy_gettext("A year before"), number=True),
    Column(lazy_gettext("In words")),
)
GROUPS = (Column(lazy_gettext("Group")), Column(lazy_gettext("Members"), number=True))
OUTCOMES = (
    Column(lazy_gettext("What came of it")),
    Column(lazy_gettext("In the last year"), number=True),
    Column(lazy_gettext("So far"), number=True),
    Column(lazy_gettext("Told by so many people"), number=True),
    Column(lazy_gettext("Funding in the last year"), number=True),
    Column(lazy_gettext("Funding so far"), number=True),
)
MONTHS = 12
"""So many of the last months have their report listed."""


@dataclass(frozen=True, slots=True)
class Told:
    """One figure as it may be published: as of the day, about a year before, its line, and its definition."""

    measure: Measure
    title: str
    value: str
    before: str
    sentence: str
    line: sparklines.Line | None


@edge.page(blueprint, "/report", Permission.SEE_MEASURES)
def index() -> str:
    """Show the report of a day."""
    question, errors = asking.publishable()
    asked = Asked(question, local_time.today(), asking.threshold())
    versions = asking.held()
    found = rows(versions, asked, kept=kept.read_rows(edge.session(), versions, asked), patient=False)
    whole = [row for row in found if row.group_kind == EVERYBODY]
    by_key = {measure.key: [row for row in whole if row.measure == measure.key] for measure in PUBLISHED}
    told = {key: _told(series, question.as_of) for key, series in by_key.items() if series}
    last = [row for row in found if row.as_of == question.as_of and row.group_kind != EVERYBODY]
    return render_template(
        "network/report.html",
        first=[told[key] for key in overview.FIRST],
        figures=list(told.values()),
        by_sector=_groups(last, "sector"),
        by_region=_groups(last, "region"),
        columns=COLUMNS,
        group_columns=GROUPS,
        threshold=asked.hidden_to,
        months=_months(),
        filter=asked.filter,
        outcome_columns=OUTCOMES,
        outcomes=[outcome_pages.cells(line) for line in _outcomes(question)],
        stories=[outcome_pages.told(one) for one in _stories(question)],
        most_stories=outcome_stories.IN_REPORT,
        **asking.frame(question, errors),
    )


def _outcomes(question: Question) -> list[Line]:
    """How often something came of it, of the whole network: until the day, and in the year before."""
    found = outcomes.read(edge.session(), asking.threshold(), edge.now())
    return found.lines(year_before(question.as_of), question.as_of, question.known_by(question.as_of))


def _stories(question: Question) -> list[Story]:
    """The latest stories of the year before the day, told by then if so asked, that may be published today."""
    me, day, known = edge.actor().member_id, question.as_of, question.known_by(question.as_of)
    most = outcome_stories.IN_REPORT
    return outcome_stories.stories(edge.session(), me, year_before(day), day, known_on=known, most=most)


def _told(series: Sequence[Row], day: date) -> Told:
    """Put one figure's rows, the earliest first, into words; those of a day before the report's say so."""
    last = series[-1]
    measure = BY_KEY[last.measure]
    shown = [None if row.value is None else float(row.value) for row in series]
    value, before = _value(measure, last), figures.year_before(series)
    sentence = gettext("Too few people to say.") if last.suppressed else figure_words.undefined(measure)
    if last.value is not None:
        sentence = figure_words.published(measure, float(last.value))
    if last.as_of != day:
        sentence = f"{sentence} {gettext('This is as of %(day)s.', day=words.day(last.as_of))}"
    return Told(
        measure,
        gettext(measure.title),
        value,
        "–" if before is None else _value(measure, before),
        sentence,
        sparklines.line(shown) if len(shown) - shown.count(None) > 1 else None,
    )


def _value(measure: Measure, row: Row) -> str:
    if row.value is None:
        return HIDDEN if row.suppressed else figure_words.value(measure, None)
    return figure_words.value(measure, float(row.value))


def _groups(found: Sequence[Row], kind: str) -> list[tuple[str, str]]:
    """Each group of a kind and how many members are in it, as may be published."""
    measure = BY_KEY["members"]
    return [
        (words.label(kind, row.group) if row.group != "unknown" else gettext("Not known"), _value(measure, row))
        for row in found
        if row.group_kind == kind
    ]


def _months() -> list[tuple[str, str]]:
    """The reports of the last months, each as it was known then: name and address."""
    ends = reversed(month_ends(local_time.today(), MONTHS))
    return [
        (str(format_date(day, "MMMM y")), url_for("network_report.index", as_of=day.isoformat(), known="then"))
        for day in ends
    ]
