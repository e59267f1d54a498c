"""All evidence for pairs: what an asker and every other member have in common, and closely so for the best few."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Doubles, Floats, Ints, Longs
from haln.matching.asker import Asker
from haln.matching.blend import COLUMN, MANY_TIES, REACHED, Weights, add_part
from haln.matching.everyone import WHOLE, add_everyone, alone
from haln.matching.factors import closeness, own_vector
from haln.matching.graph import circle_sums, common_ties, shared_groups, three_steps, walk
from haln.matching.index import Index
from haln.matching.profile import describe_rows
from haln.matching.topk import add_products, replace_products, sums_of

CIRCLE_TERMS = 96
MEASURES = (*REACHED, "shared_group")
# Damping and precision of each walk; finer precision than this did not rank better.
WALKS = {"near_walk": (0.5, 1e-4), "far_walk": (0.85, 1e-4)}


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything about all others that one asker's list is drawn from; one value per row in each array.

    `mixture`: how long the asker's own text is when that of their circle is added to it.
    """

    asker: Asker
    mixture: float
    text: Floats
    circle: Floats
    measures: dict[str, Floats]
    reached: dict[str, Longs]


class Room:
    """Arrays for a look at the whole network, to be used again: writing zeros for everybody takes as long as the look.

    What a survey holds is good until the next one in the same room. No two threads share one.
    """

    def __init__(self, members: int) -> None:
        self._members = members
        self._alone: dict[int, Doubles] = {}
        self._reached: dict[str, Longs] | None = None

    def cleared(self) -> tuple[dict[str, Floats], Doubles, Doubles]:
        """Return zeros for each measure, and two more for what lies in between."""
        if self._reached is None:  # at first, or where a look broke off
            self._measures = {name: np.zeros(self._members, np.float32) for name in MEASURES}
            self._between = np.zeros(self._members), np.zeros(self._members)
        for name, rows in (self._reached or {}).items():
            self._measures[name][rows] = 0.0
        self._reached = None
        return self._measures, *self._between

    def alone(self, ties: int, make: Callable[[], Doubles]) -> Doubles:
        """Return what each adds whoever asks, if the asker has so many ties; made once for those with as many."""
        kept = min(ties, MANY_TIES)
        if kept not in self._alone:
            self._alone[kept] = make()
        return self._alone[kept]

    def left(self, reached: dict[str, Longs]) -> None:
        """Hear which rows are no zeros now."""
        self._reached = reached


def survey(index: Index, row: int, seed: int, rows: Longs | None = None, room: Room | None = None) -> Survey:
    """Look from one member at the whole network.

    With `rows`, texts are compared with those rows and their ties only: all that `pair_signals` of them needs, and the
    same to the bit.
    """
    room = room or Room(len(index.ids))
    measures, one, other = room.cleared()
    reached = _look_two_steps(index, row, measures)
    for name, (damping, precision) in WALKS.items():
        reached[name] = _look_around(index, row, damping, precision, (one, other), measures[name])
    reached["three_steps"] = _look_three_steps(index, row, one, measures["three_steps"])
    reached["shared_group"] = shared_groups(
        index.groups.row(row)[0].astype(np.int64),
        index.group_members.columns[0],
        index.group_members.starts,
        index.group_weights,
        measures["shared_group"],
    )
    room.left(reached)
    near = None if rows is None else _with_ties(index, rows)
    terms, term_weights = index.texts.row(row)
    text = text_scores(index, terms, term_weights, near)
    around, around_weights = circle_terms(index, row)
    circle = text_scores(index, around, around_weights, near)
    text[row] = circle[row] = 0.0
    mixture = _mixed_length(len(index.postings), (terms, term_weights), (around, around_weights))
    return Survey(Asker.of(index, row, seed), mixture, text, circle, measures, reached)


def _mixed_length(count: int, *texts: tuple[Ints, Floats]) -> float:
    mixed = np.zeros(count)
    for terms, weights in texts:
        mixed[terms] += weights
    return float(np.sqrt(np.add.reduce(mixed * mixed)))


def _look_two_steps(index: Index, row: int, measures: dict[str, Floats]) -> dict[str, Longs]:
    others, tie_weights, is_open = index.ties.columns
    two_steps = common_ties(
        row,
        index.ties.starts,
        others,
        tie_weights,
        is_open,
        index.suggestable,
        measures["common_ties"],
        measures["adamic_adar"],
        measures["resource_allocation"],
    )
    return dict.fromkeys(REACHED[:3], two_steps)


def _look_three_steps(index: Index, row: int, between: Doubles, measure: Floats) -> Longs:
    others, tie_weights, is_open = index.ties.columns
    return three_steps(row, index.ties.starts, others, tie_weights, is_open, index.strength, between, measure)


def _look_around(
    index: Index, row: int, damping: float, precision: float, between: tuple[Doubles, Doubles], measure: Floats
) -> Longs:
    others, tie_weights, is_open = index.ties.columns
    rank, residue = between
    strength, starts = index.strength, index.ties.starts
    reached = walk(row, damping, precision, starts, others, tie_weights, is_open, strength, rank, residue)
    measure[reached] = rank[reached]
    rank[reached] = 0.0
    return reached


