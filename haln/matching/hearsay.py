"""What the people of a group tell about whether it suits somebody: all evidence of crowds for one member.

Of crowds of a hundred thousand, what may be joined is a few groups of a few people, and nothing but these is looked at,
wherever one can tell without the others. Which groups are sought changes no figure of any.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from haln.compiled import Doubles, Longs
from haln.matching.crowds import ATTENDED, BACKED, FINISHED, JOINED, Crowds, Factors, Marks, Matrix
from haln.matching.factors import closeness, own_vector
from haln.matching.ragged import Ragged

EVIDENCE = ("ties_there", "groups_alike", "walk", "regression", "kindred", "broadly_kindred", "size", "recent")
"""What `evidence` measures, one value per group each, at least 0."""

SPEAKING: tuple[tuple[str, tuple[str, ...]], ...] = (
    (JOINED, (JOINED, BACKED)),
    (ATTENDED, (ATTENDED,)),
    (FINISHED, (FINISHED,)),
)
"""Which groups are told of by a word of their own."""

# All chosen on validation splits.
_RIDGE, _STEPS = 150.0, 12
_TIE_SHARE = 0.3
_DISCOUNT = 0.3


@dataclass(frozen=True, slots=True)
class Sought:
    """Groups of crowds that somebody may join, and who is in any of these.

    `groups`: their rows in the crowds; `members`: the rows of their people, ascending; `people`, `fresh`: as in the
    crowds, of these alone; `dated`: 1 where `fresh` is above 0; `theirs`: of these people all groups.
    """

    crowds: Crowds
    groups: Longs
    members: Longs
    people: Matrix
    fresh: Matrix
    dated: Matrix
    theirs: Matrix

    @classmethod
    def of(cls, crowds: Crowds, groups: Longs) -> "Sought":
        """Look the people of some groups (rows of the crowds) up."""
        groups = np.ascontiguousarray(groups)  # as kernels take it
        people = crowds.people[groups]
        members = np.unique(people.indices).astype(np.int64)
        fresh = crowds.fresh[groups][:, members]
        return cls(crowds, groups, members, people[:, members], fresh, fresh.sign(), crowds.theirs[members])


@dataclass(frozen=True, slots=True)
class _View:
    """What one asker may be told of: counted people but those `gone`, and groups with enough.

    Gone (rows, ascending) are they themselves, and whom they must not see. `seen`: who of the sought's people counts.
    `size`, `usable`, `share`: of all groups; how much of one counts, 0 of one that is not usable.
    """

    sought: Sought
    gone: Longs
    seen: Doubles
    size: Doubles
    usable: Doubles
    share: Doubles

    @classmethod
    def of(cls, sought: Sought, row: int | None, unseen: Collection[int]) -> "_View":
        crowds = sought.crowds
        there = {row, *(crowds.row(one) for one in unseen)} - {None}
        gone = np.array(sorted(one for one in there if one is not None), np.int64)
        size = crowds.sizes.copy()
        for at in gone[crowds.counted[gone] > 0.0]:
            size[crowds.theirs.indices[crowds.theirs.indptr[at] : crowds.theirs.indptr[at + 1]]] -= 1.0
        seen = crowds.counted[sought.members]
        seen[_places(sought.members, gone)] = 0.0
        usable = (size > crowds.few).astype(np.float64)
        met = np.minimum(1.0, max(crowds.few, 1) / np.maximum(size, 1.0))
        share = usable * np.where(crowds.firm > 0.0, 1.0, met)
        return cls(sought, gone, seen, size * usable, usable, share)

    def everybody(self) -> Doubles:
        """Say for each member of the crowds with 1 whether they count."""
        seen = self.sought.crowds.counted.copy()
        seen[self.gone] = 0.0
        return seen

    def own(self, row: int) -> Doubles:
        """Say for each group with 1 whether a member is in it, where it is usable."""
        crowds = self.sought.crowds
        inside = np.zeros(len(crowds.groups))
        inside[_places(crowds.groups, crowds.own.row(row)[0])] = 1.0
        return inside * self.usable

    def told(self, worth: Doubles) -> Doubles:
        """Add up by sought group what its people are worth; 0 of a group for which few or fewer speak."""
        worth = worth * self.seen
        count = self.sought.people @ (worth != 0.0).astype(np.float64)
        return np.where(count > self.sought.crowds.few, self.sought.people @ worth, 0.0)


def _places(ascending: Longs, some: Longs) -> Longs:
    """Where some numbers stand among others that ascend, of those that do."""
    at = np.searchsorted(ascending, some)
    at[at == len(ascending)] = 0
    return at[ascending[at] == some] if len(ascending) else at[:0]


def evidence(sought: Sought, member: int, unseen: Collection[int] = ()) -> Mapping[str, Doubles]:
    """Return what the people of each sought group tell one member: `EVIDENCE`, one value per group each.

    `ties_there`: how many of their ties are in it. `groups_alike`: cosine of groups by shared people, summed over the
    member's own, the sought group's size discounted less than the known one's (Aiolli 2013). `walk`: three steps at
    random over memberships (Cooper, Lee, Radzik and Siantos 2014). `regression`: kernel ridge regression of who is in
    what, on shared groups and shared ties, each only where it is told by itself. `kindred`, `broadly_kindred`: low-rank
    factors of many numbers and of few, where shared groups are told; as these are learned from everybody at once, 0
    where somebody is unseen. `size`, `recent`: how many are in it, and joined lately. `unseen`: people of a block, who
    count as if they were not there. With `few` 0 nothing is held back.
    """
    crowds, groups = sought.crowds, sought.groups
    row = crowds.row(member)
    view = _View.of(sought, row, unseen)
    found = {name: np.zeros(len(groups)) for name in EVIDENCE}
    sizes = np.maximum(view.size, 1.0)
    found["size"] = view.size[groups]
    found["recent"] = np.where(sought.dated @ view.seen > crowds.few, sought.fresh @ view.seen, 0.0)
    if row is None:
        return found
    tied = crowds.ties.indices[crowds.ties.indptr[row] : crowds.ties.indptr[row + 1]]
    own = view.own(row) * view.share
    friends = np.zeros(len(sought.members))
    friends[_places(sought.members, tied)] = 1.0
    found["ties_there"] = view.told(friends)
    if own.any():
        sits = sought.theirs @ view.share
        walked = np.divide(sought.theirs @ (own / sizes), sits, out=np.zeros(len(sits)), where=sits > 0)
        alike = view.told(sought.theirs @ (own * sizes ** (_DISCOUNT - 1.0)))
        found["groups_alike"] = alike * sizes[groups] ** -_DISCOUNT
        found["walk"] = view.told(walked) / max(own.sum(), 1.0)
        if not unseen:
            near = found["groups_alike"] > 0.0 if crowds.few else view.usable[groups]
            firm = own * crowds.firm
            if near.any() and firm.any():
                found["kindred"] = _kindred(crowds.kindred, firm, groups) * near
                found["broadly_kindred"] = _kindred(crowds.broadly, firm, groups) * near
    found["regression"] = _regression(view, own, tied, found["groups_alike"] > 0.0, found["ties_there"] > 0.0)
    return found


def speaking(sought: Sought, member: int, unseen: Collection[int] = ()) -> dict[str, Marks]:
    """Say by the words of `SPEAKING` for which groups more than `few` speak who are in such a group with a member."""
    row = sought.crowds.row(member)
    view = _View.of(sought, row, unseen)
    own = np.zeros(len(sought.crowds.groups)) if row is None else view.own(row)
    nobody = np.zeros(len(sought.groups), bool)
    return {
        word: view.told(sought.theirs @ (own * np.isin(sought.crowds.kinds, kinds))) > 0.0 if own.any() else nobody
        for word, kinds in SPEAKING
    }


def _kindred(factors: Factors, own: Doubles, sought: Longs) -> Doubles:
    """How near each sought group is to the member by factors, solved from their own groups; about 1 for these."""
    groups = np.flatnonzero(own)
    ones = np.ones(len(groups))
    row = Ragged(np.array([0, len(groups)]), (groups.astype(np.int32), ones.astype(np.float32), ones.astype(np.uint8)))
    vectors, gram = factors
    return closeness(sought, vectors, own_vector(0, row, vectors, gram))


def _regression(view: _View, own: Doubles, tied: Longs, alike: Marks, known: Marks) -> Doubles:
    """What people are worth by regression, by group: shared groups count where `alike`, shared ties where `known`.

    Almost everybody is worth something, so that their number holds nothing back. Where of groups or ties few speak, all
    is solved without these: what the few would add does not show.
    """
    found, nobody = np.zeros(len(alike)), tied[:0]
    if not view.sought.crowds.few:
        if own.any() or len(tied):
            found = view.told(_regressed(view, own, tied)[view.sought.members])
        return np.maximum(0.0, found)
    for groups, ties in ((True, True), (True, False), (False, True)):
        here = (alike == groups) & (known == ties)
        if here.any():
            worth = _regressed(view, own * groups, tied if ties else nobody)
            found[here] = view.told(worth[view.sought.members])[here]
    return np.maximum(0.0, found)


def _regressed(view: _View, own: Doubles, friends: Longs) -> Doubles:
    """Solve (K + ridge) x = k by conjugate gradients: a weight per person, from how alike they are to the member.

    K counts the groups that two people share, and the cosine of their ties, each counted as tied to themselves, to
    `_TIE_SHARE` of the firm groups that a person in any of these is in on average; k is its row for the member.
    `friends`: whom they are tied to.
    """
    crowds, seen = view.sought.crowds, view.everybody()
    tied = np.zeros(len(seen))
    tied[friends] = seen[friends]
    firm = view.usable * crowds.firm
    inside = float(np.count_nonzero((crowds.theirs @ firm) * seen))
    worth = _TIE_SHARE * float((view.size * firm).sum()) / max(1.0, inside)
    root = np.sqrt(worth) * seen / np.sqrt(crowds.shown @ seen + 1.0)

    def circle(x: Doubles) -> Doubles:
        """Whom people are tied to, themselves among them; the same the other way round."""
        return np.asarray((crowds.shown @ x + x) * seen)

    def kernel(x: Doubles) -> Doubles:
        groups = seen * (crowds.theirs @ (view.share * (crowds.people @ x)))
        return np.asarray(groups + (root * circle(circle(root * x)) if tied.any() else 0.0))

    target = seen * (crowds.theirs @ own)
    if tied.any():
        target = target + np.sqrt(worth / (tied.sum() + 1.0)) * root * circle(tied)
    found, residue = np.zeros(len(target)), target
    way, square = residue, _product(residue, residue)
    for _ in range(_STEPS):
        if square < 1e-12:
            break
        image = kernel(way) + _RIDGE * way
        step = square / _product(way, image)
        found, residue = found + step * way, residue - step * image
        before, square = square, _product(residue, residue)
        way = residue + square / before * way
    return found


def _product(one: Doubles, other: Doubles) -> float:
    """The product of two vectors; of long ones, linear algebra would add up parts, as many as there are processors."""
    return float(np.add.reduce(one * other))
