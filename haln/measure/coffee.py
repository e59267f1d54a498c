"""How a coffee round went, of the whole round: who of its people said it, and who was silent, is told nobody.

It is told once, when the round is closed, and never changes after: no two tellings of one round can be subtracted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from haln.network import suppress


@dataclass(frozen=True, slots=True)
class Went:
    """Pairs that met, and people who said anything: in fives; none where it is hidden, which 0 is, too."""

    met: int | None
    spoke: int | None


def went(told: Mapping[str, Any], threshold: int) -> Went | None:
    """What may be told of a closed round; none of one that is not closed. `told` is what is kept with the round."""
    if "met" not in told:
        return None
    return Went(*(_shown(int(told[name]), threshold) for name in ("met", "spoke")))


def _shown(count: int, threshold: int) -> int | None:
    return suppress.bounds(count, threshold).shown if count > 0 else None
