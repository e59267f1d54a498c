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
    assert own[:5] == ["Suggestions", "Introductions", "Connections", "Learning sets", "Directory"]
    assert {"Events", "Topics", "Coffee rounds", "Resources", "Pathways"} == set(own[5:])
    assert [kind for kind, _ in LISTS.findall(page)][1:] == ([" sections-running"] if runs else [])
    assert all(set(runs) <= set(row) for row in rows[1:])
    # A phone has room for five at its foot: the others are in the menu under one's name.
    in_menu = re.findall(r'class="only-phone"><a class="menu-item" href="[^"]+">(?:<svg.*?</svg>)?([^<]+)<', page)
    assert in_menu == [label for row in rows for label in row][5:]
