"""Everything the report for a funder says, in the reader's language: the page and the PDF are two drawings of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext

from haln.measure import figures, kept, outcome_stories, outcomes
from haln.measure.definitions import BY_KEY, PUBLISHED, Measure
from haln.measure.exports_csv import HIDDEN
from haln.measure.exports_rows import EVERYBODY, Asked, Row, rows
from haln.measure.outcome_stories import Story
from haln.measure.outcomes import Line
from haln.measure.periods import year_before
from haln.measure.questions import Question
from haln.views import edge, figure_words, local_time, sparklines, words
from haln.views.network import asking, outcome_pages, overview
from haln.views.outcome_words import StoryWords
from haln.views.speech import gettext
from haln.views.tables import Column

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
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Told:
    """One figure as it may be published: as of the day, about a year before, its line, and its definition."""

    key: str
    title: str
    value: str
    before: str
    sentence: str
    line: sparklines.Line | None
    version: str
    definition: str

    @property
    def row(self) -> tuple[str, ...]:
        """Its row in the table of all figures."""
        return self.title, self.value, self.before, self.sentence


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row is what the row is of."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The report of a day, in the order in which it is read. `first`: the figures that have a card and a line."""

    title: str
    of_day: str
    lead: str
    first: tuple[Told, ...]
    figures: tuple[Told, ...]
    all_figures: Table
    groups: tuple[Table, ...]
    outcomes: Table
    stories_lead: str
    stories: tuple[StoryWords, ...]
    method: tuple[str, ...]


def report(question: Question, viewer_id: int | None) -> Report:
    """Put the report into words, as the viewer may see who is named in stories; none: as everybody may.

    Raises Invalid where the question narrows down in more ways than may be published.
    """
    asked = Asked(question, local_time.today(), asking.threshold())
    versions = asking.held()
    found = rows(versions, asked, kept=kept.read_rows(edge.session(), versions, asked), patient=False)
    whole = [row for row in found if row.group_kind == EVERYBODY]
    by_key = {measure.key: [row for row in whole if row.measure == measure.key] for measure in PUBLISHED}
    told = {key: _told(series, question.as_of) for key, series in by_key.items() if series}
    last = [row for row in found if row.as_of == question.as_of and row.group_kind != EVERYBODY]
    by_sector = Table(gettext("Members by sector"), GROUPS, _groups(last, "sector"))
    by_region = Table(gettext("Members by nation or region"), GROUPS, _groups(last, "region"))
    all_figures = Table(gettext("All figures"), COLUMNS, tuple(one.row for one in told.values()))
    groups = tuple(table for table in (by_sector, by_region) if table.rows)
    came_of_it = tuple(outcome_pages.cells(line) for line in _outcomes(question))
    by_kind = Table(gettext("Outcomes by kind"), OUTCOMES, came_of_it)
    stories = tuple(outcome_pages.told(one) for one in _stories(question, viewer_id))
    as_of, known = words.day(question.as_of), words.day(asked.known_on(question.as_of))
    return Report(
        title=gettext("Report on the network"),
        of_day=gettext("Report of %(day)s", day=as_of),
        lead=gettext("As of %(day)s, as known on %(known)s.", day=as_of, known=known),
        first=tuple(told[key] for key in overview.FIRST),
        figures=tuple(told.values()),
        all_figures=all_figures,
        groups=groups,
        outcomes=by_kind,
        stories_lead=_stories_lead(stories),
        stories=stories,
        method=_method(asked, (all_figures, *groups, by_kind)),
    )


def _outcomes(question: Question) -> list[Line]:
    """How often something came of it, of the whole network: until the day, and in the year before."""
    found = outcomes.read(edge.session(), asking.threshold(), edge.now())
    return found.lines(year_before(question.as_of), question.as_of, question.known_by(question.as_of))


def _stories(question: Question, viewer_id: int | None) -> list[Story]:
    """The latest stories of the year before the day, told by then if so asked, that may be published today."""
    day, known, most = question.as_of, question.known_by(question.as_of), outcome_stories.IN_REPORT
    return outcome_stories.stories(edge.session(), viewer_id, year_before(day), day, known_on=known, most=most)


def _stories_lead(stories: Sequence[StoryWords]) -> str:
    if not stories:
        return gettext("No story of the last year may be told.")
    return gettext("The latest stories of the year before the day, at most %(most)s.", most=outcome_stories.IN_REPORT)


def _told(series: Sequence[Row], day: date) -> Told:
    """Put one figure's rows, the earliest first, into words; those of a day before the report's say so."""
    last = series[-1]
    measure = BY_KEY[last.measure]
    shown = [None if row.value is None else float(row.value) for row in series]
    before = figures.year_before(series)
    sentence = gettext("Too few people to say.") if last.suppressed else figure_words.undefined(measure)
    if last.value is not None:
        sentence = figure_words.published(measure, float(last.value))
    if last.as_of != day:
        sentence = f"{sentence} {gettext('This is as of %(day)s.', day=words.day(last.as_of))}"
    return Told(
        key=measure.key,
        title=gettext(measure.title),
        value=_value(measure, last),
        before=NOTHING if before is None else _value(measure, before),
        sentence=sentence,
        line=sparklines.line(shown) if len(shown) - shown.count(None) > 1 else None,
        version=gettext("version %(number)s", number=measure.version),
        definition=f"{gettext(measure.means)} {gettext(measure.formula)}. {gettext(measure.source)}.",
    )


def _value(measure: Measure, row: Row) -> str:
    if row.value is None:
        return HIDDEN if row.suppressed else figure_words.value(measure, None)
    return figure_words.value(measure, float(row.value))


def _groups(found: Sequence[Row], kind: str) -> tuple[tuple[str, str], ...]:
    """Each group of a kind and how many members are in it, as may be published."""
    measure = BY_KEY["members"]
    return tuple(
        (words.label(kind, row.group) if row.group != "unknown" else gettext("Not known"), _value(measure, row))
        for row in found
        if row.group_kind == kind
    )


def _method(asked: Asked, tables: Sequence[Table]) -> tuple[str, ...]:
    """How everything was worked out, what was asked for, and what was suppressed."""
    numbers = [cell for table in tables for row in table.rows for cell in _numbers(table, row) if cell != NOTHING]
    return (
        gettext(
            "All figures are worked out from dated facts: who was a member from which day to which, and who was"
            " connected. They are as of the end of the day above, as known on the day above. The same days give the"
            " same figures again."
        ),
        gettext(
            "Outcomes are those of the whole network, from the day after members told of them, as known on the day"
            " above; what somebody changes or deletes changes earlier days, too. They and funding are added up whenever"
            " more than %(most)s further people have told of some, and told in fives, funding with two digits. Stories"
            " are those told by the day above, as everybody in them allows today: with names only where all agree.",
            most=asked.hidden_to,
        ),
        gettext(
            "Numbers of people and of connections up to %(most)s are shown as *, others are rounded to 5. Shares and"
            " averages come in steps of five members; how connections lie is told where there are about 50 or more."
            " What was asked for: %(filter)s.",
            most=asked.hidden_to,
            filter=asked.filter,
        ),
        gettext(
            "Numbers that are hidden in the tables: %(hidden)s of %(all)s. Whatever is drawn by chance begins with the"
            " number %(seed)s.",
            all=len(numbers),
            hidden=numbers.count(HIDDEN),
            seed=figures.SEED,
        ),
    )


def _numbers(table: Table, row: tuple[str, ...]) -> list[str]:
    return [cell for column, cell in zip(table.columns, row, strict=True) if column.number]
