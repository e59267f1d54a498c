"""What brings people together, for staff: which activities made connections, how introductions and suggestions flow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template
from flask_babel import format_date, format_decimal, lazy_gettext

from haln.access import Permission
from haln.measure import attribution, flow, meetings
from haln.measure.attribution import SET
from haln.measure.exports_csv import HIDDEN
from haln.measure.flow import Exposure, Listed, Offered
from haln.measure.growth_definitions import ACTIVITIES, BY_KEY
from haln.views import activity_words, edge, words
from haln.views.network import asking, asking_periods
from haln.views.network.asking_periods import share, whole
from haln.views.speech import gettext, ngettext
from haln.views.tables import Column

if TYPE_CHECKING:
    from haln.measure.meetings import Sums
    from haln.measure.periods import Period
    from haln.measure.sessions_held import Met
    from haln.network.retention import Share
    from haln.network.survival import Median

blueprint = Blueprint("network_activities", __name__, url_prefix="/network")

LARGEST = 3
"""How many kinds of activities the summary names: those that made the most."""

MADE = (
    Column(lazy_gettext("Activity")),
    Column(lazy_gettext("New connections"), number=True),
    Column(lazy_gettext("Share"), number=True),
    Column(lazy_gettext("Across sectors"), number=True),
)
SETS = (
    Column(lazy_gettext("Learning set")),
    Column(lazy_gettext("People"), number=True),
    Column(lazy_gettext("New connections"), number=True),
    Column(lazy_gettext("Sessions held"), number=True),
    Column(lazy_gettext("Came to each"), number=True),
)
SOURCES = (
    Column(lazy_gettext("Source")),
    Column(lazy_gettext("Offered"), number=True),
    Column(lazy_gettext("Accepted by both"), number=True),
    Column(lazy_gettext("Share"), number=True),
    Column(lazy_gettext("Half of them within"), number=True),
)
MONTHS = (Column(lazy_gettext("Offered up to")), *SOURCES[1:])
LEADING = (Column(lazy_gettext("Leading reason of the suggestion")), *SOURCES[1:])
MEETINGS = (
    Column(lazy_gettext("Of the whole network")),
    Column(lazy_gettext("Met"), number=True),
    Column(lazy_gettext("Useful"), number=True),
    Column(lazy_gettext("Still in touch"), number=True),
)
EVENTS = (
    Column(lazy_gettext("Event")),
    Column(lazy_gettext("Members who came"), number=True),
    Column(lazy_gettext("New connections"), number=True),
)
TOPICS = (
    Column(lazy_gettext("Topic")),
    Column(lazy_gettext("Events of it"), number=True),
    Column(lazy_gettext("Sets of it"), number=True),
    Column(lazy_gettext("New connections"), number=True),
)
REASONS = (
    Column(lazy_gettext("Leading reason")),
    Column(lazy_gettext("Listed"), number=True),
    Column(lazy_gettext("Introduction asked"), number=True),
    Column(lazy_gettext("Share"), number=True),
    Column(lazy_gettext("Accepted by both"), number=True),
)


@edge.page(blueprint, "/activities", Permission.SEE_MEASURES)
def activities() -> str:
    """Show what made connections over a period, and how introductions and suggestions went."""
    period, errors = asking_periods.asked()
    session, versions = edge.session(), asking.held()
    made = attribution.told(session, versions, period)
    flowed = flow.told(session, versions, period, words.vocabulary())
    return render_template(
        "network/activities.html",
        made_sentences=_made_sentences(made),
        made=[_made_row(part, made.ties) for part in made.parts],
        made_columns=MADE,
        session_sentences=_session_sentences(made, narrowed=bool(period.question.filter)),
        narrowed=bool(period.question.filter),
        sets=[_set_row(one) for one in made.sets],
        set_columns=SETS,
        events=[(one.name, whole(one.people), _parts(one.ties)) for one in made.events],
        event_columns=EVENTS,
        topics=[(one.name, whole(one.events), whole(one.sets), _parts(one.ties)) for one in made.topics],
        topic_columns=TOPICS,
        introduction_sentences=_introduction_sentences(flowed.introductions),
        sources=[(activity_words.introduction(one.name), *_offered_cells(one)) for one in flowed.by_source],
        source_columns=SOURCES,
        months=[(_short(one.name), *_offered_cells(one)) for one in reversed(flowed.by_month)],
        month_columns=MONTHS,
        leading=[(activity_words.reason(one.name), *_offered_cells(one)) for one in flowed.by_leading],
        leading_columns=LEADING,
        meeting_columns=MEETINGS,
        **_meetings(period),
        suggestion_sentences=_suggestion_sentences(flowed.suggestions, flowed.exposure),
        reasons=[_reason_row(one) for one in flowed.by_reason],
        reason_columns=REASONS,
        **asking_periods.frame(period, errors, ACTIVITIES),
    )


def _aloud(key: str, value: str) -> str:
    """A figure's own sentence with its value."""
    sentence = BY_KEY[key].reads
    return gettext(sentence, value=value)


def _made_sentences(told: attribution.Told) -> list[str]:
    if not told.ties:
        return [gettext("No connection is new.")]
    return [
        ngettext(
            "%(total)s connection is new. What made it: %(parts)s.",
            "%(total)s connections are new. What made most of them: %(parts)s.",
            told.ties,
            total=whole(told.ties),
            parts=", ".join(
                f"{activity_words.kind(kind)} {share(float(part / told.ties))}" for kind, part in told.kinds()[:LARGEST]
            ),
        ),
        *_across_sentence(told.parts),
    ]


