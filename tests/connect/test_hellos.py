"""People to say hello to: only those who agreed, to those who agreed, through the gate, with reasons that hold."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.connect import encoding, hellos
from haln.models import Block, Dismissal, Event, EventRegistration, Member, MemberTheme
from tests.builders import NOW, Cast, a_connection, a_member, a_theme
from tests.event_builders import a_place, an_event, was_there
from tests.queries import queries_when
from tests.views.test_suggestions import reason, suggest

TODAY = NOW.date()


@pytest.fixture
def row(session: Session, cast: Cast) -> Event:
    """An event to which Ada, Ben, Cai and Dee come, who all agreed, and have something to say to each other."""
    made = an_event(session, cast.fay)
    for member in (cast.ada, cast.ben, cast.cai, cast.dee):
        a_place(session, made, member, says_hello=True)
        a_theme(session, member, "housing", interest=True)
    a_theme(session, cast.ada, "food", seek=True)
    a_theme(session, cast.cai, "food", offer=True)
    return made


def shown(session: Session, cast: Cast, row: Event) -> list[int]:
    session.flush()
    return [one.person.id for one in hellos.three(session, cast.ada, row.id, TODAY)]


def test_each_is_named_with_reasons_what_weighs_most_first(session: Session, cast: Cast, row: Event) -> None:
    found = hellos.three(session, cast.ada, row.id, TODAY)
    assert found[0].person.id == cast.cai
    assert {one.person.id for one in found} == {cast.ben, cast.cai, cast.dee}
    told = {one.person.id: [reason.kind for reason in one.reasons] for one in found}
    assert told[cast.cai] == ["they_offer_you_seek", "shared_theme"]
    assert told[cast.ben] == ["same_place_other_sector", "shared_theme"]
    assert told[cast.dee] == ["shared_theme"]
    assert found == hellos.three(session, cast.ada, row.id, TODAY)


def test_nobody_is_named_who_did_not_agree_and_nobody_to_them(session: Session, cast: Cast, row: Event) -> None:
    session.execute(update(EventRegistration).where(EventRegistration.member_id == cast.cai).values(says_hello=False))
    assert cast.cai not in shown(session, cast, row)
    assert hellos.three(session, cast.cai, row.id, TODAY) == ()
    assert hellos.three(session, cast.sol, row.id, TODAY) == ()


@pytest.mark.parametrize("change", ["waiting", "cancelled"])
def test_only_who_has_a_place_is_named(session: Session, cast: Cast, row: Event, change: str) -> None:
    session.execute(update(EventRegistration).where(EventRegistration.member_id == cast.cai).values(state=change))
    assert cast.cai not in shown(session, cast, row)


@pytest.mark.parametrize(
    "facts",
    [
        {"listed": False},
        {"standing": "left"},
        {"suggest_me": False},
        {"paused_until": TODAY + timedelta(days=3)},
    ],
)
def test_who_is_hidden_gone_or_wants_no_suggestions_is_not_named(
    session: Session, cast: Cast, row: Event, facts: dict[str, object]
) -> None:
    session.execute(update(Member).where(Member.id == cast.cai).values(**facts))
    assert cast.cai not in shown(session, cast, row)


@pytest.mark.parametrize("which", ["blocks", "is_blocked", "connected", "dismissed"])
def test_whom_history_keeps_apart_is_not_named(session: Session, cast: Cast, row: Event, which: str) -> None:
    if which == "connected":
        a_connection(session, cast.ada, cast.cai)
    elif which == "dismissed":
        session.add(Dismissal(member_id=cast.ada, other_id=cast.cai, until=None, created_at=NOW))
    else:
        pair = (cast.ada, cast.cai) if which == "blocks" else (cast.cai, cast.ada)
        session.add(Block(blocker_id=pair[0], blocked_id=pair[1], created_at=NOW))
    assert cast.cai not in shown(session, cast, row)


def test_a_hidden_fact_is_no_reason(session: Session, cast: Cast, row: Event) -> None:
    session.execute(update(Member).where(Member.id.in_((cast.ben, cast.cai))).values(show_themes=1, show_place=1))
    assert shown(session, cast, row) == [cast.dee]


def test_whoever_is_on_the_list_comes_first_with_the_lists_reasons(session: Session, cast: Cast, row: Event) -> None:
    suggest(session, cast.ada, cast.dee, 1, [reason("newcomer")])
    first = hellos.three(session, cast.ada, row.id, TODAY)[0]
    assert (first.person.id, [one.kind for one in first.reasons]) == (cast.dee, ["newcomer"])


def test_at_most_three_and_as_many_queries_for_thirty_as_for_three(session: Session, cast: Cast, row: Event) -> None:
    def count() -> int:
        return queries_when(lambda: hellos.three(session, cast.ada, row.id, TODAY))

    before = count()
    for number in range(30):
        member = a_member(session, f"Guest Number{number}").id
        a_place(session, row, member, says_hello=True)
        session.add(MemberTheme(member_id=member, theme="housing", interest=True))
    session.flush()
    assert len(shown(session, cast, row)) == 3
    assert count() == before <= 7


def test_having_been_there_is_told_to_suggestions_only_of_those_who_agreed(session: Session, cast: Cast) -> None:
    held = an_event(session, cast.fay, NOW - timedelta(days=3))
    a_place(session, held, cast.ada, says_hello=True)
    a_place(session, held, cast.ben)
    was_there(session, held, cast.ada, cast.ben, cast.cai)
    found = [(one.member, one.group) for one in encoding.memberships(session)]
    assert found == [(cast.ada, -held.id)]
    assert list(encoding.memberships(session, then=NOW - timedelta(days=4))) == []
    assert list(encoding.memberships(session, [cast.ben])) == []


def test_what_was_cancelled_brings_nobody_together(session: Session, cast: Cast) -> None:
    gone = an_event(session, cast.fay, NOW - timedelta(days=4), state="cancelled")
    for one in (cast.ada, cast.ben):
        a_place(session, gone, one, says_hello=True)
    was_there(session, gone, cast.ada, cast.ben)
    assert list(encoding.memberships(session)) == []
