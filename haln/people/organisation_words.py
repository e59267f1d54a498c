"""The words of an organisation's name as people type them, evened out for comparing."""

from __future__ import annotations

import re
import unicodedata

LONGEST_TEXT = 200
MOST_WORDS = 14

_APOSTROPHES = re.compile("['’‘ʼ`´]")
_WORD = re.compile(r"\w+")

# Whole phrases first, then single words: both sides of a comparison go through here, so only sameness matters.
_PHRASES = (
    (re.compile(r"\bnational health service\b"), "nhs"),
    (re.compile(r"\bnhs ?ft\b"), "nhs foundation trust"),
    (re.compile(r"\byoung (?:men|women)s christian association\b"), "ymca"),
    (re.compile(r"\by m c a\b"), "ymca"),
    (re.compile(r"\b(?:association )?football club\b"), "fc"),
    (re.compile(r"\bcommunity interest company\b|\bc i c\b"), "cic"),
    (re.compile(r"\bintegrated care (?:board|system)\b"), "icb"),
    (re.compile(r"\bco op(?:erative)?s?\b"), "cooperative"),
    (re.compile(r"\blondon boro\b"), "london borough"),
)
_WORDS = {
    "afc": "fc",
    "assn": "association",
    "assoc": "association",
    "boro": "borough",
    "cbc": "county borough council",
    "cc": "county council",
    "coll": "college",
    "cty": "city",
    "dc": "district council",
    "fdn": "foundation",
    "ft": "foundation trust",
    "ha": "housing association",
    "hosp": "hospital",
    "hosps": "hospitals",
    "ics": "icb",
    "inst": "institute",
    "lb": "london borough",
    "mbc": "metropolitan borough council",
    "mh": "mental health",
    "met": "metropolitan",
    "mdc": "metropolitan district council",
    "nth": "north",
    "soc": "society",
    "st": "saint",
    "sth": "south",
    "tr": "trust",
    "uhb": "university health board",
    "uni": "university",
    "univ": "university",
    "utd": "united",
}
_SILENT = frozenset({"the", "of", "and", "for", "in", "at", "limited", "ltd", "plc", "llp", "ua", "a"})


def words_of(text: str) -> tuple[str, ...]:
    """Return the comparable words of a name: in small letters, without accents and silent words.

    Abbreviations are written out. A text of silent words only keeps them.
    Anything past 200 characters or 14 words is not looked at.
    """
    plain = unicodedata.normalize("NFKD", text[:LONGEST_TEXT].casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    spaced = " ".join(_WORD.findall(_APOSTROPHES.sub("", plain).replace("&", " and ").replace("_", " ")))
    for pattern, written_out in _PHRASES:
        spaced = pattern.sub(written_out, spaced)
    words = [word for typed in spaced.split() for word in _WORDS.get(typed, typed).split()]
    telling = [word for word in words if word not in _SILENT]
    return tuple((telling or words)[:MOST_WORDS])


def sort_name(name: str) -> str:
    """How an organisation is ordered in lists: in small letters, without a leading "the"."""
    return name.casefold().removeprefix("the ").strip()[:300]
