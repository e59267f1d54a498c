"""One topic: reading it, backing it, taking that back, and moving one's own backing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict
from haln.learn import topic_backings, topic_pages
from haln.learn.topic_comments import Said
from haln.learn.topic_pages import Answer, Outcome
from haln.people.markdown import to_html
from haln.views import edge, words
from haln.views.errors import say
from haln.views.members import Person
from haln.views.sets.base import Faults
from haln.views.speech import gettext, ngettext
from haln.views.topics.base import KINDS, backers, blueprint, nobody, on_day, person, rules, states

LAST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment as the page draws it. `note`: that it was changed, withdrawn or hidden, and why."""

    id: str
    person: Person
    when: str
    html: Markup | str
    note: str
    why: str
    mine: bool
    may_change: bool
    may_hide: bool
    may_show: bool


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer to a topic."""

    person: Person
    when: str
    html: Markup


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What came of a topic. `ask_url`: whom to ask to it, for who runs it."""

    url: str
    title: str
    icon: str
    told: str
    waits: bool
    ask_url: str


@edge.page(blueprint, "/<public_id>", Permission.NETWORK)
def one(public_id: str) -> str:
    """Read a topic."""
    return drawn(public_id)


def drawn(public_id: str, typed: str = "", faults: Faults | None = None) -> str:
    """A topic's page; with what somebody typed and could not be said."""
    number = max(1, min(edge.number_argument("page") or 1, LAST_PAGE))
    found = topic_pages.page(edge.session(), edge.actor(), public_id, number, rules())
    row = found.row
    answers = [_answer(one) for one in found.answers]
    return render_template(
        "topics/one.html",
        public_id=public_id,
        title=row.title,
        state=row.state,
        state_words=states()[row.state],
        state_kind=KINDS[row.state],
        alive=found.alive,
        html=to_html(row.text),
        themes=[words.label("theme", code) for code in row.themes],
        proposer=person(found.proposer) if found.proposer else nobody(gone=found.proposer_gone),
        proposed=on_day(row.proposed_at),
        backers=backers(found.backers),
        enough=found.backers.enough,
        needed=rules().enough,
        people=[person(one) for one in found.people],
        named=found.named,
        used_to_name=topic_backings.last_choice(edge.session(), edge.actor().member_id),
        left=left_words(found.left),
        may_back=found.left > 0,
        answer=answers[0] if answers else None,
        earlier_answers=answers[1:],
        comments=[_comment(one, may_hide=found.may_hide) for one in found.comments],
        earlier_url=url_for("topics.one", public_id=public_id, page=number + 1) if found.earlier else "",
        later_url=url_for("topics.one", public_id=public_id, page=number - 1) if number > 1 else "",
        successor=found.successor,
        retired_why=to_html(row.retired_why) if row.retired_why else "",
        closed=on_day(row.closed_at) if row.closed_at else "",
        outcomes=[_outcome(one) for one in found.outcomes],
        waits=_waits(found.outcomes),
        may_change=found.may_change,
        may_answer=found.may_answer,
        typed=typed,
        faults=faults or Faults(),
    )


def _waits(outcomes: Sequence[Outcome]) -> str:
    """Why nothing more is made of a topic for now: what waits, and for whom. Empty where nothing does."""
    kind = next((one.kind for one in outcomes if one.waits), "")
    if kind == "event":
        return gettext(
            "The event that is made of it waits for its organiser to put it at the right day, and for staff to accept "
            "it. Until then nothing more is made of the topic."
        )
    if kind:
        return gettext(
            "The cohort that is made of it waits for whoever leads it to open it. Until then nothing more is made of "
            "the topic."
        )
    return ""


def left_words(left: int) -> str:
    """How many more topics one may back."""
    if left == 0:
        return gettext("You back as many topics as one can at once.")
    return ngettext(
        "You can back %(num)s more topic at the same time.", "You can back %(num)s more topics at the same time.", left
    )


def _answer(one: Answer) -> AnswerRow:
    who = person(one.person) if one.person else Person(gettext("Staff of the network"), "", "", "", "")
    return AnswerRow(who, on_day(one.answered_at), to_html(one.text))


