"""Whether a member wants the digest, how often, and what in it. Nobody gets one who has not said so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from haln import history
from haln.errors import Invalid
from haln.models import Digest, DigestChoice, Member, Notice
from haln.people import notices

WEEK, MONTH, NONE = "week", "month", "none"
FREQUENCIES = (WEEK, MONTH, NONE)

TAKEN: Mapping[str, str] = {
    "digest.member_id": "digests",
    "digest_choice.member_id": "digest_choice",
    "notice.member_id": "notifications",
}
"""The part of one's own copy in which each column that points to a member is found."""

ERASING: Mapping[str, str] = dict.fromkeys(TAKEN, "deleted")
"""What erasing does with each of them."""

_AS_IT_STANDS = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a member chose. `asked`: they have answered; who has not gets no digest."""

    frequency: str
    parts: frozenset[str]
    asked: bool = True


def own(session: Session, member_id: int) -> Choice:
    """A member's choice: none, of no parts, while they have not answered."""
    row = session.execute(
        select(DigestChoice.frequency, DigestChoice.parts).where(DigestChoice.member_id == member_id)
    ).first()
    return Choice(row.frequency, frozenset(row.parts)) if row else Choice(NONE, frozenset(), asked=False)


def choose(
    session: Session, member_id: int, frequency: str, parts: Iterable[str], known: Collection[str], now: datetime
) -> Choice:
    """Keep what a member chose. Parts that are not `known` are none. Raises Invalid for what cannot be.

    Who wants no digest keeps the parts they chose, for when they want one again.
    """
    wanted = set(parts)
    chosen = [one for one in known if one in wanted]
    if frequency not in FREQUENCIES:
        sentence = "Say how often you want the digest: every week, every month, or not at all."
        raise Invalid(sentence, {"frequency": sentence})
    if frequency != NONE and not chosen:
        sentence = "Choose at least one part, or say that you want no digest."
        raise Invalid(sentence, {"parts": sentence})
    _keep(session, member_id, frequency, chosen, now)
    return Choice(frequency, frozenset(chosen))


def _keep(session: Session, member_id: int, frequency: str, parts: list[str], now: datetime) -> None:
    # The member's row is held: of two answers at one moment the later one stands, whole.
    session.execute(select(Member.id).where(Member.id == member_id).with_for_update(key_share=True))
    row = session.get(DigestChoice, member_id, populate_existing=True)
    if row is None:
        row = DigestChoice(member_id=member_id)
        session.add(row)
    elif row.frequency == frequency and row.parts == parts:
        return
    row.frequency, row.parts, row.chosen_at = frequency, parts, now
    session.flush()
    history.record(session, member_id, "choose_digest", "member", member_id, now, {"frequency": frequency})


def stop(session: Session, member_public_id: str, now: datetime) -> None:
    """End the digest of a member, from a link in it. Who has none, or is not there, is left as they are.

    So who left, and uses an old link, is still asked anew when they come back.
    """
    row = session.scalars(
        select(DigestChoice)
        .join(Member, Member.id == DigestChoice.member_id)
        .where(Member.public_id == member_public_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is not None:
        _keep(session, row.member_id, NONE, list(row.parts), now)


@dataclass(frozen=True, slots=True)
class Last:
    """A member's last digest: the day it was for, and how much it held. `sent_at` none: it was not sent, or not yet."""

    due_on: date
    items: int | None
    sent_at: datetime | None


def last(session: Session, member_id: int) -> Last | None:
    """A member's last digest, if there was one."""
    row = session.execute(
        select(Digest.due_on, Digest.items, Digest.sent_at)
        .where(Digest.member_id == member_id)
        .order_by(Digest.due_on.desc())
        .limit(1)
    ).first()
    return Last(*row) if row else None


def parts_of_copy(session: Session, member_id: int) -> Mapping[str, Any]:
    """What is kept of a member's digest and notifications, for their own copy."""
    choice = session.execute(
        select(DigestChoice.frequency, DigestChoice.parts, DigestChoice.chosen_at).where(
            DigestChoice.member_id == member_id
        )
    ).first()
    made = session.execute(
        select(Digest.due_on, Digest.frequency, Digest.items, Digest.sent_at)
        .where(Digest.member_id == member_id)
        .order_by(Digest.due_on)
    )
    told = session.execute(
        select(Notice.kind, Notice.at, Notice.seen_at).where(Notice.member_id == member_id).order_by(Notice.id)
    )
    return {
        "digest_choice": dict(choice._mapping) if choice else {},
        "digests": [dict(row._mapping) for row in made],
        "notifications": [dict(row._mapping) for row in told],
    }


def withdraw(session: Session, member_id: int) -> None:
    """Forget what a member chose who leaves: who comes back is asked anew. Nothing is told to them any more."""
    session.execute(delete(DigestChoice).where(DigestChoice.member_id == member_id), execution_options=_AS_IT_STANDS)
    notices.erase(session, [member_id])


def erase(session: Session, member_id: int) -> None:
    """Delete what a member chose, what was made for them, and what they were told."""
    withdraw(session, member_id)
    session.execute(delete(Digest).where(Digest.member_id == member_id), execution_options=_AS_IT_STANDS)
