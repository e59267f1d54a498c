"""Reports of meeting tools: read as they are exported, matched with members, refused with a clear sentence."""

from __future__ import annotations

from datetime import date

import pytest

from haln.errors import Invalid, TooLarge
from haln.learn import event_report_matching, event_reports
from haln.learn.event_reports import Attendee

TEAMS = """1. Summary
Meeting title\tBuying local
Attended participants\t4
Start time\t6/25/26, 1:55:12 PM
End time\t6/25/26, 3:31:40 PM
Meeting duration\t1h 36m 28s

2. Participants
Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole
Ada Okafor\t6/25/26, 1:58:00 PM\t6/25/26, 3:30:00 PM\t1h 32m\tAda.Okafor@example.org\tada.okafor@example.org\tPresenter
"Whitaker, Ben (Leeds)"\t6/25/26, 2:01:00 PM\t6/25/26, 3:30:00 PM\t1h 29m\t\t\tAttendee
Kai Morgan\t6/25/26, 2:01:00 PM\t6/25/26, 2:30:00 PM\t29m\t\t\tAttendee
Zed Nobody\t6/25/26, 2:02:00 PM\t6/25/26, 3:30:00 PM\t1h 28m\tzed@elsewhere.example\t\tAttendee

3. In-Meeting Activities
Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole
Ada Okafor\t6/25/26, 1:58:00 PM\t6/25/26, 3:30:00 PM\t1h 32m\tada.okafor@example.org\tPresenter
"""

OLD_TEAMS = """Meeting Summary
Total Number of Participants\t1
Meeting Title\tBuying local
Meeting Start Time\t25/06/2026, 13:55:12

Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\tParticipant ID (UPN)
Ada Okafor\t25/06/2026, 13:58:00\t25/06/2026, 15:30:00\t1h 32m\tada.okafor@example.org\tPresenter\tada@example.org
"""

ZOOM = """Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants
812 345 678,Buying local,06/25/2026 01:55:12 PM,06/25/2026 03:31:40 PM,host@example.org,97,3

Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest
Ada Okafor (she/her),ada.okafor@example.org,06/25/2026 01:58:00 PM,06/25/2026 02:30:00 PM,32,No
Ada Okafor (she/her),ada.okafor@example.org,06/25/2026 02:33:00 PM,06/25/2026 03:30:00 PM,57,No
B Whitaker,,06/25/2026 02:00:00 PM,06/25/2026 03:30:00 PM,90,Yes
"""

PLAIN_ZOOM = """Name (Original Name),User Email,Total Duration (Minutes),Guest
Dee Sandhu,,90,Yes
"""

NAMES = {1: "Ada Okafor", 2: "Ben Whitaker", 3: "Cai Morgan", 4: "Dee Sandhu"}


def utf16(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-16")


@pytest.mark.parametrize(
    ("content", "people"),
    [
        (utf16(TEAMS), ["Ada Okafor", "Whitaker, Ben (Leeds)", "Kai Morgan", "Zed Nobody"]),
        (utf16(OLD_TEAMS), ["Ada Okafor"]),
        (b"\xef\xbb\xbf" + ZOOM.encode(), ["Ada Okafor (she/her)", "B Whitaker"]),
    ],
)
def test_a_report_is_read_as_its_tool_writes_it(content: bytes, people: list[str]) -> None:
    found = event_reports.read(content)
    assert found.title == "Buying local"
    assert date(2026, 6, 25) in found.days
    assert [one.name for one in found.attendees] == people
    assert found.attendees[0].address == "ada.okafor@example.org"


def test_a_report_without_a_summary_names_no_day() -> None:
    found = event_reports.read(PLAIN_ZOOM.encode())
    assert (found.title, found.days, found.attendees) == ("", frozenset(), (Attendee("Dee Sandhu", ""),))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"\xff\xfe\x00", "cannot be read as text"),
        (b"caf\xe9,x\n", "cannot be read as text"),
        (b"a\x00b", "cannot be read as text"),
        (b"one,two\n1,2\n", "No table of participants"),
        (utf16("Name\tEmail\n"), "Nobody is in this report"),
        (b"Name,Email\n" + b'"' + b"x" * 200_000, "longer than any"),
    ],
)
def test_what_is_no_report_is_refused_with_a_clear_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        event_reports.read(content)


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLarge):
        event_reports.read(b"x" * (event_reports.MOST_BYTES + 1))
    with pytest.raises(TooLarge):
        event_reports.read(b"Name,Email\n" + b"A,a@b.c\n" * (event_reports.MOST_ROWS + 1))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("3/4/2026, 2:00 PM", {date(2026, 3, 4), date(2026, 4, 3)}),
        ("25/06/26 13:00", {date(2026, 6, 25)}),
        ("2026-06-25 13:00", {date(2026, 6, 25)}),
        ("25.06.2026 13:00", {date(2026, 6, 25)}),
        ("99/99/2026", set()),
        ("yesterday", set()),
    ],
)
def test_a_day_is_every_day_that_it_may_be(text: str, days: set[date]) -> None:
    assert event_reports.days_of(text) == days


