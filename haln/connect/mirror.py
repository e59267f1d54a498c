"""The mirror: how often a member was suggested to others lately, and for which reasons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import not_, or_, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.models import Member, Suggestion
from haln.people import visibility
from haln.people.visibility import ACTIVE

DAYS = 30
MOST = 5000


@dataclass(frozen=True, slots=True)
class Count:
    """How many people: none is told as none, few as fewer than `below`, more as the number."""

    number: int
    below: int

    @property
    def few(self) -> bool:
        """Whether only that it is fewer than `below` may be told."""
        return 0 < self.number < self.below


@dataclass(frozen=True, slots=True)
class Mirror:
    """To how many people the member was suggested in the last `DAYS` days, and for what, most often first."""

    since: date
    people: Count
    reasons: tuple[tuple[str, Count], ...]
    suggest_me: bool
    listed: bool
    paused_until: date | None  # `profiles.OPEN_END`: until they say so


def mirror(session: Session, actor: Actor, small: int, now: datetime) -> Mirror:
    """What the actor may know of who was suggested them: counts, with those from 1 to `small` blurred."""
    since = now - timedelta(days=DAYS)
    rows = session.execute(
        select(Suggestion.member_id, Suggestion.reasons)
        .join(Member, Member.id == Suggestion.member_id)
        .where(
            Suggestion.other_id == actor.member_id,
            or_(Suggestion.unlisted_at.is_(None), Suggestion.unlisted_at > since),
            Member.standing == ACTIVE,
            not_(visibility.blocked(actor.member_id, Member.id)),
        )
        .order_by(Suggestion.listed_at.desc())
        .limit(MOST)
    ).all()
    kinds = {(row.member_id, reason["kind"]) for row in rows for reason in row.reasons[:3]}
    counted = Counter(kind for _, kind in kinds)
    own = session.execute(
        select(Member.suggest_me, Member.listed, Member.paused_until).where(Member.id == actor.member_id)
    ).one()
    below = small + 1
    return Mirror(
        since=since.date(),
        people=Count(len({row.member_id for row in rows}), below),
        reasons=tuple(
            (kind, Count(number, below)) for kind, number in sorted(counted.items(), key=lambda one: (-one[1], one[0]))
        ),
        suggest_me=own.suggest_me,
        listed=own.listed,
        paused_until=own.paused_until if own.paused_until and own.paused_until > now.date() else None,
    )
