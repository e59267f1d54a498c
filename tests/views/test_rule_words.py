"""Rules as sentences."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from haln.matching.rules import CHOICES, HARD, NUMBERED, Kind, Rule, Strength
from haln.views import rule_words


@pytest.fixture(autouse=True)
def reading(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def every_rule() -> Iterator[Rule]:
    """Each kind, with its least and largest number and whatever it may be about."""
    for kind in Kind:
        strength = Strength.MUST if kind in HARD else Strength.STRONGLY
        for number in sorted(set(NUMBERED.get(kind, (None,)))) if kind in NUMBERED else (None,):
            for of in CHOICES.get(kind, (None,)):
                yield Rule(kind, strength, number, number if kind is Kind.SIZE else None, of)


def test_every_rule_has_a_sentence_and_a_name_of_its_own() -> None:
    rules = list(every_rule())
    sentences = [rule_words.sentence(rule) for rule in rules]
    assert len(set(sentences)) == len(sentences)
    assert all(said and not said.endswith(".") for said in sentences)
    kinds = {(rule.kind, rule.of) for rule in rules}
    assert len({rule_words.name(kind, of) for kind, of in kinds}) == len(kinds)
    assert all(rule_words.name(kind) for kind in Kind)


def test_figures_are_said_as_people_say_them() -> None:
    must = Strength.MUST
    assert rule_words.sentence(Rule(Kind.SIZE, must, 6, 8)) == "Sets of 6 to 8 people"
    assert rule_words.sentence(Rule(Kind.SIZE, must, 6, 6)) == "Sets of 6 people"
    one = Rule(Kind.PER_ORGANISATION, must, 1)
    assert rule_words.sentence(one) == "At most one person from each organisation"
    two = Rule(Kind.SLOTS, must, 2)
    assert rule_words.sentence(two) == "Everyone in a set can make at least 2 of the same times"


def test_strengths_are_words() -> None:
    assert [rule_words.strength(code) for code in Strength] == ["must", "strongly", "if possible"]
