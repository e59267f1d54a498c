"""The feed stays a feed whatever is written in it, in either language, with nothing in it and with pictures.

Beside our own check, the reader of feeds that comes with Ruby judges each, and refuses what is no valid Atom.
"""

from __future__ import annotations

import subprocess
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from haln.learn.resources import feeds
from tests import machine
from tests.builders import NOW, Cast, a_member
from tests.learn.test_resource_pictures import publish, put
from tests.resource_builders import PARTS, a_content, a_draft, published
from tests.views.test_resources import ATOM, entries

HOSTILE = {
    "marks": "Bread & <b>butter</b> > \"jam\" 'n' ]]> <![CDATA[x",
    "right to left": "\u202eخبز\u202c לחם \u200f!",
    "pictures of letters": "Bread 🍞👩🏽‍🍳🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "entities": "&amp;lt; &#0; &unknown; %26",
    "no characters": "Bread \ufdd0 and butter",
    "long": "Bread " * 24,
}


@pytest.fixture
def feed(app: Flask, client: FlaskClient) -> FlaskClient:
    app.config["RESOURCES"] = "everyone"
    return client


def refused(feed: str) -> str:
    """Why Ruby's reader refuses a feed: elements that are missing, too many or unknown. Empty where it is valid."""
    path = machine.ruby()
    if path is None:
        pytest.skip("Ruby with its library rss is not installed")
    command = [path, "-r", "rss", "-e", JUDGE]
    answer = subprocess.run(command, input=feed.encode(), capture_output=True, timeout=60, check=False)
    assert answer.returncode == 0, answer.stderr.decode()
    return answer.stdout.decode().strip()


JUDGE = """
begin
  feed = RSS::Parser.parse($stdin.read.force_encoding("UTF-8"), true, false)
  puts "no Atom feed" unless feed.is_a?(RSS::Atom::Feed)
  puts "no address" unless feed.entries.all? { |entry| entry.link.href.start_with?("http") }
  puts "no moment" unless ([feed] + feed.entries).all? { |one| one.updated.content.is_a?(Time) }
rescue RSS::Error => error
  puts "#{error.class}: #{error.message}"
end
"""


def read(client: FlaskClient, **headers: str) -> list[ElementTree.Element]:
    answer = client.get("/library/feed", headers=headers)
    assert answer.content_type.startswith("application/atom+xml") and answer.status_code == 200
    assert b"\x00" not in answer.data
    assert refused(answer.text) == ""
    return entries(answer.text)


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_is_written_comes_out_as_it_was_written(
    session: Session, cast: Cast, feed: FlaskClient, name: str
) -> None:
    words = HOSTILE[name].strip()
    content = a_content(words, standfirst=words, parts={**PARTS, "background": f"{words}\n\n# {words}"})
    published(session, cast.ada, cast.sol, content)
    (entry,) = read(feed)
    assert [entry.findtext(f"{ATOM}{part}") for part in ("title", "summary")] == [words, words]
    body = entry.find(f"{ATOM}content")
    assert body is not None and body.get("type") == "html"
    assert "<script" not in str(body.text) and "<![CDATA[x" not in str(body.text)


@pytest.mark.parametrize("character", ["\x0b", "\x1f", "\x85", "\ufffe", "\uffff", "\u2028"])
def test_what_no_feed_may_hold_is_not_in_it(session: Session, cast: Cast, feed: FlaskClient, character: str) -> None:
    words = f"Bread{character}rises"
    content = a_content(words, standfirst=words, parts={**PARTS, "background": f"{words}\n\n```\n{words}\n```"})
    published(session, cast.ada, cast.sol, content)
    (entry,) = read(feed)
    assert str(entry.findtext(f"{ATOM}title")).startswith("Bread")
    assert "\x0b" not in str(entry.findtext(f"{ATOM}content"))


@pytest.mark.parametrize("language", ["en", "cy"])
def test_an_empty_one_and_a_full_one_are_valid_in_both_languages(
    session: Session, cast: Cast, feed: FlaskClient, language: str
) -> None:
    spoken = {"Accept-Language": language}
    assert read(feed, **spoken) == []
    writers = [a_member(session, f"Writer N{number}").id for number in range(12)]
    for number in range(60):
        content = a_content(f"Bread {number}", link="" if number % 2 else "https://www.example.org/a?b=1&c=<2>")
        kind = ("case_study", "blog", "tool")[number % 3] if number % 2 == 0 else "case_study"
        published(session, writers[number % 12], cast.sol, content, kind, NOW + timedelta(minutes=number))
    told = read(feed, **spoken)
    assert len(told) == feeds.ENTRIES and told[0].findtext(f"{ATOM}title") == "Bread 59"


def test_one_with_pictures_names_each_once(session: Session, cast: Cast, feed: FlaskClient) -> None:
    row = a_draft(session, cast.ada)
    put(session, cast.ada, row)
    publish(session, cast, row)
    session.commit()
    (entry,) = read(feed)
    (link,) = [one for one in entry.findall(f"{ATOM}link") if one.get("rel") == "enclosure"]
    assert link.get("type") == "image/webp" and str(link.get("href")).startswith("http")


def test_the_check_finds_what_is_wrong(session: Session, cast: Cast, feed: FlaskClient) -> None:
    published(session, cast.ada, cast.sol)
    right = feed.get("/library/feed").text
    for wrong in (
        right.replace("<title>", "<heading>").replace("</title>", "</heading>"),
        right.replace("<updated>", "<updated>on "),
        right.replace("<updated>", "<updated>2026-01-01T00:00:00Z</updated><updated>", 1),
        right.replace("</feed>", ""),
    ):
        assert refused(wrong)
        with pytest.raises((AssertionError, ValueError, ElementTree.ParseError)):
            entries(wrong)
