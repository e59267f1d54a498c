"""Tell members in the page what concerns them: a row beside the order of the letter, written in the same place.

What a row says is asked anew whenever it is shown (`haln.post.notices`): here is only about what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Insert, and_, delete, or_, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from haln.models import Notice

ABOUT: Mapping[str, str] = {
    "introduction_asked": "introduction_id",
    "introduction_woven": "introduction_id",
    "introduction_accepted": "introduction_id",
    "event_placed": "event_id",
    "event_moved": "event_id",
    "event_cancelled": "event_id",
    "event_answered": "event_id",
    "event_proposals": "reader_id",
    "seat_offered": "seat_id",
    "seat_changed": "seat_id",
    "set_confirmed": "plan_id",
    "set_joined": "set_id",
    "session_planned": "set_id",
    "session_moved": "set_id",
    "session_cancelled": "set_id",
    "set_request_asked": "set_request_id",
    "coffee_paired": "coffee_round_id",
    "coffee_asked": "coffee_round_id",
    "coffee_met": "coffee_with_id",
    "coffee_ahead": "coffee_round_id",
    "coffee_off": "coffee_round_id",
    "resource_answered": "step_id",
    "resource_author_asked": "resource_id",
    "resource_sent": "resource_id",
    "pathway_module_added": "module_id",
    "topic_answered": "topic_id",
    "topic_retired": "topic_id",
    "topic_planned": "result_id",
    "topic_comment_hidden": "comment_id",
}
"""Kinds of letter that are told of in the page, too, and the part of their order that says what they are about.

What waits for staff is about whoever is told, so that however much comes, one line says that some waits.
"""

NAMES_A_MEMBER = ("coffee_met",)
"""Kinds whose thing is a member."""

KEPT = timedelta(days=90)
"""How long one is kept, read or not. Letters are kept as long."""

_AS_IT_STANDS = {"synchronize_session": False}


def put(session: Session, kind: str, orders: Mapping[int, Mapping[str, Any]], now: datetime) -> None:
    """Tell members (each with what the letter to them is about) in the page, where the kind is one of those.

    Of what somebody has not read yet they are told once more only by its day.
    """
    about = ABOUT.get(kind)
    rows = [
        {"member_id": member, "kind": kind, "about_id": values[about], "at": now}
        for member, values in sorted(orders.items())
        if about is not None and values.get(about) is not None
    ]
    if rows:
        session.execute(_insert(session.get_bind().dialect.name), rows)


def _insert(dialect: str) -> Insert:
    unread = text("seen_at IS NULL")
    columns = ["member_id", "kind", "about_id"]
    if dialect == "postgresql":
        ours = postgresql.insert(Notice)
        return ours.on_conflict_do_update(index_elements=columns, index_where=unread, set_={"at": ours.excluded.at})
    own = sqlite.insert(Notice)
    return own.on_conflict_do_update(index_elements=columns, index_where=unread, set_={"at": own.excluded.at})


def see(session: Session, member_id: int, notice_id: int, now: datetime) -> None:
    """Note that a member has read one of theirs; another's stays as it is."""
    _see(session, and_(Notice.member_id == member_id, Notice.id == notice_id), now)


def see_all(session: Session, member_id: int, until: datetime, now: datetime) -> None:
    """Note that a member has read all of theirs until a moment: what came after they opened the page stays unread."""
    _see(session, and_(Notice.member_id == member_id, Notice.at <= until), now)


def _see(session: Session, which: ColumnElement[bool], now: datetime) -> None:
    unread = update(Notice).where(which, Notice.seen_at.is_(None))
    session.execute(unread.values(seen_at=now), execution_options=_AS_IT_STANDS)


def forget_old(session: Session, now: datetime) -> None:
    """Delete those that are old, read or not."""
    session.execute(delete(Notice).where(Notice.at < now - KEPT), execution_options=_AS_IT_STANDS)


def erase(session: Session, member_ids: Iterable[int]) -> None:
    """Delete what members were told, and what others were told of them by their number."""
    ids = sorted(member_ids)
    named = and_(Notice.kind.in_(NAMES_A_MEMBER), Notice.about_id.in_(ids))
    session.execute(delete(Notice).where(or_(Notice.member_id.in_(ids), named)), execution_options=_AS_IT_STANDS)
