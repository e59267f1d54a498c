"""Coffee rounds: everybody who wants to meet somebody is paired with one other, all at once.

What makes a pairing good, the first that differs decides:

1. as many people as possible are put together, in twos, and in threes only where that takes one more in;
2. as few pairs as possible were put together before, and of those who were, the longest ago first;
3. as few pairs as possible are connected already;
4. the pairs together suit each other as well as can be: themes in common, what one offers and the other seeks, what
   suggestions say, sectors that differ as far as the round prefers it, and what each has asked for.

Each is worth more than all that come after it can add up to, so that one weight a pair says all of it. Three who meet
are three pairs. With an even number of people all of whom find somebody, that is exact. Where somebody is over, it is
exact for up to `FEW` people, of whom all groups are tried; of more, the pairs without them are the best, and they join
the pair that takes them best or take the place of one who joins another (`trios`): several places changed at once might
be better. Facts that somebody does not show to members bring nobody together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haln.matching import trios
from haln.matching.pairing import LARGEST, Table, best_pairs
from haln.matching.people import Facts, Person
from haln.matching.small_groups import FEW, groups_of

MOST = 5_500
"""So many people at most in one round: of more, one weight cannot say all."""

PairOf = tuple[int, int]
"""Two members, the lower id first."""


class Across(StrEnum):
    """How much a round prefers pairs of two sectors."""

    NONE = "none"
    SOME = "some"
    STRONG = "strong"


class Wish(StrEnum):
    """What somebody asks for."""

    NONE = ""
    SECTOR = "sector"  # somebody of another sector
    PLACE = "place"  # somebody of my place


@dataclass(frozen=True, slots=True)
class Memory:
    """What stands between two members; everything counts for pairs, the lower id first.

    `met`: how many rounds ago they were last put together, 1 the last one. `tied`: connected. `never`: may not meet.
    `liked`: how much suggestions speak for them, 0 to 1.
    """

    met: Mapping[PairOf, int]
    tied: Collection[PairOf]
    never: Collection[PairOf]
    liked: Mapping[PairOf, float]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a round prefers; `colleagues`: whether two of one organisation may meet."""

    across: Across = Across.SOME
    colleagues: bool = True
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Pairing:
    """`groups` of two, and of three where somebody was over; `left`: those whom no group could take. By ids."""

    groups: tuple[tuple[int, ...], ...]
    left: tuple[int, ...]
    new: int
    across: int
    again: int

    @property
    def pairs(self) -> list[PairOf]:
        """Every two who meet: three of a trio."""
        return [two for group in self.groups for two in pairs_of(group)]


NOTHING = Memory({}, frozenset(), frozenset(), {})
_ACROSS = {Across.NONE: 0.0, Across.SOME: 0.25, Across.STRONG: 1.0}
_LIKED, _WISH, _REGION, _COLLEAGUE = 0.5, 0.5, 0.2, -0.3
_LEAST, _SPAN = -0.5, 5.0
_STEPS, _CHANCE = 112, 16
_LONGEST = 31
_SUIT = _STEPS + _CHANCE


def pairs_of(group: Sequence[int]) -> list[PairOf]:
    """The pairs in a group."""
    ordered = sorted(group)
    return [(one, other) for at, one in enumerate(ordered) for other in ordered[at + 1 :]]


