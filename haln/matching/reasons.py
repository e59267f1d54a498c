"""Why this pair, in data and not in words: each reason is true, names its evidence and what it added to the score."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from haln.compiled import DOUBLES, LONGS, OUT_TABLE, TABLE, Doubles, Longs, compiled
from haln.matching import columns as col
from haln.matching.blend import COLUMN, SIGNALS
from haln.matching.index import Index
from haln.matching.text import shared_terms

Evidence = Mapping[str, Any]

# Which signals speak for which reason, the one it cannot be without first. Walks and circles speak for none: that two
# members are near each other by many roads is a figure, and no sentence about anyone.
SIGNALS_OF: Mapping[str, tuple[str, ...]] = {
    "they_offer_you_seek": ("they_offer",),
    "you_offer_they_seek": ("you_offer",),
    "shared_theme": ("shared_theme",),
    "step_ahead": ("step_ahead",),
    "mutual_connections": ("common_ties", "adamic_adar", "resource_allocation", "tie_overlap"),
    "same_place_other_sector": ("same_place", "place_other_sector"),
    "same_role_other_organisation": ("same_role", "same_role_elsewhere"),
    "first_link": ("first_link",),
    "similar_text": ("text", "mixed_text"),
    "shared_group": ("shared_group",),
    "newcomer": ("newcomer",),
    "active_nearby": ("same_region", "lively"),
    "same_place": ("same_place",),
    "same_sector": ("same_sector",),
    "active": ("lively",),
}
KINDS = tuple(SIGNALS_OF)
# Of these pairs the second says less of the same: it is left out where the first is true.
_STRONGER = (("same_place_other_sector", "same_place"), ("active_nearby", "active"))

SIMILAR_TEXT = 0.05
ACTIVE = 0.5
NAMED = 5
_STANDING = {
    "same_place_other_sector": ("place", "sector"),
    "same_role_other_organisation": ("role", "organisation"),
    "same_place": ("place",),
    "same_sector": ("sector",),
}
_CODE = {name: code for code, name in enumerate(col.CODED)}


@dataclass(frozen=True, slots=True)
class Reason:
    """One true thing that speaks for a pair; `evidence` holds ids and codes, `weight` its part of the score."""

    kind: str
    evidence: Evidence
    weight: float


# One row per kind, one column per signal: 1 where the signal speaks for the kind.
SPEAKS = np.array([[signal in SIGNALS_OF[kind] for signal in SIGNALS] for kind in KINDS], np.float64)
# The signal that must be there at all for the kind to be true.
_MUST = {kind: COLUMN[signals[0]] for kind, signals in SIGNALS_OF.items()}
_MUST |= {
    "same_place_other_sector": COLUMN["place_other_sector"],
    "same_role_other_organisation": COLUMN["same_role_elsewhere"],
}


def kind_weights(signals: Doubles, parts: Doubles) -> Doubles:
    """Return for each row (pairs) what each kind of reason added to the score; 0 where it is not true."""
    weights = np.empty((len(parts), len(KINDS)))
    _kind_weights(np.ascontiguousarray(signals), np.ascontiguousarray(parts), *_ARRAYS, weights)
    return weights


@compiled(TABLE, TABLE, LONGS, LONGS, LONGS, DOUBLES, OUT_TABLE)
def _kind_weights(
    signals: Doubles, parts: Doubles, starts: Longs, speaking: Longs, must: Longs, least: Doubles, weights: Doubles
) -> None:
    for row in range(len(parts)):
        for kind in range(len(must)):
            weights[row, kind] = 0.0
            if signals[row, must[kind]] > least[kind]:
                total = 0.0
                for place in range(starts[kind], starts[kind + 1]):
                    total += parts[row, speaking[place]]
                weights[row, kind] = max(total, 0.0)


def _least(kind: str) -> float:
    return SIMILAR_TEXT if kind == "similar_text" else ACTIVE if kind == "active" else 0.0


_ARRAYS = (
    np.cumsum([0, *(len(SIGNALS_OF[kind]) for kind in KINDS)], dtype=np.int64),
    np.array([COLUMN[signal] for kind in KINDS for signal in SIGNALS_OF[kind]], np.int64),
    np.array([_MUST[kind] for kind in KINDS], np.int64),
    np.array([_least(kind) for kind in KINDS], np.float64),
)


def lead_kinds(weights: Doubles) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Return for each row the kind that adds most; -1 where none is true."""
    return np.where(weights.max(axis=1) > 0, weights.argmax(axis=1), -1).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Case:
    """The member to whom others are explained, unpacked once for all of a list; `unseen` are never named to them.

    `picked_by` gives anybody's themes, `picked` the member's own.
    """

    index: Index
    row: int
    picked_by: "PickedBy"
    picked: Mapping[int, tuple[int, int]]
    ties: Set[int]
    groups: Set[int]
    unseen: Set[int]

    @classmethod
    def of(cls, index: Index, row: int, unseen: Set[int], picked_by: "PickedBy") -> "Case":
        """Unpack a member of the index."""
        ties, groups = index.ties.row(row)[0], index.groups.row(row)[0]
        own = picked_by(row)
        return cls(index, row, picked_by, own, frozenset(ties.tolist()), frozenset(groups.tolist()), unseen)


