"""A year of members with hidden tastes: does what they say to suggestions make the next ones better?

Everybody weighs what the blend weighs, but not as it does: the network as a whole has leanings of its own, and each
member their own besides. Each month everybody gets a list, looks at the first few, asks whom they like and sets aside
some whom they do not; whoever is asked answers by their own taste. Who said yes is connected. What the ranker is told
are the answers; of tastes it knows nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Doubles
from haln.matching import learning
from haln.matching.blend import GRAPH, SIGNALS, TEXT, Weights, blend
from haln.matching.crew import suggest_for_all
from haln.matching.fixed_weights import DEFAULT_WEIGHTS
from haln.matching.index import Index, build
from haln.matching.people import Membership, Network, Person, Tie
from haln.matching.signals import pair_signals, survey
from haln.matching.suggest import Exclusions, Settings

FAMILIES = (
    ("they_offer", "you_offer", "shared_theme", "step_ahead"),
    GRAPH,
    TEXT,
    ("same_sector", "same_role", "same_role_elsewhere", "same_level", "same_organisation"),
    ("same_place", "same_region", "place_other_sector", "first_link"),
)
"""What tastes are about."""
LEANINGS = (0.8, -1.0, -1.0, 0.6, 1.2)
"""How the network as a whole leans: the logarithm of how much more each family counts than in the blend."""
_DAYS = 30
_FAMILY = np.array([next((at for at, one in enumerate(FAMILIES) if name in one), -1) for name in SIGNALS])


@dataclass(frozen=True, slots=True)
class World:
    """How the year goes. `looked_at`: so many of a list are read; `own`: how far each taste is from all others'.

    `asking`: the score, by a member's own taste, at which they ask every second time; `answering`: so much less is
    asked for to say yes; `aside`: the share of those not asked for who are set aside at most.
    """

    months: int = 13
    looked_at: int = 3
    own: float = 0.5
    leanings: tuple[float, ...] = LEANINGS
    asking: float = 6.0
    answering: float = 1.5
    aside: float = 0.4
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """What came of a month's suggestions: how many were read, asked for and agreed to."""

    read: int
    asked: int
    agreed: int


@dataclass
class _Year:
    """Where the year stands."""

    ties: list[Tie]
    excluded: dict[int, set[int]]
    answers: list[learning.Answer] = field(default_factory=list)


def year(
    people: Sequence[Person],
    ties: Sequence[Tie],
    memberships: Sequence[Membership],
    today: int,
    world: World,
    learns: bool,
) -> Iterator[Month]:
    """Yield month by month what members make of their suggestions, by weights that learn from it or stay as they are.

    Tastes and chance are the same for the same seed, whether it learns or not.
    """
    tastes = _tastes(people, world)
    rng = np.random.default_rng(world.seed + 1)
    state, weights = _Year(list(ties), {person.member: set() for person in people}), DEFAULT_WEIGHTS
    for month in range(world.months):
        index = build(Network(people, state.ties, memberships, today + _DAYS * month))
        yield _month(index, state, tastes, weights, world, rng)
        if learns:
            weights = learning.learn([], DEFAULT_WEIGHTS, f"month-{month}", answers=state.answers)


def _tastes(people: Sequence[Person], world: World) -> Mapping[int, Doubles]:
    """By how much each member multiplies each signal's part."""
    rng = np.random.default_rng(world.seed)
    members = sorted(person.member for person in people)
    own = np.exp(np.array(world.leanings) + world.own * rng.standard_normal((len(members), len(FAMILIES))))
    return dict(zip(members, np.where(_FAMILY < 0, 1.0, own[:, _FAMILY]), strict=True))


def _month(
    index: Index,
    state: _Year,
    tastes: Mapping[int, Doubles],
    weights: Weights,
    world: World,
    rng: np.random.Generator,
) -> Month:
    settings = Settings(weights=weights)
    left_out = {member: Exclusions(frozenset(others)) for member, others in state.excluded.items()}
    made: list[Tie] = []
    read = asked = 0
    for one in suggest_for_all(index, left_out, settings):
        others = [entry.member for entry in one.suggestions]
        if not others:
            continue
        signals, liked = _liked(index, one.member, others, tastes)
        ties = int(np.diff(index.ties.starts)[index.row(one.member)])
        for place, other in enumerate(others[: world.looked_at]):
            read += 1
            chance = _chance(liked[place] - world.asking)
            if rng.random() < chance:
                asked += 1
                back = _liked(index, other, [one.member], tastes)[1][0]
                agrees = bool(rng.random() < _chance(back - world.asking + world.answering))
                state.excluded[other].add(one.member)
                made += [Tie(one.member, other, index.today)] * agrees
            elif rng.random() < world.aside * (1.0 - chance):
                agrees = False
            else:
                continue
            state.excluded[one.member].add(other)
            first = np.roll(np.arange(len(others)), -place)
            state.answers.append(learning.Answer(signals[first].astype(np.float32), ties, agrees))
    state.ties += made
    return Month(read, asked, len(made))


def _liked(
    index: Index, member: int, others: Sequence[int], tastes: Mapping[int, Doubles]
) -> tuple[NDArray[np.float64], Doubles]:
    """The signals between a member and others, and what the member's own taste makes of them."""
    row, rows = index.row(member), np.array([index.row(other) for other in others], np.int64)
    signals = pair_signals(index, survey(index, row, 0, rows), rows)
    parts, scores = np.empty_like(signals), np.empty(len(rows))
    blend(signals, *DEFAULT_WEIGHTS.at(int(np.diff(index.ties.starts)[row])).arrays(), parts, scores)
    return signals, parts @ tastes[member]


def _chance(over: float) -> float:
    return float(1.0 / (1.0 + np.exp(-over)))
