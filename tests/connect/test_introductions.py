"""Introductions: what each may do, and what nobody may learn."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.connect import answers, blocks, connections, introductions, weaving
from haln.connect.introduction_lists import Line, lists
from haln.connect.introductions import Rules
from haln.errors import Conflict, Invalid, NotFound, NotPermitted, TooMany
from haln.models import AuditRecord, Connection, Introduction, Mail, Member, Suggestion
from tests.builders import NOW, Cast, a_connection, a_member, an_actor

RULES = Rules()
LATER = NOW + timedelta(days=15)


def key(session: Session, member_id: int) -> str:
    return session.get_one(Member, member_id).public_id


def ask(session: Session, one: int, other: int, now: datetime = NOW, note: str = "Hello") -> introductions.Answered:
    return introductions.ask(session, an_actor(session, one), key(session, other), note, RULES, now)


def only(session: Session) -> Introduction:
    session.flush()
    session.expire_all()
    return session.execute(select(Introduction)).scalar_one()


def connected(session: Session, one: int, other: int) -> bool:
    return bool(
        session.scalar(
            select(func.count(Connection.id)).where(
                Connection.low_id == min(one, other), Connection.high_id == max(one, other), Connection.until.is_(None)
            )
        )
    )


def mail_kinds(session: Session, member_id: int) -> list[str]:
    session.flush()
    query = select(Mail.kind).where(Mail.member_id == member_id, Mail.state == "waiting").order_by(Mail.id)
    return list(session.scalars(query))


def test_accepting_makes_a_dated_connection_that_knows_its_introduction(session: Session, cast: Cast) -> None:
    ask(session, cast.ada, cast.cai)
    answers.accept(session, an_actor(session, cast.cai), only(session).public_id, NOW)
    row = session.execute(select(Connection)).scalar_one()
    assert (row.evidence, row.intensity, row.since) == ("introduced", 1, NOW)
    assert row.introduction_id == only(session).id
    assert mail_kinds(session, cast.ada) == ["introduction_accepted"]
    assert mail_kinds(session, cast.cai) == []  # the call for an answer is taken back: there is nothing to answer


def test_asking_somebody_who_asked_is_a_yes(session: Session, cast: Cast) -> None:
    ask(session, cast.ada, cast.cai)
    assert ask(session, cast.cai, cast.ada).connected
    assert connected(session, cast.ada, cast.cai)


def test_asking_somebody_whom_one_declined_is_still_a_yes(session: Session, cast: Cast) -> None:
    ask(session, cast.ada, cast.cai)
    answers.decline(session, an_actor(session, cast.cai), only(session).public_id, NOW)
    assert ask(session, cast.cai, cast.ada).connected


def test_people_who_say_they_know_each_other_get_a_declared_connection(session: Session, cast: Cast) -> None:
    introductions.ask(session, an_actor(session, cast.ada), key(session, cast.cai), "", RULES, NOW, known_already=True)
    answers.accept(session, an_actor(session, cast.cai), only(session).public_id, NOW)
    assert session.execute(select(Connection.evidence)).scalar_one() == "declared"


def test_nobody_asks_twice_at_once_or_again_too_soon(session: Session, cast: Cast) -> None:
    ask(session, cast.ada, cast.cai)
    with pytest.raises(Conflict):
        ask(session, cast.ada, cast.cai)
    introductions.lapse(session, LATER)
    with pytest.raises(Conflict):
        ask(session, cast.ada, cast.cai, LATER)
    ask(session, cast.ada, cast.cai, NOW + timedelta(days=61))


def test_withdrawing_does_not_let_one_ask_again_at_once(session: Session, cast: Cast) -> None:
    ask(session, cast.ada, cast.cai)
    introductions.withdraw(session, an_actor(session, cast.ada), only(session).public_id, NOW)
    with pytest.raises(Conflict):
        ask(session, cast.ada, cast.cai)
    assert mail_kinds(session, cast.cai) == []


def test_only_so_many_are_open_at_once(session: Session, cast: Cast) -> None:
    others = [a_member(session, f"Person {n} Number").id for n in range(6)]
    for other in others[:5]:
        ask(session, cast.ada, other)
    with pytest.raises(TooMany):
        ask(session, cast.ada, others[5])
    ask(session, cast.ada, others[5], LATER)  # the five have lapsed, though no worker has been by


def test_those_who_cannot_be_seen_cannot_be_asked(session: Session, cast: Cast) -> None:
    hidden = a_member(session, "Hal Hidden", listed=False).id
    gone = a_member(session, "Lee Left", standing="left").id
    blocks.block(session, an_actor(session, cast.cai), key(session, cast.ada), NOW)
    for other in (hidden, gone, cast.cai, cast.ada):
        with pytest.raises(NotFound) as refusal:
            ask(session, cast.ada, other)
        assert refusal.value.text == "There is no such page, or it is not for you."


def test_somebody_who_hides_asks_nobody(session: Session, cast: Cast) -> None:
    session.get_one(Member, cast.ada).listed = False
    with pytest.raises(NotPermitted):
        ask(session, cast.ada, cast.cai)


def test_a_note_of_more_than_600_characters_is_refused(session: Session, cast: Cast) -> None:
    ask(session, cast.ada, cast.ben, note="x" * 600)
    with pytest.raises(Invalid):
        ask(session, cast.ada, cast.cai, note="x" * 601)


def test_the_connected_cannot_ask(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.cai)
    with pytest.raises(Conflict):
        ask(session, cast.ada, cast.cai)


def test_an_answer_after_the_last_day_is_refused_though_no_worker_has_been_by(session: Session, cast: Cast) -> None:
    ask(session, cast.ada, cast.cai)
    with pytest.raises(Conflict):
        answers.accept(session, an_actor(session, cast.cai), only(session).public_id, LATER)


def test_nobody_else_answers_or_withdraws(session: Session, cast: Cast) -> None:
    ask(session, cast.ada, cast.cai)
    name = only(session).public_id
    for other in (cast.ada, cast.ben):
        with pytest.raises(NotFound):
            answers.accept(session, an_actor(session, other), name, NOW)
        with pytest.raises(NotFound):
            answers.decline(session, an_actor(session, other), name, NOW)
    for other in (cast.cai, cast.ben):
        with pytest.raises(NotFound):
            introductions.withdraw(session, an_actor(session, other), name, NOW)


def everything_the_asker_can_learn(session: Session, asker: int, moment: datetime) -> object:
    found = lists(session, an_actor(session, asker), moment)

    def told(line: Line) -> object:
        return (line.kind, line.other.name, line.state, line.note, line.created_at, line.expires_at)

    mail = session.execute(
        select(Mail.kind, Mail.values, Mail.created_at).where(Mail.member_id == asker).order_by(Mail.id)
    ).all()
    shown = [[told(line) for line in part] for part in (found.to_answer, found.waiting, found.woven, found.past)]
    audit = session.execute(select(AuditRecord.action, AuditRecord.actor_id).where(AuditRecord.actor_id == asker)).all()
    return shown, mail, audit, introductions.open_count(session, asker, moment)


@pytest.mark.parametrize("moment", [NOW, NOW + timedelta(days=13), LATER, NOW + timedelta(days=61)])
def test_the_asker_cannot_tell_a_decline_from_silence(session: Session, cast: Cast, moment: datetime) -> None:
    ask(session, cast.ada, cast.cai)
    session.commit()
    introductions.lapse(session, moment)
    silence = everything_the_asker_can_learn(session, cast.ada, moment)
    session.rollback()
    answers.decline(session, an_actor(session, cast.cai), only(session).public_id, NOW)
    introductions.lapse(session, moment)
    assert everything_the_asker_can_learn(session, cast.ada, moment) == silence


@pytest.mark.parametrize("act", ["ask", "withdraw"])
@pytest.mark.parametrize("days", [0, 15, 61])
def test_what_the_asker_may_do_does_not_tell_of_a_decline(session: Session, cast: Cast, act: str, days: int) -> None:
    moment = NOW + timedelta(days=days)

    def attempt() -> str:
        introductions.lapse(session, moment)
        try:
            if act == "ask":
                ask(session, cast.ada, cast.cai, moment)
            else:
                introductions.withdraw(session, an_actor(session, cast.ada), name, moment)
        except (Conflict, NotFound, TooMany) as refusal:
            return f"{type(refusal).__name__}: {refusal.text}"
        return "done"

    ask(session, cast.ada, cast.cai)
    name = only(session).public_id
    session.commit()
    silence = attempt()
    session.rollback()
    answers.decline(session, an_actor(session, cast.cai), name, NOW)
    assert attempt() == silence


def test_what_was_declined_leaves_the_page_of_the_one_who_declined(session: Session, cast: Cast) -> None:
    ask(session, cast.ada, cast.cai)
    assert len(lists(session, an_actor(session, cast.cai), NOW).to_answer) == 1
    answers.decline(session, an_actor(session, cast.cai), only(session).public_id, NOW)
    found = lists(session, an_actor(session, cast.cai), NOW)
    assert found == type(found)((), (), (), ())


def test_lapsing_tells_the_asker_once(session: Session, cast: Cast) -> None:
    ask(session, cast.ada, cast.cai)
    assert introductions.lapse(session, NOW + timedelta(days=13)) == 0
    assert introductions.lapse(session, LATER) == 1
    assert introductions.lapse(session, LATER) == 0
    assert mail_kinds(session, cast.ada) == ["introduction_lapsed"]


def test_who_wants_no_mail_gets_none(session: Session, cast: Cast) -> None:
    session.get_one(Member, cast.cai).introduction_mail = False
    ask(session, cast.ada, cast.cai)
    assert mail_kinds(session, cast.cai) == []


def test_asking_takes_both_out_of_each_others_suggestions(session: Session, cast: Cast) -> None:
    for one, other in ((cast.ada, cast.cai), (cast.cai, cast.ada), (cast.ada, cast.ben)):
        session.add(a_suggestion(one, other))
    session.flush()
    ask(session, cast.ada, cast.cai)
    session.expire_all()
    left = session.execute(
        select(Suggestion.member_id, Suggestion.other_id).where(Suggestion.unlisted_at.is_(None))
    ).all()
    assert left == [(cast.ada, cast.ben)]
    assert only(session).suggestion_id is not None


def a_suggestion(one: int, other: int) -> Suggestion:
    return Suggestion(
        member_id=one,
        other_id=other,
        rank=1,
        score=1.0,
        band="good",
        reasons=[],
        signals={},
        weights_version="1",
        listed_at=NOW,
        refreshed_at=NOW,
    )


def weave(session: Session, weaver: int, one: int, other: int, note: str = "You both buy local food") -> None:
    weaving.weave(session, an_actor(session, weaver), key(session, one), key(session, other), note, RULES, NOW)


def test_a_woven_introduction_connects_once_both_have_said_yes(session: Session, cast: Cast) -> None:
    weave(session, cast.ben, cast.ada, cast.cai)
    name = only(session).public_id
    assert not answers.accept(session, an_actor(session, cast.cai), name, NOW).connected
    assert not connected(session, cast.ada, cast.cai)
    assert answers.accept(session, an_actor(session, cast.ada), name, NOW).connected
    assert connected(session, cast.ada, cast.cai)
    assert not connected(session, cast.ada, cast.ben)
    assert lists(session, an_actor(session, cast.ben), NOW).past[0].state == "accepted"


def test_nobody_says_yes_twice(session: Session, cast: Cast) -> None:
    weave(session, cast.ben, cast.ada, cast.cai)
    answers.accept(session, an_actor(session, cast.cai), only(session).public_id, NOW)
    with pytest.raises(Conflict):
        answers.accept(session, an_actor(session, cast.cai), only(session).public_id, NOW)


def test_a_no_to_a_woven_introduction_is_silent_to_both_others(session: Session, cast: Cast) -> None:
    weave(session, cast.ben, cast.ada, cast.cai)
    name = only(session).public_id
    before = [lists(session, an_actor(session, person), NOW) for person in (cast.ada, cast.ben)]
    answers.decline(session, an_actor(session, cast.cai), name, NOW)
    assert [lists(session, an_actor(session, person), NOW) for person in (cast.ada, cast.ben)] == before
    assert not answers.accept(session, an_actor(session, cast.ada), name, NOW).connected


@pytest.mark.parametrize("standing", ["blocked", "connected in secret"])
def test_a_weaver_learns_nothing_about_two_who_may_not_be_brought_together(
    session: Session, cast: Cast, standing: str
) -> None:
    if standing == "blocked":
        blocks.block(session, an_actor(session, cast.ada), key(session, cast.cai), NOW)
    else:
        a_connection(session, cast.ada, cast.cai)
        session.get_one(Member, cast.ada).show_connections = 0
    weave(session, cast.ben, cast.ada, cast.cai)
    assert len(lists(session, an_actor(session, cast.ben), NOW).woven) == 1
    for person in (cast.ada, cast.cai):
        assert lists(session, an_actor(session, person), NOW).to_answer == ()
        assert mail_kinds(session, person) == []


def test_a_weaver_introduces_only_people_they_may_see_and_says_why(session: Session, cast: Cast) -> None:
    blocks.block(session, an_actor(session, cast.cai), key(session, cast.ben), NOW)
    with pytest.raises(NotFound):
        weave(session, cast.ben, cast.ada, cast.cai)
    with pytest.raises(Invalid):
        weave(session, cast.ben, cast.ada, cast.dee, note=" ")
    with pytest.raises(Invalid):
        weave(session, cast.ben, cast.ada, cast.ada)
    with pytest.raises(NotFound):
        weave(session, cast.ben, cast.ben, cast.ada)


def test_a_facilitator_may_weave_more_than_a_member(session: Session, cast: Cast) -> None:
    others = [a_member(session, f"Person {n} Number").id for n in range(6)]
    for other in others:
        weave(session, cast.fay, cast.ada, other)
    for other in others[:5]:
        weave(session, cast.ben, cast.ada, other)
    with pytest.raises(TooMany):
        weave(session, cast.ben, cast.ada, others[5])


def test_blocking_ends_the_connection_and_withdraws_what_is_open(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben)
    ask(session, cast.cai, cast.ada)
    weave(session, cast.ben, cast.ada, cast.dee)
    for person in (cast.ben, cast.cai):
        blocks.block(session, an_actor(session, cast.ada), key(session, person), NOW)
    assert session.scalars(select(Introduction.state)).all() == ["withdrawn", "withdrawn"]
    assert not connected(session, cast.ada, cast.ben)
    assert mail_kinds(session, cast.ada) == []
    for person in (cast.ben, cast.cai, cast.ada):
        found = lists(session, an_actor(session, person), NOW)
        assert not any(line.other.id in (cast.ada, cast.ben, cast.cai) for line in (*found.waiting, *found.past))


def test_ending_a_connection_keeps_its_row_and_tells_nobody(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben)
    connections.end(session, an_actor(session, cast.ada), key(session, cast.ben), NOW)
    row = session.execute(select(Connection)).scalar_one()
    session.refresh(row)
    assert (row.until, row.ended_by_id) == (NOW, cast.ada)
    assert mail_kinds(session, cast.ben) == []
    with pytest.raises(Conflict):
        connections.end(session, an_actor(session, cast.ben), key(session, cast.ada), NOW)


def test_either_changes_intensity_and_evidence_and_the_record_keeps_what_was(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben)
    connections.change(session, an_actor(session, cast.ben), key(session, cast.ada), 3, "collaborated", NOW)
    found = connections.tie(session, an_actor(session, cast.ada), key(session, cast.ben))
    assert (found.intensity, found.evidence) == (3, "collaborated")
    record = session.execute(select(AuditRecord).where(AuditRecord.action == "change_connection")).scalar_one()
    assert record.detail["intensity_before"] == 1
    with pytest.raises(Invalid):
        connections.change(session, an_actor(session, cast.ben), key(session, cast.ada), 5, "met", NOW)
    with pytest.raises(NotFound):
        connections.change(session, an_actor(session, cast.ben), key(session, cast.cai), 2, "met", NOW)


def test_connections_come_page_by_page_and_leave_out_who_cannot_be_seen(session: Session, cast: Cast) -> None:
    for number in range(30):
        a_connection(session, cast.ada, a_member(session, f"Person{number:02} Number").id)
    a_connection(session, cast.ada, a_member(session, "Hal Hidden", listed=False).id)
    first = connections.mine(session, an_actor(session, cast.ada))
    assert len(first.ties) == 25
    assert first.next is not None
    second = connections.mine(session, an_actor(session, cast.ada), first.next)
    names = [tie.person.name for tie in (*first.ties, *second.ties)]
    assert names == [f"Person{number:02} Number" for number in range(30)]
    assert connections.count(session, an_actor(session, cast.ada)) == 30
    with pytest.raises(NotFound):
        connections.mine(session, an_actor(session, cast.ada), "nonsense")


def test_unblocking_lets_both_see_each_other_again_and_revives_nothing(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben)
    blocks.block(session, an_actor(session, cast.ada), key(session, cast.ben), NOW)
    assert [row.name for row in blocks.mine(session, an_actor(session, cast.ada))] == ["Ben Whitaker"]
    with pytest.raises(NotFound):
        blocks.unblock(session, an_actor(session, cast.ben), key(session, cast.ada), NOW)
    blocks.unblock(session, an_actor(session, cast.ada), key(session, cast.ben), NOW)
    assert not connected(session, cast.ada, cast.ben)
    ask(session, cast.ben, cast.ada)


def test_a_block_does_not_show_to_who_introduced_the_two(session: Session, cast: Cast) -> None:
    def weave(one: int, other: int) -> None:
        weaving.weave(session, an_actor(session, cast.ben), key(session, one), key(session, other), "Meet", RULES, NOW)

    def seen() -> list[str]:
        found = lists(session, an_actor(session, cast.ben), NOW)
        return [line.state for line in (*found.woven, *found.past)]

    weave(cast.ada, cast.cai)
    answers.accept(session, an_actor(session, cast.cai), only(session).public_id, NOW)
    weave(cast.dee, cast.fay)
    before = seen()
    blocks.block(session, an_actor(session, cast.ada), key(session, cast.cai), NOW)
    blocks.block(session, an_actor(session, cast.fay), key(session, cast.dee), NOW)
    session.expire_all()
    assert seen() == before == ["open", "open"]
    assert mail_kinds(session, cast.ada) == mail_kinds(session, cast.dee) == []
    blocks.unblock(session, an_actor(session, cast.ada), key(session, cast.cai), NOW)
    assert lists(session, an_actor(session, cast.ada), NOW).to_answer == ()
    introductions.withdraw(session, an_actor(session, cast.ben), introduction_between(session, cast.dee), NOW)


def introduction_between(session: Session, one: int) -> str:
    return session.execute(select(Introduction.public_id).where(Introduction.asker_id == one)).scalar_one()


def test_withdrawing_makes_no_room_to_write_to_everybody(session: Session, cast: Cast) -> None:
    people = [a_member(session, f"Person Number{n}").id for n in range(introductions.A_DAY + 1)]
    for person in people[:-1]:
        ask(session, cast.ada, person)
        withdraw_newest(session, cast.ada)
    with pytest.raises(TooMany):
        ask(session, cast.ada, people[-1])
    ask(session, cast.ada, people[-1], NOW + timedelta(days=1))


def withdraw_newest(session: Session, asker: int) -> None:
    newest = session.execute(select(Introduction.public_id).order_by(Introduction.id.desc()).limit(1)).scalar_one()
    introductions.withdraw(session, an_actor(session, asker), newest, NOW)
