"""The form of a coffee round, and how a round is told to staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from flask import current_app
from flask_babel import format_date, format_decimal, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField
from wtforms.validators import Optional

from haln.connect import coffee_due, coffee_schedule
from haln.connect.coffee_rounds import Facts, Line
from haln.connect.coffee_schedule import Rule
from haln.measure import coffee
from haln.measure.exports_csv import HIDDEN
from haln.views import edge, meanwhile, words
from haln.views.local_time import zone
from haln.views.speech import gettext, ngettext


class RoundForm(FlaskForm):
    """The days of a round and what it prefers."""

    pairs_on = DateField(
        lazy_gettext("Pairs are made on"),
        validators=[Optional()],
        description=lazy_gettext("Members see it. Those who take part are told a week before."),
    )
    meet_by = DateField(lazy_gettext("People should have met by"), validators=[Optional()])
    across = RadioField(lazy_gettext("Prefer pairs from two sectors"))
    colleagues = RadioField(lazy_gettext("May two of one organisation meet?"))
    by_itself = RadioField(lazy_gettext("Who makes the pairs?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in (self.pairs_on, self.meet_by, self.across, self.colleagues, self.by_itself):
            part.flags.required = True
        self.by_itself.choices = list(makers().items())
        self.across.choices = list(across_words().items())
        self.colleagues.choices = [("yes", gettext("Yes, if it comes to that")), ("no", gettext("No"))]

    def readable(self) -> bool:
        """Whether both days could be read; whether they fit is for the domain to say."""
        for part in (self.pairs_on, self.meet_by):
            if part.raw_data and part.raw_data[0] and part.data is None:
                part.errors = [gettext("Enter a day like 2026-10-05.")]
        return not self.errors

    def in_words(self, facts: Facts) -> meanwhile.Kept:
        """What is saved, by the names of these fields, for whoever finds that somebody else has changed it."""
        said = {
            "pairs_on": words.day(facts.pairs_on) if facts.pairs_on else "",
            "meet_by": words.day(facts.meet_by) if facts.meet_by else "",
            "across": across_words()[facts.across],
            "colleagues": gettext("Yes, if it comes to that") if facts.colleagues else gettext("No"),
            "by_itself": makers()["yes" if facts.by_itself else "no"],
        }
        return [(name, str(self[name].label.text), told) for name, told in said.items()]

    def facts(self) -> Facts:
        """What was entered, for the domain to judge."""
        colleagues = self.colleagues.data != "no"
        by_itself = self.by_itself.data == "yes"
        return Facts(self.pairs_on.data, self.meet_by.data, self.across.data or "", colleagues, by_itself)


class ScheduleForm(FlaskForm):
    """By which rule rounds are opened."""

    week = RadioField(lazy_gettext("Which one of the month?"))
    weekday = RadioField(lazy_gettext("Which day of the week?"))
    weeks_to_meet = RadioField(lazy_gettext("How long do people have to meet?"))
    across = RadioField(lazy_gettext("Prefer pairs from two sectors"))
    colleagues = RadioField(lazy_gettext("May two of one organisation meet?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in (self.week, self.weekday, self.weeks_to_meet, self.across, self.colleagues):
            part.flags.required = True
        self.week.choices = [(str(week), which) for week, which in week_words().items()]
        self.weekday.choices = [(str(day), weekday_words(day)) for day in coffee_schedule.WEEKDAYS]
        self.weeks_to_meet.choices = [
            (str(weeks), ngettext("%(num)s week", "%(num)s weeks", weeks)) for weeks in coffee_schedule.TO_MEET
        ]
        self.across.choices = list(across_words().items())
        self.colleagues.choices = [("yes", gettext("Yes, if it comes to that")), ("no", gettext("No"))]

    @staticmethod
    def of(rule: Rule) -> dict[str, str]:
        """A rule as the form shows it."""
        shown = {name: str(value) for name, value in asdict(rule).items()}
        return {**shown, "colleagues": "yes" if rule.colleagues else "no"}

    def rule(self) -> Rule:
        """What was chosen, for the domain to judge."""
        week, weekday, weeks = (_chosen(one.data) for one in (self.week, self.weekday, self.weeks_to_meet))
        return Rule(week, weekday, weeks, self.across.data or "", self.colleagues.data != "no")


UNCHOSEN = -1


def _chosen(typed: str | None) -> int:
    number = edge.whole(typed or "", 2)
    return UNCHOSEN if number is None else number


def week_words() -> dict[int, str]:
    """Which one of a month's Tuesdays, say."""
    return {
        1: gettext("The first"),
        2: gettext("The second"),
        3: gettext("The third"),
        4: gettext("The fourth"),
        coffee_schedule.LAST: gettext("The last"),
    }


