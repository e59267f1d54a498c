"""The network as a picture: at the ends of months and on the day, with the same facts as numbers.

What is drawn and counted is all that is in the versions it is given: for a page, those among whom it draws
(`haln.measure.picture_names`), so that the numbers tell nothing of anybody else either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from haln.measure.questions import Question
from haln.network import film, layout, mixing, structure, suppress
from haln.network.film import Run
from haln.network.history import History, Snapshot, snapshot, there_on
from haln.network.versions import Versions

LARGEST = 5
"""So many parts are told by their sizes."""


@dataclass(frozen=True, slots=True)
class Group:
    """The members of a group, and their ties: within it, and to members of other groups. No code: it is not known.

    Ties with somebody whose group is not known count with that group alone, as going out of it.
    """

    code: str | None
    members: int
    within: int
    across: int


@dataclass(frozen=True, slots=True)
class Stop:
    """The network on one day. `parts` are those of two members or more, `largest` the sizes of the largest of them.

    `within` and `across` count ties within groups and between two; `unknown` those with somebody of no known group.
    """

    day: date
    members: int
    ties: int
    isolates: int
    parts: int
    largest: tuple[int, ...]
    groups: tuple[Group, ...]
    within: int
    across: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Dot:
    """A member: where they stand, and through which stops they were there, in which group (a number into names)."""

    member: int
    x: float
    y: float
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everybody who was there at a stop, and who was tied: ends are numbers of dots. `names` are codes of groups."""

    names: tuple[str, ...]
    dots: tuple[Dot, ...]
    lines: tuple[tuple[int, int], ...]
    tied: tuple[tuple[Run, ...], ...]


def stops(versions: Versions, question: Question, kind: str = "sector") -> tuple[Stop, ...]:
    """The facts at the question's days, the earliest first."""
    return tuple(_stop(found, kind) for found in _snapshots(versions, question))


def on_day(versions: Versions, question: Question, kind: str) -> Stop:
    """The facts on the question's own day, by groups of a kind."""
    return _stop(_snapshot(versions, question, question.as_of), kind)


def drawing(versions: Versions, question: Question, places: layout.Places, kind: str = "sector") -> Drawing:
    """Everything that the picture draws at the question's days.

    Who has no place yet stands near those they are tied to. Which runs are told follows the snapshots of `stops`.
    """
    told = film.film(_snapshots(versions, question), kind)
    known = versions.known()
    stand = layout.between(known, places)
    dots = (Dot(member, *stand[member], runs) for member, runs in zip(told.members, told.there, strict=True))
    return Drawing(known.names.get(kind, ()), tuple(dots), told.pairs, told.tied)


def undrawn(versions: Versions, question: Question, drawn: Sequence[Stop], threshold: int) -> list[int | None]:
    """About how many more members than are drawn were there at each stop, of all versions; none where that is few.

    Of everybody alone: none, too, where the question narrows down who counts.
    """
    if question.only:
        return [None] * len(drawn)
    more = [_there(versions, question, stop.day) - stop.members for stop in drawn]
    return [suppress.few(number, threshold).shown for number in more]


def _there(versions: Versions, question: Question, day: date) -> int:
    """How many members there were on a day."""
    known = question.known(versions, day if question.then else question.as_of)
    return len(there_on(known, day.toordinal()))


def _snapshots(versions: Versions, question: Question) -> Sequence[Snapshot]:
    if question.then:
        return [_snapshot(versions, question, day) for day in question.days()]
    history = question.known(versions, question.as_of)
    return [_of(history, question, day) for day in question.days()]


def _snapshot(versions: Versions, question: Question, day: date) -> Snapshot:
    return _of(question.known(versions, day), question, day)


def _of(history: History, question: Question, day: date) -> Snapshot:
    return snapshot(history, day.toordinal(), only=question.only, evidences=question.evidences)


def _stop(found: Snapshot, kind: str) -> Stop:
    sizes = [size for size in structure.components(found).sizes if size > 1]
    mixed = mixing.mixing(found, kind)
    groups = _groups(found, kind, mixed)
    return Stop(
        day=date.fromordinal(found.day),
        members=len(found),
        ties=found.ties,
        isolates=structure.degrees(found).isolates,
        parts=len(sizes),
        largest=tuple(sizes[:LARGEST]),
        groups=groups,
        within=mixed.within,
        across=mixed.across,
        unknown=mixed.unknown,
    )


def _groups(found: Snapshot, kind: str, mixed: mixing.Mixing) -> tuple[Group, ...]:
    """Those with a member, in the order of their codes, and last those of whom it is not known."""
    told = []
    for number, (code, members) in enumerate(zip(mixed.names, mixed.members.tolist(), strict=True)):
        within = int(mixed.table[number, number])
        if members:
            told.append(Group(code, members, within, int(mixed.table[number].sum()) - within))
    rest = len(found) - sum(one.members for one in told)
    return (*told, Group(None, rest, 0, mixed.unknown)) if rest else tuple(told)
