"""The product's ranker for a judge that does not know it: `fit(profiles, edges, groups, memberships, now)`."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from haln.evaluation import group_ranker, ranker
from haln.evaluation.dataset import Group, Membership, Profile, Tie


class Offered:
    """What was known, and the rankers of people and of groups, each fitted when it is first asked."""

    def __init__(
        self,
        profiles: Mapping[str, Profile],
        ties: Sequence[Tie],
        groups: Mapping[str, Group],
        memberships: Sequence[Membership],
        now: float | None,
        seed: int,
    ) -> None:
        self._known = profiles, ties, groups, memberships, now, seed

    @cached_property
    def _people(self) -> ranker.Product:
        return ranker.fit(*self._known)

    @cached_property
    def _groups(self) -> group_ranker.Product:
        return group_ranker.fit(*self._known)

    def suggest(self, member: str, count: int) -> list[str]:
        """Return other members, best first."""
        return self._people.suggest(member, count)

    def score(self, member: str, others: Sequence[str]) -> list[float]:
        """Return how well some others suit a member."""
        return self._people.score(member, others)

    def suggest_groups(self, member: str, count: int) -> list[str]:
        """Return groups that a member is not in, best first."""
        return self._groups.suggest_groups(member, count)

    def match_text(self, text: str) -> Mapping[str, float]:
        """Return how well a text suits each member."""
        return self._people.match_text(text)


def fit(
    profiles: Mapping[str, Mapping[str, Any]],
    edges: Sequence[tuple[str, str, float]],
    groups: Mapping[str, Mapping[str, Any]] | None = None,
    memberships: Sequence[tuple[str, str, float]] | None = None,
    now: float | None = None,
    seed: int = 0,
) -> Offered:
    """Fit the ranker to profiles (docs, org, place, roles), ties, groups (t, text) and memberships known now."""
    known = {
        member: Profile(
            tuple((float(t), text) for t, text in row["docs"]), row.get("org", ""), row.get("place", ""), row["roles"]
        )
        for member, row in profiles.items()
    }
    kept = {key: Group(float(group["t"]), None, group["text"]) for key, group in (groups or {}).items()}
    return Offered(known, [(u, v, float(t)) for u, v, t in edges], kept, list(memberships or ()), now, seed)


fit.seeded = True  # type: ignore[attr-defined]  # how the judge asks whether a ranker takes a seed
