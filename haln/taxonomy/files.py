"""Read a vocabulary file, one checked field at a time; every refusal names the file and the entry."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from haln.errors import Misconfigured

_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_CODE = 40  # what the tables keep


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One table of a file, whose fields are read with a refusal that names the file and the field."""

    file: str
    code: str
    fields: Mapping[str, Any]

    def text(self, key: str) -> str:
        """Return a text that must be there."""
        value = self.fields.get(key)
        if not isinstance(value, str) or not value.strip():
            raise refusal(self.file, f"{self.code}.{key}", "write some text here")
        return value

    def optional(self, key: str) -> str | None:
        """Return a text that may be left out."""
        return self.text(key) if key in self.fields else None

    def one_of(self, key: str, choices: Iterable[str]) -> str:
        """Return a text that must be one of `choices`."""
        value = self.text(key)
        if value not in choices:
            raise refusal(self.file, f"{self.code}.{key}", f"must be one of {', '.join(choices)}")
        return value

    def whole_number(self, key: str) -> int:
        """Return a whole number."""
        value = self.fields.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise refusal(self.file, f"{self.code}.{key}", "write a whole number here")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of different texts, not empty."""
        values = self.fields.get(key)
        if not isinstance(values, list) or not values or not all(isinstance(v, str) and v.strip() for v in values):
            raise refusal(self.file, f"{self.code}.{key}", "write a list of texts here")
        if len(set(values)) != len(values):
            raise refusal(self.file, f"{self.code}.{key}", "the same text is there twice")
        return tuple(values)


def entries(folder: Path, file: str, known: set[str]) -> Iterator[FileEntry]:
    """Give the tables of a file in order, refusing fields that are not `known`."""
    content = _read(folder, file)
    if not content:
        raise refusal(file, "file", "it holds no entry")
    for code, fields in content.items():
        if not isinstance(fields, dict):
            raise refusal(file, code, "write it as a table: [code] and its fields below")
        if not _CODE.fullmatch(code) or len(code) > _LONGEST_CODE:
            raise refusal(file, code, "a code is small letters, digits and hyphens, at most 40")
        for key in fields:
            if key not in known:
                raise refusal(file, f"{code}.{key}", "no such field")
        yield FileEntry(file, code, fields)


def tables(folder: Path, file: str, names: tuple[str, ...]) -> list[FileEntry]:
    """Return exactly these tables of a file."""
    content = _read(folder, file)
    for name in content:
        if name not in names:
            raise refusal(file, name, "no such table")
    for name in names:
        if not isinstance(content.get(name), dict):
            raise refusal(file, name, "this table is missing")
    return [FileEntry(file, name, content[name]) for name in names]


def _read(folder: Path, file: str) -> dict[str, Any]:
    try:
        with (folder / file).open("rb") as stream:
            return tomllib.load(stream)
    except FileNotFoundError:
        raise refusal(file, "file", f"it is missing in {folder}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # A code written twice ends here too: TOML itself forbids it.
        raise refusal(file, "file", f"it cannot be read: {error}") from error


def refusal(file: str, entry: str, reason: str) -> Misconfigured:
    """Return the error that names the file and the entry."""
    return Misconfigured("Vocabulary %(file)s, %(entry)s: %(reason)s.", file=file, entry=entry, reason=reason)
