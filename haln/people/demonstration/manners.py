"""How members differ in what they let others see, how often they come, and whether they are still there."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

FACTS = ("role", "organisation", "place", "biography", "themes", "connections", "email")
_OPEN = {f"show_{fact}": 2 for fact in FACTS} | {
    "show_name": 2,
    "show_email": 1,
    "listed": True,
    "suggest_me": True,
}


@dataclass(frozen=True, slots=True)
class Manners:
    """What sets one member apart from another, beside their work. Days count from the day of joining."""

    standing: str
    audience: str
    warmth: float
    hub: bool
    empty: bool  # an unfilled profile
    confirmed: int
    active: int
    stayed: int | None
    paused: int | None  # until so many days after the last day of the calendar, or before it
    visibility: dict[str, int | bool]


def manners_of(rng: Random, number: int, members: int, days: int, special: bool) -> Manners:
    """Draw the manners of a member who has been there for `days` days; a special one is an ordinary, open member."""
    facilitator = number in range(3, 3 + max(2, members // 200))
    hub = facilitator or (not special and rng.random() < 0.006)
    standing = "active" if special or facilitator or number < 3 else _standing(rng, days)
    active = max(0, min(days - 1, days - 1 - int(rng.expovariate(1 / 45))))
    confirmed = max(0, min(active, days - 1 - int(rng.expovariate(1 / 110))))
    gone = standing in ("left", "erased")
    return Manners(
        standing=standing,
        audience="staff" if number < 3 else "facilitator" if facilitator else "member",
        warmth=_warmth(rng, hub, standing, special),
        hub=hub and standing == "active",
        empty=standing == "invited" or (not special and not hub and rng.random() < (0.22 if days < 45 else 0.03)),
        confirmed=confirmed,
        active=active,
        stayed=1 + int(rng.random() * (days - 1)) if gone else None,
        paused=_paused(rng) if standing == "active" and not special else None,
        visibility=dict(_OPEN) if special else _visibility(rng),
    )


def _standing(rng: Random, days: int) -> str:
    chance = rng.random()
    if days < 60 and chance < 0.16:
        return "unverified" if chance < 0.09 else "invited"
    if days > 90 and chance < 0.035:
        return "erased" if chance < 0.005 else "left"
    return "active"


def _warmth(rng: Random, hub: bool, standing: str, special: bool) -> float:
    if standing in ("unverified", "invited") or (not hub and not special and rng.random() < 0.07):
        return 0.0
    return 14.0 if hub else min(6.0, rng.lognormvariate(0.0, 0.75))


def _paused(rng: Random) -> int | None:
    chance = rng.random()
    if chance < 0.02:
        return rng.randint(3, 120)
    return -rng.randint(1, 200) if chance < 0.035 else None


def _visibility(rng: Random) -> dict[str, int | bool]:
    shown = dict(_OPEN)
    chance = rng.random()
    if chance < 0.13:  # a public page
        shown |= {"show_name": 3, "show_role": 3, "show_organisation": 3}
        shown |= {f"show_{fact}": 3 for fact in ("place", "biography", "themes") if rng.random() < 0.7}
    elif chance < 0.27:  # one or two facts kept closer
        for _ in range(rng.choice((1, 1, 2))):
            shown[f"show_{rng.choice(FACTS)}"] = rng.choice((0, 1, 1))
    elif chance < 0.30:
        shown["show_email"] = 2
    elif chance < 0.32:  # hardly anything, and that to connections only
        shown |= {f"show_{fact}": 1 for fact in FACTS}
    if rng.random() < 0.012:
        shown["listed"] = False
    if rng.random() < 0.03:
        shown["suggest_me"] = False
    return shown
