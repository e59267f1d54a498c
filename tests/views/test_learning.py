"""The page of learning sets: all that concerns the member, and nobody who sits in a set."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from haln.learn import set_suggestions
from haln.learn.opening_rows import Ways
from haln.models import (
    Member,
    MemberTheme,
    Seat,
    SetMembership,
    SetRequest,
    SetSession,
    SetSuggestion,
)
from haln.people.tokens import public_id
from haln.taxonomy import vocabulary
from tests.application import SignIn
from tests.builders import NOW, Cast, a_member, a_theme
from tests.cohort_builders import a_cohort, a_learning_set, a_plan, an_application
from tests.views.test_suggestions import statements

WORDS = vocabulary.load()
WAYS = Ways(lambda code: WORDS.top_sector(code).code, ZoneInfo("Europe/London"))


def main(page: str) -> str:
    """What is between the frame and the foot."""
    return page.split("<main", 1)[1].split("</main>")[0]


def refresh(session: Session) -> None:
    set_suggestions.refresh_all(session, NOW, WAYS, 7)


def test_the_page_says_what_to_do_where_there_is_nothing(signed_in: SignIn, cast: Cast) -> None:
    page = main(signed_in(cast.ada).get("/learning").text)
    assert "Nothing is open to you just now" in page
    assert "/profile/themes" in page


def test_what_is_open_is_listed_best_first_with_reasons_and_bands(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    a_cohort(session, cast.fay, title="Warm homes", themes=["housing"])
    food = a_cohort(session, cast.fay, title="Local food")
    group = a_learning_set(session, [cast.dee], name="Growing", facilitator_id=cast.fay, open_places=2)
    a_theme(session, cast.ada, "food", seek=True)
    refresh(session)
    late = a_cohort(session, cast.fay, title="Opened a minute ago", themes=["housing"])
    page = main(signed_in(cast.ada).get("/learning").text)
    titles = re.findall(r'<h3 class="person-name"[^>]*><a href="([^"]*)">([^<]*)', page)
    assert [title for _, title in titles] == ["Local food", "Growing", "Warm homes", "Opened a minute ago"]
    assert f"/cohorts/{food.public_id}/about" in page
    assert f"/learning/sets/{group.public_id}" in page
    assert f"/cohorts/{late.public_id}/about" in page
    assert "About food, where you would like help." in page
    assert "Good" in page and "Worth a look" in page and "New" in page
    assert "2 open places" in page and "Facilitated by Fay Lindqvist" in page
    assert not re.search(r"\d\s*%", page)


def test_what_closed_or_was_applied_to_since_is_gone_at_once(session: Session, cast: Cast, signed_in: SignIn) -> None:
    cohort = a_cohort(session, cast.fay, title="Local food")
    group = a_learning_set(session, [cast.dee], name="Growing", facilitator_id=cast.fay, open_places=1)
    refresh(session)
    browser = signed_in(cast.ada)
    assert "What you can join" in browser.get("/learning").text
    group.open_places = 0
    an_application(session, cohort.id, cast.ada)
    session.commit()
    page = main(browser.get("/learning").text)
    assert "Growing" not in page
    assert "Nothing is open to you just now" in page
    assert "You have applied." in page  # among the applications


def test_a_facilitator_who_cannot_be_seen_is_not_named(session: Session, cast: Cast, signed_in: SignIn) -> None:
    group = a_learning_set(session, [cast.dee], name="Growing", facilitator_id=cast.fay, open_places=1)
    session.get_one(Member, cast.fay).listed = False
    refresh(session)
    for address in ("/learning", f"/learning/sets/{group.public_id}"):
        page = main(signed_in(cast.ada).get(address).text)
        assert "Growing" in page and "Fay" not in page


def test_seats_sets_applications_and_requests_are_each_in_their_place(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    cohort = a_cohort(session, cast.fay, title="Spring sets", state="closed")
    an_application(session, cohort.id, cast.ada)
    plan = a_plan(session, cohort, [[cast.ada, cast.ben]], state="published", answer_by=NOW + timedelta(days=3))
    draft = a_plan(session, cohort, [[cast.ada, cast.ben]], number=2)
    for row, state in ((plan, "asked"), (draft, "asked")):
        session.add(
            Seat(
                public_id=f"seat{row.number}",
                plan_id=row.id,
                member_id=cast.ada,
                set_number=0,
                state=state,
                asked_at=NOW,
            )
        )
    mine = a_learning_set(session, [cast.ada, cast.dee], name="Mine")
    a_learning_set(session, [cast.ada], name="Long over", ended_on=NOW.date() - timedelta(days=30))
    left = a_learning_set(session, [cast.ada, cast.ben], name="Not for me")
    session.get_one(SetMembership, (left.id, cast.ada)).left_on = NOW.date()
    asked = a_learning_set(session, [cast.dee], name="Asked", facilitator_id=cast.fay, open_places=1)
    session.add(SetSession(public_id="s", set_id=mine.id, starts_at=NOW + timedelta(days=2)))
    session.add(SetRequest(public_id="request", set_id=asked.id, member_id=cast.ada, created_at=NOW))
    session.commit()
    page = main(signed_in(cast.ada).get("/learning").text)
    assert page.count("/seats/") == 1 and "/seats/seat1" in page
    assert "Thursday 18 June 2026" in page  # answer by
    assert f"/sets/{mine.public_id}" in page and "Next session: Wednesday 17 June 2026" in page
    assert "Sets that you were in" in page and "Long over" in page
    assert f'href="/sets/{left.public_id}"' not in page, "it is a page that is not theirs any more"
    assert "You are in it no longer." in page
    assert "/learning/requests/request/withdraw" in page
    assert "Dee" not in page


def test_who_was_left_over_and_is_taken_into_a_running_set_reads_that_they_have_a_place(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    cohort = a_cohort(session, cast.fay, state="formed")
    group = a_learning_set(session, [cast.dee, cast.ben], facilitator_id=cast.fay, cohort_id=cohort.id)
    an_application(session, cohort.id, cast.ada, state="left_over")
    key = session.get_one(Member, cast.ada).public_id
    session.commit()
    ada, fay = signed_in(cast.ada), signed_in(cast.fay)
    assert "There was no set for you this time" in ada.get("/learning").text
    assert fay.post(f"/sets/{group.public_id}/people/add", data={"member": key}).status_code == 303
    page = main(ada.get("/learning").text)
    assert "There was no set for you" not in page and "You have a place in a set." in page


def test_asking_to_join_and_answering_by_the_pages(session: Session, cast: Cast, signed_in: SignIn) -> None:
    group = a_learning_set(session, [cast.dee], name="Growing", facilitator_id=cast.fay, open_places=1)
    session.commit()
    ada, fay = signed_in(cast.ada), signed_in(cast.fay)
    address = f"/learning/sets/{group.public_id}"
    assert "Who sits in the set is told to its members only" in ada.get(address).text
    long = ada.post(address, data={"note": "x" * 601})
    assert long.status_code == 422 and "Write at most 600 characters." in long.text
    assert ada.post(address, data={"note": "May I?"}).status_code == 303
    assert ada.post(address, data={"note": "May I?"}).status_code == 409
    request = session.scalars(select(SetRequest.public_id)).one()
    assert "1 person would like to join." in main(fay.get("/learning").text)
    answer = f"/sets/{group.public_id}/requests/{request}"
    assert "May I?" in fay.get(answer).text
    assert fay.post(answer, data={"answer": "yes"}).status_code == 303
    assert session.get(SetMembership, (group.id, cast.ada)) is not None
    assert "Growing" in main(ada.get("/learning").text)
    assert ada.get(address).status_code == 404


def test_names_of_a_sets_members_never_appear(session: Session, cast: Cast, signed_in: SignIn) -> None:
    inside = [
        a_member(
            session,
            f"Zebedee{number} Quagga{number}",
            organisation_id=session.get_one(Member, cast.cai).organisation_id,
        ).id
        for number in range(9)
    ]
    for member in inside:
        a_theme(session, member, "food", 4, offer=True, seek=True)
    cohort = a_cohort(session, cast.fay, title="Local food")
    for member in inside:
        an_application(session, cohort.id, member, live_issue="Xylophones for the canteen of Zebedee and Quagga")
    group = a_learning_set(session, inside, name="Growing", facilitator_id=cast.fay, open_places=1)
    ada = signed_in(cast.ada)
    flags = st.sets(st.sampled_from(["interest", "offer", "seek"]), min_size=1)

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(st.sampled_from(["food", "housing"]), flags), st.integers(1, 4), st.booleans())
    def holds(themes: dict[str, set[str]], maturity: int, wrote: bool) -> None:
        session.execute(delete(MemberTheme).where(MemberTheme.member_id == cast.ada))
        for theme, said in themes.items():
            a_theme(session, cast.ada, theme, maturity, **dict.fromkeys(said, True))
        session.get_one(Member, cast.ada).biography = "Xylophones for the canteen" if wrote else ""
        refresh(session)
        for address in ("/learning", f"/learning/sets/{group.public_id}"):
            page = main(ada.get(address).text)
            assert "Growing" in page
            for private in ("Zebedee", "Quagga", "Xylophone", "xylophone", "Cardiff"):
                assert private not in page

    holds()


def test_what_a_member_does_changes_their_list_at_once(session: Session, cast: Cast, signed_in: SignIn) -> None:
    a_cohort(session, cast.fay, title="Local food")
    session.commit()
    browser = signed_in(cast.ada)
    assert session.scalar(select(SetSuggestion.id)) is None
    assert browser.post("/profile/themes", data={"interest": ["food"]}).status_code in (200, 303)
    assert (
        browser.post("/profile/biography", data={"biography": "I look for local food and growers."}).status_code == 303
    )
    owners = set(session.scalars(select(SetSuggestion.member_id)))
    assert owners == {cast.ada}


def test_the_page_asks_the_same_few_queries_however_much_there_is(
    app: Flask, session: Session, cast: Cast, signed_in: SignIn
) -> None:
    browser = signed_in(cast.ada)

    def count() -> int:
        session.commit()
        with statements(app) as sent:
            assert browser.get("/learning").status_code == 200
        return len(sent)

    few = count()
    for number in range(8):
        a_cohort(session, cast.fay, title=f"Call {number}")
        a_learning_set(session, [cast.dee], name=f"Open {number}", facilitator_id=cast.fay, open_places=1)
        mine = a_learning_set(session, [cast.ada, cast.cai], name=f"Mine {number}")
        session.add(SetSession(public_id=public_id(), set_id=mine.id, starts_at=NOW + timedelta(days=2)))
        old = a_cohort(session, cast.fay, title=f"Old {number}", state="formed")
        an_application(session, old.id, cast.ada, state="placed")
    refresh(session)
    assert count() == few == 8


@pytest.mark.parametrize("since", ["ended", "left"])
def test_a_place_in_a_set_is_had_for_as_long_as_both_go_on(
    session: Session, cast: Cast, signed_in: SignIn, since: str
) -> None:
    cohort = a_cohort(session, cast.fay, state="formed")
    an_application(session, cohort.id, cast.ada, state="placed")
    group = a_learning_set(session, [cast.ada, cast.ben], cohort_id=cohort.id)
    session.commit()
    browser, pages = signed_in(cast.ada), ("/learning", f"/cohorts/{cohort.public_id}/about")
    assert all("You have a place in" in browser.get(page).text for page in pages)
    if since == "ended":
        group.ended_on = NOW.date()
    else:
        session.get_one(SetMembership, (group.id, cast.ada)).left_on = NOW.date()
    session.commit()
    for page in pages:
        assert "You had a place in" in browser.get(page).text
        assert "You have a place in" not in browser.get(page).text


def test_staff_see_no_more_of_a_set_here_than_others(session: Session, cast: Cast, signed_in: SignIn) -> None:
    group = a_learning_set(session, [cast.dee], name="Growing", facilitator_id=cast.fay, open_places=1)
    session.commit()
    for address in ("/learning", f"/learning/sets/{group.public_id}"):
        page = main(signed_in(cast.sol).get(address).text)
        assert "Growing" in page and "Dee" not in page