PickedBy = Callable[[int], Mapping[int, tuple[int, int]]]
"""What somebody picked, by row: flags and maturity by theme."""


def remembered_picks(index: Index) -> PickedBy:
    """What somebody picked, unpacked once for as many as fit: in everyone's lists each member comes a dozen times."""
    return lru_cache(20_000)(partial(_picked, index))


def ranked_kinds(weights: Doubles) -> list[list[tuple[str, float]]]:
    """Return for each row the kinds that are true with their weights, the weightiest first."""
    orders = np.argsort(-weights, axis=1, kind="stable").tolist()
    return [
        [(KINDS[kind], line[kind]) for kind in order if line[kind] > 0.0]
        for order, line in zip(orders, weights.tolist(), strict=True)
    ]


def explain(case: Case, other: int, signals: Doubles, kinds: Sequence[tuple[str, float]]) -> tuple[Reason, ...]:
    """Return the reasons of these kinds, in their order, why the other row suits the case's member."""
    reasons: dict[str, Reason] = {}
    picked = case.picked_by(other)
    for name, weight in kinds:
        evidence = _evidence(case, name, other, picked, signals)
        if evidence is not None:
            reasons[name] = Reason(name, evidence, weight)
    for stronger, weaker in _STRONGER:
        if stronger in reasons:
            reasons.pop(weaker, None)
    return tuple(reasons.values())


def _evidence(
    case: Case, kind: str, other: int, picked: Mapping[int, tuple[int, int]], signals: Doubles
) -> Evidence | None:
    match kind:
        case "they_offer_you_seek":
            return _themes(case, picked, col.SEEK, col.OFFER)
        case "you_offer_they_seek":
            return _themes(case, picked, col.OFFER, col.SEEK)
        case "shared_theme":
            return _themes(case, picked, col.INTEREST, col.INTEREST)
        case "step_ahead":
            return _steps(case, picked)
        case "mutual_connections":
            return _mutual(case, other)
        case "similar_text":
            return _terms(case, other)
        case "shared_group":
            return _groups(case, other)
        case "newcomer" | "active":
            return {}
        case "active_nearby":
            lively = signals[COLUMN["lively"]] >= ACTIVE
            return {"region": _value(case.index, other, "region")} if lively else None
    return _standing(case, kind, other)


def _standing(case: Case, kind: str, other: int) -> Evidence:
    if kind == "first_link":
        ends = (case.row, other)
        return {
            "sectors": tuple(_value(case.index, row, "sector") for row in ends),
            "regions": tuple(_value(case.index, row, "region") for row in ends),
        }
    return {name: _value(case.index, other, name) for name in _STANDING[kind]}


def _value(index: Index, row: int, name: str) -> Any:
    return index.codes.lists[name][index.facts[row, _CODE[name]]]


def _picked(index: Index, row: int) -> dict[int, tuple[int, int]]:
    themes, flags, maturity = (column.tolist() for column in index.themes.row(row))
    return dict(zip(themes, zip(flags, maturity, strict=True), strict=True))


def _themes(case: Case, picked: Mapping[int, tuple[int, int]], mine: int, theirs: int) -> Evidence | None:
    both = [
        theme
        for theme, (flags, _) in picked.items()
        if flags & theirs and theme in case.picked and case.picked[theme][0] & mine
    ]
    both.sort(key=lambda theme: -case.index.theme_weights[theme])
    return {"themes": tuple(case.index.codes.lists["theme"][theme] for theme in both)} if both else None


def _steps(case: Case, picked: Mapping[int, tuple[int, int]]) -> Evidence | None:
    steps = [
        (theme, case.picked[theme][1], step)
        for theme, (_, step) in picked.items()
        if theme in case.picked and case.picked[theme][1] > 0 and 1 <= step - case.picked[theme][1] <= 2
    ]
    steps.sort(key=lambda step: -case.index.theme_weights[step[0]])
    if not steps:
        return None
    return {
        "themes": tuple(case.index.codes.lists["theme"][theme] for theme, _, _ in steps),
        "yours": tuple(mine for _, mine, _ in steps),
        "theirs": tuple(theirs for _, _, theirs in steps),
    }


def _mutual(case: Case, other: int) -> Evidence | None:
    index = case.index
    others, _, is_open = index.ties.row(other)
    both = [row for row, may in zip(others.tolist(), is_open.tolist(), strict=True) if may and row in case.ties]
    named = [(row, int(index.ids[row])) for row in both if index.suggestable[row]]
    starts = index.ties.starts
    # Those with few ties of their own first: that two people both know them says most.
    between = sorted((starts[row + 1] - starts[row], member) for row, member in named if member not in case.unseen)
    return {"members": tuple(member for _, member in between)} if between else None


def _terms(case: Case, other: int) -> Evidence | None:
    terms = shared_terms(case.index.texts.row(case.row), case.index.texts.row(other), NAMED)
    return {"terms": tuple(case.index.vocabulary.terms[term] for term in terms)} if len(terms) else None


def _groups(case: Case, other: int) -> Evidence | None:
    weights, names = case.index.group_weights, case.index.codes.lists["group"]
    both = [group for group in case.index.groups.row(other)[0].tolist() if group in case.groups and weights[group] > 0]
    both.sort(key=lambda group: (-weights[group], names[group]))
    return {"groups": tuple(names[group] for group in both)} if both else None
