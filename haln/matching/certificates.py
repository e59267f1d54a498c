"""Quick proofs that rules cannot hold: each names what is in the way and who, in data and not in words.

A certificate is a proof that no plan places everybody; that there is none proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from haln.matching.blocks import Block, blocks
from haln.matching.musts import SEPARATING, Flags, Musts
from haln.matching.rules import Kind

_STARTS = 12  # from how many people a clique is looked for


class Finding(StrEnum):
    """What is in the way, and what `Certificate.members` and `Certificate.figures` hold. Rules are named by index.

    `sets`: asked for; `needed_sets`, `needed_number`: what would do, left out where nothing would.
    """

    TOO_FEW = "too_few"  # fewer people than one set needs: people, least
    MORE_SETS = "more_sets"  # not enough room in the sets: people, most, sets, needed_sets
    SIZES = "sizes"  # no number of sets fits: people, least, most, and fewer, more: the nearest numbers that would
    ORGANISATION = "organisation"  # members of one: organisation, people, number, sets, needed_sets, needed_number
    ALL_APART = "all_apart"  # members of whom no two can share a set: people, sets, needed_sets
    NO_SLOTS = "no_slots"  # members with too few slots: number
    NO_COMPANY = "no_company"  # members who cannot meet enough others: least (others), number (slots, 0: no matter)
    TIMES_SPLIT = "times_split"  # members who can make few slots only: people, sets, needed_sets
    SLOT_FULL = "slot_full"  # members who can make few slots only: people, room; `Certificate.slots`
    TOGETHER_LARGE = "together_large"  # members kept together: people, most
    TOGETHER_APART = "together_apart"  # a chain of members kept together whose ends must be apart
    TOGETHER_ORGANISATION = "together_organisation"  # members kept together: organisation, people, number
    TOGETHER_SLOTS = "together_slots"  # members kept together: shared (slots), number
    FACILITATORS = "facilitators"  # room for too few sets: room, needed_sets, sets
    FACILITATOR_TIME = "facilitator_time"  # too little of it when people can meet: room, needed_sets, sets
    NO_FACILITATOR = "no_facilitator"  # members who share no time with any facilitator: number
    ALONE = "alone"  # members who are the only one of their kind
    KIN_APART = "kin_apart"  # members who can sit with nobody of their kind


@dataclass(frozen=True, slots=True)
class Certificate:
    """One proof: what, which rules together, whom it is about (ids), and the figures that `Finding` names."""

    finding: Finding
    rules: tuple[int, ...]
    members: tuple[int, ...] = ()
    figures: Mapping[str, int] = field(default_factory=dict)
    slots: tuple[int, ...] = ()


def certificates(asked: Musts) -> tuple[Certificate, ...]:
    """Return all quick proofs that not everybody can be placed in at most `asked.sets` sets, the plainest first."""
    if not asked.people:
        return ()
    room = _Room(asked)
    if room.people < asked.least:
        return (Certificate(Finding.TOO_FEW, room.size, (), {"people": room.people, "least": asked.least}),)
    found = [*_sizes(room), *_organisations(room), *_together(room), *_alone(room), *_times(room), *_cliques(room)]
    return (*found, *_facilitators(room, found))


class _Room:
    """How many sets there can be."""

    def __init__(self, asked: Musts) -> None:
        self.asked = asked
        self.people = len(asked.people)
        self.size = asked.of(Kind.SIZE)
        self.possible = self.people // asked.least
        self.needed = -(-self.people // asked.most)
        self.sets = min(asked.sets, self.possible)

    def figures(self, needed: int) -> dict[str, int]:
        """Say how many sets are needed; none where there are not people enough for so many."""
        return {"sets": self.asked.sets} | ({"needed_sets": needed} if needed <= self.possible else {})

    def why(self, needed: int) -> tuple[int, ...]:
        """Return the rule of sizes where it, too, stands in the way of so many sets."""
        return self.size if needed <= self.asked.sets else ()


def _sizes(room: _Room) -> Iterator[Certificate]:
    least, most = room.asked.least, room.asked.most
    if room.needed > room.possible:
        figures = {"people": room.people, "least": least, "most": most}
        nearest = {"fewer": room.possible * most, "more": room.needed * least}
        yield Certificate(Finding.SIZES, room.size, (), figures | nearest)
    elif room.needed > room.asked.sets:
        figures = {"people": room.people, "most": most, "sets": room.asked.sets, "needed_sets": room.needed}
        yield Certificate(Finding.MORE_SETS, room.size, (), figures)


def _organisations(room: _Room) -> Iterator[Certificate]:
    asked = room.asked
    for index in asked.of(Kind.PER_ORGANISATION):
        number = asked.number(index)
        for organisation, rows in asked.organisations.items():
            needed = -(-len(rows) // number)
            if needed <= room.sets:
                continue
            figures = {"organisation": organisation, "people": len(rows), "number": number} | room.figures(needed)
            if room.sets:
                figures["needed_number"] = -(-len(rows) // room.sets)
            rules = (*room.why(needed), index)
            yield Certificate(Finding.ORGANISATION, tuple(sorted(rules)), asked.ids(rows), figures)


def _together(room: _Room) -> Iterator[Certificate]:
    """Blocks that cannot share a set, each for every reason."""
    asked = room.asked
    found = blocks(asked)
    block_of = {row: block for block in found for row in block.rows}
    for block in found:
        yield from _block(asked, block)
    for index in asked.of(*SEPARATING):
        for one, other in asked.pairs.get(index, ()):
            if one in block_of and block_of[one] is block_of.get(other):
                block = block_of[one]
                rules = tuple(sorted((*block.rules, index)))
                yield Certificate(Finding.TOGETHER_APART, rules, asked.ids(block.chain(one, other)))


def _block(asked: Musts, block: Block) -> Iterator[Certificate]:
    together = block.rules
    if len(block.rows) > asked.most:
        figures = {"people": len(block.rows), "most": asked.most}
        rules = tuple(sorted((*together, *asked.of(Kind.SIZE))))
        yield Certificate(Finding.TOGETHER_LARGE, rules, asked.ids(block.rows), figures)
    for index in asked.of(Kind.PER_ORGANISATION):
        for organisation, some in asked.organisations_of(block.rows).items():
            if len(some) > asked.number(index):
                figures = {"organisation": organisation, "people": len(some), "number": asked.number(index)}
                rules = tuple(sorted((*together, index)))
                yield Certificate(Finding.TOGETHER_ORGANISATION, rules, asked.ids(some), figures)
    shared = int(asked.free[list(block.rows)].all(axis=0).sum())
    if shared < asked.shared_slots:
        rules = tuple(sorted((*together, *_slot_rules(asked))))
        figures = {"shared": shared, "number": asked.shared_slots}
        yield Certificate(Finding.TOGETHER_SLOTS, rules, asked.ids(block.rows), figures)


def _slot_rules(asked: Musts) -> tuple[int, ...]:
    found = [index for index in asked.of(Kind.SLOTS) if asked.number(index) == asked.shared_slots]
    return tuple(found[:1]) if asked.shared_slots else ()


def _separating(asked: Musts) -> tuple[int, ...]:
    one_each = [index for index in asked.of(Kind.PER_ORGANISATION) if asked.number(index) == 1]
    return (*asked.of(*SEPARATING), *one_each, *_slot_rules(asked))


def _alone(room: _Room) -> Iterator[Certificate]:
    asked = room.asked
    for index in asked.of(Kind.NOT_ALONE):
        only: list[int] = []
        parted: list[int] = []
        for rows in asked.kinds(index).values():
            if len(rows) == 1:
                only.extend(rows)
                continue
            others = (~asked.conflicts[np.ix_(rows, rows)]).sum(axis=1) - 1
            parted.extend(row for row, company in zip(rows, others, strict=True) if company == 0)
        if only:
            yield Certificate(Finding.ALONE, (index,), asked.ids(sorted(only)))
        if parted:
            rules = tuple(sorted((index, *_separating(asked))))
            yield Certificate(Finding.KIN_APART, rules, asked.ids(sorted(parted)))


def _times(room: _Room) -> Iterator[Certificate]:
    asked = room.asked
    least, number = asked.least, asked.shared_slots
    without = ~_have_slots(asked)
    if without.any():
        figures = {"number": number}
        yield Certificate(Finding.NO_SLOTS, _slot_rules(asked), asked.ids(np.flatnonzero(without)), figures)
    figures = {"least": least - 1, "number": number}
    by_time = (asked.free & (asked.free.sum(axis=0) >= least)).sum(axis=1) < number
    lonely = ~without & ~_have_company(asked)
    for some, why in ((lonely & by_time, _slot_rules(asked)), (lonely & ~by_time, _lonely_making(asked))):
        if some.any():
            rules = tuple(sorted({*room.size, *why}))
            yield Certificate(Finding.NO_COMPANY, rules, asked.ids(np.flatnonzero(some)), figures)
    yield from _split(room)


def _lonely_making(asked: Musts) -> tuple[int, ...]:
    return (*_separating(asked), *asked.of(Kind.PER_ORGANISATION))


def _have_slots(asked: Musts) -> Flags:
    return np.asarray(asked.free.sum(axis=1) >= asked.shared_slots)


def _have_company(asked: Musts) -> Flags:
    """Return who could meet enough others in enough slots; each slot is looked at by itself."""
    could = ~asked.conflicts
    if not asked.shared_slots:
        return np.asarray(could.sum(axis=1) >= asked.least)
    others = could.astype(np.float32) @ asked.free.astype(np.float32)
    usable = asked.free & (others >= asked.least) & live_slots(asked)
    return np.asarray(usable.sum(axis=1) >= asked.shared_slots)


def live_slots(asked: Musts) -> Flags:
    """Return in which slots enough people for one set could meet, organisations counted up to what a set may hold."""
    free = asked.free.astype(np.int64)
    coming = free.sum(axis=0)
    number = asked.per_organisation
    if number is not None:
        for rows in asked.organisations.values():
            some = free[list(rows)].sum(axis=0)
            coming -= np.maximum(some - number, 0)
    return np.asarray(coming >= asked.least)


def _bound_groups(asked: Musts) -> Mapping[tuple[int, ...], tuple[int, ...]]:
    """Return rows by slots, for those who can make just as many as must be shared: they can meet only then."""
    groups: dict[tuple[int, ...], list[int]] = {}
    if asked.shared_slots:
        for row in np.flatnonzero(asked.free.sum(axis=1) == asked.shared_slots):
            groups.setdefault(tuple(int(slot) for slot in np.flatnonzero(asked.free[row])), []).append(int(row))
    return {slots: tuple(rows) for slots, rows in sorted(groups.items())}


def _sets_for(asked: Musts, rows: tuple[int, ...]) -> int:
    needed = -(-len(rows) // asked.most)
    if asked.per_organisation is not None:
        largest = max((len(some) for some in asked.organisations_of(rows).values()), default=0)
        needed = max(needed, -(-largest // asked.per_organisation))
    return needed


def _split(room: _Room) -> Iterator[Certificate]:
    asked = room.asked
    groups = _bound_groups(asked)
    needed = sum(_sets_for(asked, rows) for rows in groups.values())
    if len(groups) > 1 and needed > room.sets:
        rows = sorted(row for some in groups.values() for row in some)
        limits = asked.of(Kind.PER_ORGANISATION)
        rules = tuple(sorted({*room.size, *_slot_rules(asked), *limits}))
        figures = {"people": len(rows)} | room.figures(needed)
        yield Certificate(Finding.TIMES_SPLIT, rules, asked.ids(rows), figures)


def _cliques(room: _Room) -> Iterator[Certificate]:
    asked = room.asked
    rows = _clique(asked.conflicts, room.sets)
    organisations = {asked.people[row].organisation for row in rows}
    same = len(organisations) == 1 and None not in organisations and asked.per_organisation == 1
    if len(rows) > room.sets and not same:
        rules = tuple(sorted({*room.why(len(rows)), *_separating(asked)}))
        figures = {"people": len(rows)} | room.figures(len(rows))
        yield Certificate(Finding.ALL_APART, rules, asked.ids(rows), figures)


def _clique(conflicts: Flags, above: int) -> tuple[int, ...]:
    """Return rows of whom any two conflict, the most that are found greedily; none where not more than `above` can."""
    degrees = np.count_nonzero(conflicts, axis=1)
    order = np.argsort(-degrees, kind="stable")[: int((degrees >= above).sum())]
    if len(order) <= above:
        return ()
    ranked = conflicts[order][:, order]
    best: list[int] = []
    for start in range(min(_STARTS, len(order))):
        chosen, left = [start], ranked[start].copy()
        while left.any():
            chosen.append(int(left.argmax()))
            left &= ranked[chosen[-1]]
        best = max(best, chosen, key=len)
    return tuple(sorted(int(row) for row in order[best]))


def _facilitators(room: _Room, found: list[Certificate]) -> Iterator[Certificate]:
    asked = room.asked
    load = asked.of(Kind.FACILITATOR_LOAD)[:1]
    if not load:
        return
    wanted = [(room.needed, room.size)]
    wanted += [(one.figures["needed_sets"], one.rules) for one in found if "needed_sets" in one.figures]
    needed, why = max(wanted, key=lambda two: two[0])
    everyone = sum(max(one.capacity, 0) for one in asked.facilitators)
    figures = {"needed_sets": needed, "sets": asked.sets}
    if everyone < needed:
        rules = tuple(sorted({*why, *load}))
        yield Certificate(Finding.FACILITATORS, rules, (), {"room": everyone} | figures)
    if not asked.slots or not everyone:
        return
    can = np.array(
        [asked.can_lead(one) if one.capacity > 0 else np.zeros(asked.slots, np.bool_) for one in asked.facilitators]
    )
    number = max(1, asked.shared_slots)
    usable = (can & live_slots(asked)).sum(axis=1) >= number
    ready = _held(asked, usable)
    if everyone >= needed > ready:
        rules = tuple(sorted({*why, *room.size, *load, *_slot_rules(asked), *asked.of(Kind.PER_ORGANISATION)}))
        yield Certificate(Finding.FACILITATOR_TIME, rules, (), {"room": ready} | figures)
    yield from _unled(room, load, can, number)


def _held(asked: Musts, who: Flags) -> int:
    return sum(max(one.capacity, 0) for one, ready in zip(asked.facilitators, who.tolist(), strict=True) if ready)


def _unled(room: _Room, load: tuple[int, ...], can: Flags, number: int) -> Iterator[Certificate]:
    asked = room.asked
    shared = asked.free.astype(np.float32) @ can.T.astype(np.float32)
    unled = _have_slots(asked) & ~(shared >= number).any(axis=1)
    if unled.any():
        rules = tuple(sorted((*load, *_slot_rules(asked))))
        yield Certificate(Finding.NO_FACILITATOR, rules, asked.ids(np.flatnonzero(unled)), {"number": number})
    for slots, rows in _bound_groups(asked).items():
        held = _held(asked, np.asarray(can[:, list(slots)].all(axis=1)))
        if 0 < held < _sets_for(asked, rows):
            rules = tuple(sorted({*room.size, *load, *_slot_rules(asked), *asked.of(Kind.PER_ORGANISATION)}))
            figures = {"people": len(rows), "room": held}
            yield Certificate(Finding.SLOT_FULL, rules, asked.ids(rows), figures, slots)
