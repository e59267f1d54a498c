"""What was said of members and ties, and when: from it the history as it was known on a day.

Days are whole numbers that count from an epoch of the caller's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from haln.compiled import Bytes, Ints, Longs
from haln.network.history import NEVER, History, coded, spells


@dataclass(frozen=True)
class MemberVersions:
    """What was said of members, a row each: from the day `since` on they were there, or not, and in these groups.

    Rows are in the order of `member`, those of one member in the order in which they were said; `said` is the day.
    `groups` number the names of each kind, or UNKNOWN.
    """

    member: Longs
    since: Ints
    said: Ints
    there: Bytes
    groups: Mapping[str, Ints]
    names: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(
        cls,
        member: Sequence[int],
        since: Sequence[int],
        said: Sequence[int],
        there: Sequence[bool],
        groups: Mapping[str, Sequence[str | None]],
    ) -> MemberVersions:
        """Make arrays of columns, whose rows are in the order that is asked for."""
        numbered = {kind: coded(values) for kind, values in groups.items()}
        return cls(
            np.array(member, np.int64),
            np.array(since, np.int32),
            np.array(said, np.int32),
            np.array(there, np.uint8),
            {kind: numbers for kind, (numbers, _) in numbered.items()},
            {kind: names for kind, (_, names) in numbered.items()},
        )


@dataclass(frozen=True)
class TieVersions:
    """What was said of ties, a row each: from the day `since` on it held, or not, by some evidence.

    Rows are in the order of `tie`, those of one tie in the order in which they were said. `one` and `other` are the
    ids of members; `evidence` numbers `evidences`; `intensity` is 1 to 4.
    """

    tie: Longs
    one: Longs
    other: Longs
    since: Ints
    said: Ints
    holds: Bytes
    evidence: Ints
    intensity: Ints
    evidences: tuple[str, ...]

    @classmethod
    def of(
        cls,
        tie: Sequence[int],
        one: Sequence[int],
        other: Sequence[int],
        since: Sequence[int],
        said: Sequence[int],
        holds: Sequence[bool],
        evidence: Sequence[str],
        intensity: Sequence[int],
    ) -> TieVersions:
        """Make arrays of columns, whose rows are in the order that is asked for."""
        numbers, names = coded(evidence)
        return cls(
            np.array(tie, np.int64),
            np.array(one, np.int64),
            np.array(other, np.int64),
            np.array(since, np.int32),
            np.array(said, np.int32),
            np.array(holds, np.uint8),
            numbers,
            np.array(intensity, np.int32),
            names,
        )


@dataclass(frozen=True)
class Versions:
    """All that was ever said."""

    members: MemberVersions
    ties: TieVersions

    def among(self, members: Collection[int]) -> Versions:
        """What was said of some members, by their ids, and of ties between two of them."""
        ids = np.array(sorted(members), np.int64)
        told, ties = self.members, self.ties
        of = np.isin(told.member, ids)
        held = np.isin(ties.one, ids) & np.isin(ties.other, ids)
        groups = {kind: codes[of] for kind, codes in told.groups.items()}
        return Versions(
            MemberVersions(told.member[of], told.since[of], told.said[of], told.there[of], groups, told.names),
            TieVersions(
                tie=ties.tie[held],
                one=ties.one[held],
                other=ties.other[held],
                since=ties.since[held],
                said=ties.said[held],
                holds=ties.holds[held],
                evidence=ties.evidence[held],
                intensity=ties.intensity[held],
                evidences=ties.evidences,
            ),
        )

    def last_said(self, as_of: int, known: int | None = None) -> int:
        """The last day on which anything was said of days up to `as_of`, as known at the end of a day; 0: on none.

        What was said later begins later: from any day between this one and `known` on, the network as it stood on
        `as_of` and on all days before it is known to be the same.
        """
        last = NEVER if known is None else known
        said = [part.said[(part.since <= as_of) & (part.said <= last)] for part in (self.members, self.ties)]
        return int(np.concatenate(said).max(initial=0))

    def known(self, day: int | None = None) -> History:
        """The history as it was known at the end of a day; none: as it is known now.

        A tie with somebody of whom nothing was known yet is not in it. Spells of a tie in a row that say the same of
        evidence stay apart: a snapshot counts the pair once.
        """
        last = NEVER if day is None else day
        told = self.members
        known = np.flatnonzero(told.said <= last)
        kept, until = spells(told.member[known], told.since[known])
        rows = known[kept]
        members = np.unique(told.member[rows])
        there = told.there[rows].astype(bool)
        spell = rows[there]
        ties = self.ties
        heard = np.flatnonzero(ties.said <= last)
        held, tied_until = spells(ties.tie[heard], ties.since[heard])
        tie = heard[held]
        holds = ties.holds[tie].astype(bool) & np.isin(ties.one[tie], members) & np.isin(ties.other[tie], members)
        tie, tied_until = tie[holds], tied_until[holds]
        one = np.searchsorted(members, ties.one[tie]).astype(np.int32)
        other = np.searchsorted(members, ties.other[tie]).astype(np.int32)
        return History(
            members=members,
            who=np.searchsorted(members, told.member[spell]).astype(np.int32),
            since=told.since[spell],
            until=until[there],
            groups={kind: codes[spell] for kind, codes in told.groups.items()},
            names=told.names,
            low=np.minimum(one, other),
            high=np.maximum(one, other),
            tied_since=ties.since[tie],
            tied_until=tied_until,
            evidence=ties.evidence[tie],
            intensity=ties.intensity[tie],
            evidences=ties.evidences,
        )
