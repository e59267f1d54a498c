"""The directory's page: state in the address, parts for htmx, clear refusals, and few queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from haln.db import db
from haln.models import Member
from haln.people import changes, search_index
from haln.taxonomy import vocabulary
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, a_member, a_theme

Count = Callable[[], int]


@pytest.fixture
def browser(session: Session, cast: Cast, signed_in: SignIn) -> FlaskClient:
    changes.touch(session, cast.everyone(), NOW)
    search_index.catch_up(session, vocabulary.load())
    return signed_in(cast.cai)


def text(browser: FlaskClient, address: str, **headers: str) -> str:
    answer = browser.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_what_is_looked_for_stands_in_the_address_and_can_be_taken_away(browser: FlaskClient) -> None:
    page = text(browser, "/people?q=leeds&role=strategy&sector=local-government&nonsense=1")
    assert "2 people" in page
    assert 'value="leeds"' in page
    assert 'href="/people?role=strategy&amp;sector=local-government"' in page or (
        'href="/people?sector=local-government&amp;role=strategy"' in page
    )
    assert 'href="/people?q=leeds&amp;sector=local-government"' in page
    assert "Apply filters" in page


def test_htmx_is_given_the_part_that_changes(browser: FlaskClient) -> None:
    part = text(browser, "/people?q=ada", **{"HX-Request": "true"})
    assert "<html" not in part
    assert "1 person" in part
    assert "HX-Request" in browser.get("/people").headers["Vary"]


def test_nobody_found_says_what_to_do(browser: FlaskClient) -> None:
    assert "Nobody fits all of this" in text(browser, "/people?q=zebra")


def test_a_text_without_a_word_is_no_filter_and_said_to_be_none(browser: FlaskClient) -> None:
    page = text(browser, "/people?q=%21%21&role=strategy")
    assert "There is nothing to search by in “!!”" in page
    chips = page.partition('aria-label="Filters in use"')[2].partition("</ul>")[0]
    assert "Strategy" in chips and "!!" not in re.sub(r'href="[^"]*"', "", chips)
    assert "There is nothing to search by" not in text(browser, "/people?q=ada")


ODD = [
    ("q=%00", 400),
    ("q=%ED%A0%80", 200),
    ("q=" + "x" * 1_000_000, 422),
    ("q=" + "%22" * 300, 200),
    ("after=nobody", 404),
    ("after=99999999999999999999", 404),
    ("after=" + "x" * 100_000, 404),
    ("role=" + "&role=".join(str(number) for number in range(2000)), 422),
    ("role=" + "&role=".join(str(number) for number in range(50)), 200),
    ("place=%27%3B--", 200),
]


def test_nothing_in_the_address_breaks_the_page(browser: FlaskClient) -> None:
    for query, status in ODD:
        assert browser.get(f"/people?{query}").status_code == status, query[:40]


def test_who_is_not_a_verified_member_does_not_get_in(
    session: Session, client: FlaskClient, browser: FlaskClient, signed_in: SignIn
) -> None:
    assert "/sign-in" in client.get("/people").location
    newcomer = a_member(session, "Una Unverified", standing="unverified").id
    assert signed_in(newcomer).get("/people").status_code == 403


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("members", [10, 300])
def test_pages_take_as_many_queries_however_many_members_there_are(
    app: Flask, session: Session, cast: Cast, browser: FlaskClient, members: int
) -> None:
    made = [a_member(session, f"Person Number{number}", biography="walks").id for number in range(members)]
    for member_id in made:
        a_theme(session, member_id, "food", offer=True)
    for member_id in made[:20]:
        a_connection(session, cast.cai, member_id)
        a_connection(session, cast.ada, member_id)
    changes.touch(session, made, NOW)
    search_index.catch_up(session, vocabulary.load())
    ada = session.get_one(Member, cast.ada).public_id
    expected = {
        "/people": 5,  # who asks, newest change, blocks, rows, their themes
        "/people?q=walks": 5,  # the answer is kept from the first time
        "/people?offer=food&region=wales": 3,  # and no rows, no themes
        f"/people?after={ada}": 6,  # where the page begins
        f"/people/{ada}": 7,  # who asks, facts, ties, people in common, themes, an open introduction, what they wrote
        "/profile": 3,  # who asks, the profile, its themes
    }
    found = {}
    for address in expected:
        browser.get(address)
        with counted(app) as statements:
            assert browser.get(address).status_code == 200
        found[address] = len([one for one in statements if not one.startswith("BEGIN")])
    assert found == expected
