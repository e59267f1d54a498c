"""A list as its rows hold it, made where the list is worked out: the text of a document takes as long as its row."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import orjson

from haln.matching.suggest import MemberList, Suggestion


class Entry(NamedTuple):
    """One suggestion; `reasons` and `signals` are JSON."""

    other: int
    score: float
    band: str
    reasons: bytes
    signals: bytes


class StoredList(NamedTuple):
    """One member's list, in the order of its ranks."""

    member: int
    weights_version: str
    entries: tuple[Entry, ...]


def stored(made: MemberList) -> StoredList:
    """Word a list as its rows hold it."""
    return StoredList(made.member, made.weights_version, tuple(_entry(one) for one in made.suggestions))


def _entry(one: Suggestion) -> Entry:
    reasons = [
        {"kind": reason.kind, "evidence": dict(reason.evidence), "weight": round(reason.weight, 6)}
        for reason in one.reasons
    ]
    signals = {"parts": dict(one.parts), "signals": dict(one.signals)}
    return Entry(one.member, round(one.score, 9), one.band, _json(reasons), _json(signals))


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def columns(made: StoredList, entry: Entry, rank: int) -> dict[str, Any]:
    """The columns of an entry's row, and the fingerprint of them all."""
    values: dict[str, Any] = {
        "rank": rank,
        "score": entry.score,
        "band": entry.band,
        "weights_version": made.weights_version,
    }
    documents = {"reasons": entry.reasons, "signals": entry.signals}
    content = _json(values | {name: orjson.Fragment(text) for name, text in documents.items()})
    return values | documents | {"fingerprint": hashlib.blake2b(content, digest_size=8).hexdigest()}
