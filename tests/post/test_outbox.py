"""The outbox: nothing is lost, nothing is sent twice, wherever a worker is killed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from haln.models import Mail
from haln.people import mailbox
from haln.post import outbox
from haln.post.transport import Postponed, Refused, Unreachable
from haln.post.writing import Desk, Worded
from tests.builders import NOW, Cast


class Killed(BaseException):
    """The machine went off: nothing that follows is run."""


class Machine:
    """A worker's machine: its clock, its mail server, and the moment at which it goes off."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.now = NOW
        self.delivered: list[EmailMessage] = []
        self.fault: Exception | None = None
        self.steps = 0
        self.off_at: int | None = None
        self.wording_fault = False

    def step(self) -> None:
        """One instruction after which the machine may go off."""
        self.steps += 1
        if self.off_at is not None and self.steps >= self.off_at:
            raise Killed

    def commit(self) -> None:
        self.step()
        self.session.commit()
        self.step()

    def rollback(self) -> None:
        if self.off_at is None or self.steps < self.off_at:
            self.session.rollback()

    def clock(self) -> datetime:
        return self.now

    def send(self, message: EmailMessage) -> None:
        self.step()
        if self.fault:
            raise self.fault
        self.delivered.append(message)
        self.step()

    def close(self) -> None:
        pass

    def render(self, template: str, language: str, values: Mapping[str, object]) -> Worded:
        if self.wording_fault:
            raise ValueError("no such word")
        return Worded(template, str(values), "<p></p>")

    def run(self, worker: str = "one", limit: int = 20) -> outbox.Tally:
        desk = Desk("https://haln.example", "secret", "HALN <post@haln.example>", True, self.render)
        edge = outbox.Edge(self.commit, self.rollback, self.clock)
        return outbox.send_due(self.session, desk, self, worker, edge, limit)

    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.delivered]


@pytest.fixture
def machine(session: Session) -> Machine:
    return Machine(session)


def put(session: Session, count: int = 1) -> None:
    for number in range(count):
        mailbox.put(session, "verify", f"new{number}@example.org", {}, NOW)
    session.commit()


def state(session: Session) -> tuple[str, int]:
    row = session.execute(select(Mail.state, Mail.attempts)).one()
    return row.state, row.attempts


def test_what_is_due_is_sent_once(session: Session, machine: Machine) -> None:
    put(session, 3)
    assert machine.run().sent == 3
    assert not machine.run()
    assert len(machine.delivered) == 3


def test_what_is_not_due_waits(session: Session, machine: Machine) -> None:
    mailbox.put(session, "verify", "new@example.org", {}, NOW, due_at=NOW + timedelta(hours=1))
    session.commit()
    assert not machine.run()
    machine.now += timedelta(hours=1)
    assert machine.run().sent == 1


def test_two_workers_never_lease_the_same_row(session: Session) -> None:
    put(session, 4)
    first = outbox.claim(session, NOW, "one", 2)
    second = outbox.claim(session, NOW, "two", 4)
    assert len(first) == len(second) == 2 and not set(first) & set(second)


def test_a_slow_worker_does_not_send_what_another_took_over(session: Session, machine: Machine) -> None:
    put(session, 2)
    other = Machine(session)
    later = NOW + outbox.LEASE

    def slow_send(message: EmailMessage) -> None:
        """While the first message is being sent, the lease on the second ends, and somebody else sends it."""
        machine.delivered.append(message)
        if len(machine.delivered) == 1:
            machine.now = other.now = later
            assert other.run("two").sent == 1

    machine.send = slow_send  # type: ignore[method-assign]  # a slower mail server
    assert machine.run().sent == 1
    assert len(set(machine.ids() + other.ids())) == 2 == len(machine.ids() + other.ids())


def test_a_slow_worker_does_not_begin_what_another_has_leased(session: Session, machine: Machine) -> None:
    put(session, 2)

    def slow_send(message: EmailMessage) -> None:
        machine.delivered.append(message)
        if len(machine.delivered) == 1:
            machine.now = NOW + outbox.LEASE
            assert len(outbox.claim(session, machine.now, "two")) == 1

    machine.send = slow_send  # type: ignore[method-assign]  # a slower mail server
    assert machine.run().sent == 1
    found = {tuple(row) for row in session.execute(select(Mail.state, Mail.leased_by))}
    assert found == {("sent", None), ("leased", "two")}


def steps_of_one_message(session: Session) -> int:
    """How many instructions sending one message has."""
    measured = Machine(session)
    put(session)
    measured.run()
    return measured.steps


def test_a_worker_killed_at_any_step_loses_nothing(session: Session) -> None:
    count = steps_of_one_message(session)
    assert count >= 8
    for step in range(1, count + 1):
        session.execute(update(Mail).values(state="cancelled"))
        put(session)
        machine = Machine(session)
        machine.off_at = step
        with pytest.raises(Killed):
            machine.run()
        session.rollback()  # what the database does when the connection breaks
        machine.off_at, machine.now = None, NOW + outbox.SENDING_LEASE
        machine.run("two")
        assert session.scalars(select(Mail.state).where(Mail.state.not_in(("cancelled", "sent")))).all() == [], step
        assert len(set(machine.ids())) == 1, step
        # Only between the server's last word and our note of it can nobody know; then both copies have one Message-ID.
        assert len(machine.ids()) <= 2, step


