"""What a digest says, asked when it leaves: consent, what is new, who may be seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from haln.errors import NotFound
from haln.learn import events
from haln.models import Block, Digest, DigestChoice, Introduction, Mail, Member, MemberTheme
from haln.people import digest_choices, erasure, leaving, mailbox
from haln.post import letters, outbox, reading, unsubscribing
from haln.post.transport import Postponed
from haln.post.writing import HIDDEN, Desk, Order
from haln.views import letters as wording
from tests.builders import NOW, Cast, a_connection, a_member, a_theme, an_actor
from tests.digest_builders import ALL, DUE, WEEK, a_choice, a_suggestion, asks, digest_of, mail_of, order_all
from tests.event_builders import a_place, an_event
from tests.queries import queries_when
from tests.resource_builders import a_content, published
from tests.topic_builders import a_topic


class Box:
    """A transport that keeps what it is given, and refuses for a while when it is told to."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.postpones = False

    def send(self, message: EmailMessage) -> None:
        if self.postpones:
            raise Postponed("Later.")
        self.taken.append(message)

    def close(self) -> None:
        pass

    def texts(self) -> list[str]:
        """What each says, as plain text."""
        return [message.get_body(("plain",)).get_content() for message in self.taken]  # type: ignore[union-attr]  # ours have one


Send = Callable[..., list[str]]


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def send(app: Flask, session: Session, box: Box) -> Send:
    """Order what is due and send it; gives the texts of what left."""

    def sending(now: datetime = DUE) -> list[str]:
        order_all(session, now)
        session.commit()
        box.taken.clear()
        edge = outbox.Edge(session.commit, session.rollback, lambda: now)
        while outbox.send_due(session, wording.desk(), box, "one", edge):
            pass
        return box.texts()

    return sending


def everything(session: Session, cast: Cast) -> None:
    """Something new for Ada in every part."""
    a_theme(session, cast.ada, "food", interest=True)
    a_suggestion(session, cast.ada, cast.ben)
    asks(session, cast.cai, cast.ada)
    an_event(session, cast.fay, themes=["food"], made_at=NOW, title="Bread and more")
    published(session, cast.dee, cast.sol, a_content())
    a_topic(session, cast.dee, "Meals from nearby", themes=["food"])
    session.execute(update(Member).where(Member.id == cast.ada).values(confirmed_at=NOW - timedelta(days=200)))
    for order in session.scalars(select(Mail)):
        session.delete(order)
    session.commit()


SAID = {
    "suggestions": "Ben Whitaker",
    "introductions": "Cai Morgan",
    "events": "Bread and more",
    "resources": "Bread for the wards",
    "topics": "Meals from nearby",
    "still_right": "Leeds Teaching Hospitals NHS Trust",
}


def test_a_digest_holds_each_part_with_why_it_is_there(session: Session, cast: Cast, send: Send, box: Box) -> None:
    everything(session, cast)
    a_choice(session, cast.ada)
    (text,) = send()
    for said in SAID.values():
        assert said in text
    assert "A private word." not in text
    assert "Does what you do in another organisation" in text and "About food, which you picked." in text
    assert text.count("Because you chose “") == 6
    message = box.taken[0]
    subject = "Your week: 1 introduction waiting, 1 person to meet, 1 event, 1 resource and 1 topic"
    assert message["Subject"] == subject
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/account/digest" in text and "/unsubscribe/" in text
    assert digest_of(session, cast.ada).items == 6


