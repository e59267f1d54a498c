"""What every ranker is: fitted to what was known at a moment, it suggests members, groups, or whom a text is for."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from haln.evaluation.dataset import Group, Membership, Moment, Profile, Tie


class Model(Protocol):
    """A fitted ranker of members."""

    def suggest(self, member: str, count: int) -> list[str]:
        """Return other members, best first."""

    def match_text(self, text: str) -> Mapping[str, float]:
        """Return how well a text suits each member."""


class PairModel(Protocol):
    """A fitted ranker of members that says by how much."""

    def score(self, member: str, others: Sequence[str]) -> list[float]:
        """Return how well some others suit a member: higher is better, and means nothing beside another member's."""


class PeerModel(Model, PairModel, Protocol):
    """A fitted ranker of members that does both."""


class GroupModel(Protocol):
    """A fitted ranker of groups."""

    def suggest_groups(self, member: str, count: int) -> list[str]:
        """Return groups that a member is not in, best first."""


Made = TypeVar("Made", covariant=True)


class Fits(Protocol[Made]):
    """Makes a model of what was known; everything random hangs on the seed."""

    def __call__(
        self,
        profiles: Mapping[str, Profile],
        ties: Sequence[Tie],
        groups: Mapping[str, Group],
        memberships: Sequence[Membership],
        now: Moment | None,
        seed: int = 0,
    ) -> Made: ...


Fit = Fits[Model]
PairFit = Fits[PairModel]
PeerFit = Fits[PeerModel]
GroupFit = Fits[GroupModel]
