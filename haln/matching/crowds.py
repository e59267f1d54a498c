"""Who is in what: what the people of a group tell about whether it suits somebody, and never who they are.

Only people who are counted (listed, active) tell anything, those of a block never do, and of `few` people or fewer
nothing is told: neither of a group with so few, nor of so few who speak for one. Who speaks for a group is in it, and
is tied to the member or in a group with them. Above that number each who speaks counts.

Not every group is something to join. Having been at an event or finished a module tells of people, too, but of a large
crowd next to nothing: it counts as if each in it had met `few` others.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from haln.compiled import Doubles, Longs
from haln.matching.factors import RANK, RIDGE, Vectors, closeness, factorised, gram_of, own_vector
from haln.matching.people import Membership, Tie
from haln.matching.ragged import Ragged, gathered
from haln.matching.threads import on_one_thread

EVIDENCE = ("ties_there", "groups_alike", "walk", "regression", "kindred", "broadly_kindred", "size", "recent")
"""What `evidence` measures, one value per group each, at least 0."""

JOINED, BACKED, ATTENDED, FINISHED = "joined", "backed", "attended", "finished"
"""How people came to be in a group."""
LOOSE = (ATTENDED, FINISHED)
"""What brings many together who never exchange a word."""
SPEAKING: tuple[tuple[str, tuple[str, ...]], ...] = (
    (JOINED, (JOINED, BACKED)),
    (ATTENDED, (ATTENDED,)),
    (FINISHED, (FINISHED,)),
)
"""Which groups are told of by a word of their own."""

FORGET_DAYS = 730.0
"""A membership counts for 1/e of a new one in `recent` after so many days."""
# All chosen on validation splits.
_RIDGE, _STEPS = 150.0, 12
_TIE_SHARE = 0.3
_DISCOUNT = 0.3
_BROAD_RANK, _BROAD_RIDGE = 24, 0.25
"""The ridge: in firm groups per member who is in any, so that it holds in sparse networks and in dense ones."""

Marks = NDArray[np.bool_]
Matrix = Any  # a sparse matrix of scipy, which has no types
Factors = tuple[Vectors, Doubles]


@dataclass(frozen=True, slots=True)
class Crowds:
    """Who is in which group and tied to whom. Rows are `members` and `groups`, ids ascending.

    `groups`: only those with more than `few` people who count. `people`: groups × members, 1 for whoever is in it;
    `theirs`: the same the other way; `fresh`: as `people`, by how new a membership is (0 without dates). `counted`: 1
    for members of whom anything is told. `shown`: the ties that others may be told of. `own`: by member the groups they
    are in, with few people as well, and whether these are firm. `firm`: 1 for groups that are not `LOOSE`; `kinds`:
    what each is. `kindred`, `broadly`: vectors of firm groups, learned by least squares from who is in what, and their
    gram: many numbers each, and few that are drawn to 0.
    """

    members: Longs
    groups: Longs
    people: Matrix
    theirs: Matrix
    fresh: Matrix
    ties: Matrix
    shown: Matrix
    counted: Doubles
    own: Ragged
    firm: Doubles
    kinds: NDArray[np.str_]
    kindred: Factors
    broadly: Factors
    few: int

    def row(self, member: int) -> int | None:
        """Return a member's row; None for who is in nothing and tied to nobody."""
        at = int(np.searchsorted(self.members, member))
        return at if at < len(self.members) and self.members[at] == member else None

    def groups_of(self, member: int) -> list[int]:
        """Return the groups that a member is in, ascending."""
        row = self.row(member)
        return [] if row is None else [int(group) for group in self.own.row(row)[0]]

    def firm_groups(self, member: int) -> int:
        """Return in how many groups a member is that are not `LOOSE`."""
        row = self.row(member)
        return 0 if row is None else int(np.count_nonzero(self.own.row(row)[1]))


