"""Who applies to a cohort: the list, one of them, add somebody, take somebody out, and the list as a file."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, flash, render_template, request, url_for

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotFound
from haln.learn import (
    applicant_changes,
    applicant_export,
    applicant_places,
    applicants,
    cohort_facilitators,
    pairs,
    slots,
)
from haln.learn.applicant_places import Became, Place
from haln.learn.applicants import SORTS, Applicant
from haln.learn.applications import Answers
from haln.learn.cohorts import changeable
from haln.learn.leading import entrusted
from haln.people import finding
from haln.people.seen import PersonLine
from haln.views import application_forms, edge, members, plan_words, slot_words, words
from haln.views.cohorts.base import Page, blueprint, done_or_refused, head, page_number
from haln.views.cohorts.pairs import pair_words
from haln.views.errors import STATUS, say
from haln.views.layout import Link
from haln.views.leading_back import back_with_reason
from haln.views.speech import gettext
from haln.views.tables import Column


@edge.page(blueprint, "/<public_id>/people", Permission.FORM_SETS)
def people(public_id: str) -> str:
    """Everybody who applies, with what they said."""
    text, sort = request.args.get("q", "").strip()[:200], request.args.get("sort", "")
    sort = sort if sort.removeprefix("-") in SORTS else "name"
    shown = head(public_id, "cohorts.people")
    row, found = applicants.listing(edge.session(), edge.actor(), public_id, text=text, sort=sort, page=page_number())
    places = applicant_places.places_of(edge.session(), row, found.rows, shown.line.asked)
    with_places = row.state == "formed" or bool(places)
    address = url_for("cohorts.people", public_id=public_id)

    def url(**values: Any) -> str:
        kept = {name: value for name, value in {"q": text, "sort": sort, **values}.items() if value}
        kept = {name: value for name, value in kept.items() if (name, value) != ("sort", "name")}
        return f"{address}?{urlencode(kept)}" if kept else address

    return render_template(
        "cohorts/people.html",
        head=shown,
        found=found,
        rows=[(one, _member(one), place_link(places.get(one.member_id))) for one in found.rows],
        columns=_columns(sort, url, shown.line.slots > 0, with_places),
        has_places=with_places,
        text=text,
        sort=sort,
        filters=[Link(url(q=""), f"“{text}”")] if text else [],
        has_slots=shown.line.slots > 0,
        words=words,
        next_url=url(page=found.page + 1) if found.page < found.pages else "",
        start_url=url() if found.page > 1 else "",
        can_change=row.state not in ("formed", "cancelled"),
        trusted=found.trusted,
    )


def place_link(place: Place | None) -> Link:
    """What became of somebody who applied, with the address of their set."""
    if place is None:
        return Link("", "–")
    if place.became is Became.SEATED:
        name = place.name or plan_words.set_name(place.number)
        return Link(url_for("sets.workspace", public_id=place.set_public_id), name)
    said = {
        Became.ASKED: gettext("Asked"),
        Became.LEFT_OVER: gettext("Left over"),
        Became.GONE: gettext("In no set any more"),
    }
    return Link("", said[place.became])


def _columns(sort: str, url: Any, with_times: bool, with_places: bool) -> list[Column]:
    def column(label: str, key: str = "", number: bool = False) -> Column:
        if not key:
            return Column(label, number)
        now = sort.removeprefix("-") == key
        direction = ("descending" if sort.startswith("-") else "ascending") if now else ""
        turned = f"-{key}" if now and not sort.startswith("-") else key
        return Column(label, number, url(sort=turned), direction)

    return [
        column(gettext("Name"), "name"),
        *([column(gettext("Set"))] if with_places else []),
        column(gettext("Organisation"), "organisation"),
        column(gettext("Live issue and themes")),
        *([column(gettext("Times"), "times", number=True)] if with_times else []),
        column(gettext("To know")),
        column(gettext("Applied"), "applied"),
    ]


def _member(one: Applicant) -> members.Person:
    return members.person(one)


@edge.page(blueprint, "/<public_id>/people/<application>", Permission.FORM_SETS)
def person(public_id: str, application: str) -> Page:
    """What one applicant said."""
    shown = head(public_id, "cohorts.people")
    try:
        row, one, chosen = applicants.one(edge.session(), edge.actor(), public_id, application)
    except NotFound as error:  # they have withdrawn meanwhile
        return back_with_reason(error, "cohorts.people")
    every = slots.of_cohort(edge.session(), row.id)
    place = applicant_places.places_of(edge.session(), row, [one], shown.line.asked).get(one.member_id)
    return render_template(
        "cohorts/person.html",
        place=place_link(place) if place else None,
        head=shown,
        one=one,
        person=_member(one),
        facts=_facts(one, [slot_words.short_words(slot) for slot in every if slot.id in chosen], bool(every)),
        pairs=[pair_words(pair) for pair in pairs.of_applicant(edge.session(), edge.actor(), row.id, one.member_id)],
        can_change=row.state not in ("formed", "cancelled"),
        trusted=entrusted(edge.session(), edge.actor(), row.id),
    )


def _facts(one: Applicant, times: list[str], with_times: bool) -> list[tuple[str, str]]:
    entered = {"member": "", "facilitator": gettext("By a facilitator"), "import": gettext("From a file")}
    return [
        (gettext("Live issue"), one.live_issue or "–"),
        (gettext("Themes"), ", ".join(words.label("theme", code) for code in one.themes) or "–"),
        (gettext("Can meet"), ("; ".join(times) or gettext("None of the times")) if with_times else ""),
        (gettext("What they need"), one.access_needs),
        (gettext("Would like to be led by"), one.facilitator or ""),
        (gettext("Left over before"), str(one.priority) if one.priority else ""),
        (gettext("Applied"), words.moment(one.applied_at)),
        (gettext("Entered"), entered.get(one.source, "")),
    ]


@edge.page(blueprint, "/<public_id>/people/<application>/out", Permission.FORM_SETS, "GET", "POST")
def take_out(public_id: str, application: str) -> Page:
    """Ask once more, then take somebody out."""

    def act() -> str:
        name = applicant_changes.take_out(edge.session(), edge.actor(), public_id, application, edge.now())
        return gettext("%(name)s is taken out.", name=name)

    if request.method == "POST":
        return done_or_refused(act, "cohorts.people", public_id=public_id)
    changeable(edge.session(), edge.actor(), public_id)
    try:
        _row, one, _chosen = applicants.one(edge.session(), edge.actor(), public_id, application)
    except NotFound as error:
        return back_with_reason(error, "cohorts.people")
    return render_template("cohorts/take_out.html", public_id=public_id, one=one)


@edge.page(blueprint, "/<public_id>/add", Permission.FORM_SETS, "GET", "POST")
def add_person(public_id: str) -> Page:
    """Find somebody, then enter what they told you."""
    row = changeable(edge.session(), edge.actor(), public_id)
    key = request.values.get("person", "")[:16]
    chosen = finding.chosen(edge.session(), edge.actor().member_id, [key]) if key else []
    if not key:
        return _find_person(public_id)
    if not chosen:
        raise NotFound("There is no such member.")
    problem: Invalid | Conflict | None = None
    if request.method == "POST":
        try:
            new = applicant_changes.put(
                edge.session(),
                edge.actor(),
                public_id,
                key,
                application_forms.sent(),
                words.vocabulary(),
                edge.now(),
            )
        except (Invalid, Conflict) as error:
            edge.session().rollback()
            problem = error
        else:
            said = gettext("%(name)s is added, and told so.") if new else gettext("What you entered is saved.")
            flash(said % {"name": chosen[0].name} if new else said, "success")
            return edge.back("cohorts.people", public_id=public_id)
    page = _enter(public_id, row.id, chosen[0], problem)
    return page, STATUS[type(problem)] if problem else 200


def _find_person(public_id: str) -> str:
    typed = request.args.get("q", "")[:254]
    found = finding.named_or_at(edge.session(), edge.actor().member_id, typed)
    return render_template(
        "cohorts/add_person.html",
        head=head(public_id, "cohorts.people"),
        typed=typed,
        found=[
            members.person(line, url=url_for("cohorts.add_person", public_id=public_id, person=line.public_id))
            for line in found
        ],
    )


def _enter(public_id: str, cohort_id: int, person: PersonLine, problem: Invalid | Conflict | None) -> str:
    """The page on which a facilitator enters what somebody told them."""
    if applicant_changes.wrote_themselves(edge.session(), edge.actor(), public_id, person.id):
        told = say(problem) if problem else ""
        return render_template("cohorts/add_again.html", public_id=public_id, person=person, problem=told)
    leaders = cohort_facilitators.listing(edge.session(), edge.actor(), cohort_id)
    said = application_forms.sent() if request.method == "POST" else _entered(public_id, person)
    return render_template(
        "cohorts/enter.html",
        head=head(public_id, "cohorts.people"),
        person=person,
        drawn=application_forms.draw(
            said,
            slots.of_cohort(edge.session(), cohort_id),
            [(leader.public_id, leader.name) for leader in leaders if leader.sets],
            problem if isinstance(problem, Invalid) else None,
        ),
        problem=say(problem) if isinstance(problem, Conflict) else "",
        trusted=entrusted(edge.session(), edge.actor(), cohort_id),
    )


def _entered(public_id: str, person: PersonLine) -> Answers:
    """What a facilitator entered before, if anything."""
    found = applicants.entered(edge.session(), edge.actor(), public_id, person.id)
    return found or Answers()


@edge.page(blueprint, "/<public_id>/people.csv", Permission.FORM_SETS, "POST")
def export(public_id: str) -> Response:
    """Everybody who applies, as a file. It is a POST: who took it is written down."""
    content = applicant_export.export(
        edge.session(), edge.actor(), public_id, words.label, slot_words.slot_words, edge.now()
    )
    headers = {"Content-Disposition": 'attachment; filename="applicants.csv"'}
    return Response(content, mimetype="text/csv", headers=headers)
