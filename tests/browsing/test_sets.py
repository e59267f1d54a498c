"""Sets that meet, in a browser: every page is accessible, and a session is planned and recorded with the keyboard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Attendance, LearningSet, Member, Reflection, SetAction, SetMembership, SetNote, SetRequest
from haln.people.demonstration.people import DOMAIN
from haln.people.tokens import public_id
from tests.browser import OpenPage, Who, look_over, sign_in
from tests.builders import a_member
from tests.cohort_builders import a_learning_set
from tests.learn.sets import a_session
from tests.live import LiveServer, database

LONG = "Bartholomew Featherstonehaugh-Cholmondeley of Great Yarmouth"


@dataclass(frozen=True)
class Seeded:
    """Public ids of what the pages are about."""

    full: str
    empty: str
    ended: str
    held: str
    ahead: str
    note: str
    request: str
    newcomer: str
    somebody: int


@pytest.fixture(scope="session")
def seeded(live_server: LiveServer) -> Seeded:
    """Three sets of the demonstration's member and facilitator: one in full swing, one new, one that has ended."""
    with database(live_server) as session:
        return fill(session)


def fill(session: Session) -> Seeded:
    """Write the three sets."""
    now = datetime.now(UTC)
    member, leader = (
        session.scalars(select(Member).where(Member.email == f"{name}@{DOMAIN}")).one()
        for name in ("member", "facilitator")
    )
    others = session.scalars(
        select(Member).where(Member.standing == "active", Member.audience == "member", Member.id != member.id).limit(6)
    ).all()
    long = a_member(session, LONG, email=f"{public_id()}@example.org", joined_at=now, active_at=now)
    people = [member.id, *(one.id for one in others), long.id]
    facts = {"facilitator_id": leader.id, "joining_link": "https://meet.example.org/growing", "where": "Online"}
    full = a_learning_set(session, people, now.date() - timedelta(days=120), purpose="Buying *local* food.", **facts)
    empty = a_learning_set(session, [], name="A set without anything", facilitator_id=leader.id)
    session.add(SetMembership(set_id=empty.id, member_id=member.id))
    ended = a_learning_set(session, people, name="Warm homes", ended_on=now.date(), **facts)
    held = [a_session(session, full, now - timedelta(days=28 * n, hours=2), state="held") for n in (1, 2, 3)]
    a_session(session, full, now - timedelta(minutes=30), presenter_id=people[2])
    ahead = [a_session(session, full, now + timedelta(days=28 * n), presenter_id=people[n]) for n in (1, 2, 3)]
    a_session(session, full, now + timedelta(days=100), state="cancelled")
    for one in held:
        for place, person in enumerate(people):
            state = ("present", "present", "present", "apologies", "absent")[place % 5]
            session.add(Attendance(session_id=one.id, member_id=person, state=state, recorded_at=now))
    _actions_and_notes(session, full, people, now)
    for person in people[1:5]:
        row = Reflection(set_id=ended.id, member_id=person, useful=4, changed=True, shared=True, written_at=now)
        row.text = "I ring people before I write a tender." if person == people[1] else ""
        session.add(row)
    eve = a_member(session, "Eve Newcomer-Test", email=f"{public_id()}@example.org", joined_at=now, active_at=now)
    asked = SetRequest(public_id=public_id(), set_id=full.id, member_id=eve.id, created_at=now)
    asked.note = "We begin with food."
    session.add(asked)
    session.flush()
    note = session.scalars(select(SetNote).where(SetNote.set_id == full.id, SetNote.author_id == member.id)).one()
    ids = [one.public_id or "" for one in (full, empty, ended)]
    ids += [held[0].public_id, ahead[0].public_id, note.public_id, asked.public_id, eve.public_id]
    return Seeded(*ids, people[3])


def _actions_and_notes(session: Session, full: LearningSet, people: list[int], now: datetime) -> None:
    said = ("Ring three growers nearby", "Ask procurement what stands in the way", "Share ours")
    for place, words in enumerate(said):
        action = SetAction(public_id=public_id(), set_id=full.id, owner_id=people[place], text=words)
        action.created_at = now - timedelta(days=50 - place * 25)
        session.add(action)
    own = "## Next time\n\n- *Who* pays?\n- [The guide](https://example.org)"
    for author, words in ((people[0], own), (people[3], "Thank you.")):
        note = SetNote(public_id=public_id(), set_id=full.id, author_id=author, text=words)
        note.created_at = note.changed_at = now
        session.add(note)


def pages(seeded: Seeded, who: Who) -> list[str]:
    """Addresses that somebody of this role may open."""
    full, session = f"/sets/{seeded.full}", f"/sets/{seeded.full}/sessions/{seeded.ahead}"
    both = [full, f"/sets/{seeded.empty}", f"/sets/{seeded.ended}", session, f"{full}/sessions/{seeded.held}"]
    both += [f"{full}/notes", f"{full}/notes/new", f"{full}/actions", f"{full}/actions/report"]
    if who == "member":
        return [*both, f"{full}/notes/{seeded.note}", f"{full}/leave", f"/sets/{seeded.ended}/reflect"]
    leading = [f"{full}/sessions/new", f"{session}/change", f"{session}/cancel", f"{full}/about", f"{full}/people"]
    leading += [f"{full}/sessions/{seeded.held}/attendance", f"{session}/attendance", f"{full}/end"]
    admitting = [f"{full}/people/add?member={seeded.newcomer}", f"{full}/requests/{seeded.request}"]
    admitting += [f"{full}/people/{seeded.somebody}/out", f"{full}/people?q=a", f"/sets/{seeded.ended}/reflections"]
    admitting += [f"{full}/facilitator?q=a", f"{full}/facilitator/change"]
    overview = ["/sets", "/sets?show=ended", "/sets?sort=next&down=1"]
    return [*both, *leading, *admitting, *overview] if who == "facilitator" else [full, *admitting, *overview]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("who", ["member", "facilitator", "staff"])
def test_every_page_of_a_set_is_accessible_and_fits_a_phone(who: Who, open_page: OpenPage, seeded: Seeded) -> None:
    page = open_page()
    sign_in(page, who)
    for path in pages(seeded, who):
        answer = page.goto(path)
        assert answer is not None and answer.ok, path
        look_over(page, dark=who != "staff")


def _type(page: Page, name: str, words: str) -> None:
    field = page.locator(f"[name={name}]")
    field.focus()
    field.fill(words)  # dates and hours have no keys that are the same everywhere


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("scripts", [True, False])
def test_with_the_keyboard_alone_a_session_is_planned_and_attendance_recorded(
    open_page: OpenPage, live_server: LiveServer, scripts: bool
) -> None:
    with database(live_server) as session:
        fresh = fill(session)
    page = open_page(scripts=scripts)
    sign_in(page, "facilitator")
    page.goto(f"/sets/{fresh.empty}/sessions/new")
    _type(page, "day", (datetime.now(UTC) - timedelta(days=1)).date().isoformat())
    _type(page, "count", "1")
    page.keyboard.press("Enter")
    page.get_by_text("1 session is planned.").wait_for()
    page.locator(".set-line-title a").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Record who came").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Who came?").wait_for()
    page.locator(".set-register input:checked").first.focus()
    page.keyboard.press("ArrowRight")  # from present to apologies
    page.keyboard.press("Enter")
    page.get_by_text("Attendance is recorded.").wait_for()
    assert page.get_by_text("0 of 1 came").first.is_visible()
