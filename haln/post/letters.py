"""Letters: what a row of the outbox says, decided and worded at the moment it is sent.

Until then the row holds only what the message is about. So nothing that works as a key lies in the database, a message
to somebody who has left, been erased or been blocked since is not sent, and names are the ones people have today.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from haln.people import links
from haln.people.links import Purpose
from haln.post import (
    account_letters,
    application_letters,
    audience_letters,
    coffee_letters,
    cohort_leader_letters,
    connection_letters,
    digest_letters,
    event_letters,
    introduction_letters,
    pathway_letters,
    proposal_letters,
    resource_letters,
    seat_letters,
    set_leader_letters,
    set_letters,
    set_parting_letters,
    set_request_letters,
    topic_letters,
    unsubscribing,
)
from haln.post.newsletters import letters as newsletter_letters
from haln.post.writing import HIDDEN, Desk, Draft, Letter, Order, Worded, Write, Writer

FAMILIES = (
    introduction_letters,
    connection_letters,
    resource_letters,
    seat_letters,
    application_letters,
    audience_letters,
    cohort_leader_letters,
    coffee_letters,
    digest_letters,
    set_letters,
    set_request_letters,
    set_leader_letters,
    set_parting_letters,
    event_letters,
    pathway_letters,
    topic_letters,
    newsletter_letters,
    proposal_letters,
)

KINDS: Mapping[str, Write] = {
    **account_letters.WRITERS,
    **{kind: family.write for family in FAMILIES for kind in family.KINDS},
}
"""Every kind of message and what writes it."""

SEALED = frozenset(
    {
        *coffee_letters.KINDS,
        *connection_letters.KINDS,
        *digest_letters.KINDS,
        *pathway_letters.KINDS,
        *topic_letters.KINDS,
        newsletter_letters.ISSUE,
    }
)
"""Kinds of letter that only their reader may know of: whom they meet, are to meet or are connected with no more, how
far they have come, what they back or, by the segment of an issue, what they may show to nobody.

Staff see that there are such letters and whether they arrive, and neither to whom they go nor what they say.
"""

BULK = frozenset({*digest_letters.KINDS, newsletter_letters.ISSUE})
"""Kinds that are written to many at once: who asked for a new password does not wait behind them."""

ALIKE = frozenset({newsletter_letters.ISSUE})
"""Kinds whose words are kept once, where they were written, and not with every letter."""


def write(session: Session, order: Order, desk: Desk, now: datetime) -> Letter | None:
    """Word a message; none when it must not be sent any more. Links in it are made now, and kept as hashes."""

    def mint(purpose: Purpose, email: str, member_id: int | None) -> str:
        return links.mint(session, purpose, email, member_id, now)

    return _letter(Writer(session, desk, now, mint), order)


def preview(session: Session, order: Order, desk: Desk, now: datetime) -> Worded | None:
    """Word a message as staff may read it, without making a link; none when it would not be sent."""
    letter = _letter(Writer(session, desk, now, lambda purpose, email, member_id: HIDDEN), order)
    return letter.masked() if letter else None


def has_left(session: Session, order: Order, now: datetime) -> None:
    """Note, where it is asked for longer than the outbox keeps it, that a message was sent."""
    if order.kind in digest_letters.KINDS and order.member_id is not None:
        digest_letters.has_left(session, order.values, order.member_id, now)


def _letter(writer: Writer, order: Order) -> Letter | None:
    draft = KINDS[order.kind](writer, order)
    if draft is None:
        return None
    url, secrets = "", draft.secrets
    if draft.topic:
        token = unsubscribing.token(writer.desk.secret, draft.member_public_id, draft.topic)
        url, secrets = writer.url(f"/unsubscribe/{token}"), (*secrets, token)
    values = {**draft.values, "unsubscribe_url": url, "public_url": writer.desk.public_url.rstrip("/")}
    words = (_alike if draft.alike else _apart)(writer, order, draft, values)
    return Letter(draft.address, words, url, secrets, draft.attachments, order.kind in SEALED)


def _apart(writer: Writer, order: Order, draft: Draft, values: Mapping[str, object]) -> Worded:
    return writer.desk.render(draft.template, order.language, values)


def _alike(writer: Writer, order: Order, draft: Draft, values: Mapping[str, object]) -> Worded:
    """Word what is the same for many once, and put the reader's own link to stop into it."""

    def worded() -> tuple[str, Worded]:
        place = writer.url(f"/unsubscribe/{secrets.token_hex(16)}")
        return place, _apart(writer, order, draft, {**values, "unsubscribe_url": place})

    place, common = writer.desk.shared.once(draft.alike, writer.now, worded)
    own = str(values["unsubscribe_url"])
    # What we put in are letters, digits, and - _ . alone: the same in text and in HTML.
    return Worded(common.subject, common.text.replace(place, own), common.html.replace(place, own))
