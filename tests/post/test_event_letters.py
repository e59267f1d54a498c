"""Letters about events: to those they still concern, with the link only for a place, and people only as they agreed."""

from __future__ import annotations

import pytest
import vobject
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.models import Event, EventRegistration, Member
from haln.post import event_letters, letters, unsubscribing
from haln.post.writing import Desk, Letter, Order
from haln.views import letters as wording
from tests.builders import NOW, Cast, a_theme
from tests.event_builders import LINK, a_place, an_event

ABOUT_PLACES = [kind for kind in event_letters.KINDS if kind != "event_answered"]


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return wording.desk()


@pytest.fixture
def row(session: Session, cast: Cast) -> Event:
    """An event to which Ada and Cai come; they agreed to be named, and Ben waits."""
    made = an_event(session, cast.fay)
    for member in (cast.ada, cast.cai):
        a_place(session, made, member, says_hello=True)
        a_theme(session, member, "housing", interest=True)
    a_place(session, made, cast.ben, "waiting", says_hello=True)
    return made


def write(session: Session, desk: Desk, row: Event, kind: str, member: int) -> Letter | None:
    session.flush()
    state = {"event_cancelled": "cancelled", "event_answered": row.state}.get(kind, "planned")
    row.state = state
    session.flush()
    return letters.write(session, Order(kind, "x@example.org", member, "en", {"event_id": row.id}), desk, NOW)


@pytest.mark.parametrize("kind", ABOUT_PLACES)
def test_the_letter_and_its_calendar_file_say_the_same(
    session: Session, cast: Cast, desk: Desk, row: Event, kind: str
) -> None:
    letter = write(session, desk, row, kind, cast.ada)
    assert letter is not None
    assert "Thursday 25 June 2026, 10:30am" in letter.words.text and "Buying local" in letter.words.subject
    (file,) = letter.attachments
    (event,) = vobject.readOne(file.text).vevent_list
    assert event.status.value == ("CANCELLED" if kind == "event_cancelled" else "CONFIRMED")
    assert f"/events/{row.public_id}" in letter.words.text


@pytest.mark.parametrize("kind", ABOUT_PLACES)
def test_it_goes_to_nobody_who_gave_up_left_or_for_whom_it_is_over(
    session: Session, cast: Cast, desk: Desk, row: Event, kind: str
) -> None:
    session.execute(update(EventRegistration).where(EventRegistration.member_id == cast.ada).values(state="cancelled"))
    assert write(session, desk, row, kind, cast.ada) is None
    session.execute(update(Member).where(Member.id == cast.cai).values(standing="left"))
    assert write(session, desk, row, kind, cast.cai) is None
    assert write(session, desk, row, kind, cast.dee) is None


@pytest.mark.parametrize("kind", ["event_placed", "event_moved", "event_reminder"])
def test_the_link_to_join_is_in_the_file_and_never_in_the_words(
    session: Session, cast: Cast, desk: Desk, row: Event, kind: str
) -> None:
    letter = write(session, desk, row, kind, cast.ada)
    assert letter is not None
    assert LINK in letter.attachments[0].text and LINK not in letter.words.text + letter.words.html
    assert "The link to join is in the calendar file" in letter.words.text
    assert row.title in letter.words.text and row.title in letter.words.html  # also without the subject


def test_who_waits_never_gets_the_link(session: Session, cast: Cast, desk: Desk, row: Event) -> None:
    moved = write(session, desk, row, "event_moved", cast.ben)
    assert moved is not None
    assert LINK not in moved.words.text + moved.words.html and moved.attachments == ()
    assert write(session, desk, row, "event_placed", cast.ben) is None
    assert write(session, desk, row, "event_reminder", cast.ben) is None


def test_a_reminder_names_people_with_reasons_and_staff_read_it_without(
    session: Session, cast: Cast, desk: Desk, row: Event
) -> None:
    letter = write(session, desk, row, "event_reminder", cast.ada)
    assert letter is not None
    assert "Cai Morgan, Cardiff University. You are both interested in housing." in letter.words.text
    assert "Cai Morgan" in letter.words.html
    masked = letter.masked()
    assert "Cai" not in masked.text


def test_a_reminder_can_be_stopped_from_itself_and_the_rest_cannot(
    session: Session, cast: Cast, desk: Desk, row: Event
) -> None:
    reminder = write(session, desk, row, "event_reminder", cast.ada)
    assert reminder is not None and reminder.unsubscribe_url
    token = reminder.unsubscribe_url.rsplit("/", 1)[1]
    assert unsubscribing.stop(session, desk.secret, token, NOW) == unsubscribing.EVENTS
    session.expire_all()
    assert session.get_one(Member, cast.ada).introduction_mail
    assert write(session, desk, row, "event_reminder", cast.ada) is None
    moved = write(session, desk, row, "event_moved", cast.ada)
    assert moved is not None and not moved.unsubscribe_url


@pytest.mark.parametrize(("state", "words"), [("planned", "have accepted"), ("declined", "We had this in May")])
def test_whoever_proposed_reads_what_staff_say(
    session: Session, cast: Cast, desk: Desk, state: str, words: str
) -> None:
    row = an_event(session, cast.ada, state=state, answer="We had this in May." if state == "declined" else "")
    letter = write(session, desk, row, "event_answered", cast.ada)
    assert letter is not None and words in letter.words.text
    assert write(session, desk, row, "event_answered", cast.ben) is None
