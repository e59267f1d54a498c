"""One member's list, and everyone's: whom to meet, how strongly, and why."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Doubles, Ints, Longs
from haln.matching import attention as sharing
from haln.matching import columns as col
from haln.matching.blend import SIGNALS, Weights, blend
from haln.matching.diversify import best_and_little_known, vary
from haln.matching.fixed_weights import DEFAULT_WEIGHTS, POOL_WEIGHTS
from haln.matching.index import Index
from haln.matching.ragged import gathered
from haln.matching.reasons import (
    Case,
    PickedBy,
    Reason,
    explain,
    kind_weights,
    lead_kinds,
    ranked_kinds,
    remembered_picks,
)
from haln.matching.signals import Room, first_scores, pair_signals, survey
from haln.matching.topk import best_rows
from haln.matching.worth import chances, worth

Band = Literal["strong", "good", "worth_a_look"]
_DECIMALS = 9
_DIGITS = 8  # of a measure that is told: more than what it is learned from has, and half as long to write
# A band asks for a score of its own and for a share of the best in the list: of someone with many ties everybody scores
# high, and not everybody can be a strong suggestion.
_STRONG_SHARE, _GOOD_SHARE = 0.85, 0.55


@dataclass(frozen=True, slots=True)
class Settings:
    """How lists are drawn up; the same settings, seed and index give the same lists on every machine."""

    length: int = 12
    candidates: int = 300  # looked at closely
    wishes: int = 96  # open to exchange for the sake of fair attention, half of them ordered for variety
    tail: int = 2  # last slots that may go to somebody whom nobody else is shown
    spread: float = 0.35  # how much score variety is worth
    attention: float = 6.0  # nobody in more lists than this × the median; 0: each list is the best for its owner
    most_lost: float = 0.1  # of what lists are expected to find: where fair attention loses more, the cap is raised
    seed: int = 0
    weights: Weights = DEFAULT_WEIGHTS
    pool: Weights = POOL_WEIGHTS  # what the candidates are drawn by

    def __post_init__(self) -> None:
        if not 0 < self.length <= self.wishes <= self.candidates:
            raise ValueError("a list is no longer than its wishes, and these no more than its candidates")
        if not self.pool.draws():
            raise ValueError("candidates are drawn by one term of each profile signal")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Someone to meet: `parts` add up to `score` (within 1e-9); `signals` are the measures behind them, to 8 digits."""

    member: int
    score: float
    band: Band
    parts: Mapping[str, float]
    signals: Mapping[str, float]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Whom a member's list leaves out: `excluded` (asked, dismissed) and `unseen` (blocked: not in reasons either).

    Members tied in the index, and the member, are always left out.
    """

    excluded: Collection[int] = ()
    unseen: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Attention:
    """How often members are shown now: `counts(members)` in how many other lists each is; `cap` the most allowed."""

    counts: Callable[[Sequence[int]], Mapping[int, int]]
    cap: int


@dataclass(frozen=True, slots=True)
class MemberList:
    """One member's suggestions, best first but for the last slots, which see to fair attention."""

    member: int
    weights_version: str
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Wished:
    """Whom some members would like: `rows` of the index (-1: no more) and `scores`, a line per member.

    First the best, in an order that sees to variety; then the little known among the others, best first.
    """

    rows: NDArray[np.int32]
    scores: NDArray[np.float32]

    @classmethod
    def padded(cls, some: Sequence["Wishes"], settings: "Settings") -> "Wished":
        """Return a line for each member's wishes."""
        rows = np.full((len(some), settings.wishes), -1, np.int32)
        scores = np.zeros((len(some), settings.wishes), np.float32)
        for line, one in enumerate(some):
            rows[line, : len(one.rows)] = one.rows
            scores[line, : len(one.rows)] = one.scores
        return cls(rows, scores)

    @classmethod
    def stacked(cls, blocks: Sequence["Wished"], settings: "Settings") -> "Wished":
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


