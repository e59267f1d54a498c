"""The product's own ranker, offered to data sets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from haln.evaluation.dataset import Group, Membership, Moment, Profile, Tie, days
from haln.matching import learning, people
from haln.matching.blend import Weights
from haln.matching.fixed_weights import DEFAULT_WEIGHTS
from haln.matching.index import Index, build
from haln.matching.suggest import Settings, ranked, scored
from haln.matching.text import Pieces, Vocabulary, learn_vocabulary

HELD_OUT = 0.1
"""So much of the ties comes in each round of learning: drawn by seed or, of dated ones, one late part after another."""
LATE = 3
"""So many late parts of dated ties are learned from: what is older tells less of what will come."""
LEAST, ENOUGH = 3, 10_000
"""Of ties without dates each comes once (but for nine at most), unless `LEAST` rounds or more have so many lessons."""


@dataclass(frozen=True)
class Known:
    """What was known of a network at a moment."""

    profiles: Mapping[str, Profile]
    ties: Sequence[Tie]
    groups: Mapping[str, Group]
    memberships: Sequence[Membership]
    now: Moment | None

    @cached_property
    def names(self) -> list[str]:
        """The members, in the order of their numbers."""
        return sorted(self.profiles)

    @cached_property
    def number(self) -> Mapping[str, int]:
        """The number of each member in the index."""
        return {name: at for at, name in enumerate(self.names)}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The terms of all texts."""
        return learn_vocabulary([text for name in self.names for _, text in self.profiles[name].docs])

    @cached_property
    def index(self) -> Index:
        """The index of it all."""
        return build(network_of(self), self.vocabulary)

    def without(self, ties: Sequence[Tie]) -> "Known":
        """Return the same but for some ties."""
        gone = set(ties)
        return replace(self, ties=[tie for tie in self.ties if tie not in gone])

    def at(self, moment: Moment) -> "Known":
        """Return what was known at an earlier moment: texts, ties and memberships until then, members with a trace."""
        profiles = {}
        dated = {u for tie in self.ties for u in tie[:2] if tie[2] <= moment}
        dated |= {one[0] for one in self.memberships if one[2] <= moment}
        for name, profile in self.profiles.items():
            docs = tuple(one for one in profile.docs if one[0] <= moment)
            if docs or name in dated:
                profiles[name] = replace(profile, docs=docs)
        return Known(
            profiles,
            [tie for tie in self.ties if tie[2] <= moment],
            {key: group for key, group in self.groups.items() if group.since <= moment},
            [one for one in self.memberships if one[2] <= moment],
            moment,
        )


def pasts(known: Known, seed: int) -> Iterator[learning.Past]:
    """Yield earlier moments of a network with the ties that came after: the latest tenths, or tenths drawn by seed."""
    moments = np.array([tie[2] for tie in known.ties])
    if len(moments) and known.now is not None and len(np.unique(moments)) > 1:
        for cut, end in _windows(moments):
            yield _past(known.at(cut), [tie for tie in known.ties if cut < tie[2] <= end])
        return
    ties = sorted(set(known.ties))
    order = np.random.default_rng(7000 + seed).permutation(len(ties))
    size = int(HELD_OUT * len(ties))
    for fold in range(round(1 / HELD_OUT) if size else 0):
        came = [ties[at] for at in order[fold * size : (fold + 1) * size]]
        yield _past(known.without(came), came)


def _windows(moments: NDArray[np.float64]) -> Iterator[tuple[float, float]]:
    """Yield (cut, end) of tenths of the ties by date, the latest first; of fewer dates, fewer."""
    ordered = np.sort(moments)
    end = float(ordered[-1])
    for fold in range(LATE):
        cut = float(ordered[int((1.0 - (fold + 1) * HELD_OUT) * (len(moments) - 1))])
        if fold == 0 and cut >= end:
            cut = float(np.unique(moments)[-2])
        if cut < end:
            yield cut, end
            end = cut


def _past(known: Known, came: Sequence[Tie]) -> learning.Past:
    number = known.number
    return learning.Past(known.index, [(number[u], number[v]) for u, v, _ in came if u in number and v in number])


def earlier_lessons(known: Known, seed: int) -> list[learning.Lesson]:
    """Return what the network's own earlier ties teach."""
    settings = Settings(seed=seed)
    some: list[learning.Lesson] = []
    for count, past in enumerate(pasts(known, seed), start=1):
        some += learning.lessons(past, settings)
        if count >= LEAST and len(some) >= ENOUGH:
            break
    return some


