"""Builders of cohorts, applications, plans and sets, beside the cast of `tests.builders`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from haln.learn.rule_rows import rows_of, standard
from haln.models import (
    Application,
    ApplicationSlot,
    Cohort,
    CohortFacilitator,
    CohortPlan,
    CohortSlot,
    LearningSet,
    Seat,
    SetMembership,
)
from haln.people.tokens import public_id
from tests.builders import NOW


def a_cohort(session: Session, leader: int, days: int = 0, **facts: object) -> Cohort:
    """An open cohort led by one facilitator who can hold ten sets; `days`: two half-days each to choose from."""
    values: dict[str, object] = {
        "public_id": public_id(),
        "title": "Autumn learning sets",
        "purpose": "Peers who work on the same live issue.",
        "themes": ["food"],
        "closes_on": (NOW + timedelta(days=30)).date(),
        "starts_on": (NOW + timedelta(days=60)).date(),
        "availability": "halfdays" if days else "none",
        "state": "open",
        "made_by_id": leader,
        "created_at": NOW,
        "changed_at": NOW,
        "rules": rows_of(standard(4, 8, bool(days))),
        "size_low": 4,
        "size_high": 8,
    }
    values.update(facts)
    row = Cohort(**values)
    session.add(row)
    session.flush()
    session.add(CohortFacilitator(cohort_id=row.id, member_id=leader, sets=10, slots=[]))
    for number in range(days * 2):
        on_day = (NOW + timedelta(days=60 + number // 2)).date()
        half = ("morning", "afternoon")[number % 2]
        session.add(CohortSlot(cohort_id=row.id, position=number, on_day=on_day, half=half))
    session.flush()
    return row


def an_application(
    session: Session, cohort_id: int, member_id: int, slots: Sequence[int] = (), **facts: object
) -> Application:
    """An application; `slots` are ids of the cohort's slots."""
    values: dict[str, object] = {
        "public_id": public_id(),
        "themes": ["food"],
        "live_issue": "How do we buy more of our food from growers nearby?",
        "applied_at": NOW,
        "changed_at": NOW,
    }
    values.update(facts)
    row = Application(cohort_id=cohort_id, member_id=member_id, **values)
    session.add(row)
    session.flush()
    session.add_all(ApplicationSlot(application_id=row.id, slot_id=slot) for slot in slots)
    session.flush()
    return row


def a_plan(session: Session, cohort: Cohort, sets: Sequence[Sequence[int]], **facts: object) -> CohortPlan:
    """A ready plan with these sets, led by whoever opened the cohort."""
    values: dict[str, object] = {
        "public_id": public_id(),
        "number": 1,
        "state": "ready",
        "rules": cohort.rules,
        "sets": [{"members": sorted(one), "facilitator": cohort.made_by_id, "locked": False} for one in sets],
        "made_by_id": cohort.made_by_id,
        "created_at": NOW,
        "changed_at": NOW,
    }
    values.update(facts)
    row = CohortPlan(cohort_id=cohort.id, **values)
    session.add(row)
    session.flush()
    return row


def a_seat(session: Session, plan: CohortPlan, member_id: int, set_number: int, **facts: object) -> Seat:
    """A place in a plan that its member has been asked to take."""
    values: dict[str, object] = {"public_id": public_id(), "state": "asked", "asked_at": NOW, **facts}
    row = Seat(plan_id=plan.id, member_id=member_id, set_number=set_number, **values)
    session.add(row)
    session.flush()
    return row


def a_learning_set(
    session: Session, members: Sequence[int], started_on: date | None = None, **facts: object
) -> LearningSet:
    """A running set of these members."""
    began = started_on or NOW.date() - timedelta(days=30)
    values: dict[str, object] = {"public_id": public_id(), "name": "Growing together", "themes": ["food"]}
    values.update(facts)
    row = LearningSet(started_on=began, **values)
    session.add(row)
    session.flush()
    session.add_all(SetMembership(set_id=row.id, member_id=member, joined_on=began) for member in members)
    session.flush()
    return row
