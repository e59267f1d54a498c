"""Members → columns of numbers: codes for what is equal or not, and how lively and how new a member is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Bytes, Doubles, Floats, Longs
from haln.matching.people import Facts, Person
from haln.matching.ragged import Column, Ragged, gathered

ROLE, LEVEL, SECTOR, ORGANISATION, PLACE, REGION, CELL, SHOWN = range(8)
CODED = ("role", "level", "sector", "organisation", "place", "region", "cell")
_WORK, _PLACE = Facts.ORGANISATION, Facts.PLACE
SEEN_BY = (Facts.ROLE, Facts.ROLE, _WORK, _WORK, _PLACE, _PLACE, _WORK | _PLACE)
"""What a member must show for each of `CODED` to be seen."""

INTEREST, OFFER, SEEK = 1, 2, 4
LIVELY_DAYS = 30.0
NEW_DAYS = 60.0
UNSEEN_DAYS = 270.0


@dataclass(frozen=True)
class Codes:
    """The code book: `lists[name][code]` is the value, `ranks[name][value]` its code. Unknown is -1."""

    lists: Mapping[str, tuple[object, ...]]

    @cached_property
    def ranks(self) -> Mapping[str, Mapping[object, int]]:
        """The code of each value."""
        return {name: {value: code for code, value in enumerate(values)} for name, values in self.lists.items()}

    def extended(self, people: Sequence[Person], groups: Iterable[int]) -> "Codes":
        """Return a code book that also holds what these members and groups bring; old codes stay."""
        brought: dict[str, set[object]] = {name: set() for name in (*CODED, "theme")}
        for person in people:
            for name in brought:
                brought[name].update(_values(person, name))
        brought["group"] = set(groups)
        fresh = {}
        for name, values in brought.items():
            known = self.ranks.get(name, {})
            fresh[name] = sorted((one for one in values if one is not None and one not in known), key=_sortable)
        if self.lists and not any(fresh.values()):
            return self
        return Codes({name: (*self.lists.get(name, ()), *values) for name, values in fresh.items()})


def _sortable(value: object) -> tuple[bool, str, int]:
    return (isinstance(value, int), str(value), value if isinstance(value, int) else 0)


def _values(person: Person, name: str) -> Iterable[object]:
    if name == "theme":
        return [choice.theme for choice in person.themes]
    if name == "cell":
        return [cell_of(person)]
    return [getattr(person, name)]


def cell_of(person: Person) -> str | None:
    """Name the (sector, region) cell a member stands in; None while either is not known."""
    return None if person.sector is None or person.region is None else f"{person.sector}\t{person.region}"


def fact_rows(people: Sequence[Person], codes: Codes) -> NDArray[np.int32]:
    """Return one row of codes per member, in the order of `CODED`, and what they show."""
    facts = np.empty((len(people), len(CODED) + 1), np.int32)
    for row, person in enumerate(people):
        for column, name in enumerate(CODED):
            value = cell_of(person) if name == "cell" else getattr(person, name)
            facts[row, column] = codes.ranks[name].get(value, -1)
        facts[row, SHOWN] = int(person.shown)
    return facts


def lots(ids: Longs) -> Doubles:
    """Return a number in [0, 1) by chance for each member, of 32 bits: splitmix64 of their id, everywhere the same."""
    x = ids.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    drawn: Doubles = ((x ^ (x >> np.uint64(31))) >> np.uint64(32)).astype(np.float64) / 2.0**32
    return drawn


def vigour_rows(people: Sequence[Person], today: int) -> NDArray[np.float64]:
    """Return (lively, new) per member: 1 for today, falling with days without a sign of life, or since joining.

    Of whom nothing was ever seen, as much as after `UNSEEN_DAYS`: not known is not silent for years.
    """
    vigour = np.zeros((len(people), 2))
    for row, person in enumerate(people):
        quiet_days = UNSEEN_DAYS if person.quiet_days is None else max(0, person.quiet_days)
        vigour[row, 0] = LIVELY_DAYS / (LIVELY_DAYS + quiet_days)
        if person.joined_day is not None:
            vigour[row, 1] = max(0.0, 1.0 - max(0, today - person.joined_day) / NEW_DAYS)
    return vigour


def theme_rows(people: Sequence[Person], codes: Codes) -> Ragged:
    """Return each member's themes (code, flags, maturity) by name; one chosen twice counts once, with all flags."""
    # By name and not by code: codes depend on what came first, and sums depend on their order.
    names = codes.lists["theme"]
    rows: list[int] = []
    entries: list[tuple[int, int, int]] = []
    for row, person in enumerate(people):
        merged: dict[int, tuple[int, int]] = {}
        for choice in person.themes:
            flags = INTEREST * choice.interest | OFFER * choice.offer | SEEK * choice.seek
            code = codes.ranks["theme"][choice.theme]
            before = merged.get(code, (0, 0))
            merged[code] = (before[0] | flags, max(before[1], choice.maturity))
        entries += [(code, *merged[code]) for code in sorted(merged, key=lambda code: str(names[code]))]
        rows += [row] * len(merged)
    table = np.array(entries, np.int64).reshape(-1, 3)
    columns: tuple[Column, ...] = (
        table[:, 0].astype(np.int32),
        table[:, 1].astype(np.uint8),
        table[:, 2].astype(np.uint8),
    )
    return gathered(np.array(rows, np.int64), columns, len(people))


def theme_weights(themes: Ragged, count: int, members: int) -> Floats:
    """Weigh each theme by rarity: 1 for one that everybody picked, growing slowly."""
    picked = np.bincount(themes.columns[0], minlength=count)
    rarity: Floats = np.log((1.0 + members) / (1.0 + picked)).astype(np.float32)
    return np.float32(1.0) + np.float32(0.5) * rarity


def group_weights(members: Ragged, largest: int, groups: Sequence[object]) -> Floats:
    """Weigh each group by smallness; one of more than `largest` members, or of one, says nothing.

    A set of n weighs 3 / log2(1 + n)², which is 1 / 3 of seven. Any other (a number below 0) weighs 1 / (n − 1), for
    each of n met each other with so much of their time (Newman, Physical Review E 64, 016132, 2001): a large one next
    to nothing.
    """
    sizes = members.lengths()
    weights = (3.0 / np.log2(1.0 + np.maximum(sizes, 2)) ** 2).astype(np.float32)
    events = np.array([isinstance(group, int) and group < 0 for group in groups], bool)
    weights[events] = (1.0 / np.maximum(sizes[events] - 1, 1)).astype(np.float32)
    weights[(sizes > largest) | (sizes < 2)] = 0.0
    return np.asarray(weights, np.float32)


def open_rows(people: Sequence[Person]) -> Bytes:
    """Say for each member whether their connections are shown."""
    return np.array([bool(person.shown & Facts.CONNECTIONS) for person in people], np.uint8)


def suggestable_rows(people: Sequence[Person]) -> Bytes:
    """Say for each member whether they may be suggested."""
    return np.array([person.suggestable for person in people], np.uint8)


def member_ids(people: Sequence[Person]) -> Longs:
    """Return the members' ids."""
    return np.array([person.member for person in people], np.int64)
