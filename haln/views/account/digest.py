"""One's own digest: how often, what in it, when the last one was sent and the next one is due."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import current_app, flash, render_template, request
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Invalid
from haln.people import digest_choices
from haln.people.digest_choices import NONE
from haln.post import digest_times
from haln.post.digest_parts.registry import PARTS
from haln.post.digest_times import Days
from haln.post.digests import next_due
from haln.views import digest_words, edge, words
from haln.views.account.base import blueprint
from haln.views.errors import fill
from haln.views.speech import gettext

Page = tuple[str, int] | Response


def days() -> Days:
    """When digests are due in this network."""
    config = current_app.config
    zone = ZoneInfo(str(config["TIME_ZONE"]))
    return digest_times.days(str(config["DIGEST_DAY"]), int(config["DIGEST_HOUR"]), zone)


@edge.page(blueprint, "/account/digest", Permission.OWN_ACCOUNT, "GET", "POST")
def digest() -> Page:
    """Choose how often one gets the digest, and which parts. Nothing is chosen for who has not said."""
    session, member = edge.session(), edge.actor().member_id
    problem: Invalid | None = None
    if request.method == "POST":
        try:
            frequency, parts = request.form.get("frequency", ""), request.form.getlist("parts")
            digest_choices.choose(session, member, frequency, parts, tuple(PARTS), edge.now())
        except Invalid as error:
            problem = error
        else:
            flash(gettext("Your choice is saved."), "success")
            return edge.back("account.digest")
    return _page(problem), 422 if problem else 200


def _page(problem: Invalid | None) -> str:
    session, member = edge.session(), edge.actor().member_id
    choice = digest_choices.own(session, member)
    errors = {name: fill(sentence, problem) for name, sentence in problem.fields.items()} if problem else {}
    chosen, parts = (choice.frequency if choice.asked else ""), choice.parts if choice.asked else frozenset(PARTS)
    if problem:
        chosen, parts = request.form.get("frequency", ""), frozenset(request.form.getlist("parts"))
    return render_template(
        "account/digest.html",
        frequencies=digest_words.frequencies(),
        frequency=chosen,
        parts=digest_words.choices(),
        wanted=parts,
        asked=choice.asked,
        errors=errors,
        problems=list(errors.items()),
        next_at=None if choice.frequency == NONE else next_due(session, days(), member, choice.frequency, edge.now()),
        last=digest_choices.last(session, member),
        words=words,
    )
