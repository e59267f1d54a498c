"""Who comes and who came: the register, ticking, and the meeting tool's report."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotFound, TooLarge, TooMany
from haln.learn import event_access, event_attendance, event_imports, event_reports
from haln.learn.event_attendance import Guest
from haln.learn.event_imports import ReportDone
from haln.views import edge, members, words
from haln.views.errors import say
from haln.views.events.base import Page, blueprint, closed
from haln.views.local_time import zone
from haln.views.members import Person
from haln.views.sets.base import Faults
from haln.views.sets.base import faults as faults_of
from haln.views.speech import gettext, ngettext


@dataclass(frozen=True, slots=True)
class GuestRow:
    """Somebody of an event as whoever records sees them."""

    id: int
    person: Person
    registered: bool
    came: bool


@edge.page(blueprint, "/<public_id>/people", Permission.FORM_SETS, "GET", "POST")
def people(public_id: str) -> Page:
    """Who has a place; when it has begun, who came."""
    faults = Faults()
    ticked: set[int] | None = None
    if request.method == "POST":
        shown, came = _numbers("shown"), _numbers("came")
        try:
            event_attendance.tick(edge.session(), edge.actor(), public_id, shown, came, edge.now())
        except (Invalid, Conflict) as error:
            edge.session().rollback()
            faults, ticked = faults_of(error, ()), set(came)
        else:
            flash(gettext("Who came is recorded."), "success")
            return edge.back("events.one", public_id=public_id)
    found = event_attendance.register(edge.session(), edge.actor(), public_id, edge.now())
    page = render_template(
        "events/people.html",
        public_id=public_id,
        title=found.row.title,
        when=words.span(found.row.starts_at, found.row.ends_at),
        rows=[_row(one, ticked) for one in found.guests],
        open=found.open,
        faults=faults,
    )
    return page, faults.status


@blueprint.url_value_preprocessor
def _read_large_files(endpoint: str | None, _values: dict[str, object] | None) -> None:
    if endpoint == "events.bring":
        request.max_content_length = edge.LARGEST_REQUEST


def _content(file: FileStorage) -> bytes:
    """What the file holds. One byte more than is read tells that there are too many."""
    found: bytes = file.read(event_reports.MOST_BYTES + 1)
    return found


def _done(done: ReportDone) -> str:
    """What a report did, in words."""
    said = [ngettext("%(num)s member came.", "%(num)s members came.", done.members)]
    if before := done.members - done.news:
        known = ngettext("%(num)s of them was recorded before.", "%(num)s of them were recorded before.", before)
        said.append(known)
    rest = ngettext("%(num)s other person is counted.", "%(num)s other people are counted.", done.unknown)
    return " ".join([*said, rest])


def _numbers(name: str) -> list[int]:
    return [number for raw in request.form.getlist(name) if (number := edge.whole(raw)) is not None]


def _row(guest: Guest, ticked: set[int] | None) -> GuestRow:
    came = guest.came if ticked is None else guest.id in ticked
    if guest.person is not None and guest.name:
        drawn = members.person(guest.person, url=url_for("members.page", public_id=guest.person.public_id))
    else:
        drawn = Person(guest.name or gettext("A member you cannot see"), "", "", "", "")
    return GuestRow(guest.id, drawn, guest.registered, came)


@edge.page(blueprint, "/<public_id>/report", Permission.FORM_SETS, "GET", "POST")
def bring(public_id: str) -> Page:
    """Send the meeting tool's report; it is kept, and what it would do is shown."""
    faults = Faults()
    if request.method == "POST":
        file = request.files.get("file")
        try:
            if file is None or not file.filename:
                raise Invalid("Choose a file first.", {"file": "Choose a file first."})
            kept = event_imports.keep(
                edge.session(), edge.actor(), public_id, file.filename, _content(file), zone(), edge.now()
            )
        except TooLarge as error:
            edge.session().rollback()
            faults = Faults((("file", say(error)),), {"file": say(error)}, 422)
        except (Invalid, Conflict, TooMany) as error:
            edge.session().rollback()
            told = faults_of(error, ("file",))
            faults = told if told.of else Faults((("file", say(error)),), {"file": say(error)}, told.status)
        else:
            return edge.back("events.preview", public_id=public_id, file_id=kept)
    row = event_access.recorded(edge.session(), edge.actor(), public_id)
    heading = gettext("Bring in the meeting tool's report")
    if shut := closed(lambda: event_attendance.check_open(row, edge.now()), row, heading):
        return shut
    page = render_template("events/report.html", title=row.title, public_id=public_id, faults=faults)
    return page, faults.status


@edge.page(blueprint, "/<public_id>/report/<file_id>", Permission.FORM_SETS, "GET", "POST")
def preview(public_id: str, file_id: str) -> Page:
    """What the report would do; with an answer for each who may be a member, do it."""
    faults, answers = Faults(), dict[int, str]()
    if request.method == "POST":
        answers = {
            number: value
            for name, value in request.form.items()
            if name.startswith("is-") and (number := edge.whole(name[3:])) is not None
        }
        try:
            done = event_imports.apply_kept(edge.session(), edge.actor(), public_id, file_id, answers, edge.now())
        except Invalid as error:
            edge.session().rollback()
            faults = faults_of(error, tuple(error.fields))
        except (NotFound, Conflict) as error:
            edge.session().rollback()
            flash(say(error), "info")
            return edge.back("events.people", public_id=public_id)
        else:
            flash(_done(done), "success")
            return edge.back("events.people", public_id=public_id)
    shown = event_imports.preview(edge.session(), edge.actor(), public_id, file_id, edge.now())
    page = render_template(
        "events/preview.html",
        public_id=public_id,
        shown=shown,
        when=words.moment(shown.row.starts_at),
        counted=[
            ngettext("member for certain", "members for certain", len(shown.names)),
            ngettext("person to be asked about", "people to be asked about", len(shown.questions)),
            ngettext("other, who is counted", "others, who are counted", shown.unknown),
        ],
        names=[name or gettext("A member you cannot see") for name in shown.names],
        questions=[
            (
                one.number,
                one.written,
                one.name or gettext("A member you cannot see"),
                members.person(one.person).organisation if one.person else "",
                answers.get(one.number, ""),
            )
            for one in shown.questions
        ],
        faults=faults,
    )
    return page, faults.status
