"""Events: planned, proposed, changed and cancelled; places by the rule; who is told of what, and when."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import vobject
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid, NotFound, NotPermitted, TooMany
from haln.learn import (
    event_access,
    event_attendance,
    event_calendars,
    event_imports,
    event_lists,
    event_mail,
    event_registrations,
    events,
)
from haln.learn.event_calendars import Pages
from haln.models import AuditRecord, Event, EventAttendance, EventRegistration, ImportFile, Mail, Member, SetMembership
from haln.network import suppress
from haln.people import erasure, leaving
from haln.people.imports import applying
from tests.builders import NOW, Cast, an_actor
from tests.cohort_builders import a_learning_set
from tests.event_builders import LINK, LONDON, THEMES, a_place, an_event, register, the_facts, was_there
from tests.learn.sets import a_session
from tests.learn.test_event_reports import TEAMS, utf16

BOUNDS = [suppress.bounds(count, 7) for count in range(30)]
PAGES = Pages(lambda one: f"https://x.example/events/{one}", lambda one, two: f"https://x.example/sets/{one}/{two}")


def create(session: Session, member: int, **facts: object) -> Event:
    return events.create(session, an_actor(session, member), the_facts(**facts), THEMES, LONDON, NOW)


def change(session: Session, member: int, row: Event, sequence: int = 0, **facts: object) -> bool:
    actor = an_actor(session, member)
    return events.change(session, actor, row.public_id, the_facts(**facts), THEMES, sequence, LONDON, NOW)


def told(session: Session, kind: str) -> list[int | None]:
    session.flush()
    return sorted(session.scalars(select(Mail.member_id).where(Mail.kind == kind)), key=lambda one: one or 0)


def states(session: Session, row: Event) -> dict[int, str]:
    session.flush()
    rows = session.execute(
        select(EventRegistration.member_id, EventRegistration.state).where(EventRegistration.event_id == row.id)
    )
    return {one.member_id: one.state for one in rows}


@pytest.mark.parametrize(
    ("facts", "field", "sentence"),
    [
        ({"ends": time(13, 0)}, "ends", "ends after it begins"),
        ({"ends": time(14, 0)}, "ends", "ends after it begins"),
        ({"begins": time(8, 0), "ends": time(19, 0)}, "ends", "15 minutes and 10 hours"),
        ({"ends": time(14, 5)}, "ends", "15 minutes and 10 hours"),
        ({"on_day": NOW.date() - timedelta(days=1)}, "day", "within the next two years"),
        ({"on_day": NOW.date() + timedelta(days=900)}, "day", "within the next two years"),
        ({"on_day": NOW.date(), "begins": time(9, 0), "ends": time(10, 0)}, "begins", "is over"),
        ({"on_day": date(2027, 3, 28), "begins": time(1, 30), "ends": time(3, 0)}, "begins", "clocks go forward"),
        ({"title": "  "}, "title", "title"),
        ({"title": "x" * 161}, "title", "160"),
        ({"where": "", "joining_link": ""}, "where", "Say where"),
        ({"joining_link": "http://meet.example.org"}, "link", "https://"),
        ({"capacity": 0}, "capacity", "whole number"),
        ({"themes": ("no-such-theme",)}, "themes", "from the list"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    session: Session, cast: Cast, facts: dict[str, object], field: str, sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        create(session, cast.fay, **facts)
    assert field in refused.value.fields
    assert session.scalar(select(Event.id)) is None


def test_an_organiser_holds_one_event_at_a_time_and_others_may_hold_theirs(session: Session, cast: Cast) -> None:
    create(session, cast.fay)
    with pytest.raises(Invalid, match="another event at that time: Buying local"):
        create(session, cast.fay, begins=time(15, 0), ends=time(18, 0))
    create(session, cast.fay, begins=time(15, 30), ends=time(16, 0))
    create(session, cast.sol)


def test_an_event_keeps_its_hour_across_the_change_of_the_clocks(session: Session, cast: Cast) -> None:
    summer = create(session, cast.fay, on_day=date(2026, 10, 22))
    winter = create(session, cast.fay, on_day=date(2026, 10, 29))
    assert (summer.starts_at, winter.starts_at) == (
        datetime(2026, 10, 22, 13, tzinfo=UTC),
        datetime(2026, 10, 29, 14, tzinfo=UTC),
    )


def test_a_member_proposes_and_staff_accept_or_decline_with_words(session: Session, cast: Cast) -> None:
    ada, fay, sol = (an_actor(session, one) for one in (cast.ada, cast.fay, cast.sol))
    one, other = create(session, cast.ada), create(session, cast.ada, begins=time(16, 0), ends=time(17, 0))
    for actor in (an_actor(session, cast.ben), fay):
        with pytest.raises(NotFound):
            event_lists.page(session, actor, one.public_id, str, 7, NOW)
    with pytest.raises(NotPermitted):
        events.decide(session, ada, one.public_id, True, "", NOW)
    with pytest.raises(Invalid, match="Say why"):
        events.decide(session, sol, one.public_id, False, " ", NOW)
    events.decide(session, sol, one.public_id, True, "", NOW)
    events.decide(session, sol, other.public_id, False, "We had this in May.", NOW)
    assert (one.state, other.state, other.answer) == ("planned", "declined", "We had this in May.")
    assert told(session, "event_answered") == [cast.ada, cast.ada]
    with pytest.raises(Conflict):
        events.decide(session, sol, one.public_id, False, "No", NOW)
    assert event_lists.page(session, an_actor(session, cast.ben), one.public_id, str, 7, NOW).line.state == "planned"


def test_a_full_event_has_a_waiting_list_and_a_place_given_up_goes_to_the_next(session: Session, cast: Cast) -> None:
    row = an_event(session, cast.fay, capacity=1)
    assert [register(session, row, one) for one in (cast.ada, cast.ben, cast.cai)] == [
        "registered",
        "waiting",
        "waiting",
    ]
    assert register(session, row, cast.ada) == "registered"  # twice is once
    assert event_registrations.place_in_line(session, row.id, cast.cai, NOW) == 2
    event_registrations.give_up(session, an_actor(session, cast.ada), row.public_id, NOW)
    assert states(session, row) == {cast.ada: "cancelled", cast.ben: "registered", cast.cai: "waiting"}
    assert told(session, "event_placed") == [cast.ada, cast.ben]


def test_whoever_waited_in_vain_comes_first_until_they_have_had_a_place(session: Session, cast: Cast) -> None:
    past = an_event(session, cast.fay, NOW - timedelta(days=30), capacity=1)
    a_place(session, past, cast.ada)
    a_place(session, past, cast.cai, "waiting")
    row = an_event(session, cast.fay, capacity=1)
    for one in (cast.dee, cast.ben, cast.cai):
        register(session, row, one)
    event_registrations.give_up(session, an_actor(session, cast.dee), row.public_id, NOW)
    assert states(session, row)[cast.cai] == "registered"
    lately = an_event(session, cast.fay, NOW - timedelta(days=10))
    a_place(session, lately, cast.cai)
    assert event_registrations.waited_in_vain(session, [cast.cai], NOW) == {cast.cai: 0}


def test_a_raised_capacity_gives_places_at_once_and_a_lowered_one_takes_none(session: Session, cast: Cast) -> None:
    row = create(session, cast.fay, capacity=1)
    for one in (cast.ada, cast.ben, cast.cai):
        register(session, row, one)
    assert not change(session, cast.fay, row, capacity=2)
    assert states(session, row) == {cast.ada: "registered", cast.ben: "registered", cast.cai: "waiting"}
    change(session, cast.fay, row, 1, capacity=1)
    assert list(states(session, row).values()).count("registered") == 2
    change(session, cast.fay, row, 2, capacity=None)
    assert set(states(session, row).values()) == {"registered"}


def test_who_leaves_the_network_gives_their_place_to_who_waits(session: Session, cast: Cast) -> None:
    row = an_event(session, cast.fay, capacity=1)
    register(session, row, cast.ada)
    register(session, row, cast.ben)
    leaving.leave(session, an_actor(session, cast.ada), NOW)
    assert event_registrations.fill_due(session, NOW) == 1
    assert event_registrations.fill_due(session, NOW) == 0
    assert states(session, row) == {cast.ada: "cancelled", cast.ben: "registered"}


def test_who_comes_is_told_when_it_moves_or_is_cancelled_and_of_nothing_else(session: Session, cast: Cast) -> None:
    row = create(session, cast.fay)
    register(session, row, cast.ada)
    assert not change(session, cast.fay, row, title="Buying more local")
    assert told(session, "event_moved") == []
    assert change(session, cast.fay, row, 1, begins=time(13, 0))
    assert told(session, "event_moved") == [cast.ada]
    with pytest.raises(Conflict, match="Somebody else has changed"):
        change(session, cast.sol, row, 1, begins=time(12, 0))
    with pytest.raises(NotPermitted):
        events.cancel(session, an_actor(session, cast.ben), row.public_id, NOW)
    events.cancel(session, an_actor(session, cast.sol), row.public_id, NOW)
    assert told(session, "event_cancelled") == [cast.ada]
    with pytest.raises(Conflict):
        events.cancel(session, an_actor(session, cast.sol), row.public_id, NOW)
    with pytest.raises(Conflict):
        register(session, row, cast.ben)


def test_reminders_go_out_the_day_before_once_to_those_who_want_them(session: Session, cast: Cast) -> None:
    row = an_event(session, cast.fay, NOW + timedelta(hours=23))
    an_event(session, cast.fay, NOW + timedelta(hours=25))
    for one in (cast.ada, cast.ben):
        a_place(session, row, one)
    a_place(session, row, cast.cai, "waiting")
    session.execute(update(Member).where(Member.id == cast.ben).values(event_mail=False))
    assert event_mail.remind(session, NOW) == 1
    assert event_mail.remind(session, NOW) == 0
    assert told(session, "event_reminder") == [cast.ada]
    row.starts_at += timedelta(minutes=30)
    session.flush()
    assert event_mail.remind(session, NOW) == 1  # put at another time, it is reminded of anew


def test_something_else_at_that_time_is_said_and_stops_nobody(session: Session, cast: Cast) -> None:
    one, other = an_event(session, cast.fay), an_event(session, cast.sol, title="Warm homes")
    learning = a_learning_set(session, [cast.ada])
    a_session(session, learning, NOW + timedelta(days=10, minutes=60))
    register(session, other, cast.ada)
    page = event_lists.page(session, an_actor(session, cast.ada), one.public_id, str, 7, NOW)
    assert [overlap.name for overlap in page.overlaps] == ["Warm homes", learning.name]
    assert register(session, one, cast.ada) == "registered"


def test_the_link_to_join_is_for_those_with_a_place_and_who_run_it(session: Session, cast: Cast) -> None:
    row = an_event(session, cast.fay, capacity=1)
    register(session, row, cast.ada)
    register(session, row, cast.ben)
    for member, link in ((cast.ada, LINK), (cast.ben, ""), (cast.cai, ""), (cast.fay, LINK), (cast.sol, LINK)):
        actor = an_actor(session, member)
        assert event_lists.page(session, actor, row.public_id, str, 7, NOW).joining_link == link
        file = event_calendars.of_event(session, actor, row.public_id, PAGES, NOW)
        assert (LINK.encode() in file) == bool(link)


def test_recordings_are_for_whom_the_organiser_says_once_it_is_over(session: Session, cast: Cast) -> None:
    row, fay = an_event(session, cast.fay, NOW - timedelta(hours=5)), an_actor(session, cast.fay)
    a_place(session, row, cast.ada)
    video = "https://video.example.org/1"
    with pytest.raises(Invalid):
        events.add_links(session, fay, row.public_id, "javascript:alert(1)", "", "members", NOW)
    events.add_links(session, fay, row.public_id, video, "", "registered", NOW)
    for member, link in ((cast.ada, video), (cast.ben, "")):
        assert event_lists.page(session, an_actor(session, member), row.public_id, str, 7, NOW).recording == link
    with pytest.raises(Conflict):
        events.add_links(session, fay, an_event(session, cast.fay).public_id, video, "", "members", NOW)


def test_the_balance_of_sectors_hides_small_numbers(session: Session, cast: Cast) -> None:
    nhs, council = ["nhs"] * 30, ["local-government"] * 12
    assert event_lists.balance([*nhs, *council, "housing"], str, 7) == {
        "nhs": 30,
        "local-government": 10,
        "housing": None,
    }
    assert event_lists.balance(["nhs", "housing", None], str, 7) == {}
    assert event_lists.balance([], str, 7) == {}


def entries(made: bytes) -> list[Any]:
    read = vobject.readOne(made.decode("utf-8"))
    return list(getattr(read, "vevent_list", []))


def test_a_calendar_that_is_followed_has_ones_events_and_sessions_and_ends_when_it_is_replaced(
    session: Session, cast: Cast
) -> None:
    ada = an_actor(session, cast.ada)
    summer = an_event(session, cast.fay, datetime(2026, 10, 22, 13, tzinfo=UTC), title="Summer")
    winter = an_event(session, cast.sol, datetime(2026, 10, 29, 14, tzinfo=UTC), title="Winter", state="cancelled")
    full = an_event(session, cast.fay, title="Full")
    for row, state in ((summer, "registered"), (winter, "registered"), (full, "waiting")):
        a_place(session, row, cast.ada, state)
    learning = a_learning_set(session, [cast.ada], name="Growing")
    a_session(session, learning, datetime(2026, 11, 5, 14, tzinfo=UTC))
    left = a_learning_set(session, [cast.ada], name="Left")
    session.execute(update(SetMembership).where(SetMembership.set_id == left.id).values(left_on=NOW.date()))
    a_session(session, left)
    first = event_calendars.open_feed(session, ada, NOW)
    found = entries(event_calendars.feed(session, first, PAGES, NOW))
    assert [(one.summary.value, one.status.value) for one in found] == [
        ("Summer", "CONFIRMED"),
        ("Winter", "CANCELLED"),
        ("Growing", "CONFIRMED"),
    ]
    assert {one.dtstart.value.astimezone(LONDON).hour for one in found} == {14}
    assert [one.dtstart.value for one in found[:2]] == [summer.starts_at, winter.starts_at]
    assert len({one.uid.value for one in found}) == 3
    assert found[0].url.value == LINK
    second = event_calendars.open_feed(session, ada, NOW)
    with pytest.raises(NotFound):
        event_calendars.feed(session, first, PAGES, NOW)
    event_calendars.close_feed(session, ada, NOW)
    with pytest.raises(NotFound):
        event_calendars.feed(session, second, PAGES, NOW)


def came(session: Session, row: Event) -> set[int]:
    session.flush()
    return set(session.scalars(event_lists.present(row.id)))


def test_attendance_is_ticked_corrected_and_never_overwritten(session: Session, cast: Cast) -> None:
    row, fay = an_event(session, cast.fay, NOW - timedelta(hours=2)), an_actor(session, cast.fay)
    for one in (cast.ada, cast.ben):
        a_place(session, row, one)
    both = [cast.ada, cast.ben]
    assert event_attendance.tick(session, fay, row.public_id, both, both, NOW) == 2
    assert event_attendance.tick(session, fay, row.public_id, both, [cast.ada], NOW) == 1
    assert came(session, row) == {cast.ada}
    assert len(session.scalars(select(EventAttendance)).all()) == 3
    with pytest.raises(Invalid):
        event_attendance.tick(session, fay, row.public_id, [cast.cai], [cast.cai], NOW)
    with pytest.raises(Conflict):
        event_attendance.tick(session, fay, an_event(session, cast.fay).public_id, [], [], NOW)
    for member in (cast.ada, cast.ben):
        with pytest.raises(NotPermitted):
            event_attendance.register(session, an_actor(session, member), row.public_id, NOW)


HELD = datetime(2026, 6, 25, 13, tzinfo=UTC)
AFTER = HELD + timedelta(hours=4)


def a_held_event(session: Session, cast: Cast) -> Event:
    row = an_event(session, cast.fay, HELD)
    for one in (cast.ada, cast.ben, cast.cai):
        a_place(session, row, one)
    return row


def test_a_report_is_shown_answered_and_applied_and_the_same_twice_changes_nothing(
    session: Session, cast: Cast
) -> None:
    row, fay = a_held_event(session, cast), an_actor(session, cast.fay)
    for news in (3, 0):
        kept = event_imports.keep(session, fay, row.public_id, "report.csv", utf16(TEAMS), LONDON, AFTER)
        shown = event_imports.preview(session, fay, row.public_id, kept, AFTER)
        assert shown.names == ("Ada Okafor", "Ben Whitaker") and not shown.other_topic
        assert [(one.written, one.name) for one in shown.questions] == [("Kai Morgan", "Cai Morgan")]
        with pytest.raises(Invalid, match="same person"):
            event_imports.apply_kept(session, fay, row.public_id, kept, {}, AFTER)
        answers = {shown.questions[0].number: "yes"}
        done = event_imports.apply_kept(session, fay, row.public_id, kept, answers, AFTER)
        assert (done.news, done.members, done.unknown) == (news, 3, 1)
        with pytest.raises(NotFound):
            event_imports.apply_kept(session, fay, row.public_id, kept, answers, AFTER)
    assert came(session, row) == {cast.ada, cast.ben, cast.cai}
    assert row.others_came == 1
    kept_files = session.scalars(select(ImportFile.content)).all()
    assert set(kept_files) == {b""}  # the names of those who are no members are nowhere


def test_who_is_somebody_else_is_counted_and_not_marked(session: Session, cast: Cast) -> None:
    row, fay = a_held_event(session, cast), an_actor(session, cast.fay)
    kept = event_imports.keep(session, fay, row.public_id, "report.csv", utf16(TEAMS), LONDON, AFTER)
    number = event_imports.preview(session, fay, row.public_id, kept, AFTER).questions[0].number
    assert event_imports.apply_kept(session, fay, row.public_id, kept, {number: "no"}, AFTER).unknown == 2
    assert cast.cai not in came(session, row)


def test_a_report_of_another_meeting_is_refused_with_both_days(session: Session, cast: Cast) -> None:
    row, fay = an_event(session, cast.fay, HELD - timedelta(days=14)), an_actor(session, cast.fay)
    with pytest.raises(Invalid, match="of a meeting on 2026-06-25, and the event was on 2026-06-11"):
        event_imports.keep(session, fay, row.public_id, "report.csv", utf16(TEAMS), LONDON, AFTER)
    assert session.scalar(select(ImportFile.id)) is None


def test_erasing_keeps_what_is_counted_and_nothing_else(session: Session, cast: Cast) -> None:
    row = an_event(session, cast.fay, NOW - timedelta(days=3))
    a_place(session, row, cast.ada, says_hello=True)
    was_there(session, row, cast.ada)
    event_calendars.open_feed(session, an_actor(session, cast.ada), NOW)
    proposal = create(session, cast.ada, title="A secret wish", description="Of Ada's")
    erasure.erase(session, cast.ada, NOW)
    session.expire_all()
    assert came(session, row) == {cast.ada}
    assert not session.scalar(select(EventRegistration.says_hello))
    assert (proposal.state, proposal.title, proposal.description) == ("withdrawn", "", "")
    assert event_calendars.current(session, an_actor(session, cast.ada)) is None


def test_the_list_shows_what_one_has_to_do_with_first(session: Session, cast: Cast) -> None:
    mine, other = an_event(session, cast.sol, title="Mine"), an_event(session, cast.sol, title="Other", themes=["food"])
    an_event(session, cast.sol, title="Gone", state="cancelled")
    an_event(session, cast.ben, title="Wish", state="proposed")
    an_event(session, cast.sol, NOW - timedelta(days=4), title="Past")
    register(session, mine, cast.ada)
    ada, sol = an_actor(session, cast.ada), an_actor(session, cast.sol)
    found = event_lists.coming(session, ada, "", NOW)
    assert ([one.title for one in found.mine], [one.title for one in found.coming]) == (["Mine"], ["Other"])
    assert event_lists.coming(session, ada, "housing", NOW).coming == ()
    assert [one.title for one in event_lists.coming(session, sol, "", NOW).asked] == ["Wish"]
    assert [one.title for one in event_lists.past(session, ada, 1, NOW)[0]] == ["Past"]
    assert other.id


def test_too_many_proposals_wait(session: Session, cast: Cast) -> None:
    for number in range(events.MOST_PROPOSED):
        create(session, cast.ada, begins=time(8 + number, 0), ends=time(8 + number, 30))
    with pytest.raises(Conflict, match="Five of your proposals"):
        create(session, cast.ada, begins=time(20, 0), ends=time(21, 0))


def test_facts_are_kept_whole(session: Session, cast: Cast) -> None:
    row = create(session, cast.fay, title="  A \n title ", description="One\r\ntwo ", themes=("food", "food"))
    assert (row.title, row.description, row.themes) == ("A title", "One\ntwo", ["food"])


def a_report(*people: tuple[str, str]) -> bytes:
    return "\n".join(["Name,Email", *(f"{name},{address}" for name, address in people)]).encode()


def test_a_report_turns_no_address_into_the_name_of_who_may_not_be_seen(session: Session, cast: Cast) -> None:
    row, fay = an_event(session, cast.fay, HELD), an_actor(session, cast.fay)
    hidden, seen, asked = (session.get_one(Member, one) for one in (cast.ada, cast.ben, cast.cai))
    hidden.listed = asked.listed = False
    a_place(session, row, cast.cai, "waiting")
    file = a_report(*((f"Guest {one.id}", one.email or "") for one in (hidden, seen, asked)))
    kept = event_imports.keep(session, fay, row.public_id, "report.csv", file, LONDON, AFTER)
    shown = event_imports.preview(session, fay, row.public_id, kept, AFTER)
    assert (shown.names, shown.unknown) == (("Ben Whitaker", "Cai Morgan"), 1)
    looked = session.scalars(select(AuditRecord).where(AuditRecord.action == "read_event_report")).one()
    assert (looked.actor_id, looked.detail) == (cast.fay, {"people": 3, "named": 2})
    assert event_imports.apply_kept(session, fay, row.public_id, kept, {}, AFTER).members == 2
    assert came(session, row) == {cast.ben, cast.cai}


def test_who_came_without_a_place_is_named_through_the_gate(session: Session, cast: Cast) -> None:
    row, fay = an_event(session, cast.fay, NOW - timedelta(hours=1)), an_actor(session, cast.fay)
    session.get_one(Member, cast.ada).listed = False
    was_there(session, row, cast.ada, cast.ben)
    guests = event_attendance.register(session, fay, row.public_id, NOW).guests
    assert {one.id: one.name for one in guests} == {cast.ada: "", cast.ben: "Ben Whitaker"}
    a_place(session, row, cast.ada)
    assert "Ada Okafor" in {one.name for one in event_attendance.register(session, fay, row.public_id, NOW).guests}


def test_reports_are_so_many_a_day_and_names_without_addresses_so_many_a_report(session: Session, cast: Cast) -> None:
    row, fay = an_event(session, cast.fay, HELD), an_actor(session, cast.fay)
    long = a_report(*((f"Guest {number}", "") for number in range(event_imports.MOST_NAMES + 1)))
    with pytest.raises(Invalid, match="have no e-mail address"):
        event_imports.keep(session, fay, row.public_id, "report.csv", long, LONDON, AFTER)
    for _ in range(event_imports.A_DAY):
        event_imports.keep(session, fay, row.public_id, "report.csv", a_report(("Guest", "")), LONDON, AFTER)
    with pytest.raises(TooMany):
        event_imports.keep(session, fay, row.public_id, "report.csv", a_report(("Guest", "")), LONDON, AFTER)


def test_a_report_is_thrown_away_after_a_day(session: Session, cast: Cast) -> None:
    row, fay = an_event(session, cast.fay, HELD), an_actor(session, cast.fay)
    kept = event_imports.keep(session, fay, row.public_id, "report.csv", a_report(("Guest", "")), LONDON, AFTER)
    later = AFTER + timedelta(days=1)
    with pytest.raises(NotFound):
        event_imports.preview(session, fay, row.public_id, kept, later)
    with pytest.raises(NotFound):
        event_imports.apply_kept(session, fay, row.public_id, kept, {}, later)
    applying.forget_old(session, later - timedelta(seconds=1))
    assert session.scalar(select(ImportFile.id))
    applying.forget_old(session, later)
    assert session.scalar(select(ImportFile.id)) is None


def test_a_second_report_takes_nobody_away(session: Session, cast: Cast) -> None:
    row, fay = an_event(session, cast.fay, HELD), an_actor(session, cast.fay)
    for names in (("One", "Two", "Three"), ("Four",)):
        file = a_report(*((name, "") for name in names))
        kept = event_imports.keep(session, fay, row.public_id, "report.csv", file, LONDON, AFTER)
        assert event_imports.apply_kept(session, fay, row.public_id, kept, {}, AFTER).unknown == len(names)
    assert row.others_came == 3


def test_a_proposal_that_was_never_accepted_is_nobody_elses(session: Session, cast: Cast) -> None:
    ada, ben, fay = (an_actor(session, one) for one in (cast.ada, cast.ben, cast.fay))
    proposal = create(session, cast.ada, title="A private idea")
    assert events.cancel(session, ada, proposal.public_id, NOW) is False
    for other in (ben, fay):
        with pytest.raises(NotFound):
            event_access.seen(session, other, proposal.public_id)
    assert event_access.seen(session, ada, proposal.public_id)
    gone = create(session, cast.ada, title="Another")
    leaving.leave(session, ada, NOW)
    session.expire_all()
    with pytest.raises(NotFound):
        event_access.seen(session, ben, gone.public_id)
    planned = create(session, cast.fay)
    assert events.cancel(session, fay, planned.public_id, NOW) is True
    assert event_access.seen(session, ben, planned.public_id)


def test_a_member_sends_few_letters_a_day_with_their_event(session: Session, cast: Cast) -> None:
    row = an_event(session, cast.ada)
    a_place(session, row, cast.ben)
    for number in range(events.MOVES_A_DAY_OF_MEMBERS):
        assert change(session, cast.ada, row, number, where=f"Room {number}")
    sequence = row.sequence
    with pytest.raises(TooMany):
        change(session, cast.ada, row, sequence, where="Room 9")
    session.refresh(row)
    assert len(told(session, "event_moved")) == events.MOVES_A_DAY_OF_MEMBERS


def test_what_nobody_answered_in_time_stops_no_other_proposal_and_stays_listed(session: Session, cast: Cast) -> None:
    made = [create(session, cast.ada, begins=time(8 + n, 0), ends=time(8 + n, 30)) for n in range(events.MOST_PROPOSED)]
    ada, sol, later = an_actor(session, cast.ada), an_actor(session, cast.sol), NOW + timedelta(days=20)
    facts = the_facts(title="Once more", on_day=later.date() + timedelta(days=5))
    again = events.create(session, ada, facts, THEMES, LONDON, later)
    events.decide(session, sol, made[0].public_id, False, "Another day would do.", later)
    events.cancel(session, ada, made[1].public_id, later)
    own = event_lists.coming(session, ada, "", later).proposals
    assert {(one.public_id, one.state) for one in own} == {
        (again.public_id, "proposed"),
        (made[0].public_id, "declined"),
        *((one.public_id, "proposed") for one in made[2:]),
    }
    assert len(event_lists.coming(session, sol, "", later).asked) == 4
    facts = the_facts(on_day=later.date() + timedelta(days=6))
    events.change(session, ada, made[2].public_id, facts, THEMES, 0, LONDON, later)
    assert made[2].starts_at > later


def test_nobody_came_to_what_was_cancelled_and_what_is_recorded_keeps_its_time(session: Session, cast: Cast) -> None:
    row, fay = an_event(session, cast.fay, NOW + timedelta(minutes=40)), an_actor(session, cast.fay)
    a_place(session, row, cast.ada)
    event_attendance.tick(session, fay, row.public_id, [cast.ada], [cast.ada], NOW)
    with pytest.raises(Conflict, match="recorded already"):
        change(session, cast.fay, row)
    events.cancel(session, fay, row.public_id, NOW)
    assert came(session, row) == set() and event_lists.came(session, row.id) == 0


def test_erasing_its_organiser_leaves_others_the_title_of_a_cancelled_event(session: Session, cast: Cast) -> None:
    held, lonely = an_event(session, cast.ada), an_event(session, cast.ada, NOW + timedelta(days=12))
    for row in (held, lonely):
        a_place(session, row, cast.ada)
        row.state = "cancelled"
    a_place(session, held, cast.ben)
    session.flush()
    erasure.erase(session, cast.ada, NOW)
    session.expire_all()
    assert [(one.title, one.standfirst, one.where, one.joining_link) for one in (held, lonely)] == [
        ("Buying local", "", "", ""),
        ("", "", "", ""),
    ]


def test_the_balance_of_sectors_holds_beside_the_exact_total() -> None:
    for sizes in itertools.product(range(0, 26, 2), range(4, 14), range(9)):
        sectors: list[str | None] = [code for code, size in zip("abc", sizes, strict=True) for _ in range(size)]
        shown = event_lists.balance(sectors, str, 7)
        cells = {code: BOUNDS[sizes["abc".index(code)]] for code in shown}
        for code in (code for code, count in shown.items() if count is None):
            rest = [cell for other, cell in cells.items() if other != code]
            low = max(cells[code].low, len(sectors) - sum(cell.high for cell in rest))
            high = min(cells[code].high, len(sectors) - sum(cell.low for cell in rest))
            assert high - low >= 3, sizes
