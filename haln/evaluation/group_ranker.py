"""What ranks sets to join on the pages, offered to data sets: groups as openings, members as seekers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from haln.evaluation import ranker
from haln.evaluation.dataset import Group, Membership, Moment, Profile, Tie, days
from haln.evaluation.ranker import HELD_OUT, day_of
from haln.matching import people
from haln.matching.blend import Weights
from haln.matching.crowds import Crowds, gather
from haln.matching.joining import best
from haln.matching.joining_learning import PastJoining, learned_weights
from haln.matching.joining_signals import Opening, Openings, Seeker, prepare
from haln.matching.joining_weights import DEFAULT_WEIGHTS

FOLDS = 3
"""So many tenths of the memberships are learned from; more have not been found to teach more."""


@dataclass(frozen=True)
class Known(ranker.Known):
    """What was known of members, groups and who was in which at a moment. Of public data everything is told."""

    @cached_property
    def keys(self) -> list[str]:
        """The groups, in the order of their numbers."""
        return sorted(self.groups)

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The number of each group."""
        return {key: at for at, key in enumerate(self.keys)}

    @cached_property
    def crowds(self) -> Crowds:
        """Who is in what."""
        number, place = self.number, self.place
        return gather(
            [
                people.Membership(number[m], place[g], day_of(t))
                for m, g, t in self.memberships
                if m in number and g in place
            ],
            [people.Tie(number[u], number[v]) for u, v, _ in self.ties if u in number and v in number and u != v],
            0,
            days(self.now) if self.now else None,
        )

    @cached_property
    def texts(self) -> Mapping[int, tuple[str, ...]]:
        """What groups are for, by number."""
        return {at: (self.groups[key].text,) for at, key in enumerate(self.keys) if self.groups[key].text.strip()}

    @cached_property
    def openings(self) -> Openings:
        """All groups, as what there is to join."""
        some = [Opening(at, self.texts.get(at, ()), group=at) for at in range(len(self.keys))]
        written = [text for name in self.names for _, text in self.profiles[name].docs]
        return prepare(some, 0, written, self.crowds)

    def seeker(self, member: str) -> Seeker:
        """Return a member as a seeker."""
        own = self.crowds.groups_of(self.number[member])
        return Seeker(
            self.number[member],
            tuple(text for _, text in self.profiles[member].docs),
            groups=tuple(text for at in own for text in self.texts.get(at, ())),
        )

    def at(self, moment: Moment) -> "Known":
        """Return what was known at an earlier moment. Who is a member now may have been one then."""
        return Known(
            {
                name: replace(one, docs=tuple(doc for doc in one.docs if doc[0] <= moment))
                for name, one in self.profiles.items()
            },
            [tie for tie in self.ties if tie[2] <= moment],
            {key: group for key, group in self.groups.items() if group.since <= moment},
            [one for one in self.memberships if one[2] <= moment],
            moment,
        )


def pasts(known: Known, seed: int) -> Iterator[PastJoining]:
    """Yield earlier moments with the memberships that came after: the latest tenths, or tenths drawn by seed."""
    moments = np.array([one[2] for one in known.memberships])
    if known.now is not None and len(np.unique(moments)) > 1:
        ordered = np.sort(moments)
        cuts = [float(ordered[int((1.0 - HELD_OUT * fold) * (len(ordered) - 1))]) for fold in range(1, FOLDS + 1)]
        until = known.now
        for cut in cuts:
            if cut < until:
                yield _past(known.at(cut), [one for one in known.memberships if cut < one[2] <= until])
            until = cut
        return
    memberships = sorted(set(known.memberships))
    order = np.random.default_rng(7000 + seed).permutation(len(memberships))
    size = int(HELD_OUT * len(memberships))
    for fold in range(FOLDS if size else 0):
        came = [memberships[at] for at in order[fold * size : (fold + 1) * size]]
        gone = set(came)
        yield _past(replace(known, memberships=[one for one in known.memberships if one not in gone]), came)


def _past(known: Known, came: Sequence[Membership]) -> PastJoining:
    pairs = [(known.number[m], known.place[g]) for m, g, _ in came if m in known.number and g in known.place]
    askers = sorted({known.names[member] for member, _ in pairs})
    return PastJoining(known.openings, [known.seeker(name) for name in askers], pairs)


class Product:
    """The ranker of groups, fitted."""

    def __init__(self, known: Known, weights: Weights) -> None:
        self._known, self._weights = known, weights

    def suggest_groups(self, member: str, count: int) -> list[str]:
        """Return groups that a member is not in, best first; raises KeyError for whoever was not known."""
        known = self._known
        (found,) = best(known.openings, [known.seeker(member)], self._weights)
        return [known.keys[key] for key in found[:count]]


@dataclass(frozen=True, slots=True)
class Ranker:
    """Fits the ranker of groups: with weights learned from who joined before, or with those of other networks."""

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
        weights = learned_weights(pasts(known, seed), seed) if self.learns else DEFAULT_WEIGHTS
        return Product(known, weights)


fit = Ranker(learns=True)
fit_unlearned = Ranker(learns=False)
