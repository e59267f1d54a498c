"""Words of pages."""

from __future__ import annotations

from flask import Flask

from haln.views import words
from tests.builders import NOW


def test_moments_are_told_in_the_networks_time_as_people_say_them(app: Flask) -> None:
    with app.test_request_context("/"):
        assert words.moment(NOW) == "Monday 15 June 2026, 10:30am"
        assert words.moment(NOW.replace(hour=13, minute=0), short=True) == "15 Jun 2026, 2:00pm"
