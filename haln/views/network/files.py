"""The network as files, for staff: figures to publish, and exact figures and the network itself for staff alone."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, current_app, render_template, request
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Invalid
from haln.measure import exports
from haln.measure.definitions import BY_KEY
from haln.measure.exports import File
from haln.measure.exports_rows import Asked
from haln.views import edge, local_time
from haln.views.network import asked_words, asking
from haln.views.speech import gettext

blueprint = Blueprint("network_files", __name__, url_prefix="/network/files")
asking.say_what_is_wrong(blueprint)

FORMATS = {"csv": "CSV", "xlsx": "Excel", "json": "JSON", "graphml": "GraphML", "gexf": "GEXF"}
ALL = "all"
"""Broken down by every kind of group."""

BROKEN_DOWN_BY = ("", ALL, *exports.BY)


@edge.page(blueprint, "/", Permission.SEE_MEASURES)
def index() -> str:
    """Show which files there are of what is asked for, what each holds and who may have it."""
    question, errors = asking.asked()
    by, wrong = request.args.get("by", ""), {}
    if by not in BROKEN_DOWN_BY:
        by, wrong = "", {"by": gettext("Choose one of the list.")}
    frame = asking.frame(question, {**errors, **wrong})
    return render_template(
        "network/files.html",
        formats=FORMATS,
        figures=list(exports.FIGURES),
        graphs=list(exports.GRAPHS),
        columns=exports.COLUMNS,
        small=Asked(question, local_time.today(), asking.threshold()).hidden_to,
        of_whom=asked_words.narrowed(question),
        files_given=frame["given"] | ({"by": by} if by else {}),
        broken_down=_broken_down(),
        by=by,
        **frame,
    )


@edge.page(blueprint, "/figures.<any(csv,xlsx,json):form>", Permission.SEE_MEASURES)
def published(form: str) -> Response:
    """Give figures that may be published: all of them, or one."""
    return answer(_figures(asked(), form))


@edge.page(blueprint, "/exact.<any(csv,xlsx,json):form>", Permission.SEE_MEASURES, "POST")
def exact(form: str) -> Response:
    """Give exact figures, and write down who had them."""
    question = asked(exact=True)
    return _recorded(question, lambda: _figures(question, form))


@edge.page(blueprint, "/network.<any(graphml,gexf):form>", Permission.SEE_MEASURES, "POST")
def graph(form: str) -> Response:
    """Give the network itself, and write down who had it."""
    question = asked(exact=True)
    return _recorded(question, lambda: exports.network_file(asking.held(), question, form))


def _broken_down() -> list[tuple[str, str]]:
    """What figures may be told of besides everybody."""
    return [
        ("", gettext("Nothing: figures of everybody")),
        ("audience", gettext("Without staff and facilitators")),
        ("evidence", gettext("What connections rest on")),
        ("sector", gettext("Sector")),
        ("region", gettext("Nation or region")),
        (ALL, gettext("All of these")),
    ]


def asked(*, exact: bool = False) -> Asked:
    """What the address or the form asks for.

    Raises Invalid for a question that cannot be answered.
    """
    key = request.values.get("figure", "")
    if key and key not in BY_KEY:
        raise Invalid("There is no such figure.", {"figure": "There is no such figure."})
    return Asked(asking.exactly(), local_time.today(), asking.threshold(), (key,) if key else (), exact, _by())


def _by() -> tuple[str, ...]:
    chosen = request.values.get("by", "")
    if chosen not in BROKEN_DOWN_BY:
        raise Invalid("Choose one of the list.", {"by": "Choose one of the list."})
    return exports.BY if chosen == ALL else tuple(one for one in exports.BY if one == chosen)


def answer(file: File) -> Response:
    """The file, to be kept."""
    named = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, mimetype=file.mimetype, headers=named)


def _figures(question: Asked, form: str) -> File:
    return asking.figures_file(question, form, mark=request.values.get("mark") == "yes")


def _recorded(question: Asked, make: Callable[[], File]) -> Response:
    """Make a file, while everybody else can save, and write down who had it before it leaves."""
    session, actor = edge.session(), edge.actor()
    session.commit()
    with current_app.extensions["haln_reading"]():
        file = make()
        session.rollback()
    exports.record(session, actor.member_id, question, file, edge.now())
    return answer(file)
