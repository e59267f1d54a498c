"""The newsletter: written from blocks, sent to those who asked for it, frozen once it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.models import AuditRecord, Event, Mail, Member, Newsletter, Resource, StoppedAddress
from haln.people import erasure, leaving
from haln.post import letters, outbox
from haln.post.newsletters import archive, audience, blocks, contents, issues, sending
from haln.post.newsletters.audience import Segment
from haln.post.newsletters.blocks import Typed
from haln.post.newsletters.letters import ISSUE, TEST
from haln.post.shared import Shared
from haln.post.writing import Desk, Letter, Order, Worded
from haln.taxonomy import vocabulary
from haln.views import letters as wording
from tests.builders import NOW, Cast, a_member, a_theme, an_actor
from tests.event_builders import an_event
from tests.newsletter_builders import a_block, an_issue, want_news
from tests.pathway_builders import a_pathway
from tests.queries import queries_when
from tests.resource_builders import published

WORDS = vocabulary.load()


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return wording.desk()


def send(session: Session, now: datetime = NOW, portion: int = 100) -> int:
    return sending.due(session, WORDS, session.commit, now, portion)


def ordered(session: Session) -> set[int | None]:
    return set(session.scalars(select(Mail.member_id).where(Mail.kind == ISSUE)))


def to(member: int, issue: Newsletter, kind: str = ISSUE) -> Order:
    return Order(kind, "whatever@example.org", member, "en", {"newsletter_id": issue.id})


def written(session: Session, order: Order, desk: Desk, now: datetime = NOW) -> Letter:
    letter = letters.write(session, order, desk, now)
    assert letter is not None
    return letter


# Writing


def test_blocks_stand_in_the_order_they_are_put_in(session: Session, cast: Cast) -> None:
    sol = an_actor(session, cast.sol)
    key = issues.start(session, sol, "  News   of June ", NOW)
    for heading in ("one", "two", "three"):
        issues.write_block(session, sol, key, None, "words", Typed(heading=heading), 0, NOW)
    ids = [one["id"] for one in issues.one(session, key).blocks]
    issues.move_block(session, sol, key, ids[2], up=True, now=NOW)
    issues.move_block(session, sol, key, ids[0], up=True, now=NOW)  # it is the first already
    issues.remove_block(session, sol, key, ids[2], removed=True, now=NOW)
    row = issues.one(session, key)
    assert row.subject == "News of June"
    assert [one.heading for one in contents.pieces(session, row.blocks, NOW)] == ["one", "two"]
    issues.move_block(session, sol, key, ids[1], up=True, now=NOW)  # past the one that is taken out
    issues.remove_block(session, sol, key, ids[2], removed=False, now=NOW)
    shown = [one.heading for one in contents.pieces(session, issues.one(session, key).blocks, NOW)]
    assert sorted(shown) == ["one", "three", "two"] and shown.index("two") < shown.index("one")
    assert session.scalar(select(func.count()).where(AuditRecord.subject_kind == "newsletter")) == 9


@pytest.mark.parametrize(
    ("kind", "typed", "field"),
    [
        ("words", Typed(), "text"),
        ("words", Typed(heading="x" * 161), "heading"),
        ("words", Typed(text="x" * 8001), "text"),
        ("call", Typed(link="/events"), "button"),
        ("call", Typed(button="Go", link="javascript:alert(1)"), "link"),
        ("call", Typed(button="Go", link="//evil.example"), "link"),
        ("call", Typed(button="Go", link="https://user@evil.example"), "link"),
        ("event", Typed(about="nothing"), "about"),
        ("resource", Typed(), "about"),
    ],
)
def test_a_block_that_cannot_be_kept_says_where(
    session: Session, cast: Cast, kind: str, typed: Typed, field: str
) -> None:
    row = an_issue(session)
    with pytest.raises(Invalid) as error:
        issues.write_block(session, an_actor(session, cast.sol), row.public_id, None, kind, typed, 0, NOW)
    assert list(error.value.fields) == [field]


def test_of_two_who_save_at_once_the_second_is_told(session: Session, cast: Cast) -> None:
    sol, row = an_actor(session, cast.sol), an_issue(session)
    block = row.blocks[0]["id"]
    issues.write_block(session, sol, row.public_id, block, "", Typed(heading="Mine"), 1, NOW)
    with pytest.raises(Conflict, match="Somebody else"):
        issues.write_block(session, sol, row.public_id, block, "", Typed(heading="Yours"), 1, NOW)
    issues.write_block(session, sol, row.public_id, block, "", Typed(heading="Yours"), 2, NOW)
    head = (session, sol, row.public_id)
    issues.set_head(*head, "First", Segment(), 1, WORDS, ["en"], NOW)
    with pytest.raises(Conflict, match="Somebody else"):
        issues.set_head(*head, "Second", Segment(), 1, WORDS, ["en"], NOW)


@pytest.mark.parametrize("state", ["scheduled", "sending", "sent", "stopped", "removed"])
def test_nothing_but_a_draft_is_changed(session: Session, cast: Cast, state: str) -> None:
    sol, row = an_actor(session, cast.sol), an_issue(session, state=state)
    block = row.blocks[0]["id"]
    attempts: list[Callable[[], None]] = [
        lambda: issues.write_block(session, sol, row.public_id, block, "", Typed(heading="New"), 1, NOW),
        lambda: issues.move_block(session, sol, row.public_id, block, up=True, now=NOW),
        lambda: issues.remove_block(session, sol, row.public_id, block, removed=True, now=NOW),
        lambda: issues.set_head(session, sol, row.public_id, "New", Segment(), 1, WORDS, ["en"], NOW),
        lambda: issues.remove(session, sol, row.public_id, removed=True, now=NOW),
        lambda: schedule(session, sol, row),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict):
            attempt()


def test_a_draft_that_is_taken_away_can_be_brought_back(session: Session, cast: Cast) -> None:
    sol, row = an_actor(session, cast.sol), an_issue(session)
    issues.remove(session, sol, row.public_id, removed=True, now=NOW)
    assert issues.listed(session, begun=False) == []
    issues.remove(session, sol, row.public_id, removed=False, now=NOW)
    assert [one.public_id for one in issues.listed(session, begun=False)] == [row.public_id]


# What it says


def test_what_a_block_points_to_is_as_it_is_when_the_mail_leaves(session: Session, cast: Cast, desk: Desk) -> None:
    want_news(session, cast.ada)
    event = an_event(session, cast.fay)
    paper = published(session, cast.ben, cast.sol)
    pathway = a_pathway(session, [1])
    row = an_issue(
        session,
        a_block("event", about=event.public_id),
        a_block("resource", about=paper.public_id),
        a_block("pathway", about=pathway.public_id, text="Begin *today*."),
        state="sending",
    )
    letter = written(session, to(cast.ada, row), desk)
    assert "Buying local" in letter.words.text and "Thursday 25 June 2026, 10:30am" in letter.words.text
    assert "Bread for the wards" in letter.words.html and f"/resources/{paper.public_id}" in letter.words.html
    assert pathway.title in letter.words.text and "<em>today</em>" in letter.words.html
    session.execute(update(Event).values(title="Buying nearer"))
    session.execute(update(Resource).values(shown=None))
    desk = replace(desk, shared=Shared())  # the next batch
    later = written(session, to(cast.ada, row), desk)
    assert "Buying nearer" in later.words.text and "Bread for the wards" not in later.words.text
    session.execute(update(Event).values(state="cancelled"))
    desk = replace(desk, shared=Shared())
    assert "Buying" not in written(session, to(cast.ada, row), desk).words.text


def test_an_issue_of_which_nothing_is_left_is_not_sent(session: Session, cast: Cast, desk: Desk) -> None:
    want_news(session, cast.ada)
    row = an_issue(session, a_block("event", about="gone"), state="sending")
    assert letters.write(session, to(cast.ada, row), desk, NOW) is None


@pytest.mark.parametrize("language", ["en", "cy"])
def test_what_is_cancelled_is_in_no_letter_a_minute_later_whatever_language_it_was_worded_in_first(
    session: Session, cast: Cast, desk: Desk, language: str
) -> None:
    want_news(session, cast.ada, cast.ben)
    event = an_event(session, cast.sol, title="Bread and more", starts_at=NOW + timedelta(days=20))
    row = an_issue(session, a_block(), a_block("event", about=event.public_id), state="sending")

    def text(member: int, language: str, seconds: int) -> str:
        order = Order(ISSUE, "a@example.org", member, language, {"newsletter_id": row.id})
        letter = letters.write(session, order, desk, NOW + timedelta(seconds=seconds))
        assert letter is not None
        return letter.words.text

    text(cast.ada, "en", 0)
    assert "Bread and more" in text(cast.ada, language, 59)
    event.state = "cancelled"
    session.flush()
    assert "Bread and more" not in text(cast.ben, language, 61)


def test_each_gets_their_own_link_to_stop_in_words_that_are_made_once(
    app: Flask, session: Session, cast: Cast, desk: Desk
) -> None:
    want_news(session, cast.ada, cast.ben)
    row = an_issue(session, a_block(text="x /unsubscribe/ x"), state="sending")
    asked = []

    def render(template: str, language: str, values: object) -> Worded:
        asked.append(language)
        return wording.render(template, language, values)  # type: ignore[arg-type]  # what the outbox gives

    counting = Desk(desk.public_url, desk.secret, desk.sender, True, render)
    found = [written(session, to(member, row), counting) for member in (cast.ada, cast.ben)]
    assert asked == ["en"]
    for letter in found:
        assert letter.words.text.count(letter.unsubscribe_url) == 1
        assert letter.words.html.count(letter.unsubscribe_url) == 1
    assert found[0].unsubscribe_url != found[1].unsubscribe_url
    assert found[0].unsubscribe_url not in found[1].words.html + found[1].words.text


def test_a_test_goes_to_who_asks_for_it_alone(session: Session, cast: Cast, desk: Desk) -> None:
    row = an_issue(session)
    issues.send_test(session, an_actor(session, cast.sol), row.public_id, NOW)
    assert session.execute(select(Mail.kind, Mail.member_id)).all() == [(TEST, cast.sol)]
    assert written(session, to(cast.sol, row, TEST), desk).words.subject == "Test: News of June"
    with pytest.raises(Conflict, match="nothing to send"):
        issues.send_test(session, an_actor(session, cast.sol), an_issue(session, a_block(removed=True)).public_id, NOW)


# Whom it goes to


def test_a_segment_is_any_of_each_list_and_all_lists_together(session: Session, cast: Cast) -> None:
    want_news(session, *cast.everyone())
    a_theme(session, cast.cai, "food", interest=True)
    a_theme(session, cast.ben, "food", seek=True)
    a_theme(session, cast.ada, "food", interest=False)

    def asked(**lists: tuple[str, ...]) -> set[int]:
        return set(session.scalars(audience.readers(Segment(**lists), WORDS)))

    assert asked() == set(cast.everyone())
    assert asked(sectors=("nhs",)) == {cast.ada, cast.fay}
    assert asked(sectors=("nhs", "housing")) == {cast.ada, cast.fay, cast.dee}
    assert asked(themes=("food",)) == {cast.cai, cast.ben}
    assert asked(themes=("food",), sectors=("local-government",)) == {cast.ben}
    region = next(one.code for one in WORDS.regions if one.ons_code == "E12000009")
    assert asked(regions=(region,)) == {cast.dee}
    session.execute(update(Member).where(Member.id == cast.cai).values(language="cy"))
    assert asked(languages=("cy",)) == {cast.cai}


@pytest.mark.parametrize("facet", audience.FACETS)
def test_a_code_that_is_gone_from_the_lists_is_nobodys_and_holds_nothing_up(
    session: Session, cast: Cast, facet: str
) -> None:
    want_news(session, *cast.everyone())
    gone = an_issue(session, state="sending", **{facet: ["no-such-code"]})
    an_issue(session, state="sending")
    assert send(session) == len(cast.everyone()) and gone.state == "sent"
    assert len(archive.listed(session, an_actor(session, cast.ada), WORDS)) == 1
    with pytest.raises(NotFound):
        archive.one(session, an_actor(session, cast.ada), gone.public_id, WORDS, NOW)


def test_all_of_a_list_is_no_choice_and_what_is_in_none_is_refused(session: Session) -> None:
    everything = Segment(themes=tuple(one.code for one in WORDS.themes), languages=("cy", "en"))
    assert audience.checked(everything, WORDS, ["en", "cy"]) == Segment()
    with pytest.raises(Invalid):
        audience.checked(Segment(themes=("nothing",)), WORDS, ["en"])


def test_small_numbers_are_not_told(session: Session) -> None:
    assert [audience.told(count, 7) for count in (0, 1, 7, 8, 12, 433)] == [0, None, None, 10, 10, 435]


def test_only_those_who_asked_for_it_and_can_be_written_to_get_it(session: Session, cast: Cast) -> None:
    want_news(session, cast.ada, cast.ben, cast.cai, cast.dee)
    session.execute(update(Member).where(Member.id == cast.ben).values(standing="left"))
    session.add(StoppedAddress(address="cai.morgan@example.org", reason="bounced", code="5.1.1", since=NOW))
    an_issue(session, state="scheduled")
    assert send(session) == 2
    assert ordered(session) == {cast.ada, cast.dee}


@pytest.mark.parametrize("since", ["stopped it", "left", "issue stopped"])
def test_who_may_get_it_is_asked_again_when_it_leaves(session: Session, cast: Cast, desk: Desk, since: str) -> None:
    want_news(session, cast.ada)
    row = an_issue(session, state="sending")
    assert letters.write(session, to(cast.ada, row), desk, NOW) is not None
    if since == "stopped it":
        want_news(session, cast.ada, since=None)
    elif since == "left":
        leaving.leave(session, an_actor(session, cast.ada), NOW)
    else:
        session.execute(update(Newsletter).values(state="stopped"))
    assert letters.write(session, to(cast.ada, row), desk, NOW) is None


# When it leaves


def schedule(session: Session, actor: Actor, row: Newsletter, at: datetime = NOW) -> None:
    sending.schedule(session, actor, row.public_id, at, issues.stand(row), NOW)


def test_it_leaves_at_its_hour_and_not_before_in_portions_and_once(session: Session, cast: Cast) -> None:
    want_news(session, *cast.everyone())
    row, sol = an_issue(session), an_actor(session, cast.sol)
    schedule(session, sol, row, NOW + timedelta(hours=1))
    assert send(session) == 0
    at = NOW + timedelta(hours=1)
    assert [send(session, at, 4), send(session, at, 4), send(session, at, 4)] == [4, 2, 0]
    assert ordered(session) == set(cast.everyone())
    session.refresh(row)
    assert (row.state, row.began_at, row.ended_at) == ("sent", at, at)


def test_an_issue_leaves_neither_in_the_past_nor_without_a_block(session: Session, cast: Cast) -> None:
    sol = an_actor(session, cast.sol)
    with pytest.raises(Invalid, match="over"):
        schedule(session, sol, an_issue(session), NOW - timedelta(seconds=1))
    with pytest.raises(Invalid, match="year"):
        schedule(session, sol, an_issue(session), NOW + timedelta(days=400))
    empty = an_issue(session, a_block(removed=True))
    with pytest.raises(Conflict, match="block"):
        schedule(session, sol, empty)


def test_only_what_was_seen_is_sent(session: Session, cast: Cast) -> None:
    row, sol = an_issue(session, a_block(), a_block("call")), an_actor(session, cast.sol)
    first, second = (one["id"] for one in row.blocks)
    key = row.public_id
    changes: list[Callable[[], None]] = [
        lambda: issues.write_block(session, sol, key, first, "", Typed(heading="TODO"), 1, NOW),
        lambda: issues.move_block(session, sol, key, first, up=False, now=NOW),
        lambda: issues.remove_block(session, sol, key, second, removed=True, now=NOW),
        lambda: issues.set_head(session, sol, key, "Other", Segment(), 1, WORDS, ["en"], NOW),
        lambda: issues.set_head(session, sol, key, "Other", Segment(themes=("food",)), 2, WORDS, ["en"], NOW),
    ]
    for change in changes:
        seen = issues.stand(row)
        change()
        with pytest.raises(Conflict, match="once more"):
            sending.schedule(session, sol, key, NOW, seen, NOW)
    schedule(session, sol, row)
    assert row.state == "scheduled"


def test_it_can_be_taken_back_before_its_hour_and_not_after(session: Session, cast: Cast) -> None:
    sol, row = an_actor(session, cast.sol), an_issue(session, state="scheduled")
    sending.take_back(session, sol, row.public_id, NOW)
    assert send(session) == 0 and (row.state, row.send_at) == ("draft", None)
    schedule(session, sol, row)
    send(session)
    with pytest.raises(Conflict):
        sending.take_back(session, sol, row.public_id, NOW)


def test_stopped_while_it_leaves_what_has_left_has_left(session: Session, cast: Cast) -> None:
    want_news(session, *cast.everyone())
    row, sol = an_issue(session, state="scheduled"), an_actor(session, cast.sol)
    send(session, portion=4)
    first = session.scalars(select(Mail.id).order_by(Mail.id)).first()
    session.execute(update(Mail).where(Mail.id == first).values(state="sent"))
    assert sending.stop(session, sol, row.public_id, NOW) == 3
    assert send(session) == 0
    states = session.scalars(select(Mail.state).order_by(Mail.id)).all()
    assert states == ["sent", "cancelled", "cancelled", "cancelled"]
    with pytest.raises(Conflict, match="nothing to stop"):
        sending.stop(session, sol, row.public_id, NOW)


def test_what_goes_to_many_waits_for_everything_else(session: Session, cast: Cast) -> None:
    want_news(session, cast.ada, cast.ben)
    an_issue(session, state="scheduled")
    send(session)
    session.add(Mail(kind="reset", address="a@example.org", values={}, created_at=NOW, due_at=NOW, state="waiting"))
    session.flush()
    first = outbox.claim(session, NOW, "one", 1)
    assert session.scalars(select(Mail.kind).where(Mail.id.in_(first))).all() == ["reset"]


def test_figures_are_kept_when_letters_are_forgotten(session: Session, cast: Cast) -> None:
    want_news(session, *cast.everyone())
    row = an_issue(session, state="scheduled")
    send(session)
    session.execute(update(Mail).values(state="sent", returned="bounced", values={}, address=""))
    expected = {"sent": 6, "returned": 6}
    assert sending.figures(session, row) == expected
    late = NOW + outbox.KEPT
    sending.keep_figures(session, late, outbox.KEPT - timedelta(days=1))
    assert outbox.forget_old(session, late + timedelta(days=1)) == 6
    assert sending.figures(session, row) == expected


def test_a_mail_that_was_sent_holds_no_copy_of_the_issue(session: Session, cast: Cast, desk: Desk) -> None:
    want_news(session, cast.ada)
    row = an_issue(session, state="scheduled")
    send(session)

    class Box:
        def send(self, message: object) -> None: ...

        def close(self) -> None: ...

    edge = outbox.Edge(session.commit, session.rollback, lambda: NOW)
    assert outbox.send_due(session, desk, Box(), "one", edge).sent == 1
    assert session.scalars(select(Mail.values)).one() == {"newsletter_id": row.id}


# Past issues


def test_members_read_what_was_for_all_and_what_is_for_them(session: Session, cast: Cast) -> None:
    everybody = an_issue(session, state="sent", subject="For all")
    welsh = an_issue(session, state="sent", subject="For Wales", regions=["wales"])
    nhs = an_issue(session, state="sending", subject="For the NHS", sectors=["nhs"])
    an_issue(session, state="stopped", subject="Stopped")
    an_issue(session, subject="Draft")
    ada, now = an_actor(session, cast.ada), NOW
    assert {one.subject for one in archive.listed(session, ada, WORDS)} == {"For all", "For the NHS"}
    for row in (everybody, nhs):
        assert archive.one(session, ada, row.public_id, WORDS, now).subject == row.subject
    with pytest.raises(NotFound):
        archive.one(session, ada, welsh.public_id, WORDS, now)


def test_past_issues_cost_two_queries_however_many_there_are(session: Session, cast: Cast) -> None:
    ada = an_actor(session, cast.ada)
    for number in range(5):
        an_issue(session, state="sent", themes=["food"] if number % 2 else [], sectors=["nhs"])
    assert queries_when(lambda: archive.listed(session, ada, WORDS)) == 2


def test_thirty_blocks_are_enough(session: Session, cast: Cast) -> None:
    row = an_issue(session, *(a_block() for _ in range(blocks.MOST)))
    with pytest.raises(Conflict, match="30"):
        issues.write_block(session, an_actor(session, cast.sol), row.public_id, None, "words", Typed("x"), 0, NOW)


def test_a_page_of_blocks_asks_three_queries_at_most(session: Session, cast: Cast) -> None:
    events = [an_event(session, cast.fay) for _ in range(5)]
    found = [a_block("event", about=one.public_id) for one in events]
    found += [a_block("resource", about="x"), a_block("pathway", about="y")]
    assert queries_when(lambda: contents.pieces(session, found, NOW)) == 3


def test_who_leaves_and_comes_back_has_not_asked_for_it(session: Session, cast: Cast) -> None:
    want_news(session, cast.ada)
    leaving.leave(session, an_actor(session, cast.ada), NOW)
    assert session.scalar(select(Member.news_since).where(Member.id == cast.ada)) is None
    assert a_member(session).news_since is None  # and who joins has not, unless they say so


@pytest.mark.parametrize("state", ["draft", "sent"])
def test_who_is_erased_leaves_no_name_in_what_they_wrote(session: Session, cast: Cast, state: str) -> None:
    sol, words = an_actor(session, cast.sol), "Yours, Sol Adeyemi"
    began = an_issue(session, a_block(text=words, heading=words), a_block(), subject=words, written_by_id=cast.sol)
    joined = an_issue(session, written_by_id=cast.fay)
    issues.write_block(session, sol, joined.public_id, None, "call", Typed(button=words, link="/events"), 1, NOW)
    others = an_issue(session, a_block(text=words), written_by_id=cast.fay)
    for row in (began, joined, others):
        row.state, row.began_at = state, NOW
    session.flush()
    erasure.erase(session, cast.sol, NOW)
    session.expire_all()
    first, second = began.blocks
    assert (began.subject, first["text"], first["heading"], first["version"]) == (*["Yours, […]"] * 3, 2)
    assert second["version"] == 1 and joined.blocks[-1]["button"] == "Yours, […]"
    assert others.blocks[0]["text"] == words
