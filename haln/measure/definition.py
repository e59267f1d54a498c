"""What a figure's definition says: its name, unit and version, how it is worked out and read, and where it is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["members", "organisations", "ties", "share", "number", "index", "days", "steps", "communities"]


def said(sentence: str) -> str:
    """Mark a sentence to be translated."""
    return sentence


_OF_PEOPLE = frozenset({"members", "organisations", "joins", "leavers"})


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure's definition. `reads` says a value aloud as %(value)s; `counts`: it is a number of people.

    `reads_one` says 1 aloud, where that is another sentence. What is not `published` is on the pages of staff and in
    exact files alone. `undefined` says when there is no such number; empty: there always is.
    """

    key: str
    version: int
    unit: Unit
    title: str
    means: str
    formula: str
    source: str
    reads: str
    counts: bool = False
    published: bool = True
    reads_one: str = ""
    undefined: str = ""

    @property
    def of_ties(self) -> bool:
        """Whether the figure rests on connections, and so would tell of them where their number is hidden."""
        return self.key not in _OF_PEOPLE
