"""Builders of a plan whose people are asked, beside those of `tests.cohort_builders`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn import publishing, repairing, seats
from haln.learn.seat_state import places, standing
from haln.learn.studio import Studio
from haln.models import Cohort, CohortPlan, Seat
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_member, an_actor, an_organisation
from tests.cohort_builders import a_cohort, a_plan, an_application

ANSWER_BY = NOW + timedelta(days=10)
AFTER = ANSWER_BY + timedelta(minutes=1)


def a_studio() -> Studio:
    """What plans are judged with."""
    return Studio(vocabulary.load(None))


@dataclass
class Call:
    """A cohort with a plan: `sets` of people, `spare` who have no place, all of different organisations."""

    session: Session
    cohort: Cohort
    plan: CohortPlan
    leader: Actor
    sets: list[list[int]]
    spare: list[int]

    @property
    def people(self) -> list[int]:
        """Everybody who applies."""
        return [member for one in self.sets for member in one] + self.spare

    def seat(self, member_id: int) -> Seat:
        """The latest seat of a member."""
        row = self.session.scalars(
            select(Seat).where(Seat.plan_id == self.plan.id, Seat.member_id == member_id).order_by(Seat.round.desc())
        ).first()
        assert row is not None
        self.session.refresh(row)
        return row

    def publish(self, answer_by: datetime = ANSWER_BY) -> None:
        """Ask everybody."""
        publishing.publish(
            self.session, self.leader, a_studio(), self.plan.public_id, self.plan.version, answer_by, NOW
        )
        self.session.commit()

    def answer(self, come: bool, *members: int, now: datetime = NOW) -> None:
        """Let these people accept or decline."""
        for member in members:
            seats.answer(self.session, an_actor(self.session, member), self.seat(member).public_id, come, now)
        self.session.commit()

    def repaired_to(
        self, sets: Sequence[Sequence[int]], now: datetime = AFTER, stay: Sequence[int] | None = None
    ) -> CohortPlan:
        """A repair that is ready, as the worker keeps one: these sets, of those that stay."""
        name = repairing.ask(self.session, self.leader, self.plan.public_id, self.plan.version, (), now)
        row = self.session.scalars(select(CohortPlan).where(CohortPlan.public_id == name)).one()
        row.sets = [{"members": sorted(one), "facilitator": self.leader.member_id, "locked": False} for one in sets]
        row.state = "ready"
        row.data_version = standing(self.session, self.plan, now).mark()
        row.progress = {"from": list(range(len(sets)) if stay is None else stay), "broken": []}
        self.session.commit()
        return row

    def apply(self, repair: CohortPlan, now: datetime = AFTER) -> None:
        """Apply a repair; whoever is asked has a week."""
        repairing.apply(
            self.session,
            self.leader,
            self.plan.public_id,
            self.plan.version,
            repair.public_id,
            now + timedelta(days=7),
            now,
        )
        self.session.commit()

    def states(self) -> dict[int, str]:
        """The state of everybody's latest seat."""
        return {member: place.state.value for member, place in places(self.session, self.plan.id).items()}


def a_call(session: Session, cast: Cast, sizes: Sequence[int] = (4, 4), spare: int = 0, **facts: object) -> Call:
    """A cohort of Fay's with one ready plan; nobody in it shares an organisation with anybody."""
    cohort = a_cohort(session, cast.fay, **facts)
    ids = []
    for number in range(sum(sizes) + spare):
        place = an_organisation(session, f"Organisation {number}", "charity")
        ids.append(a_member(session, f"Person{number:02} Number", organisation_id=place.id).id)
        an_application(session, cohort.id, ids[-1])
    rest = iter(ids)
    sets = [[next(rest) for _ in range(size)] for size in sizes]
    left = list(rest)
    plan = a_plan(session, cohort, sets, left_over=left)
    session.commit()
    return Call(session, cohort, plan, an_actor(session, cast.fay), sets, left)
