"""The operator's files are the page's files."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import networkx as nx
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.cli import export
from haln.measure import exports, exports_outcomes
from haln.models import AuditRecord
from haln.views.network import report_file
from tests.application import SignIn, others_can_save
from tests.builders import NOW, Cast, a_connection, by_key
from tests.measure.test_exports import grown
from tests.outcome_builders import an_outcome

DAY = NOW.date().isoformat()


def run(app: Flask, *words: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["haln", "export", *words])
    return done.exit_code, done.output


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_command_writes_the_bytes_that_the_page_gives(
    app: Flask, session: Session, cast: Cast, signed_in: SignIn, tmp_path: Path, form: str
) -> None:
    grown(session, cast)
    session.commit()
    file = tmp_path / "figures"
    code, told = run(
        app, "figures", "--as-of", DAY, "--known-on", DAY, "--without-hosts", "--format", form, "--output", str(file)
    )
    assert code == 0, told
    page = signed_in(cast.sol).get(f"/network/files/figures.{form}?as_of={DAY}&known_on={DAY}&hosts=without")
    assert file.read_bytes() == page.data
    assert told == f"{file}: {len(page.data)} bytes, as of {DAY}.\n"
    assert session.scalars(select(AuditRecord)).all() == []


def test_figures_are_broken_down_as_on_the_page(
    app: Flask, session: Session, cast: Cast, signed_in: SignIn, tmp_path: Path
) -> None:
    grown(session, cast)
    session.commit()
    file = tmp_path / "figures"
    asked = ("--as-of", DAY, "--known-on", DAY, "--figure", "ties", "--by", "region")
    assert run(app, "figures", *asked, "--output", str(file))[0] == 0
    page = signed_in(cast.sol).get(f"/network/files/figures.csv?as_of={DAY}&known_on={DAY}&by=region&figure=ties")
    assert file.read_bytes() == page.data and b"E12000003" in page.data


def test_outcomes_are_the_same_file_from_page_and_command(
    app: Flask, session: Session, cast: Cast, signed_in: SignIn, tmp_path: Path
) -> None:
    an_outcome(session, cast.ada, a_connection(session, cast.ada, cast.ben))
    session.commit()
    file = tmp_path / "outcomes.csv"
    code, told = run(app, "outcomes", "--as-of", DAY, "--known-on", DAY, "--mark", "--output", str(file))
    assert code == 0, told
    page = signed_in(cast.sol).get(f"/network/outcomes/outcomes.csv?as_of={DAY}&known_on={DAY}&mark=yes")
    assert file.read_bytes() == page.data and page.data.startswith(
        b"\xef\xbb\xbfas_of,known_as_of,kind,measure,version"
    )
    assert f"{DAY},{DAY},joint_project,outcomes,3,all,*,*,1,7".encode() in page.data
    for path in ("/network/files/", "/network/outcomes/"):
        shown = signed_in(cast.sol).get(path).text
        assert all(f"/network/outcomes/outcomes.{form}" in shown for form in exports.FIGURES)
    assert run(app, "outcomes", "--as-of", DAY, "--known-on", DAY, "--format", "json", "--output", str(file))[0] == 0
    asked = f"as_of={DAY}&known_on={DAY}"
    assert file.read_bytes() == signed_in(cast.sol).get(f"/network/outcomes/outcomes.json?{asked}").data
    sent = by_key(session, cast.sol)
    assert file.read_bytes() == app.test_client().get(f"/api/network/outcomes.json?{asked}", headers=sent).data
    assert run(app, "outcomes", "--as-of", DAY, "--known-then", "--output", str(file))[0] == 0
    then = signed_in(cast.sol).get(f"/network/outcomes/outcomes.csv?as_of={DAY}&known=then").data
    assert file.read_bytes() == then != signed_in(cast.sol).get(f"/network/outcomes/outcomes.csv?as_of={DAY}").data


@pytest.mark.parametrize(
    ("command", "room", "work"),
    [
        (["figures", "--figure", "ties"], exports, "figures_file"),
        (["figures", "--figure", "ties", "--exact"], exports, "figures_file"),
        (["network"], exports, "network_file"),
        (["outcomes"], exports_outcomes, "outcomes_file"),
        (["report"], report_file, "made"),
    ],
)
def test_others_can_save_while_a_file_is_worked_out(
    app: Flask,
    session: Session,
    cast: Cast,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
    room: ModuleType,
    work: str,
) -> None:
    grown(session, cast)
    session.commit()
    could, working = [], getattr(room, work)

    def watched(*given: Any, **more: Any) -> Any:
        made = working(*given, **more)
        could.append(others_can_save(app))
        return made

    monkeypatch.setattr(room, work, watched)
    code, told = run(app, *command, "--as-of", DAY, "--output", str(tmp_path / "file"))
    assert (code, could) == (0, [True]), told


def test_the_guide_names_every_option_and_no_other() -> None:
    text = " ".join((Path(__file__).parents[2] / "docs" / "staff.md").read_text(encoding="utf-8").split())
    told = text.partition("On the command line: `flask haln export figures")[2].partition("## ")[0]
    there = {name for command in export.group.commands.values() for option in command.params for name in option.opts}
    assert set(re.findall(r"--[a-z-]+", told)) == there


def test_what_is_not_for_publication_is_written_down(app: Flask, session: Session, cast: Cast, tmp_path: Path) -> None:
    grown(session, cast)
    session.commit()
    file = tmp_path / "file"
    for form in ("graphml", "gexf"):
        assert run(app, "network", "--as-of", DAY, "--format", form, "--output", str(file), "--overwrite")[0] == 0
        assert file.stat().st_mode & 0o777 == 0o600
        graph = nx.read_graphml(file) if form == "graphml" else nx.read_gexf(file, version="1.3")
        assert len(graph) > 50
    asked = ("figures", "--figure", "ties", "--exact", "--output", str(file))
    kept = file.read_bytes()
    for words in (asked, ("network", "--output", str(file))):
        code, told = run(app, *words)
        assert code == 1 and "is there already" in told and file.read_bytes() == kept
    file.chmod(0o644)
    assert run(app, *asked, "--overwrite")[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600 and [one.name for one in tmp_path.glob(".*.part")] == []
    assert "*" not in file.read_text()
    session.expire_all()
    assert session.scalars(select(AuditRecord.action)).all() == ["export_network"] * 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["figures", "--as-of", "2999-01-01"], "That day is still to come."),
        (["figures", "--figure", "unheard-of"], "There is no such figure."),
        (["figures", "--by", "sector", "--sector", "nhs", "--exact"], "cannot be broken down"),
        (["figures", "--without-hosts", "--region", "E12000003"], "not two of these"),
        (["network", "--sector", "unheard-of"], "Choose one of the list."),
        (["figures", "--region", "E92000001"], "Members of this nation are counted by its regions"),
        (["network", "--format", "csv"], "Invalid value"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_written(
    app: Flask, session: Session, cast: Cast, tmp_path: Path, words: list[str], told: str
) -> None:
    file = tmp_path / "file"
    code, said = run(app, *words, "--output", str(file))
    assert code and told in said and not file.exists()


@pytest.mark.parametrize("command", ["figures", "network", "outcomes"])
def test_a_file_that_cannot_be_written_is_a_sentence(
    app: Flask, session: Session, cast: Cast, tmp_path: Path, command: str
) -> None:
    code, said = run(app, command, "--output", str(tmp_path / "nowhere" / "file"))
    assert code == 1 and "could not be written: No such file or directory." in said
