"""A learning pathway in a browser: gone on with, a module finished, the people at its end, the letter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import pathway_progress, pathways
from haln.models import Member
from haln.people.demonstration.people import DOMAIN
from tests.browser import PHONE, OpenPage, look_over, sign_in
from tests.builders import an_actor
from tests.live import LiveServer, database

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def all_but_the_third(session: Session) -> None:
    """Let the member have finished every module but the third."""
    actor = an_actor(session, session.scalars(select(Member.id).where(Member.email == f"member@{DOMAIN}")).one())
    course, *_ = pathways.courses(session, actor)
    now = datetime.now(UTC)
    for module in (*course.modules[:2], *course.modules[3:]):
        for step in module.steps:
            if step.kind == "check" and not step.done:
                for number in range(3):
                    pathway_progress.answer(session, actor, step.public_id, number, now)
            else:
                pathway_progress.mark(session, actor, step.public_id, now)


def test_from_where_one_was_to_the_people_and_the_letter(open_page: OpenPage, live_server: LiveServer) -> None:
    page = open_page()
    sign_in(page, "member")
    page.goto("/pathways")
    expect(page.get_by_text("2 of 5 modules finished · Begun")).to_be_visible()
    look_over(page)
    with database(live_server) as session:
        all_but_the_third(session)
    page.goto("/pathways")
    expect(page.get_by_text("4 of 5 modules finished · Begun")).to_be_visible()
    page.get_by_role("link", name="Go on: Social value that holds").click()
    expect(page.get_by_role("heading", name="Social value that holds")).to_be_visible()
    page.get_by_role("button", name="Check my answer").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose one of the answers.")
    page.get_by_label("A higher weight for social value.").check()
    page.get_by_role("button", name="Check my answer").click()
    expect(page.get_by_text("Not quite")).to_be_visible()
    page.get_by_label("A named person on both sides").check()
    page.get_by_role("button", name="Check my answer").click()
    expect(page.get_by_text("That is right")).to_be_visible()
    look_over(page)
    page.goto("/pathways")  # left, and come back
    page.get_by_role("link", name="Go on: Ring a small supplier").click()
    page.get_by_role("button", name="Mark as done without writing").click()
    expect(page.get_by_role("heading", name="What is yours to decide")).to_be_visible()
    look_over(page, dark=False)
    page.reload()  # what was looked over has long names in it
    page.get_by_label("What you think").fill("The rule says nothing of the kind.")
    page.get_by_role("button", name="Keep it and mark as done").click()
    expect(page.get_by_text("You have finished the whole pathway")).to_be_visible()
    expect(page.get_by_role("heading", name="People a step ahead")).to_be_visible()
    look_over(page)
    page.reload()
    page.get_by_role("link", name="Your letter").click()
    expect(page.get_by_role("heading", name="Letter of completion")).to_be_visible()
    look_over(page)
    page.get_by_role("button", name="Send it to me by mail").click()
    expect(page.get_by_text("The letter is on its way to your mailbox.")).to_be_visible()


def test_staff_see_how_far_people_come_and_write(open_page: OpenPage) -> None:
    page = open_page(size=PHONE)
    sign_in(page, "staff")
    page.goto("/pathway-editing")
    look_over(page)
    page.reload()
    page.get_by_role("link", name="Becoming an anchor").click()
    expect(page.get_by_role("heading", name="Becoming an anchor")).to_be_visible()
    look_over(page)
    page.reload()
    page.get_by_role("link", name="Quality work", exact=True).click()
    expect(page.get_by_text("Stopped before it").first).to_be_attached()
    look_over(page)
    page.reload()
    page.get_by_role("link", name="A new step").click()
    page.get_by_label("Check yourself").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Write at least two answers.")
    look_over(page)
