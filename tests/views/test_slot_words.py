"""Times to choose from as words."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from haln.learn.slots import Slot
from haln.views import slot_words


@pytest.mark.parametrize(("day", "words"), [(date(2026, 10, 5), "Mon 5 Oct"), (date(2027, 1, 11), "Mon 11 Jan 2027")])
def test_a_day_of_another_year_is_told_with_its_year(app: Flask, day: date, words: str) -> None:
    slot = Slot(1, 0, day, "morning", None)
    with app.test_request_context():
        assert slot_words.short_words(slot) == f"{words}, morning"
        assert slot_words.table([slot]).rows[0][0] == words
