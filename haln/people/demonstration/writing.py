"""Write a demonstration network into the database: in bulk, batch by batch, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from haln import history
from haln.errors import Conflict
from haln.models import (
    Block,
    Connection,
    Dismissal,
    Introduction,
    LearningSet,
    MeetingAnswer,
    Member,
    MemberText,
    MemberTheme,
    Outcome,
    OutcomeAgreement,
    SetMembership,
    Suggestion,
)
from haln.people import beginnings, changes, versions
from haln.people.bulk import Row, batched, catch_up_keys, insert_rows, next_key
from haln.people.demonstration import employers, gatherings, introductions, outcomes
from haln.people.demonstration.calendar import Calendar
from haln.people.demonstration.careers import Careers
from haln.people.demonstration.chance import public_id, stream
from haln.people.demonstration.employers import Employers
from haln.people.demonstration.growth import DECLARED, INTRODUCED, Growth
from haln.people.demonstration.past_suggestions import PastSuggestions
from haln.people.demonstration.people import FACILITATOR, STAFF, People
from haln.taxonomy.vocabulary import Vocabulary

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which demonstration to make: the same three numbers and day always make the same one.

    The months end on the eve of `until`, so that nothing has happened that is still to come.
    """

    members: int
    months: int
    seed: int
    until: date


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were written."""

    members: int
    connections: int
    introductions: int
    learning_sets: int


def write(
    session: Session,
    vocabulary: Vocabulary,
    wanted: Wanted,
    password_hash: str,
    now: datetime,
    progress: Progress | None = None,
) -> Written:
    """Make the network. Four members can sign in, with the password whose hash is given.

    The registers must be loaded. Raises Conflict when there are members already, or no organisations.
    """
    if not beginnings.is_empty(session):
        raise Conflict("There are members already: a demonstration is made in an empty database only.")
    if not employers.any_there(session):
        raise Conflict("There are no organisations yet: load the registers first (flask haln registers load).")
    return _Writer(session, vocabulary, wanted, password_hash, progress or (lambda done, total: None)).write(now)


class _Writer:
    """One demonstration while it is being written."""

    def __init__(
        self, session: Session, vocabulary: Vocabulary, wanted: Wanted, password_hash: str, progress: Progress
    ) -> None:
        self._session, self._vocabulary, self._wanted = session, vocabulary, wanted
        self._password_hash, self._progress = password_hash, progress
        self._calendar = Calendar(wanted.until, wanted.months)
        self._careers = Careers(vocabulary)
        self._number = changes.next_number(session)
        self._first = next_key(session, Member)

    def write(self, now: datetime) -> Written:
        """Write all of it, in the order in which rows refer to each other."""
        wanted, session = self._wanted, self._session
        employers.invent(session, self._careers, wanted.members, wanted.seed, now)
        self._employers = Employers(session, self._careers, wanted.seed)
        people = People(self._careers, self._employers, self._calendar, wanted.members, wanted.seed)
        self._people(people)
        growth = Growth(people.crowd, self._calendar, wanted.seed)
        sets = self._sets(people)
        self._came_of = outcomes.Outcomes(people.crowd, self._calendar, wanted.seed, people.member)
        connections, introduced = self._ties(growth, sets, people)
        self._told([(one, "set_id", number) for number, one in self._of_sets(sets)])
        self._set_aside(growth, people)
        beginnings.mark_people(session, beginnings.INVENTED, wanted.members)
        detail: history.Detail = {"members": wanted.members, "months": wanted.months, "seed": wanted.seed}
        history.record(session, None, "make_demonstration", "network", None, now, detail)
        session.flush()
        catch_up_keys(session, (Member, Connection, Introduction, LearningSet, Outcome, Suggestion))
        versions.keep_all(session, now, as_it_happened=True)
        return Written(wanted.members, connections, introduced, len(sets))

    def _people(self, people: People) -> None:
        signed_in = {STAFF, FACILITATOR, people.member, people.newcomer}
        done = 0
        for batch in batched(people):
            members, themes, texts = [], [], []
            for number, person in enumerate(batch, start=done):
                key = self._first + number
                row = person.row | {"id": key, "change_number": self._number}
                if number in signed_in:
                    row["password_hash"] = self._password_hash
                members.append(row)
                if person.text:
                    texts.append({"member_id": key, "written_on": person.text[0], "text": person.text[1]})
                themes += [
                    {
                        "member_id": key,
                        "theme": choice.theme,
                        "interest": choice.interest,
                        "offer": choice.offer,
                        "seek": choice.seek,
                        "maturity": choice.maturity,
                    }
                    for choice in person.themes
                ]
            insert_rows(self._session, Member, members)
            insert_rows(self._session, MemberTheme, themes)
            insert_rows(self._session, MemberText, texts)
            done += len(batch)
            self._progress(done, self._steps)

    @property
    def _steps(self) -> int:
        """How much there is to do, ties counted by months."""
        return self._wanted.members + self._wanted.months * max(1, self._wanted.members // 60)

    def _sets(self, people: People) -> list[gatherings.Gathering]:
        labels = {theme.code: theme.label for theme in self._vocabulary.themes}
        regions = tuple(region.label for region in self._vocabulary.regions)
        sets = gatherings.gather(people.crowd, self._calendar, labels, regions, self._wanted.seed)
        first, names = next_key(self._session, LearningSet), stream(self._wanted.seed, "set addresses")
        self._first_set = first
        rows, memberships = [], []
        for number, gathering in enumerate(sets, start=first):
            start = self._calendar.date(gathering.first_day)
            ended = gathering.last_day < self._calendar.days
            rows.append(
                {
                    "id": number,
                    "public_id": public_id(names),
                    "name": gathering.name,
                    "purpose": gathering.purpose,
                    "themes": [gathering.theme],
                    "started_on": start,
                    "ended_on": self._calendar.date(gathering.last_day) if ended else None,
                }
            )
            memberships += [
                {
                    "set_id": number,
                    "member_id": self._first + member,
                    "joined_on": start,
                    "left_on": self._left_on(people, member, gathering.last_day),
                }
                for member in gathering.members
            ]
        insert_rows(self._session, LearningSet, rows)
        insert_rows(self._session, SetMembership, memberships)
        return sets

    def _left_on(self, people: People, member: int, last_day: int) -> date | None:
        """The day on which somebody left a set because they left the network."""
        day = people.crowd.left[member]
        return self._calendar.date(day) if day < min(last_day, self._calendar.days) else None

    def _ties(self, growth: Growth, sets: list[gatherings.Gathering], people: People) -> tuple[int, int]:
        asking = introductions.Introductions(
            people.crowd, self._calendar, growth, self._employers.facts, self._wanted.seed
        )
        listed = PastSuggestions(people.crowd, self._calendar, growth, self._wanted.seed, self._first)
        introduction = first = next_key(self._session, Introduction)
        connection = next_key(self._session, Connection)
        connections = 0
        for ties in batched(growth.ties([gathering.meeting for gathering in sets])):
            rows, introduced, answers, told = [], [], [], []
            for number, tie in enumerate(ties, start=connection + connections):
                made = asking.behind(tie) if tie.evidence in (INTRODUCED, DECLARED) else None
                since = self._calendar.moment(tie.day, 7 * (tie.low + tie.high))
                if made:
                    introduced.append(made | {"id": introduction})
                    since = made["closed_at"]
                if made and tie.evidence == INTRODUCED:
                    said = self._came_of.answers(tie.low, tie.high, since)
                    answers += [self._keyed(row) | {"introduction_id": introduction} for row in said]
                told += [(one, "connection_id", number) for one in self._came_of.of_tie(tie)]
                rows.append(
                    {
                        "id": number,
                        "low_id": self._first + tie.low,
                        "high_id": self._first + tie.high,
                        "evidence": tie.evidence,
                        "intensity": tie.intensity,
                        "since": since,
                        "ended_by_id": None if tie.until is None else self._first + growth.who_ended(tie),
                        "until": None if tie.until is None else max(self._calendar.moment(tie.until, 36000), since),
                        "introduction_id": introduction if made else None,
                        "change_number": self._number,
                    }
                )
                introduction += made is not None
            self._introduced(introduced, listed)
            insert_rows(self._session, Connection, rows)
            insert_rows(self._session, MeetingAnswer, answers)
            self._told(told)
            connections += len(rows)
            self._progress(min(self._steps - 1, self._wanted.members + connections // 6), self._steps)
        for others in batched(asking.others(introduction - first, people.member)):
            self._introduced([row | {"id": introduction + n} for n, row in enumerate(others)], listed)
            introduction += len(others)
        self._progress(self._steps, self._steps)
        return connections, introduction - first

    def _introduced(self, introduced: list[Row], listed: PastSuggestions) -> None:
        """Write introductions, each with the suggestion that it came from."""
        number, rows = next_key(self._session, Suggestion), list[Row]()
        came_from: list[int | None] = []
        for introduction in introduced:
            found = list(listed.behind(introduction))
            came_from.append(number + len(rows) if found else None)
            rows += found
        insert_rows(self._session, Suggestion, [self._keyed(row, number + n) for n, row in enumerate(rows)])
        keyed = [self._keyed(row) | {"suggestion_id": key} for row, key in zip(introduced, came_from, strict=True)]
        insert_rows(self._session, Introduction, keyed)

    def _of_sets(self, sets: list[gatherings.Gathering]) -> Iterator[tuple[int, outcomes.Told]]:
        """What came of each set, with the set's key."""
        first = self._first_set
        return ((number, one) for number, each in enumerate(sets, start=first) for one in self._came_of.of_set(each))

    def _told(self, told: list[tuple[outcomes.Told, str, int]]) -> None:
        """Write outcomes, each with the column and the key of what it came of."""
        number, rows, agreements = next_key(self._session, Outcome), list[Row](), list[Row]()
        for key, (one, column, source) in enumerate(told, start=number):
            rows.append(self._keyed(one.outcome, key) | {"connection_id": None, "set_id": None, column: source})
            agreements += [self._keyed(row) | {"outcome_id": key} for row in one.agreements]
        insert_rows(self._session, Outcome, rows)
        insert_rows(self._session, OutcomeAgreement, agreements)

    def _set_aside(self, growth: Growth, people: People) -> None:
        seed, crowd, calendar = self._wanted.seed, people.crowd, self._calendar
        spared = {STAFF, FACILITATOR, people.member, people.newcomer}
        for batch in batched(introductions.dismissals(crowd, calendar, growth, seed)):
            insert_rows(self._session, Dismissal, [self._keyed(row) for row in batch])
        insert_rows(
            self._session,
            Block,
            [self._keyed(row) for row in introductions.blocks(crowd, calendar, growth, seed, spared)],
        )

    def _keyed(self, row: Row, key: int | None = None) -> Row:
        """Put members' keys where the row has their numbers, and its own key."""
        keyed = {
            name: value + self._first if name.endswith(("_id",)) and isinstance(value, int) else value
            for name, value in row.items()
        }
        return keyed if key is None else keyed | {"id": key}
