"""Figures of the ends of months, worked out ahead and kept: for pages that come at once, and for the record.

A row holds the figures of a day as they were known on another. It stands for as long as nothing else is said of that
day or of one before it: then the same question has another row. So a report of a past day that is made again, as known
then, has the same digits, even when somebody was erased since.

A row knows by which rules it was made (`haln.measure.rules`). Where a definition, a setting, sectors or what may be
published has changed, all months are due again and have other rows, and files say by which version; those before stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from haln.connect import connections
from haln.measure import figures, rules
from haln.measure.definitions import BY_KEY
from haln.measure.exports_rows import Asked, Kept, Row, rows
from haln.measure.figures import Figure
from haln.measure.questions import Question, month_ends
from haln.models import KeptFigures
from haln.network.versions import Versions
from haln.taxonomy.vocabulary import Vocabulary

MONTHS = 36
NOTHING_SAID = date.min

LATEST = select(func.max(KeptFigures.made_at))
"""What asks when the last of what is kept was worked out."""

LEASE = timedelta(minutes=15)
Settled = tuple[str, date, date, str, str]
"""Who and what counts, the day, the last day on which its figures had changed, and the rules of both kinds."""


@dataclass(frozen=True, slots=True)
class Due:
    """Figures of a day that are to be kept, and up to which number of people is hidden in what may be published.

    Without a threshold, nothing is to be published, and costly figures are left out. `grouped_by` is that of versions.
    """

    question: Question
    known_on: date
    threshold: int | None
    grouped_by: str

    @property
    def settled(self) -> Settled:
        """What tells it from all others."""
        published = "" if self.threshold is None else rules.of_published(self.threshold, self.grouped_by)
        todays = rules.of_figures(self.grouped_by)
        return self.question.filter, self.question.as_of, self.known_on, todays, published


def known_since(versions: Versions, question: Question, day: date) -> date:
    """The last day on which anything was said of a day or of one before it, as far as a question knows."""
    known = question.known_by(day)
    last = versions.last_said(day.toordinal(), None if known is None else known.toordinal())
    return date.fromordinal(last) if last else NOTHING_SAID


def read(session: Session, versions: Versions, question: Question) -> dict[date, dict[str, Figure]]:
    """The figures of a question's days that are kept and still stand, by the rules of today."""
    found = {}
    todays = KeptFigures.rules == rules.of_figures(versions.grouped_by)
    for row in _rows(session, versions, question, KeptFigures.figures, todays):
        found[row.as_of] = dict(_figures(row.as_of, row.figures))
    return found


def read_rows(session: Session, versions: Versions, asked: Asked) -> Kept:
    """What is kept for a file: figures, and for one to be published the rows of whole days."""
    told = read(session, versions, asked.question)
    if asked.exact or asked.keys:
        return Kept(told)
    todays = KeptFigures.published_rules == rules.of_published(asked.threshold, versions.grouped_by)
    found = _rows(session, versions, asked.question, KeptFigures.published, todays)
    return Kept(told, {row.as_of: [_row(one) for one in row.published] for row in found})


def _rows(
    session: Session, versions: Versions, question: Question, column: Any, todays: ColumnElement[bool]
) -> Iterator[Any]:
    since = {day: known_since(versions, question, day) for day in question.days()}
    statement = select(KeptFigures.as_of, KeptFigures.known_on, column).where(
        KeptFigures.asked == question.filter, KeptFigures.as_of.in_(since), column.is_not(None), todays
    )
    # A row without a document holds JSON's null on some databases: that is none, too.
    yield from (row for row in session.execute(statement) if since[row.as_of] == row.known_on and row[2] is not None)


def due(session: Session, versions: Versions, vocabulary: Vocabulary, threshold: int, now: datetime) -> list[Due]:
    """What is to be kept and is not yet by the rules of today, the latest months first: as known then, and now.

    What was said today is not the last word of the day: it is kept from tomorrow on.
    """
    today = now.astimezone(UTC).date()
    columns = (getattr(KeptFigures, name) for name in _SETTLED)
    statement = select(*columns).where(or_(KeptFigures.made_at.is_not(None), KeptFigures.leased_until > now))
    done = {tuple(row) for row in session.execute(statement)}
    found: dict[Settled, Due] = {}
    large = len(versions.known()) > figures.WORKED_OUT_AT_ONCE
    for day in reversed(month_ends(today, MONTHS)):
        for then in (True, False):
            since = known_since(versions, Question(day, then=then), day)
            if NOTHING_SAID < since < today:
                few = _narrowed(day, vocabulary) if large else ()
                wanted = [(one, threshold) for one in _whole(day)] + [(one, None) for one in few]
                for question, small in wanted:
                    one = Due(replace(question, known_on=since), since, small, versions.grouped_by)
                    found.setdefault(one.settled, one)
    return [one for settled, one in found.items() if settled not in done]


