"""The form of what a cohort is about."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Optional

from haln.learn.cohorts import CohortFacts
from haln.views import meanwhile, words
from haln.views.cohorts.base import UNREADABLE
from haln.views.speech import gettext

_REQUIRED = ("title", "sessions", "session_minutes", "size_low", "size_high", "own_sets", "availability")


class CohortForm(FlaskForm):
    """What a cohort is about. `own_sets` is asked for only when it is made."""

    title = StringField(lazy_gettext("Title"), description=lazy_gettext("Members see it: “Autumn learning sets”."))
    purpose = TextAreaField(
        lazy_gettext("What it is for"),
        description=lazy_gettext(
            "Who should apply, and what they take away. Use **bold**, lists with a dash, and [links](https://…)."
        ),
    )
    themes = SelectMultipleField(lazy_gettext("Themes"))
    where = StringField(lazy_gettext("Where"), description=lazy_gettext("“Online”, or the name of a place."))
    closes_on = DateField(lazy_gettext("Last day to apply"), validators=[Optional()])
    starts_on = DateField(lazy_gettext("The sets start on"), validators=[Optional()])
    ends_on = DateField(lazy_gettext("The sets end on"), validators=[Optional()])
    sessions = IntegerField(lazy_gettext("How many sessions"))
    session_minutes = IntegerField(lazy_gettext("Minutes of each session"))
    size_low = IntegerField(lazy_gettext("People in a set: at least"), description=lazy_gettext("Never fewer than 4."))
    size_high = IntegerField(lazy_gettext("People in a set: at most"))
    availability = RadioField(lazy_gettext("How people say when they can meet"))
    own_sets = IntegerField(
        lazy_gettext("How many sets can you lead yourself?"),
        description=lazy_gettext("You can add other facilitators afterwards."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _REQUIRED:
            self[name].flags.required = True
        self.themes.choices = [(theme.code, gettext(theme.label)) for theme in words.vocabulary().themes]
        self.availability.choices = list(ways().items())

    def readable(self) -> bool:
        """Whether every day and number could be read; whether they fit is for the domain to say."""
        self.process_errors_in_words()
        return not self.errors

    def process_errors_in_words(self) -> None:
        """Say in our words what could not be read."""
        for part in self:
            if part.type == "DateField" and part.raw_data and part.raw_data[0] and part.data is None:
                part.errors = [gettext("Enter a day like 2026-10-05.")]
            elif part.type == "IntegerField" and part.raw_data and part.data is None:
                part.errors = [gettext("Enter a whole number.")]

    def facts(self) -> CohortFacts:
        """What was entered, for the domain to judge."""
        return CohortFacts(
            title=self.title.data or "",
            purpose=self.purpose.data or "",
            themes=tuple(self.themes.data or ()),
            where=self.where.data or "",
            closes_on=self.closes_on.data,
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            sessions=_number(self.sessions.data),
            session_minutes=_number(self.session_minutes.data),
            size_low=_number(self.size_low.data),
            size_high=_number(self.size_high.data),
            availability=self.availability.data or "",
        )

    def in_words(self, facts: CohortFacts) -> meanwhile.Kept:
        """What is saved, by the names of these fields, for whoever finds that somebody else has changed it."""

        def said(name: str) -> str:
            value = getattr(facts, name)
            if name == "themes":
                return ", ".join(words.label("theme", code) for code in value)
            if name == "availability":
                return ways()[value]
            return words.day(value) if isinstance(value, date) else str(value if value is not None else "")

        return [(name, str(self[name].label.text), said(name)) for name in asdict(facts)]

    def sets_held(self) -> int:
        """How many sets whoever makes the cohort can lead."""
        return _number(self.own_sets.data)


def ways() -> dict[str, str]:
    """How people may say when they can meet."""
    return {
        "halfdays": gettext("They tick half-days in a grid of weeks"),
        "dates": gettext("They tick days and hours in a poll"),
        "none": gettext("Times do not matter"),
    }


def _number(value: int | None) -> int:
    """The number, cut to what fits a database: what is too large stays so, and is refused as that."""
    return min(max(value, UNREADABLE), 1_000_000) if value is not None else UNREADABLE
