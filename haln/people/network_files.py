"""The files of a network from elsewhere: members, texts, ties and groups, read line by line.

Each refusal is one sentence that names the file, the line and what is wrong there. Dates are months (202503), years
(2025), or 0 where the source has none.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from haln.errors import Invalid

LONGEST_CODE = 60
LONGEST_CELL = 100_000
_TIME_UNITS = ("none", "yyyy", "yyyymm")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file."""

    file: str
    number: int
    values: Row

    def code(self, column: str) -> str:
        """Return a code: there, and not too long."""
        value = self.values[column].strip()
        if not value or len(value) > LONGEST_CODE:
            raise refusal(self, f"“{column}” must be a code of 1 to {LONGEST_CODE} letters")
        return value

    def text(self, column: str) -> str:
        """Return a text without spaces around it; empty where the column or the value is missing."""
        return self.values.get(column, "").strip()

    def known(self, column: str, codes: Mapping[str, object], file: str) -> str:
        """Return a code that must stand in another file."""
        code = self.code(column)
        if code not in codes:
            raise refusal(self, f"“{code}” is not in {file}")
        return code

    def day(self, column: str) -> date | None:
        """Return the first day of a month or year; nothing for 0, an empty value or a missing column."""
        value = self.text(column)
        if value in ("", "0"):
            return None
        try:
            if not value.isascii() or not value.isdigit() or len(value) not in (4, 6):
                raise ValueError(value)
            return date(int(value[:4]), int(value[4:] or 1), 1)
        except ValueError:
            raise refusal(self, f"“{value[:20]}” is no date: write 202503, 2025 or 0") from None


@dataclass(frozen=True, slots=True)
class Title:
    """What a network is called."""

    code: str
    title: str


@dataclass(slots=True)
class Person:
    """A member of the files, and what the other files say of their days."""

    first: date | None
    last: date | None = None
    ties: int = 0
    texts: int = 0
    organisation: str = ""
    place: str = ""
    roles: tuple[str, ...] = ()
    key: int | None = field(default=None)  # in the database, for those who are loaded

    def seen(self, day: date | None) -> None:
        """Note a day on which they were there."""
        if day is not None:
            self.first = day if self.first is None else min(day, self.first)
            self.last = day if self.last is None else max(day, self.last)


def refusal(line: Line, reason: str) -> Invalid:
    """Return the error that names file and line."""
    return Invalid("%(file)s, line %(line)d: %(reason)s.", file=line.file, line=line.number, reason=reason)


def title(folder: Path) -> Title:
    """Return what `dataset.json` calls the network, or the folder's name where there is no such file."""
    path = folder / "dataset.json"
    if not path.exists():
        return Title(folder.name[:20], folder.name)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Invalid("dataset.json cannot be read: %(why)s.", why=error) from error
    if not isinstance(found, dict) or not isinstance(found.get("name"), str) or not found["name"].strip():
        raise Invalid("dataset.json must hold a name.")
    if found.get("time_unit", "none") not in _TIME_UNITS:
        raise Invalid("dataset.json: time_unit must be one of %(units)s.", units=", ".join(_TIME_UNITS))
    return Title(found["name"].strip()[:20], str(found.get("title") or found["name"])[:200])


def lines(folder: Path, file: str, columns: tuple[str, ...], *, needed: bool = False) -> Iterator[Line]:
    """Give the lines of a file; nothing for one that is missing and not `needed`.

    Raises Invalid for a file that is missing though needed, is not UTF-8, is no table of commas, or lacks a column.
    """
    path = folder / file
    if not path.is_file():
        if needed:
            raise Invalid("%(folder)s holds no %(file)s.", folder=folder.name, file=file)
        return
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            for column in columns:
                if header.count(column) != 1:
                    raise Invalid("%(file)s: column “%(column)s” must be there once.", file=file, column=column)
            for values in reader:
                if values:
                    yield _line(file, reader.line_num, header, values)
        except UnicodeDecodeError as error:
            raise Invalid("%(file)s is not UTF-8.", file=file) from error
        except csv.Error as error:
            raise Invalid("%(file)s, line %(line)d: %(why)s.", file=file, line=reader.line_num, why=error) from error


def _line(file: str, number: int, header: list[str], values: list[str]) -> Line:
    line = Line(file, number, dict(zip(header, values, strict=False)))
    if len(values) != len(header):
        raise refusal(line, f"{len(values)} values instead of {len(header)}")
    if any("\x00" in value or len(value) > LONGEST_CELL for value in values):
        raise refusal(line, "a value is too long or holds a control character")
    return line


def read_people(folder: Path, limit: int | None) -> dict[str, Person]:
    """Return everybody, with their first and last day from all files; only the first `limit` are to be loaded.

    Those beyond the limit have no place in the ties, texts and groups that are counted here.
    """
    people: dict[str, Person] = {}
    for line in lines(folder, "members.csv", ("member",), needed=True):
        code = line.code("member")
        if code in people:
            raise refusal(line, f"“{code}” is there twice")
        person = Person(line.day("t"), None, 0, 0, line.text("org"), line.text("place"))
        person.roles = tuple(line.text("roles").split())
        person.key = len(people) if limit is None or len(people) < limit else None
        person.seen(person.first)
        people[code] = person
    if not people:
        raise Invalid("members.csv holds nobody.")
    for one, other, day in ties(folder, people):
        for code in (one, other):
            people[code].ties += people[one].key is not None and people[other].key is not None
            people[code].seen(day)
    documents = {line.code("doc"): line.day("t") for line in lines(folder, "docs.csv", ("doc", "text"))}
    for line in lines(folder, "member_docs.csv", ("member", "doc")):
        person = people[line.known("member", people, "members.csv")]
        person.texts += 1
        person.seen(documents[line.known("doc", documents, "docs.csv")])
    for line in lines(folder, "memberships.csv", ("member", "group")):
        people[line.known("member", people, "members.csv")].seen(line.day("t"))
    return people


def ties(folder: Path, people: Mapping[str, Person]) -> Iterator[tuple[str, str, date | None]]:
    """Give the ties, each pair once, with the day of its first line."""
    seen: set[tuple[str, str]] = set()
    for line in lines(folder, "edges.csv", ("u", "v")):
        one, other = line.known("u", people, "members.csv"), line.known("v", people, "members.csv")
        if one == other:
            raise refusal(line, f"“{one}” is tied to itself")
        pair = (one, other) if one < other else (other, one)
        day = line.day("t")
        if pair not in seen:
            seen.add(pair)
            yield one, other, day
