"""The reader's language, looked up once a page.

The same calls as Flask-Babel's, which finds its catalogue anew for each of the hundred strings of a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import g
from flask_babel import force_locale, get_translations

OF_THE_LANGUAGE = ("catalogue", "labels")
"""What is kept for a page's, or a worker's, language: set aside while another one is spoken."""


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Another language than the reader's, while a letter is worded."""
    before = {name: g.pop(name, None) for name in OF_THE_LANGUAGE}
    try:
        with force_locale(language):
            yield
    finally:
        for name, kept in before.items():
            setattr(g, name, kept)


def _catalogue() -> Any:
    held = g.get("catalogue")
    if held is None:
        held = g.catalogue = get_translations()
    return held


def _found(sentence: str) -> str:
    # A catalogue keeps its own header under the empty sentence.
    return str(_catalogue().ugettext(sentence)) if sentence else ""


def gettext(sentence: str, **values: object) -> str:
    """The sentence in the reader's language, places filled."""
    found = _found(sentence)
    return found % values if values else found


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The sentence for a number, which also fills `%(num)s`."""
    found = str(_catalogue().ungettext(one, many, num))
    return found % {"num": num, **values}


def template_gettext(sentence: str) -> str:
    """As templates ask: Jinja fills the places, marking up what it must."""
    return _found(sentence)


def template_ngettext(one: str, many: str, num: int) -> str:
    """As templates ask."""
    return str(_catalogue().ungettext(one, many, num))
