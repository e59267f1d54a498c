"""The report for a funder: figures fit to be published, with sentences, method and definitions; made to be printed."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask_babel import format_date
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.measure.questions import month_ends
from haln.views import edge, local_time
from haln.views.network import asking, files, report_file, report_words

blueprint = Blueprint("network_report", __name__, url_prefix="/network")
asking.say_what_is_wrong(blueprint)

MONTHS = 12
"""So many of the last months have their report listed."""


@edge.page(blueprint, "/report", Permission.SEE_MEASURES)
def index() -> str:
    """Show the report of a day."""
    question, errors = asking.publishable()
    return render_template(
        "network/report.html",
        told=report_words.report(question, edge.actor().member_id),
        file_url=asking.address("network_report.file") if not errors else "",
        months=_months(),
        **asking.frame(question, errors),
    )


@edge.page(blueprint, "/report.pdf", Permission.SEE_MEASURES)
def file() -> Response:
    """Give the same report as a PDF."""
    return files.answer(report_file.made(asking.exactly(), edge.actor().member_id))


def _months() -> list[tuple[str, str]]:
    """The reports of the last months, each as it was known then: name and address."""
    ends = reversed(month_ends(local_time.today(), MONTHS))
    return [
        (str(format_date(day, "MMMM y")), url_for("network_report.index", as_of=day.isoformat(), known="then"))
        for day in ends
    ]
