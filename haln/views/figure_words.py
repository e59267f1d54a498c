"""Figures in words: their names, values and sentences in the reader's language."""

from __future__ import annotations

from flask_babel import format_date, format_decimal, format_percent

from haln.measure.definitions import BY_KEY, Measure
from haln.measure.exports_ties import PLAIN as AS_THEY_ARE
from haln.measure.figures import Figure
from haln.views.speech import gettext

_DIGITS = {"share": "0.0", "index": "0.000", "number": "#,##0.0#", "steps": "#,##0.##", "days": "#,##0"}
_SMALL = 0.001


def value(measure: Measure, number: float | None) -> str:
    """A value as people read it: shares as per cent, whole numbers whole, small indices with more digits."""
    if number is None:
        return gettext("not defined")
    if measure.unit == "share":
        return str(format_percent(number, "0.0%"))
    if measure.unit == "index" and 0 < abs(number) < 10 * _SMALL:
        return str(format_decimal(number, "0.00000"))
    return str(format_decimal(number, _DIGITS.get(measure.unit, "#,##0")))


def title(key: str) -> str:
    """The name of a figure."""
    return gettext(BY_KEY[key].title)


def sentence(figure: Figure) -> str:
    """A figure read aloud, with its interval where it has one; why it has no value, where it has none."""
    measure = BY_KEY[figure.measure]
    if figure.value is None:
        return undefined(measure)
    told = _read(measure, figure.value, value(measure, figure.value))
    if figure.low is None or figure.high is None or figure.low == figure.high:
        return told
    ends = {"low": value(measure, figure.low), "high": value(measure, figure.high)}
    return f"{told} ({gettext('%(low)s to %(high)s', **ends)})"


def undefined(measure: Measure) -> str:
    """Why a figure is not defined."""
    return gettext(measure.undefined)


def published(measure: Measure, number: float) -> str:
    """A figure as it is published read aloud: what is rounded is said to be about so many."""
    told = value(measure, number)
    if number and measure.key not in AS_THEY_ARE:
        told = gettext("about %(value)s", value=told)
    sentence = _read(measure, number, told)
    return sentence[:1].upper() + sentence[1:]


def _read(measure: Measure, number: float, told: str) -> str:
    """The sentence of a figure, that for one where its value is shown as 1."""
    one = bool(measure.reads_one) and value(measure, number) == value(measure, 1)
    return gettext(measure.reads_one if one else measure.reads, value=told)


def change(measure: Measure, before: Figure, now: Figure) -> str:
    """How a figure differs from an earlier one, with its sign; in points where it is a share.

    What is not defined differs from nothing: which of the two it is, is told.
    """
    day = format_date(before.as_of, "d MMM y")
    if now.value is None:
        return ""
    if before.value is None:
        return gettext("not defined on %(day)s", day=day)
    difference = now.value - before.value
    if measure.unit == "share":
        return gettext("%(number)s points since %(day)s", number=format_decimal(100 * difference, "+0.0;−0.0"), day=day)
    shown = _DIGITS.get(measure.unit, "#,##0")
    return gettext("%(number)s since %(day)s", number=format_decimal(difference, f"+{shown};−{shown}"), day=day)
