"""Who has which value of which facet, kept in memory as sets of bits.

The bit of a member is their place in the list by name, so the lowest bits of a set are its first page. A set of 100,000
members is a whole number of 12.5 kB: two are intersected in microseconds and their members counted in a few more.
A snapshot never changes; the next one is made from it and from those who changed since.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

Value = tuple[str, str]
"""A facet and a code in it: ("role", "procurement")."""

Key = tuple[str, int]
"""What the list is ordered by: the sort name, then the member's id."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One member as the directory holds them: only what all members may know."""

    member_id: int
    sort_name: str
    values: frozenset[Value]
    paused_until: date | None = None

    @property
    def key(self) -> Key:
        """Their place in the order."""
        return (self.sort_name, self.member_id)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The members who are there as of one change number.

    `keys[slot]` is who has the bit `slot`; a slot whose member is gone or renamed stays, and is in no set.
    """

    number: int
    keys: list[Key]
    slots: dict[int, int]
    sets: dict[Value, int]
    everyone: int
    paused: dict[date, int]

    def there(self, today: date) -> int:
        """The set of those who are listed and not taking a break today."""
        found = self.everyone
        for until, away in self.paused.items():
            if until > today:
                found &= ~away
        return found

    def set_of(self, member_ids: Iterable[int]) -> int:
        """The set of these members; those who are not there are left out."""
        bits = bytearray(len(self.keys) // 8 + 1)
        for member_id in member_ids:
            slot = self.slots.get(member_id)
            if slot is not None:
                bits[slot >> 3] |= 1 << (slot & 7)
        return int.from_bytes(bits, "little")

    def first(self, found: int, count: int, after: int | None = None) -> list[int]:
        """The ids of the first members of a set in the order of names, behind the slot `after`."""
        if after is not None:
            found = found >> (after + 1) << (after + 1)
        ids: list[int] = []
        while found and len(ids) < count:
            lowest = found & -found
            ids.append(self.keys[lowest.bit_length() - 1][1])
            found ^= lowest
        return ids

    def among(self, found: int, member_ids: Iterable[int]) -> list[int]:
        """Those of the given members who are in the set, in the order given."""
        bits = found.to_bytes(len(self.keys) // 8 + 1, "little")
        slots = ((member_id, self.slots.get(member_id)) for member_id in member_ids)
        return [one for one, slot in slots if slot is not None and bits[slot >> 3] >> (slot & 7) & 1]


def built(number: int, members: Iterable[Listed]) -> Snapshot:
    """Make a snapshot of these members."""
    ordered = sorted(members, key=lambda one: one.key)
    size = len(ordered) // 8 + 1
    sets: dict[Value, bytearray] = {}
    paused: dict[date, bytearray] = {}
    for slot, one in enumerate(ordered):
        byte, bit = slot >> 3, 1 << (slot & 7)
        for value in one.values:
            held = sets.get(value)
            if held is None:
                held = sets[value] = bytearray(size)
            held[byte] |= bit
        if one.paused_until is not None:
            paused.setdefault(one.paused_until, bytearray(size))[byte] |= bit
    keys = [one.key for one in ordered]
    return Snapshot(
        number,
        keys,
        {key[1]: slot for slot, key in enumerate(keys)},
        {value: int.from_bytes(bits, "little") for value, bits in sets.items()},
        (1 << len(keys)) - 1,
        {until: int.from_bytes(bits, "little") for until, bits in paused.items()},
    )


def changed(old: Snapshot, number: int, members: Mapping[int, Listed | None]) -> tuple[Snapshot, list[int]]:
    """The snapshot with some members as they are now; none: no longer there.

    Also the slots that were put in, in order: sets that others keep must open the same gaps (`with_gaps`).
    """
    arriving = sorted(
        one.key for one in members.values() if one is not None and _slot(old, one.member_id, one.key) is None
    )
    gaps = _gaps(old.keys, arriving)
    keys = _merged(old.keys, arriving, gaps)
    slots = old.slots
    if gaps:
        slots = {key[1]: slot for slot, key in enumerate(keys)}
    elif any(one is None for one in members.values()):
        slots = dict(old.slots)
    for key in arriving:  # a member who was renamed has an old place too: the new one counts
        slots[key[1]] = bisect_left(keys, key)
    gone = 0
    for member_id in members:
        if member_id in old.slots:
            gone |= 1 << old.slots[member_id]
    keep = ~with_gaps(gone, gaps)
    sets = {value: with_gaps(found, gaps) & keep for value, found in old.sets.items()}
    paused = {until: with_gaps(found, gaps) & keep for until, found in old.paused.items()}
    everyone = with_gaps(old.everyone, gaps) & keep
    for member_id, one in members.items():
        if one is None:
            slots.pop(member_id, None)
            continue
        bit = 1 << slots[member_id]
        everyone |= bit
        for value in one.values:
            sets[value] = sets.get(value, 0) | bit
        if one.paused_until is not None:
            paused[one.paused_until] = paused.get(one.paused_until, 0) | bit
    sets = {value: found for value, found in sets.items() if found}
    paused = {until: found for until, found in paused.items() if found}
    return Snapshot(number, keys, slots, sets, everyone, paused), gaps


def with_gaps(found: int, gaps: Iterable[int]) -> int:
    """The set with an empty bit put in at each slot, lowest first."""
    for slot in gaps:
        found = (found >> slot << (slot + 1)) | (found & ((1 << slot) - 1))
    return found


def _slot(snapshot: Snapshot, member_id: int, key: Key) -> int | None:
    """The member's slot when it is still the one for this key."""
    slot = snapshot.slots.get(member_id)
    return slot if slot is not None and snapshot.keys[slot] == key else None


def _gaps(keys: list[Key], arriving: list[Key]) -> list[int]:
    return [bisect_left(keys, key) + before for before, key in enumerate(arriving)]


def _merged(keys: list[Key], arriving: list[Key], gaps: list[int]) -> list[Key]:
    if not arriving:
        return keys
    merged = list(keys)
    for slot, key in zip(gaps, arriving, strict=True):
        merged.insert(slot, key)
    return merged