def _session_sentences(told: attribution.Told, *, narrowed: bool) -> list[str]:
    """How often sets met, as it was known; nothing where none did.

    That is so of everybody: beside connections of some of them it has no ratio.
    """
    if not told.met.sessions:
        return []
    if narrowed:
        return [
            ngettext(
                "In the whole network, learning sets held %(total)s session; %(present)s people came to it.",
                "In the whole network, learning sets held %(total)s sessions; on average %(present)s people came to"
                " each.",
                told.met.sessions,
                total=whole(told.met.sessions),
                present=_on_average(told.met),
            )
        ]
    return [
        ngettext(
            "Learning sets held %(total)s session; %(present)s people came to it.",
            "Learning sets held %(total)s sessions; on average %(present)s people came to each.",
            told.met.sessions,
            total=whole(told.met.sessions),
            present=_on_average(told.met),
        ),
        _aloud("ties_per_session", format_decimal(float(told.made_by(SET) / told.met.sessions), "0.00")),
    ]


def _on_average(met: Met) -> str:
    return _parts(Fraction(met.present, met.sessions))


def _set_row(one: attribution.SetMade) -> tuple[str, ...]:
    came = _on_average(one.met) if one.met.sessions else "–"
    return one.name, whole(one.people), _parts(one.ties), whole(one.met.sessions), came


def _across_sentence(parts: Iterable[attribution.Part]) -> list[str]:
    across = sum((part.across for part in parts), Fraction(0))
    of_known = across + sum((part.within for part in parts), Fraction(0))
    return [_aloud("across_share", share(float(across / of_known)))] if of_known else []


def _made_row(part: attribution.Part, ties: int) -> tuple[str, ...]:
    across = part.across_share
    return (
        activity_words.activity(part.activity),
        _parts(part.ties),
        share(float(part.ties / ties)),
        "–" if across is None else share(float(across)),
    )


def _parts(number: Fraction) -> str:
    """Parts of connections: with one digit where they are not whole."""
    return str(format_decimal(float(number), "#,##0.#"))


def _introduction_sentences(told: Offered) -> list[str]:
    if not told.offered:
        return [gettext("No introduction was offered.")]
    sentence = ngettext(
        "%(total)s introduction was offered; %(accepted)s was accepted by both (%(share)s).",
        "%(total)s introductions were offered; %(accepted)s were accepted by both (%(share)s).",
        told.offered,
        total=whole(told.offered),
        accepted=whole(told.accepted),
        share=share(told.share.value),
    )
    return [sentence, *_median_sentence(told.median)]


def _meetings(period: Period) -> dict[str, Any]:
    """How often those who were introduced met, as it may be told: of the whole network, so nothing with filters."""
    if period.question.filter:
        return {"meetings": []}
    found = meetings.read(edge.session(), asking.threshold(), edge.now())
    within, so_far = found.within(period.start, period.until), found.until(period.until)
    rows = [(gettext("In these days"), *_sums(within)), (gettext("So far"), *_sums(so_far))]
    return {"meetings": rows, "others": found.others, "hidden_to": found.hidden_to}


def _sums(told: Sums) -> Iterable[str]:
    return (HIDDEN if one is None else whole(one) for one in (told.met, told.useful, told.in_touch))


def _median_sentence(median: Median) -> list[str]:
    if median.day is None:
        return []
    if median.low is None or median.high is None:
        return [
            ngettext(
                "Half of those accepted were so within %(num)s day.",
                "Half of those accepted were so within %(num)s days.",
                median.day,
            )
        ]
    return [
        ngettext(
            "Half of those accepted were so within %(num)s day (between %(low)s and %(high)s).",
            "Half of those accepted were so within %(num)s days (between %(low)s and %(high)s).",
            median.day,
            low=median.low,
            high=median.high,
        )
    ]


def _offered_cells(one: Offered) -> tuple[str, ...]:
    median = one.median.day
    days = "–" if median is None else ngettext("%(num)s day", "%(num)s days", median)
    return (
        whole(one.offered),
        whole(one.accepted),
        _of(one.share),
        days,
    )


def _suggestion_sentences(told: Listed, exposure: Exposure) -> list[str]:
    sentences = [gettext("No suggestion came into a list.")]
    if told.listed:
        sentences = [
            ngettext(
                "%(total)s suggestion came into a list; an introduction was asked through %(used)s (%(share)s).",
                "%(total)s suggestions came into lists; an introduction was asked through %(used)s (%(share)s).",
                told.listed,
                total=whole(told.listed),
                used=whole(told.used),
                share=share(told.share.value),
            )
        ]
    if exposure.ever.of:
        sentences.append(_aloud("listed_share", share(exposure.ever.value)))
    if exposure.gini is not None:
        sentences.append(_aloud("listed_gini", format_decimal(exposure.gini, "0.00")))
    return sentences


def _reason_row(one: Listed) -> tuple[str, ...]:
    return (
        activity_words.reason(one.reason),
        whole(one.listed),
        whole(one.used),
        _of(one.share),
        whole(one.accepted),
    )


def _of(found: Share) -> str:
    return share(found.value) if found.of else "–"


def _short(day: str) -> str:
    return str(format_date(date.fromisoformat(day), "d MMM y"))
