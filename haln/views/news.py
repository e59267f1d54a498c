"""The newsletter as members read it: past issues, and whether they get it by mail."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.people import accounts, markdown
from haln.post.newsletters import archive
from haln.post.newsletters.letters import readable
from haln.views import edge, newsletter_words, words
from haln.views.speech import gettext

blueprint = Blueprint("news", __name__, url_prefix="/news")


@edge.page(blueprint, "", Permission.NETWORK)
def index() -> str:
    """List past issues, and say whether the next one comes by mail."""
    page = edge.number_argument("page", 1000) or 0
    found = archive.listed(edge.session(), edge.actor(), words.vocabulary(), page)
    more = len(found) > archive.PAGE
    return render_template(
        "news/index.html",
        issues=found[: archive.PAGE],
        wants=archive.wants(edge.session(), edge.actor()),
        next_url=url_for("news.index", page=page + 1) if more else "",
        start_url=url_for("news.index") if page else "",
        writes=edge.actor().may(Permission.WRITE_NEWSLETTERS),
        words=words,
    )


@edge.page(blueprint, "/<public_id>", Permission.NETWORK)
def issue(public_id: str) -> str:
    """Show one issue."""
    found = archive.one(edge.session(), edge.actor(), public_id, words.vocabulary(), edge.now())
    return render_template(
        "news/issue.html",
        issue=found,
        pieces=readable(found.pieces, lambda path: path),
        markdown=markdown.to_html,
        newsletter_words=newsletter_words,
        words=words,
    )


@edge.page(blueprint, "/by-mail", Permission.NETWORK, "POST")
def by_mail() -> Response:
    """Ask for the newsletter by mail, or for no more of it."""
    wanted = request.form.get("wanted") == "yes"
    accounts.set_news(edge.session(), edge.actor().public_id, wanted=wanted, now=edge.now())
    if wanted:
        flash(gettext("The next newsletter comes to you by mail."), "success")
    else:
        flash(gettext("You get no more newsletters by mail. You can read them here."), "success")
    return edge.back("news.index")
