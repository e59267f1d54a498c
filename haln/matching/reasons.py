"""Why this pair, in data and not in words: each reason is true, names its evidence and what it added to the score."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from haln.matching import columns as col
from haln.matching.blend import COLUMN, SIGNALS
from haln.matching.compiled import Doubles
from haln.matching.index import Index
from haln.matching.text import shared_terms

Evidence = Mapping[str, Any]

# Which signals speak for which reason. Walks without a common connection speak for none.
SIGNALS_OF: Mapping[str, tuple[str, ...]] = {
    "they_offer_you_seek": ("they_offer",),
    "you_offer_they_seek": ("you_offer",),
    "shared_theme": ("shared_theme",),
    "step_ahead": ("step_ahead",),
    "mutual_connections": ("common_ties", "adamic_adar", "resource_allocation", "near_walk", "far_walk"),
    "same_place_other_sector": ("same_place", "place_other_sector"),
    "same_role_other_organisation": ("same_role", "same_role_elsewhere"),
    "first_link": ("first_link",),
    "similar_text": ("text",),
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
    weights = np.zeros((len(parts), len(KINDS)))
    for kind, name in enumerate(KINDS):
        for signal in SIGNALS_OF[name]:
            weights[:, kind] += parts[:, COLUMN[signal]]
        weights[signals[:, _MUST[name]] <= _least(name), kind] = 0.0
    return np.maximum(weights, 0.0)


def _least(kind: str) -> float:
    return SIMILAR_TEXT if kind == "similar_text" else ACTIVE if kind == "active" else 0.0


def lead_kinds(weights: Doubles) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Return for each row the kind that adds most; -1 where none is true."""
    return np.where(weights.max(axis=1) > 0, weights.argmax(axis=1), -1).astype(np.int32)


def explain(
    index: Index, asker: int, other: int, signals: Doubles, weights: Doubles, unseen: Set[int]
) -> tuple[Reason, ...]:
    """Return the reasons for a pair of rows, the weightiest first; `unseen` members are not named as evidence."""
    reasons: dict[str, Reason] = {}
    for kind in np.argsort(-weights, kind="stable"):
        if weights[kind] <= 0.0:
            break
        name = KINDS[kind]
        evidence = _evidence(index, name, asker, other, signals, unseen)
        if evidence is not None:
            reasons[name] = Reason(name, evidence, float(weights[kind]))
    for stronger, weaker in _STRONGER:
        if stronger in reasons:
            reasons.pop(weaker, None)
    return tuple(reasons.values())


def _evidence(index: Index, kind: str, asker: int, other: int, signals: Doubles, unseen: Set[int]) -> Evidence | None:
    match kind:
        case "they_offer_you_seek":
            return _themes(index, asker, other, col.SEEK, col.OFFER)
        case "you_offer_they_seek":
            return _themes(index, asker, other, col.OFFER, col.SEEK)
        case "shared_theme":
            return _themes(index, asker, other, col.INTEREST, col.INTEREST)
        case "step_ahead":
            return _steps(index, asker, other)
        case "mutual_connections":
            return _mutual(index, asker, other, unseen)
        case "similar_text":
            return _terms(index, asker, other)
        case "shared_group":
            return _groups(index, asker, other)
        case "newcomer" | "active":
            return {}
        case "active_nearby":
            lively = signals[COLUMN["lively"]] >= ACTIVE
            return {"region": _value(index, other, "region")} if lively else None
    return _standing(index, kind, asker, other)


def _standing(index: Index, kind: str, asker: int, other: int) -> Evidence:
    if kind == "first_link":
        return {
            "sectors": (_value(index, asker, "sector"), _value(index, other, "sector")),
            "regions": (_value(index, asker, "region"), _value(index, other, "region")),
        }
    names = {
        "same_place_other_sector": ("place", "sector"),
        "same_role_other_organisation": ("role", "organisation"),
        "same_place": ("place",),
        "same_sector": ("sector",),
    }[kind]
    return {name: _value(index, other, name) for name in names}


def _value(index: Index, row: int, name: str) -> Any:
    return index.codes.lists[name][index.facts[row, _CODE[name]]]


def _picked(index: Index, row: int) -> dict[int, tuple[int, int]]:
    themes, flags, maturity = index.themes.row(row)
    return {int(theme): (int(flag), int(step)) for theme, flag, step in zip(themes, flags, maturity, strict=True)}


def _themes(index: Index, asker: int, other: int, mine: int, theirs: int) -> Evidence | None:
    own = _picked(index, asker)
    both = [
        theme
        for theme, (flags, _) in _picked(index, other).items()
        if flags & theirs and own.get(theme, (0, 0))[0] & mine
    ]
    both.sort(key=lambda theme: -index.theme_weights[theme])
    return {"themes": tuple(index.codes.lists["theme"][theme] for theme in both)} if both else None


def _steps(index: Index, asker: int, other: int) -> Evidence | None:
    own = _picked(index, asker)
    steps = [
        (theme, own[theme][1], step)
        for theme, (_, step) in _picked(index, other).items()
        if theme in own and own[theme][0] and own[theme][1] > 0 and 1 <= step - own[theme][1] <= 2
    ]
    steps.sort(key=lambda step: -index.theme_weights[step[0]])
    if not steps:
        return None
    return {
        "themes": tuple(index.codes.lists["theme"][theme] for theme, _, _ in steps),
        "yours": tuple(mine for _, mine, _ in steps),
        "theirs": tuple(theirs for _, _, theirs in steps),
    }


def _mutual(index: Index, asker: int, other: int, unseen: Set[int]) -> Evidence | None:
    mine = index.ties.row(asker)[0]
    theirs, _, is_open = index.ties.row(other)
    both = np.intersect1d(mine, theirs[is_open > 0], assume_unique=True)
    between = [int(row) for row in both if index.suggestable[row] and int(index.ids[row]) not in unseen]
    between.sort(key=lambda row: (index.ties.starts[row + 1] - index.ties.starts[row], index.ids[row]))
    return {"members": tuple(int(index.ids[row]) for row in between)} if between else None


def _terms(index: Index, asker: int, other: int) -> Evidence | None:
    terms = shared_terms(index.texts.row(asker), index.texts.row(other), NAMED)
    return {"terms": tuple(index.vocabulary.terms[term] for term in terms)} if len(terms) else None


def _groups(index: Index, asker: int, other: int) -> Evidence | None:
    both = np.intersect1d(index.groups.row(asker)[0], index.groups.row(other)[0], assume_unique=True)
    speaking = [int(group) for group in both if index.group_weights[group] > 0]
    speaking.sort(key=lambda group: (-index.group_weights[group], index.codes.lists["group"][group]))
    return {"groups": tuple(index.codes.lists["group"][group] for group in speaking)} if speaking else None
