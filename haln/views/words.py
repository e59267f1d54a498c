"""Codes of the vocabularies as words in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from flask import current_app, g
from flask_babel import format_date, format_datetime, get_locale

from haln.people.profiles import ThemeChoice
from haln.taxonomy.vocabulary import Network, Vocabulary
from haln.views.speech import gettext


@dataclass(frozen=True, slots=True)
class ThemeWords:
    """A theme on a page: its name, and how far along the member is, where that is said."""

    label: str
    maturity: str


def vocabulary() -> Vocabulary:
    """This network's vocabularies."""
    return cast(Vocabulary, current_app.extensions["haln_vocabulary"])


def network() -> Network:
    """The network's name as it is, and what it says of itself in the reader's language."""
    own = vocabulary().network
    return replace(own, strapline=gettext(own.strapline), welcome=gettext(own.welcome))


def label(kind: str, code: str | None) -> str:
    """The words of a code; `kind` is role, level, theme, sector or region. A code that is gone is shown as it is."""
    if not code:
        return ""
    known = _labels()
    found = known.get((kind, code))
    if found is None:
        try:
            found = known[kind, code] = gettext(getattr(vocabulary(), kind)(code).label)
        except KeyError:
            return code.replace("-", " ")
    return found


def _labels() -> dict[tuple[str, str], str]:
    """The labels worded so far in the reader's language: a directory page asks for a hundred and more."""
    held: dict[tuple[str, str], str] | None = g.get("labels")
    if held is None:
        languages: dict[str, dict[tuple[str, str], str]] = current_app.extensions.setdefault("haln_labels", {})
        held = g.labels = languages.setdefault(str(get_locale()), {})
    return held


def place(name: str | None) -> str:
    """A place by its name: nations and regions in the reader's language, all others as they are called."""
    code = next((region.code for region in vocabulary().regions if region.label == name), None)
    return label("region", code) if code else name or ""


def work(role: str | None, level: str | None, job_title: str | None) -> str:
    """What somebody does, in one line: their own words first."""
    return job_title or label("role", role) or label("level", level)


def maturity(rank: int | None) -> str:
    """How far along, in one word; empty when it is not said."""
    if rank is None:
        return ""
    try:
        return str(gettext(vocabulary().maturity_at(rank).label))
    except KeyError:
        return ""


def themes(choices: Iterable[ThemeChoice], flag: str) -> list[ThemeWords]:
    """The themes marked interest, offer or seek, in the vocabulary's order."""
    chosen = {choice.theme: choice for choice in choices if getattr(choice, flag)}
    order = [theme.code for theme in vocabulary().themes]
    codes = sorted(chosen, key=lambda code: (order.index(code) if code in order else len(order), code))
    return [ThemeWords(label("theme", code), maturity(chosen[code].maturity)) for code in codes]


def day(moment: date) -> str:
    """A day as people say it: Thursday 3 December 2026."""
    return str(format_date(moment, "EEEE d MMMM y"))


def moment(moment: datetime, short: bool = False) -> str:
    """A moment as people say it: Thursday 3 December 2026, 2:00pm; `short` for tables: 3 Dec 2026, 2:00pm."""
    day_and_hour = format_datetime(moment, "d MMM y, h:mm" if short else "EEEE d MMMM y, h:mm")
    return f"{day_and_hour}{_half(moment)}"


def _half(moment: datetime) -> str:
    return str(format_datetime(moment, "a")).replace(".", "").lower()


def span(starts_at: datetime, ends_at: datetime) -> str:
    """From when to when: Thursday 3 December 2026, 2:00pm to 3:30pm; with the day of the end where it is another."""
    ends = moment(ends_at) if day(starts_at) != day(ends_at) else hour(ends_at)
    return gettext("%(starts)s to %(ends)s", starts=moment(starts_at), ends=ends)


def hour(moment: datetime) -> str:
    """An hour as people say it: 3:30pm."""
    return f"{format_datetime(moment, 'h:mm')}{_half(moment)}"
