"""Find the place that a postcode, a town or an organisation's own name speaks of.

A wrong place is worse than a vague one: what is not clear gives nothing, and the caller falls back to something wider.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from haln.people.register_places import Authority
from haln.people.register_rows import rows
from haln.taxonomy.vocabulary import Vocabulary

POSTCODE_DISTRICTS = "postcode_district_to_region.csv"
TOWNS = "towns.csv"

_BRACKETS = re.compile(r"\(([^()]+)\)")
_LONGEST_PLACE = 6  # words
_WORD = re.compile(r"[\w']+")
# Words of place names that are also family names or plain words: they say nothing about where an organisation is.
_ALSO_NAMES = frozenset(
    """
    arun ash barrow bath boston brent bury camden copeland corby craven durham eden flint hamilton hart
    hyde kent lancaster lincoln lisburn perth richmond rother stafford stirling stroud sutton trafford
    warwick waverley wells
    """.split()  # noqa: SIM905  thirty quoted words on thirty lines read worse
)
_LEAST_SHARE = 0.5  # of a postcode district's sampled postcodes


class Gazetteer:
    """Places by postcode district, by town, and by the words of a name. All answers are place codes."""

    def __init__(self, folder: Path, vocabulary: Vocabulary, authorities: Mapping[str, Authority]) -> None:
        codes = {authority.code for authority in authorities.values()}
        names = {authority.place_name: authority.code for authority in authorities.values() if authority.current}
        self._wide = {region.ons_code for region in vocabulary.regions}
        self._towns = _towns(folder, vocabulary, authorities)
        self._districts: dict[str, str] = {}
        columns = ("outcode", "region_code", "ltla_code", "ltla", "ltla_share")
        for row in rows(folder, POSTCODE_DISTRICTS, columns):
            # A few districts carry an authority's earlier or later ONS code; its name is the same.
            authority = row["ltla_code"] if row["ltla_code"] in codes else names.get(row["ltla"])
            clear = float(row["ltla_share"] or 0) >= _LEAST_SHARE
            self._districts[row["outcode"]] = authority if authority and clear else row["region_code"]

    def by_postcode(self, postcode: str) -> str | None:
        """Return the authority of a postcode, or its region where the district straddles authorities."""
        district = postcode.upper().split(" ")[0] if " " in postcode else postcode.upper()[:-3]
        return self._districts.get(district)

    def by_town(self, town: str) -> str | None:
        """Return the authority that a town is in, or the region that it is."""
        return self._towns.get(_plain(town))

    def learn_towns(self, towns: Iterable[tuple[str, str]]) -> None:
        """Take towns whose postcode is known; those known already stay."""
        for town, postcode in towns:
            place = self.by_postcode(postcode)
            if place:
                self._towns.setdefault(_plain(town), place)

    def by_name(self, name: str, careful: bool = False) -> str | None:
        """Return the place that an organisation is named after: an authority rather than a region, a longer name first.

        `careful` looks only at what stands in brackets and at how the name begins, and never at words that are family
        names too.
        """
        if careful:
            in_brackets = _BRACKETS.findall(name)
            phrases = [phrase for text in in_brackets for phrase in _phrases(_plain(text), from_start=True)]
            phrases += _phrases(_plain(name), from_start=True)
            phrases = [phrase for phrase in phrases if phrase not in _ALSO_NAMES]
        else:
            phrases = _phrases(_plain(name))
        found = [self._towns[phrase] for phrase in phrases if phrase in self._towns]
        return next((code for code in found if code not in self._wide), found[0] if found else None)


def _phrases(name: str, from_start: bool = False) -> list[str]:
    words = name.split()
    return [
        " ".join(words[start : start + length])
        for length in range(min(_LONGEST_PLACE, len(words)), 0, -1)
        for start in range(1 if from_start else len(words) - length + 1)
    ]


def _towns(folder: Path, vocabulary: Vocabulary, authorities: Mapping[str, Authority]) -> dict[str, str]:
    votes: dict[str, dict[str, None]] = defaultdict(dict)
    # Ended ones last: where a name went over to a new authority, it means the new one.
    for authority in sorted(authorities.values(), key=lambda one: (not one.current, one.own_code)):
        if authority.current:
            place = authority.code
        elif len(authority.successors) == 1:
            place = authorities[authority.successors[0]].code
        else:
            continue
        for name in (authority.place_name, *authority.other_names):
            if authority.current or _plain(name) not in votes:
                votes[_plain(name)][place] = None
    towns = {name: next(iter(places)) for name, places in votes.items() if len(places) == 1}
    for row in rows(folder, TOWNS, ("town", "local_authority_code")):
        if row["local_authority_code"] in authorities:
            towns[_plain(row["town"])] = authorities[row["local_authority_code"]].code
    for region in vocabulary.regions:
        towns[_plain(region.label)] = region.ons_code
    towns.pop("", None)
    return towns


def _plain(name: str) -> str:
    joined = name.casefold().replace("&", " and ").replace(".", "")
    return " ".join(_WORD.findall(joined))