def test_people_are_found_by_address_then_by_name_and_asked_about_where_it_is_not_certain() -> None:
    report = event_reports.read(utf16(TEAMS))
    found = event_report_matching.matched(report, {"ada.okafor@example.org": 1}, NAMES)
    assert [(one.member, one.by_address) for one in found.sure] == [(1, True), (2, False)]
    assert [(one.attendee.name, one.member) for one in found.maybe] == [("Kai Morgan", 3)]
    assert [one.name for one in found.unknown] == ["Zed Nobody"]


def test_two_with_one_name_are_never_taken_for_certain_and_nobody_is_found_twice() -> None:
    report = event_reports.read(b"Name,Email\nSam Jones,\nSam Jones (2),\nS Jones,x@y.example\n")
    found = event_report_matching.matched(report, {}, {5: "Sam Jones", 6: "Sam Jones"})
    assert found.sure == ()
    assert len({one.member for one in found.maybe}) == len(found.maybe) == 2


def test_an_initial_stands_for_a_name_and_another_family_name_does_not() -> None:
    report = event_reports.read(b"Name,Email\nA Okafor,\nAda Lovelace,\n")
    found = event_report_matching.matched(report, {}, NAMES)
    assert [(one.attendee.name, one.member) for one in found.maybe] == [("A Okafor", 1)]
    assert [one.name for one in found.unknown] == ["Ada Lovelace"]


def test_a_second_device_is_no_other_person() -> None:
    report = event_reports.read(
        b"Name,Email\nAda Okafor,ada.okafor@example.org\nAda Okafor (phone),\nZed Nobody,zed@x.example\nzed nobody,\n"
        b"Ben Whitaker,\nBen Whitaker,ben@home.example\n"
    )
    found = event_report_matching.matched(report, {"ada.okafor@example.org": 1}, NAMES)
    assert [one.member for one in found.sure] == [1, 2]
    assert [one.name for one in found.unknown] == ["Zed Nobody"]


def test_of_a_day_that_can_be_read_both_ways_the_one_ahead_is_not_named() -> None:
    report = event_reports.read(utf16(TEAMS.replace("6/25/26", "10/12/26")))
    assert event_report_matching.other_day(report, date(2026, 11, 23), date(2026, 11, 26)) == date(2026, 10, 12)
    ahead = event_reports.read(utf16(TEAMS.replace("6/25/26", "12/25/26")))
    assert event_report_matching.other_day(ahead, date(2026, 11, 23), date(2026, 11, 26)) == date(2026, 12, 25)


WHILE_IT_RUNS = """Full Name\tUser Action\tTimestamp
Ada Okafor\tJoined before\t6/25/2026, 1:58:00 PM
Ben Whitaker\tJoined\t6/25/2026, 2:00:00 PM
Ben Whitaker\tLeft\t6/25/2026, 2:30:00 PM
Ben Whitaker\tJoined\t6/25/2026, 2:31:00 PM
Zed Nobody (Guest)\tJoined\t6/25/2026, 2:31:00 PM
"""


def test_the_list_that_is_saved_while_a_meeting_runs_has_everybody_once() -> None:
    found = event_reports.read(utf16(WHILE_IT_RUNS))
    assert [one.name for one in found.attendees] == ["Ada Okafor", "Ben Whitaker", "Zed Nobody (Guest)"]
    assert date(2026, 6, 25) in found.days and found.title == ""


def test_a_report_of_another_day_is_known_and_one_of_the_next_morning_is_not() -> None:
    report = event_reports.read(utf16(TEAMS))
    assert event_report_matching.other_day(report, date(2026, 6, 24), date(2026, 7, 9)) is None
    assert event_report_matching.other_day(report, date(2026, 7, 2), date(2026, 7, 9)) == date(2026, 6, 25)
    assert event_report_matching.other_topic(report, "Warm homes in Bristol")
    assert not event_report_matching.other_topic(report, "Webinar: Buying local")
