"""A backup comes back as it was, in one step, and what is no good changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, func, select, text, update

from haln.db import beside
from haln.errors import Conflict, HalnError, Invalid
from haln.models import Member
from haln.people import erasure
from haln.recovery import manifest, restoring, schema, taking
from haln.recovery.schema import alembic_config
from tests.builders import NOW, a_member
from tests.recovery.killing import POINTS
from tests.recovery.places import an_edge, everything, opened
from tests.recovery.test_taking import retold

pytestmark = pytest.mark.slow

LATER = NOW + timedelta(days=1)


@pytest.fixture
def backup(network: str, tmp_path: Path) -> Path:
    taking.take(network, tmp_path / "good.backup", NOW)
    return tmp_path / "good.backup"


def without_record(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    return {table: found for table, found in rows.items() if table != "audit_record"}


def test_what_comes_back_is_what_was_backed_up(network: str, backup: Path, empty: str, tmp_path: Path) -> None:
    before = everything(network)
    done = restoring.restore(backup, empty, tmp_path / "instance", an_edge(), moved=True)
    after = everything(empty)
    assert len(before) > 60 and len(before["member"]) > 50
    assert without_record(after) == without_record(before)
    assert len(after["audit_record"]) == len(before["audit_record"]) + 1
    assert done.aside is None
    with opened(empty) as session:
        highest = session.scalar(select(func.max(Member.id))) or 0
        assert a_member(session, "Eve Newcomer").id > highest
    command.check(alembic_config(empty))


def test_people_are_replaced_only_when_that_is_said_and_then_kept_aside(
    network: str, backup: Path, tmp_path: Path
) -> None:
    with opened(network) as session:
        a_member(session, "Eve Newcomer")
    there, folder = everything(network), tmp_path / "instance"
    with pytest.raises(Conflict, match="--replace"):
        restoring.restore(backup, network, folder, an_edge())
    assert everything(network) == there
    done = restoring.restore(backup, network, folder, an_edge(), replace=True)
    assert done.aside is not None and taking.verify(done.aside, tmp_path).manifest.rows["member"] == len(
        there["member"]
    )
    assert len(everything(network)["member"]) == len(there["member"]) - 1
    restoring.restore(done.aside, network, folder, an_edge(LATER), replace=True, moved=True)
    assert without_record(everything(network)) == without_record(there)


def test_empty_tables_need_no_word(backup: Path, empty: str, tmp_path: Path) -> None:
    taking_place = Path(empty.removeprefix("sqlite:///")).parent
    if empty.startswith("sqlite"):
        taking_place.mkdir(parents=True)
    schema.upgrade(empty)
    restoring.restore(backup, empty, tmp_path / "instance", an_edge())
    assert len(everything(empty)["member"]) > 50


def test_a_file_that_is_no_good_changes_nothing(network: str, backup: Path, tmp_path: Path) -> None:
    there = everything(network)
    good = backup.read_bytes()
    bad = [good[: len(good) // 2], good[:9000] + bytes([good[9000] ^ 1]) + good[9001:], b"no backup"]
    bad.append(retold(tmp_path, lambda told: told["rows"].update(member=3)))
    for raw in bad:
        backup.write_bytes(raw)
        with pytest.raises(Invalid):
            restoring.restore(backup, network, tmp_path, an_edge(), replace=True)
        assert everything(network) == there


@pytest.mark.parametrize(
    ("change", "said"),
    [({"revision": "9999"}, "does not know"), ({"database": "oracle"}, "restore|Restore"), ({"edition": 2}, "newer")],
)
def test_what_another_version_made_is_refused_in_a_sentence(
    change: dict[str, object], said: str, network: str, backup: Path, tmp_path: Path
) -> None:
    backup.write_bytes(retold(tmp_path, lambda told: told.update(change)))
    with pytest.raises(HalnError, match=said):
        restoring.restore(backup, network, tmp_path, an_edge(), replace=True)


def test_an_older_backup_is_brought_to_the_tables_of_today(
    copied: Callable[[], str], empty: str, tmp_path: Path
) -> None:
    old = copied()
    names = set(_names(old))
    command.downgrade(alembic_config(old), "0013")
    told = taking.take(old, tmp_path / "old.backup", NOW)
    assert told.revision == "0013"
    restoring.restore(tmp_path / "old.backup", empty, tmp_path / "instance", an_edge())
    command.check(alembic_config(empty))
    assert set(_names(empty)) == names


def _names(url: str) -> list[tuple[int, str]]:
    with opened(url) as session:
        return [(row.id, row.name) for row in session.execute(select(Member.id, Member.name))]


def test_a_running_service_is_not_restored_over(network: str, backup: Path, tmp_path: Path) -> None:
    there = everything(network)
    with beside(network) as session:
        session.scalar(select(func.count(Member.id)))
        session.commit()  # a server between two requests
        with pytest.raises(Conflict, match="Stop the server"):
            restoring.restore(backup, network, tmp_path, an_edge(), replace=True)
    assert everything(network) == there
    assert not list(tmp_path.glob("*.restoring*"))


def test_tables_of_something_else_are_left_alone(backup: Path, empty: str, tmp_path: Path) -> None:
    if empty.startswith("sqlite"):
        Path(empty.removeprefix("sqlite:///")).parent.mkdir(parents=True)
    engine = create_engine(empty)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE accounts (id INTEGER)"))
    engine.dispose()
    with pytest.raises(Conflict, match="not HALN's"):
        restoring.restore(backup, empty, tmp_path, an_edge(), replace=True)
    assert list(everything(empty)) == ["accounts"]


@pytest.mark.parametrize("kind", ["sqlite"])  # a cluster that cannot be read is a matter of PostgreSQL's own
def test_what_cannot_be_read_is_put_aside(kind: str, backup: Path, network: str, tmp_path: Path) -> None:
    path = Path(network.removeprefix("sqlite:///"))
    for ruin in (lambda raw: b"x" * 5000, lambda raw: raw[:40_960] + os.urandom(40_960) + raw[81_920:]):
        ruined = ruin(path.read_bytes())
        path.write_bytes(ruined)
        with pytest.raises(Conflict, match="--replace"):
            restoring.restore(backup, network, tmp_path, an_edge())
        done = restoring.restore(backup, network, tmp_path, an_edge(), replace=True)
        assert not done.readable and done.aside is not None and done.aside.read_bytes() == ruined
        assert len(_names(network)) > 50
        done.aside.unlink()


def test_killed_anywhere_there_is_the_old_or_the_new_and_it_can_be_done_again(
    kind: str, network: str, backup: Path, tmp_path: Path
) -> None:
    with opened(network) as session:
        a_member(session, "Eve Newcomer")
    there, folder = everything(network), tmp_path / "instance"
    command_line = [sys.executable, "-m", "tests.recovery.killing", kind, backup, network, folder]
    told = subprocess.run(command_line, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    seen = [json.loads(line) for line in told]
    assert [one["point"] for one in seen] == list(POINTS[kind])
    for one in seen:
        in_place = one["point"] == "in place"
        assert (one["ended"], one["old"], one["whole"]) == (-9, not in_place, True), one
        assert one["members"] == len(there["member"]) - in_place
    restoring.restore(backup, network, folder, an_edge(LATER), replace=True)
    assert len(everything(network)["member"]) == len(there["member"]) - 1
    assert [path.name for path in tmp_path.rglob("*.restoring*")] == []


def test_who_was_erased_since_is_erased_again(network: str, backup: Path, tmp_path: Path) -> None:
    with opened(network) as session:
        gone, other = session.scalars(select(Member.id).where(Member.standing == "active").limit(2))
        name = session.get_one(Member, gone).name
        erasure.erase(session, gone, LATER)
        erasure.erase(session, other, LATER)
        # Somebody else has this number in what is restored: nobody may be erased by a number alone.
        session.execute(update(Member).where(Member.id == other).values(joined_at=LATER))
    done = restoring.restore(backup, network, tmp_path / "instance", an_edge(LATER), replace=True)
    assert (done.settled.erased, done.lost_erasures) == (1, 1)
    with opened(network) as session:
        assert session.get_one(Member, gone).standing == "erased"
        assert session.get_one(Member, other).standing == "active"
    assert not any(name in row for row in everything(network)["member"])


def test_a_manifest_reads_back_as_it_was(backup: Path) -> None:
    told = taking.verify(backup, backup.parent).manifest
    assert manifest.read(replace(told, version="x").written()) == replace(told, version="x")
