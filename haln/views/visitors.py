"""What a request tells about the person before us: limits on their tries, their browser, where they were going."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import current_app, request, url_for
from flask_login import login_user
from flask_login import logout_user as forget_browser
from werkzeug.wrappers import Response

from haln.access import Actor
from haln.people import addresses, sessions
from haln.people.throttles import Limits
from haln.views import edge

_BROWSERS: tuple[tuple[str, str], ...] = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
)
_BROWSERS += (("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS: tuple[tuple[str, str], ...] = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
)
_SYSTEMS += (("Mac OS X", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"))


def limits() -> Limits:
    """The limits that this network's settings give."""
    config = current_app.config
    return Limits(
        sign_in=int(config["SIGN_IN_LIMIT"]),
        sign_in_network=int(config["SIGN_IN_ADDRESS_LIMIT"]),
        mail=int(config["MAIL_LIMIT"]),
        mail_network=int(config["MAIL_ADDRESS_LIMIT"]),
    )


def network() -> str:
    """The network address that tries are counted for."""
    return addresses.network_of(request.remote_addr)


def browser() -> str:
    """The browser in words that its owner recognises: "Firefox, Windows"."""
    told = request.user_agent.string
    parts = [next((words for sign, words in known if sign in told), "") for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(part for part in parts if part)


def is_own_path(target: str) -> bool:
    """Whether an address is a path of this site and nothing else: browsers read // and /\\ as another site."""
    if not re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,1000}", target):
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def start_page(actor: Actor) -> str:
    """The page on which a signed-in member begins."""
    wanted = "suggestions.index" if actor.onboarded else "onboarding.step"
    return url_for(wanted if wanted in current_app.view_functions else "about.home")


def sign_browser_in(member_id: int, remember: bool) -> Actor:
    """Begin a session for this browser; the one it may have had ends. Without `remember` it ends within a day."""
    before = edge.maybe_actor()
    if before is not None:
        sessions.end(edge.session(), before, before.session_id, edge.now())
        forget_browser()
    days = int(current_app.config["SESSION_DAYS"]) if remember else 1
    token = sessions.start(edge.session(), member_id, edge.now(), days, browser())
    actor = sessions.actor_for(edge.session(), token, edge.now())
    assert actor is not None, "a session that has just begun"
    login_user(edge.SignedIn(actor, token), remember=remember)
    return actor


def renew_browser(actor: Actor) -> None:
    """Give this browser's session a new token; the old one is worth nothing."""
    token = sessions.rotate(edge.session(), actor.session_id)
    remembered = str(current_app.config["REMEMBER_COOKIE_NAME"]) in request.cookies
    login_user(edge.SignedIn(actor, token), remember=remembered)


def not_kept(page: str | Response, status: int | None = None) -> Response:
    """A page that no cache may keep: its address holds a secret."""
    response = current_app.make_response(page)
    if status is not None:
        response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
