"""The network as files, for staff: figures to publish, and exact figures and the network itself for staff alone."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Invalid
from haln.measure import exports, questions
from haln.measure.exports import File
from haln.measure.exports_rows import Asked
from haln.views import edge, local_time, words
from haln.views.network import asking
from haln.views.speech import gettext

blueprint = Blueprint("network_files", __name__, url_prefix="/network/files")
asking.say_what_is_wrong(blueprint)

FORMATS = {"csv": "CSV", "xlsx": "Excel", "json": "JSON", "graphml": "GraphML", "gexf": "GEXF"}
ALL = "all"
"""Broken down by every kind of group."""


@edge.page(blueprint, "/", Permission.SEE_MEASURES)
def index() -> str:
    """Show which files there are of what is asked for, what each holds and who may have it."""
    found, wrong = _asked_or_why_not()
    question = found.question
    kept = {} if wrong else {name: request.args[name] for name in asking.ASKED if request.args.get(name)}
    return render_template(
        "network/files.html",
        formats=FORMATS,
        figures=list(exports.FIGURES),
        graphs=list(exports.GRAPHS),
        columns=exports.COLUMNS,
        small=found.hidden_to,
        unfit="" if question.publishable else asking.unfit(),
        errors=wrong,
        asked_before=kept,
        given=kept | ({"by": request.args["by"]} if found.by else {}),
        broken_down=_broken_down(),
        by=request.args.get("by", ""),
        filter=found.filter,
        as_of=words.day(question.as_of),
        known_on=words.day(found.known_on(question.as_of)),
    )


@edge.page(blueprint, "/figures.<any(csv,xlsx,json):form>", Permission.SEE_MEASURES)
def published(form: str) -> Response:
    """Give figures that may be published: all of them, or one."""
    return answer(_figures(asked(), form))


@edge.page(blueprint, "/exact.<any(csv,xlsx,json):form>", Permission.SEE_MEASURES, "POST")
def exact(form: str) -> Response:
    """Give exact figures, and write down who had them."""
    question = asked(exact=True)
    return _recorded(question, _figures(question, form))


@edge.page(blueprint, "/network.<any(graphml,gexf):form>", Permission.SEE_MEASURES, "POST")
def graph(form: str) -> Response:
    """Give the network itself, and write down who had it."""
    question = asked(exact=True)
    return _recorded(question, exports.network_file(asking.held(), question, form))


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
    return Asked(asking.exactly(), local_time.today(), asking.threshold(), (key,) if key else (), exact, _by())


def _asked_or_why_not() -> tuple[Asked, list[str]]:
    """What the address asks for; where it cannot be, everything as of today, and what is wrong with each word."""
    try:
        return asked(), []
    except Invalid as error:
        why = [
            f"{field}={request.args.get(field, '')}: {gettext(sentence)}" for field, sentence in error.fields.items()
        ]
        today = local_time.today()
        return Asked(questions.Question(today), today, asking.threshold()), why


def _by() -> tuple[str, ...]:
    chosen = request.values.get("by", "")
    if chosen not in ("", ALL, *exports.BY):
        raise Invalid("Choose one of the list.", {"by": "Choose one of the list."})
    return exports.BY if chosen == ALL else tuple(one for one in exports.BY if one == chosen)


def answer(file: File) -> Response:
    """The file, to be kept."""
    named = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, mimetype=file.mimetype, headers=named)


def _figures(question: Asked, form: str) -> File:
    return asking.figures_file(question, form, mark=request.values.get("mark") == "yes")


def _recorded(question: Asked, file: File) -> Response:
    exports.record(edge.session(), edge.actor().member_id, question, file, edge.now())
    return answer(file)
