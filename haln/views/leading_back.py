"""What a page refuses because things have moved on is said on the page that shows how they stand: no dead ends."""

from __future__ import annotations

from flask import Blueprint, flash, g, request
from werkzeug.wrappers import Response

from haln.errors import Conflict, HalnError
from haln.views import edge
from haln.views.errors import Answer, answer, say


def lead_back(blueprint: Blueprint, endpoint: str, *kinds: type[HalnError]) -> None:
    """Send people on to a page of the same address's `public_id`, if it has one, with the reason as a notice.

    For what a view does not say in its own page, and by default for what has moved on. The page itself, refusing, ends
    as an error page. Nothing is written.
    """

    def led_back(error: Exception) -> Answer:
        assert isinstance(error, HalnError)
        if request.endpoint == endpoint:
            return answer(error)
        return back_with_reason(error, endpoint)

    for kind in kinds or (Conflict,):
        blueprint.register_error_handler(kind, led_back)


def back_with_reason(error: HalnError, endpoint: str) -> Response:
    """Undo what was begun, say why it is refused, and go where things can be seen."""
    g.failed = True
    edge.session().rollback()
    flash(say(error), "warning")
    there = {name: value for name, value in (request.view_args or {}).items() if name == "public_id"}
    return edge.back(endpoint, **there)
