"""What every part of a digest is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from haln.post.shared import Shared


@dataclass(frozen=True, slots=True)
class Why:
    """Why something is in somebody's digest: it touches `themes` or the `place` of theirs, or everybody gets it."""

    themes: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a digest is put together, from their own profile.

    `since`: what came after it is new to them; `until`: what came after that is for the next digest; `first`: none has
    left for them yet. `regions`: theirs, and the nation above it. `confirm_due`: since when they are to be asked
    whether their profile is still right.
    """

    id: int
    public_id: str
    themes: frozenset[str]
    role: str | None
    organisation: str | None
    place: str | None
    place_id: int | None
    regions: frozenset[str]
    since: datetime
    until: datetime
    first: bool
    now: datetime
    confirmed_at: datetime | None
    confirm_due: datetime

    def is_new(self, came: datetime) -> bool:
        """Whether something that came at a moment is told in this digest, and in no other."""
        return self.since < came <= self.until

    def why(self, themes: Collection[str], place: str = "") -> Why | None:
        """Why something about these themes, in a `place` of theirs, is for the reader; none where it is not.

        Who picked no theme gets all: nothing of theirs says what they would like.
        """
        shared = tuple(sorted(self.themes.intersection(themes)))
        return Why(shared, place) if shared or place or not self.themes else None


@dataclass(frozen=True, slots=True)
class Found:
    """What a part holds for a reader: `items`, of which so many are `new` since their last digest."""

    items: tuple[object, ...]
    new: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the digest. Its words are the templates `email/digest/<name>.html` and `.txt`.

    `path`: where all of it stands in the page.
    """

    name: str
    path: str
    read: Callable[[Session, Reader, Shared], Found | None]


@dataclass(frozen=True, slots=True)
class Ways:
    """What reading a digest needs from the settings: after how many days a profile is asked about, what is above what.

    `above`: the nation of each region.
    """

    confirm_days: int = 180
    above: Mapping[str, str] = field(default_factory=dict)
