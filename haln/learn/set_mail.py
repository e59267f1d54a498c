"""Mail to the people of a set about its sessions, for those who want mail beyond their account's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, and_, case, cast, exists, false, func, literal, or_, select, true, union
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from haln.learn.set_access import sits, sitting_in
from haln.models import LearningSet, Mail, Member, SetMembership, SetSession
from haln.people import mailbox, notices
from haln.people.visibility import ACTIVE

KINDS = (
    "session_planned",
    "session_moved",
    "session_cancelled",
    "session_reminder",
    "set_joined",
    "set_ended",
    "set_reopened",
)
REMINDED_BEFORE = timedelta(hours=24)
AT_ONCE = 200


def tell(
    session: Session,
    kind: str,
    row: LearningSet,
    sessions: Sequence[int],
    now: datetime,
    *,
    mark: int = 0,
) -> None:
    """Write to everybody in a set, its facilitator too; once for each kind, first session and mark.

    Who wants no such mail is told in the page alone. A set that ends without sessions ahead asks its members something:
    its facilitator, nothing.
    """
    leader = bool(sessions) or kind != "set_ended"
    people = session.execute(
        select(Member.id, Member.email, Member.language, Member.introduction_mail)
        .outerjoin(SetMembership, and_(SetMembership.member_id == Member.id, sitting_in(row.id)))
        .where(
            or_(
                SetMembership.member_id.is_not(None),
                and_(Member.id == row.facilitator_id, true() if leader else false()),
            ),
            Member.standing == ACTIVE,
            Member.email.is_not(None),
        )
        .order_by(Member.id)
    ).all()
    about, values = sessions[0] if sessions else row.id, {"set_id": row.id, "session_ids": list(sessions)}
    for person in people:
        if not person.introduction_mail:
            notices.put(session, kind, {person.id: values}, now)
            continue
        mailbox.put(
            session,
            kind,
            person.email or "",
            values,
            now,
            member_id=person.id,
            language=person.language,
            dedupe_key=f"{kind}:{about}:{mark}:{person.id}",
        )


def welcome(session: Session, row: LearningSet, member_id: int, now: datetime) -> None:
    """Tell somebody that they are in a set now, with its sessions ahead."""
    mailbox.put_to_member(session, "set_joined", member_id, _ahead(session, row, now), now)


def _ahead(session: Session, row: LearningSet, now: datetime) -> dict[str, Any]:
    """What a letter about a set and its sessions ahead is about."""
    ahead = session.scalars(
        select(SetSession.id)
        .where(SetSession.set_id == row.id, SetSession.state == "planned", SetSession.starts_at > now)
        .order_by(SetSession.starts_at)
    ).all()
    return {"set_id": row.id, "session_ids": list(ahead)}


def tell_who_leads(session: Session, row: LearningSet, now: datetime) -> None:
    """Tell a set's facilitator that they are, with its sessions ahead: mail that cannot be stopped."""
    if row.facilitator_id is not None:
        mailbox.put_to_member(session, "set_led", row.facilitator_id, _ahead(session, row, now), now)


def tell_who_led(session: Session, row: LearningSet, member_id: int, now: datetime) -> None:
    """Tell somebody that they no longer lead a set."""
    mailbox.put_to_member(session, "set_not_led", member_id, {"set_id": row.id}, now)


def tell_of_leaving(session: Session, row: LearningSet, member_id: int, now: datetime) -> None:
    """Tell a set's facilitator, if they want such mail, that somebody has left it."""
    willing = select(Member.id).where(Member.id == row.facilitator_id, Member.introduction_mail)
    leader = session.scalar(willing.where(Member.id != member_id))
    if leader is not None:
        mailbox.put_to_member(session, "set_left", leader, {"set_id": row.id, "left_id": member_id}, now)


def tell_of_taking_out(session: Session, row: LearningSet, member_id: int, by: int, now: datetime) -> None:
    """Tell somebody whom another took out of a set, with its sessions ahead, and who leads it if they want such mail.

    Whoever did it is not told of it.
    """
    mailbox.put_to_member(session, "set_out", member_id, _ahead(session, row, now), now)
    willing = select(Member.id).where(Member.id == row.facilitator_id, Member.introduction_mail)
    leader = session.scalar(willing.where(Member.id.not_in((member_id, by))))
    if leader is not None:
        mailbox.put_to_member(session, "set_member_out", leader, {"set_id": row.id, "left_id": member_id}, now)


