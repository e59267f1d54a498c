"""Letters: decided and worded when they leave."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from haln.learn.resources import authors, drafts, reviews
from haln.models import (
    AccountToken,
    Application,
    Block,
    CoffeeOptIn,
    Cohort,
    CohortFacilitator,
    CohortPlan,
    Digest,
    Introduction,
    Invitation,
    Member,
    Resource,
    ResourceAuthor,
    ResourceStep,
    Seat,
    SetMembership,
    SetRequest,
    TopicAnswer,
    TopicResult,
)
from haln.people.tokens import hashed, public_id
from haln.post import (
    audience_letters,
    coffee_letters,
    cohort_leader_letters,
    connection_letters,
    digest_letters,
    event_letters,
    letters,
    pathway_letters,
    proposal_letters,
    resource_letters,
    seat_letters,
    set_leader_letters,
    set_letters,
    set_parting_letters,
    topic_letters,
)
from haln.post.newsletters import letters as newsletter_letters
from haln.post.writing import HIDDEN, Desk, Letter, Order
from haln.views import letters as wording
from haln.views import outbox
from tests.builders import NOW, Cast, a_connection, a_member, a_theme, an_actor
from tests.coffee_builders import a_round
from tests.cohort_builders import a_cohort, a_learning_set, a_plan, an_application
from tests.digest_builders import a_choice, a_suggestion
from tests.event_builders import a_place, an_event
from tests.learn.sets import a_session, the_set
from tests.newsletter_builders import a_block, an_issue, want_news
from tests.pathway_builders import a_module, a_pathway, finish
from tests.resource_builders import a_content, a_draft, sent
from tests.topic_builders import a_comment, a_topic, backed_by

ADA, EVE = "ada.okafor@example.org", "eve@example.org"
NOTE = "I saw your talk in Leeds."


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return wording.desk()


def an_introduction(session: Session, cast: Cast, kind: str = "asked", **facts: object) -> Introduction:
    values: dict[str, object] = {
        "public_id": public_id(),
        "kind": kind,
        "asker_id": cast.ada,
        "asked_id": cast.cai,
        "weaver_id": cast.fay if kind == "woven" else None,
        "note": NOTE,
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=14),
    }
    row = Introduction(**{**values, **facts})
    session.add(row)
    session.flush()
    return row


def an_order(session: Session, cast: Cast, kind: str) -> Order:
    """An order of each kind that is sent as things stand: to Ada, to Cai (introductions), or to somebody new."""
    if kind in ("verify", "invitation"):
        return Order(kind, EVE, None, "en", {"inviter_id": cast.fay})
    makers = (
        (set_letters.KINDS, a_set_order),
        (set_leader_letters.KINDS, a_set_leader_order),
        (set_parting_letters.KINDS, a_set_parting_order),
        (cohort_leader_letters.KINDS, a_cohort_leader_order),
        (event_letters.KINDS, an_event_order),
        (coffee_letters.KINDS, a_coffee_order),
        (digest_letters.KINDS, a_digest_order),
        (seat_letters.KINDS, a_seat_order),
        (resource_letters.KINDS, a_resource_order),
        (pathway_letters.KINDS, a_pathway_order),
        (topic_letters.KINDS, a_topic_order),
        (newsletter_letters.KINDS, a_newsletter_order),
        (proposal_letters.KINDS, a_proposals_order),
        (connection_letters.KINDS, a_connection_order),
        (audience_letters.KINDS, an_audience_order),
    )
    for kinds, make in makers:
        if kind in kinds:
            return make(session, cast, kind)
    if kind.startswith("introduction"):
        row = an_introduction(session, cast, "woven" if kind == "introduction_woven" else "asked")
        values = {"introduction_id": row.id, "path": "/introductions"}
        return Order(kind, "cai.morgan@example.org", cast.cai, "en", values)
    if kind in ("application_received", "application_entered", "cohort_cancelled"):
        cohort = a_cohort(session, cast.fay, state="cancelled" if kind == "cohort_cancelled" else "open")
        an_application(session, cohort.id, cast.ada)
        return Order(kind, ADA, cast.ada, "en", {"cohort_id": cohort.id})
    if kind.startswith("set_request"):
        return a_set_request_order(session, cast, kind)
    address = EVE if kind == "confirm_address" else ADA
    return Order(kind, address, cast.ada, "en", {"new_address": "a…@example.org"})


def an_event_order(session: Session, cast: Cast, kind: str) -> Order:
    """To Ada, about an event at which she has a place, or which she proposed."""
    state = "cancelled" if kind == "event_cancelled" else "planned"
    event = an_event(session, cast.ada if kind == "event_answered" else cast.fay, state=state, answer=NOTE)
    a_place(session, event, cast.ada)
    return Order(kind, ADA, cast.ada, "en", {"event_id": event.id})


def a_connection_order(session: Session, cast: Cast, kind: str) -> Order:
    """To Ada, whose connection with Cai staff have ended."""
    row = a_connection(session, cast.ada, cast.cai, until=NOW)
    return Order(kind, ADA, cast.ada, "en", {"connection_id": row.id})


def a_coffee_order(session: Session, cast: Cast, kind: str) -> Order:
    """To Ada, about a round in which she was paired with Cai."""
    row = a_round(session, [(cast.ada, cast.cai)])
    values = {"coffee_round_id": row.id}
    if kind == "coffee_met":
        a_connection(session, cast.ada, cast.cai, evidence="met")
        values["coffee_with_id"] = cast.cai
    if kind in ("coffee_ahead", "coffee_off"):
        row.state = "open" if kind == "coffee_ahead" else "cancelled"
        session.merge(CoffeeOptIn(member_id=cast.ada, mode="every", since=NOW, changed_at=NOW))
        session.flush()
    if kind == "coffee_paused":
        session.add(CoffeeOptIn(member_id=cast.ada, mode="paused", since=NOW, changed_at=NOW))
        session.flush()
    return Order(kind, ADA, cast.ada, "en", values)


def a_digest_order(session: Session, cast: Cast, kind: str) -> Order:
    """To Ada, with somebody to meet."""
    session.add(Digest(member_id=cast.ada, due_on=NOW.date(), frequency="week"))
    a_choice(session, cast.ada)
    a_suggestion(session, cast.ada, cast.cai, listed_at=NOW - timedelta(hours=1))
    return Order(kind, ADA, cast.ada, "en", {"due_on": NOW.date().isoformat()})


def a_newsletter_order(session: Session, cast: Cast, kind: str) -> Order:
    """An issue that leaves, to Ada, who asked for it."""
    want_news(session, cast.ada)
    event = an_event(session, cast.fay)
    issue = an_issue(session, a_block(), a_block("event", about=event.public_id), a_block("call"), state="sending")
    return Order(kind, ADA, cast.ada, "en", {"newsletter_id": issue.id})


def a_pathway_order(session: Session, cast: Cast, kind: str) -> Order:
    """To Ada, who finished a pathway that has got a module more."""
    pathway = a_pathway(session, [1])
    finish(session, cast.ada, pathway)
    added = a_module(session, pathway, 1)
    about = {"module_id": added.id} if kind == pathway_letters.ADDED else {"pathway_id": pathway.id}
    return Order(kind, ADA, cast.ada, "en", about)


def a_topic_order(session: Session, cast: Cast, kind: str) -> Order:
    """To Ada, who backs a topic of Dee's that was answered, retired in favour of another, or became an event."""
    other = a_topic(session, cast.dee, "Meals <b>for</b> all")
    retired: dict[str, object] = {"state": "retired", "retired_why": NOTE, "successor_id": other.id}
    row = a_topic(session, cast.dee, **(retired if kind == "topic_retired" else {}))
    backed_by(session, row, cast.ada, named=False)
    about: dict[str, object] = {"topic_id": row.id}
    if kind == "topic_answered":
        session.add(TopicAnswer(topic_id=row.id, number=1, text=NOTE, by_id=cast.sol, answered_at=NOW))
    if kind == "topic_comment_hidden":
        hidden = {"hidden_at": NOW, "hidden_by_id": cast.sol}
        about["comment_id"] = a_comment(session, row, cast.ada, **hidden).id
    if kind == "topic_planned":
        made = TopicResult(topic_id=row.id, event_id=an_event(session, cast.fay).id, made_at=NOW)
        session.add(made)
        session.flush()
        about["result_id"] = made.id
    session.flush()
    return Order(kind, ADA, cast.ada, "en", about)


