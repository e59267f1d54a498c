"""What the figures of growth are. A version grows when its figure would come out otherwise for the same facts."""

from __future__ import annotations

from haln.measure.definitions import Measure, said

GROWTH: tuple[Measure, ...] = (
    Measure(
        "ties_changed",
        1,
        "ties",
        said("What changed"),
        said(
            "Each pair is looked at on both days. A pair that is connected only on the last day was made: with new"
            " members, where one of the two was not there on the first day, or else among people who were there"
            " already. A pair that was connected only on the first day was lost: with people who left, or it ended."
            " What began and ended in between is not seen."
        ),
        said("before + made with new members + made among members − lost with leavers − ended = after"),
        said("This network's own definition"),
        said("Connections changed by %(value)s."),
    ),
    Measure(
        "net_joins",
        1,
        "members",
        said("Net"),
        said(
            "How many more people joined than left. Who comes back has joined again. With a filter, whoever begins to"
            " count has joined, and whoever no longer counts has left."
        ),
        said("arrivals − departures"),
        said("This network's own definition"),
        said("%(value)s more people joined than left."),
        counts=True,
    ),
    Measure(
        "first_tie_days",
        1,
        "days",
        said("Days to the first connection"),
        said(
            "From the day on which somebody first joined to their first connection with a member; 0 for those who had"
            " one on that day. People who have none yet count for as long as they have waited, and so do those who left"
            " without one: they are never left out."
        ),
        said("the first day by which the Kaplan–Meier estimate of those still waiting is a half or less"),
        said("Kaplan and Meier (1958); interval of 95 per cent: Brookmeyer and Crowley (1982) with log(−log)"),
        said("Half of those who joined have their first connection within %(value)s days."),
    ),
    Measure(
        "activation_share",
        1,
        "share",
        said("Connected within 90 days"),
        said(
            "The share with a connection within 90 days of joining, of those who joined at least 90 days ago. Who"
            " joined later is not asked yet; who left before without a connection counts as having none."
        ),
        said("first connection within 90 days / joined at least 90 days before the day"),
        said("This network's own definition"),
        said("%(value)s of those who joined at least 90 days ago had a connection within 90 days."),
    ),
    Measure(
        "staying_share",
        1,
        "share",
        said("Still there"),
        said(
            "The share of those who joined who are still there after so many days, estimated so that people who joined"
            " later count for as long as they could be followed. Each counts once, until they first leave. A quarter"
            " of joining has no figure where nobody in it was followed that long."
        ),
        said("Kaplan–Meier estimate of staying, by the quarter of joining"),
        said("Kaplan and Meier (1958); interval of 95 per cent: Greenwood (1926) with log(−log)"),
        said("%(value)s of those who joined are still there a year later."),
    ),
    Measure(
        "returning_share",
        1,
        "share",
        said("Came back"),
        said("The share of those who ever left by the day who were there again by then."),
        said("joined again / ever left"),
        said("This network's own definition"),
        said("%(value)s of those who left came back."),
    ),
)

BY_KEY = {one.key: one for one in GROWTH}
