"""Why this pair, in data and not in words: each reason is true, names its evidence and what it added to the score."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from haln.compiled import DOUBLES, LONGS, OUT_TABLE, TABLE, Doubles, Longs, compiled
from haln.matching import columns as col
from haln.matching.blend import COLUMN, SIGNALS
from haln.matching.index import Index
from haln.matching.picks import PickedBy, Picks
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
    "same_region": ("same_region",),
    "same_sector": ("same_sector",),
    "active": ("lively",),
}
KINDS = tuple(SIGNALS_OF)
# Of these pairs the second says less of the same: it is left out where the first is true.
_STRONGER = (
    ("same_place_other_sector", "same_place"),
    ("same_place_other_sector", "same_region"),
    ("same_place", "same_region"),
    ("active_nearby", "same_region"),
    ("active_nearby", "active"),
)

SIMILAR_TEXT = 0.05
ACTIVE = 0.5
NAMED = 8
"""So many words that both write are kept; of those that tell nothing none is shown (`connect/telling.py`)."""
_DECIMALS = 6
_CODE = {name: code for code, name in enumerate(col.CODED)}


class Reason(NamedTuple):
    """One true thing that speaks for a pair; `evidence` holds ids and codes, `weight` its part of the score.

    The weight has six decimals.
    """

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
    """The member to whom others are explained, unpacked once for all of a list; `unseen` are never named to them."""

    index: Index
    row: int
    picked_by: PickedBy
    picked: Picks
    ties: Set[int]
    groups: Set[int]
    unseen: Set[int]

    @classmethod
    def of(cls, index: Index, row: int, unseen: Set[int], picked_by: PickedBy) -> "Case":
        """Unpack a member of the index."""
        ties, groups = index.ties.row(row)[0], index.groups.row(row)[0]
        (own,) = picked_by.of(np.array([row]))
        return cls(index, row, picked_by, own, frozenset(ties.tolist()), frozenset(groups.tolist()), unseen)


class _Other(NamedTuple):
    """Who is explained: their row, what they picked, their facts, whether they are lively."""

    row: int
    picked: Picks
    facts: Sequence[int]
    lively: bool


def ranked_kinds(weights: Doubles) -> list[list[tuple[str, float]]]:
    """Return for each row the kinds that are true and add something to six decimals, and how much: the most first."""
    told = weights.round(_DECIMALS)
    orders = np.argsort(-weights, axis=1, kind="stable").tolist()
    counts = np.count_nonzero(told > 0.0, axis=1).tolist()
    return [
        [(KINDS[kind], line[kind]) for kind in order[:count]]
        for order, line, count in zip(orders, told.tolist(), counts, strict=True)
    ]


def explain(
    case: Case, rows: Longs, signals: Doubles, kinds: Sequence[Sequence[tuple[str, float]]]
) -> list[tuple[Reason, ...]]:
    """Return for each row the reasons of its kinds, in their order, why it suits the case's member.

    `signals` (rows, SIGNALS); `kinds` as `ranked_kinds` has them.
    """
    facts, lively = case.index.facts[rows].tolist(), (signals[:, COLUMN["lively"]] >= ACTIVE).tolist()
    others = map(_Other, rows.tolist(), case.picked_by.of(rows), facts, lively)
    return [_explained(case, other, some) for other, some in zip(others, kinds, strict=True)]


def _explained(case: Case, other: _Other, kinds: Sequence[tuple[str, float]]) -> tuple[Reason, ...]:
    reasons: dict[str, Reason] = {}
    for name, weight in kinds:
        evidence = _EVIDENCE[name](case, other)
        if evidence is not None:
            reasons[name] = Reason(name, evidence, weight)
    for stronger, weaker in _STRONGER:
        if stronger in reasons:
            reasons.pop(weaker, None)
    return tuple(reasons.values())


def _nothing(_case: Case, _other: _Other) -> Evidence:
    return {}


def _told(index: Index, facts: Sequence[int], name: str) -> Any:
    return index.codes.lists[name][facts[_CODE[name]]]


def _facts(names: Sequence[str], case: Case, other: _Other) -> Evidence:
    return {name: _told(case.index, other.facts, name) for name in names}


def _region(case: Case, other: _Other) -> Evidence | None:
    return {"region": _told(case.index, other.facts, "region")} if other.lively else None


def _ends(case: Case, other: _Other) -> Evidence:
    both = (case.index.facts[case.row].tolist(), other.facts)
    return {
        "sectors": tuple([_told(case.index, facts, "sector") for facts in both]),
        "regions": tuple([_told(case.index, facts, "region") for facts in both]),
    }


def _offered(case: Case, other: _Other) -> Evidence | None:
    return _themes(case, case.picked.seeks & other.picked.offers)


def _sought(case: Case, other: _Other) -> Evidence | None:
    return _themes(case, case.picked.offers & other.picked.seeks)


def _liked(case: Case, other: _Other) -> Evidence | None:
    return _themes(case, case.picked.likes & other.picked.likes)


def _themes(case: Case, both: int) -> Evidence | None:
    return {"themes": case.picked_by.named(both)} if both else None


def _steps(case: Case, other: _Other) -> Evidence | None:
    # With what somebody would like help with, and the member can help, nobody calls them ahead.
    ahead = case.picked.behind(other.picked) & ~(case.picked.offers & other.picked.seeks)
    if not ahead:
        return None
    yours, theirs = case.picked.steps(ahead), other.picked.steps(ahead)
    return {"themes": case.picked_by.named(ahead), "yours": yours, "theirs": theirs}


def _mutual(case: Case, other: _Other) -> Evidence | None:
    index = case.index
    others, _, is_open = index.ties.row(other.row)
    both = [row for row, may in zip(others.tolist(), is_open.tolist(), strict=True) if may and row in case.ties]
    named = [(row, int(index.ids[row])) for row in both if index.suggestable[row]]
    starts = index.ties.starts
    # Those with few ties of their own first: that two people both know them says most.
    between = sorted((starts[row + 1] - starts[row], member) for row, member in named if member not in case.unseen)
    return {"members": tuple(member for _, member in between)} if between else None


def _terms(case: Case, other: _Other) -> Evidence | None:
    terms = shared_terms(case.index.texts.row(case.row), case.index.texts.row(other.row), NAMED)
    return {"terms": tuple(case.index.vocabulary.terms[term] for term in terms)} if len(terms) else None


def _groups(case: Case, other: _Other) -> Evidence | None:
    weights, names = case.index.group_weights, case.index.codes.lists["group"]
    both = [
        group for group in case.index.groups.row(other.row)[0].tolist() if group in case.groups and weights[group] > 0
    ]
    both.sort(key=lambda group: (-weights[group], names[group]))
    return {"groups": tuple(names[group] for group in both)} if both else None


_EVIDENCE: Mapping[str, Callable[[Case, _Other], Evidence | None]] = {
    "they_offer_you_seek": _offered,
    "you_offer_they_seek": _sought,
    "shared_theme": _liked,
    "step_ahead": _steps,
    "mutual_connections": _mutual,
    "same_place_other_sector": partial(_facts, ("place", "sector")),
    "same_role_other_organisation": partial(_facts, ("role", "organisation")),
    "first_link": _ends,
    "similar_text": _terms,
    "shared_group": _groups,
    "newcomer": _nothing,
    "active_nearby": _region,
    "same_place": partial(_facts, ("place",)),
    "same_region": partial(_facts, ("region",)),
    "same_sector": partial(_facts, ("sector",)),
    "active": _nothing,
}
"""What shows that a kind of reason is true; None where nothing does. It depends on nothing but the two members."""
