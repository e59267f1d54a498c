"""What a register says, as values; and reading its file with a refusal that names the file, the line and the column.

Imperfections mended for every register: a byte-order mark, spaces around and doubled inside values, curly and
wrongly turned apostrophes (one straight one everywhere, so that a name is typed as it is kept).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from haln.errors import Misconfigured

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'"})
_SPACES = re.compile(r"\s+")
_SMALL_WORDS = frozenset({"and", "of", "on", "upon", "the", "with", "in", "for", "under", "le", "by", "ar", "y"})
_LONGEST_CELL = 2000


@dataclass(frozen=True, slots=True)
class RegisterPlace:
    """A place of a register. `kind` is nation, region, icb or authority; codes are ONS codes where there are any."""

    code: str
    name: str
    kind: str
    region_code: str
    parent_code: str | None = None
    other_names: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    successor_code: str | None = None


@dataclass(frozen=True, slots=True)
class RegisterOrganisation:
    """An organisation of a register, known by `source` and `source_code`; `successor_code` is of the same source."""

    source: str
    source_code: str
    name: str
    sector: str
    other_names: tuple[str, ...] = ()
    old_names: tuple[str, ...] = ()
    town: str | None = None
    postcode: str | None = None
    place_code: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successor_code: str | None = None


Row = Mapping[str, str]


def rows(folder: Path, file: str, columns: tuple[str, ...]) -> Iterator[Row]:
    """Give the rows of a register file, values tidied.

    Raises Misconfigured for a file that is missing, is not UTF-8, lacks a column, or has a row of another length.
    """
    path = folder / file
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Misconfigured("Register %(file)s is missing in %(folder)s.", file=file, folder=folder) from None
    except UnicodeDecodeError as error:
        reason = f"it is not UTF-8 at byte {error.start}"
        raise Misconfigured("Register %(file)s: %(reason)s.", file=file, reason=reason) from error
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        for column in columns:
            if header.count(column) != 1:
                raise _refusal(file, 1, f"column “{column}” must be there once")
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            if len(values) != len(header):
                raise _refusal(file, reader.line_num, f"{len(values)} values instead of {len(header)}")
            yield {name: _cell(file, reader.line_num, value) for name, value in zip(header, values, strict=True)}
    except csv.Error as error:
        raise _refusal(file, reader.line_num, str(error)) from error


def _cell(file: str, line: int, value: str) -> str:
    if len(value) > _LONGEST_CELL or "\x00" in value:
        raise _refusal(file, line, "a value is too long or holds a control character")
    return tidy(value)


def _refusal(file: str, line: int, reason: str) -> Misconfigured:
    return Misconfigured("Register %(file)s, line %(line)d: %(reason)s.", file=file, line=line, reason=reason)


def tidy(value: str) -> str:
    """Return a value with single spaces and straight apostrophes."""
    return _SPACES.sub(" ", value.translate(_APOSTROPHES)).strip()


def title_of(name: str) -> str:
    """Return a name that is written in small letters, or with Every-Word-Capital, as English names are written."""
    words = re.split(r"([\s-]+)", name)
    titled = [
        word.lower()
        if index and word.lower() in _SMALL_WORDS
        else word[:1].upper() + word[1:]  # not capitalize(): McCarthy stays
        for index, word in enumerate(words)
    ]
    return "".join(titled)


def day(value: str) -> date | None:
    """Return an ISO day, or nothing for an empty or unreadable one: a register's slip must not stop the rest."""
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def without_repeats(name: str, others: Iterator[str] | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Return other names in order, without those that differ from `name` or an earlier one only in case or sign."""
    seen = {_sameness(name)}
    kept = []
    for other in others:
        key = _sameness(other)
        if key and key not in seen:
            seen.add(key)
            kept.append(other)
    return tuple(kept)


def _sameness(name: str) -> str:
    return re.sub(r"[^\w]+", " ", name.casefold().replace("&", " and ")).strip()
