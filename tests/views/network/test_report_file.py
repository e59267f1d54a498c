"""The report as a PDF, read back by a program that nobody here wrote: it says what the page says, and is tagged."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from pypdf.generic import DictionaryObject
from sqlalchemy.orm import Session

from haln.models import Member
from haln.people import versions
from haln.people.visibility import Visibility
from haln.views.network import report_file
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, a_member, by_key
from tests.outcome_builders import agreements, an_outcome

DAY = NOW.date().isoformat()
ASKED = f"as_of={DAY}&known_on={DAY}"


@pytest.fixture(autouse=True)
def grown(session: Session, cast: Cast) -> None:
    """A network of which much may be published, with a story each way."""
    for number in range(60):
        member = a_member(session, f"Grown Member{number}", joined_at=NOW - timedelta(days=500 - number))
        tie = a_connection(session, cast.ada, member.id, since=NOW - timedelta(days=400 - number))
        if number < 9:
            told = f'Story {number} of Tŷ Glân, ŵ and £5; #read("/etc/passwd") *not* code'
            an_outcome(session, member.id, tie, 60, consent="anonymous", told=told)
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()


def packed(text: str) -> str:
    """Without white space: where lines break is the paper's."""
    return re.sub(r"\s+", "", text)


def words_of(content: bytes) -> str:
    return packed("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


def told_on(page: str) -> list[str]:
    """What the page tells: its rows of tables, paragraphs, stories and definitions, without white space."""
    main = page.partition("<h2>")[2].partition("</main>")[0]
    found = re.findall(
        r"<tr>(.*?)</tr>|<p[ >](?:[^>]*>)?(.*?)</p>|<blockquote[^>]*>(.*?)</blockquote>", main, re.DOTALL
    )
    found += [(one,) for one in re.findall(r"<dd>(.*?)</dd>|<dt>(.*?)</dt>", main, re.DOTALL) for one in one if one]
    texts = [packed(unescape(re.sub(r"<[^>]*>", "", part))) for parts in found for part in parts]
    return [text for text in texts if text]


def kinds_of(node: Any, found: set[str]) -> set[str]:
    """The kinds of all elements of the tree of tags."""
    node = node.get_object()
    if isinstance(node, DictionaryObject):
        if "/S" in node:
            found.add(str(node["/S"]))
        if "/K" in node:
            kinds_of(node["/K"], found)
    elif isinstance(node, list):
        for one in node:
            kinds_of(one, found)
    return found


@pytest.mark.parametrize("asked", [ASKED, f"{ASKED}&hosts=without", "as_of=2026-04-30&known=then", f"{ASKED}&lang=cy"])
def test_it_says_what_the_page_says(signed_in: SignIn, cast: Cast, asked: str) -> None:
    staff = signed_in(cast.sol)
    page = staff.get(f"/network/report?{asked}").get_data(as_text=True)
    answer = staff.get(f"/network/report.pdf?{asked}")
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    there, told = words_of(answer.data), told_on(page)
    assert len(told) > 70
    assert [text for text in told if text not in there] == []
    lead = unescape(re.findall(r'<p class="lead">(.*?)</p>', page)[0])
    assert packed(lead) in there
    if "hosts" in asked:
        assert packed("What was asked for: without staff and facilitators.") in there and "hosts=without" not in there


def test_it_has_a_title_a_language_tags_bookmarks_and_numbered_pages(signed_in: SignIn, cast: Cast) -> None:
    staff = signed_in(cast.sol)
    page = staff.get(f"/network/report?{ASKED}").get_data(as_text=True)
    reader = PdfReader(io.BytesIO(staff.get(f"/network/report.pdf?{ASKED}").data))
    root = reader.root_object
    assert root["/Lang"] == "en-GB" and root["/MarkInfo"]["/Marked"].value
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value
    title = re.findall(r"<title>(.*?)</title>", page)[0]
    assert reader.metadata is not None and str(reader.metadata.title).partition(" · ")[0] in unescape(title)
    tags = kinds_of(root["/StructTreeRoot"], set())
    assert {"/H1", "/H2", "/Table", "/TR", "/TH", "/TD", "/P"} <= tags
    top = [one.title for one in reader.outline if not isinstance(one, list)]
    assert top == [unescape(one) for one in re.findall(r"<h2>(.*?)</h2>", page)]
    assert b"pdfuaid:part>1<" in root["/Metadata"].get_data()
    for number, sheet in enumerate(reader.pages, 1):
        assert [round(float(side)) for side in sheet.mediabox[2:]] == [595, 842]
        assert f"{number} / {len(reader.pages)}" in sheet.extract_text()
    welsh = PdfReader(io.BytesIO(staff.get(f"/network/report.pdf?{ASKED}&lang=cy").data))
    assert welsh.root_object["/Lang"] == "cy-GB"


def test_page_program_and_command_give_the_same_bytes_each_time(
    app: Flask, signed_in: SignIn, cast: Cast, session: Session, tmp_path: Path
) -> None:
    staff, file = signed_in(cast.sol), tmp_path / "report.pdf"
    first = staff.get(f"/network/report.pdf?{ASKED}").data
    sent = by_key(session, cast.sol)
    assert staff.get(f"/network/report.pdf?{ASKED}").data == first
    assert app.test_client().get(f"/api/network/report.pdf?{ASKED}", headers=sent).data == first
    words = ("haln", "export", "report", "--as-of", DAY, "--known-on", DAY)
    done = app.test_cli_runner().invoke(args=[*words, "--output", str(file)])
    assert done.exit_code == 0, done.output
    assert file.read_bytes() == first
    assert app.test_cli_runner().invoke(args=[*words, "--language", "xx", "--output", str(file)]).exit_code == 2
    done = app.test_cli_runner().invoke(args=[*words, "--language", "cy", "--output", str(file)])
    assert PdfReader(file).root_object["/Lang"] == "cy-GB"


def test_the_report_names_only_whom_everybody_may_see(
    app: Flask, cast: Cast, session: Session, tmp_path: Path, signed_in: SignIn
) -> None:
    told = {"text": "Ada Okafor and Ben Whitaker bought food together.", "told": "[…] and […] bought food together."}
    one = an_outcome(session, cast.ada, a_connection(session, cast.ada, cast.ben), 20, consent="named", **told)
    agreements(session, one, [(cast.ben, "yes")])
    session.get_one(Member, cast.ada).show_name = Visibility.EVERYONE
    staff, file = signed_in(cast.sol), tmp_path / "report.pdf"
    words = ("haln", "export", "report", "--as-of", DAY, "--known-on", DAY, "--output", str(file))

    def by_command(shown: Visibility) -> str:
        session.get_one(Member, cast.ben).show_name = shown
        session.commit()
        done = app.test_cli_runner().invoke(args=[*words])
        assert done.exit_code == 0, done.output
        assert staff.get(f"/network/report.pdf?{ASKED}").data == file.read_bytes(), "for staff as for everybody"
        return words_of(file.read_bytes())

    assert packed(told["text"]) in by_command(Visibility.EVERYONE)
    with_members_alone = by_command(Visibility.MEMBERS)
    assert packed(told["told"]) in with_members_alone
    assert not [name for name in ("Okafor", "Whitaker") if name in with_members_alone]


def test_what_people_wrote_is_words_and_never_the_typesetters_language(signed_in: SignIn, cast: Cast) -> None:
    there = words_of(signed_in(cast.sol).get(f"/network/report.pdf?{ASKED}").data)
    assert packed('Story 3 of Tŷ Glân, ŵ and £5; #read("/etc/passwd") *not* code') in there
    template = report_file.TEMPLATE.read_text(encoding="utf-8")
    assert not re.search(r"#?\b(import|include|read|image|plugin)\b\s*[(\"]|@preview|eval\(", template)


def test_letters_that_our_typeface_lacks_do_not_stop_the_report(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    tie = a_connection(session, cast.fay, cast.ben, since=NOW - timedelta(days=400))
    an_outcome(session, cast.ben, tie, 30, consent="anonymous", told="We met \U0001f600 and said 你好 to all")
    session.commit()
    answer = signed_in(cast.sol).get(f"/network/report.pdf?{ASKED}")
    assert answer.status_code == 200 and "andsaid" in words_of(answer.data)
    assert "/StructTreeRoot" in PdfReader(io.BytesIO(answer.data)).root_object


def test_a_mistake_in_the_template_is_not_taken_for_a_letter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "report.typ"
    broken.write_text("#nothing-of-this-name")
    monkeypatch.setattr(report_file, "TEMPLATE", broken)
    with pytest.raises(RuntimeError, match="unknown variable"):
        report_file.typeset({})


def test_one_report_is_made_at_a_time_and_none_is_too_large(
    signed_in: SignIn, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, path = signed_in(cast.sol), f"/network/report.pdf?{ASKED}"
    monkeypatch.setattr(report_file, "PATIENCE", 0.01)
    with report_file._one_at_a_time:
        answer = staff.get(path)
    assert answer.status_code == 503 and "Another report is being made." in answer.get_data(as_text=True)
    assert staff.get(path).status_code == 200
    monkeypatch.setattr(report_file, "MOST_BYTES", 1000)
    assert staff.get(path).status_code == 413


def test_the_page_leads_to_the_file_of_what_it_shows(signed_in: SignIn, cast: Cast) -> None:
    staff = signed_in(cast.sol)
    page = staff.get("/network/report?as_of=2026-04-30&hosts=without").get_data(as_text=True)
    (link,) = re.findall(r'href="(/network/report\.pdf[^"]*)"', page)
    answer = staff.get(link.replace("&amp;", "&"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="network-report-2026-04-30-hosts-without.pdf"'
    assert "/network/report.pdf" not in staff.get("/network/report?hosts=without&sector=nhs").get_data(as_text=True)
    assert [signed_in(one).get("/network/report.pdf").status_code for one in (cast.ada, cast.fay)] == [403, 403]


@pytest.mark.parametrize(
    ("asked", "of_whom", "name"),
    [
        ("sector=faith", "Faith group", "-sector-faith"),
        ("hosts=without", "without staff and facilitators", "-hosts-without"),
        ("evidence=met", "connections that rest on: Met in person or online", "-evidence-met"),
    ],
)
def test_what_is_of_some_says_of_whom_in_title_foot_and_name(
    signed_in: SignIn, cast: Cast, asked: str, of_whom: str, name: str
) -> None:
    staff = signed_in(cast.sol)
    page = staff.get(f"/network/report?{ASKED}&{asked}").get_data(as_text=True)
    answer = staff.get(f"/network/report.pdf?{ASKED}&{asked}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="network-report-{DAY}{name}.pdf"'
    assert f"<h1>Report on the network: {of_whom}</h1>" in page
    of_day = f"Report of Monday 15 June 2026: {of_whom}"
    assert f"<title>{of_day}" in page
    reader = PdfReader(io.BytesIO(answer.data))
    assert reader.metadata is not None and of_whom in str(reader.metadata.title)
    feet = [packed(of_day) in packed(sheet.extract_text()) for sheet in reader.pages]
    assert all(feet) and packed(f"Report on the network: {of_whom}") in words_of(answer.data)
    assert asked not in page.partition("<h2>Method")[2] and asked not in words_of(answer.data)
    assert ("This is told of everybody only." in page) == (not asked.startswith("evidence"))
    for told in ("What came of it in the whole network", "The latest stories of the whole network"):
        assert told in page and packed(told) in words_of(answer.data)
    everybody = staff.get(f"/network/report?{ASKED}").get_data(as_text=True)
    assert "the whole network" not in everybody.partition("<h2>Figures")[2].partition("<h2>Method")[0]
