"""How introductions flow (offered, accepted, met, useful), and suggestions (listed, used), and who is listed how often.

A "no" to an introduction is told to nobody (docs/decisions/0008): what was not accepted is never told apart here.
Nor is it told how many only one of the two said yes to: where it is few, that is one person's private answer. Whether
two met is private to each who says so, and told by `haln.measure.meetings` alone.
Nobody is introduced to somebody whom they say they know already: that is counted nowhere here.
Introductions and suggestions are dated by their own moments, which nothing corrects. With a filter, what counts is that
both people are in the groups that are asked for on the period's last day.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from haln.measure.periods import Period
from haln.models import Introduction, MemberVersion, Suggestion
from haln.network.history import there_on
from haln.network.making import unevenness
from haln.network.retention import Share
from haln.network.survival import Median, days_to
from haln.network.versions import Versions
from haln.taxonomy.vocabulary import Vocabulary

OPEN_DAYS = 14
"""Introductions offered in about so many last days may yet be accepted."""


@dataclass(frozen=True, slots=True)
class Offered:
    """Introductions of one source, reason or month, and how far they came until the period's end.

    `median`: by so many days half of those accepted were.
    """

    name: str
    offered: int
    accepted: int
    median: Median

    @property
    def share(self) -> Share:
        """The accepted ones of those offered."""
        return Share(self.accepted, self.offered)


@dataclass(frozen=True, slots=True)
class Listed:
    """Suggestions with one leading reason, first listed in the period: how many an introduction was asked through."""

    reason: str
    listed: int
    used: int
    accepted: int

    @property
    def share(self) -> Share:
        """The used ones of those listed."""
        return Share(self.used, self.listed)


@dataclass(frozen=True, slots=True)
class Exposure:
    """How many of those who are members at the period's end were ever listed, and how evenly in the period.

    `gini` is none where nobody was listed in the period: nothing was shared out.
    """

    ever: Share
    gini: float | None


@dataclass(frozen=True, slots=True)
class Told:
    """All that the page says of a period. Months are known by their last days.

    `by_leading`: introductions from suggestions by the leading reason of the suggestion, `by_reason`: suggestions.
    """

    introductions: Offered
    by_source: tuple[Offered, ...]
    by_month: tuple[Offered, ...]
    by_leading: tuple[Offered, ...]
    suggestions: Listed
    by_reason: tuple[Listed, ...]
    exposure: Exposure


@dataclass(frozen=True, slots=True)
class _Row:
    """One introduction until the period's end: when it was offered, and accepted by both."""

    source: str
    leading: str | None
    created: datetime
    closed: datetime | None


def told(session: Session, versions: Versions, period: Period, vocabulary: Vocabulary) -> Told:
    """Work out all of it."""
    rows = _introductions(session, period, vocabulary)
    by_source: dict[str, list[_Row]] = defaultdict(list)
    by_leading: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        by_source[row.source].append(row)
        if row.leading is not None:
            by_leading[row.leading].append(row)
    by_reason = _suggestions(session, period, vocabulary)
    return Told(
        _offered("", rows),
        tuple(_offered(source, some) for source, some in sorted(by_source.items())),
        tuple(_months(rows, period.months())),
        tuple(
            _offered(kind, some) for kind, some in sorted(by_leading.items(), key=lambda one: (-len(one[1]), one[0]))
        ),
        _all(by_reason),
        by_reason,
        _exposure(session, versions, period),
    )


def _introductions(session: Session, period: Period, vocabulary: Vocabulary) -> list[_Row]:
    """Those offered in the period. People who know each other are not introduced."""
    one = Introduction
    leading = case((one.source == "suggestion", _leading()))
    closed = case((_accepted(period), one.closed_at))
    rows = session.execute(
        select(one.source, leading, one.created_at, closed)
        .outerjoin(Suggestion, Suggestion.id == one.suggestion_id)
        .where(
            one.evidence != "declared",
            one.created_at >= period.begins,
            one.created_at < period.ends,
            _both(period, vocabulary, one.asker_id, one.asked_id),
        )
    )
    return [_Row(*row) for row in rows]


def _leading() -> ColumnElement[str]:
    """The kind of a suggestion's leading reason; empty where it has none."""
    return func.coalesce(Suggestion.reasons[0]["kind"].as_string(), "")


