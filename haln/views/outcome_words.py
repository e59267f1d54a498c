"""Outcomes and stories in words: the same for whoever writes, for staff and for readers of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import format_date, format_decimal

from haln.people.outcome_sources import CONNECTION, EVENT, SET
from haln.people.outcomes import ANONYMOUS, COUNT, NAMED, Own
from haln.people.story_hiding import OTHER, TELLS_WHO, UNCLEAR
from haln.views.speech import gettext

Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class StoryWords:
    """A story as every page draws it."""

    kind: str
    month: str
    byline: str
    text: str


def kinds() -> list[Option]:
    """What may come of a connection, a set or an event."""
    return [
        ("funding", gettext("Funding")),
        ("joint_project", gettext("A joint project")),
        ("changed_practice", gettext("Changed practice")),
        ("confidence", gettext("Confidence")),
        ("senior_support", gettext("Support of senior leaders")),
    ]


def kind(code: str) -> str:
    """One kind in words."""
    return dict(kinds()).get(code, code)


def consents() -> list[tuple[str, str, str]]:
    """Who may read a story, each with a hint."""
    return [
        (COUNT, gettext("Count it only"), gettext("Nobody reads your words. It is one more in a number.")),
        (
            ANONYMOUS,
            gettext("A story without names"),
            gettext("Staff and readers of the report see your words without names, organisations and places."),
        ),
        (
            NAMED,
            gettext("A story with names"),
            gettext("Your words and your name, once everybody else whom it names agrees. Until then without names."),
        ),
    ]


def consent(code: str) -> str:
    """Who may read a story, in words."""
    return {one: label for one, label, _ in consents()}.get(code, code)


def reasons() -> list[Option]:
    """Why staff keep a story out of the report."""
    return [
        (TELLS_WHO, gettext("It may tell who somebody is")),
        (UNCLEAR, gettext("It cannot be understood without more")),
        (OTHER, gettext("Another reason")),
    ]


def reason(code: str) -> str:
    """One reason in words."""
    return dict(reasons()).get(code, code)


def pounds(amount: int) -> str:
    """An amount as people read it."""
    return f"£{format_decimal(amount, '#,##0')}"


def came_of(source: str) -> str:
    """What a story came of, as its byline ends."""
    return {
        CONNECTION: gettext("came of a connection"),
        SET: gettext("came of a learning set"),
        EVENT: gettext("came of an event"),
    }.get(source, source)


def sources() -> list[Option]:
    """What stories come of, to choose from."""
    return [
        ("", gettext("Everything")),
        (CONNECTION, gettext("Connections")),
        (SET, gettext("Learning sets")),
        (EVENT, gettext("Events")),
    ]


def story(code: str, happened_on: date, source: str, names: Sequence[str], text: str) -> StoryWords:
    """A story as everybody reads it, and of what kind of `source` it came; without `names` nobody is told."""
    who = ", ".join(names) if names else gettext("A member who gives no names")
    return StoryWords(kind(code), str(format_date(happened_on, "MMMM y")), f"{who} · {came_of(source)}", text)


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One's own outcome as pages draw it, its byline saying of whom it came and who reads it now."""

    public_id: str
    story: StoryWords
    told: bool
    hidden: str


def own_row(one: Own, *, named: bool = True) -> OwnRow:
    """One of a member's own outcomes; `named`: the byline says of what it came."""
    reads = consent(one.consent)
    if one.consent == NAMED and not one.agreed:
        reads = gettext("Without names, until everybody whom it names agrees")
    if not one.text and one.consent == COUNT:
        reads = gettext("Only counted")
    source = (one.source.name or gettext("A member you cannot see")) if named else ""
    told = story(one.kind, one.happened_on, one.source.came_of, (), one.text)
    line = [source, "" if one.amount is None else pounds(one.amount), reads]
    return OwnRow(
        one.public_id,
        replace(told, byline=" · ".join(part for part in line if part)),
        one.consent != COUNT,
        reason(one.hidden_for) if one.hidden_for else "",
    )
