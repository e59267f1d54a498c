"""Whatever people answer, and however a plan is repaired and confirmed, the laws of the consent round hold."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from haln.errors import HalnError
from haln.learn import confirming, judging, learning, publishing, seat_mail, seat_state, seats, taking_back
from haln.learn.seat_state import Place, State, is_over, places, standing
from haln.models import Application, Base, CohortPlan, LearningSet, Mail, Seat, SetMembership
from tests.builders import NOW, an_actor, the_cast
from tests.consent_builders import Call, a_call, a_studio

WHO = st.integers(0, 10)
SIZES = (5, 4)
SPARE = 2


def _published(machine: Consent) -> bool:
    return hasattr(machine, "session") and machine.plan().state == "published"


def _taken_back(machine: Consent) -> bool:
    return hasattr(machine, "session") and machine.plan().state == "ready"


def _late(machine: Consent) -> bool:
    return _published(machine) and machine.turns > 12


class Consent(RuleBasedStateMachine):
    """Eleven people answer, withdraw and come back while their facilitator repairs, takes back and confirms."""

    session: Session
    call: Call
    now: datetime

    @initialize()
    def begin(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(judging, "broken", lambda *_: ())
        self.engine = create_engine("sqlite://")
        Base.metadata.create_all(self.engine)
        self.session = Session(self.engine, expire_on_commit=True)
        self.call = a_call(self.session, the_cast(self.session), SIZES, SPARE)
        self.call.publish()
        self.now = NOW
        self.turns = 0
        self.told: dict[int, State] = {}  # what everybody last said, by seat

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()
            self.engine.dispose()
            self.patch.undo()

    def attempt(self, act: Any) -> bool:
        try:
            act()
        except HalnError:
            self.session.rollback()
            return False
        self.session.commit()
        return True

    def plan(self) -> CohortPlan:
        return self.session.get_one(CohortPlan, self.call.plan.id)

    def latest(self) -> dict[int, Place]:
        return places(self.session, self.call.plan.id)

    @rule(who=WHO, come=st.booleans(), old=st.booleans())
    def answer(self, who: int, come: bool, old: bool) -> None:
        self.turns += 1
        member = self.call.people[who]
        seen = self.session.scalars(select(Seat).where(Seat.member_id == member).order_by(Seat.round)).all()
        if seen:
            seat = seen[0] if old else seen[-1]
            actor = an_actor(self.session, member)
            name, number = seat.public_id, seat.id
            if self.attempt(lambda: seats.answer(self.session, actor, name, come, self.now)):
                self.told[number] = State.ACCEPTED if come else State.DECLINED

    @precondition(_published)
    @rule(no=st.sets(WHO, max_size=3))
    def everybody_who_is_asked_answers(self, no: set[int]) -> None:
        for member, place in self.latest().items():
            if place.state is State.ASKED:
                who = self.call.people.index(member)
                self.answer(who, who not in no, False)

    @rule(hours=st.sampled_from((1, 80, 200)))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        seat_mail.due(self.session, self.now)
        self.session.commit()

    @precondition(_published)
    @rule(who=WHO, back=st.booleans())
    def withdraw_or_apply_again(self, who: int, back: bool) -> None:
        change = update(Application).where(
            Application.member_id == self.call.people[who],
            Application.state == ("withdrawn" if back else "applied"),
        )
        self.session.execute(change.values(state="applied" if back else "withdrawn"))
        self.session.commit()

    @precondition(_published)
    @rule(data=st.data())
    def repair(self, data: st.DataObject) -> None:
        """Any division that the worker could come to, and some that it could not."""
        plan = self.plan()
        self.turns += 1
        if data.draw(st.integers(0, 3)) and plan.answer_by is not None:
            self.now = max(self.now, plan.answer_by)
        found = standing(self.session, plan, self.now)
        every = list(range(len(plan.sets)))
        stay = data.draw(st.sampled_from([every, every, every, every[-1:]]))
        sets: list[list[int]] = [[] for _ in stay]
        careless = data.draw(st.integers(0, 3)) == 0
        for member in self.call.people:
            if not careless and member not in found.coming | found.waiting | found.wanting:
                continue
            before = found.seated.get(member)
            here = stay.index(before) if before in stay else None
            choice = data.draw(st.sampled_from([here, here, here, *range(len(stay)), None]))
            if choice is not None:
                sets[choice].append(member)
        row: list[CohortPlan] = []
        if self.attempt(lambda: row.append(self.call.repaired_to(sets, self.now, stay))) and data.draw(st.booleans()):
            assert is_over(plan, self.now), "somebody left a set before the day had passed"
            before_seats = self.latest()
            if self.attempt(lambda: self.call.apply(row[0], self.now)):
                allowed = found.coming | found.waiting | found.wanting
                assert allowed.issuperset(member for group in sets for member in group)
                self.check_moves(before_seats, found.coming, sets)

    @precondition(_published)
    @rule(really=st.sampled_from((True, False, False)))
    def take_back(self, really: bool) -> None:
        """Whatever was answered, nobody has anything to answer, and whoever has not declined is told."""
        if really:
            plan, found = self.plan(), standing(self.session, self.plan(), self.now)
            told = found.coming | found.waiting | found.silent
            args = (self.session, self.call.leader, plan.public_id, plan.version, self.now)
            assert taking_back.take_back(*args) == len(told)
            self.session.commit()
            assert self.latest() == {}
            written = [one.seat_id for member, one in found.places.items() if member in told]
            keys = set(self.session.scalars(select(Mail.dedupe_key).where(Mail.kind == "seat_recalled")))
            assert {f"seat_recalled:{seat}" for seat in written} <= keys

    @precondition(_taken_back)
    @rule()
    def publish_again(self) -> None:
        """Everybody in the plan is asked anew, whatever they said before."""
        plan = self.plan()
        here = seat_state.applicants(self.session, plan.cohort_id)
        sets = [{**one, "members": [member for member in one["members"] if member in here]} for one in plan.sets]
        plan.sets = [one for one in sets if one["members"]] or [{**sets[0], "members": sorted(here)}]
        plan.left_over = sorted(here - set(seat_state.seated(plan)))
        self.session.commit()
        args = (self.session, self.call.leader, a_studio(), plan.public_id, plan.version)
        if self.attempt(lambda: publishing.publish(*args, self.now + timedelta(days=10), self.now)):
            assert {one.state for one in self.latest().values()} == {State.ASKED}
            assert self.latest().keys() == seat_state.seated(self.plan()).keys()

    def check_moves(self, before: dict[int, Place], coming: frozenset[int], sets: list[list[int]]) -> None:
        """Who was moved is asked again; who was not keeps their answer."""
        after = self.latest()
        for group in sets:
            for member in group:
                same = member in before and before[member].seat_id == after[member].seat_id
                assert after[member].state in ((State.ACCEPTED,) if same and member in coming else (State.ASKED,))

    @precondition(_late)
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        small = {number: data.draw(st.sampled_from(["run", "dissolve", "dissolve", ""])) for number in range(2)}
        if data.draw(st.booleans()):
            self.everybody_who_is_asked_answers(set())

        def act() -> None:
            shown = confirming.prospect(self.session, self.call.leader, a_studio(), self.call.plan.public_id, self.now)
            version, mark = shown.version, shown.mark
            args = (self.session, self.call.leader, a_studio(), self.call.plan.public_id, version, mark, small)
            confirming.confirm(*args, False, self.now.date(), self.now)

        self.attempt(act)

    @invariant()
    def nobody_is_in_two_sets(self) -> None:
        if hasattr(self, "session"):
            members = [member for one in self.plan().sets for member in one["members"]]
            assert max(Counter(members).values(), default=1) == 1
            sitting = self.session.scalars(select(SetMembership.member_id)).all()
            assert max(Counter(sitting).values(), default=1) == 1

    @invariant()
    def only_those_who_accepted_that_very_place_sit_in_a_set(self) -> None:
        if hasattr(self, "session"):
            latest = self.latest()
            rows = self.session.execute(
                select(SetMembership.member_id, LearningSet.set_number).join(
                    LearningSet, LearningSet.id == SetMembership.set_id
                )
            )
            for member, number in rows:
                place = latest[member]
                assert place.state is State.ACCEPTED
                assert place.set_number == number
                assert self.told[place.seat_id] is State.ACCEPTED

    @invariant()
    def nobody_is_lost(self) -> None:
        if hasattr(self, "session"):
            plan = self.plan()
            states = {
                row.member_id: row.state
                for row in self.session.execute(select(Application.member_id, Application.state))
            }
            assert set(states) == set(self.call.people)
            if plan.state == "confirmed":
                sitting = set(self.session.scalars(select(SetMembership.member_id)))
                latest = self.latest()
                for member, state in states.items():
                    assert (state == "placed") == (member in sitting)
                    if state == "left_over":
                        assert member not in latest or latest[member].state is State.REPLACED
                    assert state != "applied"
            else:
                known = set(plan.left_over) | {member for one in plan.sets for member in one["members"]}
                new = {member for member, state in states.items() if state == "applied"} - known
                assert new <= standing(self.session, plan, self.now).wanting | set(self.latest())

    @invariant()
    def what_was_taken_back_is_nobodys_to_answer(self) -> None:
        if hasattr(self, "session") and _taken_back(self):
            assert set(self.session.scalars(select(Seat.state))) == {"recalled"}
            for member in self.call.people:
                assert (
                    learning.page(self.session, an_actor(self.session, member), self.now.date(), self.now).seats == ()
                )

    @invariant()
    def a_place_in_a_set_has_a_seat_that_says_so(self) -> None:
        if hasattr(self, "session") and not _taken_back(self):
            latest, plan = self.latest(), self.plan()
            for number, one in enumerate(plan.sets):
                for member in one["members"]:
                    assert latest[member].set_number == number
                    assert latest[member].state is not State.REPLACED

    @invariant()
    def nobody_gets_the_same_letter_twice(self) -> None:
        if hasattr(self, "session"):
            keys = self.session.scalars(select(Mail.dedupe_key).where(Mail.dedupe_key.is_not(None))).all()
            assert len(keys) == len(set(keys))

    @invariant()
    def one_plan_at_most_is_with_its_people(self) -> None:
        if hasattr(self, "session"):
            states = self.session.scalars(select(CohortPlan.state)).all()
            assert len([state for state in states if state in ("published", "confirmed")]) <= 1


TestConsent = Consent.TestCase
TestConsent.settings = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
