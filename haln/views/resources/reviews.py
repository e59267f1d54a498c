"""Staff review what members send, and read every version that readers ever saw."""

from __future__ import annotations

from flask import flash, render_template, request
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict, Invalid, NotFound
from haln.learn.resources import reviews as domain
from haln.learn.resources.authors import NO
from haln.learn.resources.drafts import CHANGES, DECLINED, REVIEW
from haln.learn.resources.reviews import PUBLISH
from haln.views import edge, resource_words, words
from haln.views.resources import base
from haln.views.resources.base import blueprint
from haln.views.sets.base import Faults, faults
from haln.views.speech import gettext

Page = str | Response | tuple[str, int]


@edge.page(blueprint, "/resources/reviews", Permission.REVIEW_RESOURCES)
def reviews() -> str:
    """Show what waits for staff, the oldest first."""
    rows = domain.waiting(edge.session(), edge.actor())
    return render_template(
        "resources/reviews.html",
        tabs=base.tabs(),
        rows=[(row, resource_words.kind(row.kind), resource_words.byline(row.authors)) for row in rows],
        words=words,
    )


@edge.page(blueprint, "/resources/reviews/<public_id>", Permission.REVIEW_RESOURCES, "GET", "POST")
def review(public_id: str) -> Page:
    """Read one, and answer it."""
    wrong, verdict, said = Faults(), request.form.get("verdict", ""), request.form.get("words", "")
    if request.method == "POST":
        seen = edge.whole(request.form.get("version", "")) or 0
        try:
            domain.decide(edge.session(), edge.actor(), public_id, verdict, said, seen, edge.now())
        except (Invalid, Conflict) as error:
            wrong = faults(error, ("verdict", "words"))
        else:
            flash(_done(verdict), "success")
            return edge.back("resources.reviews")
    found = domain.one(edge.session(), edge.actor(), public_id)
    page = render_template(
        "resources/review.html",
        public_id=public_id,
        found=found,
        waits=found.state == REVIEW,
        text=resource_words.text(found.kind, found.content) if found.state == REVIEW or found.content.title else None,
        changed=resource_words.fields(found.changed),
        authors=[(resource_words.author(one.author), one.answer) for one in found.authors if one.answer != NO],
        steps=[(one, resource_words.steps()[one.step], resource_words.author(one.by)) for one in found.steps],
        versions=[(one, resource_words.author(one.by), resource_words.fields(one.changed)) for one in found.versions],
        verdicts=[
            (PUBLISH, gettext("Publish it"), gettext("Readers see it at once.")),
            (CHANGES, gettext("Ask for changes"), gettext("The authors read your words, change it and send it again.")),
            (DECLINED, gettext("Decline it"), gettext("The authors read why. They keep their draft.")),
        ],
        verdict=verdict,
        said=said,
        words=words,
        faults=wrong,
    )
    return page, wrong.status


def _done(verdict: str) -> str:
    told = {
        PUBLISH: gettext("It is published. Its authors are told."),
        CHANGES: gettext("Its authors are told what to change."),
        DECLINED: gettext("Its authors are told that it is declined, and why."),
    }
    return told[verdict]


@edge.page(blueprint, "/resources/reviews/<public_id>/versions/<int:number>", Permission.REVIEW_RESOURCES)
def version(public_id: str, number: int) -> str:
    """Read one version, whether readers see it now or saw it once."""
    found = domain.one(edge.session(), edge.actor(), public_id)
    one = next((version for version in found.versions if version.number == number), None)
    if one is None:
        raise NotFound("There is no such page, or it is not for you.")
    return render_template(
        "resources/version.html",
        public_id=public_id,
        one=one,
        text=resource_words.text(found.kind, one.content),
        by=resource_words.author(one.by),
        changed=resource_words.fields(one.changed),
        words=words,
    )
