"""Joining: an address, a link to it, and then a name and a password.

Whoever asks is told the same, whether or not there is an account: all that a request does is put one message into the
outbox. What it says is decided when it is sent (`haln.post.letters`). Nobody is a member before the link was used, so
nobody can prepare an account in another person's name.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from haln import history
from haln.errors import Invalid
from haln.models import Invitation, Member
from haln.people import addresses, changes, links, mailbox, names, passwords, stopped_mail, throttles
from haln.people.links import Purpose
from haln.people.throttles import Limits
from haln.people.tokens import public_id


def ask_to_join(session: Session, address: str, network: str, language: str, now: datetime, limits: Limits) -> None:
    """Send a link to join to this address. Raises Invalid, TooMany."""
    email = addresses.cleaned(address)
    throttles.take_for_mail(session, "verify", email, network, limits, now)
    mailbox.put(session, "verify", email, {}, now, language=language)


def look(session: Session, token: str, now: datetime) -> tuple[str, str]:
    """The address that a link to join was sent to, and the name we know for it ("" if none). Raises Gone."""
    link = links.look(session, Purpose.JOIN, token, now)
    row = session.execute(select(Member.name, Member.standing).where(Member.email == link.email)).first()
    if row is None:
        return link.email, ""
    if row.standing == "active":
        raise links.gone()
    return link.email, row.name


def join(
    session: Session, token: str, name: str, password: str, language: str, now: datetime, *, news: bool = False
) -> int:
    """Make the account that a link promised; `news`: they asked for the newsletter. Raises Gone, Invalid."""
    tidy = names.tidy(name)
    if not tidy or len(tidy) > 120:
        sentence = "Enter your name in 120 characters or fewer."
        raise Invalid(sentence, {"name": sentence})
    email = links.look(session, Purpose.JOIN, token, now).email
    passwords.check(password, (email, tidy))
    kept = passwords.hashed(password)  # takes its time: before anything is held
    changes.hold(session)
    links.use(session, Purpose.JOIN, token, now)
    member_id = _activated(session, email, tidy, kept, language, now)
    links.forget(session, email, member_id)
    stopped_mail.lift(session, email)
    session.execute(update(Member).where(Member.id == member_id).values(news_since=now if news else None))
    session.execute(
        update(Invitation)
        .where(Invitation.email == email, Invitation.accepted_at.is_(None))
        .values(accepted_at=now, member_id=member_id)
    )
    changes.touch(session, [member_id], now)
    history.record(session, member_id, "join_network", "member", member_id, now)
    return member_id


def _activated(session: Session, email: str, name: str, password_hash: str, language: str, now: datetime) -> int:
    """The member of this address: new, or entered by staff before, or back after leaving."""
    facts = {
        "name": name,
        "sort_name": names.sort_name(name),
        "password_hash": password_hash,
        "standing": "active",
        "verified_at": now,
        "active_at": now,
        "left_at": None,
        "language": language,
    }
    row = session.execute(
        select(Member.id, Member.standing).where(Member.email == email).with_for_update(key_share=True)
    ).first()
    if row is None:
        member = Member(
            public_id=public_id(), email=email, audience="member", joined_at=now, onboarding_step=1, **facts
        )
        try:
            with session.begin_nested():
                session.add(member)
                session.flush()
        except IntegrityError as error:  # a second link to the same address was used at the same moment
            raise links.gone() from error
        return member.id
    if row.standing == "active":
        raise links.gone()
    session.execute(update(Member).where(Member.id == row.id).values(onboarding_step=1, **facts))
    member_id: int = row.id
    return member_id
