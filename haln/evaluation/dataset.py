"""Data sets of networks: folders of CSV files with members, texts, ties, groups and their dates."""

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

Moment = float
"""A date as the data set writes it (197306, 2014, 0 where it has none); `days` makes days of it."""

LONGEST = 2**31 - 1
"""So long a text may be, in characters: the reader's own bound, of 131,072, is less than a thesis."""

Tie = tuple[str, str, Moment]
Membership = tuple[str, str, Moment]


class BadDataset(ValueError):
    """A folder that is not a data set, or one that lacks what a task needs; the message says what and where."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member's profile said at a moment: dated texts in order, and facts."""

    docs: tuple[tuple[Moment, str], ...] = ()
    org: str = ""
    place: str = ""
    roles: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group (team, programme, artist followed): since when, until when (None: still there), its own words."""

    since: Moment
    until: Moment | None
    text: str


@dataclass(frozen=True)
class Dataset:
    """Everything a folder holds. `tasks` is as `dataset.json` says; files that are not there are empty."""

    folder: Path
    name: str
    tasks: Mapping[str, Mapping[str, Any]]
    members: Mapping[str, Mapping[str, str]]
    docs: Mapping[str, tuple[Moment, str]]
    authors: Sequence[tuple[str, str, str]]  # member, text, versions of the profile that hold it
    ties: Sequence[Tie]
    groups: Mapping[str, Group]
    memberships: Sequence[tuple[str, str, Moment, str]]  # member, group, since, role
    orgs: Sequence[tuple[str, Moment, str]] = field(default=())

    def task(self, *names: str) -> Mapping[str, Any]:
        """Return the settings of the first of these tasks that the data set has."""
        for name in names:
            if name in self.tasks:
                found = self.tasks[name]
                if not isinstance(found, Mapping):
                    raise BadDataset(f"{self.folder}: the task {name} in dataset.json has no settings by name")
                return found
        raise BadDataset(f"{self.folder}: dataset.json names no task {' or '.join(names)}")

    def check_members(self, named: Iterable[str]) -> None:
        """Raise `BadDataset` where somebody is named who is not among the members."""
        strangers = set(named) - self.members.keys()
        if strangers:
            raise BadDataset(f"{self.folder}: members.csv does not have {min(strangers)}, whom another file names")

    def table(self, name: str, columns: Sequence[str]) -> list[dict[str, str]]:
        """Return the rows of a further table; raises `BadDataset` where it or a column is missing."""
        rows = _rows(self.folder / f"{name}.csv")
        if not rows or any(column not in rows[0] for column in columns):
            raise BadDataset(f"{self.folder}/{name}.csv is missing, empty or lacks one of {', '.join(columns)}")
        return rows

    @cached_property
    def _docs_of(self) -> Mapping[str, Sequence[tuple[Moment, str]]]:
        found: dict[str, list[tuple[Moment, str]]] = {}
        for member, doc, _ in self.authors:
            found.setdefault(member, []).append(self.docs[doc])
        return {member: sorted(docs) for member, docs in found.items()}

    @cached_property
    def _born(self) -> Mapping[str, Moment]:
        born: dict[str, Moment] = {}
        for member, row in self.members.items():
            if row.get("t"):
                born[member] = _number(row["t"])
        for member, docs in self._docs_of.items():
            born[member] = min(born.get(member, math.inf), docs[0][0])
        return born

    def profiles(self, now: Moment | None = None, hide: Iterable[str] = ()) -> dict[str, Profile]:
        """Return what profiles said at a moment (None: all there is), of members with a dated trace by then."""
        orgs: dict[str, dict[Moment, str]] = {}
        for member, moment, org in self.orgs:
            if now is None or moment <= now:
                orgs.setdefault(member, {})[moment] = org
        hidden = "docs" in set(hide)
        found = {}
        for member, row in sorted(self.members.items()):
            if now is not None and self._born.get(member, math.inf) > now:
                continue
            docs = [] if hidden else [one for one in self._docs_of.get(member, ()) if now is None or one[0] <= now]
            own = orgs.get(member)
            org = own[max(own)] if own else row.get("org") or ""
            found[member] = Profile(tuple(docs), org, row.get("place") or "", row.get("roles") or "")
        return found


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with _long_fields(), path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let fields be as long as texts are here: the limit is one for the process, and uploads keep the usual one."""
    before = csv.field_size_limit(LONGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _number(text: str) -> Moment:
    moment = float(text or 0)
    if not math.isfinite(moment):
        raise ValueError(f"{text} is no date")
    return moment


def read(folder: Path) -> Dataset:
    """Read a data set; raises `BadDataset` for a folder that is none."""
    try:
        with (folder / "dataset.json").open(encoding="utf-8") as file:
            about = json.load(file)
    except (OSError, ValueError) as error:
        raise BadDataset(f"{folder} holds no data set: dataset.json cannot be read ({error})") from error
    if not isinstance(about, dict) or not isinstance(about.get("tasks"), dict):
        raise BadDataset(f"{folder}/dataset.json names no tasks")
    try:
        return _filled(folder, about)
    except BadDataset:
        raise
    except (KeyError, ValueError, TypeError, csv.Error) as error:
        raise BadDataset(f"{folder}: a table lacks a column or holds a value that is no number ({error})") from error


def _filled(folder: Path, about: Mapping[str, Any]) -> Dataset:
    def rows(name: str) -> list[dict[str, str]]:
        return _rows(folder / f"{name}.csv")

    members = {row["member"]: row for row in rows("members")}
    if not members:
        raise BadDataset(f"{folder}/members.csv is missing or empty")
    docs = {row["doc"]: (_number(row["t"]), row["text"]) for row in rows("docs")}
    authors = [(row["member"], row["doc"], row.get("versions") or "") for row in rows("member_docs")]
    lacking = next((doc for _, doc, _ in authors if doc not in docs), None)
    if lacking is not None:
        raise BadDataset(f"{folder}/member_docs.csv names a text that docs.csv lacks: {lacking}")
    return Dataset(
        folder=folder,
        name=str(about.get("name") or folder.name),
        tasks=about["tasks"],
        members=members,
        docs=docs,
        authors=authors,
        ties=[(row["u"], row["v"], _number(row["t"])) for row in rows("edges")],
        groups={
            row["group"]: Group(_number(row["t"]), _number(row["t_last"]) if row.get("t_last") else None, row["text"])
            for row in rows("groups")
        },
        memberships=[
            (row["member"], row["group"], _number(row["t"]), row.get("role") or "") for row in rows("memberships")
        ],
        orgs=[(row["member"], _number(row["t"]), row["org"]) for row in rows("member_orgs")],
    )


def days(moment: Moment) -> int:
    """Return a moment as days on one scale, whatever its unit: year, year and month, year-month-day, seconds or days.

    Told by size, as data sets write numbers and not dates: 1000–9999 is a year, 190001–299912 a year and month,
    19000101–29991231 a day, from 10^8 seconds of the Unix epoch (from 10^11 milliseconds), else days as they are.
    """
    whole = int(moment)
    if 1000 <= moment < 10_000:
        return round(moment * 365.25)
    if 190_001 <= whole <= 299_912 and 1 <= whole % 100 <= 12:
        return round(whole // 100 * 365.25 + (whole % 100 - 1) * 30.44)
    if 19_000_101 <= whole <= 29_991_231 and 1 <= whole // 100 % 100 <= 12 and 1 <= whole % 100 <= 31:
        return round(whole // 10_000 * 365.25 + (whole // 100 % 100 - 1) * 30.44 + whole % 100 - 1)
    if moment >= 1e11:
        return int(moment / 86_400_000)
    if moment >= 1e8:
        return int(moment / 86_400)
    return whole