def a_proposals_order(session: Session, cast: Cast, kind: str) -> Order:
    """To Sol, who is staff, about what Ada proposes."""
    an_event(session, cast.ada, title="Ideas <b>for</b> lunch", state="proposed")
    return Order(kind, "sol@example.org", cast.sol, "en", {"reader_id": cast.sol})


def a_seat_order(session: Session, cast: Cast, kind: str) -> Order:
    """About Cai's place in a set of Fay's cohort, as things are when there is that to say."""
    cohort = a_cohort(session, cast.fay, title="Sets <b>of</b> autumn")
    state = {"set_confirmed": "confirmed", "left_over": "confirmed", "seat_recalled": "ready"}.get(kind, "published")
    plan = a_plan(session, cohort, [[cast.cai, cast.dee]], state=state)
    plan.answer_by = NOW if kind == "seat_lapsed" else NOW + timedelta(days=2)
    an_application(session, cohort.id, cast.cai, state="left_over" if kind == "left_over" else "applied")
    state = {"seat_changed": "accepted", "seat_lost": "replaced", "seat_recalled": "recalled"}.get(kind, "asked")
    seat = Seat(
        public_id=public_id(), plan_id=plan.id, member_id=cast.cai, set_number=0, round=1, state=state, asked_at=NOW
    )
    session.add(seat)
    session.flush()
    if kind == "set_confirmed":
        a_learning_set(session, [cast.cai, cast.dee], plan_id=plan.id)
    about = {"set_confirmed": {"plan_id": plan.id}, "left_over": {"cohort_id": cohort.id}}
    return Order(kind, "cai.morgan@example.org", cast.cai, "en", about.get(kind, {"seat_id": seat.id}))


