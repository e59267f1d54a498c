"""Biographies are 40 to 80 words long, differ, and speak of what the member works on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Member, MemberText, MemberTheme
from haln.people.demonstration import biographies as biographies_room
from haln.people.demonstration.biographies import FEWEST, MOST, word_count
from haln.people.demonstration.grammar import Choice, Phrase, Slot
from haln.people.demonstration.words import common_bank, craft_bank, table, theme_bank, theme_codes
from haln.taxonomy import vocabulary
from tests.people.demonstration.places import a_demonstration, an_empty_network

MEMBERS = 900
FACTS = {
    "kind",
    "org",
    "town",
    "region",
    "area",
    "elsewhere",
    "people",
    "site",
    "workers",
    "partner",
    "body",
    "job",
    "years",
}
VOICE = {"I", "my", "me", "we", "our", "us"}
NOTES = {"them", "other", "label", "place"}


@pytest.fixture(scope="module")
def network() -> Iterator[Session]:
    with an_empty_network() as session:
        a_demonstration(session, MEMBERS)
        yield session


@pytest.fixture(scope="module")
def biographies(network: Session) -> list[str]:
    return [text for text in network.scalars(select(Member.biography)) if text]


def grams(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[start : start + 8]) for start in range(len(words) - 7)}


def test_nearly_everybody_has_one(biographies: list[str]) -> None:
    assert len(biographies) > 0.9 * MEMBERS


def test_they_have_40_to_80_words(biographies: list[str]) -> None:
    assert (FEWEST, MOST) == (40, 80)
    assert all(40 <= word_count(text) <= 80 for text in biographies)
    assert max(map(word_count, biographies)) - min(map(word_count, biographies)) > 25


def test_one_that_comes_out_too_short_or_too_long_is_written_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = iter(["word " * 39, "word " * 81, "word " * 60])
    monkeypatch.setattr(biographies_room, "_attempt", lambda rng, subject: next(drafts))
    subject = biographies_room.Subject("A B", "A", "Buyer", 3, "strategy", (), {})
    assert word_count(biographies_room.write(Random(1), subject)) == 60


def test_no_two_are_equal_and_they_share_few_long_passages(biographies: list[str]) -> None:
    assert len(set(biographies)) == len(biographies)
    counts = Counter(gram for text in biographies for gram in grams(text))
    shared = [sum(counts[gram] > 1 for gram in grams(text)) / len(grams(text)) for text in biographies]
    assert sum(shared) / len(shared) < 0.16
    assert sorted(shared)[len(shared) * 95 // 100] < 0.4


def test_they_are_whole_sentences_with_nothing_left_to_fill(network: Session, biographies: list[str]) -> None:
    notes = list(network.scalars(select(MemberText.text)))
    for text in biographies + notes:
        assert not re.search(r"[{}<>|\]]|\s[.,;]|\.\.|,,|sss\b|\ba (?!one)[aeio]", text.replace("…", "")), text
        assert text[0].isupper() or not text[0].isalpha()
        for line in text.splitlines():
            assert not line or line[-1] in ".!?" or line.startswith("- **"), line


def test_they_are_told_in_different_voices(biographies: list[str], network: Session) -> None:
    names = {row.biography: row.name for row in network.execute(select(Member.biography, Member.name))}
    first = sum(bool(re.search(r"\b(I|we)\b", text)) for text in biographies)
    third = sum(names[text] in text for text in biographies)
    listed = sum("\n- **" in text for text in biographies)
    assert 0.3 < first / len(biographies) < 0.8
    assert 0.12 < third / len(biographies) < 0.35
    assert 0.03 < listed / len(biographies) < 0.15


def test_people_who_care_about_the_same_things_use_the_same_words(network: Session) -> None:
    words = vocabulary.load()
    about: dict[str, list[str]] = {}
    rows = network.execute(
        select(Member.id, Member.biography, MemberTheme.theme).join(MemberTheme).where(Member.biography != "")
    )
    for row in rows:
        about.setdefault(row.theme, []).append(row.biography.casefold())
    every = [text.casefold() for text in network.scalars(select(Member.biography)) if text]
    for theme in words.themes:
        keys = [key.casefold() for key in theme.keywords]

        def share(texts: list[str], keys: list[str] = keys) -> float:
            return sum(any(key in text for key in keys) for text in texts) / len(texts)

        assert share(about[theme.code]) > share(every), theme.code


def slots(phrase: Phrase) -> Iterator[Slot]:
    for part in phrase:
        if isinstance(part, Slot):
            yield part
        elif isinstance(part, Choice):
            for inner in part.phrases:
                yield from slots(inner)


def test_every_place_of_every_phrase_can_be_filled() -> None:
    common = set(common_bank("common")) | FACTS | VOICE
    shared = set.intersection(*(set(theme_bank(theme)) for theme in theme_codes()))
    banks = {f"theme-{theme}": theme_bank(theme) for theme in theme_codes()}
    banks |= {name: common_bank(name) for name in ("common", "notes", "crafts")}
    for name, bank in banks.items():
        for symbol, phrases in bank.items():
            for slot in (slot for phrase in phrases for slot in slots(phrase)):
                if slot.bank is None:
                    known = common | set(bank) | (NOTES if name == "notes" else set())
                else:
                    known = {"craft"} if slot.bank == "r" else shared
                    assert slot.bank in ("1", "2", "o", "s", "r"), (name, symbol)
                assert slot.symbol in known, (name, symbol, slot)


def test_every_theme_and_every_role_has_its_own_words() -> None:
    words = vocabulary.load()
    assert set(theme_codes()) == {theme.code for theme in words.themes}
    for role in words.roles:
        assert len(craft_bank(role.code)["craft"]) >= 3
    for manner in table("voices").values():
        for plan in (*manner["plans"], manner["more"]):
            assert set(plan) - {"list"} <= set(common_bank("common"))
