"""What the columns of a members' file mean, and each cell's own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TypeVar

from haln.errors import Invalid
from haln.people import addresses, names
from haln.people.correcting import EARLIEST
from haln.people.imports.tables import FORMULA_STARTS, Table, heading
from haln.people.profiles import BIOGRAPHY_LENGTH
from haln.taxonomy.vocabulary import Vocabulary

ALIASES: dict[str, tuple[str, ...]] = {
    "email": ("email", "email_address", "mail", "address"),
    "name": ("name", "full_name", "member", "member_name"),
    "job_title": ("job_title", "title", "post", "position"),
    "role": ("role", "job_role"),
    "level": ("level", "seniority"),
    "organisation": ("organisation", "organization", "employer", "anchor_organisation"),
    "place": ("place", "local_authority", "area", "region"),
    "biography": ("biography", "bio", "about", "about_me"),
    "interests": ("interests", "themes", "interest"),
    "offers": ("offers", "offer", "can_help_with"),
    "seeks": ("seeks", "seek", "would_like_help_with"),
    "joined": ("joined", "joined_on", "date_joined", "joined_at"),
}
NEEDED = ("email", "name")
REASON = "what to mend"
MOST = {"name": 120, "job_title": 120, "biography": BIOGRAPHY_LENGTH}

_UNKNOWN = {
    "role": "“%(text)s” is not a role of this network.",
    "level": "“%(text)s” is not a level of this network.",
    "theme": "“%(text)s” is not a theme of this network.",
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row's facts, each checked by itself; `problems` are what it is refused for."""

    line: int
    email: str = ""
    name: str = ""
    job_title: str = ""
    role: str = ""
    level: str = ""
    organisation: str = ""
    place: str = ""
    biography: str = ""
    joined: date | None = None
    themes: Mapping[str, frozenset[str]] = field(default_factory=dict)  # theme → {"interest", "offer", "seek"}
    problems: tuple[Invalid, ...] = ()


def column_map(
    table: Table, aliases: Mapping[str, Sequence[str]] = ALIASES, needed: Sequence[str] = NEEDED
) -> dict[str, str]:
    """Which of the file's columns holds which fact; by default those of a members' file.

    Raises Invalid for a needed column that is not there, two that mean the same, or one that means nothing.
    """
    by_alias = {alias: name for name, others in aliases.items() for alias in others}
    found: dict[str, str] = {}
    unknown = []
    for column in table.columns:
        key = heading(column)
        if not key or key == heading(REASON):
            continue
        fact = by_alias.get(key)
        if fact is None:
            unknown.append(column)
        elif fact in found:
            raise Invalid(
                "The columns “%(one)s” and “%(two)s” mean the same. Keep one of them.", one=found[fact], two=column
            )
        else:
            found[fact] = column
    missing = [name for name in needed if name not in found]
    if missing:
        raise Invalid(
            "The file has no column “%(missing)s”. Its columns are: %(columns)s.",
            missing="”, “".join(missing),
            columns=", ".join(name[:40] for name in table.columns[:12]) or "none",
        )
    if unknown:
        raise Invalid(
            "The column “%(name)s” is not one that is read. Take it out, or use one of: %(known)s.",
            name=unknown[0][:60],
            known=", ".join(aliases),
        )
    return found


def entries(table: Table, vocabulary: Vocabulary, today: date) -> list[Entry]:
    """Every row as facts, checked cell by cell. Raises Invalid as `column_map` does."""
    columns = column_map(table)
    roles = lookup((role.code, role.label) for role in vocabulary.roles)
    levels = lookup((level.code, level.label) for level in vocabulary.levels)
    themes = lookup((theme.code, theme.label) for theme in vocabulary.themes)
    return [
        _entry(row.line, {fact: row.cells[column] for fact, column in columns.items()}, roles, levels, themes, today)
        for row in table.rows
    ]


