"""Introductions asked for by a member: ask, withdraw, lapse.

A decline is silent. It is written as an answer only (`answers`); the introduction stays open for the one who asked,
counts as one of their open ones, and lapses on its day in the same words as one that nobody answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.connect import listed_answers, pairs
from haln.connect.answers import Answered, say_yes
from haln.connect.introduction_mail import take_back, tell
from haln.connect.introduction_state import ASKED, between, is_open
from haln.errors import Conflict, Invalid, NotFound, NotPermitted, TooMany
from haln.models import Introduction, Member, Suggestion
from haln.people import changes, throttles, visibility
from haln.people.tokens import public_id

NOTE_LENGTH = 600
A_DAY = 20
"""Introductions that a member may ask for or weave in a day: withdrawing one makes room, but not to write to all."""
_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings that introductions follow: how many at once, how many days to answer, how many until asking anew."""

    open_at_once: int = 5
    days: int = 14
    again_days: int = 60


def ask(
    session: Session,
    actor: Actor,
    other: str,
    note: str,
    rules: Rules,
    now: datetime,
    *,
    source: str = "member_page",
    known_already: bool = False,
) -> Answered:
    """Ask the member with the public id `other` to connect. Asking somebody who has asked the actor is a "yes".

    Raises NotFound for somebody the actor may not see, Conflict when connected or asked already, TooMany at the limit,
    Invalid for a long note, NotPermitted while the actor hides from the network.
    """
    note = checked_note(note)
    pairs.hold(session)
    them = pairs.party(session, actor.member_id, other)
    _check_listed(session, actor.member_id)
    if pairs.connection_id(session, actor.member_id, them.id) is not None:
        raise Conflict("You are connected with %(name)s already.", name=them.name)
    waiting = _waiting(session, actor.member_id, them.id, now)
    if any(row.mine == "yes" for row in waiting):
        raise Conflict("You have asked %(name)s already. Give them time to answer.", name=them.name)
    if waiting:
        return say_yes(session, actor.member_id, waiting[0].public_id, now, changed_mind=True)
    _check_turn(session, actor.member_id, them, rules, now)
    count_one(session, actor.member_id, now)
    _write(session, actor, them, note, rules, now, source=source, known_already=known_already)
    return Answered(False, them.id, them.name)


def _waiting(session: Session, member_id: int, other_id: int, now: datetime) -> Sequence[Any]:
    """What is open between two members, with the answer of the first."""
    return session.execute(
        select(
            Introduction.public_id,
            case(
                (Introduction.asker_id == member_id, Introduction.asker_answer), else_=Introduction.asked_answer
            ).label("mine"),
        )
        .where(between(member_id, other_id), is_open(now))
        .order_by(Introduction.id)
    ).all()


def checked_note(note: str) -> str:
    """The note without blank ends. Raises Invalid when it is too long."""
    note = note.replace("\r\n", "\n").strip()
    if len(note) > NOTE_LENGTH:
        problem = "Write at most 600 characters."
        raise Invalid(problem, {"note": problem})
    return note


def _check_listed(session: Session, member_id: int) -> None:
    if not session.scalar(select(Member.listed).where(Member.id == member_id)):
        raise NotPermitted("You are hidden from the network. Let members find you before you ask somebody.")


def _check_turn(session: Session, member_id: int, them: pairs.Party, rules: Rules, now: datetime) -> None:
    recent = session.scalar(
        select(func.count(Introduction.id)).where(
            Introduction.kind == ASKED,
            Introduction.asker_id == member_id,
            Introduction.asked_id == them.id,
            Introduction.state != "accepted",
            Introduction.created_at > now - timedelta(days=rules.again_days),
        )
    )
    if recent:
        raise Conflict("You asked %(name)s not long ago. Leave some time before you ask again.", name=them.name)
    if open_count(session, member_id, now) >= rules.open_at_once:
        raise TooMany(
            "You have %(count)s introductions open. Wait for an answer, or withdraw one.", count=rules.open_at_once
        )