def _accepted(period: Period) -> ColumnElement[bool]:
    return and_(Introduction.state == "accepted", Introduction.closed_at < period.ends)


def _offered(name: str, rows: Sequence[_Row]) -> Offered:
    days = [_days(row.created, row.closed) for row in rows if row.closed is not None]
    return Offered(name, len(rows), len(days), days_to(days))


def _days(created: datetime, closed: datetime) -> int:
    return (_day(closed) - _day(created)).days


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _months(rows: Iterable[_Row], ends: Sequence[date]) -> Iterable[Offered]:
    """By the months in which they were offered."""
    offered: dict[date, list[_Row]] = {end: [] for end in ends}
    for row in rows:
        offered[ends[bisect_left(ends, _day(row.created))]].append(row)
    return (_offered(end.isoformat(), some) for end, some in offered.items())


def _suggestions(session: Session, period: Period, vocabulary: Vocabulary) -> tuple[Listed, ...]:
    """By their leading reason, the most first. Who said that they know each other already was not introduced."""
    asked = (
        select(
            Introduction.suggestion_id.label("suggestion_id"),
            func.max(case((_accepted(period), 1), else_=0)).label("accepted"),
        )
        .where(
            Introduction.suggestion_id.is_not(None),
            Introduction.source == "suggestion",
            Introduction.evidence != "declared",
            Introduction.created_at < period.ends,
        )
        .group_by(Introduction.suggestion_id)
        .subquery()
    )
    reason = _leading()
    rows = session.execute(
        select(reason, func.count(), func.count(asked.c.suggestion_id), func.coalesce(func.sum(asked.c.accepted), 0))
        .select_from(Suggestion)
        .outerjoin(asked, asked.c.suggestion_id == Suggestion.id)
        .where(_listed(period), _both(period, vocabulary, Suggestion.member_id, Suggestion.other_id))
        .group_by(reason)
    )
    found = (Listed(kind, listed, used, int(accepted)) for kind, listed, used, accepted in rows)
    return tuple(sorted(found, key=lambda one: (-one.listed, one.reason)))


def _all(some: Sequence[Listed]) -> Listed:
    counts = [[one.listed, one.used, one.accepted] for one in some]
    return Listed("", *(sum(each[place] for each in counts) for place in range(3)))


def _listed(period: Period) -> ColumnElement[bool]:
    return and_(Suggestion.listed_at >= period.begins, Suggestion.listed_at < period.ends)


def _exposure(session: Session, versions: Versions, period: Period) -> Exposure:
    found = period.question.known(versions, period.until)
    there = there_on(found, period.until.toordinal(), period.question.only)
    members = found.members[found.who[there]].tolist()
    rows = session.execute(
        select(Suggestion.other_id, func.sum(case((_listed(period), 1), else_=0)))
        .where(Suggestion.listed_at < period.ends)
        .group_by(Suggestion.other_id)
    )
    times = {member: int(count) for member, count in rows}
    ever = sum(member in times for member in members)
    return Exposure(Share(ever, len(members)), unevenness([times.get(member, 0) for member in members]))


def _both(
    period: Period, vocabulary: Vocabulary, one: InstrumentedAttribute[int], other: InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """Whether both are in the groups that are asked for."""
    counted = _counted(period, vocabulary)
    return true() if counted is None else and_(one.in_(counted), other.in_(counted))


def _counted(period: Period, vocabulary: Vocabulary) -> Select[Any] | None:
    """Who is in the groups that are asked for, by what was said last of the period's end; none: everybody."""
    question = period.question
    if not question.only:
        return None
    known_on = question.known_by(period.until)
    heard = aliased(MemberVersion)
    newest = select(func.max(heard.id)).where(heard.from_on <= period.until).group_by(heard.member_id)
    if known_on is not None:
        newest = newest.where(heard.recorded_on <= known_on)
    groups: list[ColumnElement[bool]] = [MemberVersion.id.in_(newest)]
    if not question.with_hosts:
        groups.append(MemberVersion.audience == "member")
    if question.sector:
        codes = [one.code for one in vocabulary.sectors if vocabulary.top_sector(one.code).code == question.sector]
        groups.append(MemberVersion.sector.in_(codes))
    if question.region:
        groups.append(MemberVersion.region == question.region)
    return select(MemberVersion.member_id).where(*groups)
