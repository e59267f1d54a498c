"""What came of it as a file: numbers that may be published, never words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from haln.measure import outcomes
from haln.measure.exports import File
from haln.measure.exports_csv import BYTE_ORDER_MARK, HIDDEN
from haln.measure.outcomes import Outcomes
from haln.measure.questions import Question
from haln.people.outcomes import FUNDING, KINDS

COLUMNS = ("as_of", "kind", "measure", "value", "n", "suppressed")


@dataclass(frozen=True, slots=True)
class Row:
    """One number of a kind until a day; `n` is the number of people behind it, as it may be told."""

    as_of: date
    kind: str
    measure: str
    value: int | None
    n: int | None
    suppressed: bool


def rows(found: Outcomes, question: Question) -> list[Row]:
    """The rows of a file: at the ends of the months and on the day, each kind in its order."""
    return [row for day in question.days() for kind in KINDS for row in _of(found, day, kind)]


def _of(found: Outcomes, day: date, kind: str) -> Iterator[Row]:
    people, told = found.people(kind, day).shown, found.outcomes(kind, day)
    yield Row(day, kind, "outcomes", told, people, told is None)
    if kind == FUNDING:
        pounds = found.pounds(day)
        yield Row(day, kind, "pounds", pounds, people, pounds is None)


def outcomes_file(session: Session, question: Question, threshold: int, *, mark: bool = False) -> File:
    """The file, in CSV: the same bytes for the same outcomes. Only the question's day and months are looked at."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows(outcomes.read(session, threshold), question):
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
