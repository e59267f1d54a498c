"""All sets that somebody answers for, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request, url_for

from haln.access import Permission
from haln.errors import NotFound
from haln.learn import overviews
from haln.learn.overviews import Line, Overview, Sort, Trouble
from haln.people.imports.tables import write_csv
from haln.views import edge, words
from haln.views.local_time import zone
from haln.views.sets.base import blueprint
from haln.views.speech import gettext
from haln.views.tables import Column


@dataclass(frozen=True, slots=True)
class Tab:
    """One choice of sets to look at."""

    label: str
    url: str
    current: bool
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """A set as the table has it."""

    name: str
    url: str
    cohort: str
    facilitator: str
    members: int
    came: str
    share: str
    next: str
    begins: str
    troubles: tuple[str, ...]


def trouble_words() -> dict[Trouble, str]:
    """Why a set needs a look, in words."""
    return {
        Trouble.NO_SESSION: gettext("No session planned"),
        Trouble.FEW_COME: gettext("Few came twice"),
        Trouble.FEW_LEFT: gettext("Fewer than four left"),
        Trouble.QUIET: gettext("Quiet for six weeks"),
    }


@edge.page(blueprint, "/sets", Permission.FORM_SETS)
def index() -> str:
    """Show how one's sets are doing; staff see all."""
    asked = _asked()
    found = overviews.overview(edge.session(), edge.actor(), edge.now(), **asked)
    page = asked["page"]
    more = found.count > page * overviews.PAGE
    return render_template(
        "sets/index.html",
        rows=[_row(line) for line in found.lines],
        columns=_columns(asked),
        tabs=_tabs(asked, found),
        ended=asked["ended"],
        next_url=_url(asked, page=page + 1) if more else "",
        start_url=_url(asked, page=1) if page > 1 else "",
        file_url=_url(asked, "sets.table"),
        any=bool(found.running or found.ended),
    )


@edge.page(blueprint, "/sets.csv", Permission.FORM_SETS)
def table() -> Response:
    """The table as it is filtered and sorted, all of it, as a file."""
    asked = {**_asked(), "page": None}
    found = overviews.overview(edge.session(), edge.actor(), edge.now(), **asked)
    said = trouble_words()
    heads = ["set", "cohort", "facilitator", "members", "sessions held", "came", "next session", "ended", "in trouble"]
    rows = [
        [
            line.name,
            line.cohort or "",
            line.facilitator or "",
            str(line.members),
            str(line.held),
            "; ".join(f"{present} of {expected}" for present, expected in line.came),
            line.next_at.astimezone(zone()).isoformat(timespec="minutes") if line.next_at else "",
            line.ended_on.isoformat() if line.ended_on else "",
            "; ".join(said[one] for one in line.troubles),
        ]
        for line in found.lines
    ]
    headers = {"Content-Disposition": "attachment; filename=sets.csv"}
    return Response(write_csv(heads, rows), mimetype="text/csv", headers=headers)


def _tabs(asked: dict[str, Any], found: Overview) -> list[Tab]:
    running = not asked["ended"] and not asked["only_trouble"]
    tabs = [Tab(gettext("Running"), url_for("sets.index"), running, found.running)]
    if not asked["ended"]:
        address = url_for("sets.index", show="trouble")
        tabs.append(Tab(gettext("In trouble"), address, asked["only_trouble"], found.in_trouble))
    return [*tabs, Tab(gettext("Ended"), url_for("sets.index", show="ended"), asked["ended"], found.ended)]


def _asked() -> dict[str, Any]:
    show, sort = request.args.get("show", ""), request.args.get("sort", Sort.TROUBLE.value)
    if show not in ("", "trouble", "ended") or sort not in set(Sort):
        raise NotFound("There is no such page.")
    page = edge.number_argument("page", 100_000)
    return {
        "ended": show == "ended",
        "only_trouble": show == "trouble",
        "sort": Sort(sort),
        "down": request.args.get("down") == "1",
        "page": max(1, 1 if page is None else page),
    }


def _url(asked: dict[str, Any], endpoint: str = "sets.index", **other: Any) -> str:
    show = "ended" if asked["ended"] else "trouble" if asked["only_trouble"] else None
    kept = {"show": show, "sort": asked["sort"].value, "down": "1" if asked["down"] else None, **other}
    return url_for(endpoint, **kept)


def _columns(asked: dict[str, Any]) -> list[Column]:
    def column(label: str, sort: Sort, number: bool = False) -> Column:
        current = asked["sort"] is sort
        turned = "1" if current and not asked["down"] else None
        way = ("descending" if asked["down"] else "ascending") if current else ""
        return Column(label, number, _url(asked, sort=sort.value, down=turned, page=None), way)

    return [
        column(gettext("Set"), Sort.NAME),
        column(gettext("Members"), Sort.MEMBERS, True),
        column(gettext("Who came, latest last"), Sort.ATTENDANCE),
        Column(gettext("Ended")) if asked["ended"] else column(gettext("Next session"), Sort.NEXT),
        *([] if asked["ended"] else [column(gettext("In trouble"), Sort.TROUBLE)]),
    ]


def _row(line: Line) -> Row:
    said = trouble_words()
    ahead = words.moment(line.next_at, short=True) if line.next_at else ""
    return Row(
        name=line.name,
        url=url_for("sets.workspace", public_id=line.public_id),
        cohort="" if line.name.startswith(line.cohort or "") else line.cohort or "",
        facilitator=line.facilitator or "",
        members=line.members,
        came=" · ".join(f"{present}/{expected}" for present, expected in line.came),
        share=_share(line.share),
        next=words.day(line.ended_on) if line.ended_on else ahead,
        begins=gettext("Begins on %(day)s", day=words.day(line.begins)) if line.begins else "",
        troubles=tuple(said[one] for one in line.troubles),
    )


def _share(share: float | None) -> str:
    if share is None:
        return gettext("Nothing recorded")
    return gettext("%(share)s over all sessions", share=f"{round(share * 100)}%")
