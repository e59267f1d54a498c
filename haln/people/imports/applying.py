"""Keep a file between its preview and its application, and apply the plan in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor, Permission, require
from haln.errors import Conflict, NotFound
from haln.models import ImportFile, Member, MemberTheme
from haln.people import changes
from haln.people.imports.columns import column_map
from haln.people.imports.planning import Outcome, Plan, PlannedRow, plan
from haln.people.imports.tables import Table, read
from haln.people.tokens import public_id
from haln.taxonomy.vocabulary import Vocabulary

KEPT = timedelta(days=1)
"""How long a file that was not applied is kept."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A file that was read, and what it would do."""

    public_id: str
    name: str
    agreed: bool
    applied_at: datetime | None
    table: Table
    plan: Plan


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did."""

    created: int
    updated: int
    unchanged: int
    refused: int
    invited: tuple[int, ...]
    """Ids of the new members who have not agreed yet and are to be invited."""


def keep(session: Session, actor: Actor, name: str, content: bytes, agreed: bool, now: datetime) -> str:
    """Keep a readable file for its preview; returns its public id. Old ones are thrown away.

    `agreed`: the people in the file have agreed to be listed; otherwise they are invited first. Reading a large file
    takes seconds: nothing is asked of the database before that is done.
    Raises Invalid or TooLarge as `tables.read` and `columns.column_map` do.
    """
    require(actor, Permission.IMPORT_MEMBERS)
    column_map(read_members(content, name))
    session.execute(delete(ImportFile).where(ImportFile.brought_at < now - KEPT))
    kept = ImportFile(
        public_id=public_id(),
        name=name[:200] or "file",
        content=content,
        agreed=agreed,
        brought_by_id=actor.member_id,
        brought_at=now,
    )
    session.add(kept)
    return kept.public_id


def forget_old(session: Session, now: datetime) -> None:
    """Throw files away that were brought more than a day ago, of all kinds, also what was never applied."""
    session.execute(
        delete(ImportFile).where(ImportFile.brought_at <= now - KEPT), execution_options={"synchronize_session": False}
    )


def preview(session: Session, actor: Actor, file_id: str, vocabulary: Vocabulary, now: datetime) -> Preview:
    """Read a kept file and say what it would do now. Raises NotFound once it is thrown away or applied."""
    require(actor, Permission.IMPORT_MEMBERS)
    kept = session.scalar(
        select(ImportFile).where(
            ImportFile.public_id == file_id, ImportFile.cohort_id.is_(None), ImportFile.event_id.is_(None)
        )
    )
    if kept is None or kept.applied_at is not None or kept.brought_at <= now - KEPT:
        raise NotFound("That file is no longer kept: it was applied, or is more than a day old.")
    table = read_members(kept.content, kept.name)
    made = plan(session, table, vocabulary, now.astimezone(UTC).date())
    return Preview(kept.public_id, kept.name, kept.agreed, kept.applied_at, table, made)


def read_members(content: bytes, name: str) -> Table:
    """Read a members' file."""
    return read(content, name, ("email", "email_address", "mail", "address", "name"))


def apply_kept(session: Session, actor: Actor, file_id: str, vocabulary: Vocabulary, now: datetime) -> Report:
    """Apply a kept file, once. Raises Conflict when somebody else was quicker."""
    shown = preview(session, actor, file_id, vocabulary, now)
    changes.hold(session)  # before the file: who is erased holds it, and deletes files that wait then
    taken = session.execute(
        update(ImportFile)
        .where(ImportFile.public_id == file_id, ImportFile.applied_at.is_(None))
        .values(applied_at=now, content=b"")
        .returning(ImportFile.id)
    ).first()
    if taken is None:
        raise Conflict("That file has just been applied.")
    return apply(session, actor.member_id, shown.plan, shown.agreed, now)


def apply(session: Session, actor_id: int | None, made: Plan, agreed: bool, now: datetime) -> Report:
    """Do what the plan says. The caller commits: all of it or nothing."""
    changes.hold(session)
    touched = []
    invited = []
    new = [(row, _new_member(row, agreed, now)) for row in made.of(Outcome.CREATE)]
    session.add_all(member for _, member in new)
    session.flush()
    for row, member in new:
        touched.append(member.id)
        _add_themes(session, member.id, row)
        if not agreed:
            invited.append(member.id)
    for row in made.of(Outcome.UPDATE):
        assert row.member_id is not None
        touched.append(row.member_id)
        values = dict(row.values)
        if "name" in values:
            values["sort_name"] = sort_name(str(values["name"]))
        if values:
            session.execute(update(Member).where(Member.id == row.member_id).values(**values))
        _add_themes(session, row.member_id, row)
    session.flush()
    report = Report(
        created=len(new),
        updated=made.count(Outcome.UPDATE),
        unchanged=made.count(Outcome.UNCHANGED),
        refused=made.count(Outcome.REFUSED),
        invited=tuple(invited),
    )
    for start in range(0, len(touched), 500):
        changes.touch(session, touched[start : start + 500], now)
    history.record(
        session,
        actor_id,
        "import_members",
        "import",
        None,
        now,
        {"created": report.created, "updated": report.updated, "refused": report.refused, "agreed": agreed},
    )
    return report


def sort_name(name: str) -> str:
    """Family name first, casefolded: how lists are ordered."""
    words = name.split()
    return " ".join([words[-1], *words[:-1]]).casefold()[:160] if words else ""


def _new_member(row: PlannedRow, agreed: bool, now: datetime) -> Member:
    entry = row.entry
    joined = datetime.combine(entry.joined, time(12), tzinfo=UTC) if entry.joined else now
    return Member(
        public_id=public_id(),
        email=entry.email,
        standing="active" if agreed else "invited",
        sort_name=sort_name(entry.name),
        joined_at=min(joined, now),
        onboarding_step=1,
        **row.values,
    )


def _add_themes(session: Session, member_id: int, row: PlannedRow) -> None:
    for theme, flags in row.themes.items():
        held = session.get(MemberTheme, (member_id, theme)) if row.outcome is Outcome.UPDATE else None
        if held is None:
            session.add(MemberTheme(member_id=member_id, theme=theme, **dict.fromkeys(sorted(flags), True)))
        else:
            for flag in flags:
                setattr(held, flag, True)
