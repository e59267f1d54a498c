"""Biographies of 40 to 80 words, in different voices, about what the member does, offers and seeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from haln.people.demonstration.careers import ThemeChoice
from haln.people.demonstration.chance import Weighted
from haln.people.demonstration.grammar import Bank, Speech, Voice, in_words
from haln.people.demonstration.words import common_bank, craft_bank, table, theme_bank

FEWEST, MOST = 40, 80
_TRIES = 12


@dataclass(frozen=True, slots=True)
class Subject:
    """What a biography is written from."""

    whole_name: str
    first_name: str
    title: str
    years: int
    role: str
    themes: Sequence[ThemeChoice]
    facts: Mapping[str, Sequence[str]]  # of the organisation: org, kind, town, region, elsewhere, people, site …


def word_count(text: str) -> int:
    """How many words a reader would count."""
    return sum(1 for word in text.split() if any(character.isalnum() for character in word))


def write(rng: Random, subject: Subject) -> str:
    """Write a biography."""
    best = ""
    for _ in range(_TRIES):
        best = _attempt(rng, subject)
        if FEWEST <= word_count(best) <= MOST:
            return best
    raise AssertionError(f"no biography of {FEWEST} to {MOST} words: {best}")


def case_study(rng: Random, subject: Subject) -> str:
    """Write two or three sentences about one piece of work, with a headline."""
    told = speech(rng, "first", subject)
    parts = [told.sentence("notes", "headline"), told.sentence("1", "work"), told.sentence("1", "result")]
    return " ".join([*parts, told.sentence("notes", "moral")])


def speech(rng: Random, person: str, subject: Subject) -> Speech:
    """Return the speech of a member: their voice, facts and the banks of their themes."""
    facts = {
        **subject.facts,
        "job": (subject.title,),
        "years": ("a year" if subject.years < 2 else f"{in_words(subject.years)} years",),
    }
    voice = Voice(person, subject.first_name, subject.whole_name)
    return Speech(rng, voice, facts, _banks(rng, subject))


def _banks(rng: Random, subject: Subject) -> dict[str, Bank]:
    themes = subject.themes
    offers = [choice.theme for choice in themes if choice.offer]
    seeks = [choice.theme for choice in themes if choice.seek]
    return {
        "common": common_bank("common"),
        "notes": common_bank("notes"),
        "r": craft_bank(subject.role),
        "1": theme_bank(themes[0].theme),
        "2": theme_bank(themes[1].theme),
        "o": theme_bank(rng.choice(offers) if offers else themes[0].theme),
        "s": theme_bank(rng.choice(seeks) if seeks else themes[1].theme),
    }


def _attempt(rng: Random, subject: Subject) -> str:
    manner = _manners().pick(rng)
    plan = table("voices")[manner]["plans"]
    kinds: list[str] = list(plan[int(rng.random() * len(plan))])
    told = speech(rng, "brief" if manner == "listed" else manner, subject)
    spare = [kind for kind in table("voices")[manner]["more"] if kind not in kinds]
    rng.shuffle(spare)
    wanted = rng.randint(FEWEST + 4, MOST - 14)
    parts: list[str] = []
    count = 0
    while kinds or (count < wanted and spare):
        kind = kinds.pop(0) if kinds else spare.pop()
        part = _list(told) if kind == "list" else told.sentence("common", kind)
        words = word_count(part)
        if count + words > MOST and count >= FEWEST:
            break
        parts.append(part)
        count += words
    return _joined(rng, manner, parts)


def _joined(rng: Random, manner: str, parts: list[str]) -> str:
    if manner == "listed":
        return "\n\n".join((parts[0], *parts[2:], parts[1]))
    if len(parts) > 3 and rng.random() < 0.16:
        half = len(parts) // 2
        return f"{' '.join(parts[:half])}\n\n{' '.join(parts[half:])}"
    return " ".join(parts)


def _list(told: Speech) -> str:
    return f"{told.sentence('notes', 'can_help')}\n{told.sentence('notes', 'looking_for')}"


@cache
def _manners() -> Weighted[str]:
    return Weighted(tuple(table("voices")), [entry["share"] for entry in table("voices").values()])
