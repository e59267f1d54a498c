"""Rows of figures as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import fields
from datetime import date

from haln.measure.exports_rows import Row
from haln.people.imports.tables import safe_cell

BYTE_ORDER_MARK = "\ufeff"
COLUMNS = tuple(field.name for field in fields(Row))
HIDDEN = "*"


def as_csv(rows: Sequence[Row], *, mark: bool = False) -> bytes:
    """A CSV file in UTF-8, the same bytes for the same rows; `mark`: with the mark that some spreadsheets ask for.

    What is suppressed reads `*`; what is not defined is empty. No text in it begins like a formula.
    """
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(row, name) for name in COLUMNS] for row in rows)
    return (BYTE_ORDER_MARK * mark + made.getvalue()).encode()


def _cell(row: Row, name: str) -> str | float | int:
    value: str | float | int | date | None = getattr(row, name)
    if isinstance(value, bool):
        return int(value)
    if value is None:
        return HIDDEN if is_hidden(row, name) else ""
    if isinstance(value, date):
        return value.isoformat()
    return safe_cell(value) if isinstance(value, str) else value


def is_hidden(row: Row, name: str) -> bool:
    """Whether a cell without anything in it is one that was suppressed."""
    return name == "n" or (name == "value" and row.suppressed)
