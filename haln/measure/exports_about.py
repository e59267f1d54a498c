"""What a file of figures says of itself: what was asked, what was suppressed, and how each figure is defined."""

from __future__ import annotations

from collections.abc import Sequence

from haln.measure import figures
from haln.measure.definitions import MEASURES, Measure
from haln.measure.exports_rows import Asked, Row
from haln.measure.exports_ties import MANY
from haln.network import suppress

Said = dict[str, str | int | bool]

PUBLISHED = (
    "For publication. Numbers of people: 0 where there is nobody for certain, hidden where they may be from 1 to "
    "%(threshold)s, else in fives; low and high hold the true number. Tables of groups that would tell a hidden number "
    "are hidden whole. Organisations are hidden or rounded likewise, by themselves. Whatever rests on connections is "
    "hidden where there may be %(threshold)s of them or fewer, or none; else their number is in fives, and means and "
    "shares are worked out from such numbers. How connections lie (distances, communities, cores and the like) is told "
    "of about %(many)s connections or more, in steps of five members or five connections. What is not defined, as a "
    "share of nothing is not, is empty."
)
EXACT = "Exact figures, for staff of this network alone: not to be published or passed on."


def about(rows: Sequence[Row], asked: Asked) -> Said:
    """What was asked and what was suppressed, by name."""
    question, threshold = asked.question, asked.hidden_to
    return {
        "as_of": question.as_of.isoformat(),
        "known_as_of": asked.known_on(question.as_of).isoformat(),
        "each_day_as_known_then": question.then,
        "months_before": question.months,
        "filter": asked.filter,
        "broken_down_by": ", ".join(asked.by),
        "seed": figures.SEED,
        "exact": asked.exact,
        "threshold": 0 if asked.exact else threshold,
        "rounded_to": 1 if asked.exact else suppress.STEP,
        "rows": len(rows),
        "rows_suppressed": sum(row.suppressed for row in rows),
        "method": EXACT if asked.exact else PUBLISHED % {"threshold": threshold, "many": MANY},
    }


def definitions(rows: Sequence[Row]) -> list[Measure]:
    """The definitions of the figures in the rows."""
    there = {row.measure for row in rows}
    return [one for one in MEASURES if one.key in there]
