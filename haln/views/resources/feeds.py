"""Resources as an Atom feed: at one's private address, and for everyone where the network publishes to all."""

from __future__ import annotations

from flask import Response, current_app, flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from haln.access import Permission
from haln.learn.resources import feeds
from haln.views import edge, resource_words, words
from haln.views.resources import base
from haln.views.resources.base import blueprint
from haln.views.speech import gettext


@edge.page(blueprint, "/resources/feed", Permission.NETWORK, "GET", "POST")
def feed() -> str | AnyResponse:
    """Make one's private address, which is shown once, or end it."""
    address = ""
    if request.method == "POST":
        if request.form.get("do") == "end":
            feeds.end_address(edge.session(), edge.actor(), edge.now())
            flash(gettext("The address has ended: nothing can be read there any more."), "success")
            return edge.back("resources.feed")
        address = _url(
            url_for("resources.private_feed", token=feeds.make_address(edge.session(), edge.actor(), edge.now()))
        )
    made = feeds.made_at(edge.session(), edge.actor())
    return render_template(
        "resources/feed.html",
        address=address,
        made=resource_words.on(made) if made else "",
        tabs=base.tabs(),
    )


@edge.page(blueprint, "/resources/feed/<token>", Permission.PUBLIC)
def private_feed(token: str) -> Response:
    """Show a member's feed to whoever knows its address."""
    reader = feeds.reader(edge.session(), token)
    site = _url(url_for("resources.index"))
    return _written(reader, site, _url(request.path), "resources.one")


@edge.page(blueprint, "/library/feed", Permission.PUBLIC)
def public_feed() -> Response:
    """Show the feed for everyone, where the network publishes to all."""
    base.public_only()
    return _written(None, _url(url_for("resources.library")), _url(request.path), "resources.for_everyone")


def _written(reader: int | None, site: str, own: str, page: str) -> Response:
    network = words.network()
    frame = feeds.Frame(
        title=gettext("Resources of %(network)s", network=network.short_name),
        network=network.name,
        self_url=own,
        site_url=site,
        page=lambda public_id: _url(url_for(page, public_id=public_id)),
        theme=lambda code: words.label("theme", code),
        parts=resource_words.parts(),
        unnamed=resource_words.unseen(public=reader is None),
        picture=(lambda key: _url(url_for("resources.picture", key=key))) if reader is None else None,
    )
    made = Response(feeds.written(edge.session(), reader, frame), mimetype="application/atom+xml")
    made.headers["X-Robots-Tag"] = "noindex"
    return made


def _url(path: str) -> str:
    """A page's address for people, whatever host the request named."""
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + path