def count_one(session: Session, member_id: int, now: datetime) -> None:
    """Count one introduction more of a member's today, for it sends mail to others. Raises TooMany."""
    throttles.take(session, throttles.key("introductions-of", str(member_id)), A_DAY, throttles.DAY, now)


def open_count(session: Session, member_id: int, now: datetime) -> int:
    """How many introductions the member has asked for and waits for: those, and only those, that their page lists."""
    return (
        session.scalar(
            select(func.count(Introduction.id))
            .join(Member, Member.id == Introduction.asked_id)
            .where(
                Introduction.kind == ASKED,
                Introduction.asker_id == member_id,
                is_open(now),
                visibility.may_see(member_id),
            )
        )
        or 0
    )


def _write(
    session: Session,
    actor: Actor,
    them: pairs.Party,
    note: str,
    rules: Rules,
    now: datetime,
    *,
    source: str,
    known_already: bool,
) -> None:
    suggestion_id = session.scalar(
        select(Suggestion.id).where(
            Suggestion.member_id == actor.member_id, Suggestion.other_id == them.id, Suggestion.unlisted_at.is_(None)
        )
    )
    row = Introduction(
        public_id=public_id(),
        kind=ASKED,
        asker_id=actor.member_id,
        asked_id=them.id,
        note=note,
        evidence="declared" if known_already else "introduced",
        source=source,
        suggestion_id=suggestion_id,
        state="open",
        asker_answer="yes",
        created_at=now,
        expires_at=now + timedelta(days=rules.days),
    )
    session.add(row)
    session.flush()
    listed_answers.remember(session, actor.member_id, them.id, "yes", now, row.id)
    pairs.unlist(session, actor.member_id, them.id, now)
    changes.ask_refresh(session, (actor.member_id, them.id), now)
    history.record(session, actor.member_id, "ask_introduction", "introduction", row.id, now)
    values = {"other_name": actor.name, "note": note, "path": "/introductions"}
    tell(session, "introduction_asked", row.id, them.id, values, now)


def withdraw(session: Session, actor: Actor, introduction: str, now: datetime) -> None:
    """Take back what the actor asked for or wove, while it is open.

    Raises NotFound for another's, Conflict when it has been accepted, withdrawn or has lapsed.
    """
    pairs.hold(session)
    found = session.scalar(
        select(Introduction.id).where(
            Introduction.public_id == introduction,
            or_(
                and_(Introduction.kind == ASKED, Introduction.asker_id == actor.member_id),
                Introduction.weaver_id == actor.member_id,
            ),
        )
    )
    if found is None:
        raise NotFound("There is no such introduction, or it is not yours to withdraw.")
    close(session, [found], now)
    history.record(session, actor.member_id, "withdraw_introduction", "introduction", found, now)


def close(session: Session, ids: list[int], now: datetime) -> None:
    """Withdraw open introductions, and their mail that has not been sent. Raises Conflict when one is not open."""
    done = session.execute(
        update(Introduction)
        .where(Introduction.id.in_(ids), is_open(now))
        .values(state="withdrawn", closed_at=now)
        .returning(Introduction.id),
        execution_options=_QUIET,
    ).all()
    if len(done) != len(ids):
        raise Conflict("This introduction is no longer open.")
    take_back(session, ids)


def lapse(session: Session, now: datetime) -> int:
    """Close the introductions whose days are over and tell who asked, declined or not. Returns how many.

    For the worker; every reading treats them as lapsed from the moment itself.
    """
    rows = session.execute(
        update(Introduction)
        .where(Introduction.state == "open", Introduction.expires_at <= now)
        .values(state="lapsed", closed_at=Introduction.expires_at)
        .returning(Introduction.id, Introduction.kind, Introduction.asker_id, Introduction.asked_id),
        execution_options=_QUIET,
    ).all()
    take_back(session, [row.id for row in rows])
    for row in sorted(rows, key=lambda row: row.id):
        name = session.scalar(select(Member.name).where(Member.id == row.asked_id, visibility.may_see(row.asker_id)))
        if row.kind == ASKED and name is not None:
            values = {"other_name": name, "path": "/suggestions"}
            tell(session, "introduction_lapsed", row.id, row.asker_id, values, now)
    return len(rows)
