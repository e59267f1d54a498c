"""Cohorts with enough people to form, and the worker at hand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn.plan_work import Bench, form_next
from haln.learn.studio import Studio
from haln.models import Cohort, CohortPlan
from haln.taxonomy.vocabulary import load
from tests.builders import NOW, a_member, an_organisation
from tests.cohort_builders import a_cohort, an_application

THEMES = ("food", "housing", "environment-net-zero")


def a_full_cohort(
    session: Session, leader: int, people: int = 12, alike: bool = False, first: int = 0, **facts: object
) -> tuple[Cohort, list[int]]:
    """An open cohort with so many people of as many organisations; gives their ids. `alike`: all say the same."""
    cohort = a_cohort(session, leader, **facts)
    members = []
    for number in range(first, first + people):
        home = an_organisation(session, f"Organisation {number:02}", ("nhs-acute", "housing")[number % 2])
        member = a_member(session, f"Person{number:02} Number", organisation_id=home.id, role="strategy")
        kind = 0 if alike else number % 3
        an_application(session, cohort.id, member.id, themes=[THEMES[kind]], live_issue=f"Issue {kind}")
        members.append(member.id)
    return cohort, members


def a_studio() -> Studio:
    """A studio of its own, that holds no lock and keeps nothing of other tests."""
    return Studio(load(), nullcontext)


def a_bench(
    session: Session,
    clock: Callable[[], datetime] = lambda: NOW,
    stopping: Callable[[], bool] = lambda: False,
    meanwhile: Callable[[], None] = lambda: None,
) -> Bench:
    """What the edge lends to the worker."""
    return Bench(session.commit, session.rollback, clock, stopping, meanwhile)


class Ticking:
    """A clock that goes on a second with every look."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def formed(session: Session, studio: Studio) -> list[CohortPlan]:
    """Form all plans that wait. Gives all plans."""
    session.commit()
    while form_next(session, studio, "worker", a_bench(session)):
        pass
    session.expire_all()
    return list(session.scalars(select(CohortPlan).order_by(CohortPlan.id)))


def placed(plan: CohortPlan) -> list[int]:
    """Everybody whom a plan names, in order."""
    return sorted([member for one in plan.sets for member in one["members"]] + plan.left_over)