def a_set_request_order(session: Session, cast: Cast, kind: str) -> Order:
    """To Fay, who facilitates a set that Ada asked to join, or to Ada, who was answered."""
    group = a_learning_set(session, [cast.dee], facilitator_id=cast.fay, open_places=1)
    state = "open" if kind == "set_request_asked" else kind.removeprefix("set_request_")
    row = SetRequest(public_id=public_id(), set_id=group.id, member_id=cast.ada, note=NOTE, state=state, created_at=NOW)
    session.add(row)
    session.flush()
    values = {"set_request_id": row.id}
    if state == "open":
        return Order(kind, "fay.lindqvist@example.org", cast.fay, "en", values)
    return Order(kind, ADA, cast.ada, "en", values)


def a_resource_order(session: Session, cast: Cast, kind: str) -> Order:
    """To Sol, who reviews what Ada sent; to Ada, who was answered; to Ben, whom she names as an author."""
    title = a_content("Bread <b>for</b> the wards")
    if kind == "resource_sent":
        row = sent(session, cast.ada, title)
        values = {"resource_id": row.id, "inviter_id": cast.ada, "version": row.version}
        return Order(kind, "sol.adeyemi@example.org", cast.sol, "en", values)
    if kind == "resource_author_asked":
        row = a_draft(session, cast.ada, title)
        key = session.get_one(Member, cast.ben).public_id
        authors.add(session, an_actor(session, cast.ada), row, key, NOW)
        values = {"resource_id": row.id, "inviter_id": cast.ada}
        return Order(kind, "ben.whitaker@example.org", cast.ben, "en", values)
    row = sent(session, cast.ada, title)
    reviews.decide(session, an_actor(session, cast.sol), row.public_id, "changes", "A figure?", row.version, NOW)
    step = session.scalars(select(ResourceStep.id).where(ResourceStep.step == "changes")).one()
    return Order(kind, ADA, cast.ada, "en", {"resource_id": row.id, "step_id": step})


def a_set_order(session: Session, cast: Cast, kind: str) -> Order:
    row = the_set(session, cast, ended_on=NOW.date() if kind == "set_ended" else None)
    state = "cancelled" if kind in ("session_cancelled", "set_ended", "set_reopened") else "planned"
    meeting = a_session(session, row, state=state, where="Town hall", agenda="Food")
    values = {"set_id": row.id, "session_ids": [meeting.id]}
    return Order(kind, "cai.morgan@example.org", cast.cai, "en", values)


def a_set_leader_order(session: Session, cast: Cast, kind: str) -> Order:
    """To Fay, who leads the set of the four, or led it, or whose member Ada has left."""
    row = the_set(session, cast, facilitator_id=None if kind == "set_not_led" else cast.fay)
    values: dict[str, object] = {"set_id": row.id}
    if kind == "set_led":
        values["session_ids"] = [a_session(session, row, where="Town hall").id]
    if kind == "set_left":
        session.get_one(SetMembership, (row.id, cast.ada)).left_on = NOW.date()
        session.flush()
        values["left_id"] = cast.ada
    return Order(kind, "fay.lindqvist@example.org", cast.fay, "en", values)


