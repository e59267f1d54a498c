"""What the pages of a period share: what is asked for, and what it may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request
from flask_babel import format_decimal, format_percent

from haln.measure import periods
from haln.measure.definitions import Measure
from haln.measure.periods import Period
from haln.views import local_time, words
from haln.views.network import asking
from haln.views.network.tabs import FILTERS, network_tabs, read, right
from haln.views.speech import gettext


def asked() -> tuple[Period, Mapping[str, str]]:
    """The period that is asked for; what cannot be asked is left out, and why is told."""
    today = local_time.today()
    return read(lambda given: periods.asked(given, today, words.vocabulary()))


def frame(period: Period, errors: Mapping[str, str], definitions: Sequence[Measure]) -> dict[str, Any]:
    """What every page of a period needs: tabs, filters and what they may be, definitions."""
    question, today, given = period.question, local_time.today(), right(request.args)
    return {
        "tabs": network_tabs(),
        "errors": errors,
        "given": {name: given[name] for name in ("from", "until", *FILTERS) if given.get(name)},
        "start": period.start.isoformat(),
        "until": period.until.isoformat(),
        "start_words": words.day(period.start),
        "until_words": words.day(period.until),
        "known_words": gettext("Each day as it was known then.")
        if question.then
        else gettext("As known on %(day)s.", day=words.day(question.known_on or today)),
        "definitions": definitions,
        **asking.choices(),
    }


def whole(number: int) -> str:
    """A number as people read it."""
    return str(format_decimal(number, "#,##0"))


def signed(number: int) -> str:
    """A number with its sign, 0 without one."""
    return str(format_decimal(number, "+#,##0;−#,##0")) if number else "0"


def share(value: float) -> str:
    """A share as per cent."""
    return str(format_percent(value, "0.0%"))


def rounded(value: float) -> str:
    """A share as whole per cents."""
    return str(format_percent(value, "0%"))
