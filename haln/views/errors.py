"""Errors of the domain, and of HTTP, as pages: one table."""

from __future__ import annotations

from datetime import date
from urllib.parse import SplitResult, urlsplit

from flask import Flask, current_app, g, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.wrappers import Response

from haln import errors
from haln.views import edge, visitors, words
from haln.views.speech import gettext

STATUS: dict[type[errors.HalnError], int] = {
    errors.SignInNeeded: 401,
    errors.NotPermitted: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Overtaken: 409,
    errors.Gone: 410,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    errors.TooMany: 429,
    errors.Misconfigured: 500,
    errors.Busy: 503,
}

_PAGES = frozenset({400, 403, 404, 409, 410, 413, 422, 429, 500})

_NOT_TYPED = frozenset({"marks"})
"""Hidden fields that hold spaces. What has none, such as a choice or a token, is not worth copying."""

Answer = tuple[str, int] | tuple[str, int, dict[str, str]] | Response


def register(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(errors.HalnError, answer)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)


def say(error: errors.HalnError) -> str:
    """The error's sentence in the reader's language."""
    return fill(error.sentence, error)


def fill(sentence: str, error: errors.HalnError) -> str:
    """One of the error's sentences in the reader's language, its places filled; days as people say them."""
    said = {name: words.day(value) if isinstance(value, date) else value for name, value in error.values.items()}
    told: str = gettext(sentence)
    return told % said if said else told


def answer(error: Exception) -> Answer:
    """An error of the domain as a page of its own."""
    assert isinstance(error, errors.HalnError)
    _undo()
    status = STATUS[type(error)]
    if edge.for_programs():
        return _document(status, say(error), error)
    if isinstance(error, errors.SignInNeeded) and request.method == "GET" and not edge.is_fragment():
        return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")), 303)
    headers = {}
    if isinstance(error, errors.TooMany) and error.retry_after:
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.Busy):
        headers["Retry-After"] = "60"
    with current_app.extensions["haln_reading"]():  # the page needs no lock, and must not wait for one
        return _page(status, say(error)), status, headers


def answer_with(error: errors.HalnError, template: str, **values: object) -> Answer:
    """An error of the domain on a page that knows more of it than the errors' own; `sentence` says it."""
    _undo()
    status = STATUS[type(error)]
    if edge.for_programs():
        return _document(status, say(error), error)
    with current_app.extensions["haln_reading"]():
        return render_template(template, sentence=say(error), **values), status


def _document(status: int, sentence: str, error: errors.HalnError | None = None) -> Response:
    """An error as programs read it."""
    response = jsonify({"error": sentence, "fields": dict(error.fields) if isinstance(error, errors.Invalid) else {}})
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _csrf(error: Exception) -> Answer:
    """A form whose token is not this browser's: its sign-in ended or began anew while the page was open.

    Nothing is written, but what was typed is given back to be copied.
    """
    assert isinstance(error, CSRFError)
    _undo()
    if "referrer" in (error.description or ""):  # the token was good: the browser did not say where the form was
        return _page(400, None), 400
    if edge.is_fragment():
        return _page(400, gettext("%(cause)s Reload the page and try again.", cause=_cause())), 400
    actor, opened = edge.maybe_actor(), _opened()
    sign_in_url = "" if actor else url_for("account.sign_in", next=opened or None)
    page = render_template(
        "errors/signed_otherwise.html",
        status=400,
        sentence=_cause(),
        sign_in_url=sign_in_url,
        again_url=opened if actor else "",
        typed=_typed(),
    )
    return page, 400


def _cause() -> str:
    if edge.maybe_actor() is None:
        return gettext("You were signed out since this page was opened, or this browser keeps no cookies.")
    return gettext("You were signed out, or signed in again, since this page was opened.")


def _opened() -> str:
    """The page that the form was on, where the browser tells it and it can be opened again."""
    parts, adapter = _of_ours(request.referrer), current_app.create_url_adapter(request)
    if parts is None or adapter is None:
        return ""
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if visitors.is_own_path(path) and adapter.test(parts.path, "GET") else ""


def _typed() -> list[str]:
    """The words that were typed, for the one who typed them: no passwords, and nothing that another site sent."""
    if _of_ours(request.headers.get("Origin")) is None:
        return []
    fields = [(name, value.strip()) for name, values in request.form.lists() for value in values]
    return [
        value
        for name, value in fields
        if name not in _NOT_TYPED
        and "password" not in name
        and len(value.split()) > 1
        and not edge.UNREADABLE.search(value)
    ]


def _of_ours(address: str | None) -> SplitResult | None:
    """The parts of an address that the browser told, if it is one of this host."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return None
    return parts if parts.netloc == request.host else None


def _http(error: Exception) -> Answer:
    assert isinstance(error, HTTPException)
    _undo()
    status = error.code or 500
    if status < 400:
        return Response.force_type(error.get_response(), request.environ)
    if isinstance(error, InternalServerError):
        status = 500
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    if edge.for_programs():
        response = _document(status, str(error.name))
        response.headers.update(headers)
        return response
    return _page(status, None), status, headers


def _undo() -> None:
    g.failed = True
    edge.session().rollback()


def _page(status: int, sentence: str | None) -> str:
    if isinstance(request.routing_exception, SecurityError):
        return "This address is not ours.\n"  # the frame's links cannot be built for a host that is not trusted
    name = f"errors/{status}.html" if status in _PAGES else "errors/error.html"
    return render_template([name, "errors/error.html"], sentence=sentence, status=status)
