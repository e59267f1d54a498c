"""What is said to a topic: saying it, changing and withdrawing one's own, and hiding what staff must not let stand."""

from __future__ import annotations

from flask import flash, render_template, request
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotPermitted, TooMany
from haln.learn import topic_comments
from haln.people.markdown import to_html
from haln.views import edge
from haln.views.sets.base import Faults
from haln.views.sets.base import faults as faults_of
from haln.views.speech import gettext
from haln.views.topics.base import Page, blueprint, nobody, person
from haln.views.topics.pages import drawn


@edge.page(blueprint, "/<public_id>/say", Permission.NETWORK, "POST")
def comment(public_id: str) -> Page:
    """Say something to a topic; what cannot be said is given back, with the reason."""
    typed = request.form.get("comment", "")
    try:
        topic_comments.say(edge.session(), edge.actor(), public_id, typed, edge.now())
    except (Invalid, Conflict, TooMany) as error:
        edge.session().rollback()
        faults = faults_of(error, ("comment",))
        return drawn(public_id, typed, faults), faults.status
    flash(gettext("Your comment is there."), "success")
    return edge.back("topics.one", public_id=public_id, _anchor="comments")


@edge.page(blueprint, "/comments/<comment_id>/change", Permission.NETWORK, "GET", "POST")
def change_comment(comment_id: str) -> Page:
    """Word one's own comment anew."""
    faults, typed = Faults(), request.form.get("comment", "")
    if request.method == "POST":
        try:
            topic_comments.change(edge.session(), edge.actor(), comment_id, typed, edge.now())
        except (Invalid, Conflict) as error:
            edge.session().rollback()
            faults = faults_of(error, ("comment",))
        else:
            flash(gettext("Saved."), "success")
            return _back(comment_id)
    else:
        typed = topic_comments.own(edge.session(), edge.actor(), comment_id).text
    _, topic = topic_comments.one(edge.session(), edge.actor(), comment_id)
    return render_template("topics/comment.html", public_id=topic, typed=typed, faults=faults), faults.status


@edge.page(blueprint, "/comments/<comment_id>/withdraw", Permission.NETWORK, "GET", "POST")
def withdraw_comment(comment_id: str) -> Page:
    """Take one's own comment back; asked once more before."""
    if request.method == "POST":
        topic_comments.withdraw(edge.session(), edge.actor(), comment_id, edge.now())
        flash(gettext("Your comment is withdrawn."), "success")
        return _back(comment_id)
    said, topic = topic_comments.one(edge.session(), edge.actor(), comment_id)
    if not said.mine:
        raise NotPermitted("This is for whoever wrote the comment.")
    return render_template(
        "topics/withdraw_comment.html", public_id=topic, comment_id=comment_id, html=to_html(said.text)
    )


@edge.page(blueprint, "/comments/<comment_id>/hide", Permission.HIDE_COMMENTS, "GET", "POST")
def hide_comment(comment_id: str) -> Page:
    """Hide what somebody said, and say why."""
    faults, why = Faults(), request.form.get("why", "")
    if request.method == "POST":
        try:
            topic_comments.hide(edge.session(), edge.actor(), comment_id, why, edge.now())
        except (Invalid, Conflict) as error:
            edge.session().rollback()
            faults = faults_of(error, ("why",))
        else:
            flash(gettext("The comment is hidden. Whoever wrote it is told why."), "success")
            return _back(comment_id)
    said, topic = topic_comments.one(edge.session(), edge.actor(), comment_id)
    page = render_template(
        "topics/hide.html",
        public_id=topic,
        comment_id=comment_id,
        who=person(said.person) if said.person else nobody(gone=said.gone),
        html=to_html(said.text) if said.text else "",
        why=why,
        faults=faults,
    )
    return page, faults.status


@edge.page(blueprint, "/comments/<comment_id>/show", Permission.HIDE_COMMENTS, "POST")
def show_comment(comment_id: str) -> Response:
    """Show a hidden comment again."""
    topic_comments.show(edge.session(), edge.actor(), comment_id, edge.now())
    flash(gettext("The comment is shown again."), "success")
    return _back(comment_id)


def _back(comment_id: str) -> Response:
    _, topic = topic_comments.one(edge.session(), edge.actor(), comment_id)
    return edge.back("topics.one", public_id=topic, _anchor="comments")
