"""A database that is damaged can be replaced, and what is wrong with a file is one sentence."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from haln.errors import Conflict, HalnError, Invalid
from haln.people import erasure
from haln.recovery import restoring, sqlite_store, taking
from tests.builders import NOW
from tests.recovery.places import an_edge, everything, opened
from tests.recovery.test_since import active

pytestmark = pytest.mark.slow


@pytest.fixture
def kind() -> str:
    return "sqlite"


def in_file(url: str, *statements: str) -> None:
    with closing(sqlite3.connect(taking.file_of(url), isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_rows_that_point_nowhere_are_backed_up_with_a_warning_and_can_be_replaced(network: str, tmp_path: Path) -> None:
    taking.take(network, tmp_path / "good.backup", NOW)
    with opened(network) as session:
        gone = active(session)[0]
        erasure.erase(session, gone, NOW)
    in_file(network, "UPDATE mail SET member_id = 999999 WHERE id = (SELECT min(id) FROM mail)")
    assert taking.take(network, tmp_path / "broken.backup", NOW).broken == "mail"
    with pytest.raises(Invalid, match="missing"):
        taking.verify(tmp_path / "broken.backup", tmp_path)
    done = restoring.restore(tmp_path / "good.backup", network, tmp_path, an_edge(), replace=True)
    assert done.aside is not None and done.aside.exists() and done.readable
    assert done.settled.erased == 1  # what is there can still be read


def test_tables_that_are_half_there_are_put_aside(network: str, tmp_path: Path) -> None:
    taking.take(network, tmp_path / "good.backup", NOW)
    path = tmp_path / "half" / "haln.sqlite"
    path.parent.mkdir()
    in_file(
        f"sqlite:///{path}",
        "CREATE TABLE alembic_version (version_num TEXT)",
        "INSERT INTO alembic_version VALUES ('0001')",
    )
    done = restoring.restore(tmp_path / "good.backup", f"sqlite:///{path}", tmp_path, an_edge(), replace=True)
    assert done.aside is not None and len(everything(f"sqlite:///{path}")["member"]) > 50


def test_a_file_behind_another_name_is_replaced_itself(network: str, tmp_path: Path) -> None:
    taking.take(network, tmp_path / "good.backup", NOW)
    path, name = taking.file_of(network), tmp_path / "name.sqlite"
    path.write_bytes(b"x" * 5000)
    name.symlink_to(path)
    restoring.restore(tmp_path / "good.backup", f"sqlite:///{name}", tmp_path, an_edge(), replace=True)
    assert name.is_symlink() and not path.is_symlink() and len(everything(network)["member"]) > 50


def test_whatever_a_file_says_of_itself_is_answered_in_a_sentence(network: str, tmp_path: Path) -> None:
    taking.take(network, tmp_path / "good.backup", NOW)
    with zipfile.ZipFile(tmp_path / "good.backup") as good:
        told, raw = json.loads(good.read("manifest.json")), good.read(sqlite_store.PART)
    part = told["parts"][sqlite_store.PART]
    rows = {**told["rows"], "member": float("inf")}
    for number, (manifest, name, way) in enumerate(
        (
            ("[" * 200_000, sqlite_store.PART, zipfile.ZIP_DEFLATED),
            (json.dumps({**told, "rows": rows}), sqlite_store.PART, zipfile.ZIP_DEFLATED),
            (json.dumps({**told, "parts": {"../evil": part}}), "../evil", zipfile.ZIP_DEFLATED),
            (json.dumps(told), sqlite_store.PART, zipfile.ZIP_LZMA),
            (
                json.dumps({**told, "parts": {sqlite_store.PART: {**part, "size": 1 << 60}}}),
                sqlite_store.PART,
                zipfile.ZIP_DEFLATED,
            ),
        )
    ):
        path = tmp_path / f"bad{number}.backup"
        with zipfile.ZipFile(path, "w", way) as file:
            file.writestr(name, raw)
            file.writestr("manifest.json", manifest)
        if way == zipfile.ZIP_LZMA:
            flipped = bytearray(path.read_bytes())
            flipped[len(flipped) // 2] ^= 255
            path.write_bytes(flipped)
        with pytest.raises((Invalid, Conflict)):
            taking.verify(path, tmp_path)


def test_a_full_disk_is_said(network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taking.take(network, tmp_path / "good.backup", NOW)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(HalnError, match="No space left"):
        taking.verify(tmp_path / "good.backup", tmp_path)
    with pytest.raises(HalnError, match="No space left"):
        restoring.restore(tmp_path / "good.backup", network, tmp_path, an_edge(), replace=True)