def _comment(one: Said, *, may_hide: bool) -> CommentRow:
    if one.withdrawn:
        note = gettext("This comment was withdrawn.")
    elif one.hidden:
        note = gettext("Staff have hidden this comment.")
    else:
        note = gettext("Changed on %(day)s", day=on_day(one.changed_at)) if one.changed_at else ""
    return CommentRow(
        id=one.public_id,
        person=person(one.person) if one.person else nobody(gone=one.gone),
        when=words.moment(one.written_at, short=True),
        html=to_html(one.text) if one.text else "",
        note=note,
        why=one.why if one.hidden else "",
        mine=one.mine and not one.withdrawn,
        may_change=one.mine and not one.withdrawn and not one.hidden,
        may_hide=may_hide and not one.mine and not one.withdrawn and not one.hidden,
        may_show=may_hide and one.hidden,
    )


def _outcome(one: Outcome) -> OutcomeRow:
    event = one.kind == "event"
    page = "events.one" if event else ("cohorts.one" if one.waits else "applications.about")
    if event and one.starts_at is not None:
        told = words.moment(one.starts_at)
        told = gettext("An event that is proposed: %(moment)s", moment=told) if one.waits else told
    elif one.closes_on is not None:
        told = gettext("A cohort: apply until %(day)s", day=words.day(one.closes_on))
    else:
        told = gettext("The draft of a cohort") if one.waits else gettext("A cohort")
    begun = one.starts_at is not None and one.starts_at <= edge.now() and not one.waits
    ask = "topics.asked_to_event" if event else "topics.asked_to_cohort"
    return OutcomeRow(
        url=url_for(page, public_id=one.public_id) if not (one.waits and not one.leads) else "",
        title=one.title,
        icon="calendar-event" if event else "collection",
        told=told,
        waits=one.waits,
        ask_url=url_for(ask, public_id=one.public_id) if one.leads and not begun else "",
    )


@edge.page(blueprint, "/<public_id>/back", Permission.NETWORK, "POST")
def back(public_id: str) -> Response:
    """Back a topic."""
    named = request.form.get("named") == "yes"
    try:
        left = topic_backings.back(edge.session(), edge.actor(), public_id, named, rules(), edge.now())
    except Conflict as error:
        edge.session().rollback()
        flash(say(error), "warning")
    else:
        flash(f"{gettext('You back this topic.')} {left_words(left)}", "success")
    return edge.back("topics.one", public_id=public_id)


@edge.page(blueprint, "/<public_id>/take-back", Permission.NETWORK, "POST")
def take_back(public_id: str) -> Response:
    """Back a topic no more."""
    topic_backings.take_back(edge.session(), edge.actor(), public_id, edge.now())
    flash(gettext("You no longer back this topic. You can back it, or another one, whenever you like."), "success")
    return edge.back("topics.one", public_id=public_id)


@edge.page(blueprint, "/<public_id>/name", Permission.NETWORK, "POST")
def name(public_id: str) -> Response:
    """Say whether others are told that one backs a topic."""
    named = request.form.get("named") == "yes"
    try:
        topic_backings.name_me(edge.session(), edge.actor(), public_id, named, edge.now())
    except Conflict as error:
        edge.session().rollback()
        flash(say(error), "warning")
    else:
        told = gettext("Other members may see that you back it.")
        flash(told if named else gettext("Nobody is told that you back it."), "success")
    return edge.back("topics.one", public_id=public_id)


@edge.page(blueprint, "/<public_id>/move", Permission.NETWORK, "POST")
def move(public_id: str) -> Response:
    """Move one's own backing to the topic that stands in the place of a retired one."""
    try:
        other = topic_backings.move(edge.session(), edge.actor(), public_id, rules(), edge.now())
    except Conflict as error:
        edge.session().rollback()
        flash(say(error), "warning")
        return edge.back("topics.one", public_id=public_id)
    flash(gettext("Your backing is moved: you back this topic now."), "success")
    return edge.back("topics.one", public_id=other)
