"""A real network that nobody here wrote: its members under invented names, their texts, ties and groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from haln import history
from haln.errors import Conflict
from haln.models import Connection, LearningSet, Member, MemberText, SetMembership
from haln.people import beginnings, changes, versions
from haln.people.bulk import Row, batched, catch_up_keys, insert_rows, next_key
from haln.people.demonstration.chance import public_id, stream
from haln.people.demonstration.names import Names
from haln.people.network_files import Person, lines, read_people, ties, title

DOMAIN = "haln.example"
_MAILBOXES = ("connected", "newcomer", "staff")
_LONGEST_NAME = 200
_MANY_TIES = 25

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded."""

    title: str
    members: int
    texts: int
    connections: int
    learning_sets: int
    memberships: int


def load(
    session: Session,
    folder: Path,
    password_hash: str,
    now: datetime,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Loaded:
    """Load the network of a folder into an empty database, or its first `limit` members and what is among them.

    Names are invented from the codes, the same ones each time. Three members can sign in with the password whose hash
    is given: one with many ties, one with hardly any, and one as staff. Raises Conflict when there are members already,
    and Invalid, naming file and line, for files that cannot be taken as they are.
    """
    if not beginnings.is_empty(session):
        raise Conflict("There are members already: a network is loaded into an empty database only.")
    return _Loader(session, folder, limit, now, progress or (lambda done, total: None)).load(password_hash)


class _Loader:
    """One network while it is loaded."""

    def __init__(self, session: Session, folder: Path, limit: int | None, now: datetime, progress: Progress) -> None:
        self._session, self._folder, self._now, self._progress = session, folder, now, progress
        self._title = title(folder)
        self._people = read_people(folder, limit)
        self._chosen = {code: person for code, person in self._people.items() if person.key is not None}
        self._number = changes.next_number(session)
        first = next_key(session, Member)
        for key, person in enumerate(self._chosen.values(), start=first):
            person.key = key

    def load(self, password_hash: str) -> Loaded:
        """Write all of it, in the order in which rows refer to each other."""
        self._progress(1, 6)
        self._members(password_hash)
        self._progress(2, 6)
        texts = self._write(MemberText, self._texts())
        self._progress(3, 6)
        connections = self._write(Connection, self._connections())
        self._progress(4, 6)
        groups = self._groups()
        self._progress(5, 6)
        memberships = self._write(SetMembership, self._memberships(groups))
        session, count = self._session, len(self._chosen)
        beginnings.mark_people(session, beginnings.RENAMED, count)
        detail: history.Detail = {"network": self._title.code, "members": count}
        history.record(session, None, "load_network", "network", None, self._now, detail)
        session.flush()
        catch_up_keys(session, (Member, MemberText, Connection, LearningSet))
        versions.keep_all(session, self._now, as_it_happened=True)
        self._progress(6, 6)
        return Loaded(self._title.title, count, texts, connections, len(groups), memberships)

    def _write(self, model: type[Any], rows: Iterator[Row]) -> int:
        written = 0
        for batch in batched(rows):
            insert_rows(self._session, model, batch)
            written += len(batch)
        return written

    def _members(self, password_hash: str) -> None:
        names = Names()
        signed_in = dict(zip(_who_signs_in(self._chosen), _MAILBOXES, strict=False))

        def rows() -> Iterator[Row]:
            for code, person in self._chosen.items():
                rng = stream(0, f"{self._title.code}:{code}")
                mailbox = signed_in.get(code)
                name = names.invent(rng)
                yield {
                    "id": person.key,
                    "public_id": public_id(rng),
                    "email": f"{mailbox or code.casefold()}@{self._title.code.casefold()}.{DOMAIN}",
                    "password_hash": password_hash if mailbox else None,
                    "audience": "staff" if mailbox == "staff" else "member",
                    "standing": "active",
                    "demonstration": True,
                    "external_ref": f"{self._title.code}:{code}"[:80],
                    "name": name.whole,
                    "sort_name": name.sort,
                    "job_title": _job_title(person.roles),
                    "biography": _biography(person),
                    "onboarding_step": 4,
                    "joined_at": self._moment(person.first),
                    "verified_at": self._moment(person.first),
                    "confirmed_at": self._now,
                    "active_at": self._moment(person.last),
                    "change_number": self._number,
                }

        self._write(Member, rows())

    def _texts(self) -> Iterator[Row]:
        documents = {
            line.code("doc"): (line.day("t"), line.text("text"))
            for line in lines(self._folder, "docs.csv", ("doc", "text"))
        }
        for line in lines(self._folder, "member_docs.csv", ("member", "doc")):
            key = self._people[line.code("member")].key
            day, text = documents[line.code("doc")]
            if key is not None and text:
                yield {"member_id": key, "written_on": day, "text": text}

    def _connections(self) -> Iterator[Row]:
        for one, other, day in ties(self._folder, self._people):
            keys = (self._people[one].key, self._people[other].key)
            if keys[0] is not None and keys[1] is not None:
                yield {
                    "low_id": min(keys[0], keys[1]),
                    "high_id": max(keys[0], keys[1]),
                    "evidence": "collaborated",
                    "intensity": 2,
                    "since": self._moment(day),
                    "change_number": self._number,
                }

    def _groups(self) -> dict[str, int]:
        """Write the groups as learning sets. Returns their keys by code."""
        keys: dict[str, int] = {}
        rows = []
        last_days = [line.day("t_last") for line in lines(self._folder, "groups.csv", ("group",))]
        newest = max((day for day in last_days if day), default=None)
        first = next_key(self._session, LearningSet)
        for line, last in zip(lines(self._folder, "groups.csv", ("group",)), last_days, strict=True):
            code = line.code("group")
            name, _, purpose = line.text("text").partition(". ")
            keys[code] = first + len(keys)
            rows.append(
                {
                    "id": keys[code],
                    "name": (name or code)[:_LONGEST_NAME],
                    "purpose": purpose,
                    "started_on": line.day("t"),
                    "ended_on": last if newest and last and last < newest else None,  # the newest day ends nothing
                    "external_ref": f"{self._title.code}:{code}"[:80],
                }
            )
        self._write(LearningSet, iter(rows))
        return keys

    def _memberships(self, groups: Mapping[str, int]) -> Iterator[Row]:
        seen: set[tuple[str, str]] = set()
        for line in lines(self._folder, "memberships.csv", ("member", "group")):
            code, group = line.code("member"), line.known("group", groups, "groups.csv")
            key = self._people[code].key
            if key is not None and (code, group) not in seen:
                seen.add((code, group))
                yield {"set_id": groups[group], "member_id": key, "joined_on": line.day("t")}

    def _moment(self, day: date | None) -> datetime:
        """Noon of a day; now, where the source knows no day."""
        return datetime.combine(day, time(12), UTC) if day else self._now


def _who_signs_in(people: Mapping[str, Person]) -> list[str]:
    """One with many ties, one who has written something and has hardly any, and one more; different people.

    Those with more than enough ties are alike in that; among them, who was there last.
    """
    days = {code: (person.last or date.min).toordinal() for code, person in people.items()}
    by_ties = sorted(people, key=lambda code: (-min(people[code].ties, _MANY_TIES), -days[code], code))
    cold = sorted(people, key=lambda code: (people[code].ties, not people[code].texts, -days[code], code))
    return list(dict.fromkeys([by_ties[0], cold[0], *by_ties]))[: len(_MAILBOXES)]


def _job_title(roles: tuple[str, ...]) -> str | None:
    return ", ".join(role.replace("-", " ") for role in roles)[:120].capitalize() or None


def _biography(person: Person) -> str:
    """Where somebody works, as a sentence: the bodies of other networks are not in our registers."""
    where = ", ".join(part for part in (person.organisation, person.place) if part)
    return f"{where}." if where else ""
