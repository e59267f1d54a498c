"""What is not HALN's in its database is neither backed up as if it were, nor dropped in silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from haln.errors import Conflict, Invalid
from haln.recovery import postgres_store, restoring, schema, taking
from tests.builders import NOW
from tests.recovery.places import an_edge, everything
from tests.recovery.test_taking import retold

pytestmark = pytest.mark.slow


def say(url: str, *statements: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


THEIRS = ("CREATE TABLE theirs (x INTEGER)", "INSERT INTO theirs VALUES (1)", "ALTER TABLE mail ADD COLUMN theirs TEXT")


def test_a_backup_holds_the_tables_of_its_revision_and_no_other(network: str, empty: str, tmp_path: Path) -> None:
    before = everything(network)
    say(network, *THEIRS)
    told = taking.take(network, tmp_path / "good.backup", NOW)
    assert list(told.left_out) == ["theirs", "mail.theirs"]
    found = taking.verify(tmp_path / "good.backup", tmp_path)
    assert (found.tables, list(found.foreign), found.keys) == (True, [], empty.startswith("sqlite"))
    restoring.restore(tmp_path / "good.backup", empty, tmp_path / "instance", an_edge(), moved=True)
    after = everything(empty)
    assert {**after, "audit_record": before["audit_record"]} == before


def test_what_is_replaced_loses_nothing_that_is_not_ours(network: str, tmp_path: Path) -> None:
    taking.take(network, tmp_path / "good.backup", NOW)
    say(network, *THEIRS)
    there = everything(network)
    if network.startswith("sqlite"):
        with pytest.raises(Conflict, match="theirs"):
            restoring.restore(tmp_path / "good.backup", network, tmp_path, an_edge(), replace=True)
        assert everything(network) == there
        return
    done = restoring.restore(tmp_path / "good.backup", network, tmp_path, an_edge(), replace=True)
    assert everything(network)["theirs"] == there["theirs"]
    assert done.aside is not None and taking.verify(done.aside, tmp_path).tables


@pytest.mark.parametrize("kind", [pytest.param("postgres", marks=pytest.mark.postgres)])
def test_what_is_built_upon_our_tables_is_seen_before_anything_is_done(kind: str, network: str, tmp_path: Path) -> None:
    taking.take(network, tmp_path / "good.backup", NOW)
    for made, gone in (
        ("CREATE VIEW theirs AS SELECT id FROM member", "DROP VIEW theirs"),
        ("CREATE TABLE theirs (member_id BIGINT REFERENCES member (id))", "DROP TABLE theirs"),
    ):
        said: list[str] = []
        say(network, made)
        with pytest.raises(Conflict, match="theirs"):
            edge = replace(an_edge(), tell=said.append)
            restoring.restore(tmp_path / "good.backup", network, tmp_path, edge, replace=True)
        assert said == [] and not list(tmp_path.glob("before-*"))
        say(network, gone)


@pytest.mark.parametrize("kind", [pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_backup_that_lacks_a_column_is_not_good(kind: str, network: str, tmp_path: Path) -> None:
    taking.take(network, tmp_path / "good.backup", NOW)
    path = tmp_path / "bad.backup"
    for change in (
        lambda told: told["columns"]["member"].pop(),
        lambda told: told["columns"]["member"].append("theirs"),
        lambda told: (told["columns"].pop("throttle"), told["parts"].pop("throttle"), told["rows"].pop("throttle")),
    ):
        path.write_bytes(retold(tmp_path, change))
        with pytest.raises(Invalid):
            taking.verify(path, tmp_path)
    say(network, "ALTER TABLE mail DROP COLUMN last_error")
    with pytest.raises(Conflict, match="mail lack"):
        taking.take(network, tmp_path / "two.backup", NOW)


@pytest.mark.parametrize("kind", [pytest.param("postgres", marks=pytest.mark.postgres)])
def test_who_else_is_connected_is_said(kind: str, network: str, tmp_path: Path) -> None:
    taking.take(network, tmp_path / "good.backup", NOW)
    with psycopg.connect(postgres_store.plain(network)) as reader:
        reader.execute("SELECT count(*) FROM member")
        with pytest.raises(Conflict, match=r"1 other connections \("):
            restoring.restore(tmp_path / "good.backup", network, tmp_path, an_edge(), replace=True)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_was_put_into_a_backup_is_not_brought_back(kind: str, network: str, empty: str, tmp_path: Path) -> None:
    known = schema.knows
    say(
        network,
        "CREATE VIEW peeking AS SELECT * FROM member",
        "CREATE TRIGGER meddling AFTER INSERT ON mail BEGIN DELETE FROM audit_record; END",
        *THEIRS,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "knows", lambda _revision: False)  # as one that was not stripped
        taking.take(network, tmp_path / "good.backup", NOW)
    assert schema.knows is known
    foreign = ["meddling", "peeking", "theirs", "mail.theirs"]
    assert list(taking.verify(tmp_path / "good.backup", tmp_path).foreign) == foreign
    done = restoring.restore(tmp_path / "good.backup", empty, tmp_path / "instance", an_edge())
    assert list(done.foreign) == foreign and "theirs" not in everything(empty)


def test_the_tables_of_a_revision_are_those_that_migrations_make() -> None:
    newest = schema.tables_at(schema.newest())
    assert schema._of_migrations(schema.newest()) | newest == newest
    assert set(schema._of_migrations(schema.newest())) == set(newest)
    assert "newsletter" in newest and "newsletter" not in schema.tables_at("0013")
