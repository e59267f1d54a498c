"""The pages of resources: nothing typed is lost, nothing is found that may not be, and the feed is a feed."""

from __future__ import annotations

import re
from datetime import datetime
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.learn.resources import authors, drafts, reading
from haln.models import Block, Member, Resource
from tests.application import SignIn
from tests.builders import NOW, Cast, a_member, a_theme, an_actor
from tests.queries import queries_of
from tests.resource_builders import PARTS, a_content, a_draft, published, sent

ATOM = "{http://www.w3.org/2005/Atom}"

TYPED = {
    "title": "Bread & butter",
    "standfirst": "How it began.",
    "background": "**Far** away <b>bread</b>",
    "outcomes": "Six bakers",
    "lessons": "- Ask first",
    "themes": ["food", "housing"],
    "sectors": ["nhs"],
    "regions": ["wales"],
    "version": "0",
}


def kept(page: str) -> None:
    """The form still holds everything that was typed."""
    for words in ("Bread &amp; butter", "How it began.", "**Far** away &lt;b&gt;bread&lt;/b&gt;", "- Ask first"):
        assert words in page
    for name, code in (("themes", "food"), ("themes", "housing"), ("sectors", "nhs"), ("regions", "wales")):
        assert re.search(rf'name="{name}" value="{code}" checked', page)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": "x" * 151}, "Write at most 150 characters."),
        ({"themes": ["food", "housing", "gold"]}, "Choose from the list."),
        ({"lessons": "- Ask first" + "x" * 40_000}, "Write at most 40,000 characters."),
    ],
)
def test_bad_input_is_said_and_nothing_is_lost(
    cast: Cast, signed_in: SignIn, session: Session, changed: dict[str, object], said: str
) -> None:
    answer = signed_in(cast.ada).post("/resources/new/case_study", data={**TYPED, **changed, "do": "save"})
    assert answer.status_code == 422 and said in answer.text
    if "title" not in changed:
        kept(answer.text)
    assert session.scalar(select(func.count(Resource.id))) == 0


def test_a_preview_shows_how_it_reads_and_keeps_nothing(cast: Cast, signed_in: SignIn, session: Session) -> None:
    answer = signed_in(cast.ada).post("/resources/new/case_study", data={**TYPED, "do": "preview"})
    assert answer.status_code == 200
    assert "<strong>Far</strong> away &lt;b&gt;bread&lt;/b&gt;" in answer.text
    assert "Preview: nothing is saved yet" in answer.text
    assert answer.text.count("Activity areas (themes)") == 2  # as it reads, and in the form
    assert "Activity areas" not in signed_in(cast.ada).get("/resources/new/blog").text
    kept(answer.text)
    assert session.scalar(select(func.count(Resource.id))) == 0


def test_a_draft_is_saved_picked_up_sent_and_answered(cast: Cast, signed_in: SignIn, session: Session) -> None:
    ada, sol = signed_in(cast.ada), signed_in(cast.sol)
    answer = ada.post("/resources/new/case_study", data={**TYPED, "outcomes": "", "do": "send"}, follow_redirects=True)
    assert "not sent yet" in answer.text and "Say what came of it." in answer.text
    row = session.scalars(select(Resource)).one()
    edit = f"/resources/{row.public_id}/edit"
    kept(ada.get(edit).text)
    stale = ada.post(edit, data={**TYPED, "title": "Stale", "version": "0", "do": "save"})
    assert stale.status_code == 409 and 'value="Stale"' in stale.text
    done = ada.post(edit, data={**TYPED, "version": str(row.version), "do": "send"}, follow_redirects=True)
    assert "It is with staff now." in done.text
    page = sol.get(f"/resources/reviews/{row.public_id}").text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    review = {"verdict": "changes", "words": "", "version": version[1]}
    assert "Say to the authors what to change" in sol.post(f"/resources/reviews/{row.public_id}", data=review).text
    sol.post(f"/resources/reviews/{row.public_id}", data={**review, "words": "A figure,\nplease <b>"})
    page = ada.get(edit).text
    assert "A figure,\nplease &lt;b&gt;" in page
    assert "Staff ask for changes" in ada.get("/resources/writing").text


