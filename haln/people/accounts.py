"""One's own account: password, address, language, mail, and a forgotten password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Invalid
from haln.models import Member
from haln.people import (
    addresses,
    api_keys,
    links,
    mailbox,
    passwords,
    sessions,
    signing_in,
    stopped_mail,
    throttles,
)
from haln.people.links import Purpose
from haln.people.throttles import HOUR, Limits


@dataclass(frozen=True, slots=True)
class Account:
    """What a member sees of their own account."""

    email: str
    language: str
    introduction_mail: bool
    event_mail: bool
    pathway_mail: bool
    resource_mail: bool
    topic_mail: bool
    proposal_mail: bool
    news_since: datetime | None


def own(session: Session, actor: Actor) -> Account:
    """The actor's account."""
    wants = (
        Member.introduction_mail,
        Member.event_mail,
        Member.pathway_mail,
        Member.resource_mail,
        Member.topic_mail,
        Member.proposal_mail,
        Member.news_since,
    )
    row = session.execute(select(Member.email, Member.language, *wants).where(Member.id == actor.member_id)).one()
    return Account(row[0] or "", *row[1:])


def ask_reset(session: Session, address: str, network: str, language: str, now: datetime, limits: Limits) -> None:
    """Send a link to choose a new password. Whether there is such an account shows only to the address.

    Raises Invalid, TooMany.
    """
    email = addresses.cleaned(address)
    throttles.take_for_mail(session, "reset", email, network, limits, now)
    mailbox.put(session, "reset", email, {}, now, language=language)


def look_reset(session: Session, token: str, now: datetime) -> str:
    """The address of the account that a link to reset is about. Raises Gone."""
    return links.look(session, Purpose.RESET, token, now).email


def reset_password(session: Session, token: str, password: str, now: datetime) -> int:
    """Set the password that the owner of a link chose; every session of theirs ends. Raises Gone, Invalid."""
    link = links.look(session, Purpose.RESET, token, now)
    passwords.check(password, (link.email,))
    member_id = links.use(session, Purpose.RESET, token, now).member_id
    stopped_mail.lift_bounce(session, link.email)
    assert member_id is not None, "links to reset are made for accounts"
    _set_password(session, member_id, password, now, keep=None)
    throttles.clear(session, throttles.key("sign-in", link.email))
    return member_id


def change_password(
    session: Session, actor: Actor, own_password: str, password: str, now: datetime, limits: Limits
) -> None:
    """Change the actor's password; their other sessions end. The caller renews this one's token.

    Raises Invalid, TooMany.
    """
    if not signing_in.check_own_password(session, actor.member_id, own_password, now, limits):
        raise _wrong_password()
    passwords.check(password, (own(session, actor).email, actor.name))
    _set_password(session, actor.member_id, password, now, keep=actor.session_id)


def _set_password(session: Session, member_id: int, password: str, now: datetime, keep: int | None) -> None:
    session.execute(update(Member).where(Member.id == member_id).values(password_hash=passwords.hashed(password)))
    sessions.end_all(session, member_id, now, keep=keep)
    api_keys.end_all(session, member_id, now)
    links.forget(session, None, member_id)
    mailbox.cancel_kind(session, "confirm_address", member_id)  # its link would be made when it leaves, after this
    mailbox.put_to_member(session, "password_changed", member_id, {}, now)
    history.record(session, member_id, "change_password", "member", member_id, now)


def ask_address_change(
    session: Session, actor: Actor, address: str, own_password: str, now: datetime, limits: Limits
) -> None:
    """Send a link to the new address; until it is used nothing changes.

    An address that belongs to somebody else is answered in the same words. Raises Invalid, TooMany.
    """
    if not signing_in.check_own_password(session, actor.member_id, own_password, now, limits):
        raise _wrong_password()
    email = addresses.cleaned(address)
    if email == own(session, actor).email:
        sentence = "This is your address already."
        raise Invalid(sentence, {"email": sentence})
    throttles.take(session, throttles.key("mail-change-of", str(actor.member_id)), limits.mail, HOUR, now)
    throttles.take(session, throttles.key("mail-change", email), limits.mail, HOUR, now)
    mailbox.put(session, "confirm_address", email, {}, now, member_id=actor.member_id, language=actor.language)


