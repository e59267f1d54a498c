"""How the network grows, for staff: what changed, who came and went, first connections, who stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, render_template
from flask_babel import format_date, lazy_gettext

from haln.access import Permission
from haln.measure import growth
from haln.measure.growth import Cohort, Earlier, Month, Told
from haln.measure.growth_definitions import BY_KEY, GROWTH
from haln.measure.periods import Period
from haln.views import edge, sparklines, words
from haln.views.network import asking, asking_periods
from haln.views.network.asking_periods import rounded, share, signed, whole
from haln.views.speech import gettext, ngettext
from haln.views.tables import Column

if TYPE_CHECKING:
    from haln.network.growth import Change
    from haln.network.retention import Share
    from haln.network.survival import Curve, Estimate

blueprint = Blueprint("network_growth", __name__, url_prefix="/network")

CHANGE = (Column(lazy_gettext("Connections")), Column(lazy_gettext("Number"), number=True))
MONTHS = (
    Column(lazy_gettext("Up to")),
    Column(lazy_gettext("Joined"), number=True),
    Column(lazy_gettext("Left"), number=True),
    Column(lazy_gettext("Net"), number=True),
    Column(lazy_gettext("Members at the end"), number=True),
)
FIRST = (
    Column(lazy_gettext("Within")),
    Column(lazy_gettext("Have a connection"), number=True),
    Column(lazy_gettext("Between"), number=True),
)
COHORTS = (
    Column(lazy_gettext("Joined in")),
    Column(lazy_gettext("Members"), number=True),
    Column(lazy_gettext("There after 90 days"), number=True),
    Column(lazy_gettext("After 180 days"), number=True),
    Column(lazy_gettext("After a year"), number=True),
    Column(lazy_gettext("After two years"), number=True),
    Column(lazy_gettext("Connected within 90 days"), number=True),
)


@dataclass(frozen=True, slots=True)
class Card:
    """One number of the period, with its line over the months."""

    title: str
    value: str
    line: sparklines.Line


@edge.page(blueprint, "/growth", Permission.SEE_MEASURES)
def growth_page() -> str:
    """Show how the network changed over a period."""
    period, errors = asking_periods.asked()
    told = growth.told(asking.held(), period)
    return render_template(
        "network/growth.html",
        change_sentence=_change_sentence(told.change, period),
        change=_change_rows(told.change, period),
        change_columns=CHANGE,
        cards=_cards(told.months),
        months=[_month_row(month) for month in reversed(told.months)],
        month_columns=MONTHS,
        first_sentences=[_first_sentence(told.first_tie), _soon_sentence(told.soon)],
        first=_first_rows(told.first_tie),
        first_columns=FIRST,
        stay_sentences=_stay_sentences(told),
        cohorts=[_cohort_row(cohort) for cohort in reversed(told.cohorts)],
        cohort_columns=COHORTS,
        earlier=_earlier(told.earlier),
        **asking_periods.frame(period, errors, GROWTH),
    )


def _aloud(key: str, value: str) -> str:
    """A figure's own sentence with its value."""
    sentence = BY_KEY[key].reads
    return gettext(sentence, value=value)


def _change_sentence(change: Change, period: Period) -> str:
    return gettext(
        "From %(start)s to %(until)s connections went from %(before)s to %(after)s: %(newcomers)s made with new"
        " members and %(between)s among people who were there already, %(leavers)s lost with people who left and"
        " %(ended)s ended.",
        start=_short(period.start),
        until=_short(period.until),
        before=whole(change.ties_before),
        after=whole(change.ties_after),
        newcomers=whole(change.with_newcomers),
        between=whole(change.between_members),
        leavers=whole(change.with_leavers),
        ended=whole(change.ended),
    )


def _change_rows(change: Change, period: Period) -> list[tuple[str, str]]:
    return [
        (gettext("On %(day)s", day=_short(period.start)), whole(change.ties_before)),
        (gettext("Made with new members"), signed(change.with_newcomers)),
        (gettext("Made among people who were there already"), signed(change.between_members)),
        (gettext("Lost with people who left"), signed(-change.with_leavers)),
        (gettext("Ended between people who stay"), signed(-change.ended)),
        (gettext("On %(day)s", day=_short(period.until)), whole(change.ties_after)),
    ]


