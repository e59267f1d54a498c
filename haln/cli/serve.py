"""`flask haln serve`: the server and, beside it, the worker that sends mail and keeps suggestions fresh."""

from __future__ import annotations

import contextvars
import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from gunicorn.app.base import Application

from haln.cli import database, edge
from haln.config import SETTINGS
from haln.errors import Conflict
from haln.people import beginnings
from haln.people.demonstration import signins

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

STOP_SECONDS = 10
WORKER_PAUSE = 3.0
"""Seconds between two looks at whether the worker still lives."""

ROOT = Path(__file__).resolve().parent.parent.parent
OPTIONS = ROOT / "deploy" / "gunicorn.conf.py"
_log = logging.getLogger(__name__)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--demonstration", is_flag=True, help="Migrate first, and fill an empty database.")
@click.option("--members", default=1800, show_default=True, help="Members of the demonstration.")
@click.option("--months", default=36, show_default=True, help="Months of the demonstration.")
@click.option("--seed", default=2026, show_default=True, help="Seed of the demonstration.")
@with_appcontext
@click.pass_context
def serve(ctx: click.Context, host: str, port: int, demonstration: bool, members: int, months: int, seed: int) -> None:
    """Run the server and one worker beside it, until Ctrl-C."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the application, not its stand-in
    require_free(host, port)
    _take_address(app, host, port)
    if demonstration:
        logging.getLogger("alembic").setLevel(logging.WARNING)
        ctx.invoke(database.upgrade, revision="head")
        _fill(members, months, seed)
    database.require_newest()
    greeting = _greeting(host, port)
    _let_go_of_database(app)
    server = _Server(app, host, port, greeting, quiet=demonstration)
    # Outside this command's own application context: forked processes would share it among their requests.
    contextvars.Context().run(server.run)


def require_free(host: str, port: int) -> None:
    """Refuse when the server could not listen there.

    Raises Conflict.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                "Cannot listen on %(host)s:%(port)s: %(why)s. "
                "Stop what runs there, or choose another port, for instance: make run PORT=%(other)s",
                host=host,
                port=port,
                why=(error.strerror or str(error)).lower(),
                other=port + 80 if port <= 65455 else port - 80,
            ) from error


def _take_address(app: Flask, host: str, port: int) -> None:
    """Let links lead to this server, unless the settings name a public address."""
    default = next(setting.default for setting in SETTINGS if setting.name == "PUBLIC_URL")
    if app.config["PUBLIC_URL"] == default:
        app.config["PUBLIC_URL"] = os.environ["HALN_PUBLIC_URL"] = f"http://{host}:{port}"


def _fill(members: int, months: int, seed: int) -> None:
    """Make the demonstration in an empty database, and lists where none were ever finished.

    Each step has a process of its own: its memory and its threads end with it.
    """
    if _answer(beginnings.is_empty):
        click.echo("The database is empty: making a demonstration network. This happens once.", err=True)
        _step("demo", f"--members={members}", f"--months={months}", f"--seed={seed}")
    if not _answer(beginnings.has_suggestions):
        _step("suggestions", "refresh")


def _answer(question: Callable[[Session], bool]) -> bool:
    """Ask the database and let go of it: the next step, another process, needs its lock."""
    try:
        return question(edge.session())
    finally:
        edge.session().rollback()


def _step(*words: str) -> None:
    result = subprocess.run(_command(*words), cwd=ROOT, check=False)  # noqa: S603  # our own commands
    if result.returncode:
        raise click.ClickException(f"flask haln {words[0]} ended with {result.returncode}.")


def _greeting(host: str, port: int) -> str:
    """What to say once the server answers: where it is and, in a demonstration, who can sign in."""
    found = signins.sign_ins(edge.session())
    lines = [f"  {one.who:<12} {one.email:<36} {one.name}" for one in found]
    if found:
        lines = ["", "Sign in as:", *lines, f"  The password for all of them: {signins.PASSWORD}"]
    return "\n".join(["", f"HALN is at http://{host}:{port}  (Ctrl-C ends it)", *lines, ""])


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", "haln", *words]


def _let_go_of_database(app: Flask) -> None:
    """Close every connection: one that is open while a process forks would belong to two."""
    database_of_app: Any = app.extensions["sqlalchemy"]
    database_of_app.session.remove()
    database_of_app.engine.dispose()


class _Server(Application):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn around the application that is already here: the second import would cost a second."""

    def __init__(self, app: Flask, host: str, port: int, greeting: str, quiet: bool) -> None:
        self._app = app
        self._bind = f"{host}:{port}"
        self._greeting = greeting
        self._quiet = quiet
        self._worker: subprocess.Popen[bytes] | None = None
        self._ending = threading.Event()
        super().__init__()

    def load_config(self) -> None:
        """Read the options that every way of starting shares, and add what this one knows."""
        self.load_config_from_file(str(OPTIONS))
        self.cfg.set("bind", self._bind)
        self.cfg.set("when_ready", self._when_ready)
        self.cfg.set("on_exit", self._on_exit)
        if self._quiet:
            self.cfg.set("loglevel", "warning")

    def load(self) -> Flask:
        """The application to serve."""
        return self._app

    def _when_ready(self, _server: Any) -> None:
        self._start_worker()
        threading.Thread(target=self._keep_worker, name="keep-worker", daemon=True).start()
        click.echo(self._greeting)

    def _start_worker(self) -> None:
        # A session of its own: Ctrl-C reaches the server, which then ends the worker in order. Should the server
        # be killed outright, the kernel ends the worker.
        guard = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
        self._worker = subprocess.Popen([*guard, *_command("work")], cwd=ROOT, start_new_session=True)  # noqa: S603  # our own command

    def _keep_worker(self) -> None:
        """Start the worker again when it has died: without one no mail leaves, and nobody would see why."""
        while not self._ending.wait(WORKER_PAUSE):
            if self._worker is not None and self._worker.poll() is not None:
                _log.warning("The worker has ended by itself; it is started again.")
                self._start_worker()

    def _on_exit(self, _server: Any) -> None:
        self._ending.set()
        if self._worker is None:
            return
        self._worker.terminate()
        try:
            self._worker.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._worker.kill()