def a_cohort_leader_order(session: Session, cast: Cast, kind: str) -> Order:
    """To Fay, who leads a cohort, or whom another took out of its facilitators."""
    cohort = a_cohort(session, cast.sol if kind == "cohort_not_led" else cast.fay, title="Sets <b>of</b> autumn")
    return Order(kind, "fay.lindqvist@example.org", cast.fay, "en", {"cohort_id": cohort.id})


def an_audience_order(session: Session, cast: Cast, kind: str) -> Order:
    """To Ada, who was made a facilitator."""
    session.get_one(Member, cast.ada).audience = "facilitator"
    return Order(kind, ADA, cast.ada, "en", {"audience": "facilitator"})


def a_set_parting_order(session: Session, cast: Cast, kind: str) -> Order:
    """To Ada, who was taken out of the set of the four, or to Fay, who leads it."""
    row = the_set(session, cast)
    values: dict[str, object] = {"set_id": row.id, "left_id": cast.ada}
    if kind == "set_out":
        meeting = a_session(session, row, where="Town hall", joining_link="https://meet.example/four", agenda="Food")
        values = {"set_id": row.id, "session_ids": [meeting.id]}
    session.get_one(SetMembership, (row.id, cast.ada)).left_on = NOW.date()
    session.flush()
    if kind == "set_out":
        return Order(kind, ADA, cast.ada, "en", values)
    return Order(kind, "fay.lindqvist@example.org", cast.fay, "en", values)


def write(session: Session, order: Order, desk: Desk) -> Letter | None:
    return letters.write(session, order, desk, NOW)


def written(session: Session, order: Order, desk: Desk) -> Letter:
    letter = write(session, order, desk)
    assert letter is not None
    return letter


@pytest.mark.parametrize("language", ["en", "cy"])
@pytest.mark.parametrize("kind", sorted(letters.KINDS))
def test_every_kind_has_words_and_only_links_of_ours(
    session: Session, cast: Cast, desk: Desk, kind: str, language: str
) -> None:
    desk = replace(desk, public_url="https://public.example/")
    letter = written(session, replace(an_order(session, cast, kind), language=language), desk)
    assert letter.words.subject and "\n" not in letter.words.subject
    assert f'lang="{language}"' in letter.words.html
    for words in (letter.words.text, letter.words.html):
        found = re.findall(r"https?://[^\s\"<>]+", words)
        assert found and all(url.startswith("https://public.example") for url in found)
        assert "public.example//" not in words


@pytest.mark.parametrize("kind", sorted(letters.KINDS))
def test_nothing_in_a_letter_is_markup(session: Session, cast: Cast, desk: Desk, kind: str) -> None:
    evil = "<script>alert(1)</script>"
    session.execute(update(Member).values(name=f"Mal {evil}"))
    order = an_order(session, cast, kind)
    session.execute(update(Introduction).values(note=evil))
    assert "<script" not in written(session, order, desk).words.html


def test_a_link_is_kept_as_its_hash_only(session: Session, cast: Cast, desk: Desk) -> None:
    letter = written(session, Order("reset", ADA, None, "en", {}), desk)
    token = letter.secrets[0]
    assert f"/reset/{token}" in letter.words.text and f"/reset/{token}" in letter.words.html
    assert session.scalars(select(AccountToken.token_hash)).all() == [hashed(token)]


def test_somebody_with_an_account_is_told_so_when_they_ask_to_join(session: Session, cast: Cast, desk: Desk) -> None:
    letter = written(session, Order("verify", ADA, None, "en", {}), desk)
    assert "already" in letter.words.subject and "/join/" not in letter.words.text
    assert session.scalar(select(func.count(AccountToken.id))) == 0


