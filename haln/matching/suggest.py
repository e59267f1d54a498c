"""One member's list: whom to meet, how strongly, and why."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Literal

import numpy as np

from haln.compiled import Doubles, Ints, Longs
from haln.matching import attention as sharing
from haln.matching import columns as col
from haln.matching.blend import SIGNALS, Weights, blend
from haln.matching.diversify import best_and_little_known, vary
from haln.matching.fixed_weights import DEFAULT_WEIGHTS, POOL_WEIGHTS
from haln.matching.index import Index
from haln.matching.picks import PickedBy
from haln.matching.reasons import Case, Reason, explain, kind_weights, lead_kinds, ranked_kinds
from haln.matching.signals import Room, Survey, first_scores, pair_signals, survey
from haln.matching.topk import best_rows
from haln.matching.worth import gains, worth

Band = Literal["strong", "good", "worth_a_look"]
_DECIMALS = 9
_DIGITS = 8  # of a measure that is told: more than what it is learned from has, and half as long to write
_BY_NAME = np.argsort(SIGNALS)
_NAMES = tuple(sorted(SIGNALS))
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


USUAL = Settings()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Someone to meet: `parts` add up to `score` (within 1e-9); `signals` are the measures behind them, to 8 digits.

    Both have nothing but what is not 0, in the order of their names.
    """

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
class Wishes:
    """Whom one member would like, as rows of the index, with the signals and score of each.

    First the best, in an order that sees to variety; then the little known among the others, best first.
    """

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
    settings: Settings = USUAL,
    attention: Attention | None = None,
) -> MemberList:
    """Return one member's list from the index as it is (patch a changed member in first).

    Raises `UnknownMember`. With `attention`, members at the cap are passed over, and who is shown much costs more than
    who is shown little, as in the lists of everyone; without, the list is the best there is.
    """
    row = index.row(member)
    wishes = wishes_of(index, row, exclusions, settings)
    chosen = _attended(index, row, wishes, settings, attention)
    signals = wishes.signals[wishes.lines_of(chosen)]
    return explained(index, row, chosen, exclusions, settings, signals, PickedBy(index))


def wishes_of(index: Index, row: int, exclusions: Exclusions, settings: Settings, room: Room | None = None) -> Wishes:
    """Return whom the member of a row would like, ordered for variety, before attention is shared out."""
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


def ranked(index: Index, member: int, settings: Settings = USUAL, exclusions: Exclusions = NOTHING) -> list[int]:
    """Return all candidates of a member by score alone, best first: before variety and fair attention."""
    row = index.row(member)
    rows, signals = candidates(index, row, exclusions, settings)
    _, scores = _blended(index, row, signals, settings.weights)
    return [int(index.ids[rows[at]]) for at in np.lexsort((index.ids[rows], -scores))]


def scored(index: Index, member: int, others: Sequence[int], settings: Settings = USUAL) -> Doubles:
    """Return the score of some others for a member, as in `ranked`, also of who is tied to them or no candidate.

    One for each, in log odds of the weights. Raises `UnknownMember`.
    """
    row, rows = index.row(member), np.array([index.row(other) for other in others], np.int64)
    signals = pair_signals(index, survey(index, row, settings.seed, rows), rows)
    return _blended(index, row, signals, settings.weights)[1]


def candidates(
    index: Index, row: int, exclusions: Exclusions, settings: Settings, room: Room | None = None
) -> tuple[Longs, Doubles]:
    """Return the rows that are looked at closely for one member's list, and all signals of each."""
    seen, rows = candidate_rows(index, row, exclusions, settings, room)
    return rows, pair_signals(index, seen, rows)


def candidate_rows(
    index: Index, row: int, exclusions: Exclusions, settings: Settings, room: Room | None = None
) -> tuple[Survey, Longs]:
    """Return the rows that are looked at closely for one member's list, and what the look at everybody held."""
    seen = survey(index, row, settings.seed, room=room)
    allowed = index.suggestable.copy()
    allowed[row] = 0
    allowed[index.ties.row(row)[0]] = 0
    for left_out in (exclusions.excluded, exclusions.unseen):
        allowed[[index.row_of[member] for member in left_out if member in index.row_of]] = 0
    scores = first_scores(index, seen, settings.pool, room)
    return seen, best_rows(scores, allowed, index.ids, settings.candidates)


def _visible(index: Index, rows: Longs, column: int, bit: int) -> Ints:
    facts = index.facts[rows]
    return np.where(facts[:, col.SHOWN] & bit, facts[:, column], -1).astype(np.int32)


def _blended(index: Index, row: int, signals: Doubles, weights: Weights) -> tuple[Doubles, Doubles]:
    parts, scores = np.empty_like(signals), np.empty(len(signals))
    own = weights.at(int(index.ties.starts[row + 1] - index.ties.starts[row]), bool(index.circles[row, 1] > 0))
    blend(signals, *own.arrays(), parts, scores)
    return parts, scores.round(_DECIMALS)


def _attended(index: Index, row: int, wishes: Wishes, settings: Settings, attention: Attention | None) -> Longs:
    if attention is None:
        return wishes.rows[: settings.length]
    ids = [int(index.ids[row]) for row in wishes.rows]
    counts = attention.counts(ids)
    shown = np.array([counts.get(member, 0) for member in ids], np.int64)
    rows = wishes.rows[np.newaxis].astype(np.int32)
    ties = index.ties.starts[row + 1 : row + 2] - index.ties.starts[row]
    values = worth(rows, gains(rows, wishes.scores[np.newaxis].astype(np.float32), ties))[0]
    return wishes.rows[sharing.best_now(values, shown, settings.length, attention.cap)]


def explained(
    index: Index,
    row: int,
    rows: Longs,
    exclusions: Exclusions,
    settings: Settings,
    signals: Doubles,
    picks: PickedBy,
) -> MemberList:
    """Return a list of these rows, in their order, with parts and reasons; `signals` (rows, SIGNALS) of each."""
    parts, scores = _blended(index, row, signals, settings.weights)
    case = Case.of(index, row, frozenset(exclusions.unseen), picks)
    reasons = explain(case, rows, signals, ranked_kinds(kind_weights(signals, parts)))
    best = float(scores.max()) if len(scores) else 0.0
    told_parts = parts[:, _BY_NAME].round(_DECIMALS + 2).tolist()
    told_signals = _significant(signals[:, _BY_NAME], _DIGITS).tolist()
    suggestions = tuple(
        Suggestion(
            member=other,
            score=float(scores[k]),
            band=_band(float(scores[k]), best, settings),
            parts=_named(told_parts[k]),
            signals=_named(told_signals[k]),
            reasons=reasons[k],
        )
        for k, other in enumerate(index.ids[rows].tolist())
    )
    return MemberList(int(index.ids[row]), settings.weights.version, suggestions)


def _named(values: Sequence[float]) -> dict[str, float]:
    # For a million rows a night: nothing but what is not 0, without a step of Python for each.
    return dict(zip(compress(_NAMES, values), filter(None, values), strict=True))


def _significant(values: Doubles, digits: int) -> Doubles:
    at = np.abs(values)
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(np.where(at > 0.0, at, 1.0))))
    rounded: Doubles = (values * scale).round() / scale
    return rounded


def _band(score: float, best: float, settings: Settings) -> Band:
    if score >= settings.weights.strong and score >= _STRONG_SHARE * best:
        return "strong"
    if score >= settings.weights.good and score >= _GOOD_SHARE * best:
        return "good"
    return "worth_a_look"
