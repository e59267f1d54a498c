"""`flask haln db`: up to the newest tables or to a named revision, and down to one, said in the same way."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from haln.app import create_app


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
    assert run(app, "downgrade", "0010", "--yes") == 0 and revision(url) == "0010"
    assert run(app, "downgrade") != 0 and revision(url) == "0010"  # down to what is said, never by itself


def test_nothing_is_taken_away_unasked(app: Flask, tmp_path: Path) -> None:
    url = app.config["DATABASE_URL"] = f"sqlite:///{tmp_path / 'of-this-test.sqlite'}"
    assert run(app, "upgrade", "0003") == 0
    runner = app.test_cli_runner()
    for answer in ("", "n\n"):  # nobody there to answer, and a no
        done = runner.invoke(args=["haln", "db", "downgrade", "base"], input=answer)
        assert done.exit_code == 1 and "will be gone" in done.output and revision(url) == "0003"
    assert runner.invoke(args=["haln", "db", "downgrade", "0002"], input="y\n").exit_code == 0
    assert revision(url) == "0002"


@pytest.mark.parametrize("words", [["upgrade", "zzz"], ["downgrade", "zzz", "--yes"], ["downgrade", "zzz"]])
def test_a_revision_that_there_is_none_of_is_refused_in_a_sentence(
    app: Flask, tmp_path: Path, words: list[str]
) -> None:
    url = app.config["DATABASE_URL"] = f"sqlite:///{tmp_path / 'of-this-test.sqlite'}"
    assert run(app, "upgrade", "0003") == 0
    done = app.test_cli_runner().invoke(args=["haln", "db", *words])
    assert done.exit_code == 1 and "zzz" in done.output and "There are revisions from 0001 to" in done.output
    assert revision(url) == "0003"


@pytest.mark.parametrize(
    "words",
    [
        ["work", "--once"],
        ["held", "list"],
        ["held", "send"],
        ["export", "figures", "--output", "figures.csv"],
        ["export", "network", "--output", "network.gexf"],
        ["export", "report", "--output", "report.pdf"],
        ["export", "outcomes", "--output", "outcomes.csv"],
        ["suggestions", "weights"],
        ["suggestions", "refresh"],
        ["members", "audience", "ada@example.org", "staff"],
    ],
)
def test_without_its_tables_a_command_says_what_to_run_first(tmp_path: Path, words: list[str]) -> None:
    app = create_app(
        {
            "ENVIRONMENT": "test",
            "INSTANCE": str(tmp_path),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite'}",
            "SECRET_KEY": "a key for tests only, long enough to be one",
        },
        environ={},
    )
    done = app.test_cli_runner().invoke(args=["haln", *words])
    assert done.exit_code == 1 and "Run first: flask --app wsgi haln db upgrade" in done.output
    assert "Traceback" not in done.output