def learned_weights(known: Known, seed: int, prior: Weights = DEFAULT_WEIGHTS) -> Weights:
    """Return weights learned from the network's own earlier ties."""
    return learning.learn(earlier_lessons(known, seed), prior, "learned")


class Product:
    """The product's ranker, fitted: the index, and the weights it ranks by."""

    def __init__(self, known: Known, settings: Settings) -> None:
        self._known, self._settings = known, settings

    def suggest(self, member: str, count: int) -> list[str]:
        """Return others, best first by score; raises KeyError for whoever was not known."""
        index, names = self._known.index, self._known.names
        return [names[one] for one in ranked(index, self._known.number[member], self._settings)[:count]]

    def score(self, member: str, others: Sequence[str]) -> list[float]:
        """Return the score of some others for a member; raises KeyError for whoever was not known."""
        index, number = self._known.index, self._known.number
        scores: list[float] = scored(index, number[member], [number[one] for one in others], self._settings).tolist()
        return scores

    def match_text(self, text: str) -> Mapping[str, float]:
        """Return how well each member's pieces suit a text."""
        return dict(zip(self._known.names, self._pieces.suited(text).tolist(), strict=True))

    @cached_property
    def _pieces(self) -> Pieces:
        written = [_with_facts(self._known.profiles[name]) for name in self._known.names]
        return Pieces(learn_vocabulary([piece for pieces in written for piece in pieces], common=1.0), written)


def _with_facts(profile: Profile) -> list[str]:
    """What a member wrote, and organisation and roles as pieces of their own."""
    return [*(text for _, text in profile.docs), *(fact for fact in (profile.org, profile.roles) if fact)]


@dataclass(frozen=True, slots=True)
class Ranker:
    """Fits the product's ranker: with weights learned from its own earlier ties, or with those of other networks."""

    learns: bool

    def __call__(
        self,
        profiles: Mapping[str, Profile],
        ties: Sequence[Tie],
        groups: Mapping[str, Group],
        memberships: Sequence[Membership],
        now: Moment | None,
        seed: int = 0,
    ) -> Product:
        """Return the ranker fitted to what was known; the same for the same seed."""
        known = Known(profiles, ties, groups, memberships, now)
        weights = learned_weights(known, seed) if self.learns else DEFAULT_WEIGHTS
        return Product(known, Settings(seed=seed, weights=weights))


fit = Ranker(learns=True)
fit_unlearned = Ranker(learns=False)
fit_texts = fit_unlearned
"""For texts there is nothing to learn."""


def day_of(moment: Moment) -> int | None:
    """Return the day of a dated trace; None where the data set has no dates."""
    return days(moment) if moment > 0 else None


def last_traces(
    profiles: Mapping[str, Profile], ties: Sequence[Tie], memberships: Sequence[Membership]
) -> dict[str, Moment]:
    """Return the last dated trace of each member: a text, a tie, a membership."""
    last = {member: max((moment for moment, _ in profile.docs), default=0.0) for member, profile in profiles.items()}
    for u, v, moment in ties:
        for member in (u, v):
            if member in last:
                last[member] = max(last[member], moment)
    for member, _, moment in memberships:
        if member in last:
            last[member] = max(last[member], moment)
    return last


def network_of(known: Known) -> people.Network:
    """Return the network as matching takes it."""
    profiles, number = known.profiles, known.number
    last = last_traces(profiles, known.ties, known.memberships)
    today = days(known.now) if known.now else max((days(one) for one in last.values()), default=0)
    organisations = _numbered(profile.org for profile in profiles.values())
    places = _numbered(profile.place for profile in profiles.values())
    persons = []
    for name in known.names:
        profile, seen = profiles[name], day_of(last[name])
        persons.append(
            people.Person(
                number[name],
                texts=tuple(text for _, text in profile.docs),
                role=_plain(profile.roles) or None,
                organisation=organisations.get(_plain(profile.org)),
                place=places.get(_plain(profile.place)),
                quiet_days=None if seen is None else today - seen,
            )
        )
    group_number = {group: at for at, group in enumerate(sorted(known.groups))}
    return people.Network(
        persons,
        [
            people.Tie(number[u], number[v], day_of(t))
            for u, v, t in known.ties
            if u in number and v in number and u != v
        ],
        [
            people.Membership(number[m], group_number[g], day_of(t))
            for m, g, t in known.memberships
            if m in number and g in group_number
        ],
        today,
    )


def _numbered(values: Iterable[str]) -> dict[str, int]:
    return {one: at for at, one in enumerate(sorted({_plain(value) for value in values} - {""}))}


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
