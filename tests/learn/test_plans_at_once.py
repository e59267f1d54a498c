"""Two ask at the same moment: both get a plan of their own, and a double click is one click. On both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, event, func, select
from sqlalchemy.orm import Session

from haln.db import prepare_engine
from haln.learn import pairs, plan_advice, plans, reflections
from haln.models import CohortPair, CohortPlan, Member, Reflection
from tests.builders import NOW, an_actor, the_cast
from tests.cohort_builders import a_cohort, a_plan, an_application
from tests.connect.test_at_once import at_once
from tests.learn.sets import key, the_set


class Scene:
    """A cohort of four with one plan, and a set that has ended, on a database of their own."""

    def __init__(self, engine: Engine) -> None:
        with Session(engine, expire_on_commit=False) as session:
            cast = the_cast(session)
            self.cohort = a_cohort(session, cast.fay)
            for member in (cast.ada, cast.ben, cast.cai, cast.dee):
                an_application(session, self.cohort.id, member)
            size = next(at for at, rule in enumerate(self.cohort.rules) if rule["kind"] == "size")
            ways = [{"changes": [{"lever": "most", "rule": size, "before": 8, "after": 9, "members": []}]}]
            self.plan = a_plan(session, self.cohort, [[cast.ada, cast.ben]], progress={"advice": {"ways": ways}})
            self.ended = key(the_set(session, cast, ended_on=NOW.date()))
            self.fay, self.ada = an_actor(session, cast.fay), an_actor(session, cast.ada)
            self.two = [session.get_one(Member, member).public_id for member in (cast.ada, cast.ben)]
            session.commit()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(database_url)
    prepare_engine(made)
    yield made
    made.dispose()


def count(engine: Engine, model: type) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_two_who_ask_for_plans_at_once_get_plans_of_their_own(engine: Engine) -> None:
    scene = Scene(engine)
    fay, cohort, plan = scene.fay, scene.cohort.public_id, scene.plan.public_id

    def propose(session: Session) -> object:
        return plans.propose(session, fay, cohort, 2, None, None, NOW)

    def improve(session: Session) -> object:
        return plans.improve(session, fay, plan, 1, NOW)

    assert at_once(engine, propose, improve, propose, improve) == ["done"] * 4
    with Session(engine) as session:
        assert session.scalars(select(CohortPlan.number).order_by(CohortPlan.number)).all() == list(range(1, 8))


def test_a_double_click_on_a_pair_is_one_pair(engine: Engine) -> None:
    scene = Scene(engine)

    def add(session: Session) -> object:
        pairs.add(session, scene.fay, scene.cohort.public_id, "apart", *scene.two, NOW)
        return None

    assert at_once(engine, add, add, add) == ["done"] * 3
    assert count(engine, CohortPair) == 1


def test_a_double_click_on_a_reflection_is_one_reflection(engine: Engine) -> None:
    scene = Scene(engine)

    def reflect(session: Session) -> object:
        reflections.reflect(session, scene.ada, scene.ended, 5, True, "Good", True, NOW)
        return None

    assert at_once(engine, reflect, reflect, reflect) == ["done"] * 3
    assert count(engine, Reflection) == 1


def test_whoever_takes_a_way_out_waits_for_the_cohort_before_they_hold_the_plan(engine: Engine) -> None:
    """As publishing does: of two who lock in different orders, one would be stopped by the database."""
    scene = Scene(engine)
    order: list[str] = []

    def listen(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "FOR UPDATE" in statement:
            order.append("plan" if "FOR UPDATE OF cohort_plan" in statement else "cohort")

    event.listen(engine, "before_cursor_execute", listen)
    with Session(engine) as session:
        plan_advice.take(session, scene.fay, scene.plan.public_id, 1, 0, NOW)
    if engine.dialect.name == "postgresql":
        assert order.index("cohort") < order.index("plan")
