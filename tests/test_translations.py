"""The interface in other languages than English."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from flask import Flask
from flask.testing import FlaskClient

from haln.views import letters, words
from haln.views.speech import gettext, ngettext, speaking, template_gettext
from tests.builders import Cast
from translating.__main__ import CATALOGUES, compiled, extracted, read, untranslated

PLACE = re.compile(r"%\(\w+\)[a-z]")
FILES = sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po"))

each_catalogue = pytest.mark.parametrize("path", FILES, ids=lambda path: path.parts[-3])


@pytest.fixture(scope="module")
def program() -> Catalog:
    return extracted()


def sources(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_there_is_a_welsh_catalogue() -> None:
    assert [path.parts[-3] for path in FILES] == ["cy"]


@each_catalogue
def test_the_compiled_catalogue_is_that_of_the_written_one(path: Path) -> None:
    assert path.with_suffix(".mo").read_bytes() == compiled(read(path)), "run: make translations"


@each_catalogue
def test_every_string_of_the_program_is_translated(path: Path, program: Catalog) -> None:
    catalogue = read(path)
    missing = [message.id for message in program if message.id and message.id not in catalogue]
    assert not missing, "run: make translations"
    assert list(untranslated(catalogue)) == []


@each_catalogue
def test_a_translation_has_the_places_of_its_sentence(path: Path) -> None:
    for message in read(path):
        if not message.id:
            continue
        many = sorted(PLACE.findall(sources(message)[-1]))
        *others, last = forms(message)
        assert sorted(PLACE.findall(last)) == many, message.id
        for form in others:  # of a number: "one other" needs no figure
            assert set(PLACE.findall(form)) <= set(many), message.id
        for form in forms(message):
            assert "%" not in PLACE.sub("", form) and form == form.strip(), message.id


@each_catalogue
def test_markup_in_a_translation_is_that_of_its_sentence(path: Path) -> None:
    for message in read(path):
        if message.id:
            tags = re.findall(r"<[^>]+>", sources(message)[0])
            assert all(re.findall(r"<[^>]+>", form) == tags for form in forms(message)), message.id


@pytest.mark.parametrize(
    "sentence",
    [
        "Sign in to the %(network)s.",  # of a template
        "Somebody you have not met yet.",  # of a view
        "You have not blocked this member.",  # of an error
        "Choose somebody else.",  # of a field of an error
        "Choose at least one time that you can make.",
        "Enter when it begins, like 14:00.",  # of a field that a view reads
        "Procurement",  # of a vocabulary
        "You buy goods and services, or set how they are bought.",
    ],
)
def test_strings_are_found_wherever_they_stand(sentence: str, program: Catalog) -> None:
    assert sentence in program


def test_a_plural_is_one_string_and_what_is_logged_is_none(program: Catalog) -> None:
    assert "%(num)s sessions are planned." not in program, "it is the plural of another"
    assert not [message.id for message in program if "%s" in sources(message)[0]]


def test_docstrings_are_nothing_to_translate(program: Catalog) -> None:
    assert not [message.id for message in program if "`" in sources(message)[0]]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "/",
            ["Dewch i gwrdd â’r bobl a all", "Chi sy’n penderfynu pwy sy’n gweld beth", "Mewngofnodi", "Preifatrwydd"],
        ),
        ("/sign-in", ["Rwyf wedi anghofio fy nghyfrinair", "Cyfeiriad e-bost", "Aros wedi mewngofnodi"]),
    ],
)
def test_a_page_asked_for_in_welsh_is_in_welsh(client: FlaskClient, path: str, said: list[str]) -> None:
    page = client.get(f"{path}?lang=cy").text
    assert '<html lang="cy">' in page
    for words_of_page in said:
        assert words_of_page in page
    assert "Sign in" not in page
    assert '<html lang="cy">' in client.get(path).text, "the choice is kept"


def test_the_toggle_keeps_the_page_and_its_query(client: FlaskClient) -> None:
    page = client.get("/sign-in?next=/directory&lang=cy").text
    assert 'href="/sign-in?next=%2Fdirectory&amp;lang=en"' in page
    page = client.get("/sign-in?next=/directory&lang=en").text
    assert 'href="/sign-in?next=%2Fdirectory&amp;lang=cy" lang="cy" hreflang="cy"' in page


def test_a_members_pages_are_in_welsh(signed_in: Callable[[int], FlaskClient], cast: Cast) -> None:
    browser = signed_in(cast.ada)
    for path, said in [
        ("/suggestions", "Pobl yr hoffech efallai siarad â nhw, a pham."),
        ("/introductions", "Pwy hoffai siarad â chi"),
        ("/people", "Enw, sefydliad neu faes gwaith"),
        ("/nowhere", "Nid oes dim yn y cyfeiriad hwn"),
    ]:
        page = browser.get(f"{path}?lang=cy").text
        assert '<html lang="cy">' in page
        assert said in page


def test_a_fault_in_a_field_is_told_in_welsh(client: FlaskClient) -> None:
    answer = client.post("/join?lang=cy", data={"email": "nobody"})
    assert "Rhowch gyfeiriad e-bost fel name@example.org." in answer.text


def test_dates_are_told_in_welsh(app: Flask) -> None:
    with app.test_request_context("/?lang=cy"):
        assert words.day(date(2026, 12, 3)) == "Dydd Iau 3 Rhagfyr 2026"


def test_words_of_vocabularies_are_told_in_welsh(app: Flask) -> None:
    with app.test_request_context("/?lang=cy"):
        assert words.label("role", "procurement") == "Caffael"
        assert words.maturity(4) == "Yn arwain"


def test_welsh_counts_in_six_forms(app: Flask) -> None:
    with app.test_request_context("/?lang=cy"):
        said = [ngettext("%(num)s person", "%(num)s people", number) for number in (0, 1, 2, 3, 6, 12)]
    assert said == ["0 o bobl", "1 person", "2 berson", "3 pherson", "6 o bobl", "12 o bobl"]


def test_nothing_is_nothing_in_every_language(app: Flask) -> None:
    with app.test_request_context("/?lang=cy"):
        assert gettext("") == template_gettext("") == ""


def test_each_letter_is_in_its_readers_language(app: Flask) -> None:
    values = {"forgotten_url": "https://example.org/", "url": "https://example.org/"}
    with app.app_context():
        subjects = [letters.render("password_changed", language, values).subject for language in ("en", "cy", "en")]
    assert subjects == ["Your password was changed", "Newidiwyd eich cyfrinair", "Your password was changed"]


def test_a_letter_does_not_change_the_language_of_the_page_that_words_it(app: Flask) -> None:
    with app.test_request_context("/?lang=cy"):
        assert gettext("Sign in") == "Mewngofnodi"
        with speaking("en"):
            assert gettext("Sign in") == "Sign in"
        assert gettext("Sign in") == "Mewngofnodi"
