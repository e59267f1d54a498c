"""Leaving the network. The account stays, closed, until its owner has it erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.models import Connection, Introduction, Mail, Member, Suggestion, SuggestionRefresh
from haln.people import (
    api_keys,
    changes,
    coffee_traces,
    digest_choices,
    event_traces,
    learning_traces,
    links,
    outcome_traces,
    resource_traces,
    sessions,
    topic_traces,
)

_AS_IT_STANDS = {"synchronize_session": False}


def leave(session: Session, actor: Actor, now: datetime) -> None:
    """Leave: sign-ins and connections end today, so do places in sets; what is open is withdrawn, suggestions go."""
    end(session, actor.member_id, now, actor.member_id)


def end(session: Session, member_id: int, now: datetime, actor_id: int | None = None) -> None:
    """As `leave`, of a member who is not asked: they left before."""
    withdraw_from_network(session, member_id, now)
    session.execute(
        update(Member)
        .where(Member.id == member_id)
        .values(standing="left", left_at=now, audience="member", news_since=None)
    )
    history.record(session, actor_id, "leave_network", "member", member_id, now)


def withdraw_from_network(session: Session, member_id: int, now: datetime) -> None:
    """End everything that ties a member to others. Their row and their profile stay as they are."""
    changes.hold(session)
    mine = or_(Connection.low_id == member_id, Connection.high_id == member_id)
    open_ones = session.execute(
        select(Connection.low_id, Connection.high_id).where(mine, Connection.until.is_(None))
    ).all()
    tied = {row.low_id for row in open_ones} | {row.high_id for row in open_ones}
    number = changes.touch(session, tied | {member_id}, now)
    session.execute(
        update(Connection)
        .where(mine, Connection.until.is_(None))
        .values(until=now, ended_by_id=member_id, change_number=number),
        execution_options=_AS_IT_STANDS,
    )
    session.execute(
        update(Introduction)
        .where(
            or_(
                Introduction.asker_id == member_id,
                Introduction.asked_id == member_id,
                Introduction.weaver_id == member_id,
            ),
            Introduction.state == "open",
        )
        .values(state="withdrawn", closed_at=now),
        execution_options=_AS_IT_STANDS,
    )
    event_traces.withdraw(session, member_id, now)
    learning_traces.withdraw(session, member_id, now)
    outcome_traces.withdraw(session, member_id)
    coffee_traces.withdraw(session, member_id)
    digest_choices.withdraw(session, member_id)
    resource_traces.withdraw(session, member_id)
    topic_traces.withdraw(session, member_id)
    _take_down_suggestions(session, member_id, now)
    sessions.end_all(session, member_id, now)
    api_keys.end_all(session, member_id, now)
    links.forget(session, None, member_id)
    session.execute(
        update(Mail)
        .where(Mail.member_id == member_id, Mail.state == "waiting")
        .values(state="cancelled", last_error="The member has left."),
        execution_options=_AS_IT_STANDS,
    )


def _take_down_suggestions(session: Session, member_id: int, now: datetime) -> None:
    shown_to = session.scalars(
        select(Suggestion.member_id).where(Suggestion.other_id == member_id, Suggestion.unlisted_at.is_(None))
    ).all()
    session.execute(
        update(Suggestion)
        .where(
            or_(Suggestion.other_id == member_id, Suggestion.member_id == member_id), Suggestion.unlisted_at.is_(None)
        )
        .values(unlisted_at=now),
        execution_options=_AS_IT_STANDS,
    )
    changes.ask_refresh(session, shown_to, now)
    session.execute(delete(SuggestionRefresh).where(SuggestionRefresh.member_id == member_id))
