"""`flask haln db`: up to the newest tables or to a named revision, and down to one, said in the same way."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from flask import Flask


def run(app: Flask, *words: str) -> int:
    return app.test_cli_runner().invoke(args=["haln", "db", *words]).exit_code


def revision(url: str) -> str:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found: str = connection.execute(sa.text("select version_num from alembic_version")).scalar_one()
    engine.dispose()
    return found


def test_up_and_down_take_a_revision_alike(app: Flask, tmp_path: Path) -> None:
    url = app.config["DATABASE_URL"] = f"sqlite:///{tmp_path / 'of-this-test.sqlite'}"
    assert run(app, "upgrade", "0003") == 0 and revision(url) == "0003"
    assert run(app, "upgrade") == 0 and revision(url) > "0019"
    assert run(app, "downgrade", "0010") == 0 and revision(url) == "0010"
    assert run(app, "downgrade") != 0 and revision(url) == "0010"  # down to what is said, never by itself
