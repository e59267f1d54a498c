"""Reports of meeting tools as what they say: which meeting, on which day, who was there. Nothing of ours is known here.

Teams writes UTF-16 with tabs: a summary of lines with a name and a value, then a table of participants, then more
tables. Zoom writes UTF-8 with commas, sometimes with a summary of two lines above the table. Both write the hours as
the computer of whoever exports them does, so that 3/4/2026 may be a day in March or in April: both are kept.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date

from haln.errors import Invalid, TooLarge
from haln.people.imports.tables import MEGABYTE, heading

MOST_BYTES = 5 * MEGABYTE
MOST_ROWS = 5_000
MOST_NAME, MOST_ADDRESS = 200, 254

_NAMES = ("name", "full_name", "name_original_name", "participant", "user_name", "attendee_name")
_ADDRESSES = ("email", "user_email", "email_address", "participant_id_upn")
_TITLES = ("meeting_title", "topic", "event_title", "webinar_title")
_STARTS = ("start_time", "meeting_start_time", "actual_start_time", "start_time_utc")
_JOINS = ("first_join", "join_time", "first_join_time", "timestamp")
"""When somebody came. `timestamp`: of the list that Teams saves while the meeting runs, one line for each that
joined and each that left."""


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody in a report, once however often they came back. `address` is empty where it has none."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class MeetingReport:
    """A meeting as its report tells it. `days` are all days that it can be of; none where it names none."""

    title: str
    days: frozenset[date]
    attendees: tuple[Attendee, ...]


def read(content: bytes) -> MeetingReport:
    """Read a report. Raises Invalid or TooLarge with the sentence that says what is wrong."""
    if len(content) > MOST_BYTES:
        raise TooLarge(
            "The file is larger than %(most)s MB. Send the report as it was exported.", most=MOST_BYTES // MEGABYTE
        )
    lines = _cells(_text(content))
    start = next((number for number, cells in enumerate(lines) if _is_header(cells)), None)
    if start is None:
        raise Invalid(
            "No table of participants was found in this file. Export the attendance report from Teams, or the"
            " participants report from Zoom, and send that file as it is."
        )
    title, days = _summary(lines[:start])
    attendees, joined = _table(lines[start], lines[start + 1 :])
    if not attendees:
        raise Invalid("Nobody is in this report.")
    return MeetingReport(title, frozenset(days or joined), attendees)


def _text(content: bytes) -> str:
    if not content.strip():
        raise Invalid("The file is empty.")
    if content[:4] == b"PK\x03\x04":
        raise Invalid("This is an Excel workbook. Send the CSV file that the meeting tool exports, as it is.")
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            "This file cannot be read as text. Send the CSV file that the meeting tool exports, as it is."
        ) from error
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise Invalid("This file cannot be read as text. Send the CSV file that the meeting tool exports, as it is.")
    return text


def _cells(text: str) -> list[list[str]]:
    tabs = text.count("\t") > text.count(",")
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if tabs else ",", strict=False)
        found = [[cell.strip() for cell in row] for row in rows]
    except csv.Error as error:
        raise Invalid("A line of this file is longer than any that a meeting tool writes.") from error
    if len(found) > MOST_ROWS:
        raise TooLarge("The file has more than %(most)s lines.", most=MOST_ROWS)
    return found


def _is_header(cells: list[str]) -> bool:
    names = {heading(cell) for cell in cells}
    return bool(names & set(_NAMES)) and bool(names & {*_ADDRESSES, *_JOINS}) and not names & {"topic"}


def _summary(lines: list[list[str]]) -> tuple[str, set[date]]:
    """The title and days above the table: pairs of name and value, or a line of names above a line of values."""
    title, days = "", set[date]()
    for number, cells in enumerate(lines):
        below = lines[number + 1] if number + 1 < len(lines) else []
        names = [heading(cell) for cell in cells]
        if len(names) > 2:
            pairs = list(zip(names, below, strict=False))
        else:
            pairs = [(names[0], cells[1])] if len(names) == 2 else []
        for name, value in pairs:
            if name in _TITLES and not title:
                title = value[:MOST_NAME]
            elif name in _STARTS:
                days |= days_of(value)
    return title, days


def _table(header: list[str], lines: list[list[str]]) -> tuple[tuple[Attendee, ...], set[date]]:
    names = [heading(cell) for cell in header]
    name_at = next(number for number, name in enumerate(names) if name in _NAMES)
    address_at = [names.index(name) for name in _ADDRESSES if name in names]
    join_at = next((number for number, name in enumerate(names) if name in _JOINS), None)
    found: dict[tuple[str, str], Attendee] = {}
    days: set[date] = set()
    for cells in lines:
        if len(cells) <= name_at or not cells[name_at]:
            if any(cells):
                continue
            if found:
                break  # an empty line ends the table; another may follow
            continue
        name = cells[name_at][:MOST_NAME]
        address = next((_address(cells[at]) for at in address_at if at < len(cells) and _address(cells[at])), "")
        found.setdefault((address, "" if address else folded(name)), Attendee(name, address))
        if join_at is not None and join_at < len(cells):
            days |= days_of(cells[join_at])
    return tuple(found.values()), days


def _address(cell: str) -> str:
    cell = cell.strip().casefold()
    return cell if "@" in cell and " " not in cell and len(cell) <= MOST_ADDRESS else ""


def folded(name: str) -> str:
    """A name as it is compared: without what stands in brackets, in small letters, words by one space."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", name)
    words = re.sub(r"[^\w' -]", " ", bare.casefold()).split()
    return " ".join(words) or " ".join(name.casefold().split())


def days_of(text: str) -> set[date]:
    """Every day that an hour as a computer writes it may be of: 3/4/2026, 2:00 PM is of March or of April."""
    iso = re.search(r"\b(\d{4})-(\d{1,2})-(\d{1,2})", text)
    if iso:
        year, month, day = (int(part) for part in iso.groups())
        return _real(year, month, day)
    other = re.search(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})\b", text)
    if other is None:
        return set()
    one, two, year = (int(part) for part in other.groups())
    year += 2000 if year < 100 else 0
    return _real(year, one, two) | _real(year, two, one)


def _real(year: int, month: int, day: int) -> set[date]:
    try:
        return {date(year, month, day)}
    except ValueError:
        return set()
