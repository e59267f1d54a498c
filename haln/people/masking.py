"""A text without names: of people, organisations and places smaller than a region, and without addresses and numbers.

What a list knows is taken out, and so are several capitalised words in a row, for they may name somebody of whom the
writer must not learn whether they are a member. What only people know (a nickname, a village in no register) is not:
whoever writes sees beforehand what will be read, and takes out the rest.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Member, Organisation, OrganisationName, Place, PlaceName
from haln.people import spelling, visibility
from haln.people.spelling import spelt

GAP = "[…]"
_SHORTEST = 4
"""Names of organisations and places with fewer letters are taken for words."""

_LARGE = ("nation", "region")
_NATIONS = ("United Kingdom", "Northern Ireland", "Yorkshire and The Humber")
"""What may be told though it is several words, also where no register is loaded."""

_REACHED = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|(?<!\w)\+?\d[\d ()-]{8,}\d(?!\w)")
_STARTING = """after all and as at because before both but by for from he her his if in it my now of on once one our
    she since so some than thanks that the their then there they this to today together two until we what when where
    which while who with without you your"""
_STARTERS = frozenset(_STARTING.split())
"""Words that have a capital because a sentence begins with them."""

_TITLING = """assistant captain chair chief clinical consultant cllr councillor deputy director dame doctor dr father
    head lady lead lord manager matron midwife miss mr mrs ms mx nurse officer pastor physiotherapist practice prof
    professor rabbi rev reverend senior sergeant sir sister staff surgeon therapist ward"""
_TITLES = frozenset(_TITLING.split())
"""Words that have a capital because somebody's name follows them."""

_WORD = re.compile(rf"[^\W\d_][\w{spelling.APOSTROPHES}{spelling.MARKS}-]+")
_GAPS = re.compile(r"\[…\](?:[\s,]+(?:and\s+)?\[…\])+")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose name may stand in a text."""

    id: int
    name: str


def masked(
    session: Session, text: str, people: Iterable[Person], close: Iterable[Person], by_part: Iterable[Person] = ()
) -> str:
    """The text with a gap for each name. Of those who are `close` each part of their name is taken out, too.

    So it is of those `by_part`, of whom nobody may learn whether they are close: but for words of a region's name.
    """
    if not text:
        return ""
    regions = _regions(session)
    found = _REACHED.sub(GAP, spelling.composed(text))
    for name in _longest(_organisations(session)):
        found = without(found, name)
    for name in _longest(one.name for one in people):
        found = without(found, name)
    for name in _longest(part for one in close for part in parts(one.name)):
        found = without(found, name, as_written=True)
    found = _without_parts(found, by_part, {spelt(word) for name in regions for word in name.split()})
    for name in _longest(_places(session)):
        found = without(found, name, as_written=True)
    return _GAPS.sub(GAP, _without_strangers(found, regions))


def signed(session: Session, text: str, agreeing: Sequence[Person], by_part: Iterable[Person] = ()) -> str:
    """The text with the names of those who are asked whether they agree, and a gap for those who cannot be asked.

    Of those `by_part` a gap for each part of their name, unless it may be that of somebody who is asked.
    """
    regions, found = _regions(session), _REACHED.sub(GAP, spelling.composed(text))
    known = [*(one.name for one in agreeing), *_organisations(session), *_places(session), *regions]
    whole = [*regions, *(one.name for one in agreeing)]
    kept = {spelt(part) for name in whole for part in (name, *name.split())}
    return _without_strangers(_without_parts(found, by_part, kept), known)


def _without_parts(text: str, people: Iterable[Person], kept: Collection[str]) -> str:
    """A gap for each part of people's names but for words that are kept, as they are `spelt`."""
    for name in _longest(part for one in people for part in parts(one.name) if spelt(part) not in kept):
        text = without(text, name, as_written=True)
    return text


