"""The weights that hold where a network has too little to learn from, and those that candidates are drawn by."""

from haln.matching.blend import LINEAR, LOG, SATURATING, Weight, Weights

# Learned where ties have dates: somebody silent for years hardly makes a tie, a month or two say little.
_SILENT = Weight(1.5, SATURATING, 0.02, 1.2, 0.1)
# Themes, places and roles, which public networks lack, are set by hand in log odds, so that an offer that meets a seek
# counts about as much as three common ties.
_BY_HAND = {
    "they_offer": (Weight(2.0, SATURATING, 1.5),),
    "you_offer": (Weight(1.5, SATURATING, 1.5),),
    "shared_theme": (Weight(1.2, SATURATING, 2.0),),
    "step_ahead": (Weight(0.7, SATURATING, 1.5),),
    "same_place": (Weight(0.3),),
    "same_region": (Weight(0.2),),
    "place_other_sector": (Weight(0.3),),
    "same_sector": (Weight(0.15),),
    "same_role": (Weight(0.1),),
    "same_role_elsewhere": (Weight(0.3),),
    "same_level": (Weight(0.1),),
    "same_organisation": (Weight(-0.6),),
    "first_link": (Weight(0.25),),
    "lively": (_SILENT,),
    "newcomer": (Weight(0.25),),
    "turn": (Weight(0.1),),
}

# What the candidates that are looked at closely are drawn by: few signals, cheap for everyone at once. One conditional
# logit over 390 members each of the validation splits of five public networks, as below, beside everybody they have no
# tie with. How many ties somebody has counts for those who have few themselves: they have little else to go by.
POOL_WEIGHTS = Weights(
    "pool-2",
    {
        **_BY_HAND,
        "shared_group": (Weight(1.34, LOG, 0.2, 0.63),),
        "adamic_adar": (Weight(0.46, LOG, 0.26, 0.74),),
        "far_walk": (Weight(0.86, LOG, 0.00027, 0.21),),
        "three_steps": (Weight(0.0, LOG, 0.00072, 1.03),),
        "degree_elsewhere": (Weight(0.7, LINEAR, 1.0, -0.06),),  # of `index.well_tied`
        "text": (Weight(4.61, SATURATING, 0.3, 0.16),),
        "circle_text": (Weight(2.01, SATURATING, 0.3, 0.8),),
    },
)

# Where a network has too little to learn from. One conditional logit over 390 members each of the validation splits of
# five public networks (cora, the cora of CANE, hetrec2011-lastfm, Twitch in English, NBER working papers), signals of
# MONOTONE at least 0, drawn to 0 as by four members; each signal in three shapes, for members without ties and for
# those with many. `haln evaluate` says what they are worth, and what is added by learning.
DEFAULT_WEIGHTS = Weights(
    "fixed-3",
    {
        **_BY_HAND,
        "lively": (Weight(0.3), _SILENT),
        "shared_group": (Weight(0.55, LOG, 0.4, 0.075), Weight(0.38, LOG, 0.02, 0.23), Weight(0.35, LINEAR, 1.6, 0.15)),
        # Of no worth until a network's own history gives it some.
        "group_circle": (Weight(0.0, LOG, 0.05, 0.0), Weight(0.0, LOG, 0.0025, 0.0), Weight(0.0, LINEAR, 0.2, 0.0)),
        "common_ties": (Weight(0.0, LOG, 1.0, 0.0), Weight(0.0, LOG, 0.05, 0.0), Weight(0.0, LINEAR, 4.0, 0.057)),
        "adamic_adar": (Weight(0.0, LOG, 0.3, 0.8), Weight(0.0, LOG, 0.015, 0.0), Weight(0.028, LINEAR, 1.2, 0.0)),
        "resource_allocation": (
            Weight(0.52, LOG, 0.03, 0.0),
            Weight(0.0, LOG, 0.0015, 0.0),
            Weight(0.0, LINEAR, 0.12, 0.0),
        ),
        "near_walk": (
            Weight(0.0, LOG, 0.0006, 0.0),
            Weight(0.0, LOG, 0.00003, 0.011),
            Weight(0.0, LINEAR, 0.0024, 0.0),
        ),
        "far_walk": (
            Weight(0.14, LOG, 0.0006, 0.0),
            Weight(0.27, LOG, 0.00003, 0.032),
            Weight(0.0, LINEAR, 0.0024, 0.0),
        ),
        "three_steps": (
            Weight(0.0, LOG, 0.001, 0.39),
            Weight(0.0, LOG, 0.00005, 0.088),
            Weight(0.0, LINEAR, 0.004, 0.0),
        ),
        "tie_overlap": (Weight(0.0, LOG, 0.07, 0.0), Weight(0.0, LOG, 0.0035, 0.0), Weight(0.0, LINEAR, 0.28, 0.2)),
        "factors": (Weight(0.6, LOG, 0.08, 0.35), Weight(0.0, LOG, 0.004, 0.0), Weight(0.37, LINEAR, 0.32, 0.13)),
        "degree_elsewhere": (
            Weight(1.3, LOG, 6.0, 0.012),
            Weight(-0.46, LOG, 0.3, -0.2),
            Weight(0.076, LINEAR, 24.0, 0.013),
        ),
        "text": (
            Weight(0.012, LOG, 0.08, 0.0, 0.08),
            Weight(0.0, LOG, 0.004, 0.0, 0.08),
            Weight(0.26, LINEAR, 0.32, 0.0, 0.08),
        ),
        "circle_text": (
            Weight(0.16, LOG, 0.1, 0.23),
            Weight(-0.22, LOG, 0.005, -0.13),
            Weight(0.22, LINEAR, 0.4, -0.071),
        ),
        "text_circle": (
            Weight(0.81, LOG, 0.03, 0.18),
            Weight(-0.32, LOG, 0.0015, -0.087),
            Weight(0.41, LINEAR, 0.12, -0.23),
        ),
        "circle_circle": (
            Weight(-0.84, LOG, 0.07, -0.3),
            Weight(-0.45, LOG, 0.0035, -0.25),
            Weight(-1.2, LINEAR, 0.28, -0.62),
        ),
        "mixed_text": (
            Weight(1.7, LOG, 0.2, 0.75, 0.2),
            Weight(1.7, LOG, 0.01, 0.97, 0.2),
            Weight(1.0, LINEAR, 0.8, 0.36, 0.2),
        ),
    },
)