@on_one_thread
def gather(
    memberships: Sequence[Membership],
    ties: Sequence[Tie],
    few: int,
    today: int | None = None,
    counted: Collection[int] | None = None,
    discreet: Collection[int] = (),
    kind_of: Callable[[int], str] = lambda _group: JOINED,
) -> Crowds:
    """Make crowds of memberships and ties; their order and doublets do not matter.

    `counted`: None for everybody. `discreet`: members whose ties are nobody else's business. `kind_of`: how people came
    to be in a group.
    """
    since: dict[tuple[int, int], int | None] = {}
    for one in memberships:
        known = [day for day in (since.get((one.group, one.member)), one.day) if day is not None]
        since[one.group, one.member] = min(known) if known else None
    pairs = np.array(sorted(since), np.int64).reshape(-1, 2)
    days = np.array([since[group, member] for group, member in pairs.tolist()], np.float64)
    ends = np.array([(tie.a, tie.b) for tie in ties], np.int64).reshape(-1, 2)
    members = np.unique(np.concatenate((pairs[:, 1], ends.ravel())))
    columns = np.searchsorted(members, pairs[:, 1])
    told = np.ones(len(members)) if counted is None else np.isin(members, sorted(counted)).astype(np.float64)
    everything, lines = np.unique(pairs[:, 0], return_inverse=True)
    sizes = np.bincount(lines, weights=told[columns], minlength=len(everything))
    enough = sizes > few
    kept = enough[lines]
    shape = (int(enough.sum()), len(members))
    inside = ((np.cumsum(enough) - 1)[lines[kept]], columns[kept])
    people = sparse.csr_matrix((np.ones(int(kept.sum())), inside), shape)
    age = np.maximum(0.0, (np.inf if today is None else today) - days[kept])
    fresh = sparse.csr_matrix((np.nan_to_num(np.exp(-age / FORGET_DAYS)), inside), shape)
    one, other = np.searchsorted(members, ends).T
    tied = sparse.csr_matrix((np.ones(2 * len(one)), (np.r_[one, other], np.r_[other, one])), (len(members),) * 2)
    tied.data[:] = 1.0
    kinds = np.array([kind_of(group) for group in everything.tolist()], np.str_)
    firm = np.isin(kinds, LOOSE, invert=True)
    own = gathered(columns, (pairs[:, 0], firm[lines].astype(np.uint8)), len(members))
    open_ones = sparse.diags(np.isin(members, sorted(discreet), invert=True).astype(np.float64))
    shown = (open_ones @ tied @ open_ones).tocsr()
    firm, kinds, groups = firm[enough], kinds[enough], everything[enough]
    # Factors are learned once for all: also without whoever asks there are to be more than a few.
    wide = sizes[enough] > (few + 1 if few else 0)
    kindred, broadly = _factors(people @ sparse.diags(told), firm & wide)
    theirs = people.T.tocsr()
    return Crowds(
        members,
        groups,
        people,
        theirs,
        fresh,
        tied,
        shown,
        told,
        own,
        firm.astype(np.float64),
        kinds,
        kindred,
        broadly,
        few,
    )


def _factors(people: Matrix, firm: Marks) -> tuple[Factors, Factors]:
    """Factors of firm groups, of many numbers and of few, from the members who are in any.

    Others would move what is random at the start.
    """
    table = people.tocsr()[firm]
    table.eliminate_zeros()
    table = table[:, np.unique(table.indices)]
    broad = _BROAD_RIDGE * table.nnz / max(1, table.shape[1])
    return _laid_out(table, firm, RANK, RIDGE), _laid_out(table, firm, _BROAD_RANK, max(RIDGE, broad))


def _laid_out(table: Matrix, firm: Marks, rank: int, ridge: float) -> Factors:
    """Vectors of all groups, zeros for those that are not firm, and their gram."""
    _, learned = factorised(table.T, rank, ridge)
    vectors: Vectors = np.zeros((len(firm), rank), learned.dtype)
    vectors[firm] = learned
    return vectors, gram_of(vectors, ridge)


@dataclass(frozen=True, slots=True)
class _View:
    """What one asker may be told of: counted people but them and whom they must not see, and groups with enough.

    `share`: how much of a group counts, 0 of one that is not usable.
    """

    crowds: Crowds
    seen: Doubles
    size: Doubles
    usable: Doubles
    share: Doubles

    @classmethod
    def of(cls, crowds: Crowds, row: int | None, unseen: Collection[int]) -> "_View":
        seen = crowds.counted.copy()
        for at in [row, *(crowds.row(one) for one in unseen)]:
            if at is not None:
                seen[at] = 0.0
        size = crowds.people @ seen
        usable = (size > crowds.few).astype(np.float64)
        met = np.minimum(1.0, max(crowds.few, 1) / np.maximum(size, 1.0))
        return cls(crowds, seen, size * usable, usable, usable * np.where(crowds.firm > 0.0, 1.0, met))

    def own(self, row: int) -> Doubles:
        """Say for each group with 1 whether a member is in it, where it is usable."""
        return np.isin(self.crowds.groups, self.crowds.own.row(row)[0]).astype(np.float64) * self.usable

    def told(self, worth: Doubles) -> Doubles:
        """Add up by group what people are worth; 0 of a group for which few or fewer speak."""
        worth = worth * self.seen
        count = self.crowds.people @ (worth != 0.0).astype(np.float64)
        return np.where(count > self.crowds.few, self.crowds.people @ worth, 0.0)


