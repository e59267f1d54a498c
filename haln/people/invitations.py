"""Invitations: members who may, ask people by their address to join."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Invalid
from haln.models import Invitation, Mail, Member
from haln.people import addresses, mailbox, throttles
from haln.people.throttles import DAY, HOUR, Limits

AT_ONCE = 50
A_DAY = 500


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation as its sender sees it; `accepted_at` is none until the person joined."""

    id: int
    email: str
    created_at: datetime
    accepted_at: datetime | None


def invite(session: Session, actor: Actor, text: str, now: datetime, limits: Limits) -> int:
    """Invite the addresses in a text, one in each line or with commas between; twice is once. Returns how many.

    The answer is the same for addresses of members: those get no message, and their sender is not told.
    Raises Invalid and names the lines that are no address; TooMany.
    """
    found = _addresses(text)
    for _ in found:
        throttles.take(session, throttles.key("invite", str(actor.member_id)), A_DAY, DAY, now)
    for email in found:
        throttles.take(session, throttles.key("mail-invitation", email), limits.mail, HOUR, now)
        row = Invitation(email=email, invited_by_id=actor.member_id, created_at=now)
        session.add(row)
        session.flush()
        values = {"inviter_id": actor.member_id}
        mailbox.put(session, "invitation", email, values, now, language=actor.language)
        history.record(session, actor.member_id, "invite_person", "invitation", row.id, now)
    return len(found)


def _addresses(text: str) -> list[str]:
    lines = [part.strip() for line in text.splitlines() for part in line.replace(";", ",").split(",") if part.strip()]
    found, wrong = {}, []
    for line in lines:
        try:
            found[addresses.cleaned(line)] = True
        except Invalid:
            wrong.append(line[:60])
    if wrong:
        sentence = "This is not an e-mail address: %(line)s"
        raise Invalid(sentence, {"addresses": sentence}, line=wrong[0])
    if not found or len(found) > AT_ONCE:
        sentence = "Enter between 1 and 50 addresses."
        raise Invalid(sentence, {"addresses": sentence})
    return list(found)


def sent_by(session: Session, actor: Actor, before_id: int | None = None, limit: int = 50) -> list[Sent]:
    """The actor's invitations, newest first; one row more than `limit` when there are more."""
    chosen = select(Invitation.id, Invitation.email, Invitation.created_at, Invitation.accepted_at).where(
        Invitation.invited_by_id == actor.member_id
    )
    if before_id is not None:
        chosen = chosen.where(Invitation.id < before_id)
    rows = session.execute(chosen.order_by(Invitation.id.desc()).limit(limit + 1))
    return [Sent(row.id, row.email, row.created_at, row.accepted_at) for row in rows]


def is_invited(session: Session, email: str) -> bool:
    """Whether somebody with this address may join where joining is by invitation."""
    invited = exists().where(Invitation.email == email)
    entered = exists().where(Member.email == email, Member.standing.in_(("invited", "unverified", "left")))
    return bool(session.scalar(select(invited | entered)))


def count_entered(session: Session) -> int:
    """How many people staff entered who have neither joined nor been asked to."""
    return session.scalar(select(func.count()).select_from(Member).where(*_NOT_ASKED)) or 0


_NOT_ASKED = (
    Member.standing == "invited",
    Member.email.is_not(None),
    ~exists().where(Mail.kind == "invitation", Mail.address == Member.email),
)


def invite_entered(session: Session, actor: Actor, now: datetime) -> int:
    """Ask everybody whom staff entered and who has not been asked yet. Returns how many."""
    rows = session.execute(
        select(Member.id, Member.email, Member.language).where(*_NOT_ASKED).order_by(Member.id)
    ).all()
    for row in rows:
        mailbox.put(session, "invitation", row.email, {"inviter_id": None}, now, language=row.language)
    history.record(session, actor.member_id, "invite_entered", "member", None, now, {"people": len(rows)})
    return len(rows)