def _cards(months: Sequence[Month]) -> list[Card]:
    if not months:
        return []
    series = (
        (gettext("Joined"), [month.joined for month in months], whole),
        (gettext("Left"), [month.left for month in months], whole),
        (gettext("Net"), [month.net for month in months], signed),
    )
    return [Card(title, say(sum(numbers)), sparklines.line(numbers)) for title, numbers, say in series]


def _month_row(month: Month) -> tuple[str, ...]:
    return _short(month.until), whole(month.joined), whole(month.left), signed(month.net), whole(month.members)


def _first_sentence(curve: Curve) -> str:
    median = curve.median
    if median.day is None:
        return gettext("Fewer than half of those who joined have a connection so far.")
    if median.high is None:
        return ngettext(
            "Half of those who joined have their first connection within %(num)s day (at least %(low)s; there is no"
            " upper end yet).",
            "Half of those who joined have their first connection within %(num)s days (at least %(low)s; there is no"
            " upper end yet).",
            median.day,
            low=median.low,
        )
    return ngettext(
        "Half of those who joined have their first connection within %(num)s day (between %(low)s and %(high)s).",
        "Half of those who joined have their first connection within %(num)s days (between %(low)s and %(high)s).",
        median.day,
        low=median.low,
        high=median.high,
    )


def _soon_sentence(soon: Share) -> str:
    if not soon.of:
        return gettext("Nobody joined at least 90 days ago.")
    return _aloud("activation_share", share(soon.value))


def _first_rows(curve: Curve) -> list[tuple[str, str, str]]:
    """The share who have a connection, which is what the curve of those still waiting leaves over."""
    rows = []
    for days in growth.FIRST_TIE:
        found = curve.at(days)
        told = ("–", "–") if found is None else (share(1 - found.value), _between(1 - found.high, 1 - found.low))
        rows.append((ngettext("%(num)s day", "%(num)s days", days), *told))
    return rows


def _stay_sentences(told: Told) -> list[str]:
    year, sentences = told.staying.at(365), []
    if year is not None:
        sentences.append(
            gettext(
                "%(value)s of those who joined are still there a year later (between %(low)s and %(high)s).",
                value=share(year.value),
                low=share(year.low),
                high=share(year.high),
            )
        )
    if told.returning.of and not told.returning.count:
        sentences.append(gettext("Nobody of those who left has come back."))
    elif told.returning.of:
        sentences.append(_aloud("returning_share", share(told.returning.value)))
    return sentences or [gettext("Nobody has been followed for a year, and nobody has left.")]


def _earlier(found: Earlier) -> str:
    """How many are in no row of the table, for they came before its first quarter."""
    if not found.members:
        return ""
    return ngettext(
        "The table leaves out %(number)s member who joined before %(day)s.",
        "The table leaves out %(number)s members who joined before %(day)s.",
        found.members,
        number=whole(found.members),
        day=words.day(found.start),
    )


def _cohort_row(cohort: Cohort) -> tuple[str, ...]:
    stayed = (_stayed(one) for one in cohort.staying)
    return (_quarter(cohort.start), whole(cohort.members), *stayed, _soon(cohort.soon))


def _soon(soon: Share) -> str:
    """Of how many, too: those who joined less than 90 days ago are not asked."""
    if not soon.of:
        return "–"
    return gettext("%(share)s of %(number)s", share=rounded(soon.value), number=whole(soon.of))


def _stayed(found: Estimate | None) -> str:
    if found is None:
        return "–"
    if found.low == found.high:
        return rounded(found.value)
    return f"{rounded(found.value)} ({rounded(found.low)} – {rounded(found.high)})"


def _between(low: float, high: float) -> str:
    return f"{share(low)} – {share(high)}"


def _quarter(start: date) -> str:
    return str(format_date(start, "QQQ y"))


def _short(day: date) -> str:
    return str(format_date(day, "d MMM y"))
