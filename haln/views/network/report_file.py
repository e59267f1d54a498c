"""The report as a PDF: the words of the page, typeset in this process, with tags, bookmarks and a language.

The typesetter reads its own template and the words that it is given, which are data to it and never its language. It
asks no address for anything and looks into no folder but its template's.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any

import typst
from flask import Flask
from flask_babel import get_locale

from haln.errors import Busy, TooLarge
from haln.measure.exports import File
from haln.measure.questions import Question
from haln.views import words
from haln.views.network import report_words
from haln.views.network.report_words import Report, Table
from haln.views.speech import gettext, speaking

TEMPLATE = Path(__file__).parents[2] / "templates" / "network" / "report.typ"
TYPE = "application/pdf"

MOST_BYTES = 4 * 1024 * 1024
"""A larger file is not given. A report of everything that may be in it has a tenth of this."""

PATIENCE = 30.0
"""Seconds for which a report waits for another one: a process makes one at a time."""

_LACKING = "could not be displayed with font"
"""What the typesetter says where its typeface lacks a letter."""

_one_at_a_time = Lock()


def set_up(app: Flask) -> None:
    """Let commands make the file that the page gives."""
    app.extensions["haln_report_file"] = spoken


def spoken(question: Question, language: str) -> File:
    """The report in a language, for no one in particular: stories name only whom everybody may see."""
    with speaking(language):
        return made(question, None)


def made(question: Question, viewer_id: int | None) -> File:
    """The report in the reader's language: the same bytes for the same words.

    Raises Invalid as `report_words.report` does, Busy where another report takes too long, TooLarge for one that no
    reader would open.
    """
    told = report_words.report(question, viewer_id)
    content = typeset(_data(told))
    if len(content) > MOST_BYTES:
        raise TooLarge("This report is too large for a file.")
    return File(f"network-report-{question.as_of}.pdf", TYPE, content)


def typeset(data: dict[str, Any]) -> bytes:
    """Typeset what the template reads. Letters that our typeface lacks are taken from this machine's, if it has them.

    Without such letters the file meets PDF/UA-1 and is the same on every machine.
    """
    given = {"report": json.dumps(data, ensure_ascii=False)}
    if not _one_at_a_time.acquire(timeout=PATIENCE):
        raise Busy("Another report is being made. Try again in a minute.")
    try:
        try:
            return _typeset(given, ["ua-1"], ours_alone=True)
        except typst.TypstError as error:
            if _LACKING not in error.message:
                raise
            return _typeset(given, [], ours_alone=False)
    finally:
        _one_at_a_time.release()


def _typeset(given: dict[str, str], standards: list[Any], *, ours_alone: bool) -> bytes:
    content: bytes = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        format="pdf",
        sys_inputs=given,
        pdf_standards=standards,
        ignore_system_fonts=ours_alone,
    )
    return content


def _data(told: Report) -> dict[str, Any]:
    """What the template reads: the report, the words of its headings, and how the network looks."""
    own = words.network()
    return {
        **asdict(told),
        "language": str(get_locale()),
        "network": own.name,
        "accent": own.colours["accent"],
        "all_figures": _table(told.all_figures),
        "groups": [_table(table) for table in told.groups],
        "outcomes": _table(told.outcomes),
        "headings": {
            "figures": gettext("Figures"),
            "outcomes": gettext("What came of it"),
            "method": gettext("Method"),
            "definitions": gettext("Definitions"),
        },
    }


def _table(table: Table) -> dict[str, Any]:
    columns = [{"label": str(column.label), "number": column.number} for column in table.columns]
    return {"caption": table.caption, "columns": columns, "rows": [list(row) for row in table.rows]}
