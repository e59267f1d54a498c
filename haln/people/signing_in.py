"""Signing in with address and password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.models import Member
from haln.people import addresses, passwords, throttles
from haln.people.sessions import ALIVE
from haln.people.throttles import QUARTER, Limits


def sign_in(session: Session, address: str, password: str, network: str, now: datetime, limits: Limits) -> int | None:
    """The member whose address and password these are, or none.

    Unknown addresses, wrong passwords, people who left or never accepted take the same time and the same count.
    Raises TooMany when the account or the network address was wrong too often, whether or not there is such an account.
    """
    folded = addresses.folded(address)
    of_network, of_account = throttles.key("sign-in-from", network), throttles.key("sign-in", folded)
    throttles.take(session, of_network, limits.sign_in_network, QUARTER, now)
    throttles.take(session, of_account, limits.sign_in, QUARTER, now)
    row = session.execute(
        select(Member.id, Member.password_hash).where(Member.email == folded, Member.standing.in_(ALIVE))
    ).first()
    if not passwords.fits(password, row.password_hash if row else None) or row is None:
        return None
    throttles.give_back(session, of_network)
    throttles.clear(session, of_account)
    changed: dict[str, object] = {"active_at": now}
    if passwords.is_outdated(row.password_hash):
        changed["password_hash"] = passwords.hashed(password)
    session.execute(update(Member).where(Member.id == row.id).values(**changed))
    member_id: int = row.id
    return member_id


def check_own_password(session: Session, member_id: int, password: str, now: datetime, limits: Limits) -> bool:
    """Whether this is the member's own password; counted like a sign-in. Raises TooMany."""
    row = session.execute(select(Member.email, Member.password_hash).where(Member.id == member_id)).one()
    of_account = throttles.key("sign-in", row.email or "")
    throttles.take(session, of_account, limits.sign_in, QUARTER, now)
    if not passwords.fits(password, row.password_hash):
        return False
    throttles.clear(session, of_account)
    return True
