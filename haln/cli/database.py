"""`flask haln db`: make and change the tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from flask.cli import AppGroup

from haln.cli import edge
from haln.errors import Conflict
from haln.recovery.schema import alembic_config

group = AppGroup("db", help="Make and change the database's tables.")


def _here() -> Config:
    return alembic_config(str(current_app.config["DATABASE_URL"]))


def require_newest() -> None:
    """Refuse unless the tables are those of this version.

    Raises Conflict.
    """
    with edge.reading():  # a command that starts while somebody saves for long is not refused for that
        here = MigrationContext.configure(edge.session().connection()).get_current_heads()
    if set(here) != set(ScriptDirectory.from_config(_here()).get_heads()):
        raise Conflict("The tables are not those of this version. Run first: flask --app wsgi haln db upgrade")


@group.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the tables to a revision; without one, to the newest."""
    with _said():
        command.upgrade(_here(), revision)


@group.command("downgrade")
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str, yes: bool) -> None:
    """Take the tables back to a revision."""
    with _said():
        ScriptDirectory.from_config(_here()).get_revision(revision)
    if not yes:
        click.confirm(
            "What the tables of that revision have no place for will be gone; of base, everything. Go on?", abort=True
        )
    with _said():
        command.downgrade(_here(), revision)


@contextmanager
def _said() -> Iterator[None]:
    """Say in a sentence which revision cannot be gone to, and which there are."""
    try:
        yield
    except CommandError as error:
        first, last = (script.revision for script in (_scripts()[-1], _scripts()[0]))
        why = str(error).rstrip(".")
        raise click.ClickException(
            f"The tables stay as they are: {why}. There are revisions from {first} to {last}, and base before them."
        ) from error


def _scripts() -> list[Script]:
    """All revisions, the newest first."""
    return list(ScriptDirectory.from_config(_here()).walk_revisions())


@group.command("current")
def current() -> None:
    """Say which revision the tables are at."""
    command.current(_here(), verbose=True)
