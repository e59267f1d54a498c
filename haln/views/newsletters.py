"""The newsletter as staff write and send it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotFound
from haln.learn import session_times
from haln.post.newsletters import audience, contents, issues, sending
from haln.views import edge, layout, newsletter_words, words
from haln.views.errors import say
from haln.views.local_time import today, typed_day, typed_hour, zone
from haln.views.sets.base import Faults, faults
from haln.views.speech import gettext, ngettext
from haln.views.tables import Column

blueprint = Blueprint("newsletters", __name__, url_prefix="/newsletters")
_FIELDS = ("heading", "text", "link", "button", "about")
_NOWHERE = "There is no such page, or it is not for you."

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Row:
    """An issue in the lists."""

    subject: str
    url: str
    state: str
    tone: str
    when: str


@edge.page(blueprint, "", Permission.WRITE_NEWSLETTERS)
def index() -> str:
    """List drafts and what waits for its hour; and what has left, page by page."""
    session = edge.session()
    before = None
    if key := request.args.get("before"):
        before = issues.one(session, key).began_at
    left = issues.listed(session, begun=True, before=before)
    more = len(left) > issues.PAGE
    left = left[: issues.PAGE]
    return render_template(
        "newsletters/index.html",
        drafts=[] if before else [_row(one) for one in issues.listed(session, begun=False)],
        left=[_row(one) for one in left],
        columns=[Column(gettext("Issue")), Column(gettext("State")), Column(gettext("When"))],
        next_url=url_for("newsletters.index", before=left[-1].public_id) if more else "",
        start_url=url_for("newsletters.index") if before else "",
    )


def _row(one: Any) -> Row:
    state = str(newsletter_words.STATES[one.state])
    leaves = one.began_at or one.send_at
    changed = gettext("Changed %(moment)s", moment=newsletter_words.hour(one.changed_at))
    return Row(
        one.subject,
        url_for("newsletters.issue", public_id=one.public_id),
        state,
        newsletter_words.TONES.get(one.state, ""),
        newsletter_words.hour(leaves) if leaves else changed,
    )


@edge.page(blueprint, "/new", Permission.WRITE_NEWSLETTERS, "GET", "POST")
def new() -> Page:
    """Begin an issue."""
    subject, wrong = "", Faults()
    if request.method == "POST":
        subject = request.form.get("subject", "")
        try:
            key = issues.start(edge.session(), edge.actor(), subject, edge.now())
        except Invalid as error:
            wrong = faults(error, ("subject",))
        else:
            return edge.back("newsletters.issue", public_id=key)
    page = render_template("newsletters/new.html", subject=subject, faults=wrong)
    return page, wrong.status


@edge.page(blueprint, "/<public_id>", Permission.WRITE_NEWSLETTERS)
def issue(public_id: str) -> str:
    """Show an issue: a draft with its blocks and what can be done, one that left with how its letters fare."""
    session, now = edge.session(), edge.now()
    row = issues.one(session, public_id)
    pieces = contents.pieces(session, row.blocks, now)
    leaves = row.state in (issues.DRAFT, issues.SCHEDULED)
    count = audience.count(session, audience.of(row), words.vocabulary()) if leaves else 0
    figures = None if leaves or row.state == issues.REMOVED else sending.figures(session, row)
    waiting = figures.get("waiting", 0) if figures else 0
    out = contents.pieces(session, [{**one, "removed": False} for one in row.blocks if one.get("removed")], now)
    return render_template(
        "newsletters/issue.html",
        row=row,
        stand=issues.stand(row),
        pieces=pieces,
        out=out,
        gone=[one for one in pieces if one.gone],
        state=newsletter_words.STATES[row.state],
        tone=newsletter_words.TONES.get(row.state, ""),
        people=newsletter_words.people(audience.told(count, _threshold())),
        segment=newsletter_words.segment(audience.of(row).codes, layout.LANGUAGE_NAMES),
        figures={} if figures is None else _figures(figures),
        stoppable=row.state == issues.SENDING or (row.state == issues.SENT and waiting > 0),
        adding=newsletter_words.ADDING,
        newsletter_words=newsletter_words,
        words=words,
    )


def _figures(counted: Mapping[str, int]) -> dict[str, str]:
    """Numbers as staff may read them. Whether any did not arrive is not told: an address that is stopped is named."""
    sure = {name: audience.told(counted.get(name, 0), _threshold()) for name in ("sent", "waiting", "held")}
    unsure = ("cancelled", "failed", "returned", "complained")
    shown = {**sure, **{name: audience.few(counted.get(name, 0), _threshold()) for name in unsure}}
    return {name: newsletter_words.number(value) for name, value in shown.items()}


def _threshold() -> int:
    return int(current_app.config["SMALL_NUMBER"])


@edge.page(blueprint, "/<public_id>/test", Permission.WRITE_NEWSLETTERS, "POST")
def send_test(public_id: str) -> Response:
    """Send the issue to who asks for it, and nobody else."""
    try:
        issues.send_test(edge.session(), edge.actor(), public_id, edge.now())
    except Conflict as error:
        flash(say(error), "warning")
    else:
        flash(gettext("A test is on its way to your own address, and to nobody else."), "success")
    return edge.back("newsletters.issue", public_id=public_id)


@edge.page(blueprint, "/<public_id>/schedule", Permission.WRITE_NEWSLETTERS, "GET", "POST")
def schedule(public_id: str) -> Page:
    """Say when it leaves, having seen whom it goes to and what is left out."""
    session, wrong = edge.session(), Faults()
    row = issues.one(session, public_id)
    day, begins, seen = today().isoformat(), "", request.args.get("seen") or issues.stand(row)
    if request.method == "POST":
        day, begins, seen = (request.form.get(name, "").strip() for name in ("day", "begins", "seen"))
        try:
            _schedule(public_id, day, begins, seen, at_once=request.form.get("do") == "now")
        except (Invalid, Conflict) as error:
            wrong = faults(error, ("day", "begins"))
        else:
            return edge.back("newsletters.issue", public_id=public_id)
    pieces = contents.pieces(session, row.blocks, edge.now())
    count = audience.count(session, audience.of(row), words.vocabulary())
    page = render_template(
        "newsletters/schedule.html",
        row=row,
        day=day,
        begins=begins,
        seen=seen,
        gone=[one for one in pieces if one.gone],
        empty=not pieces,
        nobody=count == 0,
        people=newsletter_words.people(audience.told(count, _threshold())),
        segment=newsletter_words.segment(audience.of(row).codes, layout.LANGUAGE_NAMES),
        faults=wrong,
        back_url=url_for("newsletters.issue", public_id=public_id),
    )
    return page, wrong.status


def _schedule(public_id: str, day: str, begins: str, seen: str, *, at_once: bool) -> None:
    at = edge.now()
    if not at_once:
        on_day, hour, missing = typed_day(day), typed_hour(begins), {}
        if on_day is None:
            missing["day"] = "Choose a day."
        if hour is None:
            missing["begins"] = "Enter an hour, like 14:00."
        if on_day is None or hour is None:
            raise Invalid(next(iter(missing.values())), missing)
        at = session_times.moment(on_day, hour, zone())
    sending.schedule(edge.session(), edge.actor(), public_id, at, seen, edge.now())
    if at_once:
        flash(gettext("It leaves now. You can stop it until its last letter has left."), "success")
    else:
        flash(gettext("It leaves on %(moment)s. Until then you can take it back.", moment=words.moment(at)), "success")


_ASKED = ("stop", "remove")


@edge.page(blueprint, "/<public_id>/act", Permission.WRITE_NEWSLETTERS, "GET", "POST")
def act(public_id: str) -> Page:
    """Take an issue back, stop it on the way once asked about, take a draft away, or bring it back."""
    session, actor, now = edge.session(), edge.actor(), edge.now()
    if request.method == "GET":
        wanted = request.args.get("do", "")
        if wanted not in _ASKED:
            raise NotFound(_NOWHERE)
        return render_template("newsletters/confirm.html", row=issues.one(session, public_id), act=wanted)
    wanted = request.form.get("do", "")
    try:
        if wanted == "take_back":
            sending.take_back(session, actor, public_id, now)
            flash(gettext("It is a draft again, and does not leave."), "success")
        elif wanted == "stop":
            stay = sending.stop(session, actor, public_id, now)
            _say_stopped(stay)
        elif wanted in ("remove", "back"):
            issues.remove(session, actor, public_id, removed=wanted == "remove", now=now)
        else:
            raise NotFound(_NOWHERE)
    except Conflict as error:
        flash(say(error), "warning")
    return edge.back("newsletters.issue", public_id=public_id)


def _say_stopped(stay: int) -> None:
    shown = audience.told(stay, _threshold())
    told = gettext("Stopped. What has left has left.")
    if shown:
        told += " " + ngettext("About %(num)s letter stays.", "About %(num)s letters stay.", shown)
    flash(told, "success")
