"""Which of the words that two share tell something: no general ones, and none of somebody's names."""

from __future__ import annotations

import pytest

from haln.connect.telling import telling


@pytest.mark.parametrize(
    ("terms", "names", "left"),
    [
        (("food", "works", "year", "allotments"), "", ["food", "allotments"]),
        (("alder", "hey", "policy", "liverpool"), "Alder Hey Children's NHS Foundation Trust Liverpool", ["policy"]),
        (("wales", "hywel"), "", ["hywel"]),
        (("ymarfer", "gofal"), "Prifysgol Caerdydd", ["ymarfer", "gofal"]),
        ((), "Leeds City Council", []),
    ],
)
def test_general_words_and_those_of_names_are_left_out(terms: tuple[str, ...], names: str, left: list[str]) -> None:
    assert telling(terms, names) == left