def remind(session: Session, now: datetime) -> int:
    """Put reminders of the sessions of the next day into the outbox, once each. Returns how many. For the worker.

    A session that is put at another time is reminded of anew. Whom a letter about this session has told its time within
    a day needs no reminder.
    """
    soon = session.execute(_soon(now)).all()
    due = session.execute(_due({one.id: _stamp(one.starts_at) for one in soon}, now)).all() if soon else []
    for one in due:
        values = {"set_id": one.set_id, "session_ids": [one.session_id]}
        mark = f"session_reminder:{one.session_id}:{one.stamp}:{one.member_id}"
        mailbox.put(
            session,
            "session_reminder",
            one.email or "",
            values,
            now,
            member_id=one.member_id,
            language=one.language,
            dedupe_key=mark,
        )
    return len(due)


def _soon(now: datetime) -> Select[int, datetime]:
    """The sessions of the next day."""
    return (
        select(SetSession.id, SetSession.starts_at)
        .join(LearningSet, LearningSet.id == SetSession.set_id)
        .where(
            SetSession.state == "planned",
            SetSession.starts_at > now,
            SetSession.starts_at <= now + REMINDED_BEFORE,
            LearningSet.ended_on.is_(None),
        )
        .order_by(SetSession.starts_at, SetSession.id)
        .limit(AT_ONCE)
    )


def _stamp(starts_at: datetime) -> str:
    return str(int(starts_at.timestamp()))


def _due(soon: Mapping[int, str], now: datetime) -> Select[Any]:
    """Who is to be reminded of which of these sessions, each with the stamp of its time, and has not been."""
    columns = (SetSession.id.label("session_id"), LearningSet.id.label("set_id"))
    join = (
        select(*columns, case(soon, value=SetSession.id).label("stamp"))
        .select_from(SetSession)
        .join(LearningSet, LearningSet.id == SetSession.set_id)
        .where(SetSession.id.in_(sorted(soon)))
    )
    sitters = join.add_columns(SetMembership.member_id.label("member_id")).join(
        SetMembership, and_(SetMembership.set_id == LearningSet.id, sits())
    )
    leaders = join.add_columns(LearningSet.facilitator_id.label("member_id"))
    who = union(sitters, leaders).subquery()
    key: ColumnElement[str] = literal("session_reminder")
    for part in (cast(who.c.session_id, String), who.c.stamp, cast(who.c.member_id, String)):
        key = key + ":" + part
    lately = exists(
        select(Mail.id).where(
            Mail.member_id == Member.id,
            Mail.kind.in_(("session_planned", "session_moved")),
            Mail.created_at > now - REMINDED_BEFORE,
            _named_sessions().contains(literal(",") + cast(who.c.session_id, String) + ","),
        )
    )
    return (
        select(who, Member.email, Member.language)
        .join(Member, Member.id == who.c.member_id)
        .where(
            Member.standing == ACTIVE,
            Member.introduction_mail,
            Member.email.is_not(None),
            ~exists(select(Mail.id).where(Mail.dedupe_key == key)),
            ~lately,
        )
        .order_by(who.c.session_id, Member.id)
        .limit(AT_ONCE)
    )


def _named_sessions() -> Any:
    """The ids of the sessions that a letter is about, as text, a comma on either side of each."""
    listed: Any = cast(Mail.values["session_ids"], String)
    for found, put in ((" ", ""), ("[", ","), ("]", ",")):
        listed = func.replace(listed, found, put)
    return listed


def reaches(session: Session, row: LearningSet, member_id: int, *, wanted: bool) -> bool:
    """Whether a letter about a set is still for somebody: in it, in the network and, if `wanted`, not stopped."""
    inside = or_(
        Member.id == row.facilitator_id,
        exists(select(SetMembership.member_id).where(sitting_in(row.id), SetMembership.member_id == member_id)),
    )
    willing = Member.introduction_mail if wanted else true()
    condition = and_(Member.id == member_id, Member.standing == ACTIVE, willing, inside)
    return session.scalar(select(Member.id).where(condition)) is not None
