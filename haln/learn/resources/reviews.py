"""Staff review what members send: publish it, ask for changes in words, or decline it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from haln import history
from haln.access import Actor, Permission, require
from haln.errors import Conflict, Invalid, NotFound
from haln.learn.resources import authors, contents, publishing
from haln.learn.resources.authors import Author
from haln.learn.resources.contents import Content
from haln.learn.resources.drafts import CHANGES, DECLINED, REVIEW, SETTLED, WORDS, tell_authors
from haln.models import Member, Resource, ResourceStep, ResourceVersion
from haln.people.visibility import may_see

PUBLISH = "publish"
VERDICTS = (PUBLISH, CHANGES, DECLINED)
QUEUE = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A working copy that waits for staff, and who sent it first of all."""

    public_id: str
    kind: str
    title: str
    sent_at: datetime
    again: bool
    authors: tuple[Author, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What happened, when and by whom, as staff see it."""

    step: str
    words: str
    at: datetime
    by: Author


@dataclass(frozen=True, slots=True)
class Version:
    """A version that readers see, or saw. `changed`: the fields that differ from the version before."""

    number: int
    content: Content
    published_at: datetime
    by: Author | None
    changed: tuple[str, ...]
    shown: bool


@dataclass(frozen=True, slots=True)
class Review:
    """All that staff know of a resource. `changed`: what differs from the version that readers see."""

    public_id: str
    kind: str
    state: str
    version: int
    content: Content
    changed: tuple[str, ...]
    authors: tuple[authors.Asked, ...]
    steps: tuple[Step, ...]
    versions: tuple[Version, ...]


def waiting(session: Session, actor: Actor) -> list[Waiting]:
    """What waits for staff, the oldest first, at most `QUEUE`."""
    require(actor, Permission.REVIEW_RESOURCES)
    rows = session.scalars(
        select(Resource).where(Resource.state == REVIEW).order_by(Resource.sent_at, Resource.id).limit(QUEUE)
    ).all()
    written = authors.of(session, actor.member_id, [row.id for row in rows])
    return [
        Waiting(
            row.public_id,
            row.kind,
            row.draft["title"],
            row.sent_at or row.changed_at,
            row.published_at is not None,
            tuple(written.get(row.id, ())),
        )
        for row in rows
    ]


def one(session: Session, actor: Actor, resource: str) -> Review:
    """A resource that was sent at some time. Raises NotFound: drafts are their authors' alone."""
    require(actor, Permission.REVIEW_RESOURCES)
    row = session.scalars(select(Resource).where(Resource.public_id == resource)).first()
    if row is None or row.sent_at is None:
        raise NotFound("There is no such page, or it is not for you.")
    versions = _versions(session, actor, row)
    shown = next((version.content for version in versions if version.shown), None)
    # Between two sendings the working copy is its authors' alone: staff see what readers see, or nothing.
    held = row.state == REVIEW
    content = contents.read(row.draft) if held else shown or Content()
    return Review(
        row.public_id,
        row.kind,
        row.state,
        row.version,
        content,
        contents.changed(shown, content) if shown is not None else (),
        tuple(authors.asked(session, actor, row)),
        _steps(session, actor, row.id),
        versions,
    )


def _steps(session: Session, actor: Actor, resource_id: int) -> tuple[Step, ...]:
    rows = session.execute(
        select(
            ResourceStep.step,
            ResourceStep.words,
            ResourceStep.at,
            Member.id,
            Member.public_id,
            Member.name,
            Member.standing,
            may_see(actor.member_id).label("there"),
        )
        .join(Member, Member.id == ResourceStep.by_id)
        .where(ResourceStep.resource_id == resource_id)
        .order_by(ResourceStep.id.desc())
    )
    return tuple(Step(row.step, row.words, row.at, authors.seen_as(row)) for row in rows)


def _versions(session: Session, actor: Actor, row: Resource) -> tuple[Version, ...]:
    """All versions, the newest first."""
    by = aliased(Member)
    there = select(Member.id).where(Member.id == by.id, may_see(actor.member_id)).exists()
    rows = session.execute(
        select(ResourceVersion, by.id, by.public_id, by.name, by.standing, there.label("there"))
        .outerjoin(by, by.id == ResourceVersion.published_by_id)
        .where(ResourceVersion.resource_id == row.id)
        .order_by(ResourceVersion.number)
    ).all()
    found: list[Version] = []
    for one_row in rows:
        kept: ResourceVersion = one_row[0]
        content = contents.read(kept.content)
        found.append(
            Version(
                kept.number,
                content,
                kept.published_at,
                authors.seen_as(one_row) if kept.published_by_id else None,
                contents.changed(found[-1].content, content) if found else (),
                kept.number == row.shown,
            )
        )
    return tuple(reversed(found))


def decide(session: Session, actor: Actor, resource: str, verdict: str, words: str, seen: int, now: datetime) -> None:
    """Publish a working copy, ask for changes, or decline it. `seen` is the version that was read.

    Raises Invalid without the words that a no needs, NotFound, Conflict when it has moved on.
    """
    require(actor, Permission.REVIEW_RESOURCES)
    words = words.replace("\r\n", "\n").strip()
    faults = _faults(verdict, words)
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
    if verdict == PUBLISH:
        publishing.one_at_a_time(session)
    row = session.scalars(
        select(Resource)
        .where(Resource.public_id == resource, Resource.sent_at.is_not(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("There is no such page, or it is not for you.")
    if row.state != REVIEW:
        raise Conflict("It is no longer with staff: it was answered, or taken back.")
    if row.version != seen:
        raise Conflict("It was taken back, changed and sent again since you opened the page. Read it again.")
    number = None
    if verdict == PUBLISH:
        contents.ready(row.kind, contents.read(row.draft), now)
        number = publishing.show(session, row, contents.read(row.draft), actor.member_id, now)
    row.state = SETTLED if verdict == PUBLISH else verdict
    row.changed_at = now
    row.version += 1
    told = "published" if verdict == PUBLISH else verdict
    step = ResourceStep(resource_id=row.id, by_id=actor.member_id, step=told, words=words, at=now)
    session.add(step)
    session.flush()
    detail: history.Detail = {"verdict": told, "version": number}
    if authors.writes(session, row.id, actor.member_id):
        detail["own"] = True
    history.record(session, actor.member_id, "review_resource", "resource", row.id, now, detail)
    tell_authors(session, row, step, now)


def _faults(verdict: str, words: str) -> dict[str, str]:
    faults = {}
    if verdict not in VERDICTS:
        faults["verdict"] = "Choose what to answer."
    elif verdict != PUBLISH and not words:
        faults["words"] = "Say to the authors what to change, or why it does not fit."
    if len(words) > WORDS:
        faults["words"] = "Write at most 4,000 characters."
    return faults
