"""What every page shares: who asks, when, in which transaction; and the declaration of a page with its permission."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import Blueprint, Flask, Request, Response, abort, current_app, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response as AnyResponse

from haln.access import Actor, Permission, require
from haln.errors import HalnError, NotFound
from haln.people import sessions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

View = TypeVar("View", bound=Callable[..., Any])
READING = frozenset({"GET", "HEAD", "OPTIONS"})
UNREADABLE = re.compile("[\x00\ud800-\udfff]")
LARGEST_ID = 2**63 - 1
LARGEST_REQUEST = 64 * 1024 * 1024
"""What pages read that take a file, so that one far too large is refused in words, beside what was typed with it."""
FOR_PROGRAMS = "/api/network"
"""Addresses below this one are for programs, which send a key."""


class SignedIn(UserMixin):
    """Flask-Login's view of an actor. Its id is the session's token, not the member's number."""

    def __init__(self, actor: Actor, token: str) -> None:
        self.actor = actor
        self.token = token

    def get_id(self) -> str:
        """The token of this browser's session row."""
        return self.token


class BoundedInteger(IntegerConverter):
    """Whole numbers that fit the database; larger ones name nothing."""

    def __init__(self, map: Any, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max", LARGEST_ID)
        super().__init__(map, *args, **kwargs)


def session() -> Session:
    """The database session of this request."""
    return cast("Session", current_app.extensions["sqlalchemy"].session)


def now() -> datetime:
    """The moment of this request, the same for all of it; aware UTC."""
    if "now" not in g:
        clock: Callable[[], datetime] | None = current_app.config.get("CLOCK")
        g.now = clock() if clock else datetime.now(UTC)
    return cast(datetime, g.now)


def maybe_actor() -> Actor | None:
    """Who is signed in, if anybody."""
    if "actor" not in g:
        g.actor = current_user.actor if current_user.is_authenticated else None
    return cast("Actor | None", g.actor)


def actor() -> Actor:
    """Who is signed in. Pages with a permission other than PUBLIC always have somebody."""
    found = maybe_actor()
    if found is None:
        raise NotFound("Nobody is signed in.")
    return found


def page(
    blueprint: Blueprint, rule: str, permission: Permission, *methods: str, **options: Any
) -> Callable[[View], View]:
    """Declare a page: its address, who may, and its methods (GET when none is named)."""

    def declare(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]  # functions carry it to the check below
        blueprint.add_url_rule(rule, view_func=view, methods=list(methods or ("GET",)), **options)
        return view

    return declare


def back(endpoint: str, **values: Any) -> AnyResponse:
    """Answer a POST with the page to look at next (303), or, for htmx, with a redirect that it follows itself."""
    address = url_for(endpoint, **values)
    if request.headers.get("HX-Request") == "true":
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def is_fragment() -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def whole(text: str, digits: int = 18) -> int | None:
    """What somebody typed, as a whole number of so many digits at most; none for what is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def number_argument(name: str, largest: int = LARGEST_ID) -> int | None:
    """A whole number from the address; 404 for what cannot be one, none when absent."""
    raw = request.args.get(name)
    if raw is None or raw == "":
        return None
    if len(raw) > 19 or not raw.isascii() or not raw.isdigit() or int(raw) > largest:
        raise NotFound("There is no such page.")
    return int(raw)


def set_up(app: Flask) -> None:
    """Install signing in, the permission check, and the one commit at the edge."""
    app.url_map.converters["int"] = BoundedInteger
    manager = LoginManager(app)
    manager.session_protection = None  # the session row decides, not a fingerprint

    manager.user_loader(_by_session)
    manager.request_loader(_by_key)
    app.before_request(_refuse_unreadable)
    app.before_request(_check_permission)
    app.after_request(_commit)


def for_programs() -> bool:
    """Whether the request's address is one for programs."""
    return request.path.startswith(f"{FOR_PROGRAMS}/")


def _by_session(token: str) -> SignedIn | None:
    """Who is signed in with this browser. Programs' addresses know no browser: what has no form token trusts none."""
    found = None if for_programs() else sessions.actor_for(session(), token, now())
    return SignedIn(found, token) if found else None


def _by_key(asked: Request) -> SignedIn | None:
    """For whom a program acts that sends its key, at programs' addresses only."""
    scheme, _, key = asked.headers.get("Authorization", "").partition(" ")
    if not for_programs() or scheme.casefold() != "bearer":
        return None
    found = sessions.actor_for_key(session(), key.strip(), now())
    return SignedIn(found, "") if found else None


def check_declared(app: Flask) -> None:
    """Refuse to start with a page that declares no permission."""
    for endpoint, view in app.view_functions.items():
        if endpoint != "static" and not hasattr(view, "permission"):
            raise RuntimeError(f"{endpoint} declares no permission")


def _refuse_unreadable() -> None:
    """NUL and lone surrogates are in no text that a person wrote, and databases choke on them."""
    values = [*request.args.values(), request.path]
    if request.method not in READING:
        values += [value for part in request.form.listvalues() for value in part]
        values += [file.filename or "" for file in request.files.values()]
        if any(name != "file" for name in request.files):  # a file sent in the place of a text
            abort(400)
    if any(UNREADABLE.search(value) for value in values):
        abort(400)


def _check_permission() -> None:
    if request.endpoint is None or request.endpoint == "static":
        return
    permission: Permission = getattr(current_app.view_functions[request.endpoint], "permission")  # noqa: B009  # set by page()
    if permission is not Permission.PUBLIC:
        require(maybe_actor(), permission)


def _commit(response: Response) -> Response:
    """The one commit: a request that may write and did not fail."""
    if request.method not in READING:
        if g.get("failed") or response.status_code >= 500:
            session().rollback()
        else:
            try:
                for prepare in current_app.extensions.get("haln_before_commit", ()):
                    prepare()
                session().commit()
            except HalnError as error:  # what the database says only when it is to keep it
                return current_app.make_response(current_app.handle_user_exception(error))
            for follow in current_app.extensions.get("haln_after_commit", ()):
                follow()
    return response
