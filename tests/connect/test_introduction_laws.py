"""Whatever people do, in whatever order, the laws of introductions hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from haln.connect import answers, blocks, connections, introductions, weaving
from haln.connect.introduction_lists import Line, lists
from haln.connect.introductions import Rules
from haln.errors import HalnError
from haln.models import Base, Block, Connection, Introduction, Member
from tests.builders import NOW, an_actor, the_cast

PEOPLE = st.integers(0, 3)
RULES = Rules(open_at_once=2, days=14, again_days=30)


class Introductions(RuleBasedStateMachine):
    """Four people ask, weave, answer, withdraw, part and block as they like."""

    session: Session
    ids: tuple[int, ...]
    now: datetime

    @initialize()
    def begin(self) -> None:
        self.engine = create_engine("sqlite://")
        Base.metadata.create_all(self.engine)
        self.session = Session(self.engine, expire_on_commit=True)
        self.ids = the_cast(self.session).everyone()[:4]
        self.session.commit()
        self.now = NOW

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()
            self.engine.dispose()

    def attempt(self, act: Any, who: int, *words: Any) -> None:
        """Do it; what the domain refuses changes nothing."""
        try:
            act(self.session, an_actor(self.session, self.ids[who]), *words)
        except HalnError:
            self.session.rollback()
        else:
            self.session.commit()

    def key(self, who: int) -> str:
        return self.session.get_one(Member, self.ids[who]).public_id

    def one_of(self, place: int) -> str:
        found = self.session.scalars(select(Introduction.public_id).order_by(Introduction.id)).all()
        return found[place % len(found)] if found else ""

    @rule(who=PEOPLE, other=PEOPLE)
    def ask(self, who: int, other: int) -> None:
        self.attempt(introductions.ask, who, self.key(other), "", RULES, self.now)

    @rule(who=PEOPLE, one=PEOPLE, other=PEOPLE)
    def weave(self, who: int, one: int, other: int) -> None:
        self.attempt(weaving.weave, who, self.key(one), self.key(other), "Local food", RULES, self.now)

    @rule(who=PEOPLE, place=st.integers(0, 9))
    def accept(self, who: int, place: int) -> None:
        self.attempt(answers.accept, who, self.one_of(place), self.now)

    @rule(who=PEOPLE, place=st.integers(0, 9))
    def decline(self, who: int, place: int) -> None:
        self.attempt(answers.decline, who, self.one_of(place), self.now)

    @rule(who=PEOPLE, place=st.integers(0, 9))
    def withdraw(self, who: int, place: int) -> None:
        self.attempt(introductions.withdraw, who, self.one_of(place), self.now)

    @rule(who=PEOPLE, other=PEOPLE)
    def part(self, who: int, other: int) -> None:
        self.attempt(connections.end, who, self.key(other), self.now)

    @rule(who=PEOPLE, other=PEOPLE)
    def block(self, who: int, other: int) -> None:
        self.attempt(blocks.block, who, self.key(other), self.now)

    @rule(who=PEOPLE, other=PEOPLE)
    def unblock(self, who: int, other: int) -> None:
        self.attempt(blocks.unblock, who, self.key(other), self.now)

    @rule(days=st.sampled_from([1, 8, 15, 40]), worker=st.booleans())
    def time_passes(self, days: int, worker: bool) -> None:
        self.now += timedelta(days=days)
        if worker:
            introductions.lapse(self.session, self.now)
            self.session.commit()

    def pairs(self, one: Any, other: Any, *where: Any) -> set[tuple[int, ...]]:
        return {tuple(sorted(pair)) for pair in self.session.execute(select(one, other).where(*where))}

    def pages(self) -> Iterator[tuple[int, Line]]:
        for member in self.ids:
            found = lists(self.session, an_actor(self.session, member), self.now)
            for line in (*found.to_answer, *found.waiting, *found.woven, *found.past):
                yield member, line

    @invariant()
    def nobody_is_connected_with_whom_they_block(self) -> None:
        if hasattr(self, "session"):
            tied = self.pairs(Connection.low_id, Connection.high_id, Connection.until.is_(None))
            assert not tied & self.pairs(Block.blocker_id, Block.blocked_id)

    @invariant()
    def every_connection_has_two_who_said_yes(self) -> None:
        if hasattr(self, "session"):
            said = self.session.execute(
                select(Introduction.asker_answer, Introduction.asked_answer).join(
                    Connection, Connection.introduction_id == Introduction.id
                )
            ).all()
            assert all(tuple(row) == ("yes", "yes") for row in said)
            assert len(said) == self.session.scalar(select(func.count(Connection.id)))

    @invariant()
    def no_state_tells_of_a_no(self) -> None:
        if hasattr(self, "session"):
            states = set(self.session.scalars(select(Introduction.state)))
            assert states <= {"open", "accepted", "withdrawn", "lapsed"}

    @invariant()
    def nobody_has_more_open_than_allowed_and_sees_all_they_count(self) -> None:
        if hasattr(self, "session"):
            for member in self.ids:
                actor = an_actor(self.session, member)
                count = introductions.open_count(self.session, member, self.now)
                waiting = lists(self.session, actor, self.now).waiting
                assert count == len([line for line in waiting if line.kind == "asked"]) <= RULES.open_at_once

    @invariant()
    def no_page_names_the_blocked(self) -> None:
        if hasattr(self, "session"):
            barred = self.pairs(Block.blocker_id, Block.blocked_id)
            for member, line in self.pages():
                for other in (line.other, line.second, line.weaver):
                    assert other is None or tuple(sorted((member, other.id))) not in barred


TestIntroductions = Introductions.TestCase
TestIntroductions.settings = settings(
    max_examples=8,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
