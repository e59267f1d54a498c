"""`flask haln demo` and `flask haln network`: they fill an empty network, print who signs in, and refuse politely."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from haln.db import may_write
from haln.people import beginnings
from haln.people.demonstration.signins import PASSWORD

TINY = {"members.csv": "member\na\nb\nc\n", "edges.csv": "u,v,t\na,b,2015\n"}


@pytest.fixture
def settings() -> dict[str, object]:
    return {"DEMONSTRATION": None}


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    folder = tmp_path / "tiny"
    folder.mkdir()
    for name, content in TINY.items():
        (folder / name).write_text(content, encoding="utf-8")
    return str(folder)


def run(app: Flask, *words: str) -> tuple[int, str]:
    may_write.set(True)  # a command is a process of its own: it has answered no page
    result = app.test_cli_runner().invoke(args=["haln", *words])
    return result.exit_code, result.output


def sign_in(client: FlaskClient, email: str) -> int:
    return client.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code


@pytest.mark.slow
def test_a_demonstration_loads_the_registers_first_and_its_people_can_sign_in(app: Flask, client: FlaskClient) -> None:
    code, said = run(app, "demo", "--members", "60", "--months", "6", "--until", "2026-06-15")
    assert code == 0, said
    assert "60 members" in said
    code, said = run(app, "demo", "signins")
    assert code == 0 and PASSWORD in said
    for who in ("Member", "New member", "Facilitator", "Staff"):
        assert who in said
    assert sign_in(client, "member@demo.haln.example") == 303
    page = client.get("/people?q=trust").text
    assert "Demonstration network: the people are invented." in page
    assert "NHS" in page  # the directory has caught up
    code, said = run(app, "demo", "--members", "60")
    assert (code, "There are members already" in said) == (1, True)


def test_a_network_is_loaded_and_says_that_names_are_invented(app: Flask, client: FlaskClient, tiny: str) -> None:
    code, said = run(app, "network", "load", tiny)
    assert code == 0, said
    assert "3 members, 0 texts, 1 connections" in said and "connected@tiny.haln.example" in said
    assert sign_in(client, "connected@tiny.haln.example") == 303
    assert "A real network under invented names." in client.get("/connections").text
    code, said = run(app, "network", "load", tiny)
    assert (code, "There are members already" in said) == (1, True)


def test_a_bad_file_is_said_in_one_line_and_nothing_stays(app: Flask, tiny: str) -> None:
    (Path(tiny) / "edges.csv").write_text("u,v\na,z\n", encoding="utf-8")
    code, said = run(app, "network", "load", tiny)
    assert (code, "edges.csv, line 2: “z” is not in members.csv." in said) == (1, True)
    with app.app_context():
        assert beginnings.is_empty(app.extensions["sqlalchemy"].session)


def test_where_nobody_is_invented_nobody_signs_in_and_no_page_says_so(app: Flask, client: FlaskClient) -> None:
    code, said = run(app, "demo", "signins")
    assert (code, "Nobody signs in here" in said) == (1, True)
    assert "invented" not in client.get("/sign-in").text


@pytest.mark.parametrize("words", [("demo",), ("network", "load")])
def test_published_passwords_are_never_made_in_production(app: Flask, tiny: str, words: tuple[str, ...]) -> None:
    app.config["ENVIRONMENT"] = "production"
    code, said = run(app, *words, *([tiny] if words[0] == "network" else []))
    assert (code, "must not be in production" in said) == (1, True)
