"""What each signal of joining something is worth: weights that are data and have a version."""

from haln.matching.blend import LOG, Weight, Weights
from haln.matching.joining_signals import JOINING

# What people say of themselves and openings of what they are for, which public networks lack, is set by hand in log
# odds: two themes that somebody seeks help with are worth as much as an offer that meets a seek.
_BY_HAND = {
    "themes": (Weight(2.0),),
    "purpose": (Weight(1.0),),
    "issues": (Weight(0.75),),
    "people": (Weight(0.5),),
    "sectors": (Weight(0.25),),
    "times": (Weight(0.5),),
}

POOL_WEIGHTS = Weights(
    "joining-pool-1",
    {
        **_BY_HAND,
        "regression": (Weight(1.0, LOG, 0.005),),
        "groups_alike": (Weight(0.7, LOG, 0.05),),
        "ties_there": (Weight(0.5, LOG, 1.0),),
        "group_text": (Weight(0.5, LOG, 0.1),),
        "size": (Weight(0.2, LOG, 3.0),),
        "recent": (Weight(0.3, LOG, 1.0),),
    },
    JOINING,
)
PAGE_WEIGHTS = Weights("joining-1", {**_BY_HAND}, JOINING)
DEFAULT_WEIGHTS = PAGE_WEIGHTS
