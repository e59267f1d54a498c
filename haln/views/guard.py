"""What the browser is told with every page: policies, caching, and where scripts may come from."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_login import current_user

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Frame-Options": "DENY",
}


def set_up(app: Flask) -> None:
    """Install the headers."""
    secure = str(app.config["PUBLIC_URL"]).startswith("https://")

    def add(response: Response) -> Response:
        headers = response.headers
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if request.endpoint == "static":
            # Vendored files carry their version in the path, ours are asked for with a hash.
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = 31536000 if "v" in request.args or "/vendor/" in request.path else 3600
        elif request.endpoint == "resources.picture" and response.status_code in (200, 304):
            pass  # it says itself who may keep it, and asks anew whether it may be seen
        elif current_user.is_authenticated or request.method != "GET" or "token" in (request.view_args or {}):
            # Whoever holds an address with a token in it may read what a member may.
            headers["Cache-Control"] = "no-store"
        return response

    app.after_request(add)
