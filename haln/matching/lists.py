"""Everyone's lists: whom each would like, who is shown to whom, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Doubles, Ints, Longs
from haln.matching import attention
from haln.matching.blend import SIGNALS
from haln.matching.index import Index
from haln.matching.picks import PickedBy
from haln.matching.ragged import gathered
from haln.matching.signals import Room, pair_signals, survey
from haln.matching.suggest import NOTHING, USUAL, Exclusions, MemberList, Settings, Wishes, explained, wishes_of
from haln.matching.worth import gains


@dataclass(frozen=True, slots=True)
class Wished:
    """Whom some members would like: `rows` of the index (-1: no more) and `scores`, a line per member.

    First the best, in an order that sees to variety; then the little known among the others, best first.
    """

    rows: NDArray[np.int32]
    scores: NDArray[np.float32]

    @classmethod
    def padded(cls, some: Sequence[Wishes], settings: Settings) -> "Wished":
        """Return a line for each member's wishes."""
        rows = np.full((len(some), settings.wishes), -1, np.int32)
        scores = np.zeros((len(some), settings.wishes), np.float32)
        for line, one in enumerate(some):
            rows[line, : len(one.rows)] = one.rows
            scores[line, : len(one.rows)] = one.scores
        return cls(rows, scores)

    @classmethod
    def stacked(cls, blocks: Sequence["Wished"], settings: Settings) -> "Wished":
        """Return the lines of some blocks, one under the other."""
        none = cls(np.empty((0, settings.wishes), np.int32), np.empty((0, settings.wishes), np.float32))
        return cls(
            np.concatenate([none.rows, *(block.rows for block in blocks)]),
            np.concatenate([none.scores, *(block.scores for block in blocks)]),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is in whose list, for everyone: `lists[k]` (rows of the index, -1: none) belong to `members[k]`."""

    members: Longs
    lists: NDArray[np.int32]


def rank_block(
    index: Index, members: Sequence[int], exclusions: Mapping[int, Exclusions], settings: Settings = USUAL
) -> Wished:
    """Return for each of some members whom they would like: (members, settings.wishes).

    Blocks do not depend on each other: compute them anywhere, in any order, and stack them by member.
    """
    return Wished.padded(block_wishes(index, members, exclusions, settings), settings)


def block_wishes(
    index: Index, members: Sequence[int], exclusions: Mapping[int, Exclusions], settings: Settings
) -> list[Wishes]:
    """Return whom each of some members would like, ordered for variety, before attention is shared out."""
    room = Room(len(index.ids))
    return [wishes_of(index, index.row(one), exclusions.get(one, NOTHING), settings, room) for one in members]


def plan_lists(
    index: Index,
    members: Sequence[int],
    wishes: Wished,
    exclusions: Mapping[int, Exclusions],
    settings: Settings = USUAL,
) -> Plan:
    """Share attention out: turn everyone's wishes (line k is members[k]'s) into everyone's lists."""
    ids = np.array(members, np.int64)
    order = np.argsort(ids, kind="stable")
    ids, wished = ids[order], np.ascontiguousarray(wishes.rows[order])
    if settings.attention <= 0.0:
        return Plan(ids, wished[:, : settings.length])
    rows = np.array([index.row(int(member)) for member in ids], np.int64)
    turns = np.random.default_rng(settings.seed).permutation(len(ids)).astype(np.int64)
    asked = attention.Asked(wished, rows, index.suggestable, _barred_rows(index, ids, rows, exclusions), turns)
    gain = gains(wished, wishes.scores[order], index.ties.lengths()[rows])
    lists = attention.share_attention(
        asked, gain, settings.length, settings.tail, settings.attention, settings.most_lost
    )
    return Plan(ids, lists)


def planned_lists(
    index: Index,
    plan: Plan,
    exclusions: Mapping[int, Exclusions],
    settings: Settings = USUAL,
    known: Mapping[int, Wishes] | None = None,
    picks: PickedBy | None = None,
) -> Iterator[MemberList]:
    """Yield each planned list, explained, by member id.

    `known`: wishes that are at hand; others are measured anew, and come out the same to the bit.
    """
    picks, room = picks or PickedBy(index), Room(len(index.ids))
    for member, chosen in zip(plan.members.tolist(), plan.lists, strict=True):
        row, rows = index.row(member), chosen[chosen >= 0].astype(np.int64)
        own, seen = known.get(member) if known else None, exclusions.get(member, NOTHING)
        signals = _measured(index, row, rows, own, settings, room)
        yield explained(index, row, rows, seen, settings, signals, picks)


def _measured(index: Index, row: int, rows: Longs, own: Wishes | None, settings: Settings, room: Room) -> Doubles:
    """The signals of a list: those at hand, and of whoever was not wished for, measured anew."""
    lines = np.full(len(rows), -1) if own is None else own.lines_of(rows)
    signals, there = np.zeros((len(rows), len(SIGNALS))), lines >= 0
    if own is not None:
        signals[there] = own.signals[lines[there]]
    if not there.all():
        guests = rows[~there]
        signals[~there] = pair_signals(index, survey(index, row, settings.seed, guests, room), guests)
    return signals


def _barred_rows(index: Index, members: Longs, rows: Longs, exclusions: Mapping[int, Exclusions]) -> tuple[Longs, Ints]:
    """Whom each of these may not be shown, line by line: those they are tied to, excluded or unseen."""
    lines: list[int] = []
    barred: list[int] = []
    for line, member in enumerate(members):
        one = exclusions.get(int(member), NOTHING)
        own = [index.row_of[other] for part in (one.excluded, one.unseen) for other in part if other in index.row_of]
        barred += own
        lines += [line] * len(own)
    ties = [index.ties.row(row)[0] for row in rows]
    tied = np.repeat(np.arange(len(rows)), [len(own) for own in ties])
    both = np.concatenate((np.array(barred, np.int32), *ties)).astype(np.int32)
    table = gathered(np.concatenate((np.array(lines, np.int64), tied)), (both,), len(members))
    return table.starts, table.columns[0]
