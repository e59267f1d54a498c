"""Who can sign in to a demonstration, and with what."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Member

PASSWORD = "anchors learn together"  # noqa: S105  # published on purpose: it opens invented people's accounts only

_WHO = {
    "member": "Member",
    "connected": "Member",
    "newcomer": "New member",
    "facilitator": "Facilitator",
    "staff": "Staff",
}


@dataclass(frozen=True, slots=True)
class SignIn:
    """One address to sign in with, and whose it is."""

    who: str
    email: str
    name: str


def sign_ins(session: Session) -> list[SignIn]:
    """Return the invented people who have a password, one for each kind of member. None in another network."""
    rows = session.execute(
        select(Member.email, Member.name).where(Member.demonstration, Member.password_hash.is_not(None))
    )
    found = {email.partition("@")[0]: (email, name) for email, name in rows if email}
    return [SignIn(who, *found[mailbox]) for mailbox, who in _WHO.items() if mailbox in found]