@pytest.mark.parametrize(("do", "where"), [("pictures", "pictures"), ("authors", "authors"), ("read", "preview")])
def test_whoever_goes_on_to_another_page_of_a_draft_loses_nothing_that_they_typed(
    cast: Cast, signed_in: SignIn, session: Session, do: str, where: str
) -> None:
    ada = signed_in(cast.ada)
    answer = ada.post("/resources/new/case_study", data={**TYPED, "do": do})
    row = session.scalars(select(Resource)).one()
    assert answer.status_code == 303 and answer.location.endswith(f"/resources/{row.public_id}/{where}")
    page = ada.get(f"/resources/{row.public_id}/edit").text
    kept(page)
    assert f'name="do" value="{do}"' in page and f'href="/resources/{row.public_id}/{where}"' not in page
    data = {**TYPED, "standfirst": "Anew.", "version": str(row.version), "do": do}
    assert ada.post(f"/resources/{row.public_id}/edit", data=data).location.endswith(where)
    assert "Anew." in ada.get(f"/resources/{row.public_id}/edit").text
    refused = ada.post(f"/resources/{row.public_id}/edit", data={**TYPED, "title": "x" * 151, "do": do})
    assert refused.status_code == 422 and "- Ask first" in refused.text


@pytest.mark.parametrize("step", ["save", "preview"])
def test_what_was_typed_is_there_to_copy_when_staff_have_it_meanwhile(
    cast: Cast, signed_in: SignIn, session: Session, step: str
) -> None:
    row = sent(session, cast.ada)
    ada, edit = signed_in(cast.ada), f"/resources/{row.public_id}/edit"
    answer = ada.post(edit, data={**TYPED, "version": "1", "do": step})
    assert answer.status_code == (409 if step == "save" else 200)
    assert "What you typed is not saved" in answer.text
    for typed in ("Bread &amp; butter", "How it began.", "**Far** away &lt;b&gt;bread&lt;/b&gt;", "- Ask first"):
        assert typed in answer.text
    assert "What you typed is not saved" not in ada.get(edit).text


def test_sending_too_often_is_said_and_the_draft_is_saved(cast: Cast, signed_in: SignIn, session: Session) -> None:
    row, actor = sent(session, cast.ada), an_actor(session, cast.ada)
    for _ in range(drafts.A_DAY - 1):
        drafts.take_back(session, actor, row.public_id, NOW)
        drafts.send(session, actor, row.public_id, NOW)
    drafts.take_back(session, actor, row.public_id, NOW)
    session.commit()
    typed = {**TYPED, "version": str(row.version), "do": "send"}
    answer = signed_in(cast.ada).post(f"/resources/{row.public_id}/edit", data=typed, follow_redirects=True)
    assert "That was tried too often." in answer.text
    kept(answer.text)


def test_those_asked_are_not_named_to_each_other_and_no_number_of_theirs_is_told(
    cast: Cast, signed_in: SignIn, session: Session
) -> None:
    row, actor = a_draft(session, cast.ada), an_actor(session, cast.ada)
    ben, cai = (session.get_one(Member, one) for one in (cast.ben, cast.cai))
    for one in (ben, cai):
        authors.add(session, actor, row, one.public_id, NOW)
    session.commit()
    page = signed_in(cast.ben).get(f"/resources/{row.public_id}/preview").text
    assert "Ada Okafor" in page and ben.name in page and cai.name not in page
    ada, path = signed_in(cast.ada), f"/resources/{row.public_id}/authors"
    page = ada.get(path).text
    assert f'value="{ben.public_id}"' in page and f'value="{ben.id}"' not in page
    assert ada.post(path, data={"do": "take_out", "other": str(ben.id)}).status_code == 404
    assert ada.post(path, data={"do": "take_out", "other": ben.public_id}).status_code == 303
    session.add(Block(blocker_id=cai.id, blocked_id=cast.ada, created_at=NOW))
    session.commit()
    page = ada.get(path).text
    assert "A member you cannot see" in page and "Ask no more" not in page


