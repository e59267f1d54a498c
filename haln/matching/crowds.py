"""Who is in what: what the people of a group tell about whether it suits somebody, and never who they are.

Only people who are counted (listed, active) tell anything, those of a block never do, and of `few` people or fewer
nothing is told: neither of a group with so few, nor of so few who speak for one. Who speaks for a group is in it, and
is tied to the member or in a group with them. Above that number each who speaks counts (`haln.matching.hearsay`).

Not every group is something to join. Having been at an event or finished a module tells of people, too, but of a large
crowd next to nothing: it counts as if each in it had met `few` others.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from haln.compiled import Doubles, Longs
from haln.matching.factors import RANK, RIDGE, Vectors, factorised, gram_of
from haln.matching.people import Membership, Tie
from haln.matching.ragged import Ragged, gathered
from haln.matching.threads import on_one_thread

JOINED, BACKED, ATTENDED, FINISHED = "joined", "backed", "attended", "finished"
"""How people came to be in a group."""
LOOSE = (ATTENDED, FINISHED)
"""What brings many together who never exchange a word."""
FORGET_DAYS = 730.0
"""A membership counts for 1/e of a new one in `recent` after so many days."""
# All chosen on validation splits.
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
    for members of whom anything is told; `sizes`: how many of them are in each group. `shown`: the ties that others may
    be told of. `own`: by member the groups they are in, with few people as well, and whether these are firm. `firm`: 1
    for groups that are not `LOOSE`; `kinds`: what each is. `kindred`, `broadly`: vectors of firm groups, learned by
    least squares from who is in what, and their gram: many numbers each, and few that are drawn to 0.
    """

    members: Longs
    groups: Longs
    people: Matrix
    theirs: Matrix
    fresh: Matrix
    ties: Matrix
    shown: Matrix
    counted: Doubles
    sizes: Doubles
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
        sizes[enough].astype(np.float64),
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
