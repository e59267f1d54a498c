"""`flask haln bounces`: from a pipe, a file, a Maildir."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import StoppedAddress
from tests.post.test_returns import ADA, a_complaint, a_mail, a_notification


def run(app: Flask, *words: str, given: bytes = b"") -> str:
    done = app.test_cli_runner().invoke(args=["haln", "bounces", *words], input=given)
    assert done.exit_code == 0, done.output
    return str(done.output).strip()


def stopped(session: Session) -> dict[str, str]:
    session.rollback()
    return {row.address: row.reason for row in session.scalars(select(StoppedAddress))}


@pytest.fixture(autouse=True)
def written(session: Session) -> None:
    a_mail(session)
    session.commit()


def test_one_message_from_a_mail_servers_pipe(app: Flask, session: Session) -> None:
    assert run(app, "-", given=a_notification()) == "1 messages read, 1 of them reports, 1 about mail of ours."
    assert stopped(session) == {ADA: "bounced"}
    assert run(app, "-", given=a_notification()) == "1 messages read, 1 of them reports, 0 about mail of ours."


def test_an_mbox_with_other_mail_in_it(app: Flask, session: Session, tmp_path: Path) -> None:
    box = tmp_path / "box"
    mails = (b"Subject: Hello\n\nHow are you?\n", bytes(range(256)), a_complaint(secret=app.config["SECRET_KEY"]))
    box.write_bytes(b"".join(b"From x Mon Jun 15 10:00:00 2026\n" + mail + b"\n\n" for mail in mails))
    assert run(app, str(box)) == "3 messages read, 1 of them reports, 1 about mail of ours."
    assert stopped(session) == {ADA: "complained"}


def test_of_a_maildir_what_is_new_is_read_once(app: Flask, session: Session, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    (new / "1.a").write_bytes(a_notification())
    (new / "2.b").write_bytes(b"garbage")
    (new / "3.c").symlink_to(tmp_path / "elsewhere")
    assert run(app, str(tmp_path)) == "2 messages read, 1 of them reports, 1 about mail of ours."
    assert sorted(path.name for path in (tmp_path / "cur").iterdir()) == ["1.a:2,S", "2.b:2,S"]
    assert run(app, str(tmp_path)) == "0 messages read, 0 of them reports, 0 about mail of ours."
    assert stopped(session) == {ADA: "bounced"}


def test_nothing_is_said_of_a_file_that_is_not_there(app: Flask, tmp_path: Path) -> None:
    done = app.test_cli_runner().invoke(args=["haln", "bounces", str(tmp_path / "no")])
    assert done.exit_code == 2 and "does not exist" in done.output
