"""Figures and the network for programs: the files of the pages, by a key instead of signing in."""

from __future__ import annotations

from flask import Blueprint
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.views import edge
from haln.views.network import files, outcome_pages, report

blueprint = Blueprint("api", __name__, url_prefix=edge.FOR_PROGRAMS)


@edge.page(blueprint, "/figures.<any(csv,xlsx,json):form>", Permission.SEE_MEASURES)
def published(form: str) -> Response:
    """Give figures that may be published."""
    return files.published(form)


@edge.page(blueprint, "/outcomes.<any(csv,xlsx,json):form>", Permission.SEE_MEASURES)
def came_of_it(form: str) -> Response:
    """Give how often what came of connections, sets and events."""
    return outcome_pages.file(form)


@edge.page(blueprint, "/report.pdf", Permission.SEE_MEASURES)
def report_as_pdf() -> Response:
    """Give the report for a funder."""
    return report.file()


@edge.page(blueprint, "/exact.<any(csv,xlsx,json):form>", Permission.SEE_MEASURES, "POST")
def exact(form: str) -> Response:
    """Give exact figures, and write down who had them."""
    return files.exact(form)


@edge.page(blueprint, "/network.<any(graphml,gexf):form>", Permission.SEE_MEASURES, "POST")
def graph(form: str) -> Response:
    """Give the network itself, and write down who had it."""
    return files.graph(form)


@blueprint.record_once
def _without_form_token(state: BlueprintSetupState) -> None:
    """No browser signs in here by itself: a page elsewhere can have nothing done in somebody's name."""
    state.app.extensions["csrf"].exempt(blueprint)
