"""Who can sign in to a demonstration, and with what."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Member
from haln.people.demonstration.people import DOMAIN

PASSWORD = "anchors learn together"  # noqa: S105  # published on purpose: it opens invented people's accounts only

_WHO = (
    ("member", "Member"),
    ("newcomer", "New member"),
    ("facilitator", "Facilitator"),
    ("staff", "Staff"),
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """One address to sign in with, and whose it is."""

    who: str
    email: str
    name: str


def sign_ins(session: Session) -> list[SignIn]:
    """Return the addresses that have a password: one for each kind of member. None in another network."""
    emails = {f"{mailbox}@{DOMAIN}": who for mailbox, who in _WHO}
    rows = session.execute(
        select(Member.email, Member.name).where(
            Member.email.in_(emails), Member.password_hash.is_not(None), Member.demonstration
        )
    )
    names = {row.email: row.name for row in rows}
    return [SignIn(who, email, names[email]) for email, who in emails.items() if email in names]
