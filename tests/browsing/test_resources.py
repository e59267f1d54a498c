"""A case study in a browser: written, changed as staff ask, published, found by a search, bookmarked."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from haln.people.tokens import public_id
from tests.browser import OpenPage, follow, look_over, sign_in
from tests.learn.test_resource_pictures import SHOWS, a_file
from tests.live import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORD = f"Loaf{public_id()}"
TITLE = f"{WORD} for the wards"


def test_a_case_study_is_written_reviewed_published_found_and_bookmarked(
    open_page: OpenPage, live_server: LiveServer
) -> None:
    writer, staff, reader = open_page(), open_page(), open_page(scripts=False)
    sign_in(writer, "member")
    writer.goto("/resources")
    look_over(writer)
    writer.goto("/resources/new")
    writer.get_by_role("link", name="Case study").click()
    writer.get_by_label("Title").fill(TITLE)
    writer.get_by_label("Background").fill("We began with **one** baker.\n\n## The second year\n\nThen there were six.")
    writer.get_by_role("button", name="Save it and send it for review").click()
    expect(writer.get_by_role("alert")).to_contain_text("Say what came of it.")
    expect(writer.get_by_label("Title")).to_have_value(TITLE)
    look_over(writer)
    writer.goto("/resources/writing")
    look_over(writer)
    writer.goto("/resources/writing")  # what was looked over has long names in it
    writer.get_by_role("link", name=TITLE).click()
    writer.get_by_label("Standfirst").fill("How a hospital came to buy bread nearby.")
    writer.get_by_label("Outcomes").fill("Six bakers bake for the wards.")
    writer.get_by_label("Lessons").fill("- Ask the bakers first")
    writer.get_by_label("Food", exact=True).check()
    writer.get_by_role("button", name="Preview", exact=True).click()
    expect(writer.get_by_text("Preview: nothing is saved yet")).to_be_visible()
    expect(writer.get_by_role("heading", name="The second year")).to_be_visible()
    look_over(writer)
    writer.get_by_role("button", name="Save it and send it for review").click()
    expect(writer.get_by_text("It is with staff now.")).to_be_visible()

    sign_in(staff, "staff")
    staff.goto("/resources/reviews")
    look_over(staff)
    staff.goto("/resources/reviews")
    follow(staff, staff.get_by_role("link", name=TITLE))
    look_over(staff)
    staff.reload()
    staff.get_by_label("Ask for changes").check()
    staff.get_by_label("Your words to the authors").fill("Which bakers?")
    staff.get_by_role("button", name="Answer").click()
    expect(staff.get_by_text("Its authors are told what to change.")).to_be_visible()

    writer.goto("/resources/writing")
    writer.get_by_role("link", name=TITLE).click()
    expect(writer.get_by_text("Which bakers?")).to_be_visible()
    follow(writer, writer.get_by_role("button", name="Pictures"))
    look_over(writer)
    writer.get_by_role("button", name="Put it in").click()
    expect(writer.get_by_role("alert")).to_contain_text("Say what the picture shows")
    picture = {"name": "oven.png", "mimeType": "image/png", "buffer": a_file()}
    writer.get_by_label("Picture", exact=True).set_input_files(picture)
    writer.get_by_label("What it shows").fill(SHOWS)
    writer.get_by_role("button", name="Put it in").click()
    expect(writer.get_by_alt_text(SHOWS)).to_be_visible()
    look_over(writer)
    writer.goto("/resources/writing")
    writer.get_by_role("link", name=TITLE).click()
    writer.get_by_label("Outcomes").fill("Six bakers of the old market bake for the wards.")
    writer.get_by_role("button", name="Save it and send it for review").click()
    expect(writer.get_by_text("It is with staff now.")).to_be_visible()

    staff.goto("/resources/reviews")
    staff.get_by_role("link", name=TITLE).click()
    staff.get_by_label("Publish it").check()
    staff.get_by_role("button", name="Answer").click()
    expect(staff.get_by_text("It is published. Its authors are told.")).to_be_visible()

    sign_in(reader, "facilitator")
    reader.goto("/resources")
    reader.get_by_label("Words in the title or the text").fill(f"{WORD.lower()} market")
    reader.get_by_role("button", name="Search").click()
    expect(reader.get_by_text("1 resource, best fit first")).to_be_visible()
    reader.get_by_role("link", name=TITLE).click()
    expect(reader.get_by_text("Six bakers of the old market")).to_be_visible()
    drawn = reader.get_by_alt_text(SHOWS)
    expect(drawn).to_be_visible()
    assert drawn.evaluate("picture => picture.naturalWidth") == 800
    reader.get_by_role("button", name="Bookmark it").click()
    expect(reader.get_by_text("It is among your bookmarks.")).to_be_visible()
    reader.get_by_role("button", name="I used it").click()
    expect(reader.get_by_text("A few members said that they used it.")).to_be_visible()
    reader.goto("/resources/bookmarks")
    expect(reader.get_by_role("link", name=TITLE)).to_be_visible()
    writer.goto("/resources")
    writer.get_by_label("Case study").check()  # the list follows without a button
    expect(writer.get_by_role("link", name="Remove filter: Case study")).to_be_visible()
    expect(writer.get_by_role("link", name=TITLE)).to_be_visible()
    writer.get_by_role("link", name=TITLE).click()
    expect(writer.get_by_role("heading", name="People to talk to about this")).to_be_visible()
    look_over(writer)
