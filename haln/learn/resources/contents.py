"""What a resource holds: the fields of each kind, and what may be saved, sent and published."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from haln.errors import Invalid
from haln.learn.resources import picture_marks
from haln.taxonomy.vocabulary import Vocabulary

CASE_STUDY, BLOG, TOOL, RECORDING = "case_study", "blog", "tool", "recording"
KINDS = (CASE_STUDY, BLOG, TOOL, RECORDING)

MEMBERS, EVERYONE = "members", "everyone"
READERS = (MEMBERS, EVERYONE)
"""Who may read it: members, or everyone where the network publishes to all."""

PARTS: Mapping[str, tuple[str, ...]] = {
    CASE_STUDY: ("background", "outcomes", "lessons"),
    BLOG: ("body",),
    TOOL: ("body",),
    RECORDING: ("body",),
}
"""The texts of each kind, in Markdown, in the order in which they are read."""

LINKED = (TOOL, RECORDING)
"""The kinds that lead somewhere else."""

ALL_PARTS = ("background", "outcomes", "lessons", "body")
TITLE, STANDFIRST, PART, LINK = 150, 400, 40_000, 500
MOST_CODES = 6
_NO_SIGN = frozenset(chr(code) for code in (*range(0x7F, 0xA0), 0xFFFE, 0xFFFF))


@dataclass(frozen=True, slots=True)
class Content:
    """A resource's words and what they are about. `parts`: Markdown by the part's name; `held_on` is none or a day.

    `lead` is the key of the picture that stands before it, where there is one.
    """

    title: str = ""
    standfirst: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    held_on: str = ""
    themes: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    readers: str = MEMBERS
    lead: str = ""

    def document(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "title": self.title,
            "standfirst": self.standfirst,
            "parts": dict(self.parts),
            "link": self.link,
            "held_on": self.held_on,
            "themes": list(self.themes),
            "sectors": list(self.sectors),
            "regions": list(self.regions),
            "readers": self.readers,
            "lead": self.lead,
        }

    def marks(self, published: date) -> set[tuple[str, str]]:
        """The facets and codes by which it is found."""
        codes = {"theme": self.themes, "sector": self.sectors, "region": self.regions}
        found = {(facet, code) for facet, several in codes.items() for code in several}
        return found | {("year", str(published.year)), ("readers", self.readers)}

    def text(self) -> str:
        """All its words, one part after another."""
        parts = (picture_marks.words_only(self.parts[name]) for name in ALL_PARTS if name in self.parts)
        return "\n\n".join([self.title, self.standfirst, *parts])


def read(document: Mapping[str, Any]) -> Content:
    """A resource's content from how it is stored."""
    return Content(
        title=document["title"],
        standfirst=document["standfirst"],
        parts=document["parts"],
        link=document["link"],
        held_on=document["held_on"],
        themes=tuple(document["themes"]),
        sectors=tuple(document["sectors"]),
        regions=tuple(document["regions"]),
        readers=document["readers"],
        lead=document.get("lead", ""),  # of texts from before there were pictures
    )


def changed(before: Content, after: Content) -> tuple[str, ...]:
    """The names of the fields in which two contents differ, parts by their own names."""
    one, other = before.document(), after.document()
    fields = [name for name in one if name != "parts" and one[name] != other[name]]
    return (*fields, *(name for name in ALL_PARTS if before.parts.get(name, "") != after.parts.get(name, "")))


def tidy(kind: str, typed: Content, vocabulary: Vocabulary) -> Content:
    """What can be kept of what was typed: a draft may be short of anything, but not too long or beside the point.

    Raises Invalid, each field with its sentence.
    """
    faults: dict[str, str] = {}
    title, standfirst = " ".join(_written(typed.title).split()), " ".join(_written(typed.standfirst).split())
    parts = {name: _written(typed.parts.get(name, "")) for name in PARTS[kind]}
    if len(title) > TITLE:
        faults["title"] = "Write at most 150 characters."
    if len(standfirst) > STANDFIRST:
        faults["standfirst"] = "Write at most 400 characters."
    for name, text in parts.items():
        if len(text) > PART:
            faults[name] = "Write at most 40,000 characters."
    link = _link(typed.link, faults) if kind in LINKED else ""
    held_on = _day(typed.held_on, faults) if kind == RECORDING else ""
    known = {
        "themes": {one.code for one in vocabulary.themes},
        "sectors": {one.code for one in vocabulary.top_sectors},
        "regions": {one.code for one in vocabulary.regions},
    }
    codes = {name: _codes(name, getattr(typed, name), known[name], faults) for name in known}
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
    readers = typed.readers if typed.readers in READERS else MEMBERS
    return Content(
        title,
        standfirst,
        parts,
        link,
        held_on,
        codes["themes"],
        codes["sectors"],
        codes["regions"],
        readers,
        typed.lead,
    )


def _written(text: str) -> str:
    """A text without the signs that no keyboard writes and no feed may hold, and without blank ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join([char for char in text if char in "\n\t" or (ord(char) >= 32 and char not in _NO_SIGN)]).strip()


def _codes(name: str, chosen: Collection[str], known: Collection[str], faults: dict[str, str]) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(chosen))
    if len(codes) > MOST_CODES:
        faults[name] = "Choose at most six."
    elif not set(codes) <= set(known):
        faults[name] = "Choose from the list."
    return codes


def _link(typed: str, faults: dict[str, str]) -> str:
    link = typed.strip()
    if not link:
        return ""
    try:
        parts = urlsplit(link)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and "." in str(parts.hostname)
    except ValueError:
        good = False
    if not good or len(link) > LINK or any(char.isspace() or ord(char) < 32 for char in link):
        faults["link"] = "Give a whole address, like https://www.example.org/tool."
    return link


def _day(typed: str, faults: dict[str, str]) -> str:
    day = typed.strip()
    if not day:
        return ""
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        faults["held_on"] = "Choose the day."
        return ""


def ready(kind: str, content: Content, now: datetime) -> None:
    """Refuse what is not ready for review. Raises Invalid, each field with its sentence."""
    faults: dict[str, str] = {}
    if not content.title:
        faults["title"] = "Give it a title."
    if not content.standfirst:
        faults["standfirst"] = "Say in a sentence or two what it is about."
    wanted = {
        "background": "Say how it began, and what was done.",
        "outcomes": "Say what came of it.",
        "lessons": "Say what others can learn from it.",
        "body": "Write the text.",
    }
    for name in PARTS[kind]:
        if not content.parts.get(name) and not (kind == RECORDING and name == "body"):
            faults[name] = wanted[name]
    if kind == RECORDING and not content.link:
        faults["link"] = "Say where the recording is."
    if content.held_on and date.fromisoformat(content.held_on) > now.date():
        faults["held_on"] = "That day is still to come."
    if not content.themes:
        faults["themes"] = "Choose at least one theme."
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
