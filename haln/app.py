"""The application: settings, database, views, commands, in that order."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from haln import cli, config, db, views


def create_app(overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] = os.environ) -> Flask:
    """Make the application. `overrides` replace settings by name (tests)."""
    folder = Path(str((overrides or {}).get("INSTANCE") or config.instance_folder(environ)))
    app = Flask("haln", instance_path=str(folder))
    app.config.from_mapping(config.load(environ, folder))
    app.config.from_mapping(overrides or {})
    folder.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=str(app.config["LOG_LEVEL"]), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    _flask_settings(app)
    db.set_up(app)
    views.register(app)
    cli.register(app)
    return app


def _flask_settings(app: Flask) -> None:
    secure = str(app.config["PUBLIC_URL"]).startswith("https://")
    megabyte = 1024 * 1024
    public = urlsplit(str(app.config["PUBLIC_URL"]))
    named = [host.strip() for host in str(app.config["TRUSTED_HOSTS"] or "").split(",") if host.strip()]
    app.config.update(
        TESTING=app.config["ENVIRONMENT"] == "test",
        TRUSTED_HOSTS=named or [public.hostname or "localhost", "127.0.0.1", "localhost"],
        MAX_CONTENT_LENGTH=int(app.config["UPLOAD_MEGABYTES"]) * megabyte,
        MAX_FORM_MEMORY_SIZE=megabyte,
        MAX_FORM_PARTS=2000,
        SESSION_COOKIE_NAME="haln",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_NAME="haln_stay",
        REMEMBER_COOKIE_SECURE=secure,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_DURATION=timedelta(days=int(app.config["SESSION_DAYS"])),
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE=str(app.config["LANGUAGES"]).split(",", maxsplit=1)[0],
        BABEL_DEFAULT_TIMEZONE=app.config["TIME_ZONE"],
        TEMPLATES_AUTO_RELOAD=False,
    )
    proxies = int(app.config["PROXIES"])
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]  # Flask's documented way
