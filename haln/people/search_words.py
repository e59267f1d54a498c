"""Words as the search compares them: without case, accents and plural endings, the same for text and question.

Folded here and not in the database, so that SQLite and PostgreSQL find the same people.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

LONGEST_QUESTION = 200
MOST_WORDS = 8
_LONGEST_WORD = 40
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody typed: words that must all occur, the last one perhaps only begun."""

    words: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.words)

    def fits(self, found: Collection[str]) -> bool:
        """Whether a text with these words answers the question."""
        last = self.words[-1]
        return all(word in found for word in self.words[:-1]) and any(word.startswith(last) for word in found)


def question(text: str) -> Question:
    """Read what was typed; anything may be typed."""
    words = [_stem(word) for word in _split(text[:LONGEST_QUESTION])][:MOST_WORDS]
    return Question((*dict.fromkeys(words[:-1]), *words[-1:]))


def folded(text: str) -> str:
    """A text as it is kept for searching."""
    return " ".join([_kept(word) for word in _split(text)])


def _split(text: str) -> list[str]:
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.replace("’", "'"))
        text = "".join([char for char in decomposed if not unicodedata.combining(char)])
    return _WORD.findall(text.casefold().replace("'s", ""))


@lru_cache(maxsize=50_000)
def _kept(word: str) -> str:
    """The stem; and the word beside it where whoever types it letter by letter would miss the stem (Davies, davy)."""
    stem = _stem(word)
    return stem if word.startswith(stem) else f"{stem} {word[:_LONGEST_WORD]}"


def _stem(word: str) -> str:
    """Take a plural ending off, so that homes finds home; short words and those in -ss, -us, -is keep theirs."""
    word = word[:_LONGEST_WORD]
    if len(word) < 4 or word[-1] != "s" or word[-2] in "sui":
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1]
