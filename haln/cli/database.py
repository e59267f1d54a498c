"""`flask haln db`: make and change the tables."""

from __future__ import annotations

import click
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
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
    session = edge.session()
    here = MigrationContext.configure(session.connection()).get_current_heads()
    session.rollback()
    if set(here) != set(ScriptDirectory.from_config(_here()).get_heads()):
        raise Conflict("The tables are not those of this version. Run first: flask --app wsgi haln db upgrade")


@group.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the tables to a revision; without one, to the newest."""
    command.upgrade(_here(), revision)


@group.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the tables back to a revision."""
    command.downgrade(_here(), revision)


@group.command("current")
def current() -> None:
    """Say which revision the tables are at."""
    command.current(_here(), verbose=True)
