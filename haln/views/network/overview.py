"""The network in figures, for staff: as of any day, with their definitions and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import NotFound
from haln.measure import figures
from haln.measure.definitions import BY_KEY, Measure
from haln.measure.figures import Figure
from haln.measure.questions import Question
from haln.views import edge, figure_words, sparklines, words
from haln.views.network import asking, files
from haln.views.speech import gettext
from haln.views.tables import Column

blueprint = Blueprint("network", __name__, url_prefix="/network")
asking.say_what_is_wrong(blueprint)

FIRST = ("members", "ties", "degree_mean", "connected_share", "giant_share", "cross_sector_share")
"""The six figures of the overview."""


See = tuple[str, dict[str, str], Any]

SEE_WHO: See = ("network_gaps.people", {"kind": "holding"}, lazy_gettext("See who"))
SEE_ALONE: See = ("network_gaps.people", {"kind": "alone"}, lazy_gettext("See who has none"))
SEE_GROWTH: See = ("network_growth.growth_page", {}, lazy_gettext("How the network grows"))
SEE_SECTORS: See = ("network_mixing.sectors", {}, lazy_gettext("How sectors mix"))
SEE_REGIONS: See = ("network_mixing.regions", {}, lazy_gettext("How regions mix"))
SEE_PICTURE: See = ("network_picture.picture_page", {}, lazy_gettext("See the picture"))
SEEN: dict[str, See] = {
    **dict.fromkeys(("cut_members", "betweenness_centralisation"), SEE_WHO),
    "connected_share": SEE_ALONE,
    **dict.fromkeys(("members", "joins", "leavers", "ties"), SEE_GROWTH),
    **dict.fromkeys(("cross_sector_share", "sector_ei", "sector_ei_chance", "sector_assortativity"), SEE_SECTORS),
    **dict.fromkeys(("cross_region_share", "region_ei", "region_ei_chance", "region_assortativity"), SEE_REGIONS),
}
"""The page that shows what a figure counts; of all others it is the picture."""

COLUMNS = (
    Column(lazy_gettext("Figure")),
    Column(lazy_gettext("Value"), number=True),
    Column(lazy_gettext("Change")),
    Column(lazy_gettext("In words")),
)
MONTHS = (Column(lazy_gettext("At the end of")), Column(lazy_gettext("Value"), number=True))


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure on a page: as of the day, a year before, and its line over the months."""

    measure: Measure
    title: str
    value: str
    sentence: str
    change: str
    line: sparklines.Line
    url: str


@edge.page(blueprint, "/", Permission.SEE_MEASURES)
def overview() -> str:
    """Show the six figures, then all of them."""
    question, errors = asking.asked()
    found = asking.holder().figures(edge.session(), words.vocabulary(), question)
    shown = {key: _shown(one, question) for key, one in figures.by_measure(found)}
    return render_template(
        "network/overview.html",
        first=[shown[key] for key in FIRST],
        nobody=not any(one.value for one in found if one.measure == "members" and one.as_of == question.as_of),
        others=[one for key, one in shown.items() if key not in FIRST],
        columns=COLUMNS,
        may_correct=edge.actor().may(Permission.MANAGE_MEMBERS),
        **asking.frame(question, errors),
    )


@edge.page(blueprint, "/figures/<key>", Permission.SEE_MEASURES)
def figure(key: str) -> str:
    """Show one figure over the months: its line, its table, and how it is worked out."""
    if key not in BY_KEY:
        raise NotFound("There is no such figure.")
    question, errors = asking.asked()
    found = asking.holder().figures(edge.session(), words.vocabulary(), question, (key,))
    if not found:
        return render_template(
            "network/figure_to_come.html",
            measure=BY_KEY[key],
            title=figure_words.title(key),
            **asking.frame(question, errors),
        )
    known = [one.value for one in found if one.value is not None]
    return render_template(
        "network/figure.html",
        shown=_shown(found, question, wide=True),
        rows=[(words.day(one.as_of), figure_words.value(BY_KEY[key], one.value)) for one in reversed(found)],
        low=figure_words.value(BY_KEY[key], min(known, default=None)),
        high=figure_words.value(BY_KEY[key], max(known, default=None)),
        since=words.day(found[0].as_of),
        columns=MONTHS,
        see=_see(key),
        **asking.frame(question, errors),
    )


@edge.page(blueprint, "/figures.csv", Permission.SEE_MEASURES)
def export() -> Response:
    """Give the figures as a file that may be published: all of them, or one."""
    return files.published("csv")


def _see(key: str) -> tuple[str, str]:
    """Where what a figure counts is shown, and what the link says. A page of a period ends on the figure's day."""
    endpoint, values, label = SEEN.get(key, SEE_PICTURE)
    return asking.address(endpoint, **values), str(label)


def _shown(series: Sequence[Figure], question: Question, wide: bool = False) -> Shown:
    last = series[-1]
    measure = BY_KEY[last.measure]
    size = (720.0, 220.0) if wide else (sparklines.WIDTH, sparklines.HEIGHT)
    earlier = figures.year_before(series)
    sentence = figure_words.sentence(last)
    if last.as_of != question.as_of:
        sentence = f"{sentence} {gettext('This is as of %(day)s.', day=words.day(last.as_of))}"
    return Shown(
        measure,
        gettext(measure.title),
        figure_words.value(measure, last.value),
        sentence,
        "" if earlier is None else figure_words.change(measure, earlier, last),
        sparklines.line([one.value for one in series], *size),
        asking.address("network.figure", key=last.measure),
    )