def weekday_words(day: int) -> str:
    """A day of the week."""
    return str(format_date(date(2024, 1, 1 + day), "EEEE"))


def rule_words(rule: Rule) -> str:
    """A rule, in a sentence."""
    return gettext(
        "%(which)s %(weekday)s of each month", which=week_words()[rule.week], weekday=weekday_words(rule.weekday)
    )


def makers() -> dict[str, str]:
    """Who makes the pairs of a round."""
    return {
        "yes": gettext("They are made by themselves, on that day from 8am"),
        "no": gettext("Staff, when they say so"),
    }


def who_made(line: Line) -> str:
    """Who makes, or made, the pairs of a round."""
    if line.made_at is None:
        return makers()["yes" if line.facts.by_itself else "no"]
    assert line.facts.pairs_on is not None
    made_at = line.made_at.astimezone(zone())
    if made_at.date() < line.facts.pairs_on:
        return gettext("Staff made them before the day, which was %(day)s", day=words.day(line.facts.pairs_on))
    by_itself = line.facts.by_itself and (made_at.date(), made_at.time()) >= (line.facts.pairs_on, coffee_due.FROM)
    return gettext("They were made by themselves") if by_itself else gettext("Staff made them")


def across_words() -> dict[str, str]:
    """How much a round prefers two sectors."""
    return {
        "none": gettext("Not at all"),
        "some": gettext("Somewhat: between people who suit each other as well"),
        "strong": gettext("Strongly: before themes in common"),
    }


def _state_words(state: str) -> str:
    return {
        "open": gettext("Open"),
        "made": gettext("Pairs are meeting"),
        "closed": gettext("Over"),
        "cancelled": gettext("Called off"),
    }[state]


STATE_KINDS = {"open": "good", "made": "accent", "cancelled": "bad"}


@dataclass(frozen=True, slots=True)
class Row:
    """A round as the pages draw it. `told` are its numbers, `went` how it went, hidden where few people are in them."""

    public_id: str
    title: str
    state: str
    state_words: str
    state_kind: str
    days: str
    version: int
    told: list[tuple[str, str]]
    went: list[tuple[str, str]]
    by_itself: bool
    why: str


def round_row(line: Line) -> Row:
    """A round, in words."""
    facts, told = line.facts, line.told
    assert facts.pairs_on is not None and facts.meet_by is not None
    made_on = line.made_at.astimezone(zone()).date() if line.made_at else None
    days = (
        gettext(
            "Pairs on %(first)s, to meet by %(last)s", first=words.day(facts.pairs_on), last=words.day(facts.meet_by)
        )
        if made_on is None
        else gettext(
            "Pairs were made on %(day)s, to meet by %(last)s", day=words.day(made_on), last=words.day(facts.meet_by)
        )
    )
    return Row(
        line.public_id,
        gettext("Coffee round of %(day)s", day=words.day(facts.pairs_on)),
        line.state,
        _state_words(line.state),
        STATE_KINDS.get(line.state, ""),
        days,
        line.version,
        _numbers(told),
        _went(told),
        facts.by_itself,
        gettext(str(told["why"])) if "why" in told else "",
    )


def _numbers(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """From what pairs were made, and how many: what staff did, not what anybody said."""
    if "groups" not in told:
        return []
    return [
        (gettext("People who took part"), format_decimal(told["people"])),
        (gettext("Pairs and trios"), format_decimal(told["groups"])),
        (gettext("Trios among them"), format_decimal(told["trios"])),
        (gettext("New ties possible"), format_decimal(told["new"])),
        (gettext("Of these between two sectors"), format_decimal(told["across"])),
        (gettext("Pairs that were put together before"), format_decimal(told["again"])),
        (gettext("People left over"), format_decimal(told["left"])),
    ]


def _went(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How a closed round went: in fives, and hidden where few said so."""
    went = coffee.went(told, int(current_app.config["SMALL_NUMBER"]))
    if went is None:
        return []
    return [
        (gettext("Pairs that met"), HIDDEN if went.met is None else format_decimal(went.met)),
        (gettext("People who said anything"), HIDDEN if went.spoke is None else format_decimal(went.spoke)),
    ]
