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
    entries = (_printed(entry.other, rank, *entry[2:-1]) for rank, entry in enumerate(left, start=1))
    return made._replace(entries=tuple(entries))


def _entry(one: Suggestion, rank: int, version: str) -> Entry:
    reasons = [{"kind": kind, "evidence": evidence, "weight": weight} for kind, evidence, weight in one.reasons]
    signals = {"parts": one.parts, "signals": one.signals}  # in the order of names as they come: nothing is sorted
    told, measured = _json(reasons, orjson.OPT_SORT_KEYS), _json(signals)
    return _printed(one.member, rank, round(one.score, 9), one.band, version, told, measured)


def _printed(other: int, rank: int, score: float, band: str, version: str, reasons: str, signals: str) -> Entry:
    """An entry with the fingerprint of what it says."""
    content = f"{rank}\n{score}\n{band}\n{version}\n{reasons}\n{signals}".encode()
    fingerprint = hashlib.blake2b(content, digest_size=8).hexdigest()
    return Entry(other, rank, score, band, version, reasons, signals, fingerprint)


def _json(value: Any, option: int = 0) -> str:
    return orjson.dumps(value, option=option).decode()
