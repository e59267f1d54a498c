"""What came of it as a file: numbers that may be published, never words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from haln.measure import outcomes
from haln.measure.exports import File
from haln.measure.exports_csv import BYTE_ORDER_MARK, HIDDEN
from haln.measure.exports_rows import EVERYBODY
from haln.measure.outcomes import Outcomes
from haln.measure.questions import Question
from haln.network import suppress
from haln.people.outcomes import FUNDING, KINDS

COLUMNS = (
    "as_of",
    "known_as_of",
    "kind",
    "measure",
    "version",
    "filter",
    "value",
    "n",
    "suppressed",
    "threshold",
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


def outcomes_file(session: Session, question: Question, threshold: int, now: datetime, *, mark: bool = False) -> File:
    """The file, in CSV: the same bytes for the same outcomes. Whom the question asks for is not looked at."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    found = outcomes.read(session, threshold, now)
    for row in rows(found, question, threshold, now.astimezone(UTC).date()):
        writer.writerow([_cell(row, name) for name in COLUMNS])
    content = (BYTE_ORDER_MARK * mark + made.getvalue()).encode()
    return File(f"network-outcomes-{question.as_of}.csv", "text/csv", content)


def _cell(row: Row, name: str) -> str | int:
    value: str | int | date | None = getattr(row, name)
    if isinstance(value, bool):
        return int(value)
    if value is None:
        return HIDDEN if name == "n" or (name == "value" and row.suppressed) else ""
    return value.isoformat() if isinstance(value, date) else value
