"""What members say to suggestions, kept with how their list stood at that moment: what weights are learned from.

A list is made anew as soon as its owner has said something, and what came of it would show in newer figures; so that it
is kept as it was. The others in the list are figures without a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from haln.models import Connection, Introduction, Suggestion, SuggestionAnswer


@dataclass(frozen=True, slots=True)
class ListedAnswer:
    """What came of the first of `rows`, which hold values of the named signals; the member had so many ties then."""

    member_id: int
    names: Sequence[str]
    rows: Sequence[Sequence[float]]
    ties: int
    liked: bool


KEPT = timedelta(days=400)
"""So long an answer is learned from; then it is deleted."""
MOST = 20_000
"""So many answers at most are learned from, the newest."""
_QUIET = {"synchronize_session": False}


def remember(
    session: Session, member_id: int, other_id: int, said: str, now: datetime, introduction_id: int | None = None
) -> None:
    """Keep what a member says (`yes`, `no`) to one of their list, before the list changes.

    Nothing is kept of somebody who is not in the list: then it is no answer to a suggestion.
    """
    listed = select(Suggestion.other_id, Suggestion.signals).where(
        Suggestion.member_id == member_id, Suggestion.unlisted_at.is_(None)
    )
    rows = session.execute(listed.order_by(Suggestion.rank, Suggestion.id)).all()
    signals = [row.signals.get("signals") or {} for row in sorted(rows, key=lambda row: row.other_id != other_id)]
    if not rows or all(row.other_id != other_id for row in rows) or not signals[0]:
        return
    names = sorted({name for one in signals for name in one})
    values = [[round(one.get(name, 0.0), 6) for name in names] for one in signals]
    session.add(
        SuggestionAnswer(
            member_id=member_id,
            other_id=other_id,
            introduction_id=introduction_id,
            said=said,
            answered_at=now,
            ties=_ties(session, member_id),
            listed={"names": names, "rows": values},
        )
    )
    session.flush()


def _ties(session: Session, member_id: int) -> int:
    own = or_(Connection.low_id == member_id, Connection.high_id == member_id)
    return session.scalar(select(func.count(Connection.id)).where(own, Connection.until.is_(None))) or 0


def forget(session: Session, member_id: int, other_id: int, said_at: datetime) -> None:
    """Take back that a member set somebody aside at a moment."""
    row = SuggestionAnswer
    no_then = row.said == "no", row.answered_at == said_at
    session.execute(
        delete(row).where(row.member_id == member_id, row.other_id == other_id, *no_then),
        execution_options=_QUIET,
    )


def forget_old(session: Session, now: datetime) -> None:
    """Delete what is too old to learn from."""
    session.execute(delete(SuggestionAnswer).where(SuggestionAnswer.answered_at < now - KEPT), execution_options=_QUIET)


def until(session: Session, moment: datetime) -> list[ListedAnswer]:
    """The answers until a moment: yes where both said it, no where one set the other aside, or said no when asked.

    Of who was asked and had not answered by then there is none. When somebody said no is not kept, so that it counts
    from when the introduction was over for both.
    """
    over = Introduction.closed_at <= moment
    no_from_asked = exists(
        select(Introduction.id).where(
            Introduction.id == SuggestionAnswer.introduction_id, Introduction.asked_answer == "no", over
        )
    )
    yes_from_asked = exists(
        select(Introduction.id).where(
            Introduction.id == SuggestionAnswer.introduction_id, Introduction.state == "accepted", over
        )
    )
    columns = select(
        SuggestionAnswer.member_id,
        SuggestionAnswer.said,
        SuggestionAnswer.ties,
        SuggestionAnswer.listed,
        no_from_asked.label("declined"),
        yes_from_asked.label("accepted"),
    ).where(SuggestionAnswer.answered_at <= moment)
    rows = session.execute(columns.order_by(SuggestionAnswer.id.desc()).limit(MOST)).all()
    return [
        ListedAnswer(
            row.member_id, row.listed["names"], row.listed["rows"], row.ties, row.said == "yes" and row.accepted
        )
        for row in reversed(rows)
        if row.said == "no" or row.declined or row.accepted
    ]
