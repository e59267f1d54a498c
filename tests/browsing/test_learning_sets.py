"""From a call for applications to a set's first session, in a browser and with the keyboard alone.

Nothing here clicks. Five of the nine who apply work at one council, and nine people make two sets: the rule "at most
one person from each organisation" cannot hold, and has to be relaxed before there is a plan.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import seats
from haln.models import Cohort, CohortPlan, CohortSlot, Seat
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.signins import PASSWORD
from haln.people.passwords import hashed
from haln.people.tokens import public_id
from tests.browser import OpenPage
from tests.builders import a_member, an_actor, an_organisation
from tests.cohort_builders import an_application
from tests.keyboard import Keyboard
from tests.live import LiveServer, database

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLE = f"Sets by keyboard {public_id()[:5]}"
COUNCIL = "Aireford City Council"
FIRST_DAY = date(2099, 9, 7)  # a Monday
COLLEAGUES, OTHERS, THEMSELVES = 5, 4, 3
WORKER_MILLISECONDS = 240_000
"""Until the worker has had its turn: the first time on a machine it compiles what it forms plans with."""


@dataclass(frozen=True)
class Person:
    """Somebody of the story, who can sign in."""

    id: int
    public_id: str
    name: str
    address: str


def people(session: Session) -> list[Person]:
    """Those who will apply: first the colleagues of one council, then one person each of other places."""
    now, password = datetime.now(UTC), hashed(PASSWORD)
    council = an_organisation(session, COUNCIL, "council-unitary")
    found = []
    for number in range(COLLEAGUES + OTHERS):
        name = f"{'Colleague' if number < COLLEAGUES else 'Neighbour'} {'ABCDEFGHI'[number]}{public_id()[:5]}"
        place = council if number < COLLEAGUES else an_organisation(session, f"{name}'s trust", "voluntary-charity")
        facts = {"organisation_id": place.id, "joined_at": now, "active_at": now, "password_hash": password}
        address = f"{public_id().lower()}@story.example.org"
        row = a_member(session, name, email=address, **facts)
        found.append(Person(row.id, row.public_id, name, address))
    return found


def cohort_of(session: Session, address: str) -> Cohort:
    """The cohort whose page has this address."""
    return session.scalars(select(Cohort).where(Cohort.public_id == urlsplit(address).path.split("/")[2])).one()


def the_rest_apply(session: Session, address: str, rest: list[Person]) -> None:
    """Put in the applications of those whom nobody needs to watch: all can make every time."""
    cohort = cohort_of(session, address)
    slots = list(session.scalars(select(CohortSlot.id).where(CohortSlot.cohort_id == cohort.id)))
    for one in rest:
        an_application(session, cohort.id, one.id, slots, applied_at=datetime.now(UTC), changed_at=datetime.now(UTC))


def proposed(session: Session, address: str) -> list[list[int]]:
    """The members of each set of the cohort's published plan, the smallest set first."""
    cohort = cohort_of(session, address)
    rows = select(CohortPlan.sets).where(CohortPlan.cohort_id == cohort.id, CohortPlan.state == "published")
    return sorted((list(one["members"]) for one in session.scalars(rows).one()), key=len)


def the_rest_accept(session: Session, address: str, but: set[int]) -> None:
    """Let everybody who is asked say yes, but for these people."""
    cohort = cohort_of(session, address)
    asked = select(Seat).join(CohortPlan, Seat.plan_id == CohortPlan.id).where(CohortPlan.cohort_id == cohort.id)
    for seat in session.scalars(asked.where(Seat.state == "asked")).all():
        if seat.member_id not in but:
            seats.answer(session, an_actor(session, seat.member_id), seat.public_id, True, datetime.now(UTC))