def pair_up(
    people: Sequence[Person], wishes: Mapping[int, Wish], memory: Memory = NOTHING, choice: Choice = Choice()
) -> Pairing:
    """Pair everybody. The order of people does not matter; the seed decides between equals.

    Raises ValueError for more than `MOST` people, or one who comes twice.
    """
    guests = sorted(people, key=lambda one: one.member)
    ids = [one.member for one in guests]
    if len(set(ids)) != len(ids):
        raise ValueError("a member appears twice")
    if len(ids) > MOST:
        raise ValueError("too many people for one round")
    count = len(ids)
    few = count <= FEW
    scale = Scale.of(2 * count if few else count)  # in trios, there are up to as many pairs as people
    table = weights_of(guests, wishes, memory, choice, scale)
    if few:
        trio = scale.barred
        groups, over = groups_of(table[:count, :count], scale.barred, (count + 1) * trio, trio)
    else:
        groups, over = _grouped(table, count, scale)
        trios.join(table, groups, over, scale.barred)
    return _told(guests, groups, over, memory)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much each of the things that make a pairing good weighs."""

    tied: int
    again: int
    later: int
    barred: int

    @classmethod
    def of(cls, count: int) -> Scale:
        pairs = count // 2 + 1
        tied = pairs * (_SUIT + 1)
        later = (pairs + 1) * tied
        again = later * (_LONGEST * pairs + 1)
        barred = (pairs + 1) * (again + _LONGEST * later)
        if barred > LARGEST:
            raise ValueError("too many people for one round")
        return cls(tied, again, later, barred)

    def of_rounds(self, ago: int) -> int:
        """What it costs to meet again after so many rounds."""
        return self.again + self.later * (_LONGEST - min(max(ago, 1), _LONGEST))


def weights_of(
    guests: Sequence[Person], wishes: Mapping[int, Wish], memory: Memory, choice: Choice, scale: Scale
) -> Table:
    """One weight a pair, and a line more where the number is odd: to be paired with it is to be over."""
    count = len(guests)
    size = count + count % 2
    table = np.zeros((size, size), np.int64)
    table[:count, :count] = _suiting(guests, wishes, memory, choice)
    row_of = {one.member: row for row, one in enumerate(guests)}
    _lay(table, row_of, dict.fromkeys(memory.tied, -scale.tied), add=True)
    _lay(table, row_of, {pair: -scale.of_rounds(ago) for pair, ago in memory.met.items()}, add=True)
    _lay(table, row_of, dict.fromkeys(memory.never, -scale.barred), add=False)
    if not choice.colleagues:
        homes = _codes([one.organisation for one in guests])
        table[:count, :count][_same(homes)] = -scale.barred
    np.fill_diagonal(table, 0)
    return table


def _lay(table: Table, row_of: Mapping[int, int], values: Mapping[PairOf, int], *, add: bool) -> None:
    found = [(row_of[a], row_of[b], value) for (a, b), value in values.items() if a in row_of and b in row_of]
    if not found:
        return
    rows, others, worth = np.array(found, np.int64).T
    for one, other in ((rows, others), (others, rows)):
        table[one, other] = table[one, other] + worth if add else worth


def _suiting(guests: Sequence[Person], wishes: Mapping[int, Wish], memory: Memory, choice: Choice) -> Table:
    """How much two suit each other, in whole steps, equals apart by chance."""
    count = len(guests)
    score = _themes(guests)
    sectors = _codes([one.sector if one.shown & Facts.ORGANISATION else None for one in guests])
    places = _codes([one.place if one.shown & Facts.PLACE else None for one in guests])
    regions = _codes([one.region if one.shown & Facts.PLACE else None for one in guests])
    homes = _codes([one.organisation if one.shown & Facts.ORGANISATION else None for one in guests])
    apart = (sectors[:, None] != sectors) & (sectors[:, None] >= 0) & (sectors >= 0)
    score += np.float32(_ACROSS[choice.across]) * apart
    score += np.float32(_COLLEAGUE) * _same(homes)
    for wish, granted in ((Wish.SECTOR, apart * np.float32(_WISH)), (Wish.PLACE, _near(places, regions))):
        asks = np.array([wishes.get(one.member, Wish.NONE) is wish for one in guests], np.float32)
        score += granted * (asks[:, None] + asks)
    row_of = {one.member: row for row, one in enumerate(guests)}
    for (a, b), liked in memory.liked.items():
        if a in row_of and b in row_of:
            score[row_of[a], row_of[b]] += np.float32(_LIKED * liked)
            score[row_of[b], row_of[a]] += np.float32(_LIKED * liked)
    steps = np.clip(np.rint((score - _LEAST) / _SPAN * _STEPS), 0, _STEPS).astype(np.int64)
    drawn = np.triu(np.random.default_rng(choice.seed).integers(0, _CHANCE, (count, count), np.int64), 1)
    return np.asarray(steps + drawn + drawn.T, np.int64)


def _near(places: NDArray[np.int64], regions: NDArray[np.int64]) -> NDArray[np.float32]:
    near = np.where(_same(places), np.float32(_WISH), np.float32(0))
    return np.maximum(near, np.where(_same(regions), np.float32(_REGION), np.float32(0)))


def _themes(guests: Sequence[Person]) -> NDArray[np.float32]:
    """Themes in common, the rarer the more, and offers that meet what is sought: 0 to below 1."""
    shown = [one.themes if one.shown & Facts.THEMES else () for one in guests]
    codes = {name: at for at, name in enumerate(sorted({one.theme for some in shown for one in some}))}
    interest, offer, seek = (np.zeros((len(guests), len(codes) or 1), np.float32) for _ in range(3))
    for row, some in enumerate(shown):
        for one in some:
            at = codes[one.theme]
            interest[row, at], offer[row, at], seek[row, at] = one.interest, one.offer, one.seek
    rare = np.sqrt(np.log1p(len(guests) / np.maximum(interest.sum(axis=0), 1.0)) / 4.0).astype(np.float32)
    helps = offer @ seek.T
    found: NDArray[np.float32] = (interest * rare) @ (interest * rare).T + helps + helps.T
    return found / (found + np.float32(1.5))


def _codes(values: Sequence[Any]) -> NDArray[np.int64]:
    """Equal values as equal numbers; -1 for none."""
    known = {value: at for at, value in enumerate(dict.fromkeys(one for one in values if one is not None))}
    return np.array([-1 if value is None else known[value] for value in values], np.int64)


def _same(codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (codes[:, None] == codes) & (codes >= 0)
    return same


def _grouped(table: Table, count: int, scale: Scale) -> tuple[list[list[int]], list[int]]:
    """The best pairs as rows, and the rows that are over: put with nobody, or with one they may not meet."""
    mates = best_pairs(table).mates
    odd = count if count % 2 else -1
    groups: list[list[int]] = []
    over: list[int] = []
    for one, other in enumerate(mates.tolist()):
        if one > other or one == odd:
            continue
        if other == odd:
            over.append(one)
        elif _barred(table, one, other, scale):
            over += [one, other]
        else:
            groups.append([one, other])
    return groups, over


def _barred(table: Table, one: int, other: int, scale: Scale) -> bool:
    return bool(table[one, other] <= -scale.barred)


def _told(guests: Sequence[Person], groups: list[list[int]], over: list[int], memory: Memory) -> Pairing:
    named = tuple(sorted(tuple(sorted(guests[row].member for row in group)) for group in groups))
    sector = {one.member: one.sector for one in guests}
    pairs = [two for group in named for two in pairs_of(group)]
    tied = frozenset(memory.tied)
    apart = [two for two in pairs if None not in (sector[two[0]], sector[two[1]]) and sector[two[0]] != sector[two[1]]]
    return Pairing(
        named,
        tuple(sorted(guests[row].member for row in over)),
        sum(two not in tied for two in pairs),
        sum(two not in tied for two in apart),
        sum(two in memory.met for two in pairs),
    )
