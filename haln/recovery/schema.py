"""Which tables there are: the migrations, as a backup and a restore need them."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from haln.models import Base, resource_search, search

REVISIONS = "alembic_version"
"""The table that says which revision the others are at."""

INDEXES = (search.INDEX, resource_search.INDEX)
"""The full-text indexes, whose columns are each database's own."""

AS_THEY_ARE: frozenset[str] = frozenset()
"""Said of the columns of such an index."""


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


def tables_at(revision: str) -> dict[str, frozenset[str]]:
    """The tables of a revision that this version knows, and the columns of each, as on both databases."""
    found = _of_models() if revision == newest() else _of_migrations(revision)
    return {**found, REVISIONS: frozenset({"version_num"})}


def _of_models() -> dict[str, frozenset[str]]:
    """At the newest revision the models say it at once: a test holds that they are what the migrations make."""
    tables = {table.name: frozenset(table.columns.keys()) for table in Base.metadata.tables.values()}
    return {**tables, **{index.table: AS_THEY_ARE for index in INDEXES}}


def _of_migrations(revision: str) -> dict[str, frozenset[str]]:
    with tempfile.TemporaryDirectory(prefix="haln-revision-") as folder:
        path = Path(folder) / "empty.sqlite"
        upgrade(f"sqlite:///{path}", revision)
        with closing(sqlite3.connect(path)) as made:
            names = {row[0] for row in made.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            behind = {name for index in INDEXES for name in index.tables}
            return {
                **{index.table: AS_THEY_ARE for index in INDEXES if index.table in names},
                **{
                    name: frozenset(row[0] for row in made.execute("SELECT name FROM pragma_table_info(?)", (name,)))
                    for name in names - behind
                    if not name.startswith("sqlite")
                },
            }
