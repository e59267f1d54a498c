"""The network as a picture and as a map, for staff, with the same facts in sentences and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, current_app, jsonify, render_template, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.measure import picture, picture_layout, picture_map, picture_names
from haln.measure.picture import Dot, Stop
from haln.measure.picture_names import Named
from haln.measure.questions import Question
from haln.people import registers
from haln.views import edge, words
from haln.views.network import asking, picture_regions, picture_words
from haln.views.network.tabs import Tab
from haln.views.speech import gettext

blueprint = Blueprint("network_picture", __name__, url_prefix="/network")


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the legend: a group by its code (empty: not known) and name, and how many are in it on the day."""

    code: str
    label: str
    members: str


@edge.page(blueprint, "/picture", Permission.SEE_MEASURES)
def picture_page() -> str:
    """Show the network on the day: the picture, and the same in words and numbers."""
    question, errors = asking.asked()
    found, more, _ = _seen(question)
    drawn = picture_layout.stored(edge.session())
    return render_template(
        "network/picture.html",
        drawn=drawn is not None,
        drawn_on="" if drawn is None else words.day(drawn.made_at),
        told=picture_words.told(found[-1], more[-1]),
        anybody=any(stop.members for stop in found),
        last=len(found) - 1,
        legend=_legend(found),
        months=[(picture_words.short(one.day), _on(one), picture_words.month(one)) for one in reversed(found)],
        columns=picture_words,
        source=asking.address("network_picture.data"),
        **_frame(question, errors, "network_picture.picture_page"),
    )


@edge.page(blueprint, "/picture.json", Permission.SEE_MEASURES)
def data() -> Response:
    """Give what the picture draws, at every stop of its slider: those whom the gate lets it name, and nobody else."""
    question, _ = asking.asked()
    found, more, names = _seen(question)
    drawn = picture_layout.stored(edge.session())
    told = picture.drawing(asking.held().among(names), question, drawn.places if drawn else {})
    pages = url_for("members.page", public_id="0").removesuffix("0")
    return jsonify(
        stops=[_stop(one, number) for one, number in zip(found, more, strict=True)],
        groups=[*told.names, ""],
        dots=[_dot(one) for one in told.dots],
        lines=[[*ends, _runs(runs)] for ends, runs in zip(told.lines, told.tied, strict=True)],
        names=[[names[dot.member].name, pages + names[dot.member].public_id] for dot in told.dots],
    )


@edge.page(blueprint, "/picture/regions", Permission.SEE_MEASURES)
def regions() -> str:
    """Show where members are: the map of nations and regions, and the same as a table."""
    question, errors = asking.asked()
    found = picture.on_day(asking.held(), question, "region")
    shapes = picture_map.read(registers.folder_of(str(current_app.config["REGISTERS"])))
    return render_template(
        "network/picture_regions.html",
        told=picture_regions.told(found, shapes),
        box=shapes.box if shapes else "",
        attribution=registers.attribution(registers.folder_of(str(current_app.config["REGISTERS"]))),
        columns=picture_regions.COLUMNS,
        **_frame(question, errors, "network_picture.regions"),
    )


def _frame(question: Any, errors: Any, current: str) -> dict[str, Any]:
    views = (
        ("network_picture.picture_page", gettext("Connections")),
        ("network_picture.regions", gettext("Nations and regions")),
    )
    tabs = [Tab(label, asking.address(endpoint), endpoint == current) for endpoint, label in views]
    return {"tabs": tabs, "action": url_for(current), **asking.frame(question, errors)}


def _on(stop: Stop) -> str:
    return asking.address("network_picture.picture_page", as_of=stop.day.isoformat())


def _legend(found: Iterable[Stop]) -> list[Key]:
    """Every group that has somebody at a stop, with its members on the last."""
    members: dict[str, int] = {}
    for stop in found:
        members = dict.fromkeys(members, 0) | {group.code or "": group.members for group in stop.groups}
    order = sorted(members, key=lambda code: (not code, code))
    return [Key(code, picture_words.group_label(code), picture_words.whole(members[code])) for code in order]


def _seen(question: Question) -> tuple[Sequence[Stop], Sequence[int | None], Mapping[int, Named]]:
    """The facts of what is drawn before the reader, about how many more there are at each stop, and who is drawn."""
    versions = asking.held()
    names = picture_names.names(edge.session(), edge.actor().member_id)
    found = picture.stops(versions.among(names), question)
    return found, picture.undrawn(versions, question, found, asking.threshold()), names


def _stop(stop: Stop, more: int | None) -> dict[str, Any]:
    """A stop for the script: numbers, and the words that the page has for them."""
    return {
        "on": stop.day.isoformat(),
        "members": stop.members,
        "ties": stop.ties,
        "groups": {group.code or "": group.members for group in stop.groups},
        **asdict(picture_words.told(stop, more)),
    }


def _dot(dot: Dot) -> list[Any]:
    return [round(dot.x, 1), round(dot.y, 1), [[run.first, run.last, run.group] for run in dot.runs]]


def _runs(runs: Iterable[Any]) -> list[list[int]]:
    return [[run.first, run.last] for run in runs]
