"""The network as it was known at an earlier moment is what had come by then, and nothing after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.connect import encoding, person_rows
from haln.connect.history import History
from haln.matching import index as indexing
from haln.matching.people import Person, Tie
from haln.models import Connection, Member, MemberText
from tests.builders import NOW, a_connection, a_member
from tests.queries import queries_when


def top_sector(code: str) -> str:
    return code.split("-")[0]


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.fixture
def ids(session: Session) -> dict[str, int]:
    """People of whom one joined, wrote, paused, met or parted within the last hundred days."""
    old = {name: a_member(session, f"{name} Old", joined_at=ago(300)).id for name in ("Ann", "Bob", "Cai", "Dee")}
    late = a_member(session, "Eve Late", joined_at=ago(50)).id
    paused = a_member(session, "Fay Paused", joined_at=ago(300), paused_until=ago(20).date()).id
    hidden = a_member(session, "Gus Hidden", joined_at=ago(300), suggest_me=False, paused_until=ago(200).date()).id
    session.get_one(Member, old["Ann"]).biography = "Allotments for patients"
    session.get_one(Member, late).biography = "Wheelchairs"
    for day, text in ((None, "undated"), (ago(90).date(), "early"), (ago(30).date(), "recent"), (NOW.date(), "newest")):
        session.add(MemberText(member_id=old["Ann"], written_on=day, text=text))
    a_connection(session, old["Ann"], old["Bob"], since=ago(90))
    a_connection(session, old["Bob"], old["Cai"], since=ago(30))
    parted = a_connection(session, old["Cai"], old["Dee"], since=ago(90))
    parted.until = ago(40)
    session.flush()
    return {**{name.lower(): one for name, one in old.items()}, "eve": late, "fay": paused, "gus": hidden}


def read(session: Session, until: datetime = NOW) -> History:
    session.flush()
    return History.read(session, until, top_sector)


def people(history: History, session: Session, then: datetime) -> dict[int, Person]:
    return {one.member: one for one in history.network(session, then).people}


def pairs(ties: Iterable[Tie]) -> set[tuple[int, int]]:
    return {(tie.a, tie.b) for tie in ties}


@pytest.mark.parametrize(("days", "there"), [(60, False), (40, True)])
def test_who_joined_later_was_not_there(session: Session, ids: dict[str, int], days: int, there: bool) -> None:
    assert (ids["eve"] in people(read(session), session, ago(days))) == there


@pytest.mark.parametrize(
    ("days", "written"),
    [(100, ["undated"]), (60, ["undated", "early"]), (10, ["undated", "early", "recent"])],
)
def test_what_was_written_later_was_not_there(
    session: Session, ids: dict[str, int], days: int, written: list[str]
) -> None:
    ann = people(read(session), session, ago(days))[ids["ann"]]
    assert ann.texts == ("Allotments for patients", *written)


@pytest.mark.parametrize(("days", "may"), [(60, False), (10, True)])
def test_who_paused_was_suggested_only_afterwards(session: Session, ids: dict[str, int], days: int, may: bool) -> None:
    found = people(read(session), session, ago(days))
    assert found[ids["fay"]].suggestable == may
    assert not found[ids["gus"]].suggestable
    assert found[ids["ann"]].suggestable


@pytest.mark.parametrize(
    ("days", "tied"), [(100, []), (60, ["ann bob", "cai dee"]), (35, ["ann bob"]), (10, ["ann bob", "bob cai"])]
)
def test_ties_are_those_that_were_open_then(session: Session, ids: dict[str, int], days: int, tied: list[str]) -> None:
    expected = {tuple(sorted(ids[name] for name in pair.split())) for pair in tied}
    assert pairs(read(session).network(session, ago(days)).ties) == expected


def test_when_somebody_was_last_seen_is_not_told(session: Session, ids: dict[str, int]) -> None:
    assert {one.quiet_days for one in people(read(session), session, ago(10)).values()} == {None}


def test_a_history_holds_nothing_that_came_after_it(session: Session, ids: dict[str, int]) -> None:
    """Read at an earlier moment, or later and looked at from then: the same network, and the same index of it."""
    early, late = read(session, ago(60)), read(session)
    assert len(early.ties) < len(late.ties)
    told, known = ({text for one in history.people for _, text in one.texts} for history in (early, late))
    assert "early" in told and known - told == {"recent", "newest", "Wheelchairs"}
    assert {one.person.member for one in late.people} - {one.person.member for one in early.people} == {ids["eve"]}
    networks = [one.network(session, ago(60)) for one in (early, late)]
    assert networks[0].people == networks[1].people and networks[0].ties == networks[1].ties
    one, other = (indexing.build(early.network(session, ago(60)), counts=history.counts) for history in (early, late))
    assert one.vocabulary.terms == other.vocabulary.terms
    assert one.texts.columns[1].tolist() == other.texts.columns[1].tolist()


def test_at_its_own_moment_a_history_is_the_network_of_today(session: Session, ids: dict[str, int]) -> None:
    session.execute(update(Connection).values(until=None))
    found = read(session).network(session, NOW)
    assert list(found.ties) == list(encoding.ties(session))
    today = person_rows.people(session, NOW, top_sector)
    assert list(found.people) == [replace(one, quiet_days=None) for one in today]
    assert list(found.memberships) == list(encoding.memberships(session))


def test_nothing_is_known_of_later_than_was_read(session: Session, ids: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="nothing is known"):
        read(session, ago(60)).network(session, ago(59))


def test_people_and_ties_are_read_once_however_many_moments(session: Session, ids: dict[str, int]) -> None:
    history = read(session)

    def look() -> None:
        for days in (10, 40, 70):
            network = history.network(session, ago(days))
            assert network.people and network.ties

    assert queries_when(look) == 0
