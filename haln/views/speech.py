"""The reader's language, looked up once a page.

The same calls as Flask-Babel's, which finds its catalogue anew for each of the hundred strings of a page.
"""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import get_translations


def _catalogue() -> Any:
    held = g.get("catalogue")
    if held is None:
        held = g.catalogue = get_translations()
    return held


def gettext(sentence: str, **values: object) -> str:
    """The sentence in the reader's language, places filled."""
    found = str(_catalogue().ugettext(sentence))
    return found % values if values else found


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The sentence for a number, which also fills `%(num)s`."""
    found = str(_catalogue().ungettext(one, many, num))
    return found % {"num": num, **values}


def template_gettext(sentence: str) -> str:
    """As templates ask: Jinja fills the places, marking up what it must."""
    return str(_catalogue().ugettext(sentence))


def template_ngettext(one: str, many: str, num: int) -> str:
    """As templates ask."""
    return str(_catalogue().ungettext(one, many, num))