PARTS = st.frozensets(st.sampled_from(ALL), min_size=1)
STEPS = st.lists(st.one_of(st.just("order"), st.just("none"), st.just("link"), PARTS), max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_a_part_that_was_not_chosen_never_comes_whatever_the_order_of_events(
    app: Flask, session: Session, cast: Cast, send: Send, steps: list[str | frozenset[str]]
) -> None:
    """Members choose, stop, use the link and choose again, before and after the digest is ordered: the last counts."""
    if not session.scalar(select(MemberTheme.theme)):
        everything(session, cast)
    for model in (Digest, DigestChoice, Mail):
        session.execute(delete(model))
    session.commit()
    wanted: frozenset[str] = frozenset()
    for step in steps:
        if step == "order":
            order_all(session)
        elif step == "none":
            wanted = frozenset()
            digest_choices.choose(session, cast.ada, "none", ALL, ALL, NOW)
        elif step == "link":
            wanted = frozenset()
            secret, key = str(app.config["SECRET_KEY"]), session.get_one(Member, cast.ada).public_id
            unsubscribing.stop(session, secret, unsubscribing.token(secret, key, "digest"), NOW)
        else:
            wanted = frozenset(step)
            digest_choices.choose(session, cast.ada, "week", step, ALL, NOW)
    found = send()
    assert len(found) == bool(wanted)
    assert {part for part, said in SAID.items() for text in found if said in text} == wanted


def test_who_changed_their_mind_after_it_was_ordered_gets_none(session: Session, cast: Cast, send: Send) -> None:
    for member, frequency in ((cast.ada, "none"), (cast.ben, "month")):
        a_choice(session, member)
        a_suggestion(session, member, cast.cai)
        order_all(session)
        digest_choices.choose(session, member, frequency, ALL, ALL, DUE)
    assert send() == []
    for member in (cast.ada, cast.ben):
        assert [row.state for row in mail_of(session, member)] == ["cancelled"]
        assert digest_of(session, member).items is None


def test_an_empty_digest_is_not_sent_and_says_so(session: Session, cast: Cast, send: Send) -> None:
    a_choice(session, cast.ada)
    assert send() == []
    assert digest_of(session, cast.ada).items == 0 and mail_of(session, cast.ada)[0].state == "cancelled"


def test_new_is_what_came_after_the_last_one_that_left(session: Session, cast: Cast, send: Send, box: Box) -> None:
    a_choice(session, cast.ada)
    a_suggestion(session, cast.ada, cast.ben, listed_at=NOW - timedelta(days=300))
    assert "Ben Whitaker" in send()[0]  # the first one shows the best there are, since whenever
    a_suggestion(session, cast.ada, cast.cai, listed_at=DUE + timedelta(days=3), rank=2)
    (text,) = send(DUE + WEEK)
    assert "Cai Morgan" in text and "Ben Whitaker" not in text
    a_suggestion(session, cast.ada, cast.dee, listed_at=DUE + timedelta(days=10), rank=3)
    box.postpones = True
    assert send(DUE + 2 * WEEK) == []
    assert digest_of(session, cast.ada, DUE + 2 * WEEK).items == 1
    session.execute(update(Mail).where(Mail.state == "waiting").values(state="failed"))  # it never left
    box.postpones = False
    assert "Dee Sandhu" in send(DUE + 3 * WEEK)[0]
    assert send(DUE + 4 * WEEK) == []


@pytest.mark.parametrize("seconds", [1, 30, 59, 61, 90, 121, 300])
def test_what_is_announced_while_digests_leave_is_in_exactly_one_of_each_reader(
    session: Session, cast: Cast, seconds: int
) -> None:
    """Letters share what was read for an earlier one: what came after that must be new for the next."""

    def texts(member: int, due: datetime, seconds: int, desk: Desk) -> str:
        row, now = mail_of(session, member)[-1], due + timedelta(seconds=seconds)
        order = Order("digest", row.address, member, "en", row.values)
        letter = letters.write(session, order, desk, now)
        if letter is None:
            return ""
        letters.has_left(session, order, now)
        return letter.words.text

    for member in (cast.ada, cast.ben):
        a_choice(session, member, parts=["events", "resources", "topics", "suggestions", "introductions"])
    soon, desk = DUE + timedelta(days=30), wording.desk()
    an_event(session, cast.sol, soon, made_at=NOW, title="Bread and more")
    order_all(session)
    found = {cast.ada: texts(cast.ada, DUE, 0, desk)}
    at = DUE + timedelta(seconds=10)
    an_event(session, cast.sol, soon, made_at=at, title="A second one")
    row = a_topic(session, cast.dee, "Meals from nearby")
    row.proposed_at = at
    for member in (cast.ada, cast.ben):
        a_suggestion(session, member, cast.cai, listed_at=at)
        asks(session, cast.fay, member, at=at)
    session.commit()
    found[cast.ben] = texts(cast.ben, DUE, 10 + seconds, desk)
    order_all(session, DUE + WEEK)
    for member, first in found.items():
        both = first + texts(member, DUE + WEEK, 0, wording.desk())
        for said in ("Bread and more\n", "A second one\n", "Meals from nearby\n"):
            assert both.count(said) == 1, said
        assert both.count("Cai Morgan\n") == 1 and "Fay Lindqvist" in both


def test_after_a_quarter_in_which_nothing_was_new_nothing_old_is_sent(session: Session, cast: Cast, send: Send) -> None:
    """The outbox forgets what it sent after 90 days; that it left is still known."""
    a_choice(session, cast.ada, parts=["suggestions"])
    a_suggestion(session, cast.ada, cast.ben)
    assert len(send()) == 1
    for number in range(1, 16):
        due = DUE + number * WEEK
        assert send(due) == []
        outbox.forget_old(session, due)
    assert session.scalar(select(Mail.id).where(Mail.state == "sent")) is None
    last = digest_of(session, cast.ada)
    assert last.sent_at == DUE and last.mail_id is None
    a_suggestion(session, cast.ada, cast.cai, listed_at=DUE + 15 * WEEK + timedelta(days=1))
    (text,) = send(DUE + 16 * WEEK)
    assert "Cai Morgan" in text and "Ben Whitaker" not in text


def test_one_that_failed_is_not_sent_any_more_when_a_later_one_is_there(
    session: Session, cast: Cast, send: Send, box: Box
) -> None:
    a_choice(session, cast.ada, parts=["suggestions"])
    a_suggestion(session, cast.ada, cast.ben)
    box.postpones = True
    send()
    failed = mail_of(session, cast.ada)[0]
    failed.state = "failed"
    box.postpones = False
    assert "Ben Whitaker" in send(DUE + WEEK)[0]
    a_suggestion(session, cast.ada, cast.cai, listed_at=DUE + WEEK + timedelta(hours=3))
    failed.state = "waiting"
    assert send(DUE + WEEK + timedelta(days=1)) == []
    assert digest_of(session, cast.ada).items is None


def test_a_digest_that_is_sent_again_is_put_together_anew(session: Session, cast: Cast, send: Send, box: Box) -> None:
    a_choice(session, cast.ada)
    a_suggestion(session, cast.ada, cast.ben)
    box.postpones = True
    assert send() == []
    box.postpones = False
    a_suggestion(session, cast.ada, cast.cai, rank=2)
    session.add(Block(blocker_id=cast.ben, blocked_id=cast.ada, created_at=DUE))
    (text,) = send(DUE + timedelta(hours=1))
    assert "Cai Morgan" in text and "Ben Whitaker" not in text


@pytest.mark.parametrize("why", ["blocked", "hidden", "left", "paused", "opted out", "connected", "fact hidden"])
def test_nobody_is_shown_who_may_not_be_seen_when_it_leaves(session: Session, cast: Cast, send: Send, why: str) -> None:
    a_choice(session, cast.ada)
    for number, other in enumerate((cast.ben, cast.cai)):
        a_suggestion(session, cast.ada, other, rank=number)
    asks(session, cast.ben, cast.ada)
    session.execute(delete(Introduction)) if why in ("paused", "opted out", "connected", "fact hidden") else None
    order_all(session)
    changes: dict[str, dict[str, object]] = {
        "hidden": {"listed": False},
        "left": {"standing": "left"},
        "paused": {"paused_until": NOW.date() + timedelta(days=30)},
        "opted out": {"suggest_me": False},
        "fact hidden": {"show_role": 0, "show_organisation": 1},
    }
    if why == "blocked":
        session.add(Block(blocker_id=cast.ben, blocked_id=cast.ada, created_at=NOW))
    elif why == "connected":
        a_connection(session, cast.ada, cast.ben)
    else:
        session.execute(update(Member).where(Member.id == cast.ben).values(**changes[why]))
    (text,) = send()
    assert "Cai Morgan" in text
    if why == "fact hidden":
        assert "Ben Whitaker" in text and "Leeds City Council" not in text and "Strategy" not in text
    else:
        assert "Ben Whitaker" not in text


def test_a_member_of_another_standing_gets_none_and_erasing_empties_all(
    session: Session, cast: Cast, send: Send
) -> None:
    for member in (cast.ada, cast.ben):
        a_choice(session, member)
        a_suggestion(session, member, cast.cai)
    order_all(session)
    leaving.leave(session, an_actor(session, cast.ada), NOW)
    erasure.erase(session, cast.ben, NOW)
    assert send() == []
    assert session.get(DigestChoice, cast.ben) is None and session.get(Digest, (cast.ben, DUE.date())) is None


def test_an_introduction_that_waits_makes_a_letter_once_and_then_comes_along(
    session: Session, cast: Cast, send: Send
) -> None:
    a_choice(session, cast.ada)
    asks(session, cast.cai, cast.ada, expires_at=NOW + timedelta(days=60))
    assert "Cai Morgan" in send()[0]
    assert send(DUE + WEEK) == []
    a_suggestion(session, cast.ada, cast.ben, listed_at=DUE + timedelta(days=8))
    (text,) = send(DUE + 2 * WEEK)
    assert "Cai Morgan" in text and "Ben Whitaker" in text


def test_events_are_those_of_ones_themes_and_place_announced_since(session: Session, cast: Cast, send: Send) -> None:
    a_choice(session, cast.ada, parts=["events"])
    a_theme(session, cast.ada, "food", interest=True)
    soon = NOW + timedelta(days=20)
    titles = {
        "Of food": {"themes": ["food"]},
        "In town": {"where": "Civic Hall", "place_id": session.get_one(Member, cast.ada).place_id},
        "Of housing": {"themes": ["housing"]},
        "Of Leeds in name": {"where": "Leeds Room, Central Library"},
        "Elsewhere": {"where": "Leeds Room", "place_id": session.get_one(Member, cast.cai).place_id},
        "Long known": {"themes": ["food"], "made_at": NOW - timedelta(days=60)},
        "Called off": {"themes": ["food"], "state": "cancelled"},
        "Proposed": {"themes": ["food"], "state": "proposed"},
        "Over": {"themes": ["food"], "starts_at": NOW},
    }
    for title, facts in titles.items():
        values: dict[str, object] = {"made_at": NOW, "starts_at": soon, "title": title, **facts}
        an_event(session, cast.fay, **values)  # type: ignore[arg-type]  # whatever the case gives
    mine = an_event(session, cast.fay, soon, themes=["food"], made_at=NOW, title="Mine already")
    a_place(session, mine, cast.ada)
    an_event(session, cast.ada, soon, themes=["food"], made_at=NOW, title="I hold it")
    (text,) = send()
    assert [title for title in (*titles, "Mine already", "I hold it") if f"{title}\n" in text] == ["Of food", "In town"]
    assert (
        "Civic Hall, Leeds\n" in text and "In Leeds, where you are." in text and "About food, which you picked." in text
    )


def test_a_proposal_is_new_from_the_day_it_is_accepted(session: Session, cast: Cast, send: Send) -> None:
    a_choice(session, cast.ada, parts=["events"])
    row = an_event(session, cast.ben, state="proposed", made_at=NOW - timedelta(days=200), title="At last")
    events.decide(session, an_actor(session, cast.sol), row.public_id, True, "", NOW)
    session.execute(delete(Mail))
    (text,) = send()
    assert "At last" in text and "You have picked no themes, so these are the next." in text


def test_resources_say_what_they_have_to_do_with_the_reader(session: Session, cast: Cast, send: Send) -> None:
    a_theme(session, cast.ada, "food", seek=True)
    a_theme(session, cast.ben, "housing", seek=True)
    published(session, cast.dee, cast.sol, a_content())
    published(session, cast.ada, cast.sol, a_content("By me"))
    session.execute(delete(Mail))
    for member in (cast.ada, cast.ben):
        a_choice(session, member, parts=["resources"])
    (text,) = send()
    assert "Bread for the wards (Case study)" in text and "By me" not in text
    assert digest_of(session, cast.ben).items == 0


def test_topics_are_those_about_the_readers_themes_that_may_be_backed(session: Session, cast: Cast, send: Send) -> None:
    a_theme(session, cast.ada, "food", seek=True)
    a_choice(session, cast.ada, parts=["topics"])
    a_topic(session, cast.dee, "Meals from nearby", themes=["food", "housing"])
    a_topic(session, cast.dee, "Warm homes", themes=["housing"])
    a_topic(session, cast.ada, "By me", themes=["food"])
    a_topic(session, cast.dee, "Given up", themes=["food"], state="retired", retired_why="No.")
    (text,) = send()
    assert "Meals from nearby" in text and "About food, which you picked." in text
    assert not any(said in text for said in ("Warm homes", "By me", "Given up", "Dee"))
    assert send(DUE + WEEK) == []


def test_still_right_is_asked_when_it_is_due_and_at_most_once_a_month(session: Session, cast: Cast, send: Send) -> None:
    a_choice(session, cast.ada, parts=["still_right"])
    session.execute(update(Member).where(Member.id == cast.ada).values(confirmed_at=DUE - timedelta(days=185)))
    asked = [bool(send(DUE + number * WEEK)) for number in range(10)]
    assert asked == [True, False, False, False, True, False, False, False, True, False]
    session.execute(update(Member).where(Member.id == cast.ada).values(confirmed_at=DUE + 9 * WEEK))
    assert not any(send(DUE + number * WEEK) for number in range(10, 16))


def test_one_click_stops_it_for_good(session: Session, cast: Cast, send: Send, app: Flask, box: Box) -> None:
    a_choice(session, cast.ada)
    a_suggestion(session, cast.ada, cast.ben)
    (text,) = send()
    token = re.search(r"/unsubscribe/(\S+)", text)
    assert token is not None and token[1] in str(box.taken[0]["List-Unsubscribe"])
    browser = app.test_client()
    assert "No more digests" in browser.get(f"/unsubscribe/{token[1]}").text
    assert digest_choices.own(session, cast.ada).frequency == "week"  # looking stops nothing
    for _ in range(2):
        assert "You get no more digests" in browser.post(f"/unsubscribe/{token[1]}").text
    assert digest_choices.own(session, cast.ada) == digest_choices.Choice("none", frozenset(ALL))
    a_suggestion(session, cast.ada, cast.cai, listed_at=DUE + timedelta(days=1))
    assert send(DUE + WEEK) == []
    token_of_nobody = unsubscribing.token(str(app.config["SECRET_KEY"]), "nobody", "digest")
    assert browser.post(f"/unsubscribe/{token_of_nobody}").status_code == 200


def test_staff_read_neither_whom_it_goes_to_nor_what_it_says(session: Session, cast: Cast, send: Send) -> None:
    a_choice(session, cast.ada)
    a_suggestion(session, cast.ada, cast.ben)
    send()
    (row,) = mail_of(session, cast.ada)
    assert row.values["wording"] == {"subject": HIDDEN, "text": HIDDEN}
    with pytest.raises(NotFound):
        reading.message(session, row.id, wording.desk(), DUE)


def test_a_letter_asks_the_same_few_queries_however_large_the_network_is(
    app: Flask, session: Session, cast: Cast
) -> None:
    def count() -> int:
        order = Order("digest", "ada@example.org", cast.ada, "en", {"due_on": DUE.date().isoformat()})
        desk = wording.desk()
        letters.write(session, order, desk, DUE)
        asked = queries_when(lambda: letters.write(session, order, desk, DUE))
        session.rollback()
        return asked

    everything(session, cast)
    a_choice(session, cast.ada)
    order_all(session)
    few = count()
    for number in range(30):
        other = a_member(session, f"Person{number} Number").id
        a_suggestion(session, cast.ada, other, rank=number + 2)
        an_event(session, cast.fay, NOW + timedelta(days=number + 1), themes=["food"], made_at=NOW)
    session.commit()
    assert count() == few <= 12


def test_who_waits_for_a_reset_does_not_wait_behind_digests(session: Session, cast: Cast) -> None:
    for number in range(30):
        a_choice(session, a_member(session, f"Person{number} Number").id)
    order_all(session)
    mailbox.put(session, "reset", "ada.okafor@example.org", {}, DUE + timedelta(minutes=5))
    first = outbox.claim(session, DUE + timedelta(minutes=6), "one", 1)
    assert session.scalar(select(Mail.kind).where(Mail.id == first[0])) == "reset"
