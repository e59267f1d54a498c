"""Links that stop a kind of mail, without signing in.

They are signed, not stored: they work for as long as the message lies in a mailbox, and can do nothing but stop mail.
"""

from __future__ import annotations

from datetime import datetime

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from haln.connect import coffee_opting
from haln.errors import NotFound
from haln.people import accounts, digest_choices

INTRODUCTIONS = "introductions_and_sets"
EVENTS = "events"
COFFEE = "coffee"
PATHWAYS = "pathways"
RESOURCES = "resources"
BACKED = "topics"
PROPOSALS = "proposals"
DIGEST = "digest"
NEWS = "news"
EARLIER = "introductions"
"""What links of earlier messages say, which stopped three kinds at once: each still keeps what it promised."""

KINDS_OF_MAIL: dict[str, tuple[str, ...]] = {
    INTRODUCTIONS: ("introductions",),
    EVENTS: ("events",),
    PATHWAYS: ("pathways",),
    RESOURCES: ("resources",),
    BACKED: ("topics",),
    PROPOSALS: ("proposals",),
    EARLIER: ("introductions", "pathways", "resources"),
}
"""What a topic stops, as `haln.people.accounts.set_mail` names it."""

TOPICS = frozenset({*KINDS_OF_MAIL, COFFEE, DIGEST, NEWS})


def token(secret: str, member_public_id: str, topic: str) -> str:
    """The token with which a member stops a topic."""
    signed: bytes | str = _signer(secret).dumps([member_public_id, topic])
    return signed.decode("ascii") if isinstance(signed, bytes) else signed


def read(secret: str, token: str) -> tuple[str, str]:
    """The member's public id and the topic. Raises NotFound for what we did not sign."""
    try:
        member_public_id, topic = _signer(secret).loads(token)
    except (BadSignature, ValueError, TypeError) as error:
        raise _unknown() from error
    if topic not in TOPICS:
        raise _unknown()
    return str(member_public_id), topic


def stop(session: Session, secret: str, token: str, now: datetime) -> str:
    """Stop what the token says, however often it is asked. Returns the topic; raises NotFound."""
    member_public_id, topic = read(secret, token)
    if topic == COFFEE:
        coffee_opting.stop(session, member_public_id, now)
    elif topic == DIGEST:
        digest_choices.stop(session, member_public_id, now)
    elif topic == NEWS:
        accounts.set_news(session, member_public_id, wanted=False, now=now)
    else:
        accounts.set_mail(session, member_public_id, **dict.fromkeys(KINDS_OF_MAIL[topic], False))
    return topic


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="haln.post.unsubscribing")


def _unknown() -> NotFound:
    return NotFound("This link is not complete. Copy all of it from the message.")