def _without_strangers(text: str, known: Iterable[str]) -> str:
    """A gap for each run of capitalised words that is no part of a known name."""
    kept = [f" {spelt(name)} " for name in known]
    for start, end in reversed(_runs(text)):
        run = spelt(text[start:end]).removesuffix("'s")
        if not any(f" {one} " in name for one in (run, _untitled(run)) if one for name in kept):
            text = text[:start] + GAP + text[end:]
    return text


def _untitled(run: str) -> str:
    """The run without the titles at its beginning; empty where there is nothing else."""
    words = run.split()
    while words and words[0] in _TITLES:
        del words[0]
    return " ".join(words)


def _runs(text: str) -> list[tuple[int, int]]:
    """Where two or more capitalised words stand in a row."""
    runs: list[list[re.Match[str]]] = []
    for word in _WORD.finditer(text):
        if not word.group()[0].isupper():
            continue
        if runs and not text[runs[-1][-1].end() : word.start()].strip():
            runs[-1].append(word)
        else:
            runs.append([word])
    for run in runs:
        while run and run[0].group().casefold() in _STARTERS:
            del run[0]
    return [(run[0].start(), run[-1].end()) for run in runs if len(run) > 1]


def without(text: str, name: str, *, as_written: bool = False) -> str:
    """The text with a gap wherever the name stands as whole words; `as_written`: with its capitals only.

    However it is spelt: with or without accents, composed or not, in capitals, and with any apostrophe.
    """
    for start, end in reversed(spelling.found(text, name, as_written)):
        text = text[:start] + GAP + text[end:]
    return text


def named(text: str, people: Iterable[Person], close: Iterable[Person]) -> set[int]:
    """Whose name stands in a text: the whole name, or for those who are `close` a part of it."""
    found = {one.id for one in people if holds(text, one.name)}
    return found | {one.id for one in close if any(holds(text, part, as_written=True) for part in parts(one.name))}


def holds(text: str, name: str, *, as_written: bool = False) -> bool:
    """Whether the name stands in the text as whole words."""
    return bool(spelling.found(text, name, as_written))


def parts(name: str) -> list[str]:
    """The name, and the words of it that can stand for a person alone."""
    return [name, *(word for word in name.split() if len(word) > 1 and not word[:1].islower() and word != name)]


def seen(session: Session, viewer_id: int) -> list[Person]:
    """Everybody whom somebody may see, themselves included: a text must not show who else is a member."""
    rows = session.execute(
        select(Member.id, Member.name).where(visibility.may_see(viewer_id) | (Member.id == viewer_id))
    )
    return [Person(*row) for row in rows]


def mates(session: Session, member_ids: Iterable[int]) -> list[Person]:
    """The people of one connection or set by name: they know each other's names, also where somebody hides."""
    rows = session.execute(
        select(Member.id, Member.name).where(Member.id.in_(sorted(member_ids)), Member.standing == visibility.ACTIVE)
    )
    return [Person(*row) for row in rows]


def _longest(names: Iterable[str]) -> list[str]:
    """Longer names first, for a short one may stand in a long one."""
    return sorted({name for name in names if name.strip()}, key=lambda name: (-len(name), name))


def _organisations(session: Session) -> list[str]:
    names = [*session.scalars(select(Organisation.name)), *session.scalars(select(OrganisationName.name))]
    return [name for name in names if len(name) >= _SHORTEST]


def _places(session: Session) -> list[str]:
    """Places smaller than a region; “Bristol, City of” is Bristol, too."""
    names = [
        *session.scalars(select(Place.name).where(Place.kind.not_in(_LARGE))),
        *session.scalars(select(PlaceName.name).join(Place).where(Place.kind.not_in(_LARGE))),
    ]
    found = {part.strip() for name in names for part in (name, name.partition(",")[0])}
    return [name for name in found - set(_regions(session)) if len(name) >= _SHORTEST]


def _regions(session: Session) -> list[str]:
    """Nations and regions, which may be told."""
    return [*_NATIONS, *session.scalars(select(Place.name).where(Place.kind.in_(_LARGE)))]
