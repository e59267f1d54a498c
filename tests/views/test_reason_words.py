"""Reasons as sentences."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from haln.connect.shown_reasons import Named, ShownReason
from haln.matching.reasons import KINDS
from haln.views.reason_words import kind_words, listed, reason_words

NORTH, WALES = "E12000001", "W92000004"


def sentence(app: Flask, kind: str, *people: str, **evidence: Any) -> str:
    with app.test_request_context():
        named = tuple(Named(name, name) for name in people)
        return reason_words([ShownReason(kind, evidence, named)], 3)[0].sentence


EVIDENCE: dict[str, dict[str, Any]] = {
    "they_offer_you_seek": {"themes": ["food", "housing", "environment"]},
    "you_offer_they_seek": {"themes": ["food"]},
    "shared_theme": {"themes": ["food"]},
    "step_ahead": {"themes": ["food"], "theirs": [3]},
    "same_place_other_sector": {"place": "Leeds", "sector": "housing"},
    "same_role_other_organisation": {"role": "procurement"},
    "first_link": {"sectors": ["nhs", "housing"], "regions": [NORTH, WALES]},
    "similar_text": {"terms": ["allotments", "kitchens"]},
    "shared_group": {"names": ["Spring set"]},
    "active_nearby": {"region": WALES},
    "same_place": {"place": "Leeds"},
    "same_region": {"region": WALES},
    "same_sector": {"sector": "nhs-acute"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_reason_has_a_sentence_of_its_own(app: Flask, kind: str) -> None:
    told = sentence(app, kind, "Ada", **EVIDENCE.get(kind, {}))
    assert told.endswith(".")
    assert "not met yet" not in told
    assert "None" not in told
    with app.test_request_context():
        assert "_" not in kind_words(kind)


@pytest.mark.parametrize(
    ("people", "told"),
    [
        (["Ada"], "You both know Ada."),
        (["Ada", "Ben"], "You both know Ada and Ben."),
        (["Ada", "Ben", "Cai"], "You both know Ada, Ben and one other."),
        (["Ada", "Ben", "Cai", "Dee"], "You both know Ada, Ben and 2 others."),
    ],
)
def test_people_both_know_are_named_two_at_most(app: Flask, people: list[str], told: str) -> None:
    assert sentence(app, "mutual_connections", *people) == told


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("shared_event", "You were both at “Homes for all” and “What now?”."),
        ("shared_group", "You have both been in Homes for all and What now?."),
    ],
)
def test_what_two_share_is_named_one_by_one(app: Flask, kind: str, told: str) -> None:
    assert sentence(app, kind, names=["Homes for all", "What now?", "And a third"]) == told


def test_a_first_link_names_only_what_differs(app: Flask) -> None:
    same_sector = sentence(app, "first_link", sectors=["nhs", "nhs"], regions=[NORTH, WALES])
    same_region = sentence(app, "first_link", sectors=["nhs", "housing"], regions=[WALES, WALES])
    assert same_sector == "You would be the first link in NHS between North East and Wales."
    assert same_region.endswith("in Wales.")
    assert same_region.count("Wales") == 1


def test_the_same_sector_is_told_by_its_name_not_by_its_kind(app: Flask) -> None:
    assert sentence(app, "same_sector", sector="nhs-acute") == "In the same sector as you: NHS."


def test_names_that_hold_an_and_are_kept_apart(app: Flask) -> None:
    with app.test_request_context():
        assert listed(["A", "B", "C"]) == "A, B and C"
        assert listed(["food and growing", "housing"]) == "food and growing, and housing"


def test_without_a_reason_that_may_be_told_there_is_still_a_sentence(app: Flask) -> None:
    with app.test_request_context():
        assert reason_words([], 3)[0].sentence == "Somebody you have not met yet."
        assert reason_words([ShownReason("of a later version", {})], 3)[0].icon
