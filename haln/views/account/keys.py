"""Keys for programs that fetch figures: made, shown once, ended."""

from __future__ import annotations

from flask import current_app, flash, render_template, request
from werkzeug.wrappers import Response

from haln.access import Permission
from haln.errors import Invalid
from haln.people import api_keys
from haln.views import edge, visitors, words
from haln.views.account.base import blueprint
from haln.views.speech import gettext, ngettext

Page = tuple[str | Response, int]


@edge.page(blueprint, "/account/keys", Permission.SEE_MEASURES, "GET", "POST")
def keys() -> Page | Response:
    """Show one's keys that work; make another, and show it this once."""
    if request.method == "GET":
        return _page()
    given, days = request.form, edge.whole(request.form.get("days", ""))
    try:
        made = api_keys.make(
            edge.session(),
            edge.actor(),
            given.get("own_password", ""),
            given.get("name", ""),
            days or 0,
            edge.now(),
            visitors.limits(),
        )
    except Invalid as error:
        return _page(errors={field: gettext(sentence) for field, sentence in error.fields.items()}, status=422)
    return visitors.not_kept(_page(made=made)[0])


@edge.page(blueprint, "/account/keys/<int:key_id>/end", Permission.SEE_MEASURES, "POST")
def end_key(key_id: int) -> Response:
    """End a key."""
    api_keys.end(edge.session(), edge.actor(), key_id, edge.now())
    flash(gettext("That key is ended: no program gets in with it any more."), "success")
    return edge.back("account.keys")


def _page(made: str = "", errors: dict[str, str] | None = None, status: int = 200) -> Page:
    page = render_template(
        "account/keys.html",
        made=made,
        keys=api_keys.current(edge.session(), edge.actor(), edge.now()),
        days=[(str(count), ngettext("%(num)s day", "%(num)s days", count)) for count in api_keys.DAYS],
        errors=errors or {},
        given={} if made else request.form,
        root=str(current_app.config["PUBLIC_URL"]).rstrip("/"),
        address=edge.FOR_PROGRAMS,
        words=words,
    )
    return page, status