def lookup(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The codes of a vocabulary by code and by label, as both may be written in a cell."""
    found: dict[str, str] = {}
    for code, label in pairs:
        found[heading(code)] = code
        found[heading(label)] = code
    return found


def _entry(
    line: int,
    cells: dict[str, str],
    roles: dict[str, str],
    levels: dict[str, str],
    themes: dict[str, str],
    today: date,
) -> Entry:
    problems = cell_problems(cells, MOST)
    email = checked(problems, email_address, cells.get("email", ""))
    if not cells.get("email"):
        problems.append(Invalid("The e-mail address is missing."))
    name = names.tidy(cells.get("name", ""))
    if not name:
        problems.append(Invalid("The name is missing."))
    return Entry(
        line=line,
        email=email,
        name=name,
        job_title=cells.get("job_title", ""),
        role=code_of(problems, roles, cells.get("role", ""), "role"),
        level=code_of(problems, levels, cells.get("level", ""), "level"),
        organisation=" ".join(cells.get("organisation", "").split()),
        place=" ".join(cells.get("place", "").split()),
        biography=cells.get("biography", ""),
        joined=checked(problems, partial(_day, today), cells.get("joined", "")),
        themes=_themes(problems, themes, cells),
        problems=tuple(problems),
    )


def cell_problems(cells: Mapping[str, str], most: Mapping[str, int]) -> list[Invalid]:
    """What is wrong with cells whatever they mean: the start of a formula, or more letters than fit."""
    problems = []
    for fact, text in cells.items():
        if text.startswith(FORMULA_STARTS):
            problems.append(
                Invalid(
                    "The cell “%(cell)s” begins like a formula (%(start)s): paste its value instead.",
                    cell=fact,
                    start=text[:12],
                )
            )
        elif len(text) > most.get(fact, 400):
            problems.append(
                Invalid("The cell “%(cell)s” has more than %(most)s letters.", cell=fact, most=most.get(fact, 400))
            )
    return problems


def checked(problems: list[Invalid], check: Callable[[str], T], text: str) -> T:
    """What a check makes of a text; what it raises goes to the problems, and the text counts as empty."""
    try:
        return check(text)
    except Invalid as error:
        problems.append(error)
        return check("")


def email_address(text: str) -> str:
    """The address as it is kept; empty stays empty. Raises Invalid for what is none."""
    if not text:
        return ""
    try:
        return addresses.cleaned(text)
    except Invalid as error:
        raise Invalid("“%(text)s” is not an e-mail address.", text=text[:60]) from error


def _day(today: date, text: str) -> date | None:
    """A day that is no other than a correction by hand could say. Raises Invalid."""
    found = _date(text)
    if found is not None and found > today:
        raise Invalid("“%(text)s” is a day that is still to come.", text=text[:20])
    if found is not None and found < EARLIEST:
        raise Invalid("“%(text)s” is a day too long ago.", text=text[:20])
    return found


def _date(text: str) -> date | None:
    if not text:
        return None
    parts = text.replace(".", "/").split("/")
    try:
        if len(parts) == 3 and len(parts[2]) == 4:  # of 25 nobody could say which year it is
            return date(int(parts[2]), int(parts[1]), int(parts[0]))
        return date.fromisoformat(text[:10])
    except (ValueError, OverflowError) as error:
        raise Invalid("“%(text)s” is not a date: write 2026-03-31 or 31/03/2026.", text=text[:20]) from error


def code_of(problems: list[Invalid], known: Mapping[str, str], text: str, what: str) -> str:
    """The code of a role, level or theme that a text means; empty, and one problem more, where it means none."""
    if not text:
        return ""
    code = known.get(heading(text))
    if code is None:
        problems.append(Invalid(_UNKNOWN[what], text=text[:60]))
        return ""
    return code


def _themes(problems: list[Invalid], known: dict[str, str], cells: dict[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for fact, flag in (("interests", "interest"), ("offers", "offer"), ("seeks", "seek")):
        for text in cells.get(fact, "").replace("|", ";").split(";"):
            code = code_of(problems, known, text.strip(), "theme")
            if code:
                found.setdefault(code, set()).add(flag)
    return {code: frozenset(flags) for code, flags in found.items()}
