"""`flask haln work`: sends, stops when told, and may be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from haln.models import ImportFile, Introduction, KeptFigures, Mail, Throttle
from haln.people import changes, mailbox, sessions, versions
from haln.people.tokens import public_id
from tests import mailserver
from tests.builders import NOW, Cast
from tests.learn.sets import a_session, the_set

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def box() -> Iterator[mailserver.Mailbox]:
    with mailserver.running() as found:
        yield found


@pytest.fixture
def settings(box: mailserver.Mailbox) -> dict[str, object]:
    return {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": box.port, "SMTP_SECURITY": "none"}


def put(session: Session, count: int) -> None:
    for number in range(count):
        mailbox.put(session, "verify", f"new{number}@example.org", {}, datetime.now(UTC))
    session.commit()


def states(session: Session) -> set[str]:
    session.rollback()
    return set(session.scalars(select(Mail.state)))


def once(app: Flask) -> str:
    done = app.test_cli_runner().invoke(args=["haln", "work", "--once"])
    assert done.exit_code == 0, done.output
    return str(done.output)


@pytest.fixture
def worker(app: Flask, tmp_path: Path, box: mailserver.Mailbox) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own, on this test's database and mail server."""
    settings = {
        "HALN_ENVIRONMENT": "test",
        "HALN_INSTANCE": str(tmp_path),
        "HALN_DATABASE_URL": str(app.config["DATABASE_URL"]),
        "HALN_SECRET_KEY": str(app.config["SECRET_KEY"]),
        "HALN_SMTP_HOST": "127.0.0.1",
        "HALN_SMTP_PORT": str(box.port),
        "HALN_SMTP_SECURITY": "none",
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "haln", "work"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    yield process
    process.kill()
    process.wait()


def wait_for(box: mailserver.Mailbox, count: int) -> None:
    end = time.monotonic() + 60
    while len(box.taken) < count and time.monotonic() < end:
        time.sleep(0.02)
    assert len(box.taken) >= count


def slowly(said: str) -> None:
    if said == ".":
        time.sleep(0.1)


def test_what_is_due_is_sent_and_the_command_ends(app: Flask, session: Session, box: mailserver.Mailbox) -> None:
    put(session, 25)
    assert "20 sent" in once(app)
    assert len(box.taken) == 25 and states(session) == {"sent"}


def test_introductions_lapse(app: Flask, session: Session, cast: Cast) -> None:
    session.add(
        Introduction(
            public_id=public_id(),
            kind="asked",
            asker_id=cast.ada,
            asked_id=cast.cai,
            created_at=NOW - timedelta(days=15),
            expires_at=NOW - timedelta(days=1),
        )
    )
    session.commit()
    assert "1 lapsed" in once(app)
    session.rollback()
    assert session.scalars(select(Introduction.state)).all() == ["lapsed"]


def test_a_fault_in_one_kind_of_work_stops_no_other(app: Flask, session: Session, cast: Cast) -> None:
    app.config["SMTP_SECURITY"] = "nonsense"
    changes.ask_refresh(session, [cast.ada], NOW)
    put(session, 1)
    assert "1 lists refreshed" in once(app)
    assert states(session) == {"waiting"}


def test_the_command_ends_after_its_time(app: Flask, session: Session) -> None:
    before = time.monotonic()
    assert app.test_cli_runner().invoke(args=["haln", "work", "--for", "0.5"]).exit_code == 0
    assert 0.5 <= time.monotonic() - before < 10


@pytest.mark.slow
def test_a_worker_told_to_stop_finishes_what_it_holds(
    session: Session, box: mailserver.Mailbox, worker: subprocess.Popen[bytes]
) -> None:
    box.answer = slowly
    put(session, 15)
    wait_for(box, 2)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert states(session) == {"sent", "waiting"}
    assert len(box.taken) == len(session.scalars(select(Mail.id).where(Mail.state == "sent")).all()) < 15


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(
    app: Flask, session: Session, box: mailserver.Mailbox, worker: subprocess.Popen[bytes]
) -> None:
    box.answer = slowly
    put(session, 15)
    wait_for(box, 2)
    worker.send_signal(signal.SIGKILL)
    worker.wait(30)
    assert "leased" in states(session)
    once(app)
    assert "leased" in states(session), "another worker's lease is kept until it ends"
    session.execute(update(Mail).where(Mail.leased_until.is_not(None)).values(leased_until=NOW))
    session.commit()
    once(app)
    assert states(session) == {"sent"} and len(set(box.recipients)) == 15
    # The one message that the worker held in its hand may have come twice, known by its Message-ID as one.
    assert len(box.taken) <= 16 and len(set(box.ids())) == 15


def test_the_worker_reminds_of_sessions_once_and_sends_the_calendar_file(
    app: Flask, session: Session, cast: Cast, box: mailserver.Mailbox
) -> None:
    row = the_set(session, cast)
    a_session(session, row, datetime.now(UTC) + timedelta(hours=20))
    session.commit()
    assert "Sessions: 5 reminders." in once(app)
    assert "reminders" not in once(app)
    assert len(box.taken) == 5
    assert all([part.get_filename() for part in one.iter_attachments()] == ["sessions.ics"] for one in box.taken)


def test_what_goes_wrong_while_old_rows_are_deleted_does_not_end_the_work(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise OperationalError("DELETE", {}, Exception("database is locked"))

    monkeypatch.setattr(sessions, "forget_old", locked)
    assert "Stopped." in once(app)


def test_the_figures_of_ended_months_are_kept_once(app: Flask, session: Session, cast: Cast) -> None:
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    assert "Figures: those of " in once(app)
    session.rollback()
    kept = session.scalars(select(KeptFigures)).all()
    assert kept and all(row.figures and row.made_at for row in kept)
    assert {row.asked for row in kept} == {"", "hosts=without"}
    assert "Figures" not in once(app)


def test_what_is_old_is_thrown_away_by_the_hour(app: Flask, session: Session, cast: Cast) -> None:
    now = datetime.now(UTC)
    old, fresh = now - timedelta(days=2), now - timedelta(hours=1)
    for name, brought in (("old", old), ("fresh", fresh)):
        kept = ImportFile(public_id=name, name=name, content=b"email\n", agreed=True, brought_by_id=cast.sol)
        kept.brought_at = brought
        session.add(kept)
    for key, started in (("old", now - timedelta(days=3)), ("fresh", fresh)):
        session.add(Throttle(key=key, window_start=started, count=1))
    session.commit()
    once(app)
    session.rollback()
    assert session.scalars(select(ImportFile.public_id)).all() == ["fresh"]
    assert set(session.scalars(select(Throttle.key))) == {"fresh"}