def test_a_text_of_a_megabyte_is_a_clear_refusal(cast: Cast, signed_in: SignIn) -> None:
    answer = signed_in(cast.ada).post("/resources/new/blog", data={"title": "Kept", "body": "x" * 2_000_000})
    assert answer.status_code == 422 and "Write at most 40,000 characters." in answer.text
    assert 'value="Kept"' in answer.text and "x" * 2_000_000 in answer.text


@pytest.mark.parametrize(
    "query",
    ["q=%22", "q=NEAR(", "q=*", "q=%27%3B--", "q=" + "x" * 999, "kind=gold", "year=99999999", "theme=%F0%9F%92%A9"],
)
def test_odd_questions_are_answered_without_a_fault(
    cast: Cast, signed_in: SignIn, session: Session, query: str
) -> None:
    published(session, cast.ada, cast.sol)
    assert signed_in(cast.ben).get(f"/resources?{query}").status_code == 200


@pytest.mark.parametrize(("query", "status"), [("q=%00", 400), ("q=" + "x" * 1001, 422), ("after=gone", 404)])
def test_what_cannot_be_asked_is_refused(cast: Cast, signed_in: SignIn, query: str, status: int) -> None:
    assert signed_in(cast.ben).get(f"/resources?{query}").status_code == status


def test_a_search_is_its_address_and_each_filter_can_be_taken_away(
    cast: Cast, signed_in: SignIn, session: Session
) -> None:
    published(session, cast.ada, cast.sol, a_content(regions=("north-west",)))
    published(session, cast.ada, cast.sol, a_content("Bread at home", themes=("housing",)), "blog")
    ben = signed_in(cast.ben)
    page = ben.get("/resources?q=bread&theme=food&kind=case_study").text
    assert "1 resource, best fit first" in page
    assert "/resources?q=bread&amp;kind=case_study" in page  # the same page without the theme
    assert "Bread for the wards" in page and "Bread at home" not in page
    assert "2 resources, newest first" in ben.get("/resources").text
    assert "Bread for the wards" in ben.get("/resources?region=england").text  # a nation has its regions
    assert "Nothing fits all of this" in ben.get("/resources?q=cabbage").text
    fragment = ben.get("/resources?q=bread", headers={"HX-Request": "true"}).text
    assert "<html" not in fragment and "2 resources" in fragment


def test_a_blocked_author_is_named_nowhere(cast: Cast, signed_in: SignIn, session: Session) -> None:
    row = published(session, cast.ada, cast.sol)
    other = published(session, cast.dee, cast.sol, a_content("Bread in homes"))
    a_theme(session, cast.ada, "food", offer=True)
    ben = signed_in(cast.ben)
    reading.bookmark(session, an_actor(session, cast.ben), row.public_id, True, NOW)
    pages = ["/resources", f"/resources/{row.public_id}", f"/resources/{other.public_id}", "/resources/bookmarks"]
    assert all("Ada Okafor" in ben.get(page).text for page in pages)
    session.add(Block(blocker_id=cast.ada, blocked_id=cast.ben, created_at=NOW))
    session.flush()
    assert not any("Okafor" in ben.get(page).text for page in pages)
    assert "A member you cannot see" in ben.get(pages[1]).text


def test_small_numbers_of_uses_are_not_told(cast: Cast, signed_in: SignIn, session: Session) -> None:
    row = published(session, cast.ada, cast.sol)
    path = f"/resources/{row.public_id}"
    ben = signed_in(cast.ben)
    assert "Nobody has said so yet." in ben.get(path).text
    ben.post(f"{path}/use")
    assert "A few members said" in ben.get(path).text
    for number in range(12):
        reading.use(session, an_actor(session, a_member(session, f"Reader N{number}").id), row.public_id, NOW)
    assert "about 15 times" in ben.get(path).text


