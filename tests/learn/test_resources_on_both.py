"""Resources are written, published and found alike on both databases: each agrees with reading every text."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy.orm import Session

from haln.learn.resources import feeds, reading, searching
from haln.learn.resources.searching import Query
from haln.models import Member
from haln.people import erasure, own_data, search_words
from haln.people.search_words import folded
from tests.builders import NOW, Cast, an_actor, the_cast
from tests.resource_builders import WORDS, a_content, published

THINGS = ["bread", "bakers", "Café tables", "procurement", "local jobs", "the ward's kitchen", "Ynys Môn", "net zero"]
QUESTIONS = [
    "bread",
    "BREAD bakers",
    "cafe",
    "café table",
    "proc",
    "job",
    "ward kitchen",
    "ynys mon",
    "nothing like it",
    "zero bread",
]
ODD = [
    '"',
    "'",
    '"bread',
    "bread AND (",
    "NEAR(bread, 2)",
    "title:bread",
    "bread*",
    "-bread",
    "^bread",
    "bread:*",
    "bread & ! |",
    "%_\\",
    "<->",
    "💩",
    "a" * 5_000,
    " ".join(["bread"] * 500),
    "ﬀ ß İ",
    "\u202e\u200b",
    ";drop table resource",
]


def a_library(session: Session, cast: Cast) -> dict[str, tuple[str, str]]:
    """Two dozen texts; for each title, its words and its kind."""
    rng, told = Random(5), {}
    for number in range(24):
        title = f"{rng.choice(THINGS)} {rng.choice(THINGS)} {number}"
        body = " ".join(rng.sample(THINGS, 3))
        themes = tuple(rng.sample([one.code for one in WORDS.themes[:4]], rng.randint(1, 2)))
        content = a_content(title, standfirst=rng.choice(THINGS), parts={"body": body}, themes=themes)
        writer = (cast.ada, cast.ben, cast.cai)[number % 3]
        kind = rng.choice(["blog", "tool"])
        published(session, writer, cast.sol, content, kind, NOW + timedelta(days=number))
        told[title] = (f"{title} {content.standfirst} {body}", kind)
    session.commit()
    return told


def test_each_question_finds_what_reading_every_text_finds(stored: Session) -> None:
    cast = the_cast(stored)
    told = a_library(stored, cast)
    orders = []
    for asked in QUESTIONS:
        page = searching.search(stored, WORDS, cast.dee, Query(asked))
        titles = [row.title for row in page.rows]
        wanted = {title for title, (text, _) in told.items() if search_words.question(asked).fits(folded(text).split())}
        assert page.total == len(wanted)
        assert set(titles) <= wanted and len(titles) == min(len(wanted), searching.PAGE)
        assert sum(page.counts["kind"].values()) == len(wanted)
        orders.append(titles)
    assert orders[0][0].startswith("bread") or "bread" in orders[0][0]  # a word in the title comes first


def test_the_pages_of_a_list_are_the_whole_list_once(stored: Session) -> None:
    cast = the_cast(stored)
    told = a_library(stored, cast)
    titles: list[str] = []
    after = None
    while True:
        page = searching.search(stored, WORDS, cast.dee, Query("", {}, after))
        titles += [row.title for row in page.rows]
        after = page.next_after
        if after is None:
            break
    assert sorted(titles) == sorted(told)
    assert titles == list(reversed(told))  # the newest first


def test_a_count_beside_a_filter_is_what_the_filter_finds(stored: Session) -> None:
    cast = the_cast(stored)
    a_library(stored, cast)
    base = searching.search(stored, WORDS, cast.dee, Query("bread", {"kind": frozenset({"blog"})}))
    for facet in ("theme", "region", "year"):
        for code, count in base.counts[facet].items():
            query = Query("bread", {"kind": frozenset({"blog"}), facet: frozenset({code})})
            assert searching.search(stored, WORDS, cast.dee, query).total == count


@pytest.mark.parametrize("asked", ODD, ids=range(len(ODD)))
def test_odd_questions_are_answered(stored: Session, asked: str) -> None:
    cast = the_cast(stored)
    published(stored, cast.ada, cast.sol)
    assert searching.search(stored, WORDS, cast.dee, Query(asked)).total in (0, 1)


def test_what_a_reader_does_and_what_stays_of_an_author(stored: Session) -> None:
    cast = the_cast(stored)
    row = published(stored, cast.ada, cast.sol)
    ben = an_actor(stored, cast.ben)
    for day in (NOW, NOW, NOW + timedelta(days=1)):
        reading.use(stored, ben, row.public_id, day)
        reading.bookmark(stored, ben, row.public_id, True, day)
    assert feeds.reader(stored, feeds.make_address(stored, ben, NOW)) == cast.ben
    found = reading.one(stored, cast.ben, row.public_id, NOW + timedelta(days=1))
    assert (found.uses, found.bookmarked, found.used_today) == (2, True, True)
    assert own_data.collected(stored, cast.ben, NOW)["resource_bookmarks"][0]["title"] == "Bread for the wards"
    erasure.erase(stored, cast.ada, NOW)
    stored.commit()
    assert stored.get_one(Member, cast.ada).name == erasure.NAME
    assert searching.search(stored, WORDS, cast.ben, Query("bread")).total == 1
