"""Bring applicants in from a file: send it, look at what would happen, apply it."""

from __future__ import annotations

from flask import Response, flash, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotFound, TooLarge
from haln.learn import applicant_imports, slots
from haln.learn.applicant_entries import ALIASES, time_name
from haln.learn.applicant_plans import PlannedApplicant, refused_file
from haln.learn.cohorts import changeable
from haln.people.imports.planning import Outcome
from haln.people.imports.tables import write_csv
from haln.views import edge, words
from haln.views.cohorts.base import Page, blueprint, head
from haln.views.errors import STATUS, say
from haln.views.local_time import zone
from haln.views.speech import gettext, ngettext
from haln.views.tables import Column

SHOWN = 200
"""Rows of one outcome that the preview lists; all of them are counted and applied."""


@edge.page(blueprint, "/<public_id>/import", Permission.FORM_SETS, "GET", "POST")
def bring(public_id: str) -> Page:
    """Choose a file; it is kept, and what it would do is shown."""
    row = changeable(edge.session(), edge.actor(), public_id)
    problem, code = "", 200
    if request.method == "POST":
        file = request.files.get("file")
        try:
            if file is None or not file.filename:
                raise Invalid("Choose a file first.")
            kept = applicant_imports.keep(
                edge.session(),
                edge.actor(),
                public_id,
                file.filename,
                file.read(),
                words.vocabulary(),
                zone(),
                edge.now(),
            )
        except (Invalid, TooLarge, Conflict) as error:
            edge.session().rollback()
            problem, code = say(error), STATUS[Invalid] if isinstance(error, TooLarge) else STATUS[type(error)]
        else:
            return edge.back("cohorts.preview", public_id=public_id, file_id=kept)
    names = [time_name(slot, zone()) for slot in slots.of_cohort(edge.session(), row.id)]
    page = render_template(
        "cohorts/import.html",
        head=head(public_id, "cohorts.people"),
        problem=problem,
        columns=list(ALIASES),
        times=names,
    )
    return page, code


@edge.page(blueprint, "/<public_id>/import/template.csv", Permission.FORM_SETS)
def import_template(public_id: str) -> Response:
    """A file with the right columns and nothing in it."""
    changeable(edge.session(), edge.actor(), public_id)
    return _download(write_csv(list(ALIASES), []), "applicants.csv")


@edge.page(blueprint, "/<public_id>/import/<file_id>", Permission.FORM_SETS)
def preview(public_id: str, file_id: str) -> str:
    """What the file would do, row by row. Nothing is written."""
    shown = applicant_imports.preview(
        edge.session(), edge.actor(), public_id, file_id, words.vocabulary(), zone(), edge.now()
    )
    parts = [(outcome, shown.plan.of(outcome)) for outcome in Outcome]
    return render_template(
        "cohorts/import_preview.html",
        head=head(public_id, "cohorts.people"),
        file=shown,
        counts=[(outcome_words(outcome), len(rows), f"#{outcome.value}") for outcome, rows in parts],
        parts=[
            (
                outcome.value,
                outcome_words(outcome),
                [(row, _last(row)) for row in rows[:SHOWN]],
                len(rows),
                _columns(outcome, any(row.remarks for row in rows)),
            )
            for outcome, rows in parts
        ],
        does_anything=any(rows for outcome, rows in parts if outcome in (Outcome.CREATE, Outcome.UPDATE)),
    )


def outcome_words(outcome: Outcome) -> str:
    """The outcome as people read it."""
    said: dict[Outcome, str] = {
        Outcome.REFUSED: gettext("Refused"),
        Outcome.CREATE: gettext("New applicants"),
        Outcome.UPDATE: gettext("Applicants with changes"),
        Outcome.UNCHANGED: gettext("Unchanged"),
    }
    return said[outcome]


def _columns(outcome: Outcome, remarked: bool) -> list[Column]:
    columns = [Column(gettext("Line"), number=True), Column(gettext("Name")), Column(gettext("E-mail address"))]
    last = {Outcome.REFUSED: gettext("What to mend"), Outcome.UPDATE: gettext("What changes")}.get(outcome)
    last = last or (gettext("To know") if remarked else None)
    return [*columns, Column(last)] if last else columns


def _last(row: PlannedApplicant) -> str:
    """The last cell of a row: reasons, or what changes, and what cannot be kept of it."""
    if row.outcome is Outcome.REFUSED:
        return " ".join(map(say, row.reasons))
    changes = ", ".join(row.changes) if row.outcome is Outcome.UPDATE else ""
    return " ".join((f"{changes}." if changes and row.remarks else changes, *map(say, row.remarks))).strip()


@edge.page(blueprint, "/<public_id>/import/<file_id>/refused.csv", Permission.FORM_SETS)
def refused(public_id: str, file_id: str) -> Response:
    """The refused rows with their reasons, to mend and send again."""
    shown = applicant_imports.preview(
        edge.session(), edge.actor(), public_id, file_id, words.vocabulary(), zone(), edge.now()
    )
    return _download(refused_file(shown.table, shown.plan, say), "refused.csv")


@edge.page(blueprint, "/<public_id>/import/<file_id>", Permission.FORM_SETS, "POST")
def apply_file(public_id: str, file_id: str) -> AnyResponse:
    """Apply the file; sent twice by a double click, it says so."""
    changeable(edge.session(), edge.actor(), public_id)
    try:
        report = applicant_imports.apply_kept(
            edge.session(), edge.actor(), public_id, file_id, words.vocabulary(), zone(), edge.now()
        )
    except (NotFound, Conflict) as error:
        edge.session().rollback()
        flash(say(error), "info")
        return edge.back("cohorts.bring", public_id=public_id)
    made = ngettext("%(num)d person was added", "%(num)d people were added", report.created)
    changed = ngettext("%(num)d was changed", "%(num)d were changed", report.updated)
    left = ngettext("%(num)d row was refused", "%(num)d rows were refused", report.refused)
    flash(f"{made}, {changed}, {left}.", "success")
    return edge.back("cohorts.people", public_id=public_id)


def _download(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype="text/csv", headers=headers)
