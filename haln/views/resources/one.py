"""A resource's page: its words, who wrote it, whom to talk to, what is near it; bookmarks and uses."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Conflict
from haln.learn.resources import people, reading
from haln.learn.resources.people import Suited
from haln.learn.resources.reading import Reading
from haln.views import edge, members, resource_words, words
from haln.views.errors import say
from haln.views.members import Person
from haln.views.reason_words import in_sentence, listed
from haln.views.resources import base
from haln.views.resources.base import blueprint
from haln.views.speech import gettext


@dataclass(frozen=True, slots=True)
class Talk:
    """Somebody to talk to, and why."""

    person: Person
    why: str


@edge.page(blueprint, "/resources/<public_id>", Permission.NETWORK)
def one(public_id: str) -> str:
    """Read a resource."""
    session, viewer_id = edge.session(), edge.actor().member_id
    found = reading.one(session, viewer_id, public_id, edge.now())
    suited = people.to_talk_to(session, viewer_id, public_id, found.content.themes, found.authors, edge.now())
    return _page(found, [_talk(row) for row in suited], public=False)


@edge.page(blueprint, "/library/<public_id>", Permission.PUBLIC)
def for_everyone(public_id: str) -> str:
    """Read a resource that is for everyone, where the network publishes to all."""
    base.public_only()
    return _page(reading.one(edge.session(), None, public_id, edge.now()), [], public=True)


def _page(found: Reading, talk: list[Talk], *, public: bool) -> str:
    actor = edge.maybe_actor()
    again = found.changed_at > found.published_at
    return render_template(
        "resources/one.html",
        public=public,
        public_id=found.public_id,
        text=resource_words.text(found.kind, found.content),
        authors=resource_words.named(found.authors),
        published=resource_words.on(found.published_at),
        changed=resource_words.on(found.changed_at) if again else "",
        used=resource_words.used(found.uses),
        found=found,
        talk=talk,
        related=[
            resource_words.line(row, "resources.for_everyone" if public else "resources.one") for row in found.related
        ],
        reviews=not public and actor is not None and actor.may(Permission.REVIEW_RESOURCES),
    )


def _talk(row: Suited) -> Talk:
    url = url_for("members.page", public_id=row.person.public_id)
    tie = gettext("Connected") if row.person.connected else ""
    offers = listed([in_sentence(words.label("theme", code)) for code in row.themes])
    if row.wrote:
        why = gettext("Wrote it, and can help with %(themes)s", themes=offers) if offers else gettext("Wrote it")
    else:
        why = gettext("Can help with %(themes)s", themes=offers)
    return Talk(members.person(row.person, url=url, tie=tie), why)


@edge.page(blueprint, "/resources/<public_id>/bookmark", Permission.NETWORK, "POST")
def bookmark(public_id: str) -> Response:
    """Keep a resource among one's bookmarks, or no longer."""
    keep = request.form.get("keep", "yes") != "no"
    try:
        reading.bookmark(edge.session(), edge.actor(), public_id, keep, edge.now())
    except Conflict as error:
        flash(say(error), "warning")
    else:
        flash(gettext("It is among your bookmarks.") if keep else gettext("The bookmark is taken away."), "success")
    return edge.back("resources.one", public_id=public_id)


@edge.page(blueprint, "/resources/<public_id>/use", Permission.NETWORK, "POST")
def use(public_id: str) -> Response:
    """Say that one used a resource."""
    reading.use(edge.session(), edge.actor(), public_id, edge.now())
    flash(gettext("Thank you. It is counted, and who said so is forgotten."), "success")
    return edge.back("resources.one", public_id=public_id)
