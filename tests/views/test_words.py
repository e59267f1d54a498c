"""Words of pages."""

from __future__ import annotations

from flask import Flask

from haln.views import words
from haln.views.speech import speaking
from tests.builders import NOW


def test_moments_are_told_in_the_networks_time_as_people_say_them(app: Flask) -> None:
    with app.test_request_context("/"):
        assert words.moment(NOW) == "Monday 15 June 2026, 10:30am"
        assert words.moment(NOW.replace(hour=13, minute=0), short=True) == "15 Jun 2026, 2:00pm"


def test_labels_are_in_the_language_that_is_spoken_whatever_was_spoken_before(app: Flask) -> None:
    """A worker words letters in one language after the other, and never begins a new page."""
    said: dict[str, set[str]] = {"en": set(), "cy": set()}
    with app.test_request_context():
        for language in ("cy", "en", "cy", "en"):
            with speaking(language):
                said[language].add(words.label("theme", "food"))
        said["en"].add(words.label("theme", "food"))
    assert said["en"] == {"Food"} and len(said["cy"]) == 1 and said["cy"] != said["en"]


def test_nations_and_regions_are_told_in_the_language_that_is_spoken_and_other_places_as_they_are(app: Flask) -> None:
    names = ("Wales", "Northern Ireland", "North West", "Leeds", "City of London", None)
    with app.test_request_context(), speaking("cy"):
        said = [words.place(name) for name in names]
    assert said == ["Cymru", "Gogledd Iwerddon", "Gogledd-orllewin Lloegr", "Leeds", "City of London", ""]
    with app.test_request_context(), speaking("en"):
        assert [words.place(name) for name in names] == [name or "" for name in names]
