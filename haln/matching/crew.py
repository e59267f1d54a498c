"""Everybody's lists in portions that do not depend on each other, worked out by a crew.

Who ranks the portions and explains the lists is the crew's affair: this process (`Alone`), some processes of this
machine (`haln.matching.processes`), the workers of a cluster (`haln.matching.cluster`). Attention is shared out in
between, in one place. What comes out is the same to the bit.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Doubles
from haln.matching.index import Index
from haln.matching.lists import Plan, Wished, block_wishes, plan_lists, planned_lists
from haln.matching.picks import PickedBy
from haln.matching.shelf import Memory, Shelf
from haln.matching.suggest import USUAL, Exclusions, MemberList, Settings, Wishes

Told = TypeVar("Told")
Tell = Callable[[MemberList], Told]
"""Turns a list into what the caller wants of it, wherever it is worked out: a function of a module."""

_SOME = 256


@dataclass(frozen=True, slots=True)
class Portion:
    """Some members, ascending by id, and whom the lists of some of them leave out."""

    number: int
    members: tuple[int, ...]
    exclusions: Mapping[int, Exclusions]


@dataclass(frozen=True, slots=True)
class Planned:
    """A portion of which each member from line `first` on has a list: rows, -1 padded (members, length)."""

    portion: Portion
    lists: NDArray[np.int32]
    first: int = 0


@dataclass(frozen=True, slots=True)
class Ranked:
    """Whom each of a portion would like, a line per member, and the signals of each (members, wishes, SIGNALS)."""

    wishes: Wished
    signals: Doubles

    def of(self, line: int) -> Wishes:
        """Return one member's."""
        rows, scores = self.wishes.rows[line], self.wishes.scores[line]
        count = int(np.count_nonzero(rows >= 0))
        return Wishes(rows[:count].astype(np.int64), self.signals[line, :count], scores[:count].astype(np.float64))


class Crew(Protocol):
    """Whoever works portions out. Both answer in the order of what they are given."""

    def rank(self, portions: Sequence[Portion], settings: Settings) -> Iterator[Wished]:
        """Yield the wishes of each portion."""

    def explain(self, planned: Iterable[Planned], settings: Settings, tell: Tell[Told]) -> Iterator[list[Told]]:
        """Yield the lists of each portion, told."""


def lists_for_all(
    index: Index,
    crew: Crew,
    exclusions: Mapping[int, Exclusions],
    settings: Settings,
    tell: Tell[Told],
    size: int,
    after: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Iterator[list[Told]]:
    """Yield everyone's list, told, in portions of `size` members, ascending by id; `after` resumes behind a member.

    `progress` hears how many members have been ranked, before the first list comes.
    """
    portions = _portions(index.members(), exclusions, size)
    if not portions:
        return
    ranked, done = [], 0
    for wishes in crew.rank(portions, settings):
        ranked.append(wishes)
        done += len(wishes.rows)
        progress(done)
    askers = [member for portion in portions for member in portion.members]
    plan = plan_lists(index, askers, Wished.stacked(ranked, settings), exclusions, settings)
    ranked.clear()
    yield from crew.explain(_planned(portions, plan, after), settings, tell)


def _portions(members: Sequence[int], exclusions: Mapping[int, Exclusions], size: int) -> list[Portion]:
    found = []
    for number, first in enumerate(range(0, len(members), size)):
        some = tuple(members[first : first + size])
        found.append(Portion(number, some, {one: exclusions[one] for one in some if one in exclusions}))
    return found


def _planned(portions: Sequence[Portion], plan: Plan, after: int | None) -> Iterator[Planned]:
    line = 0
    for portion in portions:
        lists = plan.lists[line : line + len(portion.members)]
        line += len(portion.members)
        first = 0 if after is None else int(np.searchsorted(portion.members, after, side="right"))
        if first < len(portion.members):
            yield Planned(portion, lists, first)


class Held:
    """An index as whoever works on portions holds it, with what is looked up in it time and again."""

    def __init__(self, index: Index) -> None:
        self.index = index

    def __getstate__(self) -> dict[str, Any]:
        return {"index": self.index}

    @cached_property
    def _picks(self) -> PickedBy:
        return PickedBy(self.index)

    def rank(self, portion: Portion, settings: Settings) -> Ranked:
        """Look for whom each of a portion would like."""
        found = block_wishes(self.index, portion.members, portion.exclusions, settings)
        width = max((one.signals.shape[1] for one in found), default=0)
        signals = np.zeros((len(found), settings.wishes, width))
        for line, one in enumerate(found):
            signals[line, : len(one.rows)] = one.signals
        return Ranked(Wished.padded(found, settings), signals)

    def explain(self, planned: Planned, settings: Settings, ranked: Ranked | None, tell: Tell[Told]) -> list[Told]:
        """Explain the lists of a portion with what was measured when it was ranked, or measured anew: the same."""
        portion, first = planned.portion, planned.first
        members = portion.members[first:]
        known = None if ranked is None else {one: ranked.of(first + line) for line, one in enumerate(members)}
        plan = Plan(np.array(members, np.int64), planned.lists[first:])
        lists = planned_lists(self.index, plan, portion.exclusions, settings, known=known, picks=self._picks)
        return [tell(one) for one in lists]

    def rank_to(self, shelf: Shelf | Memory, portion: Portion, settings: Settings) -> Wished:
        """Rank a portion, lay what was measured on the shelf, and return the wishes."""
        ranked = self.rank(portion, settings)
        shelf.put(portion.number, ranked.wishes.rows, ranked.wishes.scores, ranked.signals)
        return ranked.wishes

    def explain_from(self, shelf: Shelf | Memory, planned: Planned, settings: Settings, tell: Tell[Told]) -> list[Told]:
        """Explain a portion with what the shelf holds of it, if anything."""
        found = shelf.take(planned.portion.number)
        ranked = None if found is None else Ranked(Wished(found[0], found[1]), found[2])
        return self.explain(planned, settings, ranked, tell)


class Alone:
    """This process, without anybody's help."""

    def __init__(self, index: Index, shelf: Shelf | Memory) -> None:
        self._held = Held(index)
        self._shelf = shelf

    def rank(self, portions: Sequence[Portion], settings: Settings) -> Iterator[Wished]:
        """Yield the wishes of each portion."""
        for portion in portions:
            yield self._held.rank_to(self._shelf, portion, settings)

    def explain(self, planned: Iterable[Planned], settings: Settings, tell: Tell[Told]) -> Iterator[list[Told]]:
        """Yield the lists of each portion, told."""
        for one in planned:
            yield self._held.explain_from(self._shelf, one, settings, tell)


def suggest_for_all(
    index: Index, exclusions: Mapping[int, Exclusions], settings: Settings = USUAL, after: int | None = None
) -> Iterator[MemberList]:
    """Yield everyone's list as the nightly refresh makes it, by this process and without a file.

    The same call gives the same lists, so that a run that was cut off is resumed with `after`.
    """
    for portion in lists_for_all(index, Alone(index, Memory()), exclusions, settings, _as_it_is, _SOME, after):
        yield from portion


def _as_it_is(made: MemberList) -> MemberList:
    return made
