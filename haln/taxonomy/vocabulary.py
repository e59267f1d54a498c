"""Load the vocabularies and refuse files that do not fit together.

Labels and hints are English source strings: templates pass them through gettext.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol, TypeVar

from haln.taxonomy.files import entries, refusal, tables

HERE = Path(__file__).resolve().parent

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_KINDS = ("nation", "region")


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


_Entry = TypeVar("_Entry", bound=_Coded)


@dataclass(frozen=True, slots=True)
class Sector:
    """A sector, or with a `parent` a kind of that sector."""

    code: str
    label: str
    hint: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Role:
    """What a member mainly works on."""

    code: str
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class Level:
    """How senior a post is."""

    code: str
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class Maturity:
    """How far along with a theme, `rank` 1 (starting) upwards."""

    code: str
    label: str
    hint: str
    rank: int


@dataclass(frozen=True, slots=True)
class Theme:
    """Something members learn about together, with the words people use for it."""

    code: str
    label: str
    hint: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """A nation, or an English region of the nation `parent`."""

    code: str
    label: str
    kind: str
    ons_code: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Network:
    """The network that runs this service: its names, its words, its colours (`#rrggbb`)."""

    name: str
    short_name: str
    strapline: str
    welcome: str
    wording: Mapping[str, str]
    colours: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything a network chooses its own words for, in the order of the files."""

    sectors: tuple[Sector, ...]
    roles: tuple[Role, ...]
    levels: tuple[Level, ...]
    maturity: tuple[Maturity, ...]
    themes: tuple[Theme, ...]
    regions: tuple[Region, ...]
    network: Network

    def sector(self, code: str) -> Sector:
        """Return the sector. Raise KeyError for an unknown code, as the next five do."""
        return _find(self.sectors, code)

    def role(self, code: str) -> Role:
        """Return the role."""
        return _find(self.roles, code)

    def level(self, code: str) -> Level:
        """Return the level."""
        return _find(self.levels, code)

    def theme(self, code: str) -> Theme:
        """Return the theme."""
        return _find(self.themes, code)

    def region(self, code: str) -> Region:
        """Return the nation or region, by its own code or its ONS code."""
        for region in self.regions:
            if code in (region.code, region.ons_code):
                return region
        raise KeyError(code)

    def maturity_at(self, rank: int) -> Maturity:
        """Return the maturity of a rank."""
        for maturity in self.maturity:
            if maturity.rank == rank:
                return maturity
        raise KeyError(rank)

    @property
    def top_sectors(self) -> tuple[Sector, ...]:
        """The first level."""
        return tuple(sector for sector in self.sectors if sector.parent is None)

    @property
    def choosable_sectors(self) -> tuple[Sector, ...]:
        """The sectors an organisation may have: kinds, and sectors without kinds."""
        parents = {sector.parent for sector in self.sectors}
        return tuple(sector for sector in self.sectors if sector.code not in parents)

    @property
    def choosable_regions(self) -> tuple[Region, ...]:
        """Regions, and nations that have none: nearly every place in a nation that has some is told by its region."""
        parents = {region.parent for region in self.regions}
        return tuple(region for region in self.regions if region.code not in parents)

    def kinds_of(self, code: str) -> tuple[Sector, ...]:
        """Return the second level below a sector, empty where it has none."""
        return tuple(sector for sector in self.sectors if sector.parent == code)

    def top_sector(self, code: str) -> Sector:
        """Return the first-level sector that a code belongs to, itself if it is one."""
        sector = self.sector(code)
        return sector if sector.parent is None else self.sector(sector.parent)


def load(folder: Path | None = None) -> Vocabulary:
    """Return the vocabularies of a folder, by default the project's own, read once.

    Raises Misconfigured naming the file and the entry.
    """
    return _load(folder or HERE)


@cache
def _load(folder: Path) -> Vocabulary:
    sectors = tuple(
        Sector(entry.code, entry.text("label"), entry.text("hint"), entry.optional("parent"))
        for entry in entries(folder, "sectors.toml", {"label", "hint", "parent"})
    )
    _check_parents("sectors.toml", sectors)
    themes = tuple(
        Theme(entry.code, entry.text("label"), entry.text("hint"), entry.texts("keywords"))
        for entry in entries(folder, "themes.toml", {"label", "hint", "keywords"})
    )
    plain = {"label", "hint"}
    return Vocabulary(
        sectors=sectors,
        roles=tuple(
            Role(entry.code, entry.text("label"), entry.text("hint")) for entry in entries(folder, "roles.toml", plain)
        ),
        levels=tuple(
            Level(entry.code, entry.text("label"), entry.text("hint"))
            for entry in entries(folder, "levels.toml", plain)
        ),
        maturity=_maturity(folder),
        themes=themes,
        regions=_regions(folder),
        network=_network(folder),
    )


def _maturity(folder: Path) -> tuple[Maturity, ...]:
    file = "maturity.toml"
    steps = tuple(
        Maturity(entry.code, entry.text("label"), entry.text("hint"), entry.whole_number("rank"))
        for entry in entries(folder, file, {"label", "hint", "rank"})
    )
    if [step.rank for step in steps] != list(range(1, len(steps) + 1)):
        raise refusal(file, "rank", "the ranks must be 1, 2, 3 … in the order of the file")
    return steps


def _regions(folder: Path) -> tuple[Region, ...]:
    file = "places.toml"
    regions = tuple(
        Region(
            entry.code,
            entry.text("label"),
            entry.one_of("kind", _KINDS),
            entry.text("ons_code"),
            entry.optional("parent"),
        )
        for entry in entries(folder, file, {"label", "kind", "ons_code", "parent"})
    )
    _check_parents(file, regions)
    seen: set[str] = set()
    for region in regions:
        if region.ons_code in seen:
            raise refusal(file, region.code, f"ons_code {region.ons_code} is used twice")
        seen.add(region.ons_code)
        if (region.kind == "region") != (region.parent is not None):
            raise refusal(file, region.code, "a region has a parent, and a nation has none")
    return regions


def _network(folder: Path) -> Network:
    file = "network.toml"
    names, wording, colours = tables(folder, file, ("network", "wording", "colours"))
    for key in colours.fields:
        if not _COLOUR.fullmatch(colours.text(key)):
            raise refusal(file, f"colours.{key}", "write a colour as #rrggbb in small letters")
    return Network(
        name=names.text("name"),
        short_name=names.text("short_name"),
        strapline=names.text("strapline"),
        welcome=names.text("welcome"),
        wording={key: wording.text(key) for key in wording.fields},
        colours={key: colours.text(key) for key in colours.fields},
    )


def _check_parents(file: str, entries: Iterable[Sector | Region]) -> None:
    tops = {entry.code for entry in entries if entry.parent is None}
    for entry in entries:
        if entry.parent is not None and entry.parent not in tops:
            raise refusal(file, f"{entry.code}.parent", f"{entry.parent} is not a code of the first level")


def _find(entries: Iterable[_Entry], code: str) -> _Entry:
    for entry in entries:
        if entry.code == code:
            return entry
    raise KeyError(code)