def evidence(crowds: Crowds, member: int, unseen: Collection[int] = ()) -> Mapping[str, Doubles]:
    """Return what the people of each group tell one member: `EVIDENCE`, one value per row of `groups`.

    `ties_there`: how many of their ties are in it. `groups_alike`: cosine of groups by shared people, summed over the
    member's own, the sought group's size discounted less than the known one's (Aiolli 2013). `walk`: three steps at
    random over memberships (Cooper, Lee, Radzik and Siantos 2014). `regression`: kernel ridge regression of who is in
    what, on shared groups and shared ties, each only where it is told by itself. `kindred`, `broadly_kindred`: low-rank
    factors of many numbers and of few, where shared groups are told; as these are learned from everybody at once, 0
    where somebody is unseen. `size`, `recent`: how many are in it, and joined lately. `unseen`: people of a block, who
    count as if they were not there. With `few` 0 nothing is held back.
    """
    row = crowds.row(member)
    view = _View.of(crowds, row, unseen)
    found = {name: np.zeros(len(crowds.groups)) for name in EVIDENCE}
    found["size"] = view.size
    found["recent"] = np.where(crowds.fresh.sign() @ view.seen > crowds.few, crowds.fresh @ view.seen, 0.0)
    if row is None:
        return found
    tied = np.asarray(crowds.ties[row].todense()).ravel() * view.seen
    own = view.own(row) * view.share
    size = np.maximum(view.size, 1.0)
    found["ties_there"] = view.told(tied)
    if own.any():
        sits = crowds.theirs @ view.share
        walked = np.divide(crowds.theirs @ (own / size), sits, out=np.zeros(len(sits)), where=sits > 0)
        found["groups_alike"] = view.told(crowds.theirs @ (own * size ** (_DISCOUNT - 1.0))) * size**-_DISCOUNT
        found["walk"] = view.told(walked) / max(own.sum(), 1.0)
        if not unseen:
            near = found["groups_alike"] > 0.0 if crowds.few else view.usable
            firm = own * crowds.firm
            if near.any() and firm.any():
                found["kindred"] = _kindred(crowds.kindred, firm) * near
                found["broadly_kindred"] = _kindred(crowds.broadly, firm) * near
    found["regression"] = _regression(view, own, tied, found["groups_alike"] > 0.0, found["ties_there"] > 0.0)
    return found


def speaking(crowds: Crowds, member: int, unseen: Collection[int] = ()) -> dict[str, Marks]:
    """Say by the words of `SPEAKING` for which groups more than `few` speak who are in such a group with a member."""
    row = crowds.row(member)
    view = _View.of(crowds, row, unseen)
    own = np.zeros(len(crowds.groups)) if row is None else view.own(row)
    return {
        word: view.told(crowds.theirs @ (own * np.isin(crowds.kinds, kinds))) > 0.0 if own.any() else own > 0.0
        for word, kinds in SPEAKING
    }


def _kindred(factors: Factors, own: Doubles) -> Doubles:
    """How near each group is to the member by factors, solved from their own groups; about 1 for these."""
    groups = np.flatnonzero(own)
    ones = np.ones(len(groups))
    row = Ragged(np.array([0, len(groups)]), (groups.astype(np.int32), ones.astype(np.float32), ones.astype(np.uint8)))
    vectors, gram = factors
    return closeness(np.arange(len(own)), vectors, own_vector(0, row, vectors, gram))


def _regression(view: _View, own: Doubles, tied: Doubles, alike: Marks, known: Marks) -> Doubles:
    """What people are worth by regression, by group: shared groups count where `alike`, shared ties where `known`.

    Almost everybody is worth something, so that their number holds nothing back. Where of groups or ties few speak, all
    is solved without these: what the few would add does not show.
    """
    found = np.zeros(len(own))
    if not view.crowds.few:
        return np.maximum(0.0, view.told(_regressed(view, own, tied))) if own.any() or tied.any() else found
    for groups, ties in ((True, True), (True, False), (False, True)):
        here = (alike == groups) & (known == ties)
        if here.any():
            found[here] = view.told(_regressed(view, own * groups, tied * ties))[here]
    return np.maximum(0.0, found)


def _regressed(view: _View, own: Doubles, tied: Doubles) -> Doubles:
    """Solve (K + ridge) x = k by conjugate gradients: a weight per person, from how alike they are to the member.

    K counts the groups that two people share, and the cosine of their ties, each counted as tied to themselves, to
    `_TIE_SHARE` of the firm groups that a person in any of these is in on average; k is its row for the member.
    """
    crowds, seen = view.crowds, view.seen
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
