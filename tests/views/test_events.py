"""The pages of events: who sees what, that nothing typed is lost, and that they ask no more for many than for few."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Event, EventRegistration, Member
from tests.application import SignIn
from tests.builders import NOW, Cast, a_member, a_theme
from tests.event_builders import LINK, a_place, an_event, was_there
from tests.learn.test_event_reports import TEAMS, utf16
from tests.queries import queries_of

FORM = {
    "title": "Buying local",
    "standfirst": "Who buys what.",
    "day": "2026-10-15",
    "begins": "14:00",
    "ends": "15:30",
    "where": "Leeds",
    "capacity": "20",
    "description": "Bring **one** thing.",
    "themes": ["food"],
}


def main(page: str) -> str:
    return page.split("<main", 1)[1]


def path(row: Event, rest: str = "") -> str:
    return f"/events/{row.public_id}{rest}"


def test_a_facilitator_plans_and_a_member_proposes(session: Session, cast: Cast, signed_in: SignIn) -> None:
    planned = signed_in(cast.fay).post("/events/new", data=FORM, follow_redirects=True)
    assert "The event is planned." in planned.text and "<strong>one</strong>" in planned.text
    proposed = signed_in(cast.ada).post("/events/new", data=FORM, follow_redirects=True)
    assert "Staff read your proposal" in proposed.text
    assert "Proposals to answer" in signed_in(cast.sol).get("/events").text
    row = session.scalars(select(Event).where(Event.state == "proposed")).one()
    assert signed_in(cast.ben).get(path(row)).status_code == 404
    refused = signed_in(cast.sol).post(path(row, "/decide"), data={"accept": "no", "answer": ""})
    assert refused.status_code == 422 and "Say why" in refused.text
    signed_in(cast.sol).post(path(row, "/decide"), data={"accept": "no", "answer": "Not in August, please."})
    assert "Not in August, please." in signed_in(cast.ada).get(path(row)).text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ends": "13:00"}, "ends after it begins"),
        ({"day": "yesterday"}, "Choose a day"),
        ({"begins": ""}, "Enter when it begins"),
        ({"capacity": "many"}, "whole number from 1"),
        ({"capacity": "9" * 30}, "whole number from 1"),
        ({"place": "Nowhere at all"}, "Choose a place from the list, or leave this empty."),
        ({"place": "Nowhere at all", "day": ""}, "Choose a place from the list, or leave this empty."),
        ({"title": ""}, "Give the event a title"),
        ({"link": "javascript:x"}, "begins with https://"),
        ({"description": "x" * 10_001}, "10,000 characters"),
    ],
)
def test_a_form_that_cannot_be_says_why_and_keeps_what_was_typed(
    cast: Cast, signed_in: SignIn, wrong: dict[str, str], sentence: str
) -> None:
    answer = signed_in(cast.fay).post("/events/new", data={**FORM, **wrong})
    assert answer.status_code == 422
    assert "There is a problem" in answer.text and sentence in answer.text
    assert "Who buys what." in answer.text and "Leeds" in answer.text
    assert 'value="food" checked' in answer.text


def test_whoever_plans_is_told_what_else_takes_place_at_that_time_and_goes_on(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    for number in range(7):
        signed_in(cast.fay).post(
            "/events/new", data={**FORM, "title": f"Before {number}", "day": f"2026-10-{20 + number}"}
        )
    an_event(session, cast.ada, NOW + timedelta(days=10), title="A proposal", state="proposed")
    sol = signed_in(cast.sol)
    free = sol.post("/events/new", data={**FORM, "begins": "15:30", "ends": "16:00"}, follow_redirects=True).text
    assert "At that time there is also" not in free
    made = sol.post("/events/new", data={**FORM, "day": "2026-10-21", "begins": "15:00", "ends": "16:00"})
    page = sol.get(made.headers["Location"]).text
    assert "At that time there is also: “Before 1” (Wednesday 21 October 2026, 2:00pm)." in page
    assert "The event is planned." in page and "A proposal" not in page
    moved = {**FORM, "day": "2026-10-22", "sequence": "0"}
    page = sol.post(f"{made.headers['Location']}/change", data=moved, follow_redirects=True).text
    assert "At that time there is also: “Before 2”" in page


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_what_was_typed_stands_in_the_form_again_on_a_day_on_which_the_clocks_change(
    session: Session, cast: Cast, signed_in: SignIn, day: str
) -> None:
    fay = signed_in(cast.fay)
    fay.post("/events/new", data={**FORM, "day": day, "begins": "00:30", "ends": "03:30"})
    row = session.scalars(select(Event)).one()
    again = fay.get(path(row, "/change")).text
    assert f'value="{day}"' in again and 'value="00:30"' in again and 'value="03:30"' in again


def test_registering_and_giving_up(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = an_event(session, cast.fay, capacity=1)
    ada, ben = signed_in(cast.ada), signed_in(cast.ben)
    assert LINK not in ada.get(path(row)).text
    page = ada.post(path(row, "/register"), data={"says_hello": "yes"}, follow_redirects=True).text
    assert "You have a place." in page and LINK in page
    page = ben.post(path(row, "/register"), follow_redirects=True).text
    assert "You are next." in page and LINK not in page
    own = session.get(EventRegistration, (row.id, cast.ada))
    assert own is not None and own.says_hello
    ada.post(path(row, "/register"), data={"again": "yes"})
    session.expire_all()
    assert not session.get_one(EventRegistration, (row.id, cast.ada)).says_hello
    asked = ada.get(path(row)).text
    assert f'href="{path(row, "/give-up")}"' in asked
    for page in (ada.get(path(row, "/give-up")).text, ada.post(path(row, "/give-up")).text):
        assert "Others wait for a place: yours goes to the next of them at once." in page
    assert LINK in ada.get(path(row)).text and LINK not in ben.get(path(row)).text
    page = ada.post(path(row, "/give-up"), data={"sure": "yes"}, follow_redirects=True).text
    assert "It has gone to the next of those who wait." in page
    assert LINK in ben.get(path(row)).text
    assert LINK not in ada.get(path(row)).text


@pytest.mark.parametrize(
    ("capacity", "state", "question", "sentence"),
    [
        (None, "registered", "", "You can register again while there is room."),
        (2, "registered", "", "You can register again while there is room."),
        (1, "registered", "somebody else may have taken yours", "until somebody else takes it."),
        (0, "waiting", "those who asked before you come first", "You no longer wait for a place."),
    ],
)
def test_giving_up_asks_first_where_registering_again_would_not_undo_it(
    session: Session, cast: Cast, signed_in: SignIn, capacity: int | None, state: str, question: str, sentence: str
) -> None:
    row = an_event(session, cast.fay, capacity=capacity or (None if capacity is None else 1))
    if state == "waiting":
        a_place(session, row, cast.ben)
    a_place(session, row, cast.ada, state)
    ada = signed_in(cast.ada)
    if question:
        assert question in ada.post(path(row, "/give-up")).text
    answer = {"sure": "yes"} if question else {}
    page = ada.post(path(row, "/give-up"), data=answer, follow_redirects=True).text
    assert sentence in page
    session.expire_all()
    assert session.get_one(EventRegistration, (row.id, cast.ada)).state == "cancelled"
    assert "You have no place" in ada.post(path(row, "/give-up"), follow_redirects=True).text


def test_nobody_but_the_organiser_and_staff_reads_who_comes(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = an_event(session, cast.fay)
    a_place(session, row, cast.cai, says_hello=True)
    gus = a_member(session, "Gus Leader", audience="facilitator").id
    for member, status in ((cast.fay, 200), (cast.sol, 200), (gus, 403), (cast.ada, 403)):
        answer = signed_in(member).get(path(row, "/people"))
        assert answer.status_code == status
        assert ("Cai Morgan" in answer.text) == (status == 200)
        assert "Cai Morgan" not in signed_in(member).get(path(row)).text
    for rest in ("/change", "/cancel", "/links"):
        assert signed_in(cast.ada).get(path(row, rest)).status_code == 403
        assert signed_in(cast.fay).get(path(row, rest)).status_code == 200


def test_who_agreed_reads_whom_to_say_hello_to(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = an_event(session, cast.fay)
    for member, agrees in ((cast.ada, True), (cast.cai, True), (cast.ben, False)):
        a_place(session, row, member, says_hello=agrees)
        a_theme(session, member, "housing", interest=True)
    page = main(signed_in(cast.ada).get(path(row)).text)
    assert "Cai Morgan" in page and "You are both interested in housing." in page and "Ben Whitaker" not in page
    assert "Cai Morgan" not in signed_in(cast.ben).get(path(row)).text


def test_who_came_is_ticked_and_a_report_brought_in(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = an_event(session, cast.fay, NOW - timedelta(hours=3))
    for member in (cast.ada, cast.ben, cast.cai):
        a_place(session, row, member)
    fay = signed_in(cast.fay)
    fay.post(path(row, "/people"), data={"shown": [str(cast.ada), str(cast.ben)], "came": [str(cast.ada)]})
    assert f'value="{cast.ada}" checked' in fay.get(path(row, "/people")).text

    def send(content: bytes) -> object:
        file = {"file": (io.BytesIO(content), "report.csv")}
        return fay.post(path(row, "/report"), data=file, content_type="multipart/form-data")

    wrong = send(utf16(TEAMS))
    assert wrong.status_code == 422  # type: ignore[attr-defined]
    assert "a meeting on Thursday 25 June 2026, and the event was on Monday 15 June 2026" in wrong.text  # type: ignore[attr-defined]
    kept = send(utf16(TEAMS.replace("6/25/26", "6/15/26")))
    address = kept.headers["Location"]  # type: ignore[attr-defined]
    page = fay.get(address).text
    assert "“Kai Morgan” in the report: Cai Morgan?" in page
    again = fay.post(address, data={})
    assert again.status_code == 422 and "Say whether this is the same person." in again.text
    done = fay.post(address, data={"is-2": "yes"}, follow_redirects=True).text
    assert "3 members came. 1 of them was recorded before. 1 other person is counted." in done
    assert fay.post(address, data={"is-2": "yes"}).status_code == 303  # sent twice, it says so
    assert "Zed" not in fay.get(path(row, "/people")).text


def test_a_file_that_is_far_too_large_is_refused_beside_its_field(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = an_event(session, cast.fay, NOW - timedelta(hours=3))
    # Whole, as a browser sends it: the test client would leave a temporary file open.
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="meeting.mp4"\r\n\r\n'
    body = head + bytes(50 * 1024 * 1024) + b"\r\n--x--\r\n"
    fay = signed_in(cast.fay)
    answer = fay.post(path(row, "/report"), data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 422
    assert "The file is larger than 5 MB." in answer.text and 'type="file"' in answer.text


def test_a_calendar_is_followed_at_an_address_that_is_shown_once(
    app: Flask, session: Session, cast: Cast, signed_in: SignIn
) -> None:
    a_place(session, an_event(session, cast.fay), cast.ada)
    ada = signed_in(cast.ada)
    page = ada.post("/events/calendar", follow_redirects=True).text
    address = page.split('id="address"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    assert address not in ada.get("/events/calendar").text
    feed = app.test_client().get(address.split("://", 1)[1].split("/", 1)[1].join(("/", "")))
    assert feed.status_code == 200 and feed.content_type.startswith("text/calendar") and LINK in feed.text
    assert app.test_client().get("/events/calendar/nothing.ics").status_code == 404
    ada.post("/events/calendar", data={"end": "yes"})
    assert app.test_client().get("/" + address.split("://", 1)[1].split("/", 1)[1]).status_code == 404


def test_empty_lists_say_what_to_do_next(cast: Cast, signed_in: SignIn) -> None:
    assert "No event is planned just now" in signed_in(cast.ada).get("/events").text
    assert "No event of this theme is planned" in signed_in(cast.ada).get("/events?theme=food").text
    assert "No event has taken place yet" in signed_in(cast.ada).get("/events/past?page=3").text


def test_a_page_behind_the_end_of_past_events_says_so(session: Session, cast: Cast, signed_in: SignIn) -> None:
    an_event(session, cast.fay, NOW - timedelta(days=3))
    session.commit()
    page = signed_in(cast.ada).get("/events/past?page=3").text
    assert "The list ends before this page" in page and "No event has taken place yet" not in page
    assert page.count('href="/events/past"') == 1


@pytest.mark.parametrize("where", ["/events", "/events/past", "one", "people"])
def test_pages_ask_no_more_for_many_than_for_few(session: Session, cast: Cast, signed_in: SignIn, where: str) -> None:
    row = an_event(session, cast.fay, NOW + timedelta(minutes=30))
    people = [a_member(session, f"Guest Number{number}").id for number in range(30)]

    def fill(count: int) -> None:
        for number in range(count):
            an_event(session, cast.fay, NOW + timedelta(days=number + 1))
            old = an_event(session, cast.fay, NOW - timedelta(days=number + 1))
            was_there(session, old, cast.ada)
        for one in people[:count]:
            if session.get(EventRegistration, (row.id, one)) is None:
                a_place(session, row, one, says_hello=True)
                a_theme(session, one, "housing", interest=True)
        session.commit()

    a_place(session, row, cast.ada, says_hello=True)
    a_theme(session, cast.ada, "housing", interest=True)
    fill(3)
    browser = signed_in(cast.fay if where == "people" else cast.ada)
    address = where if where.startswith("/") else path(row, "/people" if where == "people" else "")
    browser.get(address)
    few = queries_of(browser, address)
    fill(30)
    assert queries_of(browser, address) == few <= 20


def test_the_account_says_whether_reminders_are_wanted(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ada = signed_in(cast.ada)
    ada.post("/account/mail", data={"introductions": "y"})
    session.expire_all()
    member = session.get_one(Member, cast.ada)
    assert (member.introduction_mail, member.event_mail) == (True, False)


def test_taking_a_proposal_back_says_what_it_does_and_declined_ones_are_listed(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = an_event(session, cast.ada, title="A wish", state="proposed")
    an_event(session, cast.ada, NOW - timedelta(days=3), title="Too late", state="proposed")
    an_event(session, cast.ada, title="Not now", state="declined", answer="Another time.")
    ada = signed_in(cast.ada)
    page = ada.post(path(row, "/cancel"), follow_redirects=True).text
    assert "The proposal is taken back." in page and "Everybody who wanted to come" not in page
    listed = main(page).split('id="proposals"', 1)[1].split("</section>", 1)[0]
    assert "A wish" not in listed
    assert all(words in listed for words in ("Too late", "Its time is over", "Not now", "Declined"))
    assert "has been taken back" in ada.get(path(row)).text
    assert signed_in(cast.ben).get(path(row)).status_code == 404


def test_a_report_counts_one_as_one(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = an_event(session, cast.fay, NOW - timedelta(hours=3))
    fay = signed_in(cast.fay)
    file = {"file": (io.BytesIO(b"Name,Email\nZed Nobody,\n"), "report.csv")}
    shown = fay.post(path(row, "/report"), data=file, content_type="multipart/form-data", follow_redirects=True).text
    assert "other, who is counted" in shown and "others, who are counted" not in shown


def test_who_organises_an_event_is_offered_no_place_in_it(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = an_event(session, cast.fay)
    session.commit()
    fay = signed_in(cast.fay)
    page = main(fay.get(path(row)).text)
    assert "You organise this event: you are there without a place." in page and "/register" not in page
    sent = fay.post(path(row, "/register"), follow_redirects=True)
    assert "You organise this event" in sent.text
    assert session.scalars(select(EventRegistration)).all() == []
    assert "/register" in main(signed_in(cast.sol).get(path(row)).text)


@pytest.mark.parametrize(
    ("facts", "form", "sentence"),
    [
        ({"starts_at": NOW - timedelta(days=2)}, "change", "This event has begun"),
        ({"starts_at": NOW - timedelta(days=2)}, "cancel", "This event has begun"),
        ({"state": "cancelled"}, "change", "This event has been cancelled."),
        ({"state": "cancelled"}, "cancel", "This event has been cancelled."),
        ({"state": "withdrawn"}, "change", "This proposal has been taken back."),
        ({"state": "declined"}, "decide", "This proposal has been answered already"),
        ({}, "links", "Recordings and slides are added when the event is over."),
        ({"state": "cancelled"}, "links", "Recordings and slides are added when the event is over."),
        ({}, "report", "This event has not begun yet."),
        ({"state": "cancelled"}, "report", "This event does not take place"),
    ],
)
def test_a_form_that_cannot_be_saved_is_facts_and_a_sentence(
    session: Session, cast: Cast, signed_in: SignIn, facts: dict[str, object], form: str, sentence: str
) -> None:
    row = an_event(session, cast.ada, **facts)  # type: ignore[arg-type]
    session.commit()
    sol = signed_in(cast.sol)
    answer = sol.get(path(row, f"/{form}"))
    page = main(answer.text)
    assert answer.status_code == 200 and sentence in page and "When" in page
    assert "<form" not in page


def test_what_was_typed_into_a_form_that_closed_meanwhile_can_be_copied(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = an_event(session, cast.fay, NOW - timedelta(minutes=1))
    session.commit()
    sent = {**FORM, "sequence": "0", "description": "What I wrote for half an hour"}
    answer = signed_in(cast.fay).post(path(row, "/change"), data=sent)
    assert answer.status_code == 409
    assert "This event has begun" in answer.text and "What I wrote for half an hour" in answer.text
    assert "<form" not in main(answer.text)


def test_all_that_is_wrong_with_a_form_is_said_in_one_go(cast: Cast, signed_in: SignIn) -> None:
    wrong = {"day": "", "begins": "late", "title": "", "link": "x", "capacity": "0", "themes": ["no such"]}
    page = signed_in(cast.fay).post("/events/new", data={**FORM, **wrong}).text
    for field in ("day", "begins", "title", "link", "capacity", "themes"):
        assert f'href="#{field}' in page, field


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"day": "2020-01-01", "place": "Atlantis"}, {"day", "place"}),
        ({"day": "2020-01-01", "ends": "09:00", "title": ""}, {"day", "ends", "title"}),
        ({"day": "2020-01-01", "begins": "late"}, {"day", "begins"}),
        ({"place": "Atlantis"}, {"place"}),
    ],
)
def test_an_impossible_day_is_said_beside_what_cannot_be_read(
    cast: Cast, signed_in: SignIn, wrong: dict[str, str], fields: set[str]
) -> None:
    page = signed_in(cast.fay).post("/events/new", data={**FORM, **wrong}).text
    summary = page.partition("error-summary")[2].partition("</ul>")[0]
    assert set(re.findall(r'<li><a href="#([a-z]+)"', summary)) == fields


@pytest.mark.parametrize(
    ("capacity", "taken", "words"),
    [
        (1, 0, "1 place, still free"),
        (1, 1, "1 place, all taken"),
        (3, 0, "3 places, not all taken"),
        (20, 16, "20 places, a few of them free"),
        (20, 2, "20 places, some of them free"),
        (None, 3, "Room for everybody"),
    ],
)
def test_places_are_told_in_words_that_fit_their_number(
    session: Session, cast: Cast, signed_in: SignIn, capacity: int | None, taken: int, words: str
) -> None:
    row = an_event(session, cast.fay, capacity=capacity)
    for number in range(taken):
        a_place(session, row, a_member(session, f"Guest{number} Place").id)
    session.commit()
    assert words in signed_in(cast.ada).get(path(row)).text


def test_before_the_hour_the_register_says_from_when_it_is_ticked(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    sentence = "From an hour before it begins you can tick who is there."
    early, soon = an_event(session, cast.fay), an_event(session, cast.fay, NOW + timedelta(minutes=59))
    for row in (early, soon):
        a_place(session, row, cast.ada)
    session.commit()
    fay = signed_in(cast.fay)
    assert sentence in fay.get(path(early, "/people")).text
    assert sentence not in fay.get(path(soon, "/people")).text


def test_what_is_not_recorded_is_not_told_as_nobody(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = an_event(session, cast.fay)
    a_place(session, row, cast.ada)
    a_place(session, row, cast.ben, "waiting")
    fay = signed_in(cast.fay)
    assert "<dt>Waiting</dt>" in fay.get(f"/events/{row.public_id}").text
    row.starts_at, row.ends_at = NOW - timedelta(hours=3), NOW - timedelta(hours=2)
    session.flush()
    page = fay.get(f"/events/{row.public_id}").text
    assert "Nobody is recorded yet" in page and f'<a href="/events/{row.public_id}/people">Who came?</a>' in page
    assert "<dt>Waiting</dt>" not in page
    was_there(session, row, cast.ada)
    page = fay.get(f"/events/{row.public_id}").text
    assert "Nobody is recorded yet" not in page and "Others who came" in page


def test_an_event_says_its_place_where_that_adds_something(session: Session, cast: Cast, signed_in: SignIn) -> None:
    fay = signed_in(cast.fay)
    assert '<option value="Leeds">' in fay.get("/events/new").text
    form = {**FORM, "where": "Civic Hall", "place": " leeds "}
    assert "Civic Hall, Leeds" in main(fay.post("/events/new", data=form, follow_redirects=True).text)
    row = session.scalars(select(Event)).one()
    assert "Civic Hall, Leeds" in main(fay.get("/events").text)
    assert 'name="place" value="Leeds"' in fay.get(path(row, "/change")).text
    change = {**form, "sequence": "0", "place": "Cardiff"}
    page = fay.post(path(row, "/change"), data=change, follow_redirects=True).text
    assert "Civic Hall, Cardiff" in main(page) and "Everybody who comes is told" not in page
    change |= {"sequence": "1", "where": "", "place": "Leeds"}
    assert "Leeds" in main(fay.post(path(row, "/change"), data=change, follow_redirects=True).text)
    assert b"LOCATION:Leeds" in fay.get(path(row, "/calendar.ics")).data
    change |= {"sequence": "2", "where": "Leeds Civic Hall"}
    page = main(fay.post(path(row, "/change"), data=change, follow_redirects=True).text)
    assert "Leeds Civic Hall" in page and "Leeds Civic Hall, Leeds" not in page
    stale = fay.post(path(row, "/change"), data={**change, "place": "Cardiff", "sequence": "0"})
    assert stale.status_code == 409 and 'name="place" value="Cardiff"' in stale.text
