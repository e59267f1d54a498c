"""Figures as files: one tidy row for each figure and day, with all that is needed to read it later."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date

from haln.measure.definitions import BY_KEY
from haln.measure.figures import Figure
from haln.measure.questions import Question

COLUMNS = ("as_of", "known_as_of", "measure", "version", "unit", "filter", "value", "low", "high")
BYTE_ORDER_MARK = "\ufeff"


def tidy(figures: Sequence[Figure], question: Question, today: date) -> Iterator[dict[str, str | float | int]]:
    """One row for each figure and day, in their order."""
    for one in figures:
        known = one.as_of if question.then else question.known_on or today
        measure = BY_KEY[one.measure]
        yield {
            "as_of": one.as_of.isoformat(),
            "known_as_of": known.isoformat(),
            "measure": one.measure,
            "version": measure.version,
            "unit": measure.unit,
            "filter": filter_words(question),
            "value": one.value,
            "low": "" if one.low is None else one.low,
            "high": "" if one.high is None else one.high,
        }


def filter_words(question: Question) -> str:
    """What was asked for beside the day, as words of an address; `all` for everybody and everything."""
    said = [
        "" if question.with_hosts else "hosts=without",
        f"evidence={question.evidence}" if question.evidence else "",
        f"sector={question.sector}" if question.sector else "",
        f"region={question.region}" if question.region else "",
    ]
    return "&".join(one for one in said if one) or "all"


def as_csv(figures: Sequence[Figure], question: Question, today: date, *, mark: bool = False) -> bytes:
    """A CSV file in UTF-8; `mark`: with the byte order mark that some spreadsheets ask for."""
    made = io.StringIO()
    writer = csv.DictWriter(made, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(tidy(figures, question, today))
    return (BYTE_ORDER_MARK * mark + made.getvalue()).encode()
