"""A demonstration is the same for the same seed, holds together, and is only made where nobody is yet."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.errors import Conflict
from haln.models import (
    Base,
    Connection,
    Dismissal,
    Introduction,
    LearningSet,
    Member,
    MemberText,
    MemberTheme,
    Organisation,
    Place,
    SetMembership,
    Suggestion,
)
from haln.people import beginnings, changes
from haln.people.demonstration import introductions, signins
from haln.people.demonstration.writing import Wanted, write
from haln.taxonomy import vocabulary
from tests.builders import NOW, a_member
from tests.people.demonstration.places import a_demonstration, an_empty_network

DIGEST = """
from tests.people.demonstration.places import a_demonstration, an_empty_network
from tests.people.demonstration.test_writing import digest
with an_empty_network() as session:
    a_demonstration(session, {members}, 12, {seed})
    print(digest(session))
"""


def digest(session: Session) -> str:
    """A number for all that was written, whatever the database."""
    sums = hashlib.sha256()
    for table in Base.metadata.sorted_tables:
        rows = (
            [json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value for value in row]
            for row in session.execute(select(table))
        )
        for row in sorted(map(repr, rows)):
            sums.update(row.encode())
    return sums.hexdigest()


@pytest.fixture(scope="module")
def network() -> Iterator[Session]:
    with an_empty_network() as session:
        a_demonstration(session)
        yield session


@pytest.fixture(scope="module")
def ties(network: Session) -> list[Connection]:
    return list(network.scalars(select(Connection)))


@pytest.fixture(scope="module")
def members(network: Session) -> dict[int, Member]:
    return {member.id: member for member in network.scalars(select(Member))}


def in_another_process(hash_seed: int, members: int, seed: int) -> str:
    run = subprocess.run(
        [sys.executable, "-c", DIGEST.format(members=members, seed=seed)],
        cwd=Path(__file__).resolve().parents[3],
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        check=True,
        text=True,
    )
    return run.stdout.strip()


@pytest.mark.slow
def test_the_same_seed_gives_the_same_rows_in_every_process() -> None:
    first, again, other = (in_another_process(*given) for given in ((1, 80, 7), (2, 80, 7), (1, 80, 8)))
    assert first == again
    assert first != other


@pytest.mark.postgres
def test_both_databases_hold_the_same_and_go_on_numbering(empty_postgres_url: str) -> None:
    with an_empty_network() as lite, an_empty_network(empty_postgres_url) as postgres:
        for session in (lite, postgres):
            a_demonstration(session, 80, 12)
        assert digest(lite) == digest(postgres)
        a_member(postgres, "One More")
        postgres.rollback()


def test_it_is_made_only_where_nobody_is(network: Session) -> None:
    with pytest.raises(Conflict, match="There are members already"):
        a_demonstration(network)


def test_it_needs_organisations() -> None:
    with an_empty_network() as session:
        session.query(Organisation).delete()
        with pytest.raises(Conflict, match="load the registers first"):
            a_demonstration(session)


def test_everybody_is_marked_as_invented_and_takes_a_change_number(
    network: Session, members: dict[int, Member]
) -> None:
    assert len(members) == 300
    assert all(member.demonstration for member in members.values())
    assert {member.change_number for member in members.values()} == {changes.latest_number(network)}
    assert beginnings.people_mark(network) == beginnings.INVENTED
    assert len({member.public_id for member in members.values()}) == 300


def test_one_of_each_kind_can_sign_in_and_nobody_else(network: Session, members: dict[int, Member]) -> None:
    found = {one.who: one.email for one in signins.sign_ins(network)}
    assert list(found) == ["Member", "New member", "Facilitator", "Staff"]
    with_password = [member for member in members.values() if member.password_hash]
    assert sorted(member.email or "" for member in with_password) == sorted(found.values())
    assert {member.audience for member in with_password} == {"member", "facilitator", "staff"}
    assert all(member.standing == "active" and member.listed for member in with_password)


def test_the_new_member_has_an_almost_empty_profile_and_the_other_one_ties_and_questions(network: Session) -> None:
    newcomer = network.execute(select(Member).where(Member.email.startswith("newcomer@"))).scalar_one()
    assert newcomer.biography == "" and newcomer.role is None
    home = network.scalar(select(Organisation.place_id).where(Organisation.id == newcomer.organisation_id))
    assert newcomer.place_id == home  # as the profile's form has it where nobody says a place
    assert not network.scalars(select(MemberTheme).where(MemberTheme.member_id == newcomer.id)).all()
    member = network.execute(select(Member).where(Member.email.startswith("member@"))).scalar_one()
    tied = select(func.count()).where((Connection.low_id == member.id) | (Connection.high_id == member.id))
    assert network.scalar(tied) >= 3
    waiting = select(Introduction.kind).where(Introduction.state == "open", Introduction.asked_id == member.id)
    assert "asked" in set(network.scalars(waiting))


def test_members_come_in_every_standing_and_manner(network: Session) -> None:
    with an_empty_network() as session:
        a_demonstration(session, 1200)
        rows = list(session.scalars(select(Member)))
    assert {row.standing for row in rows} == {"active", "left", "unverified", "invited", "erased"}
    assert any(not row.listed for row in rows) and any(not row.suggest_me for row in rows)
    assert any(row.paused_until and row.paused_until > NOW.date() for row in rows)
    assert any(row.show_name == 3 for row in rows) and any(row.show_biography < 2 for row in rows)
    due = [row for row in rows if row.confirmed_at and (NOW - row.confirmed_at).days > 180]
    assert 0.03 < len(due) / len(rows) < 0.4
    erased = next(row for row in rows if row.standing == "erased")
    assert (erased.name, erased.email, erased.biography) == ("Former member", None, "")


def test_members_work_where_their_sector_and_place_fit(network: Session, members: dict[int, Member]) -> None:
    regions = {row.id: row.region_code for row in network.execute(select(Place.id, Place.region_code))}
    homes = {row.id: row.place_id for row in network.execute(select(Organisation.id, Organisation.place_id))}
    for member in members.values():
        if member.place_id and member.organisation_id and homes[member.organisation_id]:
            assert regions[member.place_id] == regions[homes[member.organisation_id]]


def test_days_stand_in_order(network: Session, members: dict[int, Member], ties: list[Connection]) -> None:
    for member in members.values():
        assert member.joined_at <= NOW
        for later in (member.verified_at, member.confirmed_at, member.active_at, member.left_at):
            assert later is None or later >= member.joined_at
    for tie in ties:
        assert tie.until is None or tie.since <= tie.until
        assert tie.since.date() <= NOW.date()
        assert (tie.until is None) == (tie.ended_by_id is None)
    for introduction in network.scalars(select(Introduction)):
        assert introduction.closed_at is None or introduction.created_at < introduction.closed_at
        assert (introduction.state == "open") == (introduction.closed_at is None)
    for text in network.scalars(select(MemberText)):
        assert text.written_on and members[text.member_id].joined_at.date() <= text.written_on


def test_two_are_tied_only_after_both_joined_and_nobody_to_themselves(
    members: dict[int, Member], ties: list[Connection]
) -> None:
    assert ties
    for tie in ties:
        assert tie.low_id < tie.high_id
        for end in (members[tie.low_id], members[tie.high_id]):
            assert end.joined_at.date() <= tie.since.date()
            assert end.standing not in ("unverified", "invited")
            assert end.left_at is None or (tie.until is not None and tie.until <= end.left_at.replace(hour=23))
    assert max(Counter((tie.low_id, tie.high_id) for tie in ties).values()) == 1


def test_ties_join_like_and_like_and_close_triangles() -> None:
    with an_empty_network() as session:
        a_demonstration(session, 600)
        themes: dict[int, set[str]] = defaultdict(set)
        for row in session.scalars(select(MemberTheme)):
            themes[row.member_id].add(row.theme)
        active = session.scalars(select(Member.id).where(Member.standing == "active")).all()
        pairs = [tuple(row) for row in session.execute(select(Connection.low_id, Connection.high_id))]
    rng = Random(1)
    chance = [tuple(rng.sample(sorted(active), 2)) for _ in range(5000)]

    def alike(some: list[tuple[int, ...]]) -> float:
        return sum(len(themes[one] & themes[other]) for one, other in some) / len(some)

    assert alike(pairs) > 1.55 * alike(chance)  # 1.48 where people do not look for what they have in common
    neighbours: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        neighbours[one].add(other)
        neighbours[other].add(one)
    triples = [pair for near in neighbours.values() for pair in combinations(sorted(near), 2)]
    clustering = sum(other in neighbours[one] for one, other in triples) / len(triples)
    assert clustering > 12 * 2 * len(pairs) / len(active) ** 2  # 9 where nobody meets the acquaintances of theirs
    degrees = sorted(map(len, neighbours.values()))
    assert degrees[-1] > 4 * sum(degrees) / len(degrees)  # hubs
    assert len(active) > len(neighbours)  # isolates


def test_what_members_did_with_each_other_is_of_every_kind(network: Session, ties: list[Connection]) -> None:
    assert {tie.evidence for tie in ties} == {
        "declared",
        "introduced",
        "met",
        "co_attended",
        "set_mates",
        "collaborated",
    }
    assert {tie.intensity for tie in ties} == {1, 2, 3, 4}
    assert any(tie.until for tie in ties)
    states = {(row.kind, row.state) for row in network.scalars(select(Introduction))}
    assert {state for _, state in states} == {"open", "accepted", "withdrawn", "lapsed"}
    said_no = {row.state for row in network.scalars(select(Introduction).where(Introduction.asked_answer == "no"))}
    assert said_no
    assert said_no <= {"open", "lapsed"}  # a no is an answer, never a state that others could read
    assert {kind for kind, _ in states} == {"asked", "woven"}
    dismissals = list(network.scalars(select(Dismissal)))
    assert {row.until is None for row in dismissals} == {True, False}


def test_an_introduction_that_was_accepted_made_the_tie_it_names(network: Session, ties: list[Connection]) -> None:
    made = {row.id: row for row in network.scalars(select(Introduction))}
    for tie in ties:
        if tie.introduction_id is not None:
            row = made[tie.introduction_id]
            assert {row.asker_id, row.asked_id} == {tie.low_id, tie.high_id}
            assert (row.state, row.evidence) == ("accepted", tie.evidence)
    tied = {frozenset((tie.low_id, tie.high_id)) for tie in ties}
    waiting = [frozenset((row.asker_id, row.asked_id)) for row in made.values() if row.state == "open"]
    assert not tied.intersection(waiting)
    assert len(set(waiting)) == len(waiting)
    for row in made.values():
        assert row.weaver_id not in (row.asker_id, row.asked_id)


def test_an_introduction_from_a_suggestion_names_it_and_most_suggestions_led_to_none(network: Session) -> None:
    listed = {one.id: one for one in network.scalars(select(Suggestion))}
    used: list[int] = []
    for one in network.scalars(select(Introduction)):
        if one.suggestion_id is None:
            continue
        row = listed[one.suggestion_id]
        assert one.source == "suggestion" and (row.member_id, row.other_id) == (one.asker_id, one.asked_id)
        assert row.unlisted_at is not None and row.listed_at <= one.created_at
        used.append(row.id)
    asked = network.scalar(select(func.count()).where(Introduction.source == "suggestion"))
    assert asked and len(used) > 0.9 * asked and len(set(used)) == len(used)
    assert 2 * len(used) < len(listed) < 6 * len(used)
    kinds = {row.reasons[0]["kind"] for row in listed.values() if row.reasons}
    assert kinds == {"shared_theme", "mutual_connections"}
    ids = set(network.scalars(select(Member.id)))
    for row in listed.values():
        for reason in row.reasons:
            assert set(reason["evidence"].get("members", ())) <= ids - {row.member_id, row.other_id}


def test_nobody_has_two_introductions_open_with_the_same_person_or_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(introductions, "_UNANSWERED", 20.0)
    with an_empty_network() as session:
        a_demonstration(session, 100, 12)
        rows = session.execute(
            select(Introduction.asker_id, Introduction.asked_id).where(Introduction.state == "open")
        ).all()
    assert len({frozenset(row) for row in rows}) == len(rows) > 20
    assert max(Counter(row.asker_id for row in rows).values()) <= 3


def test_sets_hold_four_to_eight_who_had_joined(network: Session, members: dict[int, Member]) -> None:
    began = {row.id: row.started_on for row in network.scalars(select(LearningSet))}
    sizes: Counter[int] = Counter()
    for row in network.scalars(select(SetMembership)):
        sizes[row.set_id] += 1
        day = began[row.set_id]
        assert day and members[row.member_id].joined_at.date() <= day
    assert sizes.keys() == began.keys()
    assert all(4 <= size <= 8 for size in sizes.values())


def test_more_people_join_as_the_network_grows(members: dict[int, Member]) -> None:
    days = sorted(member.joined_at for member in members.values())
    middle = days[0] + (days[-1] - days[0]) / 2
    assert sum(day > middle for day in days) > 1.2 * sum(day <= middle for day in days)
    assert [members[key].joined_at.date() for key in sorted(members)] == [day.date() for day in days]


def test_progress_ends_where_it_said() -> None:
    told: list[tuple[int, int]] = []
    with an_empty_network() as session:
        write(
            session,
            vocabulary.load(),
            Wanted(60, 6, 1, NOW.date()),
            "a hash",
            NOW,
            lambda done, total: told.append((done, total)),
        )
    assert told[-1][0] == told[-1][1]
    assert all(done <= total for done, total in told)
    assert told == sorted(told)
