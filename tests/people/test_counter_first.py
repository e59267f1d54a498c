"""Whatever notes a change takes the counter of changes first of all, before any other row is held or written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from haln.db import prepare_engine
from haln.learn import (
    attendance,
    confirming,
    event_attendance,
    event_registrations,
    events,
    pathway_editing,
    pathway_progress,
    reflections,
    reopening,
    sessions,
    set_corrections,
    set_members,
    topic_answers,
    topic_backings,
)
from haln.models import Member, SetRequest
from haln.people import audiences, erasure, leaving, profiles
from tests.builders import NOW, Cast, a_connection, an_actor, the_cast
from tests.cohort_builders import a_learning_set
from tests.connect.test_at_once import Act
from tests.consent_builders import AFTER, a_call, a_studio
from tests.event_builders import a_place, an_event, was_there
from tests.learn.sets import WORDS, a_session
from tests.pathway_builders import a_pathway, modules_of, steps_of
from tests.topic_builders import RULES, a_topic, backed_by


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    made = create_engine(sqlite_url)
    prepare_engine(made)
    yield made
    made.dispose()


def held(engine: Engine, act: Act) -> list[str]:
    """What an act holds or writes, in its order, as on PostgreSQL; nothing of it is kept."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, sent: str, _with: Any, context: Any, _many: Any) -> None:
        asked = context.compiled.statement if context is not None and context.compiled is not None else None
        writes = context is not None and (context.isinsert or context.isupdate or context.isdelete)
        if writes or getattr(asked, "_for_update_arg", None) is not None:
            seen.append(sent)

    event.listen(engine, "before_cursor_execute", note)
    with Session(engine) as session:
        act(session)
        session.flush()
        session.rollback()
    event.remove(engine, "before_cursor_execute", note)
    return seen


class Scene:
    """Ada and what she is in; what leads, organises and oversees it."""

    def __init__(self, engine: Engine) -> None:
        with Session(engine, expire_on_commit=False) as session:
            cast = self.cast = the_cast(session)
            a_connection(session, cast.ada, cast.ben)
            self.set = a_learning_set(session, [cast.ada, cast.ben, cast.cai], facilitator_id=cast.fay)
            self.ended = a_learning_set(session, [cast.ada], facilitator_id=cast.fay, ended_on=NOW.date())
            self.met = a_session(session, self.set, NOW - timedelta(days=2))
            self.next = a_session(session, self.set)
            held = an_event(session, cast.fay, NOW - timedelta(days=2))
            a_place(session, held, cast.ada, says_hello=True)
            ahead = an_event(session, cast.fay)
            was_there(session, ahead, cast.ada)
            self.held, self.ahead = held.public_id, ahead.public_id
            pathway = a_pathway(session, [2])
            self.pathway = pathway.public_id
            self.step = steps_of(session, modules_of(session, pathway)[0])[0].public_id
            backed, other = a_topic(session, cast.dee, "Buying local"), a_topic(session, cast.dee, "Selling local")
            backed_by(session, backed, cast.ada)
            self.backed, self.other = backed.public_id, other.public_id
            self.dee = session.get_one(Member, cast.dee).public_id
            asks = {"public_id": "asks", "note": "", "created_at": NOW}
            session.add(SetRequest(set_id=self.set.id, member_id=cast.dee, **asks))
            session.commit()

    def acts(self) -> dict[str, Act]:
        cast, own, key = self.cast, self._as, self.set.public_id or ""
        said = set_corrections.Dates(NOW.date() - timedelta(days=60), None, "It began earlier.")
        states = {cast.ada: "present"}
        return {
            "leave": own(cast.ada, lambda s, a: leaving.leave(s, a, NOW)),
            "be erased": lambda s: erasure.erase(s, cast.ada, NOW),
            "save the profile": own(cast.ada, lambda s, a: profiles.change_suggesting(s, a, False, None, NOW)),
            "become a facilitator": lambda s: audiences.change_at(s, _address(s, cast), audiences.Audience.STAFF, NOW),
            "add to a set": own(cast.fay, lambda s, a: set_members.add(s, a, key, self.dee, WORDS, NOW)),
            "take in": own(cast.fay, lambda s, a: set_members.accept(s, a, key, "asks", WORDS, NOW)),
            "leave a set": own(cast.ada, lambda s, a: set_members.leave(s, a, key, NOW)),
            "move out": own(cast.sol, lambda s, a: set_members.move_out(s, a, key, cast.ada, NOW)),
            "end a set": own(cast.fay, lambda s, a: reflections.end(s, a, key, NOW)),
            "open it again": own(cast.fay, lambda s, a: reopening.reopen(s, a, self.ended.public_id or "", NOW)),
            "say who was there": own(
                cast.fay, lambda s, a: attendance.record(s, a, key, self.met.public_id, states, NOW)
            ),
            "call a session off": own(cast.fay, lambda s, a: sessions.cancel(s, a, key, self.next.public_id, NOW)),
            "correct a set": own(cast.sol, lambda s, a: set_corrections.correct_dates(s, a, self.set.id, said, NOW)),
            "be named at an event": own(
                cast.ada, lambda s, a: event_registrations.name_me(s, a, self.held, False, NOW)
            ),
            "tick who came": own(
                cast.fay, lambda s, a: event_attendance.tick(s, a, self.held, [cast.ada], [cast.ada], NOW)
            ),
            "cancel an event": own(cast.fay, lambda s, a: events.cancel(s, a, self.ahead, NOW)),
            "back a topic": own(cast.ada, lambda s, a: topic_backings.back(s, a, self.other, True, RULES, NOW)),
            "take a backing back": own(cast.ada, lambda s, a: topic_backings.take_back(s, a, self.backed, NOW)),
            "be named with a topic": own(cast.ada, lambda s, a: topic_backings.name_me(s, a, self.backed, False, NOW)),
            "retire a topic": own(cast.sol, lambda s, a: topic_answers.retire(s, a, self.backed, "", "Done.", NOW)),
            "do a step": own(cast.ada, lambda s, a: pathway_progress.mark(s, a, self.step, NOW)),
            "be found": own(cast.ada, lambda s, a: pathway_progress.let_be_found(s, a, self.pathway, True, NOW)),
            "retire a step": own(cast.sol, lambda s, a: pathway_editing.retire_step(s, a, self.step, NOW)),
        }

    def _as(self, member: int, act: Callable[[Session, Any], object]) -> Act:
        return lambda session: act(session, an_actor(session, member))


def _address(session: Session, cast: Cast) -> str:
    return session.get_one(Member, cast.ada).email or ""


def test_the_counter_is_taken_before_anything_else(engine: Engine) -> None:
    first = {what: held(engine, act)[0] for what, act in Scene(engine).acts().items()}
    assert {what: sent for what, sent in first.items() if "counter" not in sent} == {}


def test_the_counter_is_taken_before_a_plan_is_confirmed(engine: Engine) -> None:
    with Session(engine, expire_on_commit=False) as session:
        call = a_call(session, the_cast(session), (6, 5), spare=2)
        call.publish()
        call.answer(True, *[member for one in call.sets for member in one])
        key, leader = call.plan.public_id, call.leader
        shown = confirming.prospect(session, leader, a_studio(), key, AFTER)
        session.commit()
    day = date(2026, 6, 26)

    def confirm(session: Session) -> object:
        return confirming.confirm(session, leader, a_studio(), key, shown.version, shown.mark, {}, False, day, AFTER)

    assert "counter" in held(engine, confirm)[0]
