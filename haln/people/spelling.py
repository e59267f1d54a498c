"""The ways in which one name can be spelt: what is the same to a reader is the same to whatever looks for a name.

Compared are letters without their accents, with any capitals and any apostrophe; what nobody sees (a soft hyphen, a
space of no width) is passed over.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

APOSTROPHES = "'\u2019\u2018\u02bc\u201b\u2032\u00b4`\uff07"
MARKS = r"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
"""Within a pattern's brackets: marks that stand on the letter before them."""

_HYPHENS = "\u2010\u2011\u2012\u2013\u2212\uff0d"
_SAME = {**dict.fromkeys(APOSTROPHES, "'"), **dict.fromkeys(_HYPHENS, "-")}
_UNSEEN = (
    r"\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_IS_UNSEEN = re.compile(f"[{_UNSEEN}]")
_WITHIN = re.compile(rf"(?<=[\w{MARKS}])[{_UNSEEN}]+(?=\w)")


@dataclass(frozen=True, slots=True)
class _Spelt:
    """A text as it is compared. `places`: for each of its signs, where it stands in the text as it was written."""

    signs: str
    places: Sequence[int]


def composed(text: str) -> str:
    """The text with composed letters, and without signs of no width within words."""
    return unicodedata.normalize("NFC", _WITHIN.sub("", text))


def spelt(name: str) -> str:
    """A name as it is compared: on one line, with single spaces."""
    return " ".join(_spelt(name).signs.split())


def found(text: str, name: str, as_written: bool = False) -> list[tuple[int, int]]:
    """Where the name stands in the text as whole words, from start to end; `as_written`: with a capital only."""
    words, compared = spelt(name).split(), _spelt(text)
    if not words or words[0] not in compared.signs:
        return []
    pattern = r"\s+".join(re.escape(word) for word in words)
    spans = []
    for one in re.finditer(rf"(?<!\w){pattern}(?!\w)", compared.signs):
        start, end = compared.places[one.start()], compared.places[one.end() - 1] + 1
        while end < len(text) and not _sign(text[end]):
            end += 1
        if not (as_written and text[start].islower()):
            spans.append((start, end))
    return spans


@lru_cache(maxsize=8)  # one text is looked through for thousands of names
def _spelt(text: str) -> _Spelt:
    if text.isascii():
        return _Spelt(text.lower().replace("`", "'"), range(len(text)))
    signs, places = [], []
    for place, char in enumerate(text):
        sign = _sign(char)
        signs.append(sign)
        places += [place] * len(sign)
    return _Spelt("".join(signs), places)


@lru_cache(maxsize=4096)
def _sign(char: str) -> str:
    """What one sign is compared as; empty for accents and for what nobody sees."""
    if char in _SAME:
        return _SAME[char]
    if unicodedata.combining(char) or _IS_UNSEEN.match(char):
        return ""
    if not char.isalnum():
        return char
    return _bare(_bare(char).upper().casefold())


def _bare(letters: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(char))