def _with_ties(index: Index, rows: Longs) -> Ints:
    return np.unique(np.concatenate([rows, *(index.ties.row(int(row))[0] for row in rows)])).astype(np.int32)


def text_scores(index: Index, terms: Ints, weights: Floats, rows: Ints | None = None) -> Floats:
    """Return the product of a sparse text with everyone's shown text; with `rows`, with theirs only (others 0)."""
    scores = np.zeros(len(index.ids), np.float32)
    if len(terms) == 0:
        return scores
    if rows is None:
        owners, owner_weights = index.postings.columns
        add_products(terms, weights, index.postings.starts, owners, owner_weights, scores)
    afresh = index.stale if rows is None else rows
    if len(afresh):
        query = np.zeros(len(index.postings), np.float32)
        row_terms, row_weights = index.texts.columns
        replace_products(terms, weights, index.texts.starts, row_terms, row_weights, afresh, query, scores)
        scores[afresh] *= index.text_shown[afresh]
    return scores


def circle_terms(index: Index, row: int) -> tuple[Ints, Floats]:
    """Return the mean shown text of a member's ties, its weightiest terms only, of unit length."""
    others = index.ties.row(row)[0]
    texts, (row_terms, row_weights) = index.texts, index.texts.columns
    terms, sums = sums_of(others, index.text_shown, texts.starts, row_terms, row_weights, len(index.postings))
    if len(terms) > CIRCLE_TERMS:
        keep = np.sort(np.lexsort((terms, -sums))[:CIRCLE_TERMS])
        terms, sums = terms[keep], sums[keep]
    length = float(np.sqrt(np.add.reduce(sums * sums)))
    return terms, (sums / (length or 1.0)).astype(np.float32)


def first_scores(index: Index, seen: Survey, weights: Weights, room: Room | None = None) -> Doubles:
    """Score everyone by what is cheap: signals that are looked at for the best few only count nothing here.

    How many ties somebody has is told by the strength of the open ones, common ones or not. One room is for one index
    and the same weights.
    """
    ties = int(index.ties.starts[seen.asker.row + 1] - index.ties.starts[seen.asker.row])
    blend = weights.at(ties)
    own = room.alone(ties, lambda: alone(index, blend)) if room else alone(index, blend)
    scores = own.copy()
    for name, rows in sorted(seen.reached.items()):
        for _, weight, shape, scale in zip(*blend.terms_of(name), strict=True):
            add_part(rows, seen.measures[name], weight, float(shape), scale, scores)
    add_everyone(index, seen.asker, blend, (seen.text, seen.circle), WHOLE, scores)
    return scores


def pair_signals(index: Index, seen: Survey, rows: Longs) -> NDArray[np.float64]:
    """Return the table of all signals (columns as `SIGNALS`) between the asker and some rows."""
    table = np.zeros((len(rows), len(COLUMN)))
    describe_rows(index, seen.asker, rows, table)
    for name in MEASURES:
        table[:, COLUMN[name]] = seen.measures[name][rows]
    open_ties = _write_circles(index, seen, rows, table)
    _write_ties(index, seen.asker.row, rows, open_ties, table)
    return table


def _write_ties(index: Index, row: int, rows: Longs, open_ties: Longs, table: NDArray[np.float64]) -> None:
    own = float(index.ties.starts[row + 1] - index.ties.starts[row])
    common = table[:, COLUMN["common_ties"]]
    table[:, COLUMN["degree_elsewhere"]] = np.maximum(0.0, open_ties - common)
    table[:, COLUMN["tie_overlap"]] = common / np.maximum(1.0, own + open_ties - common)
    if own:
        mine = own_vector(row, index.ties, index.vectors, index.gram)
        table[:, COLUMN["factors"]] = closeness(rows, index.vectors, mine)


def _write_circles(index: Index, seen: Survey, rows: Longs, table: NDArray[np.float64]) -> Longs:
    """Write what texts and groups of the rows and of their open ties say; returns how many such ties each has."""
    others, _, is_open = index.ties.columns
    texts, circles = seen.text[rows].astype(np.float64), seen.circle[rows].astype(np.float64)
    table[:, COLUMN["text"]], table[:, COLUMN["circle_text"]] = texts, circles
    both = texts + circles
    counts, around = np.empty(len(rows), np.int64), np.empty((3, len(rows)))
    values = seen.text, seen.circle, seen.measures["shared_group"]
    circle_sums(rows, index.ties.starts, others, is_open, index.suggestable, *values, around, counts)
    for name, sums in zip(("text_circle", "circle_circle", "group_circle"), around, strict=True):
        # Drawn towards 0 where there are few.
        table[:, COLUMN[name]] = sums / (counts + 1.0)
    circle, mixture = index.circles[rows].T
    for sums in around[:2]:
        both += np.divide(sums, circle, out=np.zeros(len(rows)), where=circle > 0)
    own = seen.mixture or 1.0
    table[:, COLUMN["mixed_text"]] = np.divide(both, own * mixture, out=np.zeros(len(rows)), where=mixture > 0)
    return counts
