"""Issues as staff write them: a subject, whom it is for, and blocks. A draft can be changed; what is sent is frozen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session, load_only

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.models import Newsletter
from haln.people import mailbox, throttles
from haln.people.throttles import HOUR
from haln.people.tokens import public_id
from haln.post.newsletters import audience, blocks, contents
from haln.post.newsletters.audience import Segment
from haln.post.newsletters.blocks import Block, Typed
from haln.post.newsletters.letters import TEST
from haln.taxonomy.vocabulary import Vocabulary

DRAFT, SCHEDULED, SENDING, SENT, STOPPED, REMOVED = "draft", "scheduled", "sending", "sent", "stopped", "removed"
SUBJECT = 160
PAGE = 20
TESTS = 20
"""Test letters that one member of staff may send in an hour."""

_NOT_THERE = "There is no such issue of the newsletter."


def listed(session: Session, *, begun: bool, before: datetime | None = None) -> list[Newsletter]:
    """Issues that are still to leave, the newest change first; or those that have, at most one more than a page."""
    heads = (Newsletter.public_id, Newsletter.subject, Newsletter.state, Newsletter.changed_at, Newsletter.send_at)
    chosen = select(Newsletter).options(load_only(*heads, Newsletter.began_at, Newsletter.ended_at))
    if not begun:
        waiting = chosen.where(Newsletter.state.in_((DRAFT, SCHEDULED)))
        return list(session.scalars(waiting.order_by(Newsletter.changed_at.desc(), Newsletter.id.desc()).limit(100)))
    left = chosen.where(Newsletter.state.in_((SENDING, SENT, STOPPED)))
    if before is not None:
        left = left.where(Newsletter.began_at < before)
    return list(session.scalars(left.order_by(Newsletter.began_at.desc(), Newsletter.id.desc()).limit(PAGE + 1)))


def one(session: Session, key: str, *, lock: bool = False) -> Newsletter:
    """One issue; with `lock` nobody else acts on it meanwhile. Raises NotFound."""
    chosen = select(Newsletter).where(Newsletter.public_id == key)
    if lock:
        chosen = chosen.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(chosen)
    if row is None:
        raise NotFound(_NOT_THERE)
    return row


def stand(row: Newsletter) -> str:
    """What all of an issue is now, as a short mark: another one when a word, the order or whom it is for changes."""
    said = [row.version, row.subject, audience.of(row).codes, row.blocks]
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def start(session: Session, actor: Actor, subject: str, now: datetime) -> str:
    """Begin an issue. Returns its public id. Raises Invalid."""
    row = Newsletter(
        public_id=public_id(),
        subject=_subject(subject),
        written_by_id=actor.member_id,
        state=DRAFT,
        version=1,
        made_at=now,
        changed_at=now,
    )
    row.blocks, row.sectors, row.regions, row.themes, row.languages = [], [], [], [], []
    session.add(row)
    session.flush()
    history.record(session, actor.member_id, "begin_newsletter", "newsletter", row.id, now)
    return row.public_id


def _subject(typed: str) -> str:
    subject = " ".join(typed.split())
    if not subject or len(subject) > SUBJECT:
        sentence = "Enter a subject, of at most 160 characters."
        raise Invalid(sentence, {"subject": sentence})
    return subject


def set_head(
    session: Session,
    actor: Actor,
    key: str,
    subject: str,
    segment: Segment,
    seen: int,
    vocabulary: Vocabulary,
    languages: Iterable[str],
    now: datetime,
) -> None:
    """Word the subject anew, and say whom it is for. `seen`: the version that was opened.

    Raises Invalid, NotFound, Conflict.
    """
    row = _draft(session, key)
    kept, chosen = _subject(subject), audience.checked(segment, vocabulary, languages)
    if row.version != seen:
        raise Conflict("Somebody else has changed this since you opened it. Save again to replace what they wrote.")
    row.subject, row.version, row.changed_at = kept, seen + 1, now
    for facet in audience.FACETS:
        setattr(row, facet, list(getattr(chosen, facet)))
    _record(session, actor, row, "write_newsletter", now)


def write_block(
    session: Session, actor: Actor, key: str, block: str | None, kind: str, typed: Typed, seen: int, now: datetime
) -> None:
    """Write a block at the end, or word one anew. `seen`: its version when it was opened.

    Raises Invalid, NotFound, Conflict.
    """
    row = _draft(session, key)
    old = blocks.found(row.blocks, block) if block is not None else None
    kind = old["kind"] if old is not None else kind
    if kind not in blocks.KINDS:
        raise NotFound("There is no such kind of block.")
    allowed = {one.key: one.title for one in contents.choices(session, kind, now)}
    if old is not None and "about" in old:
        allowed.setdefault(old["about"], "")  # what it points to already may be over by now
    kept = blocks.checked(kind, typed, allowed)
    row.blocks = blocks.added(row.blocks, kept) if block is None else blocks.changed(row.blocks, block, kept, seen)
    row.changed_at = now
    _record(session, actor, row, "write_newsletter", now)


def move_block(session: Session, actor: Actor, key: str, block: str, *, up: bool, now: datetime) -> None:
    """Put a block a place earlier or later. Raises NotFound, Conflict."""
    _rearrange(session, actor, key, lambda before: blocks.moved(before, block, up=up), now)


def remove_block(session: Session, actor: Actor, key: str, block: str, *, removed: bool, now: datetime) -> None:
    """Take a block out, or put it back. Raises NotFound, Conflict."""
    _rearrange(session, actor, key, lambda before: blocks.marked(before, block, removed=removed), now)


def _rearrange(
    session: Session, actor: Actor, key: str, change: Callable[[list[Block]], list[Block]], now: datetime
) -> None:
    row = _draft(session, key)
    row.blocks, row.changed_at = change(row.blocks), now
    _record(session, actor, row, "write_newsletter", now)


def remove(session: Session, actor: Actor, key: str, *, removed: bool, now: datetime) -> None:
    """Take a draft away, or bring it back. Raises NotFound, Conflict."""
    row = one(session, key, lock=True)
    if row.state != (DRAFT if removed else REMOVED):
        raise Conflict("Only a draft can be taken away.")
    row.state, row.changed_at = REMOVED if removed else DRAFT, now
    _record(session, actor, row, "remove_newsletter" if removed else "bring_back_newsletter", now)


def _draft(session: Session, key: str) -> Newsletter:
    """An issue that may be changed, held until the end. Raises NotFound, Conflict."""
    row = one(session, key, lock=True)
    if row.state == SCHEDULED:
        raise Conflict("This issue waits for its hour. Take it back first, then change it.")
    if row.state != DRAFT:
        raise Conflict("This issue is no draft any more: nothing of it can be changed.")
    return row


def _record(session: Session, actor: Actor, row: Newsletter, act: str, now: datetime) -> None:
    session.flush()
    history.record(session, actor.member_id, act, "newsletter", row.id, now)


def send_test(session: Session, actor: Actor, key: str, now: datetime) -> None:
    """Send an issue as it is now to who asks for it, and to nobody else. Raises NotFound, Conflict, TooMany."""
    row = one(session, key)
    if not blocks.live(row.blocks):
        raise Conflict("Write a block first: there is nothing to send.")
    throttles.take(session, throttles.key("newsletter-test", str(actor.member_id)), TESTS, HOUR, now)
    mailbox.put_to_member(session, TEST, actor.member_id, {"newsletter_id": row.id}, now)