def look_address_change(session: Session, token: str, now: datetime) -> str:
    """The address that a link would make an account's. Raises Gone."""
    return links.look(session, Purpose.CHANGE, token, now).email


def change_address(session: Session, token: str, now: datetime) -> str:
    """Make the address that a link was sent to the account's. Every older link is dead. Returns the address.

    Raises Gone.
    """
    link = links.use(session, Purpose.CHANGE, token, now)
    stopped_mail.lift(session, link.email)
    row = session.execute(
        select(Member.email, Member.language, Member.standing).where(Member.id == link.member_id).with_for_update()
    ).one()
    taken = session.scalar(select(exists().where(Member.email == link.email, Member.id != link.member_id)))
    if row.standing != "active" or taken:
        raise links.gone()
    if row.email == link.email:  # it is theirs already: mail had stopped, and arrives again
        links.forget(session, link.email, link.member_id)
        history.record(session, link.member_id, "confirm_address", "member", link.member_id, now)
        return link.email
    try:
        with session.begin_nested():
            session.execute(update(Member).where(Member.id == link.member_id).values(email=link.email))
    except IntegrityError as error:  # somebody joined with it at the same moment
        raise links.gone() from error
    links.forget(session, link.email, link.member_id)
    links.forget(session, row.email)
    values = {"new_address": _hinted(link.email)}
    mailbox.put(session, "address_changed", row.email, values, now, member_id=link.member_id, language=row.language)
    history.record(session, link.member_id, "change_address", "member", link.member_id, now)
    return link.email


def _hinted(email: str) -> str:
    """Enough of an address for its owner to know it again, too little for another to write to it."""
    name, _, domain = email.partition("@")
    return f"{name[:1]}…@{domain}"


def set_language(session: Session, actor: Actor, language: str) -> None:
    """Set the language of the actor's pages and mail."""
    session.execute(update(Member).where(Member.id == actor.member_id).values(language=language))


def set_mail(
    session: Session,
    member_public_id: str,
    *,
    introductions: bool | None = None,
    events: bool | None = None,
    pathways: bool | None = None,
    resources: bool | None = None,
    topics: bool | None = None,
    proposals: bool | None = None,
) -> None:
    """Say which kinds of mail a member wants; none leaves a kind as it is."""
    wanted = {
        "introduction_mail": introductions,
        "event_mail": events,
        "pathway_mail": pathways,
        "resource_mail": resources,
        "topic_mail": topics,
        "proposal_mail": proposals,
    }
    values = {name: value for name, value in wanted.items() if value is not None}
    if values:
        session.execute(update(Member).where(Member.public_id == member_public_id).values(**values))


def set_news(session: Session, member_public_id: str, *, wanted: bool, now: datetime) -> None:
    """Say whether a member wants the newsletter by mail: nobody gets it who did not ask for it.

    Asked for twice, it counts from the first time: that is when they agreed.
    """
    since = func.coalesce(Member.news_since, now) if wanted else None
    ours = update(Member).where(Member.public_id == member_public_id).values(news_since=since)
    session.execute(ours, execution_options={"synchronize_session": "fetch"})


def confirm_address(session: Session, actor: Actor, now: datetime, limits: Limits) -> None:
    """Send a link to the actor's own address; who uses it shows that mail arrives there. Raises TooMany."""
    email = own(session, actor).email
    throttles.take(session, throttles.key("mail-change-of", str(actor.member_id)), limits.mail, HOUR, now)
    throttles.take(session, throttles.key("mail-change", email), limits.mail, HOUR, now)
    mailbox.put(session, "confirm_address", email, {}, now, member_id=actor.member_id, language=actor.language)


def _wrong_password() -> Invalid:
    sentence = "This is not your password."
    return Invalid(sentence, {"own_password": sentence})
