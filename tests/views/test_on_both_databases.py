"""The whole application on SQLite and on PostgreSQL: a demonstration, its suggestions, and every page of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from haln.app import create_app
from haln.db import db, may_write
from haln.models import Connection, Introduction, Member, Suggestion
from haln.people.demonstration.signins import PASSWORD
from tests.views.test_routes import address, refused, rules


@pytest.fixture
def network(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    made = create_app(
        {
            "ENVIRONMENT": "test",
            "TESTING": True,
            "INSTANCE": str(tmp_path),
            "DATABASE_URL": database_url,
            "SECRET_KEY": "a key for tests only, long enough to be one",
            "WTF_CSRF_ENABLED": False,
        },
        environ={},
    )
    run = made.test_cli_runner()
    may_write.set(True)
    for words in (["demo", "--members", "60", "--months", "6", "--seed", "5"], ["suggestions", "refresh"]):
        answer = run.invoke(args=["haln", *words])
        assert answer.exit_code == 0, answer.output
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.slow
def test_a_member_s_whole_way_and_every_page(network: Flask) -> None:
    staff, member = network.test_client(), network.test_client()
    for browser, mailbox in ((staff, "staff"), (member, "member")):
        address_of = f"{mailbox}@demo.haln.example"
        answer = browser.post("/sign-in", data={"email": address_of, "password": PASSWORD})
        assert answer.status_code == 303, answer.text[:500]
    with network.app_context():
        own = db.session.execute(select(Member).where(Member.email == "member@demo.haln.example")).scalar_one()
        first = (
            select(Member.public_id)
            .join(Suggestion, Suggestion.other_id == Member.id)
            .where(Suggestion.member_id == own.id, Suggestion.unlisted_at.is_(None))
            .order_by(Suggestion.rank)
        )
        suggested = db.session.scalars(first).all()
        db.session.remove()
    assert len(suggested) >= 5
    assert member.post(f"/people/{suggested[0]}/ask", data={"note": "Shall we talk?"}).status_code == 303
    assert member.post(f"/suggestions/{suggested[1]}/never").status_code == 303
    page = member.get("/suggestions").text
    assert suggested[0] not in page
    assert suggested[1] not in page
    assert suggested[2] in page
    with network.app_context():
        assert db.session.scalar(select(Introduction.id).where(Introduction.note == "Shall we talk?"))
        assert db.session.scalar(select(Connection.id).limit(1))
        db.session.remove()
    known = {"public_id": suggested[2]}
    wrong = []
    for rule in rules(network):
        if "GET" in (rule.methods or set()) and not rule.endpoint.startswith("api."):  # these know no browser
            for query in ("", "?q=housing&sector=nhs&after=nobody"):
                answer = staff.get(address(rule, known) + query)
                if answer.status_code >= 500 or refused(answer.status_code, answer.headers.get("Location")):
                    wrong.append((rule.rule, query, answer.status_code))
    assert wrong == []
    assert "housing" in staff.get("/people?q=housing").text
