"""A short pathway that a demonstration's facilitators wrote themselves: shown lately, finished by a handful."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from haln.learn import pathway_seeds
from haln.models import (
    Connection,
    Member,
    MemberTheme,
    Pathway,
    PathwayDone,
    PathwayFinish,
    PathwayModule,
    PathwayProgress,
    PathwayStep,
)
from haln.people.demonstration.chance import public_id, stream
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.writing import Wanted

_SHOWN, _FINISHED = 60, 8
_TITLE, _PURPOSE = "Talking to senior leaders", "One afternoon: a case on one page, in the words of those who decide."
_MODULE: dict[str, Any] = {
    "title": "The case on one page",
    "purpose": "What to leave out, what to ask for, and how to end a short meeting with a promise.",
    "theme": "leadership",
    "steps": (
        {
            "kind": "read",
            "title": "One page, three sentences",
            "text": "Say what is so today, what could be so in a year, and what you ask for. Nobody reads a fourth.",
        },
        {
            "kind": "try",
            "title": "Read it to somebody",
            "text": "Read your page aloud to a colleague who knows nothing of it. Cross out what they ask about twice.",
        },
    ),
}


def write(session: Session, wanted: Wanted) -> int:
    """Write the pathway, and that the member of the sign-in and some others finished it. Returns how many did.

    The others are like the member, may be found with another pathway, and do not know them yet.
    """
    rng = stream(wanted.seed, "short pathway")
    shown = datetime.combine(wanted.until - timedelta(days=_SHOWN), time(9), UTC)
    me = session.scalar(select(Member.id).where(Member.email == f"member@{DOMAIN}", Member.joined_at < shown))
    if me is None:
        return 0
    people = [me, *session.scalars(_strangers(me).where(Member.joined_at < shown))]
    last = session.scalar(select(func.max(Pathway.position))) or 0
    path = Pathway(public_id=public_id(rng), title=_TITLE, purpose=_PURPOSE, position=last + 1, made_at=shown)
    session.add(path)
    session.flush()
    module = pathway_seeds.write_module(session, path.id, 1, _MODULE, shown, rng)
    steps = list(session.scalars(select(PathwayStep.id).where(PathwayStep.module_id == module.id)))
    for member in people:
        _finish(session, path, module, steps, member, _some_day(rng, shown, wanted.until))
    session.flush()
    return len(people)


def _strangers(me: int) -> Any:
    """Who may be found with another module, and is not tied to the member; those with most themes in common first."""
    done, progress = aliased(PathwayFinish), aliased(PathwayProgress)
    tie, mine = aliased(Connection), aliased(MemberTheme)
    tied = select(tie.id).where(
        or_(and_(tie.low_id == me, tie.high_id == Member.id), and_(tie.high_id == me, tie.low_id == Member.id))
    )
    found = select(done.member_id).join(progress, progress.member_id == done.member_id).where(progress.found)
    return (
        select(Member.id)
        .join(MemberTheme, MemberTheme.member_id == Member.id)
        .join(mine, and_(mine.member_id == me, mine.theme == MemberTheme.theme))
        .where(Member.id != me, Member.standing == "active", Member.listed, Member.suggest_me, Member.id.in_(found))
        .where(~tied.exists())
        .group_by(Member.id)
        .order_by(func.count().desc(), Member.id)
        .limit(_FINISHED)
    )


def _some_day(rng: Random, first: datetime, until: date) -> datetime:
    days = (until - first.date()).days
    return first + timedelta(days=rng.randint(1, days - 2), minutes=rng.randint(0, 400))


def _finish(
    session: Session, path: Pathway, module: PathwayModule, steps: list[int], member: int, moment: datetime
) -> None:
    session.add_all(PathwayDone(step_id=step, member_id=member, version=1, done_at=moment) for step in steps)
    session.add(PathwayFinish(module_id=module.id, member_id=member, finished_at=moment, steps=steps))
    session.add(
        PathwayProgress(
            pathway_id=path.id,
            member_id=member,
            started_at=moment,
            finished_at=moment,
            modules=[],
            needed=[module.id],
            found=True,
        )
    )
