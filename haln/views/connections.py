"""Connections: who one knows, how closely, how one is connected with others, and whom one has blocked."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.connect import blocks, connections, pairs, paths
from haln.connect.connections import Tie
from haln.people.seen import PersonLine
from haln.views import edge, meetings, members, words
from haln.views.speech import gettext

blueprint = Blueprint("connections", __name__)


@dataclass(frozen=True, slots=True)
class TieRow:
    """A connection as the page draws it."""

    public_id: str
    person: members.Person
    evidence: str
    intensity: int
    since: str
    meeting: meetings.Told | None


def evidence_words() -> list[tuple[str, str]]:
    """What a connection may rest on, in words."""
    return [
        ("introduced", gettext("Introduced here")),
        ("declared", gettext("Knew each other already")),
        ("met", gettext("Met in person or online")),
        ("co_attended", gettext("Went to the same event")),
        ("set_mates", gettext("Were in the same learning set")),
        ("collaborated", gettext("Worked on something together")),
    ]


def intensity_words() -> list[tuple[int, str]]:
    """How closely two may work together, in words."""
    return [
        (1, gettext("We know of each other")),
        (2, gettext("We share what we learn")),
        (3, gettext("We plan things together")),
        (4, gettext("We run something together")),
    ]


@edge.page(blueprint, "/connections", Permission.NETWORK)
def index() -> str:
    """Show one's connections by name."""
    session, actor = edge.session(), edge.actor()
    after = request.args.get("after") or None
    page = connections.mine(session, actor, after)
    told = meetings.told(tie.person.id for tie in page.ties)
    return render_template(
        "connections/index.html",
        ties=[_row(tie, told.get(tie.person.id)) for tie in page.ties],
        asked=[] if after else meetings.asked(),
        met_words=meetings.met_words(),
        touch_words=meetings.touch_words(),
        count=connections.count(session, actor),
        next_url=url_for("connections.index", after=page.next) if page.next else "",
        start_url=url_for("connections.index") if after else "",
        evidence=evidence_words(),
        intensities=intensity_words(),
    )


def _row(tie: Tie, meeting: meetings.Told | None) -> TieRow:
    who = person(tie.person)
    return TieRow(tie.person.public_id, who, tie.evidence, tie.intensity, words.day(tie.since), meeting)


def person(line: PersonLine, tie: str = "") -> members.Person:
    """A person with a link to their page."""
    return members.person(line, url=url_for("members.page", public_id=line.public_id), tie=tie)


@edge.page(blueprint, "/connections/<public_id>/intensity", Permission.NETWORK, "POST")
def intensity(public_id: str) -> Response:
    """Say how closely the two work together, and what the connection rests on."""
    chosen = request.form.get("intensity", "")
    connections.change(
        edge.session(),
        edge.actor(),
        public_id,
        int(chosen) if chosen in {"1", "2", "3", "4"} else 0,
        request.form.get("evidence", ""),
        edge.now(),
    )
    flash(gettext("Saved."), "success")
    return edge.back("connections.index")


@edge.page(blueprint, "/connections/<public_id>/end", Permission.NETWORK, "GET", "POST")
def end(public_id: str) -> str | Response:
    """End a connection, once more asked."""
    if request.method == "POST":
        connections.end(edge.session(), edge.actor(), public_id, edge.now())
        flash(gettext("The connection is ended. Nobody is told."), "success")
        return edge.back("connections.index")
    tie = connections.tie(edge.session(), edge.actor(), public_id)
    return render_template("connections/end.html", name=tie.person.name, public_id=public_id)


@edge.page(blueprint, "/people/<public_id>/path", Permission.NETWORK)
def path(public_id: str) -> str:
    """Show through whom the member is connected with somebody."""
    found = paths.between(edge.session(), edge.actor(), public_id, edge.now())
    last = len(found.chain) - 1
    return render_template(
        "connections/path.html",
        other=person(found.other),
        public_id=public_id,
        chain=[
            person(one, gettext("is connected with") if place < last else "") for place, one in enumerate(found.chain)
        ],
        steps=last,
    )


@edge.page(blueprint, "/people/<public_id>/block", Permission.NETWORK, "GET", "POST")
def block(public_id: str) -> str | Response:
    """Block a member, once more asked."""
    if request.method == "POST":
        name = blocks.block(edge.session(), edge.actor(), public_id, edge.now())
        flash(gettext("%(name)s is blocked. Neither of you sees the other.", name=name), "success")
        return edge.back("connections.blocked")
    them = pairs.party(edge.session(), edge.actor().member_id, public_id)
    return render_template("connections/block.html", name=them.name, public_id=public_id)


@edge.page(blueprint, "/people/<public_id>/unblock", Permission.NETWORK, "POST")
def unblock(public_id: str) -> Response:
    """Take a block back."""
    blocks.unblock(edge.session(), edge.actor(), public_id, edge.now())
    flash(gettext("The block is taken back."), "success")
    return edge.back("connections.blocked")


@edge.page(blueprint, "/connections/blocked", Permission.NETWORK)
def blocked() -> str:
    """Show whom the member has blocked."""
    found = blocks.mine(edge.session(), edge.actor())
    return render_template(
        "connections/blocked.html",
        rows=[
            {
                "name": one.name or gettext("Somebody who can no longer be found"),
                "since": words.day(one.since),
                "url": url_for("connections.unblock", public_id=one.public_id),
            }
            for one in found
        ],
    )
