"""What pages and letters say of the newsletter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext

from haln.post.newsletters.contents import Piece
from haln.views import resource_words, words
from haln.views.speech import gettext, ngettext

KINDS: Mapping[str, Any] = {
    "words": lazy_gettext("Words"),
    "event": lazy_gettext("Event"),
    "resource": lazy_gettext("Resource"),
    "pathway": lazy_gettext("Learning pathway"),
    "call": lazy_gettext("Button"),
}
ADDING: Mapping[str, Any] = {
    "words": lazy_gettext("Add words"),
    "event": lazy_gettext("Add an event"),
    "resource": lazy_gettext("Add a resource"),
    "pathway": lazy_gettext("Add a learning pathway"),
    "call": lazy_gettext("Add a button"),
}
STATES: Mapping[str, Any] = {
    "draft": lazy_gettext("Draft"),
    "scheduled": lazy_gettext("Waits for its hour"),
    "sending": lazy_gettext("Leaving"),
    "sent": lazy_gettext("Sent"),
    "stopped": lazy_gettext("Stopped"),
    "removed": lazy_gettext("Taken away"),
}
TONES: Mapping[str, str] = {"scheduled": "accent", "sending": "accent", "sent": "good", "stopped": "bad"}


def eyebrow(piece: Piece) -> str:
    """What kind of thing a block points to."""
    return resource_words.kind(piece.resource_kind) if piece.kind == "resource" else str(KINDS[piece.kind])


def title(piece: Piece) -> str:
    """A block in one line, for those who put blocks in order."""
    if piece.gone:
        return gettext("No longer there")
    said = piece.heading or piece.title or piece.button or " ".join(piece.text.split())
    return said if len(said) <= 80 else f"{said[:80].rsplit(' ', 1)[0]} …"


def people(shown: int | None) -> str:
    """How many members, as far as it is told."""
    if shown is None:
        return gettext("a few members")
    return ngettext("about %(num)s member", "about %(num)s members", shown) if shown else gettext("nobody")


def number(shown: int | None) -> str:
    """A number in a table: a star where it is too small to be told."""
    return "*" if shown is None else str(shown)


def segment(codes: Mapping[str, tuple[str, ...]], languages: Mapping[str, str]) -> list[str]:
    """Whom an issue is for, a sentence for each list that is chosen from."""
    listed = {
        "sectors": [words.label("sector", code) for code in codes["sectors"]],
        "regions": [words.label("region", code) for code in codes["regions"]],
        "themes": [words.label("theme", code) for code in codes["themes"]],
        "languages": [languages.get(code, code) for code in codes["languages"]],
    }
    names = {
        "sectors": gettext("Sectors"),
        "regions": gettext("Places"),
        "themes": gettext("Themes"),
        "languages": gettext("Languages"),
    }
    return [f"{names[facet]}: {', '.join(said)}" for facet, said in listed.items() if said]


def hour(moment: datetime | None) -> str:
    """A moment in a table; nothing where there is none."""
    return words.moment(moment, short=True) if moment else ""
