"""Which activities made which connections.

The rule. An activity can have made a connection that began within the period:

- an introduction that both accepted and that the connection came from, unless they said they knew each other already;
- a learning set in which both sat at once before the connection began, or on that day: where they say that it rests on
  a set, or where it began while they sat together or within 180 days after;
- a coffee round in which they were paired and that the connection came from, as one of them said that they met;
- what the two say that their connection rests on (they knew each other, met, went to the same event, worked together;
  were introduced or sat in a set, also where no introduction and no set is recorded);
- an event at which both are recorded to have been, on that day or within 180 days before, unless they knew each other
  already.

A connection that several of these could have made is shared out: each counts 1, and an event at which n people were
1 / (n − 1), as each of them met each other one with so much of their time (Newman, Scientific collaboration networks
II, Physical Review E 64, 016132, 2001); so a large webinar, at which two may be without a word, weighs next to nothing
beside what the two say themselves. Where they say that it rests on an event, the events recorded count 1 together, and
stand for what they say. What began before the period and counts
only now, because somebody came back or began to count, no activity made.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.measure import events_held, sessions_held, topics_made
from haln.measure.events_held import Held
from haln.measure.periods import Period
from haln.measure.sessions_held import NEVER_MET, Met
from haln.measure.topics_made import TopicMade
from haln.models import (
    CoffeePair,
    Connection,
    ConnectionVersion,
    Event,
    Introduction,
    LearningSet,
    SetMembershipVersion,
)
from haln.network.history import snapshot
from haln.network.making import Made, Sitting, made, sittings
from haln.network.versions import Versions

AFTER = 180
"""So many days after two last sat in a set together, or were at an event, it can still have made their connection."""

SAID = ("declared", "met", "co_attended", "collaborated")
"""Evidence that names what made a connection, by itself."""

CO_ATTENDED = "co_attended"
INTRODUCED, SET, COFFEE, EVENT, RETURNED = "introduction", "set", "coffee", "event", "returned"

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Activity:
    """What can have made connections.

    `kind`: introduction, of which `detail` is the source (empty: not recorded); set, of which `detail` is the number
    (empty: not recorded); event, of which it is the number, too; coffee; one of SAID; or returned, which is none.
    """

    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What one activity made: its parts of `ties`, and of those of them that join two sectors or are within one."""

    activity: Activity
    ties: Fraction
    across: Fraction
    within: Fraction

    @property
    def across_share(self) -> Fraction | None:
        """The share that joins two sectors, of those whose sectors are known."""
        total = self.across + self.within
        return self.across / total if total else None


@dataclass(frozen=True, slots=True)
class SetMade:
    """A learning set that made connections, or parts of them: how many sat in it until the period's end.

    `met`: the sessions it held in the period, and how many came.
    """

    name: str
    people: int
    ties: Fraction
    met: Met = NEVER_MET


@dataclass(frozen=True, slots=True)
class EventMade:
    """An event that made connections, or parts of them: how many members are recorded to have been there."""

    name: str
    people: int
    ties: Fraction


@dataclass(frozen=True, slots=True)
class Told:
    """New connections by the activities that made them, the most first. The parts add up to `ties`.

    `met`: the sessions that all sets held in the period, and how many came.
    """

    ties: int
    parts: tuple[Part, ...]
    sets: tuple[SetMade, ...]
    met: Met = NEVER_MET
    events: tuple[EventMade, ...] = ()
    topics: tuple[TopicMade, ...] = ()

    def kinds(self) -> list[tuple[str, Fraction]]:
        """The connections that each kind of activity made, the most first; of as many, by the name of the kind."""
        sums: dict[str, Fraction] = defaultdict(Fraction)
        for part in self.parts:
            sums[part.activity.kind] += part.ties
        return sorted(sums.items(), key=lambda one: (-one[1], one[0]))

    def made_by(self, kind: str) -> Fraction:
        """The connections that activities of a kind made."""
        return sum((part.ties for part in self.parts if part.activity.kind == kind), Fraction(0))


