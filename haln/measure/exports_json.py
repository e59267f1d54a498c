"""Rows of figures as a JSON document, as `figures.schema.json` describes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from haln.measure.definitions import Measure
from haln.measure.exports_about import Said, about, definitions
from haln.measure.exports_rows import Asked, Row

SCHEMA = Path(__file__).with_name("figures.schema.json")
FORMAT = "haln-figures"
VERSION = 3


def as_json(rows: Sequence[Row], asked: Asked) -> bytes:
    """A JSON document in UTF-8, the same bytes for the same rows; what is suppressed or not defined is null."""
    return document(FORMAT, VERSION, about(rows, asked), [_defined(one) for one in definitions(rows)], rows)


def document(name: str, version: int, asked: Said, defined: Sequence[dict[str, Any]], rows: Sequence[Any]) -> bytes:
    """A JSON document of rows of any kind, which are dataclasses: see `as_json`."""
    document = {
        "format": name,
        "format_version": version,
        "asked": asked,
        "definitions": defined,
        "rows": [_plain(row) for row in rows],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _defined(one: Measure) -> dict[str, Any]:
    """A definition without the sentence for 1: `reads` says what it says."""
    return {name: value for name, value in asdict(one).items() if name != "reads_one"}


def _plain(row: Any) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(row).items()}
