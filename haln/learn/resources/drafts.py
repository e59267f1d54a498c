"""Working copies: begun, saved, picked up again, sent for review, taken back, deleted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor, Permission
from haln.errors import Conflict, Invalid, NotFound, NotPermitted
from haln.learn.resources import authors, contents, publishing
from haln.learn.resources.contents import Content
from haln.models import Member, Resource, ResourceAuthor, ResourceStep, ResourceVersion
from haln.people import mailbox, notices, throttles
from haln.people.tokens import public_id
from haln.people.visibility import ACTIVE
from haln.taxonomy.vocabulary import Vocabulary

DRAFT, REVIEW, CHANGES, DECLINED, SETTLED = "draft", "review", "changes", "declined", "settled"
MOST_DRAFTS = 50
A_DAY = 20
TWICE = timedelta(minutes=5)
WORDS = 4_000
_CHANGED = "This has been changed since you opened the page. Look at what is saved, and put the two together."
_NOT_HERE = "There is no such page, or it is not for you."


@dataclass(frozen=True, slots=True)
class Own:
    """A resource that the actor takes part in, or is asked to; `answer`: what they said, or nothing so far."""

    public_id: str
    kind: str
    title: str
    state: str
    shown: bool
    changed_at: datetime
    answer: str


@dataclass(frozen=True, slots=True)
class Said:
    """What staff said last of a working copy, and when."""

    step: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Copy:
    """A working copy as its authors see it. `removable`: whether who looks may delete it."""

    row: Resource
    content: Content
    said: Said | None
    removable: bool


def start(session: Session, actor: Actor, kind: str, typed: Content, vocabulary: Vocabulary, now: datetime) -> str:
    """Begin a resource. Returns its public id. Raises Invalid, Conflict for somebody with very many, TooMany."""
    content = contents.tidy(kind, typed, vocabulary)
    held = select(Member.id).where(Member.id == actor.member_id).with_for_update(key_share=True)
    session.scalars(held).one()  # a double click; not the key: others write rows that point to them
    same = session.execute(
        select(Resource.public_id, Resource.draft).where(
            Resource.written_by_id == actor.member_id,
            Resource.kind == kind,
            Resource.version == 1,
            Resource.state == DRAFT,
            Resource.created_at > now - TWICE,
        )
    ).all()
    twice = [one for one, draft in same if contents.read(draft) == content]
    if twice:
        return str(twice[0])
    open_ones = select(func.count(Resource.id)).where(
        Resource.written_by_id == actor.member_id, Resource.published_at.is_(None)
    )
    if (session.scalar(open_ones) or 0) >= MOST_DRAFTS:
        raise Conflict("You have 50 drafts. Delete one, or finish one, first.")
    throttles.take(session, throttles.key("resources-of", str(actor.member_id)), A_DAY, throttles.DAY, now)
    row = Resource(
        public_id=public_id(),
        kind=kind,
        written_by_id=actor.member_id,
        draft=content.document(),
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    session.add(
        ResourceAuthor(resource_id=row.id, member_id=actor.member_id, answer=authors.YES, asked_at=now, answered_at=now)
    )
    session.flush()
    history.record(session, actor.member_id, "begin_resource", "resource", row.id, now, {"kind": kind})
    return row.public_id


def own(session: Session, actor: Actor, resource: str, *, lock: bool = False) -> Resource:
    """A resource that the actor takes part in. Raises NotFound."""
    statement = select(Resource).where(Resource.public_id == resource, authors.takes_part(actor.member_id))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = session.scalars(statement).first()
    if row is None:
        raise NotFound(_NOT_HERE)
    return row


def asked_or_own(session: Session, actor: Actor, resource: str) -> Resource:
    """A resource that the actor takes part in, or is asked to: they read the words before they answer."""
    row = session.scalars(
        select(Resource)
        .join(ResourceAuthor, ResourceAuthor.resource_id == Resource.id)
        .where(
            Resource.public_id == resource,
            ResourceAuthor.member_id == actor.member_id,
            or_(authors.asks(actor.member_id), ResourceAuthor.answer == authors.YES),
        )
    ).first()
    if row is None:
        raise NotFound(_NOT_HERE)
    return row


def copy(session: Session, actor: Actor, resource: str) -> Copy:
    """A working copy that the actor takes part in, with what staff said last. Raises NotFound."""
    row = own(session, actor, resource)
    return Copy(row, contents.read(row.draft), said(session, row.id), _may_remove(session, actor, row))


def said(session: Session, resource_id: int) -> Said | None:
    """What staff said last of a resource, if anything."""
    found = session.execute(
        select(ResourceStep.step, ResourceStep.words, ResourceStep.at)
        .where(
            ResourceStep.resource_id == resource_id,
            ResourceStep.step.in_(("changes", "declined", "published", "taken_down")),
        )
        .order_by(ResourceStep.id.desc())
        .limit(1)
    ).first()
    return None if found is None else Said(found.step, found.words, found.at)


def mine(session: Session, actor: Actor) -> list[Own]:
    """What the actor writes, or is asked to be an author of, the newest change first.

    Of what they are no author of they see what readers see: nothing, or its title.
    """
    rows = session.execute(
        select(
            Resource.public_id,
            Resource.kind,
            Resource.draft,
            Resource.state,
            Resource.shown,
            Resource.changed_at,
            ResourceAuthor.answer,
            ResourceVersion.content,
        )
        .join(ResourceAuthor, ResourceAuthor.resource_id == Resource.id)
        .outerjoin(
            ResourceVersion, (ResourceVersion.resource_id == Resource.id) & (ResourceVersion.number == Resource.shown)
        )
        .where(
            ResourceAuthor.member_id == actor.member_id,
            or_(
                authors.asks(actor.member_id),
                ResourceAuthor.answer == authors.YES,
                and_(ResourceAuthor.answer == authors.NO, Resource.shown.is_not(None)),
            ),
        )
        .order_by(Resource.changed_at.desc(), Resource.id.desc())
    )
    return [
        Own(
            row.public_id,
            row.kind,
            (row.content if row.answer == authors.NO else row.draft)["title"],
            row.state,
            row.shown is not None,
            row.changed_at,
            row.answer or "",
        )
        for row in rows
    ]


def save(
    session: Session, actor: Actor, resource: str, typed: Content, seen: int, vocabulary: Vocabulary, now: datetime
) -> Resource:
    """Save a working copy. `seen` is the version that was seen; the same words again change nothing.

    Raises Invalid, NotFound, Conflict when it was changed since, or while staff read it.
    """
    row = own(session, actor, resource, lock=True)
    content = replace(contents.tidy(row.kind, typed, vocabulary), lead=row.draft.get("lead", ""))
    if row.state == REVIEW:
        raise Conflict("Staff are reading it. Take it back first, then change it.")
    if content == contents.read(row.draft):
        return row
    if row.version != seen:
        raise Conflict(_CHANGED)
    row.draft = content.document()
    row.state = row.state if row.state in (CHANGES, DECLINED) else DRAFT
    row.changed_at = now
    row.version += 1
    session.flush()
    history.record(session, actor.member_id, "change_resource", "resource", row.id, now, {"version": row.version})
    return row


def send(session: Session, actor: Actor, resource: str, now: datetime) -> None:
    """Send a working copy for review. Raises Invalid where something is missing, Conflict, NotFound, TooMany."""
    row = own(session, actor, resource, lock=True)
    if row.state == REVIEW:
        raise Conflict("It is with staff already.")
    if row.state == SETTLED and row.shown is not None:
        raise Conflict("Nothing has changed since it was published.")
    contents.ready(row.kind, contents.read(row.draft), now)
    throttles.take(session, throttles.key("resources-sent-by", str(actor.member_id)), A_DAY, throttles.DAY, now)
    row.state, row.sent_at = REVIEW, now
    row.version += 1
    session.add(ResourceStep(resource_id=row.id, by_id=actor.member_id, step="sent", at=now))
    session.flush()
    history.record(session, actor.member_id, "send_resource", "resource", row.id, now, {"version": row.version})
    values = {"resource_id": row.id, "inviter_id": actor.member_id}
    reviewers = session.execute(
        select(Member.id, Member.resource_mail).where(
            Member.audience == "staff", Member.standing == ACTIVE, Member.id != actor.member_id
        )
    ).all()
    told = {one.id: {**values, "version": row.version} for one in reviewers}
    wanted = {one.id: told[one.id] for one in reviewers if one.resource_mail}
    keys = {one: f"resource_sent:{row.id}:{row.version}:{one}" for one in wanted}
    mailbox.put_to_members(session, "resource_sent", wanted, now, dedupe_keys=keys)
    notices.put(session, "resource_sent", {one: told[one] for one in told if one not in wanted}, now)


def take_back(session: Session, actor: Actor, resource: str, now: datetime) -> None:
    """Take a working copy back from staff. Raises Conflict where they have answered, NotFound."""
    row = own(session, actor, resource, lock=True)
    if row.state != REVIEW:
        raise Conflict("Staff have answered it already.")
    row.state = DRAFT
    row.version += 1
    session.add(ResourceStep(resource_id=row.id, by_id=actor.member_id, step="taken_back", at=now))
    session.flush()
    history.record(session, actor.member_id, "take_resource_back", "resource", row.id, now)


def remove(session: Session, actor: Actor, resource: str, now: datetime) -> None:
    """Delete what was never published; it is gone for good, and the other authors are told.

    Raises Conflict for what was published, and where others write it and somebody else began it; NotFound.
    """
    row = own(session, actor, resource, lock=True)
    if row.published_at is not None:
        raise Conflict("It was published: it can be taken down, and its versions are kept.")
    if not _may_remove(session, actor, row):
        raise Conflict("Others write it, too: only who began it can delete it. You can take your name away.")
    # The letter cannot read the title when it leaves: it is gone by then.
    values = {"resource_id": row.id, "step": "deleted", "title": row.draft["title"]}
    people = [one for one in authors.told(session, row.id) if one != actor.member_id]
    mailbox.put_to_members(
        session,
        "resource_answered",
        dict.fromkeys(people, values),
        now,
        dedupe_keys={one: f"resource_deleted:{row.public_id}:{one}" for one in people},
    )
    history.record(session, actor.member_id, "delete_resource", "resource", row.id, now)
    session.delete(row)
    session.flush()


def _may_remove(session: Session, actor: Actor, row: Resource) -> bool:
    """Whether this author may delete it: who began it, or whoever writes it alone."""
    if row.published_at is not None:
        return False
    return row.written_by_id == actor.member_id or set(authors.told(session, row.id)) <= {actor.member_id}


def take_down(session: Session, actor: Actor, resource: str, words: str, now: datetime) -> None:
    """Let readers see it no more: an author, or staff, who always say why; the authors are told.

    Raises Conflict, Invalid, NotFound.
    """
    staff = actor.may(Permission.REVIEW_RESOURCES)
    publishing.one_at_a_time(session)
    row = session.scalars(
        select(Resource)
        .where(Resource.public_id == resource, Resource.shown.is_not(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound(_NOT_HERE)
    if not (staff or authors.writes(session, row.id, actor.member_id)):
        raise NotPermitted("Only its authors and staff can take it down.")
    words = words.replace("\r\n", "\n").strip()
    if staff and not words:
        sentence = "Tell the authors why."
        raise Invalid(sentence, {"words": sentence})
    if len(words) > WORDS:
        sentence = "Write at most 4,000 characters."
        raise Invalid(sentence, {"words": sentence})
    publishing.hide(session, row)
    row.state = DRAFT if row.state in (SETTLED, REVIEW) else row.state
    row.version += 1
    row.changed_at = now
    step = ResourceStep(resource_id=row.id, by_id=actor.member_id, step="taken_down", words=words, at=now)
    session.add(step)
    session.flush()
    history.record(session, actor.member_id, "take_resource_down", "resource", row.id, now)
    tell_authors(session, row, step, now, but=actor.member_id)


def tell_authors(session: Session, row: Resource, step: ResourceStep, now: datetime, *, but: int | None = None) -> None:
    """Write to the authors what was decided; the letter reads the words when it leaves. `but`: who need not be told."""
    people = [one for one in authors.told(session, row.id) if one != but]
    mailbox.put_to_members(
        session,
        "resource_answered",
        {one: {"resource_id": row.id, "step_id": step.id} for one in people},
        now,
        dedupe_keys={one: f"resource_answered:{step.id}:{one}" for one in people},
    )