def test_the_whole_story_of_learning_sets_is_played_with_the_keyboard_alone(
    open_page: OpenPage, live_server: LiveServer
) -> None:
    with database(live_server) as session:
        cast = people(session)
    page = open_page()
    leader = Keyboard(page)
    leader.sign_in(f"facilitator@{DOMAIN}")
    address = open_a_cohort(leader)
    add_a_rule(leader)
    for one in cast[:THEMSELVES]:
        apply(Keyboard(open_page()), one)
    with database(live_server) as session:
        the_rest_apply(session, address, cast[THEMSELVES:])

    form(leader, address)
    relax(leader)
    move_and_undo(leader)
    publish(leader)

    with database(live_server) as session:
        small, large = proposed(session, address)
    by_id = {one.id: one for one in cast}
    declines, accepts = by_id[small[0]], by_id[large[0]]
    answer(Keyboard(open_page()), accepts, "Yes, I will come", "You accepted")
    answer(Keyboard(open_page()), declines, "No, thank you", "You declined")
    with database(live_server) as session:
        the_rest_accept(session, address, {declines.id})
    days_pass(leader, live_server, address)
    repair(leader, declines)
    with database(live_server) as session:
        moved = by_id[one_asked(session, address)]
    answer(Keyboard(open_page()), moved, "Yes, I will come", "You accepted")
    confirm(leader)
    meet(leader)


def one_asked(session: Session, address: str) -> int:
    """Whoever is asked now: the repair moves one person."""
    cohort = cohort_of(session, address)
    asked = select(Seat.member_id).join(CohortPlan, Seat.plan_id == CohortPlan.id)
    return session.scalars(asked.where(CohortPlan.cohort_id == cohort.id, Seat.state == "asked")).one()


def says(page: Page, words: str | re.Pattern[str]) -> None:
    """The page says so, in its main part."""
    expect(page.get_by_role("main")).to_contain_text(words)


def open_a_cohort(leader: Keyboard) -> str:
    """Make a cohort of sets of four to eight, with half-days to choose from, and open it. Returns its address."""
    page = leader.page
    leader.press("link", "Cohorts")
    leader.press("link", "New cohort")
    leader.skip_to_main()
    leader.write("Title", TITLE)
    leader.write("What it is for (optional)", "Peers who buy food.")
    leader.tick("Food")
    leader.write("People in a set: at least", "4", "spinbutton")
    leader.press("button", "Save as a draft")
    says(page, "Nobody sees it until you open it.")
    address = page.url
    leader.press("link", "Do this now")
    leader.write_day("From this day on", FIRST_DAY)
    leader.write("For how many weeks", "1", "spinbutton")
    leader.press("button", "Add these times")
    expect(page.get_by_label("Monday 7 September 2099, morning")).to_be_visible()
    leader.press("link", "Overview")
    leader.press("button", "Open for applications")
    says(page, "The cohort is open")
    return address


def add_a_rule(leader: Keyboard) -> None:
    """Ask for one thing more, and then for it a little earlier."""
    rules = leader.page.locator(".rule-words")
    leader.press("link", "Rules")
    leader.choose("Rule", "Mix of experience")
    leader.press("button", "Add this rule")
    expect(rules.last).to_have_text("People who are further along sit with people who are starting")
    before = rules.count()
    leader.press("button", "Move up", f"#rule-{before - 1}")
    expect(rules.nth(before - 2)).to_have_text("People who are further along sit with people who are starting")


def apply(member: Keyboard, person: Person) -> None:
    """Find the call, and apply with a live issue and times."""
    page = member.page
    member.sign_in(person.address)
    member.press("link", "Learning sets")
    member.press("link", TITLE, "main")
    member.press("link", "Apply")
    member.skip_to_main()
    member.write("Your live issue", f"How does {COUNCIL} buy more from growers nearby?")
    member.tick("Food")
    for column in ("Morning", "Afternoon"):
        member.press("button", f"Every day, {column}")
    expect(page.locator("input[data-row]:checked")).to_have_count(10)
    member.press("button", "Apply")
    says(page, "You have applied.")


def form(leader: Keyboard, address: str) -> None:
    """Have a plan formed, and be told what stands in the way."""
    page = leader.page
    page.goto(address)
    leader.press("link", "Plans")
    leader.press("button", "Form plans")
    expect(page.get_by_role("heading", name="What stands in the way")).to_be_visible(timeout=WORKER_MILLISECONDS)
    says(page, f"{COLLEAGUES} people come from {COUNCIL}: more than there can be sets to keep them apart in.")


def relax(leader: Keyboard) -> None:
    """Take the way out that lets three colleagues sit together, and see everybody placed."""
    leader.press("button", re.compile("^Do this and form again: Allow 3 per organisation"))
    expect(leader.page.get_by_text("Everybody has a place.")).to_be_visible(timeout=WORKER_MILLISECONDS)
    says(leader.page, "Every must is kept.")


