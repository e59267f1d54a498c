"""What somebody else changed while a form was open, field by field, so that saving once more is an informed choice.

A form carries, beside the number of what it was opened on, a mark of each field as it was saved then. After a conflict
the marks tell which fields somebody else has changed; the form comes back with what was typed and what is saved now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from flask import request

from haln.errors import Conflict, HalnError

Kept = Sequence[tuple[str, str, str]]
"""The fields of a form as they are saved: name, what the form calls it, and its words."""

MARK = 12
LONGEST = 10_000
SHOWN = 1_000


@dataclass(frozen=True, slots=True)
class Seen:
    """What a form was opened on. `changed`: what somebody else has changed since, as (name of the field, words now)."""

    version: str
    marks: str
    changed: tuple[tuple[str, str], ...] = ()


def opened(version: object, kept: Kept) -> Seen:
    """A form that is opened on what is saved."""
    return Seen(str(version), " ".join(f"{name}={_mark(words)}" for name, _, words in kept))


def refused(error: HalnError, version: object, kept: Kept, field: str = "version") -> Seen:
    """A form that is given back: after a conflict as opened anew, so that it can be saved; else as it was sent."""
    if isinstance(error, Conflict):
        anew = opened(version, kept)
        return Seen(anew.version, anew.marks, _changed(kept))
    return sent(field)


def sent(field: str = "version") -> Seen:
    """A form that is given back as it was sent, for another reason."""
    return Seen(request.form.get(field, "")[:200], request.form.get("marks", "")[:LONGEST])


def _changed(kept: Kept) -> tuple[tuple[str, str], ...]:
    sent = request.form.get("marks", "")[:LONGEST]
    marks = dict(pair.split("=", 1) for pair in sent.split() if "=" in pair)
    return tuple((label, _short(words)) for name, label, words in kept if name in marks and marks[name] != _mark(words))


def _mark(words: str) -> str:
    return sha256(words.encode()).hexdigest()[:MARK]


def _short(words: str) -> str:
    return words if len(words) <= SHOWN else f"{words[:SHOWN]}…"
