"""What a backup says of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from haln.errors import Invalid

FORMAT = "haln-backup"
EDITION = 1
"""Raised when a file of before cannot be read any more, so that its reader says so."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a backup: how long it is, and its SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, of which version, from when.

    `database` is `sqlite` or `postgresql`; `rows` how many there are of each table; `counters` the last number given
    out for a column of PostgreSQL (`table.column`), so that a number is never given to two; `columns` in which order
    COPY wrote those of each table (backups of before did not say it); `left_out` what else was in the database, and is
    not HALN's; `broken` a table of which rows point to rows that are missing: it must be mended before it comes back.
    """

    version: str
    revision: str
    taken_at: datetime
    database: str
    rows: Mapping[str, int]
    parts: Mapping[str, Part]
    counters: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    broken: str = ""

    def written(self) -> bytes:
        """As JSON."""
        told = {"format": FORMAT, "edition": EDITION, **asdict(self), "taken_at": self.taken_at.isoformat()}
        return json.dumps(told, indent=1, sort_keys=True).encode()


def read(raw: bytes) -> Manifest:
    """The manifest that was written. Raises Invalid for anything else."""
    try:
        told: dict[str, Any] = json.loads(raw)
        if told["format"] != FORMAT:
            raise ValueError(told["format"])
        edition = int(told["edition"])
        if edition > EDITION:
            raise Invalid("This backup was made by a newer version of HALN. Install that version, then restore it.")
        return Manifest(
            version=str(told["version"]),
            revision=str(told["revision"]),
            taken_at=_moment(told["taken_at"]),
            database=str(told["database"]),
            rows={str(table): int(count) for table, count in told["rows"].items()},
            parts={str(name): Part(int(part["size"]), str(part["sha256"])) for name, part in told["parts"].items()},
            counters={str(column): int(last) for column, last in told["counters"].items()},
            columns={str(table): tuple(map(str, names)) for table, names in told.get("columns", {}).items()},
            broken=str(told.get("broken", "")),
            left_out=tuple(map(str, told.get("left_out", ()))),
        )
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        raise Invalid("This is no backup of HALN: what it says of itself cannot be read.") from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment
