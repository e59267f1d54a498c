"""Each kind of mail has a stop of its own, and links of earlier messages still do what they promised."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from haln.models import Member
from haln.people import accounts
from haln.post import letters, unsubscribing
from haln.post.writing import Desk
from haln.views import letters as wording
from tests.builders import NOW, Cast, an_actor
from tests.post.test_letters import an_order, written

WANTS = ("introduction_mail", "event_mail", "pathway_mail", "resource_mail", "topic_mail", "proposal_mail")
STOPS = {
    unsubscribing.INTRODUCTIONS: {"introduction_mail"},
    unsubscribing.EVENTS: {"event_mail"},
    unsubscribing.PATHWAYS: {"pathway_mail"},
    unsubscribing.RESOURCES: {"resource_mail"},
    unsubscribing.BACKED: {"topic_mail"},
    unsubscribing.PROPOSALS: {"proposal_mail"},
    unsubscribing.NEWS: set(),
    unsubscribing.DIGEST: set(),
    "introductions": {"introduction_mail", "pathway_mail", "resource_mail"},
}


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return wording.desk()


def wanted(session: Session, member: int) -> set[str]:
    session.expire_all()
    row = session.get_one(Member, member)
    return {name for name in WANTS if getattr(row, name)}


@pytest.mark.parametrize("topic", sorted(STOPS))
def test_a_link_stops_its_own_kind_and_no_other(session: Session, cast: Cast, topic: str) -> None:
    token = unsubscribing.token("secret", session.get_one(Member, cast.ada).public_id, topic)
    assert unsubscribing.stop(session, "secret", token, NOW) == topic
    assert wanted(session, cast.ada) == set(WANTS) - STOPS[topic]
    assert wanted(session, cast.ben) == set(WANTS)


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("pathway_module_added", "pathway_mail"),
        ("resource_sent", "resource_mail"),
        ("resource_author_asked", "resource_mail"),
        ("introduction_asked", "introduction_mail"),
        ("event_reminder", "event_mail"),
        ("event_proposals", "proposal_mail"),
        ("topic_retired", "topic_mail"),
    ],
)
def test_the_link_in_a_letter_stops_that_letter_alone(
    session: Session, cast: Cast, desk: Desk, kind: str, column: str
) -> None:
    order = an_order(session, cast, kind)
    token = written(session, order, desk).unsubscribe_url.rsplit("/", 1)[1]
    unsubscribing.stop(session, desk.secret, token, NOW)
    assert order.member_id is not None
    assert wanted(session, order.member_id) == set(WANTS) - {column}
    assert letters.write(session, order, desk, NOW) is None


def test_an_account_says_of_each_kind_whether_it_is_wanted(session: Session, cast: Cast) -> None:
    row = session.get_one(Member, cast.ada)
    accounts.set_mail(session, row.public_id, pathways=False, topics=False)
    session.expire_all()
    own = accounts.own(session, an_actor(session, cast.ada))
    assert (own.introduction_mail, own.event_mail, own.pathway_mail) == (True, True, False)
    assert (own.resource_mail, own.topic_mail, own.proposal_mail, own.news_since) == (True, False, True, None)
