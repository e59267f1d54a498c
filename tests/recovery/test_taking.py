"""Backups: whole, of one moment, and never half under their name."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from haln.db import prepare_engine
from haln.errors import Conflict, HalnError, Invalid
from haln.models import Throttle
from haln.recovery import schema, taking
from tests.builders import NOW
from tests.recovery.places import everything

pytestmark = pytest.mark.slow


def test_a_backup_says_what_it_holds_and_only_its_owner_reads_it(network: str, tmp_path: Path) -> None:
    path = tmp_path / "one.backup"
    told = taking.take(network, path, NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (told.revision, told.taken_at) == (schema.newest(), NOW)
    assert {"member": told.rows["member"], "mail": told.rows["mail"]} == {
        name: len(rows) for name, rows in everything(network).items() if name in {"member", "mail"}
    }
    assert taking.verify(path, tmp_path).manifest == told
    assert sorted(entry.name for entry in tmp_path.iterdir() if entry.is_file()) == ["one.backup"]


def test_what_is_taken_while_others_write_is_the_state_of_one_moment(network: str, tmp_path: Path) -> None:
    """Each writer writes pairs, each pair in one transaction, and a running number: no half, and no gap."""
    engine = create_engine(network)
    prepare_engine(engine)
    stop, started = threading.Event(), threading.Barrier(3)

    def write(who: str) -> None:
        number = 0
        while not stop.is_set():
            with Session(engine) as session:
                session.add_all(Throttle(key=f"{who} {number} {half}", window_start=NOW) for half in "ab")
                session.commit()
            if number == 5:
                started.wait(30)
            number += 1

    writers = [threading.Thread(target=write, args=(f"writer{one}",)) for one in range(2)]
    for writer in writers:
        writer.start()
    started.wait(30)
    paths = [tmp_path / f"{number}.backup" for number in range(3)]
    for path in paths:
        taking.take(network, path, NOW)
    stop.set()
    for writer in writers:
        writer.join()
    engine.dispose()
    for path in paths:
        _keeps_the_law(path, tmp_path)


def _keeps_the_law(path: Path, folder: Path) -> None:
    numbers: dict[str, list[int]] = {}
    pairs: Counter[tuple[str, int]] = Counter()
    for key in _keys(path, folder):
        who, number, _half = key.split()
        pairs[who, int(number)] += 1
        numbers.setdefault(who, []).append(int(number))
    assert set(pairs.values()) == {2}
    for found in numbers.values():
        assert sorted(set(found)) == list(range(max(found) + 1))


def _keys(path: Path, folder: Path) -> list[str]:
    with zipfile.ZipFile(path) as file:
        if "throttle" in file.namelist():
            lines = file.read("throttle").decode().splitlines()
            return [line.split("\t")[0] for line in lines if line.startswith("writer")]
        (folder / "taken.sqlite").write_bytes(file.read("haln.sqlite"))
    engine = create_engine(f"sqlite:///{folder / 'taken.sqlite'}")
    with Session(engine) as session:
        found = list(session.scalars(select(Throttle.key).where(Throttle.key.startswith("writer"))))
    engine.dispose()
    return found


def test_a_backup_is_never_put_over_another_unless_that_is_asked_for(network: str, tmp_path: Path) -> None:
    path = tmp_path / "one.backup"
    path.write_text("mine")
    with pytest.raises(Conflict, match="--overwrite"):
        taking.take(network, path, NOW)
    assert path.read_text() == "mine"
    taking.take(network, path, NOW, overwrite=True)
    assert taking.verify(path, tmp_path).manifest.taken_at == NOW


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from haln.recovery import archive, taking
def ended(self, told):
    self._file.fp.flush()
    os.kill(os.getpid(), signal.SIGKILL)
archive.Writing.end = ended
taking.take(sys.argv[1], Path(sys.argv[2]), datetime.now(UTC), overwrite=True)
"""


