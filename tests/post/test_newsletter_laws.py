"""Laws of the newsletter: who said no does not get it, whatever the order of events; nobody gets an issue twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from haln.errors import Conflict
from haln.models import AuditRecord, Base, Mail, Member, Newsletter, StoppedAddress
from haln.people import accounts, leaving, stopped_mail
from haln.post import outbox, unsubscribing
from haln.post.newsletters import sending
from haln.post.writing import Desk, Worded
from haln.taxonomy import vocabulary
from tests.builders import NOW, a_member, an_actor
from tests.newsletter_builders import an_issue

WORDS = vocabulary.load()
ACTS = ("ask", "stop by link", "stop in account", "leave", "bounce", "lift", "order", "send", "stop issue")


def render(template: str, language: str, values: Mapping[str, object]) -> Worded:
    return Worded(template, str(values["unsubscribe_url"]), "<p></p>")


class World:
    """One member, one issue, one worker; what was delivered although it was not wanted is kept."""

    def __init__(self, session: Session) -> None:
        for model in (Mail, Newsletter, StoppedAddress, AuditRecord, Member):  # what the world before has left
            session.execute(delete(model))
        session.expunge_all()
        self.session, self.now = session, NOW
        self.member = a_member(session, news_since=NOW)
        self.staff = a_member(session, "Sol Adeyemi", audience="staff")
        self.other = a_member(session, "Ada Okafor", news_since=NOW)
        self.issue = an_issue(session, state="scheduled")
        self.taken: Counter[str] = Counter()
        self.unwanted: list[str] = []
        session.commit()

    def send(self, message: EmailMessage) -> None:
        self.taken[str(message["To"])] += 1
        if str(message["To"]) == self.member.email and not self.wants:
            self.unwanted.append(str(message["Subject"]))

    def close(self) -> None:
        pass

    @property
    def wants(self) -> bool:
        row = self.session.execute(select(Member.news_since, Member.standing).where(Member.id == self.member.id)).one()
        stopped = stopped_mail.keeps_back(self.session, self.member.email or "", "newsletter")
        return row.news_since is not None and row.standing == "active" and not stopped

    def act(self, act: str) -> None:
        """One thing that happens, a minute later than the last one."""
        self.now += timedelta(minutes=1)
        session, key, now = self.session, self.member.public_id, self.now
        if act in ("ask", "stop in account"):
            accounts.set_news(session, key, wanted=act == "ask", now=now)
        elif act == "stop by link":
            unsubscribing.stop(session, "secret", unsubscribing.token("secret", key, unsubscribing.NEWS), now)
        elif act == "leave":
            leaving.leave(session, an_actor(session, self.member.id), now)
        elif act == "bounce":
            stopped_mail.stop(session, self.member.email or "", stopped_mail.BOUNCED, "5.1.1", now)
        elif act == "lift":
            stopped_mail.lift(session, self.member.email)
        elif act == "order":
            sending.due(session, WORDS, session.commit, now, portion=1)
        elif act == "send":
            desk = Desk("https://haln.example", "secret", "HALN <post@haln.example>", True, render)
            outbox.send_due(session, desk, self, "one", outbox.Edge(session.commit, session.rollback, lambda: now))
        else:
            self._stop()
        session.commit()

    def _stop(self) -> None:
        try:
            sending.stop(self.session, an_actor(self.session, self.staff.id), self.issue.public_id, self.now)
        except Conflict:
            self.session.rollback()


@pytest.fixture(scope="module")
def empty() -> Iterator[Session]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


@settings(max_examples=60, deadline=None)
@given(before=st.lists(st.sampled_from(ACTS), max_size=3), acts=st.lists(st.sampled_from(ACTS), max_size=8))
def test_who_does_not_want_it_never_gets_it_and_nobody_gets_it_twice(
    empty: Session, before: list[str], acts: list[str]
) -> None:
    world = World(empty)
    for act in (*before, "order", *acts, "order", "send"):
        world.act(act)
    keys = empty.scalars(select(Mail.dedupe_key)).all()
    assert world.unwanted == []
    assert max(world.taken.values(), default=0) <= 1
    assert len(keys) == len(set(keys))


def test_the_law_sees_a_letter_that_was_wanted(empty: Session) -> None:
    world = World(empty)
    for act in ("order", "order", "order", "send"):
        world.act(act)
    assert set(world.taken) == {world.member.email, world.other.email}