@pytest.mark.parametrize("kind", cohort_leader_letters.KINDS)
@pytest.mark.parametrize("since", ["turned round", "formed", "cancelled", "left"])
def test_of_leading_a_cohort_nothing_is_said_that_is_so_no_more(
    session: Session, cast: Cast, desk: Desk, kind: str, since: str
) -> None:
    order = a_cohort_leader_order(session, cast, kind)
    assert ("/cohorts/" in written(session, order, desk).words.text) == (kind == "cohort_led")
    cohort = session.scalars(select(Cohort)).one()
    if since == "left":
        session.get_one(Member, cast.fay).standing = "left"
    elif since != "turned round":
        cohort.state = since
    elif kind == "cohort_led":
        session.delete(session.get_one(CohortFacilitator, (cohort.id, cast.fay)))
    else:
        session.add(CohortFacilitator(cohort_id=cohort.id, member_id=cast.fay, sets=1, slots=[]))
    session.flush()
    assert write(session, order, desk) is None


@pytest.mark.parametrize(
    ("audience", "said"), [("staff", "figures"), ("facilitator", "form the sets"), ("member", "no longer")]
)
def test_who_may_do_other_things_reads_which_while_it_is_so(
    session: Session, cast: Cast, desk: Desk, audience: str, said: str
) -> None:
    session.get_one(Member, cast.ada).audience = audience
    order = Order("audience_changed", ADA, cast.ada, "en", {"audience": audience})
    words = written(session, order, desk).words
    assert said in words.text and said in words.html
    session.get_one(Member, cast.ada).audience = "member" if audience == "staff" else "staff"
    session.flush()
    assert write(session, order, desk) is None


def test_who_is_added_again_with_their_own_words_reads_that_these_stand(
    session: Session, cast: Cast, desk: Desk
) -> None:
    order = an_order(session, cast, "application_entered")
    assert "Look at what was entered for you" in written(session, order, desk).words.text
    words = written(session, replace(order, values={**order.values, "again": True}), desk).words
    for said in (words.text, words.html):
        assert "stands as you wrote it" in said and "say it again" in said and "entered" not in said


def test_nothing_is_written_to_an_address_without_account_that_forgot_its_password(
    session: Session, cast: Cast, desk: Desk
) -> None:
    assert write(session, Order("reset", EVE, None, "en", {}), desk) is None


@pytest.mark.parametrize("standing", ["invited", "left"])
def test_who_has_not_joined_yet_or_left_gets_a_link_to_join_instead_of_a_reset(
    session: Session, desk: Desk, standing: str
) -> None:
    a_member(session, "Eve Newcomer", email=EVE, standing=standing)
    assert "/join/" in written(session, Order("reset", EVE, None, "en", {}), desk).words.text


def test_by_invitation_only_the_invited_get_a_link_to_join(session: Session, cast: Cast, desk: Desk) -> None:
    closed = replace(desk, open_to_all=False)
    assert write(session, Order("verify", EVE, None, "en", {}), closed) is None
    session.add(Invitation(email=EVE, invited_by_id=cast.fay, created_at=NOW))
    session.flush()
    assert write(session, Order("verify", EVE, None, "en", {}), closed) is not None


def test_members_are_not_invited_again(session: Session, cast: Cast, desk: Desk) -> None:
    assert write(session, Order("invitation", ADA, None, "en", {"inviter_id": cast.fay}), desk) is None


def test_an_address_in_use_gets_no_link_that_would_take_it_over(session: Session, cast: Cast, desk: Desk) -> None:
    letter = written(session, Order("confirm_address", "ben.whitaker@example.org", cast.ada, "en", {}), desk)
    assert "/address/" not in letter.words.text
    assert session.scalar(select(func.count(AccountToken.id))) == 0


CALLS = ("introduction_asked", "introduction_woven")
ABOUT_INTRODUCTIONS = (*CALLS, "introduction_accepted", "introduction_lapsed")


@pytest.mark.parametrize("kind", ABOUT_INTRODUCTIONS)
@pytest.mark.parametrize(
    "since", ["other blocked", "reader blocked", "other hidden", "other left", "reader left", "reader unsubscribed"]
)
def test_mail_about_people_passes_the_gate_when_it_leaves(
    session: Session, cast: Cast, desk: Desk, kind: str, since: str
) -> None:
    order = an_order(session, cast, kind)
    who, _, what = since.partition(" ")
    member = {"other": cast.ada, "reader": cast.cai}[who]
    if what == "blocked":
        other = cast.cai if member == cast.ada else cast.ada
        session.add(Block(blocker_id=member, blocked_id=other, created_at=NOW))
        session.flush()
    else:
        changed = {
            "hidden": {"listed": False},
            "left": {"standing": "left"},
            "unsubscribed": {"introduction_mail": False},
        }
        session.execute(update(Member).where(Member.id == member).values(**changed[what]))
    assert write(session, order, desk) is None


@pytest.mark.parametrize("since", ["blocked", "hidden", "left", "unsubscribed", "connected again"])
def test_that_a_connection_was_ended_passes_the_gate_when_it_leaves(
    session: Session, cast: Cast, desk: Desk, since: str
) -> None:
    order = a_connection_order(session, cast, connection_letters.KINDS[0])
    assert "Cai Morgan" in written(session, order, desk).words.subject
    if since == "blocked":
        session.add(Block(blocker_id=cast.cai, blocked_id=cast.ada, created_at=NOW))
    elif since == "connected again":
        a_connection(session, cast.ada, cast.cai)
    elif since == "unsubscribed":
        session.get_one(Member, cast.ada).introduction_mail = False
    else:
        changed = {"hidden": {"listed": False}, "left": {"standing": "left"}}[since]
        session.execute(update(Member).where(Member.id == cast.cai).values(**changed))
    session.flush()
    assert write(session, order, desk) is None


def test_a_weaver_who_has_been_blocked_since_is_not_named(session: Session, cast: Cast, desk: Desk) -> None:
    order = an_order(session, cast, "introduction_woven")
    session.add(Block(blocker_id=cast.cai, blocked_id=cast.fay, created_at=NOW))
    session.flush()
    assert write(session, order, desk) is None


@pytest.mark.parametrize("kind", CALLS)
@pytest.mark.parametrize("facts", [{"state": "withdrawn"}, {"state": "accepted"}, {"expires_at": NOW}])
def test_nobody_is_called_to_answer_what_is_closed(
    session: Session, cast: Cast, desk: Desk, kind: str, facts: dict[str, object]
) -> None:
    order = an_order(session, cast, kind)
    session.execute(update(Introduction).values(**facts))
    assert write(session, order, desk) is None


def test_names_are_those_of_today(session: Session, cast: Cast, desk: Desk) -> None:
    order = an_order(session, cast, "introduction_asked")
    session.execute(update(Member).where(Member.id == cast.ada).values(name="Ada Okafor-Reid"))
    assert "Ada Okafor-Reid" in written(session, order, desk).words.subject


def test_mail_follows_a_member_to_their_new_address(session: Session, cast: Cast, desk: Desk) -> None:
    order = an_order(session, cast, "introduction_asked")
    session.execute(update(Member).where(Member.id == cast.cai).values(email="cai@new.example.org"))
    assert written(session, order, desk).address == "cai@new.example.org"


@pytest.mark.parametrize("kind", sorted(letters.KINDS))
def test_only_mail_that_can_be_stopped_says_how(session: Session, cast: Cast, desk: Desk, kind: str) -> None:
    letter = written(session, an_order(session, cast, kind), desk)
    sets = set_letters.STOPPABLE | set_leader_letters.STOPPABLE | set_parting_letters.STOPPABLE
    others = resource_letters.STOPPABLE | pathway_letters.STOPPABLE | topic_letters.STOPPABLE
    others |= {event_letters.REMINDER, *proposal_letters.KINDS}
    stoppable = (
        kind.startswith(("introduction", "connection", "coffee", "digest", "newsletter")) or kind in sets | others
    )
    assert bool(letter.unsubscribe_url) == stoppable
    assert not letter.unsubscribe_url or letter.unsubscribe_url in letter.words.text


@pytest.mark.parametrize("kind", sorted(letters.KINDS))
def test_what_staff_read_holds_no_key_and_no_note(session: Session, cast: Cast, desk: Desk, kind: str) -> None:
    order = an_order(session, cast, kind)
    letter = written(session, order, desk)
    tokens = session.scalar(select(func.count(AccountToken.id)))
    preview = letters.preview(session, order, desk, NOW)
    assert preview is not None
    for words in (preview, letter.masked()):
        assert NOTE not in words.text and words.html == ""
        assert not re.search(r"/(join|reset|address|unsubscribe)/(?!" + re.escape(HIDDEN) + ")", words.text)
    assert session.scalar(select(func.count(AccountToken.id))) == tokens


@pytest.mark.parametrize("kind", seat_letters.KINDS)
def test_nobody_who_left_is_written_to_about_a_place(session: Session, cast: Cast, desk: Desk, kind: str) -> None:
    order = an_order(session, cast, kind)
    session.execute(update(Member).where(Member.id == cast.cai).values(standing="left"))
    assert write(session, order, desk) is None


