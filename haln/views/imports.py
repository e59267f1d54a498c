"""Staff bring members in from a file: send it, look at what would happen, apply it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotFound, TooLarge
from haln.people.imports import applying
from haln.people.imports.columns import ALIASES
from haln.people.imports.planning import Outcome, PlannedRow, refused_file
from haln.people.imports.tables import write_csv
from haln.taxonomy.vocabulary import Vocabulary
from haln.views import edge
from haln.views.errors import say
from haln.views.speech import gettext, ngettext
from haln.views.tables import Column
from haln.views.words import day

blueprint = Blueprint("imports", __name__, url_prefix="/staff/import")

SHOWN = 200
"""Rows of one outcome that the preview lists; all of them are counted and applied."""


def _vocabulary() -> Vocabulary:
    vocabulary: Vocabulary = current_app.extensions["haln_vocabulary"]
    return vocabulary


@edge.page(blueprint, "", Permission.IMPORT_MEMBERS)
def index() -> str:
    """Choose a file."""
    return _choose("")


def _choose(problem: str) -> str:
    return render_template(
        "imports/index.html", problem=problem, columns=list(ALIASES), template_url=url_for("imports.template")
    )


@edge.page(blueprint, "/template.csv", Permission.IMPORT_MEMBERS)
def template() -> Response:
    """A file with the right columns and nothing in it."""
    return _download(write_csv(list(ALIASES), []), "members.csv")


@edge.page(blueprint, "/file", Permission.IMPORT_MEMBERS, "POST")
def bring() -> AnyResponse | tuple[str, int]:
    """Keep the file and show what it would do."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _choose(gettext("Choose a file first.")), 422
    session, actor = edge.session(), edge.actor()
    session.commit()  # nobody waits while the file is read
    try:
        kept = applying.keep(
            session,
            actor,
            file.filename,
            file.read(),
            request.form.get("agreed") == "yes",
            edge.now(),
        )
    except (Invalid, TooLarge) as error:
        return _choose(say(error)), 422
    return edge.back("imports.preview", file_id=kept)


@edge.page(blueprint, "/<file_id>", Permission.IMPORT_MEMBERS)
def preview(file_id: str) -> str:
    """What the file would do, row by row. Nothing is written."""
    shown = applying.preview(edge.session(), edge.actor(), file_id, _vocabulary(), edge.now())
    parts = [(outcome, shown.plan.of(outcome)) for outcome in Outcome]
    return render_template(
        "imports/preview.html",
        file=shown,
        counts=[(words(outcome), len(rows), f"#{outcome.value}") for outcome, rows in parts],
        parts=[(outcome.value, words(outcome), rows[:SHOWN], len(rows), _columns(outcome)) for outcome, rows in parts],
        does_anything=any(rows for outcome, rows in parts if outcome in (Outcome.CREATE, Outcome.UPDATE)),
    )


def words(outcome: Outcome) -> str:
    """The outcome as people read it."""
    said: dict[Outcome, str] = {
        Outcome.REFUSED: gettext("Refused"),
        Outcome.CREATE: gettext("New members"),
        Outcome.UPDATE: gettext("Members with changes"),
        Outcome.UNCHANGED: gettext("Unchanged"),
    }
    return said[outcome]


def _columns(outcome: Outcome) -> list[Column]:
    columns = [Column(gettext("Line"), number=True), Column(gettext("Name")), Column(gettext("E-mail address"))]
    last = {
        Outcome.REFUSED: gettext("What to mend"),
        Outcome.CREATE: gettext("Joined"),
        Outcome.UPDATE: gettext("What changes"),
    }.get(outcome)
    return [*columns, Column(last)] if last else columns


@blueprint.app_template_filter("import_row_words")
def row_words(row: PlannedRow) -> str:
    """The last cell of a preview row: reasons, what changes, or the day on which a new member joined."""
    if row.outcome is Outcome.REFUSED:
        return " ".join(map(say, row.reasons))
    if row.outcome is Outcome.CREATE:
        return day(row.entry.joined) if row.entry.joined else "–"
    return ", ".join(row.changes)


@edge.page(blueprint, "/<file_id>/refused.csv", Permission.IMPORT_MEMBERS)
def refused(file_id: str) -> Response:
    """The refused rows with their reasons, to mend and send again."""
    shown = applying.preview(edge.session(), edge.actor(), file_id, _vocabulary(), edge.now())
    return _download(refused_file(shown.table, shown.plan, say), "refused.csv")


@edge.page(blueprint, "/<file_id>", Permission.IMPORT_MEMBERS, "POST")
def apply(file_id: str) -> AnyResponse:
    """Apply the file; sent twice by a double click, it says so."""
    try:
        report = applying.apply_kept(edge.session(), edge.actor(), file_id, _vocabulary(), edge.now())
    except (NotFound, Conflict):
        flash(gettext("That file was applied already, or is more than a day old. You can send it again."), "info")
        return edge.back("imports.index")
    made = ngettext("%(num)d member was added", "%(num)d members were added", report.created)
    changed = ngettext("%(num)d was changed", "%(num)d were changed", report.updated)
    left = ngettext("%(num)d row was refused", "%(num)d rows were refused", report.refused)
    flash(f"{made}, {changed}, {left}.", "success")
    return edge.back("imports.index")


def _download(content: bytes, name: str) -> Response:
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype="text/csv", headers=headers)