def told(session: Session, versions: Versions, period: Period) -> Told:
    """Attribute the connections that are there at the period's end and were not at its start."""
    ties, sat, introduced = new_ties(versions, period), _sittings(session, period), _introduced(session, period)
    coffee = _over_coffee(session)
    sat_in: dict[int, list[Sitting]] = defaultdict(list)
    for one in sat:
        sat_in[one.member].append(one)
    start = period.start.toordinal()
    events = events_held.held(session, period)
    been = events_held.of_members(events.values())
    nowhere: frozenset[int] = frozenset()
    shares = {
        tie: shared(
            tie,
            start,
            introduced.get((tie.low, tie.high)),
            together(sat_in[tie.low], sat_in[tie.high]),
            [events[number] for number in sorted(been.get(tie.low, nowhere) & been.get(tie.high, nowhere))],
            coffee=(tie.low, tie.high, tie.since) in coffee,
        )
        for tie in ties
    }
    parts, met = added_up(shares), sessions_held.met(session, period)
    all_met = Met(sum(one.sessions for one in met.values()), sum(one.present for one in met.values()))
    by_event = _by_event(session, parts, events)
    topics = topics_made.made(session, _by_number(parts, EVENT), _by_number(parts, SET))
    return Told(len(ties), _by_kind(parts), _by_set(session, parts, sat, met), all_met, by_event, topics)


def _by_number(parts: Iterable[Part], kind: str) -> dict[int, Fraction]:
    """What each event or set made, by its number."""
    return {
        int(part.activity.detail): part.ties for part in parts if part.activity.kind == kind and part.activity.detail
    }


def new_ties(versions: Versions, period: Period) -> list[Made]:
    """The connections made in the period, each pair once: those that the page of growth counts as made."""
    question = period.question
    before, after = (
        snapshot(question.known(versions, day), day.toordinal(), only=question.only, evidences=question.evidences)
        for day in (period.start, period.until)
    )
    return made(before, after, "sector")


def shared(
    tie: Made,
    start: int,
    source: str | None,
    sets: Iterable[tuple[int, int, int]],
    events: Iterable[Held] = (),
    *,
    coffee: bool = False,
) -> dict[Activity, Fraction]:
    """Share one connection out: parts that add up to 1.

    `start` is the day before the period. `source` is that of the introduction that it came from, if it did. `sets`
    are those in which both sat at once, with the first day and the day after the last; `events` those at which both
    were. `coffee`: whether it came from a coffee round, which is then how they met.
    """
    if tie.since <= start:
        return {Activity(RETURNED): Fraction(1)}
    found = [
        Activity(SET, str(number))
        for number, first, end in sets
        if first <= tie.since and (tie.evidence == "set_mates" or tie.since < end + AFTER)
    ]
    if tie.evidence == "set_mates" and not found:
        found.append(Activity(SET))
    if coffee and tie.evidence != "declared":
        found.append(Activity(COFFEE))
    near = _weighed(tie, events)
    stands_for = (coffee and tie.evidence == "met") or (near and tie.evidence == CO_ATTENDED)
    if tie.evidence in SAID and not stands_for:
        found.append(Activity(tie.evidence))
    if tie.evidence == "introduced" or (source is not None and tie.evidence != "declared"):
        found.append(Activity(INTRODUCED, source or ""))
    weights = {**dict.fromkeys(found, Fraction(1)), **near}
    total = sum(weights.values(), Fraction(0))
    return {activity: weight / total for activity, weight in weights.items()}


def _weighed(tie: Made, events: Iterable[Held]) -> dict[Activity, Fraction]:
    """The events that can have made a connection, each with what it counts beside a 1 of everything else."""
    if tie.evidence == "declared":
        return {}
    weights = {
        Activity(EVENT, str(one.number)): Fraction(1, len(one.people) - 1)
        for one in events
        if one.day <= tie.since <= one.day + AFTER and len(one.people) > 1
    }
    total = sum(weights.values(), Fraction(0))
    if tie.evidence == CO_ATTENDED:
        return {activity: weight / total for activity, weight in weights.items()}
    return weights


def added_up(shares: Mapping[Made, Mapping[Activity, Fraction]]) -> tuple[Part, ...]:
    """Add the parts of all connections up by activity."""
    # Fractions add slowly: equal parts are counted first.
    counts = Counter(
        (activity, part.as_integer_ratio(), tie.across)
        for tie, parts in shares.items()
        for activity, part in parts.items()
    )
    sums: dict[Activity, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0), Fraction(0)])
    for (activity, ratio, across), count in counts.items():
        sums[activity][0] += count * Fraction(*ratio)
        if across is not None:
            sums[activity][1 if across else 2] += count * Fraction(*ratio)
    return tuple(Part(activity, *numbers) for activity, numbers in sums.items())


