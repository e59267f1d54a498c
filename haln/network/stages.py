"""Sums of amounts that people gave, published in stages, so that no difference of two sums tells of a few of them.

Amounts wait, in the order of their days, until they come from more than `threshold` different people; at the end of the
day on which they do, all that wait become one stage. The sum as of a day is that of the stages that are whole by then.
The difference of the sums of any two days is therefore a sum of whole stages: nothing, or amounts of more than
`threshold` people at once. Sums are told with two digits besides.

Not hidden: that one amount outweighs all others of its stage; what corrections of amounts make of files of different
days of making.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

Given = tuple[int, int, int]
"""The day, the number of the person, and the amount."""

_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Stage:
    """The sum of everything up to a day, where a stage ended."""

    day: int
    total: int


def stages(given: Iterable[Given], threshold: int) -> list[Stage]:
    """The stages of what was given, the earliest first. Days need no order; those of one day belong together."""
    found: list[Stage] = []
    total, waiting, people = 0, 0, set[int]()
    for day, some in groupby(sorted(given), key=lambda one: one[0]):
        for _, person, amount in some:
            waiting += amount
            people.add(person)
        if len(people) > threshold:
            total += waiting
            found.append(Stage(day, total))
            waiting, people = 0, set()
    return found


def total(found: Sequence[Stage], day: int) -> int:
    """The sum of the stages that were whole at the end of a day; 0 before the first."""
    place = bisect_right([one.day for one in found], day)
    return found[place - 1].total if place else 0


def about(amount: int) -> int:
    """The amount with two digits that are told, halves up."""
    if amount <= 0:
        return 0
    step = int(10 ** max(0, math.floor(math.log10(amount)) + 1 - _DIGITS))
    return (amount + step // 2) // step * step
