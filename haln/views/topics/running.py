"""For facilitators and staff: answer a topic, retire it, make an event or a cohort of it, and see whom to ask to it."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotFound
from haln.learn import event_access, leading, topic_answers, topic_asking, topic_lists, topic_planning
from haln.learn.topic_asking import Asked
from haln.learn.topic_planning import Frame
from haln.people.markdown import to_html
from haln.views import edge, words
from haln.views.errors import say
from haln.views.local_time import zone
from haln.views.sets.base import Faults
from haln.views.sets.base import faults as faults_of
from haln.views.speech import gettext
from haln.views.topics.base import Page, blueprint, person, rules, theme_codes


@edge.page(blueprint, "/<public_id>/answer", Permission.ANSWER_TOPICS, "GET", "POST")
def answer(public_id: str) -> Page:
    """Answer a topic, or word its answer anew."""
    faults, typed = Faults(), request.form.get("text", "")
    session, actor = edge.session(), edge.actor()
    if request.method == "POST":
        seen = edge.whole(request.form.get("number", "")) or 0
        try:
            topic_answers.answer(session, actor, public_id, typed, seen, edge.now())
        except (Invalid, Conflict) as error:
            session.rollback()
            faults = faults_of(error, ("text",))
        else:
            told = gettext("Saved. The earlier answer stays to be read.")
            flash(told if seen else gettext("Your answer is there. Its backers are told."), "success")
            return edge.back("topics.one", public_id=public_id)
    row = topic_answers.answerable(session, actor, public_id)
    number, last = topic_answers.last(session, row.id)
    page = render_template(
        "topics/answer.html",
        title=row.title,
        public_id=public_id,
        number=number,
        last=to_html(last) if last else "",
        typed=typed,
        faults=faults,
    )
    return page, faults.status


@edge.page(blueprint, "/<public_id>/retire", Permission.ANSWER_TOPICS, "GET", "POST")
def retire(public_id: str) -> Page:
    """Close a topic for good, perhaps in favour of another."""
    faults, why, other = Faults(), request.form.get("why", ""), request.form.get("other", "")
    if request.method == "POST":
        try:
            topic_answers.retire(edge.session(), edge.actor(), public_id, other, why, edge.now())
        except (Invalid, Conflict) as error:
            edge.session().rollback()
            faults = faults_of(error, ("other", "why"))
        else:
            flash(
                gettext("The topic is retired. Everybody who backs it is told, and has their backing again."), "success"
            )
            return edge.back("topics.one", public_id=public_id)
    row = topic_answers.answerable(edge.session(), edge.actor(), public_id)
    page = render_template(
        "topics/retire.html",
        title=row.title,
        public_id=public_id,
        others=[("", gettext("No other topic")), *topic_lists.live(edge.session(), row.id)],
        other=other,
        why=why,
        faults=faults,
    )
    return page, faults.status


@edge.page(blueprint, "/<public_id>/event", Permission.ANSWER_TOPICS, "POST")
def make_event(public_id: str) -> Response:
    """Propose an event on a topic."""
    frame = Frame(gettext("Online"), zone())
    try:
        made = topic_planning.make_event(
            edge.session(), edge.actor(), public_id, theme_codes(), frame, rules(), edge.now()
        )
    except Conflict as error:
        edge.session().rollback()
        flash(say(error), "warning")
        return edge.back("topics.one", public_id=public_id)
    flash(
        gettext("An event is proposed. Put it at the right day, and have staff accept it: then its backers are asked."),
        "success",
    )
    return edge.back("events.one", public_id=made.public_id)


@edge.page(blueprint, "/<public_id>/cohort", Permission.ANSWER_TOPICS, "POST")
def make_cohort(public_id: str) -> Response:
    """Make the draft of a cohort on a topic."""
    try:
        made = topic_planning.make_cohort(
            edge.session(), edge.actor(), public_id, words.vocabulary(), gettext("Online"), rules(), edge.now()
        )
    except Conflict as error:
        edge.session().rollback()
        flash(say(error), "warning")
        return edge.back("topics.one", public_id=public_id)
    flash(
        gettext("The draft of a cohort is made. As soon as you open it for applications, its backers are asked."),
        "success",
    )
    return edge.back("cohorts.one", public_id=made)


@edge.page(blueprint, "/asked/event/<public_id>", Permission.FORM_SETS)
def asked_to_event(public_id: str) -> str:
    """Whom to ask to an event that came of a topic: for who runs it."""
    row = event_access.recorded(edge.session(), edge.actor(), public_id)
    found = topic_asking.people(edge.session(), edge.actor(), event=row.id)
    return _asked(found, row.title, url_for("events.one", public_id=public_id), known=row.state == "planned")


@edge.page(blueprint, "/asked/cohort/<public_id>", Permission.FORM_SETS)
def asked_to_cohort(public_id: str) -> str:
    """Whom to ask to a cohort that came of a topic: for who leads it."""
    row = leading.led_cohort(edge.session(), edge.actor(), public_id)
    found = topic_asking.people(edge.session(), edge.actor(), cohort=row.id)
    return _asked(found, row.title, url_for("cohorts.one", public_id=public_id), known=row.state != "draft")


def _asked(found: Asked | None, title: str, back_url: str, *, known: bool) -> str:
    if found is None:
        raise NotFound("This came of no topic.")
    return render_template(
        "topics/asked.html",
        title=title,
        back_url=back_url,
        topic=found.topic,
        people=[person(one) for one in found.people],
        known=known,
    )
