"""The operator's commands about members."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import AuditRecord, Member
from tests.builders import Cast, a_member


def test_the_operator_makes_the_first_staff_person(app: Flask, session: Session, cast: Cast) -> None:
    done = app.test_cli_runner().invoke(args=["haln", "members", "audience", "Ada.Okafor@example.org", "staff"])
    assert (done.exit_code, done.output) == (0, "Ada Okafor: staff.\n")
    session.expire_all()
    assert session.get_one(Member, cast.ada).audience == "staff"
    assert session.scalars(select(AuditRecord.action)).all() == ["change_audience"]


def test_nobody_gets_rights_before_they_have_joined(app: Flask, session: Session, cast: Cast) -> None:
    member = a_member(session, "Ina Invited", standing="invited")
    session.commit()
    done = app.test_cli_runner().invoke(args=["haln", "members", "audience", "ina.invited@example.org", "staff"])
    assert done.exit_code == 1
    assert "Nobody with the address ina.invited@example.org has joined." in done.output
    session.expire_all()
    assert session.get_one(Member, member.id).audience == "member"


def test_where_refused_rows_cannot_be_written_nothing_is_brought_in(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "members.csv"
    file.write_text("email,name\nuna@example.org,Una\nnobody,Nobody\n")
    words = ["haln", "members", "import", str(file), "--refused", str(tmp_path / "nowhere" / "refused.csv")]
    done = app.test_cli_runner().invoke(args=words)
    assert done.exit_code == 1 and "could not be written: No such file or directory." in done.output
    assert session.scalars(select(Member)).all() == []
