"""Propose a topic, after a look at those that are like it; change it or take it back while it is one's own alone."""

from __future__ import annotations

from flask import flash, render_template, request, url_for

from haln.access import Permission
from haln.errors import Conflict, Invalid, TooMany
from haln.learn import topic_backings, topic_state, topics
from haln.learn.topics import Words
from haln.people.markdown import to_html
from haln.views import edge
from haln.views.sets.base import Faults
from haln.views.sets.base import faults as faults_of
from haln.views.speech import gettext
from haln.views.topics.base import Page, blueprint, rules, states, theme_codes, theme_options

FIELDS = ("title", "text", "themes")


def _typed() -> Words:
    return Words(request.form.get("title", ""), request.form.get("text", ""), tuple(request.form.getlist("themes")))


@edge.page(blueprint, "/new", Permission.NETWORK, "GET", "POST")
def new() -> Page:
    """Propose a topic. The first press shows what is like it, where anything is; the second proposes it."""
    typed, faults, near = _typed(), Faults(), list[topics.Alike]()
    left = rules().backings - topic_state.used(edge.session(), edge.actor().member_id)
    backs, named = request.form.get("backs") == "yes", request.form.get("named") == "yes"
    if request.method == "POST":
        try:
            made = topics.tidy(typed, theme_codes())
            near = [] if request.form.get("sure") == "yes" else topics.alike(edge.session(), made)
            if not near:
                row = topics.propose(
                    edge.session(), edge.actor(), typed, theme_codes(), rules(), edge.now(), backs=backs, named=named
                )
                flash(gettext("Thank you. Your topic is there: all members see it, and can back it."), "success")
                return edge.back("topics.one", public_id=row.public_id)
        except (Invalid, Conflict, TooMany) as error:
            edge.session().rollback()
            faults = faults_of(error, FIELDS)
    else:
        backs, named = left > 0, topic_backings.last_choice(edge.session(), edge.actor().member_id)
    page = render_template(
        "topics/form.html",
        heading=gettext("Propose a topic"),
        lead=gettext("An idea or a theme that you would like to work on with others. Members back it, and say more."),
        button=gettext("Propose it"),
        back_url=url_for("topics.index"),
        back_words=gettext("Topics"),
        typed=typed,
        themes=theme_options(),
        near=[
            (one, states()[one.state], url_for("topics.one", public_id=one.public_id), to_html(one.text))
            for one in near
        ],
        new=True,
        left=left,
        backs=backs,
        named=named,
        faults=faults,
    )
    return page, faults.status


@edge.page(blueprint, "/<public_id>/change", Permission.NETWORK, "GET", "POST")
def change(public_id: str) -> Page:
    """Word one's own topic anew, as long as it is one's own alone."""
    typed, faults = _typed(), Faults()
    if request.method == "POST":
        try:
            topics.change(edge.session(), edge.actor(), public_id, typed, theme_codes(), edge.now())
        except (Invalid, Conflict) as error:
            edge.session().rollback()
            faults = faults_of(error, FIELDS)
        else:
            flash(gettext("Saved."), "success")
            return edge.back("topics.one", public_id=public_id)
    else:
        row = topics.changeable(edge.session(), edge.actor(), public_id)
        typed = Words(row.title, row.text, tuple(row.themes))
    page = render_template(
        "topics/form.html",
        heading=gettext("Change your topic"),
        lead=gettext("You can as long as nobody else backs it or has spoken to it. From then on its words stand."),
        button=gettext("Save"),
        back_url=url_for("topics.one", public_id=public_id),
        back_words=gettext("The topic"),
        typed=typed,
        themes=theme_options(),
        near=[],
        new=False,
        faults=faults,
    )
    return page, faults.status


@edge.page(blueprint, "/<public_id>/withdraw", Permission.NETWORK, "GET", "POST")
def withdraw(public_id: str) -> Page:
    """Take one's own topic back; asked once more before."""
    if request.method == "POST":
        topics.withdraw(edge.session(), edge.actor(), public_id, edge.now())
        flash(gettext("Your topic is taken back."), "success")
        return edge.back("topics.index")
    row = topics.changeable(edge.session(), edge.actor(), public_id)
    return render_template("topics/withdraw.html", title=row.title, public_id=public_id)
