"""Cohorts to measure with: members of a demonstration network apply, with times and issues of their own."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from benchmarks.networks import Network

SLOTS = 10
ISSUES = (
    "How do we buy more of our food from growers nearby when contracts are this large",
    "Young people leave before they hear of the jobs we have",
    "We measure social value and nobody above me reads it",
    "Heat pumps in old buildings, and tenants who pay for electricity",
    "The council, the trust and the university each have a plan for the same street",
    "Our small suppliers give up on the first page of the tender",
    "I have three months to show that apprenticeships pay",
    "People come to one meeting and never again: how do we listen without asking twice",
)


def opened(network: Network, people: int) -> tuple[str, int]:
    """A cohort of so many people, made once: its public id, and the id of the facilitator who leads it."""
    from haln.app import create_app
    from haln.db import db
    from haln.models import Cohort

    app = create_app(environ=network.environment)
    title = f"Measured with {people} people"
    with app.app_context():
        found = db.session.execute(select(Cohort.public_id, Cohort.made_by_id).where(Cohort.title == title)).first()
        made = (found.public_id, found.made_by_id) if found else _open(db.session(), title, people)
        db.session.commit()
        db.engine.dispose()
    return made


def _open(store: Session, title: str, people: int) -> tuple[str, int]:
    from haln.learn.rule_rows import rows_of, standard
    from haln.models import Application, ApplicationSlot, Cohort, CohortFacilitator, CohortSlot, Member, MemberTheme
    from haln.people.tokens import public_id

    now, chance = datetime.now(UTC), random.Random(people)
    leaders = store.scalars(
        select(Member.id).where(Member.audience != "member", Member.standing == "active").order_by(Member.id)
    ).all()
    cohort = Cohort(
        public_id=public_id(),
        title=title,
        purpose="",
        themes=[],
        availability="halfdays",
        state="open",
        made_by_id=leaders[0],
        created_at=now,
        changed_at=now,
        rules=rows_of(standard(6, 8, True)),
    )
    store.add(cohort)
    store.flush()
    sets = -(-people // (6 * len(leaders))) + 1
    store.add_all(CohortFacilitator(cohort_id=cohort.id, member_id=one, sets=sets, slots=[]) for one in leaders)
    day = (now + timedelta(days=30)).date()
    slots = [
        CohortSlot(
            cohort_id=cohort.id,
            position=number,
            on_day=day + timedelta(days=number // 2),
            half=("morning", "afternoon")[number % 2],
        )
        for number in range(SLOTS)
    ]
    store.add_all(slots)
    store.flush()
    members = store.scalars(
        select(Member.id).where(Member.audience == "member", Member.standing == "active").order_by(Member.id)
    ).all()
    chosen = sorted(chance.sample(members, min(people, len(members))))
    themes: dict[int, list[str]] = {}
    for member_id, theme in store.execute(
        select(MemberTheme.member_id, MemberTheme.theme).order_by(MemberTheme.member_id, func.length(MemberTheme.theme))
    ):
        themes.setdefault(member_id, []).append(theme)
    made = [
        Application(
            public_id=public_id(),
            cohort_id=cohort.id,
            member_id=member,
            themes=themes.get(member, [])[:3],
            live_issue=chance.choice(ISSUES),
            applied_at=now,
            changed_at=now,
        )
        for member in chosen
    ]
    store.add_all(made)
    store.flush()
    free = [
        {"application_id": one.id, "slot_id": slot.id}
        for one in made
        for slot in chance.sample(slots, chance.randint(4, 8))
    ]
    store.execute(insert(ApplicationSlot), free)
    store.flush()
    return cohort.public_id, leaders[0]


def asked_for(store: Session, cohort: str, leader: int) -> str:
    """Ask for one plan of a cohort, as its facilitator. Gives its public id."""
    from haln.access import Actor, Audience
    from haln.learn import plans
    from haln.models import Member

    row = store.get_one(Member, leader)
    actor = Actor(row.id, row.public_id, row.name, Audience(row.audience), True, 0)
    return plans.propose(store, actor, cohort, 1, None, 1, datetime.now(UTC))[0]


def leaders(network: Network) -> list[int]:
    """The facilitator who leads the cohorts that are measured."""
    return [opened(network, 60)[1]]
