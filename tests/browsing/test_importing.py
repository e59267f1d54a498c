"""A staff person brings members in from a file with bad rows, mends those, and sends the file once more."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import OpenPage, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COLUMNS = ["name", "email", "job title", "role", "organisation", "place", "offers", "seeks", "joined"]
ORGANISATIONS = ("Bristol City Council", "Argyll and Bute Council", "Hampshire Hospitals NHS Foundation Trust")
NAMES = (
    *("Amal", "Bryn", "Carys", "Dewi", "Eilidh", "Fergus", "Gwen", "Huw", "Isla", "Jamal", "Kirsty", "Lowri"),
    *("Morag", "Niamh", "Orla", "Padma", "Quinn", "Rhys", "Saoirse", "Tariq", "Usha", "Vaughan", "Wren"),
)
GOOD = [
    [
        f"Imported {name}",
        f"{name.lower()}@import.example.org",
        "Lead",
        "Procurement",
        ORGANISATIONS[number % len(ORGANISATIONS)],
        "Luton",
        "Food; Housing",
        "Measuring impact",
        "31/03/2026",
    ]
    for number, name in enumerate(NAMES)
]
# What is wrong with each bad row: the column, what stands in it, what the refusal says, and what it is mended to.
BAD = (
    ("email", "no address", "“no address” is not an e-mail address.", "bad1@import.example.org"),
    ("name", "", "The name is missing.", "Imported Xanthe"),
    ("role", "Wizard", "“Wizard” is not a role of this network.", "Finance and investment"),
    ("organisation", "Bristol City Counsel of Elders", "No organisation is called", "Bristol City Council"),
    ("place", "Atlantis", "“Atlantis” is not a place that is known here.", "Fenland"),
    ("joined", "31/13/2026", "“31/13/2026” is not a date: write 2026-03-31 or 31/03/2026.", "31/12/2025"),
    ("job title", "=1+1", "begins like a formula (=1+1): paste its value instead.", "Head of buying"),
)


def bad_rows() -> list[list[str]]:
    """Rows that are good but for one cell each."""
    rows = []
    for number, (column, text, _reason, _mended) in enumerate(BAD, start=1):
        row = [f"Imported Yes{number}", f"bad{number}@import.example.org", *GOOD[0][2:]]
        row[COLUMNS.index(column)] = text
        rows.append(row)
    return rows


def test_a_file_with_seven_bad_rows_is_brought_in_by_and_by(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    sign_in(page, "staff")
    file = tmp_path / "members.csv"
    write(file, COLUMNS, [*GOOD[:12], *bad_rows(), *GOOD[12:]])
    send(page, file)
    expect(counts(page)).to_have_text(["23", "0", "0", "7"])
    refusals = page.locator("#refused tbody tr")
    expect(refusals).to_have_count(len(BAD))
    for number, (_column, _text, reason, _mended) in enumerate(BAD):
        expect(refusals.nth(number)).to_contain_text(reason)

    with page.expect_download() as download:
        page.get_by_role("link", name="Download them with the reasons").click()
    refused = tmp_path / "refused.csv"
    download.value.save_as(refused)
    page.get_by_role("button", name="Apply this file").click()
    expect(page.get_by_text("23 members were added, 0 were changed, 7 rows were refused.")).to_be_visible()
    expect(found(page, "Imported")).to_have_count(23)

    mend(refused)
    send(page, refused)
    expect(counts(page)).to_have_text(["7", "0", "0", "0"])
    page.get_by_role("button", name="Apply this file").click()
    expect(page.get_by_text("7 members were added, 0 were changed, 0 rows were refused.")).to_be_visible()
    expect(found(page, "Imported Xanthe")).to_have_count(1)

    send(page, refused)
    expect(counts(page)).to_have_text(["0", "0", "7", "0"])
    expect(page.get_by_text("There is nothing in this file to add or to change.")).to_be_visible()
    expect(page.get_by_role("button", name="Apply this file")).to_have_count(0)


def write(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    """Write a file as a spreadsheet program does."""
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def mend(path: Path) -> None:
    """Put right what each row's reason says, as a person would, leaving the reasons where they are."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        columns, *rows = csv.reader(file)
    assert len(rows) == len(BAD)
    for row, (column, text, reason, mended) in zip(rows, BAD, strict=True):
        place = columns.index(column)
        assert row[place].lstrip("'") == text
        assert reason in row[-1]
        row[place] = mended
    write(path, columns, rows)


def send(page: Page, file: Path) -> None:
    """Choose a file of people who have agreed, and see what it would do."""
    page.goto("/staff/import")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("radio", name="Yes").check()
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What would happen")


def counts(page: Page) -> Locator:
    """How many rows are new, changed, unchanged and refused."""
    return page.locator(".stats .stat-number")


def found(page: Page, words: str) -> Locator:
    """The people that the directory finds."""
    page.goto(f"/people?q={words}")
    return page.get_by_role("main").get_by_role("heading", level=2)
