"""Merge one organisation into another: first what would move, then the move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor, Permission, require
from haln.errors import Conflict, Invalid
from haln.models import Connection, Member, Organisation, OrganisationName
from haln.people import changes
from haln.people.organisations import CHOOSABLE, members_of, note_change, stored


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two organisations."""

    id: int
    name: str
    sector: str
    standing: str
    source: str | None
    members: int


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would move from `drop` to `keep`.

    `names` become other names of `keep`. `ties` are the open connections of the members who move; those of them that
    join a member of each are `between`, and come to lie within one organisation.
    """

    keep: Party
    drop: Party
    names: tuple[str, ...]
    ties: int
    between: int


def merge_preview(session: Session, actor: Actor, keep_id: int, drop_id: int) -> MergePreview:
    """What would move. Nothing is written. Raises as `merge` does."""
    require(actor, Permission.MANAGE_ORGANISATIONS)
    keep, drop = _pair(session, keep_id, drop_id)
    moving = select(Member.id).where(Member.organisation_id == drop_id).scalar_subquery()
    staying = select(Member.id).where(Member.organisation_id == keep_id).scalar_subquery()
    from_low, from_high = Connection.low_id.in_(moving), Connection.high_id.in_(moving)
    open_ties = select(func.count(Connection.id)).where(Connection.until.is_(None))
    across = or_(and_(from_low, Connection.high_id.in_(staying)), and_(from_high, Connection.low_id.in_(staying)))
    return MergePreview(
        keep=_party(session, keep),
        drop=_party(session, drop),
        names=tuple(name for name, _ in _names_that_move(session, keep, drop)),
        ties=session.scalar(open_ties.where(or_(from_low, from_high))) or 0,
        between=session.scalar(open_ties.where(across)) or 0,
    )


def merge(session: Session, actor: Actor, keep_id: int, drop_id: int, now: datetime) -> int:
    """Move members and names of `drop_id` to `keep_id`, and mark it merged. Returns how many members moved.

    Raises NotFound; Invalid for merging one with itself; Conflict when one of them is merged or `keep_id` has ended.
    """
    require(actor, Permission.MANAGE_ORGANISATIONS)
    keep, drop = _pair(session, keep_id, drop_id)
    moving = members_of(session, drop.id)
    names = _names_that_move(session, keep, drop)
    changes.hold(session)
    session.execute(update(Member).where(Member.organisation_id == drop.id).values(organisation_id=keep.id))
    for name in session.scalars(select(OrganisationName).where(OrganisationName.organisation_id == drop.id)):
        session.delete(name)
    session.add_all(OrganisationName(organisation_id=keep.id, name=name, kind=kind) for name, kind in names)
    earlier = Organisation.merged_into_id == drop.id
    session.execute(update(Organisation).where(earlier).values(merged_into_id=keep.id))
    drop.standing, drop.merged_into_id = "merged", keep.id
    note_change(keep, now)
    note_change(drop, now)
    if moving:
        changes.touch(session, moving, now)
    detail: history.Detail = {"merged": drop.id, "members": len(moving), "names": len(names)}
    history.record(session, actor.member_id, "merge_organisations", "organisation", keep.id, now, detail)
    session.flush()
    return len(moving)


def _pair(session: Session, keep_id: int, drop_id: int) -> tuple[Organisation, Organisation]:
    keep, drop = stored(session, keep_id), stored(session, drop_id)
    if keep.id == drop.id:
        raise Invalid("Choose another organisation: this is the same one.")
    if drop.standing == "merged":
        raise Conflict("“%(name)s” is merged already.", name=drop.name)
    if keep.standing not in CHOOSABLE:
        raise Conflict("“%(name)s” has ended: nobody can be moved to it.", name=keep.name)
    return keep, drop


def _party(session: Session, organisation: Organisation) -> Party:
    members = select(func.count(Member.id)).where(Member.organisation_id == organisation.id)
    return Party(
        organisation.id,
        organisation.name,
        organisation.sector,
        organisation.standing,
        organisation.source,
        session.scalar(members) or 0,
    )


def _names_that_move(session: Session, keep: Organisation, drop: Organisation) -> list[tuple[str, str]]:
    """Names with their kinds, without those that the other has in some spelling of capitals."""
    names = select(OrganisationName.organisation_id, OrganisationName.name, OrganisationName.kind)
    rows = session.execute(
        names.where(OrganisationName.organisation_id.in_((keep.id, drop.id))).order_by(OrganisationName.id)
    ).all()
    held = {keep.name.casefold(), *(row.name.casefold() for row in rows if row.organisation_id == keep.id)}
    moving = []
    for name, kind in [(drop.name, "merged"), *((r.name, "merged") for r in rows if r.organisation_id == drop.id)]:
        if name.casefold() not in held:
            held.add(name.casefold())
            moving.append((name, kind))
    return moving
