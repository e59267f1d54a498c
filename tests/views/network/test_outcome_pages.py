"""What came of it, for staff: as known when, on the page and in the files to which it leads."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, a_member
from tests.outcome_builders import an_outcome

PATH = "/network/outcomes/"
DAY = NOW.date()


def day(ago: int) -> str:
    return (DAY - timedelta(days=ago)).isoformat()


@pytest.fixture(autouse=True)
def told(session: Session, cast: Cast) -> None:
    """Ten people tell of what came of it on its day, and another ten of as much ten days later."""
    for number in range(20):
        member = a_member(session, f"Teller No{number}")
        tie = a_connection(session, cast.ada, member.id)
        later = {"written_at": NOW - timedelta(days=20)} if number % 2 else {}
        text = "Told late." if later else "Told at once."
        an_outcome(session, member.id, tie, 30, consent="anonymous", told=text, **later)
    session.commit()


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


@pytest.mark.parametrize(
    ("asked", "late"),
    [
        (f"until={day(5)}", True),
        (f"until={day(5)}&known_on={day(20)}", True),
        (f"until={day(5)}&known_on={day(25)}", False),
        (f"until={day(25)}&known=then", False),
        (f"until={day(5)}&known=then", True),
    ],
)
def test_nothing_is_told_that_was_not_known_on_the_day(signed_in: SignIn, cast: Cast, asked: str, late: bool) -> None:
    page = text_of(signed_in(cast.sol).get(f"{PATH}?{asked}").text)
    assert "Told at once." in page and ("Told late." in page) == late
    assert f"A joint project {'20 20 20' if late else '10 10 10'}" in page, page[:900]
    if "known_on" in asked:
        assert "As known on" in page


@pytest.mark.parametrize("asked", [f"known_on={day(25)}", "known=then", f"known_on={day(25)}&hosts=without"])
def test_files_forms_and_what_is_done_with_a_story_keep_to_what_was_known(
    signed_in: SignIn, cast: Cast, asked: str
) -> None:
    staff = signed_in(cast.sol)
    page = staff.get(f"{PATH}?until={day(5)}&{asked}").text
    files = [unescape(one) for one in re.findall(r'href="(/network/outcomes/outcomes\.[^"]*)"', page)]
    assert len(files) == 3
    for one in files:
        assert asked.partition("&")[0] in one and f"as_of={day(5)}" in one
    form = page.partition("figures-asked")[2].partition("</form>")[0]
    for word in asked.split("&"):
        name, _, value = word.partition("=")
        assert f'name="{name}" value="{value}"' in form
    (hide,) = re.findall(r'action="(/network/outcomes/\w+/hide)"', page)[:1]
    given = dict(word.split("=") for word in asked.split("&"))
    done = staff.post(hide, data={"reason": "tells_who", "from": day(300), "until": day(5), **given})
    assert done.status_code == 303 and all(word in done.location for word in asked.split("&"))


@pytest.mark.parametrize(("small", "hidden"), [(7, 7), (3, 7), (8, 12)])
def test_the_page_says_up_to_which_number_people_are_really_hidden(
    signed_in: SignIn, cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch, small: int, hidden: int
) -> None:
    monkeypatch.setitem(app.config, "SMALL_NUMBER", small)
    page = text_of(signed_in(cast.sol).get(PATH).text)
    assert f"more than {hidden} further people" in page and f"from 1 to {hidden} people" in page


def test_all_days_are_a_period_that_can_be_asked_for(signed_in: SignIn, cast: Cast) -> None:
    staff = signed_in(cast.sol)
    page = staff.get(f"{PATH}?from=2011-01-01&until=2012-01-01&known=then").text
    (link,) = re.findall(r'href="([^"]*)"[^>]*>Show all days', page)
    there = staff.get(unescape(link)).text
    assert "ten years at most" not in there and "known=then" in link
