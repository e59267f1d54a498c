"""The blocks of an issue: what each kind holds, checked as it was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from haln.errors import Conflict, Invalid, NotFound
from haln.people.tokens import public_id

WORDS, EVENT, RESOURCE, PATHWAY, CALL = "words", "event", "resource", "pathway", "call"
KINDS = (WORDS, EVENT, RESOURCE, PATHWAY, CALL)
POINTING = (EVENT, RESOURCE, PATHWAY)
"""Kinds that point to something: what they say of it is what it is on the day they are read."""

HEADING, TEXT, LINK, BUTTON = 160, 8_000, 500, 60
MOST = 30
Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed of a block: nothing is checked yet. `about`: the public id of what it points to."""

    heading: str = ""
    text: str = ""
    link: str = ""
    button: str = ""
    about: str = ""


def checked(kind: str, typed: Typed, choices: Mapping[str, str]) -> Block:
    """The words of a block that can be kept; `choices` are what it may point to. Raises Invalid."""
    typed = replace(
        typed,
        heading=" ".join(typed.heading.split()),
        button=" ".join(typed.button.split()),
        text=typed.text.replace("\r\n", "\n").strip(),
        link=typed.link.strip(),
    )
    wrong = _faults(kind, typed, choices)
    if wrong:
        raise Invalid(next(iter(wrong.values())), wrong)
    kept: Block = {"kind": kind, "text": typed.text}
    if kind == WORDS:
        kept["heading"] = typed.heading
    elif kind == CALL:
        kept |= {"link": typed.link, "button": typed.button}
    else:
        kept["about"] = typed.about
    return kept


def _faults(kind: str, typed: Typed, choices: Mapping[str, str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if len(typed.heading) > HEADING:
        wrong["heading"] = "Write at most 160 characters."
    if len(typed.text) > TEXT:
        wrong["text"] = "Write at most 8,000 characters."
    if kind == WORDS and not typed.heading and not typed.text:
        wrong["text"] = "Write a heading, or some words."
    if kind == CALL and not 1 <= len(typed.button) <= BUTTON:
        wrong["button"] = "Write what stands on the button, in at most 60 characters."
    if kind == CALL and not is_link(typed.link):
        wrong["link"] = "Enter a whole address, like https://example.org, or a page of this network, like /events."
    if kind in POINTING and typed.about not in choices:
        wrong["about"] = "Choose one from the list."
    return wrong


def is_link(link: str) -> bool:
    """Whether it is a whole address, or a path of our own."""
    if len(link) > LINK or len(link.split()) != 1 or not link.isprintable() or "\\" in link:
        return False
    if link.startswith("/"):
        return not link.startswith("//")
    try:
        found = urlsplit(link)
        there = bool(found.hostname) and "@" not in found.netloc
    except ValueError:
        return False
    return there and found.scheme in ("http", "https")


def live(blocks: Sequence[Block]) -> list[Block]:
    """Those that are not taken out."""
    return [one for one in blocks if not one.get("removed")]


def found(blocks: Sequence[Block], key: str) -> Block:
    """The block with this id. Raises NotFound."""
    for one in blocks:
        if one["id"] == key:
            return one
    raise NotFound("There is no such block. Somebody else may have taken it out.")


def added(blocks: Sequence[Block], kept: Block) -> list[Block]:
    """The blocks with one more at the end. Raises Conflict for very many."""
    if len(live(blocks)) >= MOST:
        raise Conflict("An issue has at most 30 blocks. Take one out first.")
    return [*blocks, {"id": public_id(), "version": 1, **kept}]


def changed(blocks: Sequence[Block], key: str, kept: Block, seen: int) -> list[Block]:
    """The blocks with one worded anew. `seen`: its version when it was opened. Raises NotFound, Conflict."""
    old = found(blocks, key)
    if old["version"] != seen:
        raise Conflict("Somebody else has changed this since you opened it. Save again to replace what they wrote.")
    new = {"id": key, "version": seen + 1, **kept}
    return [new if one is old else one for one in blocks]


def moved(blocks: Sequence[Block], key: str, *, up: bool) -> list[Block]:
    """The blocks with one put a place earlier or later among those that are there. Raises NotFound."""
    shown = live(blocks)
    at = shown.index(found(shown, key))
    other = at - 1 if up else at + 1
    if 0 <= other < len(shown):
        shown[at], shown[other] = shown[other], shown[at]
    order = iter(shown)
    return [one if one.get("removed") else next(order) for one in blocks]


def marked(blocks: Sequence[Block], key: str, *, removed: bool) -> list[Block]:
    """The blocks with one taken out, or back in its place. Raises NotFound, Conflict for very many."""
    old = found(blocks, key)
    if not removed and old.get("removed") and len(live(blocks)) >= MOST:
        raise Conflict("An issue has at most 30 blocks. Take one out first.")
    new = {**old, "removed": True} if removed else {name: value for name, value in old.items() if name != "removed"}
    return [new if one is old else one for one in blocks]
