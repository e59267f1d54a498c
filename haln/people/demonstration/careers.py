"""Who works where: from a sector to a role, a level, a job title and themes that fit them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from haln.errors import Misconfigured
from haln.people.demonstration.chance import Weighted
from haln.people.demonstration.words import table, theme_codes
from haln.taxonomy.vocabulary import Vocabulary

LEVELS = ("executive", "senior", "middle", "practitioner")
_OWN_TITLE = 0.45  # how often a title is one that only this sector has
_FACTS = ("people", "site", "workers", "partner", "body")


@dataclass(frozen=True, slots=True)
class Post:
    """What somebody does."""

    role: str
    level: str
    title: str


@dataclass(frozen=True, slots=True)
class ThemeChoice:
    """A theme of a profile."""

    theme: str
    interest: bool
    offer: bool
    seek: bool
    maturity: int | None


class Careers:
    """The posts and themes of each sector."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = table("careers")
        self.tops = {sector.code: vocabulary.top_sector(sector.code).code for sector in vocabulary.sectors}
        _check(self._words, vocabulary)
        self.shares: Mapping[str, float] = self._words["shares"]
        codes = [role.code for role in vocabulary.roles]
        groups = sorted({self.tops[code] for code in self.shares})
        self._roles = {group: _weighted(codes, self._words[group]["roles"], 0.3) for group in groups}
        self._levels = _weighted(LEVELS, self._words["levels"], 0.0)
        self.facts: dict[str, dict[str, tuple[str, ...]]] = {
            group: {fact: tuple(self._words[group][fact]) for fact in _FACTS} for group in groups
        }

    def kind(self, sector: str) -> str:
        """Return what an organisation of this sector calls itself."""
        return str(self._words["kinds"].get(sector, self._words[self.tops[sector]]["kind"][0]))

    def post(self, rng: Random, sector: str) -> Post:
        """Choose a role, a level and a job title."""
        group = self.tops[sector]
        role = self._roles[group].pick(rng)
        level = "executive" if role == "board" and rng.random() < 0.6 else self._levels.pick(rng)
        own = self._words["sector-titles"].get(group, {}).get(role)
        titles: Sequence[str] = self._words["titles"][role][level]
        if own and level in ("senior", "middle", "executive") and rng.random() < _OWN_TITLE:
            titles = own
        return Post(role, level, titles[int(rng.random() * len(titles))])

    def themes(self, rng: Random, sector: str, post: Post, ahead: Mapping[str, int]) -> list[ThemeChoice]:
        """Choose two to five themes, first those that weigh most here.

        `ahead` says how far the organisation is with each theme, 1 to 4.
        """
        by_role: Mapping[str, float] = self._words["role-themes"][post.role]
        by_sector: Mapping[str, float] = self._words[self.tops[sector]]["themes"]
        left = {code: (0.6 + by_role.get(code, 0.0)) * by_sector.get(code, 1.0) for code in theme_codes()}
        chosen: dict[str, float] = {}
        for _ in range(rng.choice((2, 3, 3, 3, 4, 4, 5))):
            theme = Weighted(list(left), list(left.values())).pick(rng)
            chosen[theme] = left.pop(theme) * (0.4 + rng.random())
        ordered = sorted(chosen, key=chosen.__getitem__, reverse=True)
        return [_choice(rng, theme, ahead[theme]) for theme in ordered]


def _choice(rng: Random, theme: str, ahead: int) -> ThemeChoice:
    maturity: int | None = min(4, max(1, ahead + rng.choice((-1, 0, 0, 0, 1))))
    step = maturity or 1
    offer = rng.random() < (0.03, 0.15, 0.5, 0.72)[step - 1]
    seek = rng.random() < (0.66, 0.5, 0.24, 0.1)[step - 1]
    if offer and rng.random() < 0.85:
        seek = False
    if rng.random() < 0.07:
        maturity = None
    return ThemeChoice(theme, not (offer or seek) or rng.random() < 0.85, offer, seek, maturity)


def _weighted(codes: Sequence[str], weights: Mapping[str, float], otherwise: float) -> Weighted[str]:
    return Weighted(codes, [float(weights.get(code, otherwise)) for code in codes])


def _check(words: Mapping[str, Mapping[str, object]], vocabulary: Vocabulary) -> None:
    """Refuse a network with other vocabularies: these people's posts and sentences would not fit it."""
    known = {
        "shares": {sector.code for sector in vocabulary.choosable_sectors},
        "titles": {role.code for role in vocabulary.roles},
        "levels": {level.code for level in vocabulary.levels},
    }
    for name, codes in known.items():
        if set(words[name]) != codes:
            raise Misconfigured("The demonstration is written for the vocabularies that come with the product.")
    if set(theme_codes()) != {theme.code for theme in vocabulary.themes}:
        raise Misconfigured("The demonstration is written for the vocabularies that come with the product.")
