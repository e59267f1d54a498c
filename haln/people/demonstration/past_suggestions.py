"""Suggestions of the past: those through which somebody asked for an introduction, and others of the same lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from haln.people.demonstration.calendar import Calendar
from haln.people.demonstration.chance import stream
from haln.people.demonstration.growth import Growth
from haln.people.demonstration.people import Crowd
from haln.people.demonstration.words import theme_codes

SOURCE = "suggestion"
VERSION = "demonstration"
OTHERS = 4
"""So many others of a list are kept beside the one that was used."""

_BANDS = ("strong", "good", "worth_a_look")
Row = dict[str, Any]


class PastSuggestions:
    """Writes suggestions as rows; members stand in them by number, also in reasons: `first` is added to those there."""

    def __init__(self, crowd: Crowd, calendar: Calendar, growth: Growth, seed: int, first: int) -> None:
        self._crowd, self._calendar, self._growth, self._first = crowd, calendar, growth, first
        self._rng = stream(seed, "past suggestions")

    def behind(self, introduction: Row) -> Iterator[Row]:
        """The suggestion through which an introduction was asked for, if it was, and then others of the same list."""
        asker, asked = introduction["asker_id"], introduction["asked_id"]
        if introduction["source"] != SOURCE or self._crowd.erased & {asker, asked}:
            return
        there = max(self._crowd.joined[asker], self._crowd.joined[asked])
        earliest = self._calendar.moment(there, 0)
        listed = max(earliest, introduction["created_at"] - timedelta(days=self._rng.randint(1, 20)))
        yield self._row(asker, asked, listed, introduction["created_at"])
        drawn = dict.fromkeys(self._growth.candidate(self._rng, asker) for _ in range(OTHERS))
        for other in drawn:
            if other is None or other == asked or other in self._crowd.erased:
                continue
            if self._crowd.joined[other] <= there:
                yield self._row(asker, other, listed, introduction["created_at"] + timedelta(days=1))

    def _row(self, member: int, other: int, listed: Any, unlisted: Any) -> Row:
        rank = self._rng.randint(1, 12)
        return {
            "member_id": member,
            "other_id": other,
            "rank": rank,
            "score": round(5.0 - rank / 3 + self._rng.random() / 3, 6),
            "band": _BANDS[min(2, rank // 5)],
            "reasons": self._reasons(member, other),
            "signals": {"parts": {}, "signals": {}},
            "weights_version": VERSION,
            "fingerprint": "",
            "listed_at": listed,
            "refreshed_at": listed,
            "unlisted_at": max(listed, unlisted),
        }

    def _reasons(self, member: int, other: int) -> list[Row]:
        """What the two had in common: themes, and people whom both knew; either may lead."""
        found = []
        shared = self._crowd.themes[member] & self._crowd.themes[other]
        themes = [theme for rank, theme in enumerate(theme_codes()) if shared >> rank & 1]
        if themes:
            found.append({"kind": "shared_theme", "evidence": {"themes": themes}, "weight": 0.7})
        mutual = sorted(set(self._growth.neighbours[member]) & set(self._growth.neighbours[other]))
        if mutual:
            known = [self._first + number for number in mutual[:3]]
            found.append({"kind": "mutual_connections", "evidence": {"members": known}, "weight": 0.6})
        self._rng.shuffle(found)
        return found
