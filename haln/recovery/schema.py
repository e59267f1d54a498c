"""Which tables there are: the migrations, as a backup and a restore need them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

REVISIONS = "alembic_version"
"""The table that says which revision the others are at."""


def alembic_config(url: str) -> Config:
    """Alembic's settings for one database."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).resolve().parent.parent / "migrations"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["url"] = url
    return settings


def newest() -> str:
    """The revision of this version's tables."""
    return ScriptDirectory.from_config(alembic_config("")).get_current_head() or ""


def knows(revision: str) -> bool:
    """Whether a revision is one of this version's past or its present."""
    return revision in {script.revision for script in ScriptDirectory.from_config(alembic_config("")).walk_revisions()}


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database's tables to a revision."""
    command.upgrade(alembic_config(url), revision)
