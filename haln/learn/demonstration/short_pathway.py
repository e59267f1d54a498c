"""A short pathway that a demonstration's facilitators wrote themselves: shown lately, finished by a handful."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from haln.learn import pathway_seeds
from haln.models import (
    Connection,
    Member,
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

    The others are found, are beginning another pathway, and do not know the member yet.
    """
    rng = stream(wanted.seed, "short pathway")
    shown = datetime.combine(wanted.until - timedelta(days=_SHOWN), time(9), UTC)
    me = session.scalar(select(Member.id).where(Member.email == f"member@{DOMAIN}", Member.joined_at < shown))
    if me is None:
        return 0
    others = list(session.scalars(_strangers(me, shown)))
    people = [me, *rng.sample(others, min(_FINISHED, len(others)))]
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


def _strangers(me: int, before: datetime) -> Any:
    done, progress, tie = aliased(PathwayFinish), aliased(PathwayProgress), aliased(Connection)
    tied = select(tie.id).where(
        ((tie.low_id == me) & (tie.high_id == Member.id)) | ((tie.high_id == me) & (tie.low_id == Member.id))
    )
    return (
        select(Member.id)
        .where(
            Member.id != me,
            Member.standing == "active",
            Member.listed,
            Member.suggest_me,
            Member.joined_at < before,
            Member.id.in_(
                select(done.member_id).join(progress, progress.member_id == done.member_id).where(progress.found)
            ),
            ~tied.exists(),
        )
        .order_by(Member.id)
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