@pytest.mark.parametrize(
    "path", ["/resources", "/resources/bookmarks", "/resources/writing", "ONE", "FEED", "/resources/reviews"]
)
def test_more_resources_cost_no_more_queries(cast: Cast, signed_in: SignIn, session: Session, path: str) -> None:
    sol, token = signed_in(cast.sol), ""
    row = published(session, cast.ada, cast.sol)
    if path == "FEED":
        page = sol.post("/resources/feed").text
        found = re.search(r"/resources/feed/([\w-]+)", page)
        token = found[1] if found else ""
    where = {"ONE": f"/resources/{row.public_id}", "FEED": f"/resources/feed/{token}"}.get(path, path)

    def more(count: int) -> int:
        for number in range(count):
            writer = a_member(session, f"Writer N{count}o{number}")
            a_theme(session, writer.id, "food", offer=True)
            one = published(session, writer.id, cast.sol, a_content(f"Bread {count} {number}"))
            reading.bookmark(session, an_actor(session, cast.sol), one.public_id, True, NOW)
            a_draft(session, cast.sol, a_content(f"Mine {count} {number}")).created_at = datetime(
                2020, 1, 1, tzinfo=NOW.tzinfo
            )
            sent(session, writer.id, a_content(f"Sent {number}"))
        session.commit()
        return queries_of(sol, where)

    assert more(2) == more(8)


def entries(answer: str) -> list[ElementTree.Element]:
    """The entries of a feed, after it is held against what RFC 4287 asks of one."""
    feed = ElementTree.fromstring(answer)
    assert feed.tag == f"{ATOM}feed"
    for element in [feed, *feed.findall(f"{ATOM}entry")]:
        for name in ("id", "title", "updated"):
            (found,) = element.findall(f"{ATOM}{name}")
            assert found.text
        datetime.fromisoformat(str(element.findtext(f"{ATOM}updated")))
        assert element.findall(f"{ATOM}author/{ATOM}name")
        links = element.findall(f"{ATOM}link")
        assert all(link.get("href", "").startswith("http") for link in links)
        assert len({(link.get("rel"), link.get("type")) for link in links}) == len(links)
    found = feed.findall(f"{ATOM}entry")
    assert len({entry.findtext(f"{ATOM}id") for entry in found}) == len(found)
    return found


def test_a_private_feed_is_for_its_owner_s_eyes_and_ends_when_they_say_so(
    cast: Cast, signed_in: SignIn, session: Session, client: FlaskClient
) -> None:
    published(session, cast.ada, cast.sol, a_content(parts={**PARTS, "background": "# <b>&\x0b ]]> big\n\n*x*"}))
    published(session, cast.ada, cast.sol, a_content("A tool"), "tool")
    sent(session, cast.ada, a_content("Not yet"))
    ben = signed_in(cast.ben)
    found = re.search(r"http://[^<\s]*(/resources/feed/[\w-]+)", ben.post("/resources/feed").text)
    assert found is not None
    path = found[1]
    assert found[0] not in ben.get("/resources/feed").text  # shown once
    answer = client.get(path)
    assert answer.content_type.startswith("application/atom+xml")
    told = entries(answer.text)
    assert [entry.findtext(f"{ATOM}title") for entry in told] == ["A tool", "Bread for the wards"]
    content = told[1].find(f"{ATOM}content")
    assert content is not None and content.get("type") == "html"
    assert "<h3>&lt;b&gt;&amp; ]]&gt; big</h3>" in str(content.text) and "<em>x</em>" in str(content.text)
    assert "Ada Okafor" in answer.text
    session.add(Block(blocker_id=cast.ada, blocked_id=cast.ben, created_at=NOW))
    session.flush()
    assert "Okafor" not in client.get(path).text
    ben.post("/resources/feed", data={"do": "end"})
    assert client.get(path).status_code == 404
    assert client.get("/resources/feed/guess").status_code == 404


