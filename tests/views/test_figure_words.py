"""Figures in words: one is singular, and what is rounded is not stated as a fact."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from haln.measure.definitions import BY_KEY, MEASURES
from haln.measure.figures import Figure
from haln.views import figure_words
from haln.views.speech import speaking


@pytest.mark.parametrize(
    ("key", "number", "told"),
    [
        ("members", 1735, "About 1,735 people are members."),
        ("members", 0, "0 people are members."),
        ("ties", 40, "Members hold about 40 connections with each other."),
        ("communities", 1, "Members form 1 community."),
        ("communities", 3, "Members form 3 communities."),
        ("degree_mean", 1.0, "A member has about 1.0 connection on average."),
        ("sector_ei_chance", -0.375, "By chance alone, the E-I index of sectors would be about −0.375."),
        ("joins", 805, "In the last 365 days, people joined about 805 times."),
    ],
)
def test_what_is_published_says_about_so_many(app: Flask, key: str, number: float, told: str) -> None:
    with app.test_request_context():
        assert figure_words.published(BY_KEY[key], number) == told


@pytest.mark.parametrize("language", ["en", "cy"])
def test_nothing_is_about_about_so_many(app: Flask, language: str) -> None:
    with app.test_request_context(), speaking(language):
        told = [figure_words.published(measure, 0.375).lower() for measure in MEASURES]
        assert not [one for one in told if "about about" in one or "tua tua" in one]


def test_less_than_nothing_has_a_minus_and_no_hyphen(app: Flask) -> None:
    with app.test_request_context():
        for measure in MEASURES:
            for number in (-0.043, -0.004, -3.0):
                assert figure_words.value(measure, number).startswith("−") or measure.unit == "share"


def figure(value: float | None, year: int) -> Figure:
    return Figure("distance_mean", date(year, 5, 31), value)


def test_what_is_not_defined_says_so_and_why_and_differs_from_nothing(app: Flask) -> None:
    measure = BY_KEY["distance_mean"]
    with app.test_request_context():
        assert figure_words.value(measure, None) == "not defined"
        assert figure_words.sentence(figure(None, 2026)) == "It is not defined where nobody can reach anybody."
        assert figure_words.change(measure, figure(3, 2025), figure(None, 2026)) == ""
        assert figure_words.change(measure, figure(None, 2025), figure(3, 2026)) == "not defined on 31 May 2025"
        assert figure_words.change(measure, figure(2, 2025), figure(3, 2026)) == "+1 since 31 May 2025"


def test_numbers_have_a_sentence_for_one() -> None:
    counted = {"members", "organisations", "ties", "steps", "communities"}
    assert {one.key for one in MEASURES if one.unit in counted} <= {one.key for one in MEASURES if one.reads_one}
    assert all("%(value)s" in one.reads_one for one in MEASURES if one.reads_one)


def test_the_longest_way_of_a_large_part_is_no_more_than_the_least_it_can_be(app: Flask) -> None:
    with app.test_request_context():
        said = figure_words.sentence(Figure("diameter", date(2026, 5, 31), 14.0))
    assert "at least 14 where it has more than 5,000 members" in said
    assert "the least that can be" in BY_KEY["diameter"].means