@pytest.mark.parametrize("kind", [kind for kind in seat_letters.KINDS if kind.startswith("seat_")])
def test_a_letter_about_a_place_says_only_what_is_still_so(session: Session, cast: Cast, desk: Desk, kind: str) -> None:
    order = an_order(session, cast, kind)
    assert write(session, replace(order, member_id=cast.dee), desk) is None
    before = session.scalars(select(Seat.state)).one()
    session.execute(update(Seat).values(state="declined"))
    assert write(session, order, desk) is None
    session.execute(update(Seat).values(state=before))
    assert write(session, order, desk) is not None
    session.execute(update(CohortPlan).values(state="confirmed"))
    assert write(session, order, desk) is None


def test_a_call_to_answer_is_not_sent_after_the_day_nor_regrets_before_it(
    session: Session, cast: Cast, desk: Desk
) -> None:
    for kind, answer_by in (("seat_offered", NOW), ("seat_reminder", NOW), ("seat_lapsed", NOW + timedelta(hours=1))):
        order = an_order(session, cast, kind)
        session.execute(update(CohortPlan).values(answer_by=answer_by))
        assert write(session, order, desk) is None


def another_seat(session: Session, cast: Cast, state: str, **facts: object) -> Seat:
    """A second seat of Cai's in the plan that there is."""
    plan = session.scalars(select(CohortPlan)).one()
    values = {"plan_id": plan.id, "member_id": cast.cai, "set_number": 0, "round": 2, "asked_at": NOW, **facts}
    seat = Seat(public_id=public_id(), state=state, **values)
    session.add(seat)
    session.flush()
    return seat


def test_who_is_asked_anew_before_they_are_told_that_a_plan_was_taken_back_gets_the_one_letter(
    session: Session, cast: Cast, desk: Desk
) -> None:
    order = an_order(session, cast, "seat_recalled")
    seat = another_seat(session, cast, "asked")
    session.execute(update(CohortPlan).values(state="published"))
    assert write(session, order, desk) is None
    offered = written(session, replace(order, kind="seat_offered", values={"seat_id": seat.id}), desk)
    assert "was taken back" in offered.words.text
    assert "your place is in another one now" not in offered.words.text


@pytest.mark.parametrize(("table", "state"), [(Application, "withdrawn"), (Cohort, "cancelled"), (Cohort, "formed")])
def test_nobody_is_told_that_their_application_stands_when_it_does_not(
    session: Session, cast: Cast, desk: Desk, table: type[Application] | type[Cohort], state: str
) -> None:
    order = an_order(session, cast, "seat_recalled")
    assert "Your application stands" in written(session, order, desk).words.text
    session.execute(update(table).values(state=state))
    assert write(session, order, desk) is None


def test_nobody_is_told_of_a_set_they_are_not_in_any_more(session: Session, cast: Cast, desk: Desk) -> None:
    order = an_order(session, cast, "set_confirmed")
    session.execute(update(SetMembership).values(left_on=NOW.date()))
    assert write(session, order, desk) is None


def test_nobody_is_told_that_they_are_left_over_who_has_a_place_by_now(
    session: Session, cast: Cast, desk: Desk
) -> None:
    order = an_order(session, cast, "left_over")
    session.execute(update(Application).values(state="placed"))
    assert write(session, order, desk) is None


def test_letters_about_a_place_name_nobody_else(session: Session, cast: Cast, desk: Desk) -> None:
    for kind in seat_letters.KINDS:
        text = written(session, an_order(session, cast, kind), desk).words.text
        for name in session.scalars(select(Member.name)):
            assert name not in text


@pytest.mark.parametrize("kind", ["application_received", "application_entered", "cohort_cancelled"])
def test_a_letter_about_an_application_is_sent_only_while_it_stands_and_says_nothing_of_it(
    session: Session, cast: Cast, desk: Desk, kind: str
) -> None:
    order = an_order(session, cast, kind)
    letter = write(session, order, desk)
    assert letter is not None
    assert "growers nearby" not in letter.words.text + letter.words.html
    cohort = session.get_one(Cohort, order.values["cohort_id"])
    cohort.state = "open" if kind == "cohort_cancelled" else "cancelled"
    session.flush()
    assert write(session, order, desk) is None
    cohort.state = "cancelled" if kind == "cohort_cancelled" else "open"
    session.execute(update(Application).values(state="withdrawn"))
    assert write(session, order, desk) is None