def test_a_backup_that_is_killed_leaves_nothing_under_its_name(network: str, tmp_path: Path) -> None:
    path = tmp_path / "one.backup"
    for before in (None, "a good backup of yesterday"):
        if before is not None:
            path.write_text(before)
        done = subprocess.run([sys.executable, "-c", KILLED, network, path], check=False, cwd=Path.cwd())
        assert done.returncode == -9
        assert (path.read_text() if path.exists() else None) == before


def a_backup(url: str, folder: Path) -> bytes:
    taking.take(url, folder / "good.backup", NOW, overwrite=True)
    return (folder / "good.backup").read_bytes()


def retold(folder: Path, change: Callable[[dict[str, object]], object]) -> bytes:
    """A backup that says something else of itself."""
    path = folder / "retold.backup"
    with zipfile.ZipFile(folder / "good.backup") as source, zipfile.ZipFile(path, "w") as into:
        for name in source.namelist():
            raw = source.read(name)
            if name == "manifest.json":
                told = json.loads(raw)
                change(told)
                raw = json.dumps(told).encode()
            into.writestr(name, raw)
    return path.read_bytes()


def test_a_damaged_or_foreign_file_is_told_apart(network: str, tmp_path: Path) -> None:
    good = a_backup(network, tmp_path)
    bad = [good[: len(good) * part // 8] for part in range(8)]
    places = range(40, len(good), len(good) // 12)  # a bit that has flipped, anywhere
    bad += [good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :] for place in places]
    bad += [b"", b"not a backup at all", a_zip(tmp_path, {"a": "b"}), a_zip(tmp_path, {"manifest.json": "[1]"})]
    bad.append(retold(tmp_path, lambda told: told.update(format="another")))
    bad.append(retold(tmp_path, lambda told: told.update(edition=99)))
    bad.append(retold(tmp_path, lambda told: told["rows"].update(member=3)))
    bad.append(retold(tmp_path, lambda told: told["parts"].popitem()))
    silent = 0
    for number, raw in enumerate(bad):
        path = tmp_path / f"bad{number}.backup"
        path.write_bytes(raw)
        try:
            taking.verify(path, tmp_path)
        except Invalid:
            continue
        silent += 1
    assert silent <= 1  # of what flips, only a bit that says nothing: a time or an attribute of the ZIP's own
    assert not list(tmp_path.glob(".haln*"))


def a_zip(folder: Path, entries: dict[str, str]) -> bytes:
    with zipfile.ZipFile(folder / "made.zip", "w") as file:
        for name, text in entries.items():
            file.writestr(name, text)
    return (folder / "made.zip").read_bytes()


def test_a_folder_keeps_the_newest_backups_and_other_files(network: str, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    (folder / "before-restore.backup").write_text("mine")
    moments = [NOW + timedelta(hours=hour) for hour in range(4)]
    for moment in moments:
        taking.take(network, taking.name_for(folder, moment), moment)
    gone = taking.rotate(folder, 2)
    assert len(gone) == 2
    left = {path.name for path in folder.iterdir()}
    assert left == {"notes.txt", "before-restore.backup", *(taking.name_for(folder, m).name for m in moments[2:])}


def test_a_damaged_database_is_said_and_not_backed_up(filled_sqlite: str, tmp_path: Path) -> None:
    raw = bytearray(taking.file_of(filled_sqlite).read_bytes())
    raw[40_960:81_920] = os.urandom(40_960)
    path = tmp_path / "haln.sqlite"
    path.write_bytes(raw)
    with pytest.raises(HalnError, match="damaged"):
        taking.take(f"sqlite:///{path}", tmp_path / "one.backup", NOW)
    assert not (tmp_path / "one.backup").exists()


def test_where_there_is_nothing_to_back_up_it_says_so(empty: str, tmp_path: Path) -> None:
    with pytest.raises(Conflict):
        taking.take(empty, tmp_path / "one.backup", NOW)
    assert not (tmp_path / "one.backup").exists()
