"""What came of it as a file: numbers that may be published, never words.

Stories are in no file of numbers: who tells one may take it back, and a file that is passed on cannot be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from haln.errors import NotFound
from haln.measure import exports_csv, exports_json, exports_workbook, outcomes
from haln.measure.exports import FIGURES, File
from haln.measure.exports_about import Said
from haln.measure.exports_rows import EVERYBODY
from haln.measure.outcomes import Outcomes
from haln.measure.questions import Question
from haln.network import suppress
from haln.people.outcomes import FUNDING, KINDS

SCHEMA = Path(__file__).with_name("outcomes.schema.json")
FORMAT = "haln-outcomes"
VERSION = 1

METHOD = (
    "For publication, of the whole network. Outcomes of a kind, and funding, are added up in stages: what is told "
    "waits until it comes from more than %(threshold)s further people, so the latest may be missing. Then outcomes are "
    "told in fives and funding with two digits. What may come from 1 to %(threshold)s people is hidden; 0 is told "
    "where there is nobody for certain. Outcomes count from the day after they were told. What somebody changes or "
    "deletes changes files of earlier days, too."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One number of a kind until a day; `n` is the number of people behind it, as it may be told.

    `version` is that of the definition, `filter` that of files of figures: it is always the whole network. Numbers of
    people from 1 to `threshold` are hidden.
    """

    as_of: date
    known_as_of: date
    kind: str
    measure: str
    version: int
    filter: str
    value: int | None
    n: int | None
    suppressed: bool
    threshold: int


COLUMNS = tuple(field.name for field in fields(Row))


@dataclass(frozen=True, slots=True)
class Definition:
    """What a number is, in which unit, and how it is worked out."""

    key: str
    version: int
    unit: str
    title: str
    means: str
    formula: str
    source: str


DEFINITIONS = (
    Definition(
        "outcomes",
        outcomes.VERSION,
        "outcomes",
        "What came of it",
        "How often members told, until the day, of what a connection, a learning set or an event led to, by kind.",
        "outcomes told on days that are over, in stages of more people than are hidden; n: people who told of one",
        "This network's own definition",
    ),
    Definition(
        "pounds",
        outcomes.VERSION,
        "pounds",
        "Funding",
        "The funding that members told of, until the day, in pounds sterling.",
        "sum of amounts told on days that are over, in stages of more people than are hidden, two digits",
        "This network's own definition",
    ),
)


@dataclass(frozen=True, slots=True)
class _Told:
    """What may be told of one kind until a day, of what was told by another."""

    measure: str
    value: int | None
    n: int | None


def rows(found: Outcomes, question: Question, threshold: int, today: date) -> list[Row]:
    """The rows of a file: at the ends of the months and on the day, each kind in its order."""
    small = suppress.raised(threshold)
    return [
        Row(day, known, kind, one.measure, outcomes.VERSION, EVERYBODY, one.value, one.n, one.value is None, small)
        for day in question.days()
        for known in [question.known_by(day) or today]
        for kind in KINDS
        for one in _of(found, min(day, known), kind)
    ]


def _of(found: Outcomes, day: date, kind: str) -> Iterator[_Told]:
    people = found.people(kind, day).shown
    yield _Told("outcomes", found.outcomes(kind, day), people)
    if kind == FUNDING:
        yield _Told("pounds", found.pounds(day), people)


def outcomes_file(
    session: Session, question: Question, threshold: int, now: datetime, form: str = "csv", *, mark: bool = False
) -> File:
    """The file: the same rows in every format. Whom the question asks for is not looked at.

    `mark`: a CSV file begins with the byte order mark. Raises NotFound for a format that does not exist.
    """
    if form not in FIGURES:
        raise NotFound("There is no such file.")
    today = now.astimezone(UTC).date()
    told = rows(outcomes.read(session, threshold, now), question, threshold, today)
    if form == "csv":
        content = exports_csv.of_rows(COLUMNS, told, mark=mark)
    elif form == "json":
        defined = [asdict(one) for one in DEFINITIONS]
        content = exports_json.document(FORMAT, VERSION, _about(told, question, threshold, today), defined, told)
    else:
        content = _workbook(told, _about(told, question, threshold, today))
    return File(f"network-outcomes-{question.as_of}.{form}", FIGURES[form], content)


def _workbook(told: Sequence[Row], about: Said) -> bytes:
    names = tuple(field.name for field in fields(Definition))
    cells = ([exports_csv.shown(row, name) for name in COLUMNS] for row in told)
    defined = ([getattr(one, name) for name in names] for one in DEFINITIONS)
    return exports_workbook.of_sheets("Outcomes", (COLUMNS, cells), (names, defined), about)


def _about(told: Sequence[Row], question: Question, threshold: int, today: date) -> Said:
    """What was asked and what was suppressed, by name."""
    small = suppress.raised(threshold)
    return {
        "as_of": question.as_of.isoformat(),
        "known_as_of": (question.known_by(question.as_of) or today).isoformat(),
        "each_day_as_known_then": question.then,
        "months_before": question.months,
        "filter": EVERYBODY,
        "threshold": small,
        "rounded_to": suppress.STEP,
        "rows": len(told),
        "rows_suppressed": sum(row.suppressed for row in told),
        "method": METHOD % {"threshold": small},
    }
