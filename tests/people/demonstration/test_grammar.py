"""The grammar fills every place, in the voice it is given."""

from __future__ import annotations

from random import Random

import pytest

from haln.people.demonstration.grammar import Number, Slot, Speech, Verb, Voice, bank, in_words, read

BANKS = {
    "common": bank(
        {
            "intro": ["{I} <lead> {craft} in {town}; {I} <carry> {my} own bag."],
            "craft": ["the buying"],
            "an": ["a apple, a orange, a university and a [old] one-off"],
            "ends": ["small business", "small business"],
            "plural": ["two {ends}s. then done"],
            "twice": ["{thing} and {thing}"],
            "thing": ["one", "other"],
            "pair": ["{place} and {place}"],
            "lost": ["{nowhere}"],
        }
    )
}


def speech(person: str, seed: int = 1) -> Speech:
    facts = {"town": ("Leeds",), "kind": ("trust",), "place": ("here", "there")}
    return Speech(Random(seed), Voice(person, "Amina", "Amina Osei"), facts, BANKS)


def test_a_phrase_is_read_into_its_parts() -> None:
    assert read("{a} {b.c} {3..9} <lead>")[::2] == (Slot(None, "a"), Slot("b", "c"), Number(3, 9), Verb("lead"))


def test_the_first_person_says_i() -> None:
    assert speech("first").sentence("common", "intro") == "I lead the buying in Leeds; I carry my own bag."


def test_the_third_person_begins_with_the_name_and_verbs_agree() -> None:
    said = {speech("third", seed).sentence("common", "intro") for seed in range(40)}
    assert said == {
        "Amina Osei leads the buying in Leeds; they carry their own bag.",
        "Amina Osei leads the buying in Leeds; Amina carries their own bag.",
    }


def test_the_brief_voice_leaves_the_subject_out() -> None:
    assert speech("brief").sentence("common", "intro") == "Leads the buying in Leeds; carries my own bag."


@pytest.mark.parametrize(
    ("plain", "after_one", "after_they"),
    [
        ("am", "is", "are"),
        ("have", "has", "have"),
        ("try", "tries", "try"),
        ("say", "says", "say"),
        ("do", "does", "do"),
    ],
)
def test_verbs_follow_their_subject(plain: str, after_one: str, after_they: str) -> None:
    assert Voice("third", agrees_with="one").verb(plain) == after_one
    assert Voice("third", agrees_with="they").verb(plain) == after_they


def test_articles_plurals_and_capitals_are_put_right() -> None:
    assert speech("first").sentence("common", "an") == "An apple, an orange, a university and an old one-off"
    assert speech("first").sentence("common", "plural") == "Two small businesses. Then done"


def test_nothing_is_said_twice_while_there_is_another_thing_to_say() -> None:
    texts = [speech("first", seed).sentence("common", "twice").lower().split(" and ") for seed in range(200)]
    assert sum(one == other for one, other in texts) < 30
    same = sum(
        speech("first", seed).sentence("common", "pair").lower() in ("here and here", "there and there")
        for seed in range(200)
    )
    assert same < 30


def test_a_place_that_nothing_fills_is_an_error() -> None:
    with pytest.raises(KeyError):
        speech("first").sentence("common", "lost")


@pytest.mark.parametrize(
    ("number", "said"), [(3, "three"), (12, "twelve"), (13, "13"), (4500, "4,500"), (2019, "2019")]
)
def test_numbers_are_written_as_in_prose(number: int, said: str) -> None:
    assert in_words(number) == said
