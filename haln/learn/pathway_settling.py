"""Who has finished a module or a pathway is written down when it is so, and told to those who make suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.models import Member, PathwayDone, PathwayFinish, PathwayModule, PathwayProgress, PathwayStep
from haln.people import changes


def settle_for(session: Session, member_id: int, module_id: int, pathway_id: int, now: datetime) -> bool:
    """Write down whether a member, who is held, finished a module. Returns whether they did just now."""
    live = _live_steps(session, module_id)
    done = session.scalar(select(func.count()).where(PathwayDone.member_id == member_id, PathwayDone.step_id.in_(live)))
    before = session.get(PathwayFinish, (module_id, member_id))
    if before is not None or done != len(live):
        return False
    session.add(PathwayFinish(module_id=module_id, member_id=member_id, finished_at=now, steps=live))
    session.flush()
    tell_suggestions(session, pathway_id, [member_id], now)
    return True


def settle_module(session: Session, module_id: int, now: datetime) -> int:
    """After a change by staff, who hold the pathway: write down for whom a module is finished by that.

    Returns for how many.
    """
    live = _live_steps(session, module_id)
    has = select(PathwayFinish.member_id).where(PathwayFinish.module_id == module_id)
    ready = session.scalars(
        select(PathwayDone.member_id)
        .where(PathwayDone.step_id.in_(live), PathwayDone.member_id.not_in(has))
        .group_by(PathwayDone.member_id)
        .having(func.count() == len(live))
    ).all()
    if not ready:
        return 0
    # held before it is written: who says meanwhile that they may be found is seen here, or sees what is written
    session.execute(select(Member.id).where(Member.id.in_(ready)).order_by(Member.id).with_for_update(key_share=True))
    session.add_all(PathwayFinish(module_id=module_id, member_id=one, finished_at=now, steps=live) for one in ready)
    session.flush()
    tell_suggestions(session, session.get_one(PathwayModule, module_id).pathway_id, ready, now)
    return len(ready)


def _live_steps(session: Session, module_id: int) -> list[int]:
    steps = select(PathwayStep.id).where(PathwayStep.module_id == module_id, PathwayStep.retired_at.is_(None))
    return list(session.scalars(steps.order_by(PathwayStep.id)))


def settle_pathway(session: Session, pathway_id: int, now: datetime, member_id: int | None = None) -> int:
    """Write down who has finished all modules that there are: the member, or everybody. Returns how many."""
    live = list(
        session.scalars(
            select(PathwayModule.id)
            .where(
                PathwayModule.pathway_id == pathway_id,
                PathwayModule.shown_at.is_not(None),
                PathwayModule.retired_at.is_(None),
            )
            .order_by(PathwayModule.id)
        )
    )
    if not live:
        return 0
    who = [PathwayProgress.member_id == member_id] if member_id is not None else []
    ready = (
        select(PathwayFinish.member_id)
        .where(PathwayFinish.module_id.in_(live))
        .group_by(PathwayFinish.member_id)
        .having(func.count() == len(live))
    )
    rows = session.scalars(
        select(PathwayProgress).where(
            PathwayProgress.pathway_id == pathway_id,
            PathwayProgress.finished_at.is_(None),
            PathwayProgress.member_id.in_(ready),
            *who,
        )
    ).all()
    for row in rows:
        row.finished_at, row.needed = now, live
    session.flush()
    return len(rows)


def tell_suggestions(session: Session, pathway_id: int, member_ids: Sequence[int], now: datetime) -> None:
    """Note that what these finished has changed, once they are held.

    What one finished speaks in one's own list of what to join; in those of others only of who lets them know.
    """
    found = select(PathwayProgress.member_id).where(
        PathwayProgress.pathway_id == pathway_id, PathwayProgress.member_id.in_(member_ids), PathwayProgress.found
    )
    told = session.scalars(found).all()
    if told:
        changes.touch(session, told, now)
    changes.ask_refresh(session, member_ids, now)


def has_finished(session: Session, pathway_id: int, member_id: int) -> bool:
    """Whether a member finished any module of a pathway."""
    finish = select(PathwayFinish.module_id).join(PathwayModule, PathwayModule.id == PathwayFinish.module_id)
    mine = (PathwayModule.pathway_id == pathway_id, PathwayFinish.member_id == member_id)
    return session.scalar(finish.where(*mine).limit(1)) is not None