@pytest.mark.parametrize("kind", coffee_letters.KINDS)
@pytest.mark.parametrize("since", ["other blocked", "other hidden", "reader left"])
def test_a_coffee_letter_names_nobody_who_may_not_be_seen(
    session: Session, cast: Cast, desk: Desk, kind: str, since: str
) -> None:
    order = an_order(session, cast, kind)
    if since == "other blocked":
        session.add(Block(blocker_id=cast.cai, blocked_id=cast.ada, created_at=NOW))
    elif since == "other hidden":
        session.execute(update(Member).where(Member.id == cast.cai).values(listed=False))
    else:
        session.execute(update(Member).where(Member.id == cast.ada).values(standing="left"))
    letter = write(session, order, desk)
    names_somebody = kind in ("coffee_paired", "coffee_asked", "coffee_met")
    assert (letter is None) == (names_somebody or since == "reader left")
    assert letter is None or "Cai" not in letter.words.text


def test_the_letter_to_a_pair_says_who_what_they_share_and_how_to_write(
    session: Session, cast: Cast, desk: Desk
) -> None:
    for member in (cast.ada, cast.cai):
        a_theme(session, member, "food", interest=True)
    letter = written(session, an_order(session, cast, "coffee_paired"), desk)
    for part in ("Cai Morgan", "Cardiff University", "cai.morgan@example.org", "You are both interested in", "/coffee"):
        assert part in letter.words.text and part in letter.words.html


@pytest.mark.parametrize("kind", coffee_letters.KINDS)
def test_staff_read_nothing_of_a_coffee_letter(session: Session, cast: Cast, desk: Desk, kind: str) -> None:
    """Who meets whom, who says so, who was silent: nothing of it, nor which of these a message is about."""
    order = an_order(session, cast, kind)
    preview = letters.preview(session, order, desk, NOW)
    for words in (preview, written(session, order, desk).masked()):
        assert words is not None and (words.subject, words.text, words.html) == (HIDDEN, HIDDEN, "")
    assert len({id(outbox.KINDS[one]) for one in coffee_letters.KINDS}) == 1


def test_what_has_moved_on_is_not_told(session: Session, cast: Cast, desk: Desk) -> None:
    waiting = a_resource_order(session, cast, "resource_sent")
    row = session.get_one(Resource, waiting.values["resource_id"])
    drafts.take_back(session, an_actor(session, cast.ada), row.public_id, NOW)
    assert write(session, waiting, desk) is None
    asked = a_resource_order(session, cast, "resource_author_asked")
    row = session.get_one(Resource, asked.values["resource_id"])
    authors.answer(session, an_actor(session, cast.ben), row.public_id, "no", NOW)
    assert write(session, asked, desk) is None
    answered = a_resource_order(session, cast, "resource_answered")
    assert "A figure?" in written(session, answered, desk).words.text
    session.execute(update(ResourceAuthor).values(answer="no"))
    assert write(session, answered, desk) is None


def test_who_may_not_see_who_began_it_is_asked_by_nobody_else_for_a_page_that_is_not_theirs(
    session: Session, cast: Cast, desk: Desk
) -> None:
    asked = a_resource_order(session, cast, "resource_author_asked")
    by_another = replace(asked, values={**asked.values, "inviter_id": cast.cai})
    assert written(session, by_another, desk)
    session.add(Block(blocker_id=cast.ada, blocked_id=cast.ben, created_at=NOW))
    session.flush()
    assert write(session, by_another, desk) is None


def test_the_other_authors_are_told_who_took_it_down_or_deleted_it(session: Session, cast: Cast, desk: Desk) -> None:
    order = a_resource_order(session, cast, "resource_answered")
    step = session.get_one(ResourceStep, order.values["step_id"])
    step.step, step.words = "taken_down", ""
    session.flush()
    assert "Staff have taken down" in written(session, order, desk).words.text
    step.by_id = cast.ben  # neither staff nor its author any more: it was as an author that they did it
    session.flush()
    assert "Another author has taken down" in written(session, order, desk).words.text
    gone = {"resource_id": order.values["resource_id"], "step": "deleted", "title": "Bread"}
    letter = written(session, replace(order, values=gone), desk)
    assert "Deleted: Bread" in letter.words.subject and "deleted the draft that you wrote together" in letter.words.text