def test_the_feed_of_who_has_left_is_gone(cast: Cast, signed_in: SignIn, session: Session, client: FlaskClient) -> None:
    found = re.search(r"(/resources/feed/[\w-]+)", signed_in(cast.ben).post("/resources/feed").text)
    assert found is not None and client.get(found[1]).status_code == 200
    session.get_one(Member, cast.ben).standing = "left"
    session.flush()
    assert client.get(found[1]).status_code == 404


def test_nothing_is_public_unless_the_network_says_so(cast: Cast, session: Session, client: FlaskClient) -> None:
    row = published(session, cast.ada, cast.sol)
    for path in ("/library", f"/library/{row.public_id}", "/library/feed"):
        assert client.get(path).status_code == 404


def test_a_public_network_shows_what_its_authors_publish_to_all(
    app: Flask, cast: Cast, session: Session, client: FlaskClient
) -> None:
    app.config["RESOURCES"] = "everyone"
    row = published(session, cast.ada, cast.sol)
    inside = published(session, cast.ada, cast.sol, a_content("Bread inside", readers="members"))
    page = client.get("/library").text
    assert "Bread for the wards" in page and "Bread inside" not in page and "1 resource," in page
    assert "Okafor" not in page and "A member of the network" in page  # her name is for members
    text = client.get(f"/library/{row.public_id}").text
    assert "Six bakers" in text and "Bread inside" not in text and "Okafor" not in text
    assert client.get(f"/library/{inside.public_id}").status_code == 404
    told = client.get("/library/feed").text
    assert [entry.findtext(f"{ATOM}title") for entry in entries(told)] == ["Bread for the wards"]
    assert "Okafor" not in told
    session.get_one(Member, cast.ada).show_name = 3
    session.flush()
    assert "Ada Okafor" in client.get("/library").text and "Ada Okafor" in client.get("/library/feed").text


def test_staff_read_earlier_versions_and_others_do_not(cast: Cast, signed_in: SignIn, session: Session) -> None:
    row = published(session, cast.ada, cast.sol)
    path = f"/resources/reviews/{row.public_id}/versions"
    sol = signed_in(cast.sol)
    assert "Six bakers" in sol.get(f"{path}/1").text
    assert sol.get(f"{path}/2").status_code == 404
    assert signed_in(cast.fay).get(f"{path}/1").status_code == 403


def test_a_member_s_page_lists_what_they_wrote_for_whoever_sees_the_page(
    cast: Cast, signed_in: SignIn, session: Session, client: FlaskClient
) -> None:
    published(session, cast.ada, cast.sol)
    a_draft(session, cast.ada, a_content("Not sent"))
    member = session.get_one(Member, cast.ada)
    member.show_name = 3
    session.flush()
    path = f"/people/{member.public_id}"
    page = signed_in(cast.ben).get(path).text
    assert "Wrote for others" in page and "Bread for the wards" in page and "Not sent" not in page
    assert "Bread for the wards" not in client.get(path).text  # resources are for members


def test_an_author_is_found_asked_and_answers(cast: Cast, signed_in: SignIn, session: Session) -> None:
    row = a_draft(session, cast.ada)
    ada, ben = signed_in(cast.ada), signed_in(cast.ben)
    path = f"/resources/{row.public_id}"
    page = ada.get(f"{path}/authors?person=whit").text
    key = session.get_one(Member, cast.ben).public_id
    assert f'name="other" value="{key}"' in page
    assert ada.post(f"{path}/authors", data={"do": "ask", "other": key}).status_code == 303
    assert ada.post(f"{path}/authors", data={"do": "ask", "other": key}).status_code == 409
    assert ada.post(f"{path}/authors", data={"do": "ask", "other": "nobody"}).status_code == 404
    assert "Did you write these, too?" in ben.get("/resources/writing").text
    assert ben.get(f"{path}/edit").status_code == 404
    assert "Bread for the wards" in ben.get(f"{path}/preview").text
    ben.post(f"{path}/agree", data={"answer": "yes"})
    assert ben.get(f"{path}/edit").status_code == 200
