"""The product's ranker for a judge that does not know it: `fit(profiles, edges, groups, memberships, now)`."""

from collections.abc import Mapping, Sequence
from typing import Any

from haln.evaluation import ranker
from haln.evaluation.dataset import Group, Profile


def fit(
    profiles: Mapping[str, Mapping[str, Any]],
    edges: Sequence[tuple[str, str, float]],
    groups: Mapping[str, Mapping[str, Any]] | None = None,
    memberships: Sequence[tuple[str, str, float]] | None = None,
    now: float | None = None,
    seed: int = 0,
) -> ranker.Product:
    """Fit the ranker to profiles (docs, org, place, roles), ties, groups (t, text) and memberships known now."""
    known = {
        member: Profile(
            tuple((float(t), text) for t, text in row["docs"]), row.get("org", ""), row.get("place", ""), row["roles"]
        )
        for member, row in profiles.items()
    }
    kept = {key: Group(float(group["t"]), None, group["text"]) for key, group in (groups or {}).items()}
    return ranker.fit(known, [(u, v, float(t)) for u, v, t in edges], kept, list(memberships or ()), now, seed)


fit.seeded = True  # type: ignore[attr-defined]  # how the judge asks whether a ranker takes a seed
