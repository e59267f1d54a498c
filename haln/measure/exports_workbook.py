"""Rows of figures as an Excel workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from haln.measure.definitions import Measure
from haln.measure.exports_about import Said, about, definitions
from haln.measure.exports_csv import COLUMNS, shown
from haln.measure.exports_rows import Asked, Row
from haln.people.imports.tables import safe_cell

if TYPE_CHECKING:
    from openpyxl import Workbook

Sheet = tuple[Sequence[str], Iterable[Sequence[Any]]]
"""The names of the columns, and the rows."""

_WIDTH, _WIDE = 14, 60
_DEFINED = tuple(
    field.name for field in fields(Measure) if field.name not in ("reads", "reads_one", "counts", "published")
)


def as_workbook(rows: Sequence[Row], asked: Asked) -> bytes:
    """A workbook with the figures, their definitions, and a sheet that says what was asked and what was suppressed.

    Days and numbers are typed cells; what is suppressed reads `*`, and what is not defined is empty. No text in it is a
    formula.
    """
    cells = ([shown(row, name) for name in COLUMNS] for row in rows)
    defined = ([getattr(one, name) for name in _DEFINED] for one in definitions(rows))
    return of_sheets("Figures", (COLUMNS, cells), (_DEFINED, defined), about(rows, asked))


def of_sheets(title: str, rows: Sheet, definitions: Sheet, about: Said) -> bytes:
    """A workbook of rows of any kind under a title, their definitions, and what the file says of itself."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book["Sheet"])
    _sheet(book, title, *rows, _WIDTH)
    _sheet(book, "Definitions", *definitions, _WIDTH)
    _sheet(book, "About this file", ("what", "answer"), about.items(), _WIDE)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _sheet(book: Workbook, title: str, columns: Sequence[str], lines: Iterable[Sequence[Any]], width: int) -> None:
    from openpyxl.styles import Font

    sheet = book.create_sheet(title)
    sheet.append(list(columns))
    for line in lines:
        sheet.append([safe_cell(value) if isinstance(value, str) else value for value in line])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
