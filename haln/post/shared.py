"""What all letters of one batch share, read once rather than for each: what is open to everybody, never a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

HELD = timedelta(minutes=1)
"""How old what is shared may be: an event that is cancelled now is in no letter worded a minute later."""

Kept = TypeVar("Kept")


class Shared:
    """Facts that were read for the letters of a batch, each with the moment at which that was."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[datetime, Any]] = {}

    def once(self, name: str, now: datetime, read: Callable[[], Kept]) -> Kept:
        """What `read` gave under this name within the last minute; else what it gives now."""
        known = self._held.get(name)
        if known is not None and known[0] <= now < known[0] + HELD:
            held: Kept = known[1]
            return held
        value = read()
        self._held[name] = (now, value)
        return value
