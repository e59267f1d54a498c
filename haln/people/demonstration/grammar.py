"""A small grammar that writes sentences: banks of phrases with places to fill, in the voice of a person.

In a phrase, `{symbol}` is another phrase of the same bank, of the common bank, or a fact of the person; `{bank.symbol}`
one of a named bank; `{3..20}` a number; `[this|that]` a choice; `<lead>` a verb that agrees with the subject before it.
`{I}`, `{my}`, `{me}`, `{we}`, `{our}` are the voice's own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

_PART = re.compile(r"\{([^{}]+)\}|<([a-z]+)>|\[([^\[\]]+)\]")
_NUMBER = re.compile(r"(\d+)\.\.(\d+)")
_SENTENCE_START = re.compile(r"(^|[.!?…]\s+|\n\s*)([a-zà-ÿ])")
_AN = re.compile(r"\b([Aa]) (?=[aeiouAEIOU])(?!uni(?!n)|Uni(?!n)|one\b|once|eu|Eu|us[ea]|UK|util)")
_GAPS = re.compile(r"[ \t]+")
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ONE = {"have": "has", "am": "is", "was": "was", "do": "does", "go": "goes"}
_THEY = {"am": "are", "was": "were"}
_YEARS = range(1990, 2040)
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a phrase of a bank (none: the bank that the phrase itself comes from)."""

    bank: str | None
    symbol: str


@dataclass(frozen=True, slots=True)
class Number:
    """A place for a whole number between two others, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb in its plain form."""

    plain: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A place for one of several phrases."""

    phrases: tuple[Phrase, ...]


Part = str | Slot | Number | Verb | Choice
Phrase = tuple[Part, ...]
Bank = Mapping[str, tuple[Phrase, ...]]


@dataclass(slots=True)
class Voice:
    """Who speaks: `first` (I), `third` (their name, then they) or `brief` (no subject at all)."""

    person: str
    first_name: str = ""
    whole_name: str = ""
    named: bool = False
    agrees_with: str = "first"

    def subject(self, rng: Random) -> str:
        """The next subject; verbs after it agree with it."""
        if self.person == "first":
            self.agrees_with = "first"
            return "I"
        if self.person == "brief":
            self.agrees_with = "one"
            return ""
        if self.named and rng.random() < 0.6:
            self.agrees_with = "they"
            return "they"
        name = self.first_name if self.named else self.whole_name
        self.named, self.agrees_with = True, "one"
        return name

    def verb(self, plain: str) -> str:
        """The verb as it follows the last subject."""
        if self.agrees_with == "first":
            return plain
        if self.agrees_with == "they":
            return _THEY.get(plain, plain)
        if plain in _ONE:
            return _ONE[plain]
        if plain.endswith(("s", "x", "ch", "sh", "o")):
            return f"{plain}es"
        return f"{plain[:-1]}ies" if plain[-1] == "y" and plain[-2] not in "aeiou" else f"{plain}s"

    def word(self, symbol: str) -> str | None:
        """The voice's own word for `my`, `me`, `we`, `our`; none for another symbol."""
        own = _OWN_OTHER if self.person == "third" else _OWN_FIRST
        return own.get(symbol)


_OWN_FIRST = {"my": "my", "me": "me", "we": "we", "our": "our", "us": "us"}
_OWN_OTHER = {"my": "their", "me": "them", "we": "the team", "our": "the {kind}'s", "us": "the team"}


@dataclass(slots=True)
class Speech:
    """One text being written: its voice, the person's facts, and the phrases that were used already."""

    rng: Random
    voice: Voice
    facts: Mapping[str, Sequence[str]]
    banks: Mapping[str, Bank]
    used: set[int] = field(default_factory=set)
    said: set[str] = field(default_factory=set)

    def sentence(self, bank: str, symbol: str) -> str:
        """Write one sentence (or more, where the phrase holds more), capitals and articles put right."""
        text = _GAPS.sub(" ", self._slot(bank, Slot(None, symbol))).replace(" ,", ",").replace(" .", ".").strip()
        text = _AN.sub(r"\1n ", text).replace("sss", "sses")
        return _SENTENCE_START.sub(lambda found: found[1] + found[2].upper(), text)

    def _slot(self, home: str, slot: Slot) -> str:
        if slot.bank is None:
            if slot.symbol == "I":
                return self.voice.subject(self.rng)
            own = self.voice.word(slot.symbol)
            if own is not None:
                return own.replace("{kind}", self.facts["kind"][0])
            if slot.symbol in self.facts:
                return self._fact(slot.symbol)
        for name in (slot.bank or home, "common"):
            if slot.symbol in self.banks[name]:
                return self._phrase(name, self._fresh(self.banks[name][slot.symbol]))
        raise KeyError(f"{slot.bank or home}.{slot.symbol}")

    def _fact(self, symbol: str) -> str:
        choices = self.facts[symbol]
        fact = choices[0]
        for _ in range(_TRIES if len(choices) > 1 else 0):
            fact = choices[int(self.rng.random() * len(choices))]
            if fact not in self.said:
                break
        self.said.add(fact)
        return fact

    def _fresh(self, phrases: tuple[Phrase, ...]) -> Phrase:
        """Choose a phrase that this text has not used yet, as far as there is one."""
        phrase = phrases[0]
        for _ in range(_TRIES):
            phrase = phrases[int(self.rng.random() * len(phrases))]
            if id(phrase) not in self.used:
                break
        self.used.add(id(phrase))
        return phrase

    def _phrase(self, home: str, phrase: Phrase) -> str:
        written = []
        for part in phrase:
            if isinstance(part, str):
                written.append(part)
            elif isinstance(part, Slot):
                written.append(self._slot(home, part))
            elif isinstance(part, Verb):
                written.append(self.voice.verb(part.plain))
            elif isinstance(part, Number):
                written.append(in_words(self.rng.randint(part.low, part.high)))
            else:
                written.append(self._phrase(home, part.phrases[int(self.rng.random() * len(part.phrases))]))
        return "".join(written)


def in_words(number: int) -> str:
    """Write a number as British prose does: words up to twelve, a comma in thousands but not in years."""
    if 0 <= number < len(_WORDS):
        return _WORDS[number]
    return str(number) if number in _YEARS else f"{number:,}"


def bank(phrases: Mapping[str, Sequence[str]]) -> Bank:
    """Read the phrases of a bank."""
    return {symbol: tuple(read(text) for text in texts) for symbol, texts in phrases.items()}


def read(text: str) -> Phrase:
    """Read one phrase."""
    parts: list[Part] = []
    end = 0
    for found in _PART.finditer(text):
        if found.start() > end:
            parts.append(text[end : found.start()])
        parts.append(_read_part(*found.groups()))
        end = found.end()
    if end < len(text):
        parts.append(text[end:])
    return tuple(parts)


def _read_part(slot: str | None, verb: str | None, choice: str | None) -> Part:
    if verb:
        return Verb(verb)
    if choice is not None:
        return Choice(tuple(read(text) for text in choice.split("|")))
    assert slot is not None
    number = _NUMBER.fullmatch(slot)
    if number:
        return Number(int(number[1]), int(number[2]))
    name, dot, symbol = slot.rpartition(".")
    return Slot(name if dot else None, symbol)
