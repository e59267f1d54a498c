"""Calendar files, read back by a parser that is not the one that writes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any

import vobject
from sqlalchemy.orm import Session

from haln.learn import calendar_files, session_calendars, session_times, sessions
from haln.learn.calendar_files import Entry
from tests.builders import NOW, Cast, an_actor
from tests.learn.sets import LONDON, a_meeting, key, planned, the_set

ENTRY = Entry("abc234", "Growing together; Leeds, York", NOW, 90, 0, False, "Town hall, room 2")


def read(made: bytes) -> list[Any]:
    """The events of a file."""
    return list(vobject.readOne(made.decode("utf-8")).vevent_list)


def test_a_parser_reads_back_what_was_said() -> None:
    (event,) = read(calendar_files.written([ENTRY], NOW))
    assert event.summary.value == ENTRY.title
    assert event.location.value == ENTRY.where
    assert event.dtstart.value == NOW
    assert event.dtend.value - event.dtstart.value == timedelta(minutes=90)
    assert (event.sequence.value, event.status.value) == ("0", "CONFIRMED")


def test_a_calendar_says_what_it_is_of() -> None:
    event = replace(ENTRY, kind="events")
    for entries, words in (
        ([ENTRY], "Learning sets"),
        ([event], "Events"),
        ([ENTRY, event], "Events and learning sets"),
    ):
        made = vobject.readOne(calendar_files.written(entries, NOW).decode("utf-8"))
        assert made.prodid.value == f"-//HALN//{words}//EN"


def test_across_the_change_of_the_clocks_a_calendar_shows_the_same_hour() -> None:
    spans = session_times.series(a_meeting(date(2026, 10, 22)), 1, 2, LONDON)
    entries = [replace(ENTRY, public_id=str(n), starts_at=one.starts_at) for n, one in enumerate(spans)]
    found = [event.dtstart.value for event in read(calendar_files.written(entries, NOW))]
    assert [one.astimezone(LONDON).isoformat() for one in found] == [
        "2026-10-22T14:00:00+01:00",
        "2026-10-29T14:00:00+00:00",
    ]
    assert [one.astimezone(UTC).hour for one in found] == [13, 14]


def test_words_cannot_break_out_of_their_line() -> None:
    evil = replace(ENTRY, agenda="One\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:Evil", title="A\r\nMETHOD:CANCEL" + "é" * 200)
    (event,) = read(calendar_files.written([evil], NOW))
    assert "END:VEVENT" in event.description.value
    for line in calendar_files.written([evil], NOW).split(b"\r\n"):
        assert len(line) <= 75
        assert not line.startswith(b"METHOD:CANCEL")


def test_a_session_keeps_its_uid_and_its_sequence_grows_until_it_is_cancelled(session: Session, cast: Cast) -> None:
    row = the_set(session, cast, joining_link="https://meet.example.org/x")
    (meeting,) = planned(session, cast, row)
    fay, ada = an_actor(session, cast.fay), an_actor(session, cast.ada)

    def event() -> Any:
        made = session_calendars.of_set(session, ada, key(row), lambda one, other: f"https://x.example/{other}", NOW)
        assert b"METHOD:PUBLISH" in made
        (found,) = read(made)
        return found

    first = event()
    later = a_meeting(NOW.date() + timedelta(days=11))
    sessions.change(session, fay, key(row), meeting.public_id, later, None, 0, LONDON, NOW)
    moved = event()
    sessions.cancel(session, fay, key(row), meeting.public_id, NOW)
    last = event()
    assert first.uid.value == moved.uid.value == last.uid.value
    assert [one.sequence.value for one in (first, moved, last)] == ["0", "1", "2"]
    assert [one.status.value for one in (first, moved, last)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert moved.dtstart.value - first.dtstart.value == timedelta(days=1)
    assert first.url.value == "https://meet.example.org/x"
    assert f"https://x.example/{meeting.public_id}" in first.description.value