@dataclass(frozen=True, slots=True)
class Wishes:
    """Whom one member would like, as rows of the index in the order of `Wished`, with the signals and score of each."""

    rows: Longs
    signals: Doubles
    scores: Doubles

    def lines_of(self, rows: Longs) -> Longs:
        """Return where some rows stand among them; -1 where they do not."""
        where = {row: line for line, row in enumerate(self.rows.tolist())}
        return np.array([where.get(row, -1) for row in rows.tolist()], np.int64)


NOTHING = Exclusions()


def suggest_for(
    index: Index,
    member: int,
    exclusions: Exclusions = NOTHING,
    settings: Settings = Settings(),
    attention: Attention | None = None,
) -> MemberList:
    """Return one member's list from the index as it is (patch a changed member in first).

    Raises `UnknownMember`. With `attention`, members at the cap are passed over, and who is shown much costs more than
    who is shown little, as in the lists of everyone; without, the list is the best there is.
    """
    row = index.row(member)
    wishes = _wishes(index, row, exclusions, settings)
    chosen = _attended(index, wishes, settings, attention)
    signals = wishes.signals[wishes.lines_of(chosen)]
    return _explained(index, row, chosen, exclusions, settings, signals, remembered_picks(index))


def rank_block(
    index: Index, members: Sequence[int], exclusions: Mapping[int, Exclusions], settings: Settings = Settings()
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
    return [_wishes(index, index.row(one), exclusions.get(one, NOTHING), settings, room) for one in members]


def plan_lists(
    index: Index,
    members: Sequence[int],
    wishes: Wished,
    exclusions: Mapping[int, Exclusions],
    settings: Settings = Settings(),
) -> Plan:
    """Share attention out: turn everyone's wishes (line k is members[k]'s) into everyone's lists."""
    ids = np.array(members, np.int64)
    order = np.argsort(ids, kind="stable")
    ids, wished = ids[order], np.ascontiguousarray(wishes.rows[order])
    if settings.attention <= 0.0:
        return Plan(ids, wished[:, : settings.length])
    rows = np.array([index.row(int(member)) for member in ids], np.int64)
    turns = np.random.default_rng(settings.seed).permutation(len(ids)).astype(np.int64)
    asked = sharing.Asked(wished, rows, index.suggestable, _barred_rows(index, ids, rows, exclusions), turns)
    chance = chances(wished, wishes.scores[order])
    lists = sharing.share_attention(
        asked, chance, settings.length, settings.tail, settings.attention, settings.most_lost
    )
    return Plan(ids, lists)


def planned_lists(
    index: Index,
    plan: Plan,
    exclusions: Mapping[int, Exclusions],
    settings: Settings = Settings(),
    known: Mapping[int, Wishes] | None = None,
    picks: PickedBy | None = None,
) -> Iterator[MemberList]:
    """Yield each planned list, explained, by member id.

    `known`: wishes that are at hand; others are measured anew, and come out the same to the bit.
    """
    picks, room = picks or remembered_picks(index), Room(len(index.ids))
    for member, chosen in zip(plan.members.tolist(), plan.lists, strict=True):
        row, rows = index.row(member), chosen[chosen >= 0].astype(np.int64)
        own, seen = known.get(member) if known else None, exclusions.get(member, NOTHING)
        signals = _measured(index, row, rows, own, settings, room)
        yield _explained(index, row, rows, seen, settings, signals, picks)


def _wishes(index: Index, row: int, exclusions: Exclusions, settings: Settings, room: Room | None = None) -> Wishes:
    rows, signals = candidates(index, row, exclusions, settings, room)
    parts, scores = _blended(index, row, signals, settings.weights)
    half = max(settings.length, settings.wishes // 2)
    best, little_known = best_and_little_known(index.ids[rows], scores, index.strength[rows], half, settings.wishes)
    leads = lead_kinds(kind_weights(signals[best], parts[best]))
    near = rows[best]
    traits = np.column_stack((_visible(index, near, col.SECTOR, 2), _visible(index, near, col.REGION, 4), leads))
    varied = vary(scores[best], np.ascontiguousarray(traits.astype(np.int32)), settings.spread, len(best))
    order = np.concatenate((best[varied], little_known))
    return Wishes(rows[order], signals[order], scores[order])


def ranked(index: Index, member: int, settings: Settings = Settings(), exclusions: Exclusions = NOTHING) -> list[int]:
    """Return all candidates of a member by score alone, best first: before variety and fair attention."""
    row = index.row(member)
    rows, signals = candidates(index, row, exclusions, settings)
    _, scores = _blended(index, row, signals, settings.weights)
    return [int(index.ids[rows[at]]) for at in np.lexsort((index.ids[rows], -scores))]


def candidates(
    index: Index, row: int, exclusions: Exclusions, settings: Settings, room: Room | None = None
) -> tuple[Longs, Doubles]:
    """Return the rows that are looked at closely for one member's list, and all signals of each."""
    seen = survey(index, row, settings.seed, room=room)
    allowed = index.suggestable.copy()
    allowed[row] = 0
    allowed[index.ties.row(row)[0]] = 0
    for left_out in (exclusions.excluded, exclusions.unseen):
        allowed[[index.row_of[member] for member in left_out if member in index.row_of]] = 0
    scores = first_scores(index, seen, settings.pool, room)
    rows = best_rows(scores, allowed, index.ids, settings.candidates)
    return rows, pair_signals(index, seen, rows)


def _visible(index: Index, rows: Longs, column: int, bit: int) -> Ints:
    facts = index.facts[rows]
    return np.where(facts[:, col.SHOWN] & bit, facts[:, column], -1).astype(np.int32)


def _blended(index: Index, row: int, signals: Doubles, weights: Weights) -> tuple[Doubles, Doubles]:
    parts, scores = np.empty_like(signals), np.empty(len(signals))
    own = weights.at(int(index.ties.starts[row + 1] - index.ties.starts[row]), bool(index.circles[row, 1] > 0))
    blend(signals, *own.arrays(), parts, scores)
    return parts, np.round(scores, _DECIMALS)


def _attended(index: Index, wishes: Wishes, settings: Settings, attention: Attention | None) -> Longs:
    if attention is None:
        return wishes.rows[: settings.length]
    ids = [int(index.ids[row]) for row in wishes.rows]
    counts = attention.counts(ids)
    shown = np.array([counts.get(member, 0) for member in ids], np.int64)
    wished = Wished.padded([wishes], settings)
    values = worth(wished.rows, chances(wished.rows, wished.scores))[0, : len(ids)]
    return wishes.rows[sharing.best_now(values, shown, settings.length, attention.cap)]


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


def _explained(
    index: Index,
    row: int,
    rows: Longs,
    exclusions: Exclusions,
    settings: Settings,
    signals: Doubles,
    picks: PickedBy,
) -> MemberList:
    parts, scores = _blended(index, row, signals, settings.weights)
    kinds = ranked_kinds(kind_weights(signals, parts))
    case = Case.of(index, row, frozenset(exclusions.unseen), picks)
    best = float(scores.max()) if len(scores) else 0.0
    told_parts, told_signals = np.round(parts, _DECIMALS + 2).tolist(), _significant(signals, _DIGITS).tolist()
    suggestions = tuple(
        Suggestion(
            member=int(index.ids[other]),
            score=float(scores[k]),
            band=_band(float(scores[k]), best, settings),
            parts=_named(told_parts[k]),
            signals=_named(told_signals[k]),
            reasons=explain(case, other, signals[k], kinds[k]),
        )
        for k, other in enumerate(rows.tolist())
    )
    return MemberList(int(index.ids[row]), settings.weights.version, suggestions)


def _named(values: Sequence[float]) -> dict[str, float]:
    # For a million rows a night: nothing but what is not 0, without a step of Python for each.
    return dict(zip(compress(SIGNALS, values), filter(None, values), strict=True))


def _significant(values: Doubles, digits: int) -> Doubles:
    at = np.abs(values)
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(np.where(at > 0.0, at, 1.0))))
    rounded: Doubles = np.round(values * scale) / scale
    return rounded


def _band(score: float, best: float, settings: Settings) -> Band:
    if score >= settings.weights.strong and score >= _STRONG_SHARE * best:
        return "strong"
    if score >= settings.weights.good and score >= _GOOD_SHARE * best:
        return "good"
    return "worth_a_look"


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
