"""Pictures as a text writes them: `![what it shows](picture:key)`, in whatever way Markdown lets that be written.

A text may be 40,000 signs of anything: every sign is looked at once, whatever stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_NAMED = re.compile(r"picture:([a-z0-9]{1,16})(?![a-z0-9])")
_SIGN = re.compile(r"\\.|!\[|\[|\]", re.DOTALL)
_TITLE = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|\((?:\\.|[^()\\])*\)"
_BEHIND = re.compile(rf"\(\s*(<)?picture:([a-z0-9]{{1,16}})(?(1)>)(?:\s+(?:{_TITLE}))?\s*\)", re.DOTALL)
_DEFINED = re.compile(
    r"^ {0,3}\[[^\]\n]+\]:[ \t]*\n?[ \t]*<?picture:([a-z0-9]{1,16})(?![a-z0-9])[^\n]*\n?", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    words: str
    key: str


def keys(text: str) -> list[str]:
    """The keys of the pictures that a text names, shown or not: what it names is kept, and may be seen by its readers.

    Which of them a page shows, only the reader of the Markdown can tell (`haln.people.markdown`).
    """
    return _NAMED.findall(text)


def words_only(text: str) -> str:
    """A text with the words of its pictures in their place."""
    return _put(text, lambda found: found.words)


def without(text: str, key: str) -> str:
    """A text that no longer names one of its pictures."""
    text = _put(text, lambda found: "" if found.key == key else None)
    text = _DEFINED.sub(lambda found: "" if found[1] == key else found[0], text)
    text = _NAMED.sub(lambda found: "" if found[1] == key else found[0], text)  # written in yet another way
    return text.strip()


def _put(text: str, instead: Callable[[_Mark], str | None]) -> str:
    """The text with something else, or nothing, in place of the outermost pictures for which there is something."""
    kept: list[tuple[_Mark, str]] = []
    for mark in _marks(text):
        new = instead(mark)
        if new is None:
            continue
        while kept and kept[-1][0].start > mark.start:  # those within this one
            kept.pop()
        kept.append((mark, new))
    parts, end = [], 0
    for mark, new in kept:
        parts += [text[end : mark.start], new]
        end = mark.end
    return "".join([*parts, text[end:]])


def _marks(text: str) -> Iterator[_Mark]:
    """The pictures in the order of their ends: each closing bracket belongs to the last one that is open."""
    open_ones: list[tuple[int, int]] = []
    at = 0
    while found := _SIGN.search(text, at):
        at = found.end()
        if found[0].endswith("[") and not found[0].startswith("\\"):
            open_ones.append((found.start(), at))
        elif found[0] == "]" and open_ones:
            start, words = open_ones.pop()
            behind = _BEHIND.match(text, at) if text[start] == "!" else None
            if behind is not None:
                yield _Mark(start, behind.end(), text[words : found.start()], behind[2])
                at = behind.end()