def test_a_killed_worker_sends_a_copy_only_when_it_died_with_the_message_in_its_hand(session: Session) -> None:
    copies = []
    for step in range(1, steps_of_one_message(session) + 1):
        session.execute(update(Mail).values(state="cancelled"))
        put(session)
        machine = Machine(session)
        machine.off_at = step
        with pytest.raises(Killed):
            machine.run()
        session.rollback()
        before = session.scalar(select(Mail.state).where(Mail.state != "cancelled"))
        machine.off_at, machine.now = None, NOW + outbox.SENDING_LEASE
        machine.run("two")
        if len(machine.ids()) > 1:
            copies.append((before, session.scalar(select(Mail.last_error).where(Mail.state == "sent"))))
    assert {before for before, _ in copies} == {"sending"}


def test_a_copy_sent_after_a_crash_is_told_to_staff_while_it_waits(session: Session) -> None:
    put(session)
    session.execute(update(Mail).values(state="sending", leased_by="one", leased_until=NOW))
    outbox.claim(session, NOW, "two")
    assert "same Message-ID" in (session.scalar(select(Mail.last_error)) or "")


def test_what_another_worker_is_sending_is_left_alone(session: Session, machine: Machine) -> None:
    put(session)
    session.execute(update(Mail).values(state="sending", leased_by="one", leased_until=NOW + timedelta(seconds=1)))
    session.commit()
    assert not machine.run("two")


def test_a_message_that_fails_waits_longer_each_time_and_then_fails(session: Session, machine: Machine) -> None:
    put(session)
    machine.fault = Postponed("451 later")
    waited = []
    for _ in range(outbox.MOST_ATTEMPTS - 1):
        assert machine.run().postponed == 1
        assert not machine.run()
        due = session.scalars(select(Mail.due_at)).one()
        waited.append(due - machine.now)
        machine.now = due
    assert waited == sorted(waited) and waited[0] == timedelta(minutes=1) and waited[-1] == timedelta(hours=12)
    assert machine.run().failed == 1
    assert state(session) == ("failed", outbox.MOST_ATTEMPTS)
    machine.now += timedelta(days=2)
    assert not machine.run()


def test_an_address_that_is_refused_is_not_tried_again(session: Session, machine: Machine) -> None:
    put(session)
    machine.fault = Refused("550 no such mailbox")
    assert machine.run().failed == 1
    assert state(session) == ("failed", 1)


def test_the_rest_waits_untouched_when_the_server_cannot_be_reached(session: Session, machine: Machine) -> None:
    put(session, 3)
    machine.fault = Unreachable("no route")
    assert machine.run().postponed == 1
    states = session.execute(select(Mail.state, Mail.attempts, Mail.leased_by).order_by(Mail.id)).all()
    assert [tuple(row) for row in states] == [("waiting", 1, None), ("waiting", 0, None), ("waiting", 0, None)]


def test_a_message_that_cannot_be_worded_stops_no_other(session: Session, machine: Machine) -> None:
    put(session, 2)
    machine.wording_fault = True
    assert machine.run().postponed == 2
    assert session.scalars(select(Mail.attempts)).all() == [1, 1]


def test_a_worker_told_to_stop_gives_back_what_it_has_not_begun(session: Session, machine: Machine) -> None:
    put(session, 3)
    desk = Desk("https://haln.example", "secret", "post@haln.example", True, machine.render)
    edge = outbox.Edge(machine.commit, machine.rollback, machine.clock, lambda: bool(machine.delivered))
    assert outbox.send_due(session, desk, machine, "one", edge).sent == 1
    waiting = select(func.count()).where(Mail.state == "waiting", Mail.leased_by.is_(None))
    assert session.scalar(waiting) == 2


def test_a_message_keeps_its_id_from_attempt_to_attempt(session: Session, machine: Machine) -> None:
    put(session)
    machine.fault = Postponed("451 later")
    machine.run()
    first = session.scalar(select(Mail.message_id))
    machine.fault, machine.now = None, NOW + timedelta(hours=1)
    machine.run()
    assert machine.ids() == [first]


def test_a_sent_message_keeps_its_words_without_the_keys(session: Session, machine: Machine) -> None:
    put(session)
    machine.run()
    kept = session.scalars(select(Mail.values)).one()["wording"]["text"]
    assert "/join/[…]" in kept
    assert str(machine.delivered[0].get_body(("plain",))).count("/join/") == 1


def test_old_messages_are_forgotten_and_waiting_ones_are_not(session: Session, machine: Machine, cast: Cast) -> None:
    put(session, 2)
    machine.run(limit=1)
    assert outbox.forget_old(session, NOW + timedelta(days=89)) == 0
    assert outbox.forget_old(session, NOW + timedelta(days=91)) == 1
    assert session.scalars(select(Mail.state)).all() == ["waiting"]


def test_who_is_erased_while_their_message_is_sent_is_not_written_down_again(
    session: Session, machine: Machine
) -> None:
    put(session)

    def send(message: EmailMessage) -> None:
        session.execute(update(Mail).values(state="cancelled", address="", values={}, message_id=None))

    machine.send = send  # type: ignore[method-assign]  # erased at that moment
    machine.run()
    kept = session.execute(select(Mail.state, Mail.address, Mail.values, Mail.message_id)).one()
    assert tuple(kept) == ("cancelled", "", {}, None)
