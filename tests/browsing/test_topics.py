"""Topics in a browser: every page is accessible; a member proposes, others back it, an event comes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import topics
from haln.models import (
    Event,
    EventRegistration,
    Member,
    Topic,
    TopicAnswer,
    TopicBacking,
    TopicComment,
    TopicResult,
)
from haln.people.demonstration.people import DOMAIN
from haln.people.tokens import public_id
from tests.browser import OpenPage, Who, look_over, sign_in
from tests.builders import a_member
from tests.event_builders import an_event
from tests.live import LiveServer, database

LONG = "Bartholomew Featherstonehaugh-Cholmondeley of Great Yarmouth"


def signed_up(session: Session, name: str) -> Member:
    return session.scalars(select(Member).where(Member.email == f"{name}@{DOMAIN}")).one()


def a_topic(session: Session, by: int, title: str, state: str = "open", **facts: object) -> Topic:
    now, text = datetime.now(UTC), "Who feeds whom, and **from where**.\n\n- One\n- Two"
    row = Topic(public_id=public_id(), title=title, text=text, words=topics.searched(title, text), themes=["food"])
    row.proposed_by_id, row.state, row.retired_why = by, state, ""
    row.proposed_at = row.talked_at = now - timedelta(days=2)
    for name, value in facts.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return row


def back(session: Session, row: Topic, *members: int) -> None:
    now = datetime.now(UTC)
    session.add_all(TopicBacking(topic_id=row.id, member_id=one, named=True, backed_at=now) for one in members)
    session.flush()


def fill(session: Session) -> dict[str, str]:
    """Topics in all states, with somebody of a long name who backs them and says something to them."""
    now, leader, member = datetime.now(UTC), signed_up(session, "facilitator"), signed_up(session, "member")
    people = [
        a_member(session, LONG if number == 0 else f"Backer Number{number}", email=f"{public_id()}@example.org")
        for number in range(8)
    ]
    ids = [one.id for one in people]
    mine = a_topic(session, member.id, "Mine alone")
    rows = {"open": a_topic(session, leader.id, "W" * 60)}
    rows["answered"] = a_topic(session, leader.id, "Answered", "answered")
    rows["planned"] = a_topic(session, leader.id, "Planned", "planned")
    rows["held"] = a_topic(session, leader.id, "Held", "held", closed_at=now)
    retired = {"successor_id": rows["open"].id, "closed_at": now, "retired_why": "Twice the same."}
    rows["retired"] = a_topic(session, leader.id, "Retired", "retired", **retired)
    for row in rows.values():
        back(session, row, *ids)
    for key in ("held", "retired"):
        back(session, rows[key], member.id)
    for number, text in enumerate(("We look into it.", "We do it in May."), 1):
        answer = TopicAnswer(topic_id=rows["answered"].id, number=number, text=text, by_id=leader.id, answered_at=now)
        session.add(answer)
    comments = {}
    for key, writer, facts in (
        ("long", ids[0], {}),
        ("own", member.id, {}),
        ("hidden", ids[1], {"hidden_at": now, "hidden_why": "It names somebody."}),
        ("gone", ids[2], {"withdrawn_at": now}),
    ):
        said = TopicComment(public_id=public_id(), topic_id=rows["open"].id, member_id=writer, text="We tried it.")
        said.written_at, said.hidden_why = now, ""
        for name, value in facts.items():
            setattr(said, name, value)
        session.add(said)
        comments[key] = said.public_id
    event = an_event(session, leader.id, now + timedelta(days=6), title="It comes of it")
    session.add(TopicResult(topic_id=rows["planned"].id, event_id=event.id, made_at=now, asked_at=now))
    session.commit()
    found = {key: row.public_id for key, row in rows.items()}
    return {**found, "mine": mine.public_id, "event": event.public_id, **{f"say-{k}": v for k, v in comments.items()}}


def pages(seeded: dict[str, str], who: Who) -> list[str]:
    states = [f"/topics/{seeded[key]}" for key in ("open", "answered", "planned", "held", "retired")]
    if who == "member":
        mine = f"/topics/{seeded['mine']}"
        own = f"/topics/comments/{seeded['say-own']}"
        found = ["/topics", "/topics?mine=yes", "/topics?q=nothing+at+all", "/topics/new"]
        event = f"/events/{seeded['event']}"
        edits = [f"{mine}/change", f"{mine}/withdraw", f"{own}/change", f"{own}/withdraw"]
        return [*found, *states, event, mine, *edits]
    if who == "staff":
        return [states[0], f"/topics/comments/{seeded['say-long']}/hide"]
    return [
        states[0],
        f"{states[0]}/answer",
        f"{states[0]}/retire",
        f"/topics/asked/event/{seeded['event']}",
    ]


@pytest.mark.browser
@pytest.mark.slow
def test_every_page_of_topics_is_accessible_and_fits_a_phone(open_page: OpenPage, live_server: LiveServer) -> None:
    with database(live_server) as session:
        seeded = fill(session)
    for who in ("member", "facilitator", "staff"):
        page = open_page()
        sign_in(page, who)
        for path in pages(seeded, who):
            answer = page.goto(path)
            assert answer is not None and answer.ok, path
            look_over(page, dark=path in ("/topics", f"/topics/{seeded['open']}", f"/topics/{seeded['retired']}"))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


@pytest.mark.browser
@pytest.mark.slow
def test_a_member_proposes_others_back_it_staff_make_an_event_of_it_and_a_backer_registers(
    open_page: OpenPage, live_server: LiveServer
) -> None:
    title = f"Zebra crossings by every ward {public_id()}"
    member = open_page(scripts=False)
    sign_in(member, "member")
    with database(live_server) as session:
        mine = signed_up(session, "member").id
        session.query(TopicBacking).filter(TopicBacking.member_id == mine).delete()
        session.commit()
    member.goto("/topics/new")
    member.get_by_label("Title").fill(title)
    member.get_by_label("What you would like to work on").fill("Zebra crossings where patients cross the **road**.")
    member.get_by_label("Food", exact=True).check()
    press(member, "Propose it")
    expect(member.get_by_role("heading", name=title, level=1)).to_be_visible()
    expect(member.locator("main")).to_contain_text("You back it.")
    with database(live_server) as session:
        row = session.scalars(select(Topic).where(Topic.title == title)).one()
        crowd = [a_member(session, f"Walker Number{n}", email=f"{public_id()}@example.org").id for n in range(6)]
        back(session, row, *crowd)
        session.commit()
        where = f"/topics/{row.public_id}"
    leader = open_page()
    sign_in(leader, "facilitator")
    leader.goto(where)
    expect(leader.get_by_role("button", name="Make a proposed event of it")).to_have_count(0)
    press(leader, "Back it")
    press(leader, "Make a proposed event of it")
    expect(leader.locator("main")).to_contain_text("This is a proposal.")
    staff = open_page()
    sign_in(staff, "staff")
    staff.goto(leader.url)
    staff.get_by_role("link", name="Answer the proposal").click()
    press(staff, "Accept: it takes place")
    expect(staff.locator("main")).to_contain_text("How it came about")
    member.goto(where)
    expect(member.locator("main")).to_contain_text("Planned")
    member.locator("main").get_by_role("link", name=title).click()
    expect(member.locator("main")).to_contain_text("You back it, so you are asked to this.")
    press(member, "Register")
    expect(member.locator("main")).to_contain_text("You have a place.")
    with database(live_server) as session:
        event = session.scalars(select(Event).where(Event.title == title)).one()
        came = session.scalars(select(EventRegistration.member_id).where(EventRegistration.event_id == event.id)).all()
        assert came == [mine]  # the one who said so themselves
