"""The index: everything matching knows of a network at one moment, built whole or patched member by member.

An index is never altered: patching returns another that shares what did not change. A patched index gives the same
suggestions, to the bit, as one built afresh with the same vocabulary of terms.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Bytes, Doubles, Floats, Ints, Longs
from haln.matching import columns as col
from haln.matching.circles import Lengths, circle_lengths
from haln.matching.factors import Basis, Vectors, learn_basis
from haln.matching.graph import open_strength, shortest_rows, tie_rows
from haln.matching.links import NO_LINKS, Links, link_keys
from haln.matching.people import Facts, Membership, Network
from haln.matching.ragged import Column, Ragged, gathered
from haln.matching.sheet import Sheet
from haln.matching.text import Counts, Vocabulary, inverted, learn_rows

LARGEST_GROUP = 2000
WELL_TIED = 4.0
"""Open ties that make somebody well tied: `Index.well_tied` is log(1 + strength of the open ties / this)."""


class UnknownMember(LookupError):
    """The index does not hold this member: patch them in first."""


class RowBook(Mapping[int, int]):
    """The row of each member that is not gone, without a dictionary of them all."""

    def __init__(self, ids: Longs, facts: NDArray[np.int32]) -> None:
        ordered = bool(np.all(ids[1:] > ids[:-1]))
        self._order = None if ordered else np.argsort(ids)
        self._ids = ids if self._order is None else ids[self._order]
        self._shown = facts[:, col.SHOWN]

    def placed(self, member: int) -> int:
        """Return the row a member has or had; -1 where none."""
        at = int(np.searchsorted(self._ids, member))
        if at == len(self._ids) or self._ids[at] != member:
            return -1
        return at if self._order is None else int(self._order[at])

    def __getitem__(self, member: int) -> int:
        row = self.placed(member)
        if row < 0 or self._shown[row] < 0:
            raise KeyError(member)
        return row

    def __iter__(self) -> Iterator[int]:
        rows = range(len(self._ids)) if self._order is None else self._order
        return (int(self._ids[at]) for at, row in enumerate(rows) if self._shown[row] >= 0)

    def __len__(self) -> int:
        return int(np.count_nonzero(self._shown >= 0))


@dataclass(frozen=True, slots=True)
class Index:
    """One row per member, ascending by id (members patched in later follow). See `build` and `patch`."""

    ids: Longs
    facts: NDArray[np.int32]
    vigour: Doubles
    suggestable: Bytes
    themes: Ragged
    texts: Ragged
    postings: Ragged
    stale: Ints
    ties: Ragged
    groups: Ragged
    group_members: Ragged
    links: Links
    codes: col.Codes
    vocabulary: Vocabulary
    today: int
    row_of: RowBook
    sheet: Sheet
    strength: Doubles
    circles: Lengths
    vectors: Vectors
    gram: NDArray[np.float64]
    theme_weights: Floats
    group_weights: Floats
    text_shown: Floats = field(repr=False)
    well_tied: Floats = field(init=False, repr=False)
    lots: Doubles = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lots", col.lots(self.ids))
        object.__setattr__(self, "well_tied", np.log1p(self.strength / WELL_TIED).astype(np.float32))

    def __len__(self) -> int:
        return len(self.row_of)

    def __contains__(self, member: int) -> bool:
        return member in self.row_of

    def row(self, member: int) -> int:
        """Return the row of a member."""
        try:
            return self.row_of[member]
        except KeyError:
            raise UnknownMember(f"the index holds no member {member}") from None

    def basis(self) -> Basis:
        """Return the factors, to build another index with the same."""
        order = np.argsort(self.ids)
        return Basis(self.ids[order], self.vectors[order], self.gram)

    def members(self) -> list[int]:
        """Return the ids of all members, ascending."""
        return list(self.row_of)

    def may_be_suggested(self) -> list[int]:
        """Return the ids of the members who may be suggested."""
        return sorted(self.ids[self.suggestable > 0].tolist())


def shown_texts(facts: NDArray[np.int32]) -> Floats:
    """Return 1 for each member whose text others may see, else 0."""
    return ((facts[:, col.SHOWN] >= 0) & (facts[:, col.SHOWN] & int(Facts.TEXT) > 0)).astype(np.float32)


def build(
    network: Network, vocabulary: Vocabulary | None = None, basis: Basis | None = None, counts: Counts | None = None
) -> Index:
    """Build the index of a network; with a vocabulary and factors given, or those of its own texts and ties.

    `counts`: the network's texts, counted before with those of other networks; changes nothing but the time it takes.
    """
    people = sorted(network.people, key=lambda person: person.member)
    ids = col.member_ids(people)
    if len(np.unique(ids)) != len(ids):
        raise ValueError("a member appears twice")
    row_of = {person.member: row for row, person in enumerate(people)}
    memberships = [membership for membership in network.memberships if membership.member in row_of]
    codes = col.Codes({}).extended(people, {membership.group for membership in memberships})
    ties = tie_rows(list(network.ties), row_of, col.open_rows(people), network.today)
    with ThreadPoolExecutor(1) as beside:
        # Learning spends its time in kernels, which let this thread read texts meanwhile.
        learned = beside.submit(lambda: basis or learn_basis(ids, ties))
        facts = col.fact_rows(people, codes)
        written = [person.texts for person in people]
        vocabulary, texts = (
            learn_rows(written, counts) if vocabulary is None else (vocabulary, vocabulary.rows(written))
        )
        groups = group_rows(memberships, row_of, codes, len(people))
        themes = col.theme_rows(people, codes)
        vigour = col.vigour_rows(people, network.today)
        text_shown = shown_texts(facts)
        postings = inverted(texts, text_shown, max(1, len(vocabulary.terms)))
        circles = circle_lengths(ties, texts, text_shown, len(vocabulary.terms), np.arange(len(ids)))
        sheet = Sheet(facts, themes, codes.lists["theme"], vigour)
    factors = learned.result()
    group_members = members_of(groups, len(codes.lists["group"]))
    return Index(
        ids=ids,
        facts=facts,
        vigour=vigour,
        suggestable=col.suggestable_rows(people),
        themes=themes,
        texts=texts,
        postings=postings,
        stale=np.empty(0, np.int32),
        ties=ties,
        groups=groups,
        group_members=group_members,
        links=NO_LINKS.changed(NO_LINKS.keys, link_keys(ties, facts[:, col.CELL])),
        codes=codes,
        vocabulary=vocabulary,
        today=network.today,
        row_of=RowBook(ids, facts),
        sheet=sheet,
        strength=open_strength(ties),
        circles=circles,
        vectors=factors.laid_out(ids),
        gram=factors.gram,
        theme_weights=col.theme_weights(themes, len(codes.lists["theme"]), len(people)),
        group_weights=col.group_weights(group_members, LARGEST_GROUP, codes.lists["group"]),
        text_shown=text_shown,
    )


def group_rows(memberships: Iterable[Membership], row_of: Mapping[int, int], codes: col.Codes, count: int) -> Ragged:
    """Return the codes of the groups of each row, ascending by group id."""
    pairs = sorted({(row_of[one.member], one.group) for one in memberships})
    rows = np.array([row for row, _ in pairs], np.int64)
    groups = np.array([codes.ranks["group"][group] for _, group in pairs], np.int32)
    return gathered(rows, (groups,), count)


def members_of(groups: Ragged, count: int) -> Ragged:
    """Return the rows (ascending) in each group."""
    owner = np.repeat(np.arange(len(groups), dtype=np.int32), groups.lengths())
    columns: tuple[Column, ...] = (owner,)
    return gathered(groups.columns[0].astype(np.int64), columns, count)


def shortest_path(
    index: Index, source: int, target: int, allowed: Iterable[int] | None = None, barred: Iterable[int] = ()
) -> tuple[int, ...]:
    """Return members from source to target along ties, both included; empty where there is no way.

    Everyone in between is in `allowed` (None: anyone) and not in `barred`. Ties of members who hide their connections
    are not walked, except the source's own. Ties broken by the lowest row, so the same path each time.
    """
    through = np.zeros(len(index.ids), np.uint8)
    if allowed is None:
        through[:] = 1
    else:
        through[[index.row_of[member] for member in allowed if member in index.row_of]] = 1
    through[[index.row_of[member] for member in barred if member in index.row_of]] = 0
    others, _, is_open = index.ties.columns
    rows = shortest_rows(index.row(source), index.row(target), index.ties.starts, others, is_open, through)
    return tuple(int(index.ids[row]) for row in rows)
