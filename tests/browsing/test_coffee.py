"""A coffee round in a browser: two take part, staff make the pairs, one says that they met, both are connected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from haln.connect import pairs
from haln.models import CoffeeOptIn, CoffeePair, CoffeeRound, CoffeeSchedule, Connection, Member
from haln.people.demonstration.people import DOMAIN
from tests.browser import PHONE, OpenPage, look_over, sign_in
from tests.live import LiveServer, database

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def clear(session: Session) -> tuple[str, str]:
    """Let nobody else take part, and the two have never met; their names. No round is open, or opens by itself."""
    people = {
        who: session.scalars(select(Member).where(Member.email == f"{who}@{DOMAIN}")).one()
        for who in ("member", "facilitator")
    }
    one, other = (people[who].id for who in ("member", "facilitator"))
    low, high = min(one, other), max(one, other)
    session.execute(delete(CoffeeOptIn))
    session.execute(delete(CoffeeSchedule))
    session.execute(update(CoffeeRound).where(CoffeeRound.state == "open").values(state="cancelled"))
    session.execute(delete(CoffeePair).where(CoffeePair.low_id == low, CoffeePair.high_id == high))
    between = (Connection.low_id == low, Connection.high_id == high, Connection.until.is_(None))
    session.execute(update(Connection).where(*between).values(until=datetime.now(UTC)))
    return people["member"].name, people["facilitator"].name


def take_part(page: Page, who: str) -> None:
    sign_in(page, who)  # type: ignore[arg-type]  # one of the demonstration's sign-ins
    page.goto("/coffee")
    look_over(page)
    page.goto("/coffee")  # what was looked over has long names in it
    page.get_by_role("button", name="Take part", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Choose for how long.")
    page.get_by_label("Every round, until I say stop").check()
    page.get_by_label("People from another sector").check()
    page.get_by_role("button", name="Take part", exact=True).click()
    expect(page.get_by_text("You take part in every round.")).to_be_visible()


def test_from_taking_part_to_we_met_and_a_connection(open_page: OpenPage, live_server: LiveServer) -> None:
    with database(live_server) as session:
        me, them = clear(session)
    mine, theirs, staff = open_page(), open_page(scripts=False, size=PHONE), open_page()
    take_part(mine, "member")
    sign_in(theirs, "facilitator")
    theirs.goto("/coffee")
    theirs.get_by_label("The next round only").check()
    theirs.get_by_label("No preference").check()
    theirs.get_by_role("button", name="Take part", exact=True).click()
    expect(theirs.get_by_text("You take part in the next round.")).to_be_visible()

    sign_in(staff, "staff")
    staff.goto("/coffee/rounds")
    look_over(staff)
    staff.goto("/coffee/rounds/new")
    today = datetime.now(UTC).date()
    staff.get_by_label("Pairs are made on").fill((today + timedelta(days=1)).isoformat())
    staff.get_by_label("People should have met by").fill(today.isoformat())
    staff.get_by_role("button", name="Open the round").click()
    expect(staff.get_by_role("alert")).to_contain_text("Choose a day after the one on which pairs are made.")
    look_over(staff, dark=False)
    staff.get_by_label("People should have met by").fill((today + timedelta(days=29)).isoformat())
    staff.get_by_role("button", name="Open the round").click()
    expect(staff.get_by_text("2 people ask to be paired.")).to_be_visible()
    look_over(staff)
    staff.get_by_role("link", name="See a dry run").click()
    expect(staff.get_by_role("heading", name="Dry run")).to_be_visible()
    look_over(staff)
    staff.get_by_role("button", name="Make the pairs and write to everybody").click()
    expect(staff.get_by_text("1 pair is made, and its people are written to.")).to_be_visible()

    mine.goto("/coffee")
    expect(mine.get_by_role("heading", name="Whom to meet")).to_be_visible()
    look_over(mine)
    mine.goto("/coffee")
    card = mine.get_by_role("article", name=them)
    card.get_by_role("button", name="We met", exact=True).click()
    expect(mine.get_by_text(f"You are connected with {them}.")).to_be_visible()
    theirs.goto("/connections")
    expect(theirs.get_by_role("link", name=me, exact=True)).to_be_visible()
    with database(live_server) as session:
        one, other = (
            session.scalars(select(Member.id).where(Member.email == f"{who}@{DOMAIN}")).one()
            for who in ("member", "facilitator")
        )
        tie = session.get_one(Connection, pairs.connection_id(session, one, other))
        assert tie.evidence == "met"
