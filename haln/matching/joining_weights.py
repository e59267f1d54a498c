"""What each signal of joining something is worth: weights that are data and have a version."""

from haln.matching.blend import LINEAR, LOG, Weight, Weights
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

# What the candidates that are looked at closely are drawn by, where there are many: few signals, one shape each.
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

# One conditional logit over 1,240 members of the validation splits of two public networks (teams of Kubernetes,
# hetrec2011-lastfm), drawn to 0 as by four members; each signal in three shapes, for members who are in nothing and for
# those who are in much.
_LEARNED = {
    "group_text": (
        Weight(0.33, LOG, 0.04, 0.0),
        Weight(0.0, LOG, 0.002, 0.19),
        Weight(0.58, LINEAR, 0.16, 0.0),
    ),
    "ties_there": (
        Weight(0.066, LOG, 1.0, 0.0),
        Weight(0.18, LOG, 0.05, 0.038),
        Weight(0.32, LINEAR, 4.0, 0.0),
    ),
    "groups_alike": (
        Weight(0.0, LOG, 0.4, 0.0),
        Weight(0.14, LOG, 0.02, 0.056),
        Weight(0.0, LINEAR, 1.6, 0.0),
    ),
    "walk": (
        Weight(0.015, LOG, 0.0009, 0.077),
        Weight(0.0, LOG, 0.000045, 0.44),
        Weight(0.0, LINEAR, 0.0036, 0.0),
    ),
    "regression": (
        Weight(0.0, LOG, 0.02, 0.56),
        Weight(0.0, LOG, 0.001, 0.38),
        Weight(0.0, LINEAR, 0.08, 0.0),
    ),
    "kindred": (
        Weight(0.67, LOG, 0.08, 0.53),
        Weight(0.0, LOG, 0.004, 0.0),
        Weight(0.35, LINEAR, 0.32, 0.18),
    ),
    # Of no worth until a network's own history gives it some.
    "broadly_kindred": (
        Weight(0.0, LOG, 0.08, 0.0),
        Weight(0.0, LOG, 0.004, 0.0),
        Weight(0.0, LINEAR, 0.32, 0.0),
    ),
}
_BY_SIZE = {
    "size": (
        Weight(0.21, LOG, 10.0, -0.59),
        Weight(-0.6, LOG, 0.5, 0.14),
        Weight(-0.54, LINEAR, 40.0, 0.099),
    ),
    "recent": (
        Weight(1.7, LOG, 4.0, -0.32),
        Weight(0.46, LOG, 0.2, -0.46),
        Weight(0.27, LINEAR, 16.0, 0.71),
    ),
}

DEFAULT_WEIGHTS = Weights("joining-1", {**_BY_HAND, **_LEARNED, **_BY_SIZE}, JOINING)
"""Where a network has too little to learn from."""

PAGE_WEIGHTS = Weights("joining-1-pages", {**_BY_HAND, **_LEARNED}, JOINING, strong=2.5, good=1.25)
"""On pages calls stand beside sets, which cannot be compared by how many are in them."""