def sizes(page: Page) -> list[int]:
    """How many sit in each set of the studio."""
    return [one.locator(".seat").count() for one in page.locator(".set").all()]


def move_and_undo(leader: Keyboard) -> None:
    """Move somebody of the larger set, seeing first what it costs, and take it back."""
    page = leader.page
    before = sizes(page)
    assert sorted(before) == [4, 5]
    larger = before.index(5) + 1
    leader.press("link", re.compile("^Move to…"), f"#set-{larger}")
    leader.choose("Set", f"Set {3 - larger}")
    leader.press("button", "Show what it costs")
    expect(page.locator(".offer-chosen .cost")).not_to_be_empty()
    leader.press("button", f"Move to Set {3 - larger}")
    expect(page.locator(f"#set-{3 - larger} .seat")).to_have_count(5)
    leader.press("button", "Undo")
    expect(page.locator(f"#set-{larger} .seat")).to_have_count(5)
    assert sizes(page) == before


def publish(leader: Keyboard) -> None:
    """Ask everybody in the plan."""
    leader.press("link", "Publish")
    leader.write_day("Answers by", datetime.now(UTC).date() + timedelta(days=20))
    leader.press("button", "Publish and ask")
    expect(leader.page.get_by_role("heading", level=1)).to_contain_text("Answers to plan")


def answer(member: Keyboard, person: Person, button: str, heading: str) -> None:
    """See who is proposed, and say yes or no."""
    page = member.page
    member.sign_in(person.address)
    member.press("link", "Learning sets")
    member.press("link", TITLE, "main")
    expect(page.get_by_role("heading", name="Who is proposed besides you")).to_be_visible()
    member.press("button", button)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()


def days_pass(leader: Keyboard, server: LiveServer, address: str) -> None:
    """Until the day to answer has passed, nobody leaves a set; then they do."""
    leader.page.reload()
    says(leader.page, "1 will not come")
    expect(leader.page.get_by_role("link", name="Repair the plan with few moves")).to_have_count(0)
    with database(server) as session:
        plans = select(CohortPlan).where(CohortPlan.cohort_id == cohort_of(session, address).id)
        plan = session.scalars(plans.where(CohortPlan.state == "published")).one()
        plan.answer_by = datetime.now(UTC) - timedelta(minutes=1)


def repair(leader: Keyboard, declined: Person) -> None:
    """One has declined, and their set is too small: have one person of the other set move, who is asked again."""
    page = leader.page
    page.reload()
    says(page, "One person will not come.")
    leader.press("link", "Repair the plan with few moves")
    leader.press("button", "Work out a repair")
    expect(page.get_by_role("heading", name="What the repair would do")).to_be_visible(timeout=WORKER_MILLISECONDS)
    says(page, "One person moves to another set and is asked again.")
    leader.write_day("Answers by", datetime.now(UTC).date() + timedelta(days=10))
    leader.press("button", "Apply the repair")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Answers to plan")
    expect(page.get_by_role("main")).not_to_contain_text(declined.name)


def confirm(leader: Keyboard) -> None:
    """Everybody has accepted: make the sets."""
    leader.page.reload()
    says(leader.page, "Everybody accepted.")
    leader.press("link", "Confirm the sets")
    leader.press("button", "Confirm and make the sets")
    says(leader.page, "The learning sets are made.")


def meet(leader: Keyboard) -> None:
    """Plan the first session, and record who came."""
    page = leader.page
    leader.press("link", "Running sets")
    leader.press("link", re.compile(TITLE), "main")
    leader.press("link", "Plan sessions")
    leader.write_day("Day", datetime.now(UTC).date())
    leader.write_hour("Begins", "00:05")
    leader.write_hour("Ends", "01:35")
    leader.write("How many sessions", "1")
    leader.press("button", "Plan them")
    says(page, "1 session is planned.")
    leader.press("link", re.compile("0:05|12:05"), "main")
    leader.press("link", "Record who came")
    expect(page.get_by_role("radio", name="Present", checked=True)).to_have_count(4)
    leader.arrow_to("Apologies", ".set-register")
    leader.press("button", "Save")
    says(page, "Attendance is recorded.")
    says(page, "3 of 4 came")
