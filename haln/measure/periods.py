"""What is asked for between two days: what there was at the end of the first, and at the end of the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from haln.errors import Invalid
from haln.measure import questions
from haln.measure.questions import MOST_MONTHS, YEAR, Question
from haln.people.correcting import EARLIEST
from haln.taxonomy.vocabulary import Vocabulary

LONGEST = 10 * YEAR
"""A period has no more days."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days after `start` until the question's day. What is so on the day `start` was so before."""

    start: date
    question: Question

    @property
    def until(self) -> date:
        """The last of the days."""
        return self.question.as_of

    @property
    def begins(self) -> datetime:
        """The first moment after the day `start`; days are days of UTC."""
        return _midnight(self.start + timedelta(days=1))

    @property
    def ends(self) -> datetime:
        """The first moment after the last day."""
        return _midnight(self.until + timedelta(days=1))

    def months(self) -> tuple[date, ...]:
        """The days at whose ends its months end, the earliest first, the last day among them."""
        ends = (day for day in questions.month_ends(self.until, MOST_MONTHS) if day > self.start)
        return (*ends, self.until) if self.until > self.start else ()


def asked(given: Mapping[str, str], today: date, vocabulary: Vocabulary) -> Period:
    """Read a period and the rest of a question from the words of an address: `from` and `until`.

    Where nothing is said, it ends as of the question's day and began a year before. Raises Invalid as `questions.asked`
    does, and for a period that ends before it begins or is longer than ten years.
    """
    until = given.get("until", "").strip() or given.get("as_of", "")
    try:
        question = questions.asked({**given, "as_of": until}, today, vocabulary)
    except Invalid as error:
        raise Invalid(error.text, _renamed(error, "until")) from None
    try:
        start = questions.asked({"as_of": given["from"]}, today, vocabulary).as_of if given.get("from") else None
    except Invalid as error:
        raise Invalid(error.text, _renamed(error, "from")) from None
    if start is not None and start > question.as_of:
        raise Invalid("The first day lies after the last.", {"from": "The first day lies after the last."})
    if start is not None and (question.as_of - start).days > LONGEST:
        raise Invalid("A period is ten years at most.", {"from": "A period is ten years at most."})
    return Period(start or year_before(question.as_of), question)


def year_before(day: date) -> date:
    """The day a year before, but no earlier than figures go."""
    return max(EARLIEST, day - timedelta(days=YEAR))


def longest_before(day: date) -> date:
    """The first day from which a period until this one may be told."""
    return max(EARLIEST, day - timedelta(days=LONGEST))


def _renamed(error: Invalid, name: str) -> dict[str, str]:
    return {name if field == "as_of" else field: sentence for field, sentence in error.fields.items()}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
