"""Rows of figures as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from typing import Protocol

from haln.measure.exports_rows import Row
from haln.people.imports.tables import safe_cell

BYTE_ORDER_MARK = "\ufeff"
COLUMNS = tuple(field.name for field in fields(Row))
HIDDEN = "*"


def as_csv(rows: Sequence[Row], *, mark: bool = False) -> bytes:
    """A CSV file in UTF-8, the same bytes for the same rows; `mark`: with the mark that some spreadsheets ask for.

    What is suppressed reads `*`; what is not defined is empty. No text in it begins like a formula.
    """
    return of_rows(COLUMNS, rows, mark=mark)


class Suppressible(Protocol):
    """A row that may be suppressed."""

    @property
    def suppressed(self) -> bool:
        """Whether it has no value because that was suppressed."""


def of_rows(columns: Sequence[str], rows: Iterable[Suppressible], *, mark: bool = False) -> bytes:
    """A CSV file of rows of any kind whose columns are named: see `as_csv`."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row, name) for name in columns] for row in rows)
    return (BYTE_ORDER_MARK * mark + made.getvalue()).encode()


def _cell(row: Suppressible, name: str) -> str | float | int:
    value = shown(row, name)
    if isinstance(value, bool):
        return int(value)
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return safe_cell(value) if isinstance(value, str) else value


def shown(row: Suppressible, name: str) -> str | float | int | date | None:
    """What a cell shows: HIDDEN for one without anything in it that was suppressed."""
    value: str | float | int | date | None = getattr(row, name)
    hidden = value is None and (name == "n" or (name == "value" and row.suppressed))
    return HIDDEN if hidden else value
