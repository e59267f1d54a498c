"""Figures in words: one is singular, and what is rounded is not stated as a fact."""

from __future__ import annotations

import pytest
from flask import Flask

from haln.measure.definitions import BY_KEY, MEASURES
from haln.views import figure_words


@pytest.mark.parametrize(
    ("key", "number", "told"),
    [
        ("members", 1735, "About 1,735 people are members."),
        ("members", 0, "0 people are members."),
        ("ties", 40, "Members hold about 40 connections with each other."),
        ("communities", 1, "Members form 1 community."),
        ("communities", 3, "Members form 3 communities."),
        ("degree_mean", 1.0, "A member has about 1.0 connection on average."),
        ("joins", 805, "In the last 365 days, people joined about 805 times."),
    ],
)
def test_what_is_published_says_about_so_many(app: Flask, key: str, number: float, told: str) -> None:
    with app.test_request_context():
        assert figure_words.published(BY_KEY[key], number) == told


def test_numbers_have_a_sentence_for_one() -> None:
    counted = {"members", "organisations", "ties", "steps", "communities"}
    assert {one.key for one in MEASURES if one.unit in counted} <= {one.key for one in MEASURES if one.reads_one}
    assert all("%(value)s" in one.reads_one for one in MEASURES if one.reads_one)
