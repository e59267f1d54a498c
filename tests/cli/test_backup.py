"""`flask haln backup`, `verify`, `restore`, `held`: an operator's morning."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.db import beside
from haln.models import Mail
from tests.builders import a_member
from tests.event_builders import a_place, an_event
from tests.recovery.conftest import an_app, run


@pytest.fixture
def instance(tmp_path: Path, sqlite_template: Path) -> Path:
    folder = tmp_path / "instance"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "haln.sqlite")
    return folder


def a_reminder_is_due(session: Session) -> None:
    member = a_member(session).id
    row = an_event(session, member, datetime.now(UTC) + timedelta(hours=12))
    a_place(session, row, member)
    session.commit()


def test_a_network_is_backed_up_checked_and_brought_back(instance: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{instance / 'haln.sqlite'}"
    app, folder = an_app(url, instance), tmp_path / "backups"
    folder.mkdir()
    with beside(url) as session:
        a_reminder_is_due(session)
    for _ in range(2):
        code, said = run(app, "backup", str(folder), "--keep", "1", "--overwrite")
        assert (code, "1 members" in said) == (0, True), said
    (file,) = folder.iterdir()
    code, said = run(app, "verify", str(file))
    assert (code, "is good" in said) == (0, True), said
    code, said = run(app, "restore", str(file))
    assert (code, "--replace" in said) == (1, True)
    (instance / "index").mkdir()
    code, said = run(app, "restore", str(file), "--replace", "--yes")
    assert code == 0, said
    assert "held back" in said and "Delete it when all is well" in said
    assert not (instance / "index").exists()
    assert run(app, "held", "list")[1].splitlines()[-1] == "1 letters are held back."
    with beside(url) as session:
        assert list(session.scalars(select(Mail.state))) == ["failed"]
    code, said = run(app, "held", "send", "--kind", "nosuch")
    assert (
        code == 1 and "No letter of the kind “nosuch” is held back. There are letters of these: event_reminder." in said
    )
    assert run(app, "held", "send", "--kind", "event_reminder") == (0, "1 letters wait for the worker.\n")
    assert run(app, "held", "drop") == (0, "0 letters will not be sent.\n")


def test_what_cannot_be_done_is_one_sentence(instance: Path, tmp_path: Path) -> None:
    app = an_app(f"sqlite:///{instance / 'haln.sqlite'}", instance)
    for words in (
        ("restore", str(tmp_path / "none")),
        ("verify", str(instance / "haln.sqlite")),
        ("backup", str(tmp_path / "no folder" / "file")),
        ("backup", str(tmp_path / "file"), "--keep", "3"),
    ):
        code, said = run(app, *words)
        assert code == 1 and said.startswith("Error: ") and said.count("\n") == 1, said
