"""What the columns of a file of applicants mean, and each cell's own rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from haln.errors import Invalid
from haln.learn.applications import ACCESS_NEEDS_LENGTH, LIVE_ISSUE_LENGTH
from haln.learn.slots import Slot
from haln.people.imports.columns import cell_problems, checked, code_of, column_map, email_address, lookup
from haln.people.imports.tables import Table
from haln.taxonomy.vocabulary import Vocabulary

ALIASES: dict[str, tuple[str, ...]] = {
    "email": ("email", "email_address", "mail", "address"),
    "themes": ("themes", "theme", "interests"),
    "live_issue": ("live_issue", "issue", "question"),
    "times": ("times", "time", "availability", "slots"),
    "manager_email": ("manager_email", "line_manager", "manager", "line_manager_email"),
    "apart": ("apart", "keep_apart", "not_with"),
    "access_needs": ("access_needs", "access", "needs"),
}
NEEDED = ("email",)
MOST = {"live_issue": LIVE_ISSUE_LENGTH, "access_needs": ACCESS_NEEDS_LENGTH, "times": 4000, "apart": 2000}
_PARTS = re.compile(r"[;|\n]")
_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


@dataclass(frozen=True, slots=True)
class ApplicantEntry:
    """One row's facts, each checked by itself; `problems`: why it is refused. `slots`: ids of the cohort's times."""

    line: int
    email: str = ""
    themes: tuple[str, ...] = ()
    live_issue: str = ""
    slots: tuple[int, ...] = ()
    manager: str = ""
    apart: tuple[str, ...] = ()
    access_needs: str = ""
    problems: tuple[Invalid, ...] = ()


def entries(table: Table, vocabulary: Vocabulary, slots: Sequence[Slot], zone: ZoneInfo) -> list[ApplicantEntry]:
    """Every row as facts, checked cell by cell. Raises Invalid when the columns cannot be understood."""
    columns = column_map(table, ALIASES, NEEDED)
    themes = lookup((theme.code, theme.label) for theme in vocabulary.themes)
    times = times_by_name(slots, zone)
    return [
        _entry(row.line, {fact: row.cells[column] for fact, column in columns.items()}, themes, times)
        for row in table.rows
    ]


def time_name(slot: Slot, zone: ZoneInfo) -> str:
    """How a time is written in a file: 2026-10-05 morning, 2026-10-05 14:00."""
    when = slot.starts_at.astimezone(zone).strftime("%H:%M") if slot.starts_at else slot.half
    return f"{slot.on_day.isoformat()} {when}"


def times_by_name(slots: Sequence[Slot], zone: ZoneInfo) -> dict[str, int]:
    """The ids of a cohort's times by what they are called in a file, and by their number from 1."""
    found = {str(number): slot.id for number, slot in enumerate(slots, start=1)}
    found.update((time_name(slot, zone), slot.id) for slot in slots)
    return found


def _entry(line: int, cells: dict[str, str], themes: dict[str, str], times: Mapping[str, int]) -> ApplicantEntry:
    problems = cell_problems(cells, MOST)
    email = checked(problems, email_address, cells.get("email", ""))
    if not cells.get("email"):
        problems.append(Invalid("The e-mail address is missing."))
    manager = checked(problems, email_address, cells.get("manager_email", ""))
    apart = tuple(checked(problems, email_address, part) for part in _parts(cells.get("apart", "")))
    if email and email in (manager, *apart):
        problems.append(Invalid("A person is named as their own manager, or apart from themselves."))
    codes = [code_of(problems, themes, part, "theme") for part in _parts(cells.get("themes", ""))]
    return ApplicantEntry(
        line=line,
        email=email,
        themes=tuple(dict.fromkeys(code for code in codes if code)),
        live_issue=cells.get("live_issue", ""),
        slots=_slots(problems, times, cells.get("times", "")),
        manager=manager,
        apart=tuple(dict.fromkeys(one for one in apart if one)),
        access_needs=cells.get("access_needs", ""),
        problems=tuple(problems),
    )


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in _PARTS.split(cell) if part.strip()]


def _slots(problems: list[Invalid], times: Mapping[str, int], cell: str) -> tuple[int, ...]:
    parts = _parts(cell)
    if parts and not times:
        problems.append(Invalid("This cohort asks for no times: leave the cell “times” empty."))
        return ()
    if [part.casefold() for part in parts] == ["all"]:
        return tuple(dict.fromkeys(times.values()))
    found = []
    for part in parts:
        slot = times.get(_time_as_named(part))
        if slot is None:
            problems.append(Invalid("“%(text)s” is not one of the times of this cohort.", text=part[:40]))
        else:
            found.append(slot)
    return tuple(dict.fromkeys(found))


def _time_as_named(text: str) -> str:
    """A time as `time_name` writes it, however the day was written; what cannot be one stays as it is."""
    words = text.casefold().replace("t", " ", 1).split() if re.match(r"\d{4}-\d\d-\d\dt", text.casefold()) else None
    words = words or text.casefold().split()
    if words and (day := _DAY.fullmatch(words[0])):
        try:
            words[0] = date(int(day[3]), int(day[2]), int(day[1])).isoformat()
        except ValueError:
            return text
    if len(words) == 2 and (clock := re.fullmatch(r"(\d{1,2}):(\d\d)(:00)?", words[1])):
        words[1] = f"{int(clock[1]):02}:{clock[2]}"
    return " ".join(words)