def _whole(day: date) -> Iterator[Question]:
    yield Question(day, months=0)
    yield Question(day, months=0, with_hosts=False)


def _narrowed(day: date, vocabulary: Vocabulary) -> Iterator[Question]:
    """Of some alone: kept for large networks; in others they are worked out in a moment."""
    for evidence in connections.EVIDENCE:
        yield Question(day, months=0, evidence=evidence)
    for sector in vocabulary.top_sectors:
        yield Question(day, months=0, sector=sector.code)
    for region in vocabulary.choosable_regions:
        yield Question(day, months=0, region=region.ons_code)


def keep(
    session: Session,
    versions: Versions,
    wanted: Iterable[Due],
    commit: Callable[[], None],
    now: Callable[[], datetime],
) -> Iterator[Due]:
    """Work out and keep what is due, one day at a time, and give each as it is done. Commits before and after each.

    Whoever comes second to a day leaves it to the first; a worker that dies loses its lease.
    """
    for one in wanted:
        taken = _take(session, one, now())
        # Where what may be published alone has changed, the figures themselves still stand.
        ahead = {} if taken is None else read(session, versions, one.question)
        commit()
        if taken is not None:
            told = _work_out(versions, one, ahead)
            session.execute(
                update(KeptFigures).where(KeptFigures.id == taken).values(**told, made_at=now(), leased_until=None)
            )
            commit()
            yield one


_SETTLED = ("asked", "as_of", "known_on", "rules", "published_rules")


def _take(session: Session, one: Due, now: datetime) -> int | None:
    """Take a row, or make it: its number, or none where somebody else has it."""
    settled = dict(zip(_SETTLED, one.settled, strict=True))
    lapsed = (
        update(KeptFigures)
        .filter_by(**settled)
        .where(KeptFigures.made_at.is_(None), KeptFigures.leased_until <= now)
        .values(leased_until=now + LEASE)
        .returning(KeptFigures.id)
    )
    taken = session.scalar(lapsed, execution_options={"synchronize_session": False})
    if taken is not None:
        return taken
    values = {**settled, "threshold": one.threshold or 0, "leased_until": now + LEASE}
    try:
        with session.begin_nested():
            return session.scalar(insert(KeptFigures).values(values).returning(KeptFigures.id))
    except IntegrityError:
        return None


def _work_out(versions: Versions, one: Due, ahead: Mapping[date, Mapping[str, Figure]]) -> dict[str, Any]:
    keys = _PLAIN if one.threshold is None else ()
    told = [
        [each.measure, BY_KEY[each.measure].version, *(_written(end) for end in (each.value, each.low, each.high))]
        for each in figures.series(versions, one.question, keys, kept=ahead)
    ]
    if one.threshold is None:
        return {"figures": told}
    kept = Kept({one.question.as_of: dict(_figures(one.question.as_of, told))})
    published = rows(versions, Asked(one.question, one.known_on, one.threshold), kept=kept)
    return {"figures": told, "published": [_as_document(row) for row in published]}


_PLAIN = tuple(key for family in figures.FAMILIES if not family.costly for key in family.keys)


def _written(value: float | None) -> float | str | None:
    """A number as a document can hold it: there is none that is endless."""
    return str(value) if value is not None and value - value != 0 else value


def _figures(day: date, told: Iterable[Any]) -> Iterator[tuple[str, Figure]]:
    """The figures of a document."""
    for key, _version, *numbers in told:
        value, low, high = (float(one) if isinstance(one, str) else one for one in numbers)
        yield key, Figure(key, day, value, low, high)


def _as_document(row: Row) -> dict[str, Any]:
    return asdict(row) | {"as_of": row.as_of.isoformat(), "known_as_of": row.known_as_of.isoformat()}


def _row(told: Mapping[str, Any]) -> Row:
    days = {name: date.fromisoformat(told[name]) for name in ("as_of", "known_as_of")}
    return Row(**{**told, **days})
