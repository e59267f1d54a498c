"""By which rules figures are worked out today: fingerprints that tell what was worked out by others.

A figure rests on its definition, whose version grows with it, and on numbers: from how many members on it is a sample,
of how many, from which seed. What may be published of it rests on more. Any of them may change, with the service or in
its settings; what was kept by other rules then stays for the record, and is not taken for today's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from haln.measure import exports_ties, figures
from haln.measure.definitions import BY_KEY
from haln.network import chance, communities, rewiring, structure, suppress, world

Fingerprint = str

PUBLISHED_BY = 3
"""The version of the rules by which rows to publish are made; it grows when they would come out otherwise."""


def of_figures() -> Fingerprint:
    """What figures rest on: every definition, and the numbers behind them."""
    defined = {key: measure.version for key, measure in BY_KEY.items()}
    numbers = {
        "seed": figures.SEED,
        "distances": (figures.MEASURED_WHOLE, figures.SOURCES),
        "between": (figures.BETWEEN_WHOLE, figures.BETWEEN_SOURCES, figures.BETWEEN_MOST, structure.BATCHES),
        "intervals": (structure.Z, chance.TAILS),
        "rewired": (rewiring.BURN_IN, rewiring.BETWEEN, rewiring.MOST, rewiring.FEWEST, rewiring.STEPS),
        "communities": (communities.RUNS, communities.ROUNDS),
        "small_world": (world.GRAPHS, world.SOURCES),
    }
    return _fingerprint({"defined": defined, "numbers": numbers})


def of_published(threshold: int) -> Fingerprint:
    """What rows to publish rest on: the figures, what is told of them, and up to which number people are hidden."""
    return _fingerprint(
        {
            "figures": of_figures(),
            "published": sorted(key for key, measure in BY_KEY.items() if measure.published),
            "rules": PUBLISHED_BY,
            "hidden_to": suppress.raised(threshold),
            "steps": (suppress.STEP, suppress.DIGITS, exports_ties.MANY, sorted(exports_ties.PLAIN)),
        }
    )


def _fingerprint(told: Mapping[str, object]) -> Fingerprint:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]
