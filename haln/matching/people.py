"""What matching is told about a network: its members, their ties and their groups.

Pass only what may be used. A fact that a member keeps from other members is either left out altogether, or passed
with its bit missing from `Person.shown`: then it serves that member's own list and nobody else's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag


class Facts(IntFlag):
    """What of a member other members may see, and so what may bring that member to them."""

    NONE = 0
    ROLE = 1  # role and level
    ORGANISATION = 2  # organisation and sector
    PLACE = 4  # place and region
    THEMES = 8
    TEXT = 16
    CONNECTIONS = 32
    ALL = 63


@dataclass(frozen=True, slots=True)
class ThemeChoice:
    """A theme a member picked; maturity 0 (not said) to 4 (leading)."""

    theme: str
    interest: bool = True
    offer: bool = False
    seek: bool = False
    maturity: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """One member as matching sees them.

    `quiet_days` counts from the last sign of life (None: never seen). `joined_day` is on the same day count as
    `Network.today` (any epoch). `suggestable` is false for whoever may not be shown: paused, opted out, gone, hidden.
    """

    member: int
    texts: tuple[str, ...] = ()
    themes: tuple[ThemeChoice, ...] = ()
    role: str | None = None
    level: str | None = None
    sector: str | None = None
    organisation: int | None = None
    place: int | None = None
    region: str | None = None
    quiet_days: int | None = None
    joined_day: int | None = None
    suggestable: bool = True
    shown: Facts = Facts.ALL


@dataclass(frozen=True, slots=True)
class Tie:
    """A tie between two members, undirected; `day` of its last evidence, `strength` above 0 (1: declared)."""

    a: int
    b: int
    day: int | None = None
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Membership:
    """A member in a group since a day: a learning set; an event, a topic or a module, whose number is below 0."""

    member: int
    group: int
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """Everything an index is built from. Order never matters; ties of unknown members are left out."""

    people: Iterable[Person]
    ties: Iterable[Tie] = ()
    memberships: Iterable[Membership] = ()
    today: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since an index was built; each kind replaces all that was known before.

    `people`: new or changed members. `gone`: members to forget, with their ties. `retied`: members whose ties are
    wholly given in `ties` (a tie belongs here if either end is in `retied`). `regrouped`: the same for groups.
    """

    people: tuple[Person, ...] = ()
    gone: frozenset[int] = frozenset()
    retied: frozenset[int] = frozenset()
    ties: tuple[Tie, ...] = ()
    regrouped: frozenset[int] = frozenset()
    memberships: tuple[Membership, ...] = ()
