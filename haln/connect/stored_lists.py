"""A list as its rows hold it, made where the list is worked out: the text of a document takes as long as its row."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any, NamedTuple

import orjson

from haln.matching.suggest import MemberList, Suggestion


class Entry(NamedTuple):
    """One suggestion: what its row holds of it, in the order in which it is written. Ranks begin at 1.

    `reasons` and `signals` are JSON; the fingerprint is of all that stands before it.
    """

    other: int
    rank: int
    score: float
    band: str
    weights_version: str
    reasons: str
    signals: str
    fingerprint: str


class StoredList(NamedTuple):
    """One member's list, in the order of its ranks."""

    member: int
    entries: tuple[Entry, ...]


def stored(made: MemberList) -> StoredList:
    """Word a list as its rows hold it."""
    ranked = enumerate(made.suggestions, start=1)
    return StoredList(made.member, tuple(_entry(one, rank, made.weights_version) for rank, one in ranked))


def without(made: StoredList, barred: Collection[int]) -> StoredList:
    """Take members out of a list; whoever comes after them moves up."""
    if all(entry.other not in barred for entry in made.entries):
        return made
    left = (entry for entry in made.entries if entry.other not in barred)
    return made._replace(entries=tuple(_ranked(entry, rank) for rank, entry in enumerate(left, start=1)))


def _entry(one: Suggestion, rank: int, version: str) -> Entry:
    reasons = [
        {"kind": reason.kind, "evidence": dict(reason.evidence), "weight": round(reason.weight, 6)}
        for reason in one.reasons
    ]
    signals = {"parts": dict(one.parts), "signals": dict(one.signals)}
    entry = Entry(one.member, rank, round(one.score, 9), one.band, version, _json(reasons), _json(signals), "")
    return _ranked(entry, rank)


def _ranked(entry: Entry, rank: int) -> Entry:
    told = (rank, entry.score, entry.band, entry.weights_version, entry.reasons, entry.signals)
    content = "\n".join(map(str, told)).encode()
    return entry._replace(rank=rank, fingerprint=hashlib.blake2b(content, digest_size=8).hexdigest())


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
