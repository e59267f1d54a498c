"""The people of a demonstration as those who apply, meet and write."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.models import Member, MemberTheme, Organisation
from haln.people.demonstration import biographies
from haln.people.demonstration.careers import Careers, ThemeChoice
from haln.people.demonstration.employers import Employers
from haln.people.demonstration.grammar import Speech
from haln.people.demonstration.words import common_bank, theme_codes
from haln.people.erasure import ERASED
from haln.taxonomy.vocabulary import Vocabulary

_PART = 1000
_ROLE = "strategy"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, with what they write from. `themes`: the codes they picked, what weighs most first."""

    id: int
    organisation: int | None
    joined_at: datetime
    silent: bool
    subject: biographies.Subject
    themes: tuple[str, ...]

    def says(self, rng: Random) -> Speech:
        """A text of theirs being written."""
        told = biographies.speech(rng, "first", self.subject)
        told.banks = {**told.banks, "sets": common_bank("sets")}
        return told


class Folk:
    """Reads people in bulk; `writing` facts come from where they work."""

    def __init__(self, session: Session, vocabulary: Vocabulary, seed: int) -> None:
        self._session = session
        self._employers = Employers(session, Careers(vocabulary), seed)
        self._nowhere = session.scalar(select(func.min(Organisation.id)).where(Organisation.standing == "current")) or 0

    def read(self, ids: Collection[int]) -> dict[int, Person]:
        """People by id."""
        found: dict[int, Person] = {}
        chosen = sorted(set(ids))
        for start in range(0, len(chosen), _PART):
            part = chosen[start : start + _PART]
            themes = self._themes(part)
            columns = (Member.id, Member.name, Member.role, Member.job_title, Member.organisation_id)
            rows = self._session.execute(
                select(*columns, Member.joined_at, Member.standing).where(Member.id.in_(part)).order_by(Member.id)
            )
            for row in rows:
                picked = themes.get(row.id, [])
                subject = biographies.Subject(
                    whole_name=row.name,
                    first_name=row.name.split(" ")[0],
                    title=row.job_title or "colleague",
                    years=2,
                    role=row.role or _ROLE,
                    themes=_two(picked, row.id),
                    facts=self._employers.facts(int(row.organisation_id or self._nowhere)),
                )
                codes = tuple(choice.theme for choice in picked)
                silent = row.standing == ERASED
                found[row.id] = Person(row.id, row.organisation_id, row.joined_at, silent, subject, codes)
        return found

    def _themes(self, ids: Collection[int]) -> dict[int, list[ThemeChoice]]:
        row = MemberTheme
        columns = (row.member_id, row.theme, row.interest, row.offer, row.seek, row.maturity)
        found: dict[int, list[ThemeChoice]] = {}
        for one in self._session.execute(select(*columns).where(row.member_id.in_(ids)).order_by(*columns[:2])):
            choice = ThemeChoice(one.theme, one.interest, one.offer, one.seek, one.maturity)
            found.setdefault(one.member_id, []).append(choice)
        for choices in found.values():
            choices.sort(key=lambda choice: (not choice.seek, choice.theme))
        return found


def _two(choices: list[ThemeChoice], number: int) -> list[ThemeChoice]:
    """At least two themes to write about."""
    codes = theme_codes()
    spare = [ThemeChoice(codes[(number + step) % len(codes)], True, False, False, None) for step in range(3)]
    taken = {choice.theme for choice in choices}
    return [*choices, *(one for one in spare if one.theme not in taken)][: max(2, len(choices))]
