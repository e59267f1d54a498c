"""People's names: tidied, and ordered by family name in lists."""

from __future__ import annotations

import unicodedata


def tidy(text: str) -> str:
    """One line without control characters, single spaces, composed letters."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(char if char.isprintable() else " " for char in composed).split())


def sort_name(name: str) -> str:
    """Family name first, casefolded: how lists are ordered."""
    words = name.split()
    return " ".join([*words[-1:], *words[:-1]]).casefold()[:160]
