"""What is said to topics where a block parts people: nothing tells of it, and nobody is out of the reach of staff."""

from __future__ import annotations

import re
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from haln.learn import topic_comments, topic_lists
from haln.learn.topic_lists import Query
from haln.models import Block, Topic, TopicComment
from tests.application import SignIn
from tests.builders import NOW, Cast, an_actor
from tests.topic_builders import RULES, a_comment, a_topic

DAY = timedelta(days=1)


def block(session: Session, who: int, whom: int) -> None:
    session.add(Block(blocker_id=who, blocked_id=whom, created_at=NOW))
    session.commit()


def page(browser: FlaskClient, row: Topic) -> str:
    return re.sub(r'(content|value)="[\w.-]{60,}"', "", browser.get(f"/topics/{row.public_id}").text)  # tokens differ


def test_who_blocks_staff_is_heard_and_hidden_by_them_without_a_name(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_topic(session, cast.dee)
    comment = a_comment(session, row, cast.ada, "Something vile.")
    block(session, cast.ada, cast.sol)
    sol, way = signed_in(cast.sol), f"/topics/comments/{comment.public_id}/hide"
    assert "Something vile." in page(sol, row) and "Ada Okafor" not in page(sol, row)
    asked = sol.get(way)
    assert asked.status_code == 200 and "Something vile." in asked.text and "Ada Okafor" not in asked.text
    assert sol.post(way, data={"why": "It is vile."}).status_code == 303
    session.expire_all()
    assert session.get_one(TopicComment, comment.id).hidden_by_id == cast.sol
    assert sol.post(f"/topics/comments/{comment.public_id}/show").status_code == 303


def test_others_hear_nothing_across_a_block(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_topic(session, cast.dee)
    a_comment(session, row, cast.ada, "Something nice.")
    block(session, cast.ada, cast.fay)
    assert "Something nice." not in page(signed_in(cast.fay), row)
    assert topic_comments.count(session, an_actor(session, cast.fay), row.id) == 0


def test_that_somebody_spoke_across_a_block_shows_in_nothing(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_topic(session, cast.ada, "Mine")
    other = a_topic(session, cast.dee, "Other", proposed_at=NOW - DAY, talked_at=NOW - DAY)
    block(session, cast.ben, cast.ada)
    ada, cai = an_actor(session, cast.ada), an_actor(session, cast.cai)

    def listed(who: object) -> list[tuple[str, object]]:
        rows = topic_lists.search(session, who, Query(sort="discussed"), ["food"], RULES).rows  # type: ignore[arg-type]
        return [(line.title, line.talked_at) for line in rows]

    before, seen = page(signed_in(cast.ada), row), listed(ada)
    assert "/change" in before and seen == [("Mine", NOW), ("Other", NOW - DAY)]
    for one in (row, other):
        topic_comments.say(session, an_actor(session, cast.ben), one.public_id, "We tried it.", NOW + DAY)
    session.commit()
    assert page(signed_in(cast.ada), row) == before and listed(ada) == seen
    assert {at for _, at in listed(cai)} == {NOW + DAY}
    topic_comments.say(session, cai, other.public_id, "So did we.", NOW + 2 * DAY)
    assert listed(ada) == [("Other", NOW + 2 * DAY), ("Mine", NOW)]
    a_comment(session, row, cast.cai)
    session.commit()
    assert "/change" not in page(signed_in(cast.ada), row)