def _by_kind(parts: Sequence[Part]) -> tuple[Part, ...]:
    """All sets as one, and all events, the others as they are; the most first."""
    sums: dict[Activity, Part] = {}
    for part in parts:
        one = Activity(part.activity.kind) if part.activity.kind in (SET, EVENT) else part.activity
        had = sums.get(one, Part(one, Fraction(0), Fraction(0), Fraction(0)))
        sums[one] = Part(one, had.ties + part.ties, had.across + part.across, had.within + part.within)
    return tuple(sorted(sums.values(), key=lambda part: (-part.ties, part.activity.kind, part.activity.detail)))


def together(some: Iterable[Sitting], others: Iterable[Sitting]) -> list[tuple[int, int, int]]:
    """The sets in which two sat at once, from what each sat in: number, first day, the day after the last."""
    found: dict[int, tuple[int, int]] = {}
    theirs = list(others)
    for one in some:
        for other in theirs:
            first, end = max(one.since, other.since), min(one.until, other.until)
            if one.group == other.group and first < end:
                had = found.get(one.group, (first, end))
                found[one.group] = (min(had[0], first), max(had[1], end))
    return [(number, *days) for number, days in found.items()]


def _introduced(session: Session, period: Period) -> dict[Pair, str]:
    """The source of the introduction behind each connection that began in the period, by what was known of when it
    did; the last one of a pair.
    """
    kept = ConnectionVersion
    rows = session.execute(
        select(kept.connection_id, Introduction.id, kept.from_on, kept.recorded_on, kept.holds)
        .add_columns(Connection.low_id, Connection.high_id, Introduction.source)
        .join(Connection, Connection.id == kept.connection_id)
        .join(Introduction, Introduction.id == Connection.introduction_id)
        .order_by(kept.connection_id, kept.id)
    ).all()
    made = {row[0]: ((row[5], row[6]), row[7]) for row in rows}
    begun = [one for one in _spells([row[:5] for row in rows], period) if one.since > period.start.toordinal()]
    return dict(made[one.group] for one in sorted(begun, key=lambda one: (one.since, one.group)))


def _over_coffee(session: Session) -> set[tuple[int, int, int]]:
    """The connections that coffee rounds made: the two, and the day on which it began."""
    rows = session.execute(
        select(CoffeePair.low_id, CoffeePair.high_id, Connection.since).join(
            Connection, Connection.id == CoffeePair.connection_id
        )
    )
    return {(row.low_id, row.high_id, row.since.astimezone(UTC).date().toordinal()) for row in rows}


def _sittings(session: Session, period: Period) -> list[Sitting]:
    """Who sat in which set when, of what had begun by the period's end, as it was known when the question asks."""
    kept = SetMembershipVersion
    rows = session.execute(
        select(kept.set_id, kept.member_id, kept.from_on, kept.recorded_on, kept.sits).order_by(
            kept.set_id, kept.member_id, kept.id
        )
    ).all()
    return _spells(rows, period)


def _spells(rows: Sequence[Any], period: Period) -> list[Sitting]:
    """The spells, begun by the period's end, of rows that say from which day on something was so, and since when."""
    if not rows:
        return []
    groups, members, since, said, sits = zip(*rows, strict=True)
    day = period.question.known_by(period.until)
    days = [one.toordinal() for one in since], [one.toordinal() for one in said]
    found = sittings(groups, members, *days, sits, None if day is None else day.toordinal())
    return [one for one in found if one.since <= period.until.toordinal()]


def _by_set(
    session: Session, parts: Sequence[Part], sat: Iterable[Sitting], met: Mapping[int, Met]
) -> tuple[SetMade, ...]:
    """The sets that made something, the most first."""
    ties = _by_number(parts, SET)
    people: dict[int, set[int]] = defaultdict(set)
    for one in sat:
        people[one.group].add(one.member)
    names = session.execute(select(LearningSet.id, LearningSet.name).where(LearningSet.id.in_(ties)))
    rows = [SetMade(name, len(people[number]), ties[number], met.get(number, NEVER_MET)) for number, name in names]
    return tuple(sorted(rows, key=lambda row: (-row.ties, row.name)))


def _by_event(session: Session, parts: Sequence[Part], events: Mapping[int, Held]) -> tuple[EventMade, ...]:
    """The events that made something, the most first."""
    ties = _by_number(parts, EVENT)
    if not ties:
        return ()
    names = session.execute(select(Event.id, Event.title).where(Event.id.in_(sorted(ties))))
    rows = [EventMade(name, len(events[number].people), ties[number]) for number, name in names]
    return tuple(sorted(rows, key=lambda row: (-row.ties, row.name)))
