"""The pages of gaps: for staff, each gap with an act whose page is there, in as few queries however many there are."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from haln.measure import gap_people
from haln.measure.gap_people import KINDS
from haln.measure.questions import Question
from haln.models import Member
from haln.people import versions
from haln.views.network import gaps
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, a_member, a_theme
from tests.measure.test_gaps import a_suggestion, an_introduction
from tests.queries import queries_of

PATHS = ["/network/gaps", *(f"/network/people/{kind}" for kind in KINDS)]


def grown(session: Session, cast: Cast, many: int) -> None:
    """So many members more, some alone, who seek something; somebody is asked too much."""
    for number in range(many):
        member = a_member(session, f"Grown{many} Member{number}")
        a_theme(session, member.id, "food", seek=True)
        if number % 2:
            a_connection(session, cast.sol, member.id, since=NOW - timedelta(days=5))
        an_introduction(session, member.id, cast.ada)
    a_suggestion(session, cast.fay, cast.ben if many < 20 else cast.dee)
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()


@pytest.mark.parametrize("path", PATHS)
def test_gaps_are_for_staff(signed_in: SignIn, cast: Cast, session: Session, path: str) -> None:
    grown(session, cast, 3)
    assert [signed_in(member).get(path).status_code for member in (cast.ada, cast.fay, cast.sol)] == [403, 403, 200]


def test_every_gap_says_what_mends_it_and_leads_there(signed_in: SignIn, cast: Cast, session: Session) -> None:
    grown(session, cast, 12)
    staff = signed_in(cast.sol)
    page = staff.get("/network/gaps").get_data(as_text=True)
    for told in ("Invite people", "See who, and introduce them", "Open a cohort", "Invite others who can help"):
        assert told in page
    assert "12 members would like help with this; 0 can help." in page
    assert "to introduce</a>" not in page or 'href="/people?' in page
    acts = set(re.findall(r'data-label="What mends it"><a href="([^"]*)"', page))
    assert len(acts) >= 5
    assert {staff.get(act.replace("&amp;", "&")).status_code for act in acts} == {200}


def test_people_are_named_with_a_way_to_introduce_them(signed_in: SignIn, cast: Cast, session: Session) -> None:
    grown(session, cast, 3)
    staff = signed_in(cast.sol)
    page = staff.get("/network/people/hosts").get_data(as_text=True)
    assert "Grown3 Member1" in page and "Grown3 Member0" not in page
    (act,) = re.findall(r'href="(/introductions/weave\?one=\w+)"', page)
    assert "Who should Grown3 Member1 meet?" in staff.get(act).get_data(as_text=True)
    assert "Sol Adeyemi" in staff.get("/network/people/holding").get_data(as_text=True)
    assert staff.get("/network/people/unheard-of").status_code == 404


def test_a_narrow_question_does_not_tell_how_many_hide_and_lists_nobody_who_has_connections(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    grown(session, cast, 3)
    staff = signed_in(cast.sol)
    paths = [f"/network/people/{kind}?{asked}" for kind in KINDS for asked in ("", "sector=nhs", "as_of=2026-05-01")]
    before = [re.findall(r'<p class="quiet">.*?</p>', staff.get(path).get_data(as_text=True)) for path in paths]
    for member in (cast.ada, cast.ben, cast.cai):
        session.get_one(Member, member).show_connections = 0
    session.get_one(Member, cast.dee).listed = False
    session.commit()
    assert before == [re.findall(r'<p class="quiet">.*?</p>', staff.get(path).get_data(as_text=True)) for path in paths]
    alone = staff.get("/network/people/alone?hosts=without").get_data(as_text=True)
    assert "Grown3 Member0" in alone and "Grown3 Member1" not in alone
    assert "Figures tell only of connections between two members who count." in alone
    assert "Figures tell only" not in staff.get("/network/people/alone").get_data(as_text=True)


def test_a_long_list_goes_on(signed_in: SignIn, cast: Cast, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    grown(session, cast, 3)
    staff = signed_in(cast.sol)
    monkeypatch.setattr(gap_people, "MOST", 3)
    first = staff.get("/network/people/alone?hosts=without").get_data(as_text=True)
    (on,) = re.findall(r'href="([^"]*)" rel="next"', first)
    second = staff.get(on.replace("&amp;", "&")).get_data(as_text=True)
    assert "hosts=without" in on and "Back to the start" in second and "Back to the start" not in first
    people = [re.findall(r'<th scope="row"><a href="(/people/\w+)"', page) for page in (first, second)]
    assert len(people[0]) == 3 and people[1] and not set(people[0]) & set(people[1])


def test_days_and_filters_are_carried(signed_in: SignIn, cast: Cast, session: Session) -> None:
    grown(session, cast, 3)
    staff = signed_in(cast.sol)
    page = staff.get("/network/gaps?as_of=2026-05-01&hosts=without").get_data(as_text=True)
    assert 'href="/network/people/alone?as_of=2026-05-01&amp;hosts=without"' in page
    strange = staff.get("/network/gaps?as_of=2999-01-01")
    assert strange.status_code == 200 and "That day is still to come." in strange.get_data(as_text=True)


def test_an_empty_network_says_what_to_do_next(signed_in: SignIn, cast: Cast) -> None:
    staff = signed_in(cast.sol)  # nobody was ever kept: rows were put in by hand
    page = staff.get("/network/gaps").get_data(as_text=True)
    assert "Nobody is there yet" in page and 'href="/invitations"' in page
    assert "Nobody to name" in staff.get("/network/people/holding").get_data(as_text=True)


@pytest.mark.parametrize("path", PATHS)
def test_the_pages_ask_the_same_few_queries_however_many_members_there_are(
    signed_in: SignIn, cast: Cast, session: Session, path: str
) -> None:
    grown(session, cast, 4)
    staff = signed_in(cast.sol)
    staff.get(path)
    few = queries_of(staff, path)
    grown(session, cast, 30)
    staff.get(path)  # reads what was said since, once
    assert queries_of(staff, path) == few <= 10


def test_what_is_not_asked_of_a_sector_or_region_is_not_told_of_it(app: Flask) -> None:
    """Of one sector in one region no share of sectors or regions is asked, so none is said to be right."""
    asked = [
        Question(NOW.date(), sector=sector, region=region) for sector in ("", "nhs") for region in ("", "E12000007")
    ]
    with app.test_request_context():
        told = [gaps._no_gap(question) for question in asked]
    assert [("very sector" in one, "region has its share" in one) for one in told[:3]] == [
        (True, True),
        (True, False),
        (False, True),
    ]
    assert "Every" not in told[3] and "is not asked here" in told[3]
