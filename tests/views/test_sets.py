"""The pages of sets: who gets in, what is on them, and that nothing typed is lost."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import vobject
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.models import (
    Attendance,
    Block,
    LearningSet,
    Mail,
    Member,
    SetAction,
    SetMembership,
    SetNote,
    SetRequest,
    SetSession,
)
from haln.people.tokens import public_id
from tests.application import SignIn
from tests.builders import NOW, Cast, a_member
from tests.learn.sets import a_note, a_session, an_action, key, the_set
from tests.views.test_suggestions import statements

FORM = {"day": "2026-10-15", "begins": "14:00", "ends": "15:30", "count": "3", "weeks": "2", "where": "Leeds"}
LINK = "https://meet.example.org/secret"


def path(row: LearningSet, rest: str = "") -> str:
    return f"/sets/{key(row)}{rest}"


def main(page: str) -> str:
    return page.split("<main", 1)[1]


def test_a_workspace_answers_at_once(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast, joining_link=LINK, purpose="Peers **together**")
    a_session(session, row, where="Town hall", presenter_id=cast.ben)
    a_session(session, row, NOW - timedelta(days=5))
    an_action(session, row, cast.ada, "Ring the growers")
    an_action(session, row, cast.ben, "Ask procurement")
    a_note(session, row, cast.cai, "We *agreed* <b>this</b>")
    page = main(signed_in(cast.ada).get(path(row)).text)
    for words in (
        "Thursday 25 June 2026, 10:30am to 12:00pm",
        "Town hall · Ben Whitaker presents",
        LINK,
        "Ring the growers",
        "Ben Whitaker: Ask procurement",
        "<em>agreed</em> &lt;b&gt;this&lt;/b&gt;",
        "<strong>together</strong>",
        "Attendance is not recorded",
        "Who presents next",
        "Fay Lindqvist",
    ):
        assert words in page, words
    for words in ("Plan sessions", "End this set", "Take somebody in or out"):
        assert words not in page, words


def test_an_empty_workspace_says_what_to_do_next(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast)
    page = main(signed_in(cast.fay).get(path(row)).text)
    for words in ("No session is planned.", "Plan the next ones", "Nothing is open.", "No notes yet."):
        assert words in page, words


def test_pages_are_for_those_inside_and_in_part_for_who_looks_on(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    """Every page with an address below a set, for every way of standing to it."""
    row = the_set(session, cast, joining_link=LINK)
    meeting = a_session(session, row, NOW - timedelta(hours=2))
    note = a_note(session, row, cast.ada)
    eve, gone = a_member(session), cast.dee
    asked = SetRequest(public_id=public_id(), set_id=row.id, member_id=eve.id, created_at=NOW)
    session.add(asked)
    session.execute(update(SetMembership).where(SetMembership.member_id == gone).values(left_on=NOW.date()))
    one = f"/sessions/{meeting.public_id}"
    inside = (
        "/notes",
        "/notes/new",
        "/actions",
        "/actions/report",
        "/calendar.ics",
        "/leave",
    )
    inside += (one, f"{one}/attendance", f"{one}/calendar.ics")
    leading = ("/about", "/sessions/new", f"{one}/change", f"{one}/cancel")
    people = ("/people", f"/people/add?member={eve.public_id}", f"/people/{cast.ben}/out", "/end")
    people += (f"/requests/{asked.public_id}", "/facilitator", "/facilitator/change")
    people += (f"/facilitator/change?person={session.get_one(Member, cast.sol).public_id}",)
    own = (f"/notes/{note.public_id}", f"/notes/{note.public_id}/remove")
    expected = {
        cast.ada: dict.fromkeys(("", *inside, *own), 200)
        | dict.fromkeys((*leading, *people), 403)
        | {"/reflections": 404},
        cast.ben: dict.fromkeys(("", *inside), 200) | dict.fromkeys(own, 404) | dict.fromkeys((*leading, *people), 403),
        cast.fay: dict.fromkeys(("", *inside, *leading, *people, "/reflections"), 200) | dict.fromkeys(own, 404),
        cast.sol: dict.fromkeys(("", *people, "/reflections"), 200) | dict.fromkeys((*inside, *leading, *own), 404),
        gone: dict.fromkeys(("", *inside, *leading, *people, *own, "/reflections"), 404),
        eve.id: dict.fromkeys(("", *inside, *leading, *people, *own, "/reflections"), 404),
    }
    session.commit()
    for member, answers in expected.items():
        browser = signed_in(member)
        found = {rest: browser.get(path(row, rest)).status_code for rest in answers}
        assert found == answers, member
        for rest in answers:
            if answers[rest] == 404:
                assert browser.post(path(row, rest)).status_code in (404, 405), (member, rest)


def test_who_looks_on_reads_counts_and_no_word_of_the_set(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast, joining_link=LINK)
    meeting = a_session(session, row, agenda="Secret agenda", joining_link=LINK, presenter_id=cast.ada)
    a_note(session, row, cast.ada, "Secret note")
    an_action(session, row, cast.ada, "Secret action")
    page = main(signed_in(cast.sol).get(path(row)).text)
    for words in ("Secret", LINK, meeting.public_id, "presents", "Write a note", "Leave this set"):
        assert words not in page, words
    assert "Ada Okafor" in page
    assert re.search(r'stat-number">1</span> <span class="stat-label">open action<', page)


def test_blocked_people_of_one_set_never_read_each_other(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast)
    meeting = a_session(session, row, NOW - timedelta(hours=2), presenter_id=cast.ben)
    an_action(session, row, cast.ben, "Ring")
    a_note(session, row, cast.ben)
    session.add(Attendance(session_id=meeting.id, member_id=cast.ben, state="present", recorded_at=NOW))
    session.add(Block(blocker_id=cast.ben, blocked_id=cast.ada, created_at=NOW))
    ben = session.get_one(Member, cast.ben).public_id
    session.commit()
    ada = signed_in(cast.ada)
    for rest in ("", f"/sessions/{meeting.public_id}", "/notes", "/actions", "/actions/report"):
        page = main(ada.get(path(row, rest)).text)
        assert "Ben Whitaker" not in page, rest
        assert ben not in page, rest
    assert "A member you cannot see" in main(ada.get(path(row)).text)


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_a_session_keeps_its_hours_in_the_form_where_the_clocks_change(
    session: Session, cast: Cast, signed_in: SignIn, day: str
) -> None:
    row = the_set(session, cast)
    fay = signed_in(cast.fay)
    fay.post(path(row, "/sessions/new"), data={**FORM, "day": day, "begins": "00:30", "ends": "03:30", "count": "1"})
    made = session.scalars(select(SetSession)).one()
    form = fay.get(path(row, f"/sessions/{made.public_id}/change")).text
    assert f'value="{day}"' in form and 'value="00:30"' in form and 'value="03:30"' in form


def test_sessions_are_planned_moved_and_cancelled(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast)
    fay = signed_in(cast.fay)
    assert fay.post(path(row, "/sessions/new"), data=FORM).status_code == 303
    page = main(fay.get(path(row)).text)
    assert "3 sessions are planned." in page
    assert "Thursday 15 October 2026, 2:00pm" in page
    assert "Thursday 29 October 2026, 2:00pm" in page  # the clocks have changed in between
    first = session.scalars(select(SetSession).order_by(SetSession.starts_at)).first()
    assert first is not None
    one = path(row, f"/sessions/{first.public_id}")
    form = fay.get(f"{one}/change").text
    assert 'value="14:00"' in form and 'value="2026-10-15"' in form
    wanted = {**FORM, "begins": "10:00", "ends": "11:00", "sequence": "0", "presenter": str(cast.dee)}
    assert fay.post(f"{one}/change", data=wanted).status_code == 303
    shown = main(fay.get(one).text)
    assert "Thursday 15 October 2026, 10:00am to 11:00am" in shown
    again = fay.post(f"{one}/change", data={**wanted, "where": "What I typed"})
    assert again.status_code == 409
    assert "What I typed" in again.text
    assert "Somebody else has changed this since you opened it" in again.text
    assert fay.post(f"{one}/cancel").status_code == 303
    assert "This session is cancelled." in fay.get(one).text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ends": "13:00"}, "A session ends after it begins"),
        ({"day": ""}, "Choose a day."),
        ({"day": "2026-02-31"}, "Choose a day."),
        ({"begins": "25:00"}, "Enter when it begins"),
        ({"count": "500"}, "Plan between 1 and 30 sessions at once."),
        ({"count": "many"}, "Plan between 1 and 30 sessions at once."),
        ({"weeks": "99999999999999999999"}, "Choose every 1 to 12 weeks."),
        ({"link": "javascript:alert(1)"}, "A joining link begins with https://"),
        ({"day": "2026-10-01", "begins": "12:00", "ends": "15:00"}, "On Thursday 1 October 2026 the set has"),
        ({"count": "30", "weeks": "12"}, "The last of them would be on"),
    ],
)
def test_a_wrong_session_comes_back_with_a_sentence_and_what_was_typed(
    session: Session, cast: Cast, signed_in: SignIn, wrong: dict[str, str], sentence: str
) -> None:
    row = the_set(session, cast)
    fay = signed_in(cast.fay)
    fay.post(path(row, "/sessions/new"), data={**FORM, "day": "2026-10-01", "count": "1"})
    answer = fay.post(path(row, "/sessions/new"), data={**FORM, "agenda": "What I typed", **wrong})
    assert answer.status_code == 422
    assert main(answer.text).count(sentence) >= 2  # in the summary, and at its field
    assert "What I typed" in answer.text
    assert len(session.scalars(select(SetSession.id)).all()) == 1


def test_who_leads_another_set_at_that_time_is_told_and_plans_all_the_same(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row, other = the_set(session, cast), the_set(session, cast, name="Housing together")
    hour = datetime(2026, 10, 15, 14, tzinfo=UTC)  # three in the afternoon by the clocks there
    a_session(session, other, hour - timedelta(minutes=30), minutes=60)
    for facts in ({"facilitator_id": cast.sol}, {"ended_on": NOW.date()}):
        a_session(session, the_set(session, cast, name="Somebody else’s", **facts), hour)
    a_session(session, other, hour + timedelta(minutes=30), state="cancelled")
    session.commit()
    fay = signed_in(cast.fay)
    at_three = {**FORM, "begins": "15:00", "ends": "16:00", "count": "1"}
    page = fay.post(path(row, "/sessions/new"), data=at_three, follow_redirects=True).text
    assert "1 session is planned." in page
    assert "You lead another set at that time: “Housing together” (Thursday 15 October 2026, 2:30pm)." in page
    free = fay.post(path(row, "/sessions/new"), data={**at_three, "begins": "16:00", "ends": "17:00"})
    assert "You lead another set" not in fay.get(free.location).text
    made = session.scalars(select(SetSession).where(SetSession.set_id == row.id).order_by(SetSession.id.desc())).first()
    assert made is not None
    moved = {**at_three, "begins": "14:00", "ends": "14:45", "sequence": str(made.sequence)}
    page = fay.post(path(row, f"/sessions/{made.public_id}/change"), data=moved, follow_redirects=True).text
    assert "You lead another set at that time" in page


def test_a_member_who_plans_a_set_that_runs_itself_learns_nothing_of_who_leads_when(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = the_set(session, cast, facilitator_id=None)
    a_session(session, the_set(session, cast, name="Housing together"), datetime(2026, 10, 15, 13, tzinfo=UTC))
    session.commit()
    data = {**FORM, "count": "1"}
    page = signed_in(cast.ada).post(path(row, "/sessions/new"), data=data, follow_redirects=True).text
    assert "1 session is planned." in page
    assert "You lead another set" not in page


def test_attendance_is_one_page_and_one_answer(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast)
    meeting = a_session(session, row, NOW - timedelta(hours=2))
    fay = signed_in(cast.fay)
    address = path(row, f"/sessions/{meeting.public_id}/attendance")
    page = fay.get(address).text
    radios = re.findall(r'name="(of-\d+)" value="(\w+)"( checked)?', page)
    assert [value for _, value, checked in radios if checked] == ["present"] * 4
    sent = {name: "present" for name, _, _ in radios} | {f"of-{cast.ben}": "apologies"}
    assert fay.post(address, data=sent).status_code == 303
    shown = main(fay.get(path(row, f"/sessions/{meeting.public_id}")).text)
    assert "3 of 4 came" in shown
    assert "Ben Whitaker: Apologies" in shown
    again = fay.get(address).text
    assert re.search(rf'name="of-{cast.ben}" value="apologies" checked', again)
    assert "Everybody is down as present" in page
    assert "Everybody is down as present" not in again


def test_the_second_of_two_who_record_who_came_is_told_and_replaces_nothing_unseen(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = the_set(session, cast)
    meeting = a_session(session, row, NOW - timedelta(hours=2))
    fay = signed_in(cast.fay)
    address = path(row, f"/sessions/{meeting.public_id}/attendance")

    def opened() -> dict[str, str]:
        page = fay.get(address).text
        return dict(re.findall(r'type="hidden" name="(version|marks)" value="([^"]*)"', page))

    def states() -> dict[int, str]:
        rows = session.execute(select(Attendance.member_id, Attendance.state))
        return {one.member_id: one.state for one in rows}

    everybody = {f"of-{one}": "present" for one in (cast.ada, cast.ben, cast.cai, cast.dee)}
    for change in ({f"of-{cast.ben}": "absent"}, {f"of-{cast.ben}": "apologies"}):
        one, other = opened(), opened()
        assert fay.post(address, data={**one, **everybody, **change}).status_code == 303
        kept = states()
        stale = fay.post(address, data={**other, **everybody, f"of-{cast.ada}": "absent"})
        assert stale.status_code == 409
        assert "Somebody else has changed this since you opened it." in stale.text
        assert re.search(r"<dt>Ben Whitaker</dt><dd[^>]*>(Absent|Apologies)</dd>", stale.text)
        assert re.search(rf'name="of-{cast.ada}" value="absent" checked', stale.text)
        session.expire_all()
        assert states() == kept
    sent = dict(re.findall(r'type="hidden" name="(version|marks)" value="([^"]*)"', stale.text))
    assert fay.post(address, data={**sent, **everybody}).status_code == 303


@pytest.mark.parametrize("state", ["held", "cancelled"])
def test_a_session_that_was_held_or_is_cancelled_is_not_offered_to_be_cancelled(
    session: Session, cast: Cast, signed_in: SignIn, state: str
) -> None:
    row = the_set(session, cast)
    meeting = a_session(session, row, NOW - timedelta(hours=2), state=state)
    session.commit()
    answer = signed_in(cast.fay).get(path(row, f"/sessions/{meeting.public_id}/cancel"), follow_redirects=True)
    assert answer.request.path == path(row)
    assert f"This session has been {state}" in answer.text
    assert "Everybody in the set is told" not in answer.text


def test_of_a_session_whose_hour_is_over_nobody_is_told_that_it_is_cancelled(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = the_set(session, cast)
    meeting = a_session(session, row, NOW - timedelta(hours=2))
    session.commit()
    fay, address = signed_in(cast.fay), path(row, f"/sessions/{meeting.public_id}/cancel")
    assert "nobody is told" in fay.get(address).text
    assert "Everybody in the set is told" not in fay.post(address, follow_redirects=True).text
    assert session.scalars(select(Mail)).all() == []


def test_a_session_cancelled_while_attendance_is_open_loses_no_answer(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = the_set(session, cast)
    meeting = a_session(session, row, NOW - timedelta(hours=2), state="cancelled")
    fay = signed_in(cast.fay)
    address = path(row, f"/sessions/{meeting.public_id}/attendance")
    answer = fay.post(address, data={f"of-{cast.ada}": "absent", f"of-{cast.ben}": "present"})
    assert answer.status_code == 409
    assert "cancelled meanwhile" in answer.text
    assert re.search(rf'name="of-{cast.ada}" value="absent" checked', answer.text)
    session.delete(session.get_one(SetSession, meeting.id))
    session.commit()
    gone = fay.post(address, data={f"of-{cast.ada}": "absent"})
    assert gone.status_code == 404
    assert "It may have been taken out." in gone.text


def test_actions_are_agreed_and_come_back_at_the_next_session(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast)
    first, second = a_session(session, row, NOW - timedelta(hours=1)), a_session(session, row)
    ada = signed_in(cast.ada)
    sent = {"text": "Ring the growers", "owner": str(cast.ben), "session": first.public_id}
    assert ada.post(path(row, "/actions"), data=sent).location == path(row, f"/sessions/{first.public_id}")
    one = session.scalars(select(SetAction)).one()
    here = path(row, f"/sessions/{second.public_id}")
    assert "Ben Whitaker: Ring the growers" in ada.get(here).text
    answer = {
        f"state-{one.public_id}": "done",
        f"outcome-{one.public_id}": "They deliver.",
        "session": second.public_id,
    }
    assert ada.post(path(row, "/actions/report"), data=answer).location == here
    assert "1 action is closed." in ada.get(here).text
    assert "Ring the growers" not in ada.get(here).text
    assert "They deliver." in ada.get(path(row, f"/sessions/{first.public_id}")).text


def test_an_action_agreed_at_a_session_stands_there_as_agreed_and_later_as_come_back(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = the_set(session, cast)
    first = a_session(session, row, NOW - timedelta(days=30), state="held")
    second = a_session(session, row, NOW - timedelta(days=2), state="held")
    for text, meeting, days in (("Ring the growers", first, 29), ("Ask procurement", second, 3)):
        an_action(session, row, cast.ben, text, session_id=meeting.id, created_at=NOW - timedelta(days=days))
    session.commit()
    ada = signed_in(cast.ada)
    page = main(ada.get(path(row, f"/sessions/{second.public_id}")).text)
    back, agreed = page.index("What came back"), page.index("Agreed here")
    assert back < page.index("Ring the growers") < page.index("From an earlier session") < agreed
    assert agreed < page.index("Ask procurement")
    assert page.count("From an earlier session") == 1
    page = main(ada.get(path(row, f"/sessions/{first.public_id}")).text)
    assert "What came back" not in page
    assert "Ring the growers" in page and "From an earlier session" not in page


def test_an_action_or_report_that_cannot_be_comes_back_as_typed(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = the_set(session, cast)
    one, ada = an_action(session, row, cast.ada), signed_in(cast.ada)
    answer = ada.post(path(row, "/actions"), data={"text": "x" * 501, "owner": str(cast.ben)})
    assert (answer.status_code, "x" * 501 in answer.text) == (422, True)
    assert re.search(rf'value="{cast.ben}" selected', answer.text)
    sent = {f"state-{one.public_id}": "done", f"outcome-{one.public_id}": "y" * 501}
    answer = ada.post(path(row, "/actions/report"), data=sent)
    assert (answer.status_code, "y" * 501 in answer.text) == (422, True)
    assert 'value="done" checked' in answer.text
    assert ada.post(path(row, "/actions/report"), data={f"state-{one.public_id}": "perhaps"}).status_code == 422


def test_a_note_is_written_changed_and_removed(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast)
    ada = signed_in(cast.ada)
    assert ada.post(path(row, "/notes/new"), data={"text": "First"}).status_code == 303
    note = session.scalars(select(SetNote)).one()
    address = path(row, f"/notes/{note.public_id}")
    assert address in ada.get(path(row)).text
    mark = re.search(r'name="mark" value="([^"]+)"', ada.get(address).text)
    assert mark
    sent = {"text": "Second", "mark": mark[1].replace("&#43;", "+")}
    assert ada.post(address, data=sent).status_code == 303
    stale = ada.post(address, data={"text": "Third", "mark": "2020-01-01"})
    assert (stale.status_code, "Third" in stale.text) == (409, True)
    assert ada.post(f"{address}/remove").status_code == 303
    assert "Second" not in main(ada.get(path(row)).text)


def test_a_note_too_long_comes_back_whole_with_a_plain_sentence_even_a_megabyte(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = the_set(session, cast)
    ada = signed_in(cast.ada)
    for length in (20_001, 1_048_576):
        text = "a" * length
        answer = ada.post(path(row, "/notes/new"), data={"text": text})
        assert answer.status_code == 422
        assert text in answer.text
        assert f"this one has {length:,}" in answer.text
    assert session.scalars(select(SetNote.id)).all() == []


def test_calendar_files_are_for_those_inside_and_a_parser_reads_them(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = the_set(session, cast, joining_link=LINK)
    signed_in(cast.fay).post(path(row, "/sessions/new"), data=FORM)
    answer = signed_in(cast.ada).get(path(row, "/calendar.ics"))
    assert answer.content_type == "text/calendar; charset=utf-8; method=PUBLISH"
    events = list(vobject.readOne(answer.text).vevent_list)
    assert [event.dtstart.value.hour for event in events] == [13, 14, 14]  # in UTC
    assert events[0].url.value == LINK
    assert f"http://127.0.0.1:8000/sets/{key(row)}/sessions/" in events[0].description.value


def test_a_set_without_facilitator_is_run_by_its_members(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast, facilitator_id=None)
    ada = signed_in(cast.ada)
    assert "Plan sessions" in ada.get(path(row)).text
    assert ada.post(path(row, "/sessions/new"), data=FORM).status_code == 303
    about = {"name": "New name", "places": "2", "version": "1", "link": LINK}
    assert ada.post(path(row, "/about"), data=about).status_code == 303
    assert "New name" in ada.get(path(row)).text
    wrong = ada.post(path(row, "/about"), data={**about, "name": "", "link": "http://x", "places": "x", "version": "2"})
    assert wrong.status_code == 422
    for sentence in ("Give the set a name", "A joining link begins with", "Choose 0 to 10 places."):
        assert sentence in wrong.text
    stale = ada.post(path(row, "/about"), data={**about, "name": "Mine"})
    assert (stale.status_code, "Mine" in stale.text) == (409, True)


def test_members_may_not_do_what_is_the_facilitators(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast)
    meeting = a_session(session, row, NOW - timedelta(hours=2))
    ada = signed_in(cast.ada)
    one = f"/sessions/{meeting.public_id}"
    for rest in ("/sessions/new", "/about", f"{one}/change", f"{one}/cancel", f"{one}/attendance", "/end"):
        answer = ada.post(path(row, rest), data={**FORM, "sequence": "0", "name": "x", f"of-{cast.ada}": "present"})
        assert answer.status_code == 403, rest
    assert ada.post(path(row, f"/people/{cast.ben}/out")).status_code == 403


def test_somebody_is_found_weighed_and_taken_in_then_out(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row, eve = the_set(session, cast), a_member(session)
    session.commit()
    fay = signed_in(cast.fay)
    address = path(row, f"/people/add?member={eve.public_id}")
    assert address.replace("&", "&amp;") in fay.get(path(row, "/people?q=newcomer")).text
    assert "Every rule of the cohort still holds." in fay.get(address).text
    assert fay.post(path(row, "/people/add"), data={"member": eve.public_id}).status_code == 303
    assert fay.post(path(row, "/people/add"), data={"member": eve.public_id}).status_code == 409
    assert "Eve Newcomer" in main(signed_in(eve.id).get(path(row)).text)
    out = path(row, f"/people/{eve.id}/out")
    assert "Take Eve Newcomer out of the set?" in fay.get(out).text
    assert "They are told by mail" in fay.get(out).text and "Whoever facilitates the set" not in fay.get(out).text
    assert "Whoever facilitates the set is told, too." in signed_in(cast.sol).get(out).text
    assert fay.post(out).status_code == 303
    for late in (lambda: fay.get(out), lambda: fay.post(out)):
        assert late().location == path(row, "/people")
        assert "They are not in this set." in fay.get(path(row, "/people")).text
    assert signed_in(eve.id).get(path(row)).status_code == 404


def test_somebody_else_is_found_to_facilitate_a_set_and_the_one_before_is_out(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = the_set(session, cast)
    gus = a_member(session, "Gus Leader", audience="facilitator")
    session.commit()
    fay, change = signed_in(cast.fay), path(row, "/facilitator/change")
    assert path(row, "/facilitator") in fay.get(path(row, "/people")).text
    assert f"{change}?person={gus.public_id}" in fay.get(path(row, "/facilitator?q=gus")).text
    assert "No facilitator of that name" in fay.get(path(row, "/facilitator?q=ada")).text
    page = main(fay.get(f"{change}?person={gus.public_id}").text)
    for words in (
        "Have Gus Leader facilitate this set?",
        "Gus Leader plans the sessions",
        "You no longer see the set.",
    ):
        assert words in page, words
    stale = fay.post(change, data={"person": gus.public_id, "version": row.version + 1})
    assert stale.status_code == 409
    assert "Somebody else has changed this set" in stale.text
    assert fay.post(change, data={"person": "nobody-at-all", "version": row.version}).status_code == 404
    done = fay.post(change, data={"person": gus.public_id, "version": row.version})
    assert (done.status_code, done.location) == (303, "/learning")
    assert "Gus Leader facilitates the set now." in fay.get("/learning").text
    assert fay.get(path(row)).status_code == 404
    assert "Gus Leader" in main(signed_in(cast.ada).get(path(row)).text)
    assert "Plan sessions" in main(signed_in(gus.id).get(path(row)).text)


def test_a_set_is_left_to_run_itself(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast)
    session.commit()
    sol, change = signed_in(cast.sol), path(row, "/facilitator/change")
    page = main(sol.get(change).text)
    assert "Let the set run itself?" in page
    assert "Fay Lindqvist leads it no longer" in page
    assert "You no longer see the set." not in page
    assert sol.post(change, data={"version": row.version}).location == path(row, "/people")
    people = sol.get(path(row, "/people")).text
    assert "The set runs itself now." in people
    assert "Nobody: the set runs itself." in people
    assert "Let the set run itself" not in sol.get(path(row, "/facilitator")).text
    assert "Plan sessions" in main(signed_in(cast.ada).get(path(row)).text)


def test_rules_about_pairs_are_not_told_to_who_does_not_lead_the_cohort(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = the_set(session, cast)
    gus = a_member(session, "Gus Leader", audience="facilitator")
    session.add(Block(blocker_id=cast.ada, blocked_id=gus.id, created_at=NOW))
    session.commit()
    fay, change = signed_in(cast.fay), path(row, "/facilitator/change")
    page = main(fay.get(f"{change}?person={gus.public_id}").text)
    assert "A rule that only the facilitators of the cohort may see" in page
    assert "Ada" not in page
    assert "Change the facilitator" not in page
    refused = fay.post(change, data={"person": gus.public_id, "version": row.version})
    assert refused.status_code == 409
    assert "A rule that must be kept does not allow it." in refused.text


def test_who_leaves_is_told_first_that_the_facilitator_is_told(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast)
    session.commit()
    ada, told = signed_in(cast.ada), "Whoever facilitates the set is told that you have left."
    page = ada.get(path(row, "/leave")).text
    assert told in page
    assert "Nobody asks why." in page
    session.execute(update(LearningSet).values(facilitator_id=None))
    session.commit()
    assert told not in ada.get(path(row, "/leave")).text


def test_a_request_is_answered(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row, eve = the_set(session, cast), a_member(session)
    asked = SetRequest(public_id=public_id(), set_id=row.id, member_id=eve.id, note="May I?", created_at=NOW)
    session.add(asked)
    session.commit()
    fay = signed_in(cast.fay)
    assert "1 person asks to join" in fay.get(path(row)).text
    assert "May I?" in fay.get(path(row, "/people")).text
    address = path(row, f"/requests/{asked.public_id}")
    assert "Take Eve Newcomer into the set?" in fay.get(address).text
    staff = signed_in(cast.sol)  # looks on, and takes people in; the note is for the facilitator
    for page in (path(row, "/people"), address):
        shown = staff.get(page).text
        assert "Eve Newcomer" in shown
        assert "May I?" not in shown
    assert fay.post(address, data={"answer": "perhaps"}).status_code == 404
    assert fay.post(address, data={"answer": "yes"}).status_code == 303
    for late in (lambda: fay.post(address, data={"answer": "no"}), lambda: fay.get(address)):
        assert late().location == path(row, "/people")
        assert "This request is no longer open." in fay.get(path(row, "/people")).text
    assert signed_in(eve.id).get(path(row)).status_code == 200


def test_a_member_leaves_by_themselves(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast)
    a_note(session, row, cast.ada, "What I wrote")
    ada = signed_in(cast.ada)
    assert ada.post(path(row, "/leave")).location == "/learning"
    assert ada.get(path(row)).status_code == 404
    page = main(signed_in(cast.ben).get(path(row)).text)
    assert "What I wrote" in page
    assert "Former member" in page
    assert "Ada Okafor" not in page


def test_a_set_ends_and_its_members_reflect(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = the_set(session, cast)
    fay = signed_in(cast.fay)
    assert fay.post(path(row, "/end")).status_code == 303
    for member, useful in ((cast.ada, "5"), (cast.ben, "4"), (cast.cai, "4")):
        browser = signed_in(member)
        assert path(row, "/reflect") in browser.get(path(row)).text
        sent = {
            "useful": useful,
            "changed": "yes",
            "text": f"Words of {member}",
            "shared": "yes" if useful == "5" else "",
        }
        assert browser.post(path(row, "/reflect"), data=sent).status_code == 303
    wrong = signed_in(cast.dee).post(path(row, "/reflect"), data={"text": "What I typed"})
    assert (wrong.status_code, "What I typed" in wrong.text) == (422, True)
    for reader in (cast.fay, cast.sol):
        page = main(signed_in(reader).get(path(row, "/reflections")).text)
        assert f"Words of {cast.ada}" in page
        assert f"Words of {cast.ben}" not in page
        assert "3 of 4 have answered." in page
    assert "Write a note" not in signed_in(cast.ada).get(path(row)).text


def test_a_set_that_ended_by_mistake_is_opened_again(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row, fay, ada = the_set(session, cast), signed_in(cast.fay), signed_in(cast.ada)
    assert fay.get(path(row, "/reopen")).location == path(row)
    assert "This set runs already." in fay.get(path(row)).text
    fay.post(path(row, "/end"))
    assert fay.post(path(row, "/end")).location == path(row), "a second click leads back, too"
    assert path(row, "/reopen") in fay.get(path(row)).text
    assert path(row, "/reopen") not in ada.get(path(row)).text
    assert ada.post(path(row, "/reopen")).status_code == 403
    assert "Whoever was in it at the end has their place still" in fay.get(path(row, "/reopen")).text
    assert fay.post(path(row, "/reopen")).location == path(row)
    assert "Write a note" in ada.get(path(row)).text
    fay.post(path(row, "/end"))
    session.execute(update(LearningSet).values(ended_on=NOW.date() - timedelta(days=31)))
    assert path(row, "/reopen") not in fay.get(path(row)).text


def test_the_view_over_all_sets_sorts_and_shows_trouble(session: Session, cast: Cast, signed_in: SignIn) -> None:
    for number in range(3):
        the_set(session, cast, name=f"Set {number}")
    the_set(session, cast, name="To begin", started_on=NOW.date() + timedelta(days=49))
    fay = signed_in(cast.fay)
    assert "3</span>" in fay.get("/sets?show=trouble").text and "To begin" not in fay.get("/sets?show=trouble").text
    assert "Begins on" in fay.get("/sets").text
    page = main(fay.get("/sets?sort=name&down=1").text)
    assert page.index("Set 2") < page.index("Set 1") < page.index("Set 0")
    assert 'aria-sort="descending"' in page
    assert "No session planned" in page
    assert "There is no such set now." in fay.get("/sets?show=ended").text
    for query in ("sort=nonsense", "show=nonsense", "page=99999999999999999999", "page=x"):
        assert fay.get(f"/sets?{query}").status_code == 404
    assert signed_in(cast.ada).get("/sets").status_code == 403


def test_the_table_is_a_file_as_it_is_filtered_and_no_cell_is_a_formula(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    the_set(session, cast, name="=1+1")
    the_set(session, cast, name="Over", ended_on=NOW.date())
    fay = signed_in(cast.fay)
    a_session(session, the_set(session, cast, name="Local"), datetime(2026, 8, 6, 13, tzinfo=UTC))
    assert "2026-08-06T14:00+01:00" in fay.get("/sets.csv").text
    answer = fay.get("/sets.csv?show=trouble&sort=name")
    assert answer.mimetype == "text/csv"
    assert "'=1+1" in answer.text
    assert "Over" not in answer.text
    assert "Over" in fay.get("/sets.csv?show=ended").text
    assert "sets.csv?show=trouble" in fay.get("/sets?show=trouble").text
    assert signed_in(cast.ada).get("/sets.csv").status_code == 403


def test_without_sets_the_view_says_where_they_come_from(session: Session, cast: Cast, signed_in: SignIn) -> None:
    assert "No sets yet" in signed_in(cast.fay).get("/sets").text


def sent_for(app: Flask, browser: FlaskClient, address: str) -> int:
    browser.get(address)
    with statements(app) as sent:
        assert browser.get(address).status_code == 200
    return len(sent)


def test_the_pages_ask_the_same_few_queries_however_much_there_is(
    app: Flask, session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = the_set(session, cast)
    meeting = a_session(session, row, NOW - timedelta(days=3))
    session.commit()
    ada, fay, sol = signed_in(cast.ada), signed_in(cast.fay), signed_in(cast.sol)
    pages = (
        (ada, path(row), 14),
        (sol, path(row), 11),
        (ada, path(row, f"/sessions/{meeting.public_id}"), 9),
        (ada, path(row, "/notes"), 6),
        (fay, path(row, f"/sessions/{meeting.public_id}/attendance"), 7),
        (ada, path(row, "/calendar.ics"), 3),
        (fay, path(row, "/people"), 5),
        (fay, "/sets", 9),
    )
    few = [sent_for(app, browser, address) for browser, address, _ in pages]
    for number in range(12):
        member = a_member(session, f"Person{number:02} Number").id
        session.add(SetMembership(set_id=row.id, member_id=member, joined_on=date(2026, 1, 1)))
        one = a_session(session, row, NOW - timedelta(days=30 + number), state="held", presenter_id=member)
        session.add(Attendance(session_id=one.id, member_id=member, state="present", recorded_at=NOW))
        an_action(session, row, member)
        a_note(session, row, member, f"Note {number}")
        the_set(session, cast, name=f"Set {number}")
    session.commit()
    many = [sent_for(app, browser, address) for browser, address, _ in pages]
    assert many == few
    assert all(sent <= most for sent, (_, _, most) in zip(many, pages, strict=True)), many
