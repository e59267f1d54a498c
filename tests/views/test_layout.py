"""The frame of every page: what every member does stands apart from what runs the network."""

from __future__ import annotations

import re

import pytest

from tests.application import SignIn
from tests.builders import Cast

LISTS = re.compile(r'<ul class="sections-list([^"]*)">(.*?)</ul>', re.DOTALL)


@pytest.mark.parametrize(("who", "runs"), [("ada", []), ("fay", ["Cohorts"]), ("sol", ["Cohorts", "Outbox"])])
def test_members_have_one_row_and_those_who_run_the_network_a_second(
    signed_in: SignIn, cast: Cast, who: str, runs: list[str]
) -> None:
    page = signed_in(getattr(cast, who)).get("/connections").text
    rows = [re.findall(r'sections-label">([^<]+)<', row) for _, row in LISTS.findall(page)]
    own = rows[0]
    assert own.pop() == "More", "a phone has room for four at its foot: this opens the menu with the others"
    assert own[:5] == ["Suggestions", "Introductions", "Connections", "Learning sets", "Directory"]
    assert {"Events", "Topics", "Coffee rounds", "Resources", "Pathways"} == set(own[5:])
    assert [kind for kind, _ in LISTS.findall(page)][1:] == ([" sections-running"] if runs else [])
    assert all(set(runs) <= set(row) for row in rows[1:])
    in_menu = re.findall(r'class="only-phone"><a class="menu-item" href="[^"]+">(?:<svg.*?</svg>)?([^<]+)<', page)
    assert in_menu == [label for row in rows for label in row][4:]


@pytest.mark.parametrize(
    ("path", "family"), [("/connections", "Connections"), ("/events", "More"), ("/topics", "More")]
)
def test_a_phones_foot_marks_where_one_is(signed_in: SignIn, cast: Cast, path: str, family: str) -> None:
    page = signed_in(cast.ada).get(path).text
    own = LISTS.findall(page)[0][1]
    links = re.findall(r'<a class="sections-link"[^>]*?( aria-current="[a-z]+")?>.*?sections-label">([^<]+)<', own)
    at_foot = [*links[:4], links[-1]]
    assert [label for current, label in at_foot if current] == [family]
    assert 'href="#menu"' in own and 'id="menu"' in page
