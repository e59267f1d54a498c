"""Who comes into a running set and leaves it: rules asked, rota mended, everybody told what they may know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.errors import Conflict, NotFound, NotPermitted
from haln.learn import attendance, priority, set_members, set_people, set_rules
from haln.learn.rule_rows import rows_of
from haln.learn.set_people import Sight
from haln.matching.rules import Kind, Rule, Strength
from haln.models import (
    Block,
    CohortFacilitator,
    CohortPair,
    CohortSlot,
    LearningSet,
    Mail,
    Member,
    SetMembership,
    SetRequest,
    SuggestionRefresh,
)
from haln.people.tokens import public_id
from tests.builders import NOW, Cast, a_member, an_actor
from tests.cohort_builders import a_cohort, an_application
from tests.learn.sets import WORDS, a_session, key, planned, the_set

MUST, STRONGLY = Strength.MUST, Strength.STRONGLY
SIZE = Rule(Kind.SIZE, MUST, 4, 5)


def led(session: Session, cast: Cast, *rules: Rule, days: int = 0) -> LearningSet:
    """The set of the four, of a cohort with these rules that Fay leads."""
    cohort = a_cohort(session, cast.fay, days=days, rules=rows_of((SIZE, *rules)))
    return the_set(session, cast, cohort_id=cohort.id)


def newcomer(session: Session, name: str = "Eve Newcomer", **facts: object) -> Member:
    return a_member(session, name, **facts)


def breaks(session: Session, row: LearningSet, member: Member) -> list[tuple[Kind, bool]]:
    session.flush()
    return [(one.rule.kind, one.must) for one in set_rules.would_break(session, row, WORDS, adding=member.id)]


def add(session: Session, by: int, row: LearningSet, member: Member) -> str:
    return set_members.add(session, an_actor(session, by), key(row), member.public_id, WORDS, NOW)


def sitting(session: Session, row: LearningSet) -> list[int]:
    return set_people.sitting_ids(session, row.id)


def test_a_newcomer_is_in_told_and_next_in_the_rota_and_everybodys_suggestions_are_due(
    session: Session, cast: Cast
) -> None:
    row, eve = led(session, cast), newcomer(session)
    a_session(session, row)
    assert add(session, cast.fay, row, eve) == "Eve Newcomer"
    assert eve.id in sitting(session, row)
    assert session.scalars(select(Mail.member_id).where(Mail.kind == "set_joined")).all() == [eve.id]
    due = set(session.scalars(select(SuggestionRefresh.member_id)))
    assert {cast.ada, cast.ben, cast.cai, cast.dee, eve.id} <= due


@pytest.mark.parametrize("before", ["left_over", "withdrawn"])
def test_who_was_left_over_and_is_taken_in_has_a_place_and_waits_no_longer(
    session: Session, cast: Cast, before: str
) -> None:
    row, eve = led(session, cast), newcomer(session)
    session.flush()
    early = an_application(session, row.cohort_id or 0, eve.id, state=before, applied_at=NOW - timedelta(days=90))
    later = a_cohort(session, cast.fay)
    waiting = priority.priority_of(session, eve.id, later.id)
    again = an_application(session, later.id, eve.id, priority=waiting)
    assert waiting == (before == "left_over")
    add(session, cast.fay, row, eve)
    assert early.state == ("placed" if before == "left_over" else before)
    assert (again.state, again.priority) == ("applied", 0)
    assert priority.priority_of(session, eve.id) == 0


def told_of_leaving(session: Session) -> list[tuple[int | None, object]]:
    rows = session.execute(select(Mail.member_id, Mail.values).where(Mail.kind == "set_left"))
    return [(row.member_id, row[1]["left_id"]) for row in rows]


def test_who_leads_the_set_is_told_that_somebody_left_and_nothing_else(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    set_members.leave(session, an_actor(session, cast.ada), key(row), NOW)
    assert told_of_leaving(session) == [(cast.fay, cast.ada)]
    set_members.move_out(session, an_actor(session, cast.sol), key(row), cast.ben, NOW)
    assert told_of_leaving(session) == [(cast.fay, cast.ada)]


def told_of_taking_out(session: Session) -> list[tuple[str, int | None]]:
    rows = session.execute(
        select(Mail.kind, Mail.member_id).where(Mail.kind.in_(("set_out", "set_member_out"))).order_by(Mail.id)
    )
    return [(row.kind, row.member_id) for row in rows]


def test_who_is_taken_out_is_told_and_who_leads_the_set_where_another_did_it(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    meeting = a_session(session, row)
    set_members.move_out(session, an_actor(session, cast.fay), key(row), cast.ada, NOW)
    assert told_of_taking_out(session) == [("set_out", cast.ada)]
    values = session.scalars(select(Mail.values).where(Mail.kind == "set_out")).one()
    assert values == {"set_id": row.id, "session_ids": [meeting.id]}
    set_members.move_out(session, an_actor(session, cast.sol), key(row), cast.ben, NOW)
    assert told_of_taking_out(session)[1:] == [("set_out", cast.ben), ("set_member_out", cast.fay)]
    session.get_one(Member, cast.fay).introduction_mail = False
    session.flush()
    set_members.move_out(session, an_actor(session, cast.sol), key(row), cast.cai, NOW)
    assert told_of_taking_out(session)[3:] == [("set_out", cast.cai)]
    set_members.leave(session, an_actor(session, cast.dee), key(row), NOW)
    assert len(told_of_taking_out(session)) == 4


@pytest.mark.parametrize("how", ["nobody", "left", "unwilling"])
def test_nobody_is_told_that_somebody_left_where_nobody_leads_or_wants_such_mail(
    session: Session, cast: Cast, how: str
) -> None:
    row = the_set(session, cast, facilitator_id=None if how == "nobody" else cast.fay)
    fay = session.get_one(Member, cast.fay)
    fay.introduction_mail = how != "unwilling"
    fay.standing = "left" if how == "left" else "active"
    session.flush()
    set_members.leave(session, an_actor(session, cast.ada), key(row), NOW)
    assert told_of_leaving(session) == []


def test_a_full_set_takes_nobody_in(session: Session, cast: Cast) -> None:
    row = led(session, cast)
    add(session, cast.fay, row, newcomer(session))
    last = newcomer(session, "Gil Last")
    assert breaks(session, row, last) == [(Kind.SIZE, True)]
    with pytest.raises(Conflict, match="must be kept"):
        add(session, cast.fay, row, last)
    assert last.id not in sitting(session, row)


@pytest.mark.parametrize(("strength", "refused"), [(MUST, True), (STRONGLY, False)])
def test_a_colleague_is_refused_where_that_is_a_must_and_shown_where_it_is_not(
    session: Session, cast: Cast, strength: Strength, refused: bool
) -> None:
    row = led(session, cast, Rule(Kind.PER_ORGANISATION, strength, 1))
    eve = newcomer(session, organisation_id=session.get_one(Member, cast.ben).organisation_id)
    assert breaks(session, row, eve) == [(Kind.PER_ORGANISATION, refused)]
    found = set_members.coming(session, an_actor(session, cast.fay), key(row), eve.public_id, WORDS)
    assert found.refused == refused
    if not refused:
        add(session, cast.fay, row, eve)


@pytest.mark.parametrize(
    ("kind", "pair"), [(Kind.PER_ORGANISATION, ""), (Kind.MANAGERS, "manager"), (Kind.APART, "apart")]
)
def test_it_is_known_that_a_rule_is_broken_already_where_it_may_be_known(
    session: Session, cast: Cast, kind: Kind, pair: str
) -> None:
    row, eve = led(session, cast, Rule(kind, MUST, 1 if not pair else None)), newcomer(session)
    gus = newcomer(session, "Gus Leader", audience="facilitator")

    def already(leader: int) -> bool:
        row.facilitator_id = leader
        session.flush()
        found = set_members.coming(session, an_actor(session, leader), key(row), eve.public_id, WORDS)
        assert not found.breaks
        return found.already

    assert not already(cast.fay)
    low, high = sorted((cast.ada, cast.ben))
    if pair:
        session.add(
            CohortPair(cohort_id=row.cohort_id, low_id=low, high_id=high, kind=pair, by_id=cast.fay, created_at=NOW)
        )
    else:
        home = session.get_one(Member, cast.ben).organisation_id
        session.get_one(Member, cast.ada).organisation_id = home
    assert already(cast.fay)
    assert already(gus.id) is not bool(pair)


@pytest.mark.parametrize(("kind", "pair"), [(Kind.MANAGERS, "manager"), (Kind.APART, "apart")])
def test_pairs_that_are_kept_apart_stay_apart_and_only_the_cohorts_leaders_know(
    session: Session, cast: Cast, kind: Kind, pair: str
) -> None:
    row, eve = led(session, cast, Rule(kind, MUST)), newcomer(session)
    low, high = sorted((cast.ada, eve.id))
    session.add(
        CohortPair(cohort_id=row.cohort_id, low_id=low, high_id=high, kind=pair, by_id=cast.fay, created_at=NOW)
    )
    assert breaks(session, row, eve) == [(kind, True)]
    gus = newcomer(session, "Gus Leader", audience="facilitator")
    for leader, told in ((cast.fay, True), (gus.id, False)):
        row.facilitator_id = leader
        session.flush()
        found = set_members.coming(session, an_actor(session, leader), key(row), eve.public_id, WORDS)
        assert (found.refused, found.told) == (True, told)


def test_nobody_is_put_beside_somebody_who_blocked_them_whatever_the_rules(session: Session, cast: Cast) -> None:
    row, eve = the_set(session, cast), newcomer(session)
    session.add(Block(blocker_id=cast.ada, blocked_id=eve.id, created_at=NOW))
    assert breaks(session, row, eve) == [(Kind.APART, True)]


def test_a_set_without_a_cohort_has_no_rules(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    for number in range(8):
        one = newcomer(session, f"Person{number} Number")
        assert breaks(session, row, one) == []
        add(session, cast.fay, row, one)


def test_somebody_who_can_make_none_of_the_sets_times_breaks_that_rule(session: Session, cast: Cast) -> None:
    row = led(session, cast, Rule(Kind.SLOTS, MUST, 1), days=1)
    first, second = session.scalars(select(CohortSlot.id).order_by(CohortSlot.position))
    for member in (cast.ada, cast.ben):
        an_application(session, row.cohort_id or 0, member, [first])
    eve, gil, hal = newcomer(session), newcomer(session, "Gil Second"), newcomer(session, "Hal First")
    an_application(session, row.cohort_id or 0, gil.id, [second])
    an_application(session, row.cohort_id or 0, hal.id, [first, second])
    assert breaks(session, row, gil) == [(Kind.SLOTS, True)]
    assert breaks(session, row, hal) == []
    assert breaks(session, row, eve) == []  # of whom nothing is known


def test_who_would_be_alone_of_their_kind_and_who_has_met_before_are_seen(session: Session, cast: Cast) -> None:
    row = led(session, cast, Rule(Kind.NOT_ALONE, STRONGLY, of="role"), Rule(Kind.NOT_AGAIN, STRONGLY))
    eve, gil = newcomer(session, role="finance"), newcomer(session, "Gil Buyer", role="procurement")
    the_set_before = the_set(session, cast)
    the_set_before.public_id = None  # of a loaded network: counted when sets are formed, so it counts here
    session.add(SetMembership(set_id=the_set_before.id, member_id=gil.id))
    assert breaks(session, row, eve) == [(Kind.NOT_ALONE, False)]
    assert breaks(session, row, gil) == [(Kind.NOT_AGAIN, False)]


def test_a_running_set_and_a_plan_see_people_alike(session: Session, cast: Cast) -> None:
    row = led(session, cast, Rule(Kind.SLOTS, MUST, 1), Rule(Kind.NOT_ALONE, STRONGLY, of="role"), days=1)
    (first, *_) = session.scalars(select(CohortSlot.id).order_by(CohortSlot.position))
    an_application(session, row.cohort_id or 0, cast.ada, [first])
    silent, hiding = newcomer(session), newcomer(session, "Gil Hidden", role="procurement", show_role=0)
    an_application(session, row.cohort_id or 0, silent.id)
    assert breaks(session, row, silent) == [(Kind.SLOTS, True)]  # who applied and named no time can make none
    assert breaks(session, row, hiding) == []  # what they do is nobody's to judge by


def test_what_is_broken_already_keeps_nobody_out_who_makes_it_better(session: Session, cast: Cast) -> None:
    row = led(session, cast)
    for member in (cast.ada, cast.ben):
        set_members.leave(session, an_actor(session, member), key(row), NOW)
    assert breaks(session, row, newcomer(session)) == []


def test_who_is_in_it_leads_it_or_is_unseen_cannot_be_taken_in(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    for member in (cast.ada, cast.fay):
        with pytest.raises(Conflict):
            add(session, cast.fay, row, session.get_one(Member, member))
    hidden = newcomer(session, listed=False)
    with pytest.raises(NotFound):
        add(session, cast.fay, row, hidden)


def test_newcomers_are_found_by_any_words_of_their_name_or_by_address(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    newcomer(session, "Élan Ó Néill", email="elan@example.org")
    fay = an_actor(session, cast.fay)
    entry = set_members.admitting(session, fay, key(row))
    for typed in ("néill élan", "ÉLAN", "elan@example.org"):
        assert [line.name for line in set_members.find(session, fay, entry, typed)] == ["Élan Ó Néill"]
    assert set_members.find(session, fay, entry, "okafor ada") == []  # she sits in it
    assert set_members.find(session, fay, entry, "lindqvist") == []  # and Fay leads it


def test_who_comes_back_is_expected_from_that_day_on(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    set_members.leave(session, an_actor(session, cast.ada), key(row), NOW)
    missed = a_session(session, row, NOW + timedelta(days=20))
    back = NOW + timedelta(days=40)
    set_members.add(session, an_actor(session, cast.fay), key(row), an_actor(session, cast.ada).public_id, WORDS, back)
    assert cast.ada not in attendance.expected(session, missed)
    assert cast.ada in attendance.expected(session, a_session(session, row, back + timedelta(days=1)))


def test_members_take_nobody_in_and_outsiders_find_nothing(session: Session, cast: Cast) -> None:
    row, eve, gus = the_set(session, cast), newcomer(session), newcomer(session, "Gus L", audience="facilitator")
    with pytest.raises(NotPermitted):
        add(session, cast.ada, row, eve)
    with pytest.raises(NotFound):
        add(session, gus.id, row, eve)
    add(session, cast.sol, row, eve)


def test_who_leaves_is_gone_from_the_rota_and_may_come_back(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    made = planned(session, cast, row, 4)
    assert made[0].presenter_id == cast.ada
    set_members.leave(session, an_actor(session, cast.ada), key(row), NOW)
    assert cast.ada not in {one.presenter_id for one in made}
    assert None not in {one.presenter_id for one in made}
    with pytest.raises(NotFound):
        set_members.leave(session, an_actor(session, cast.ada), key(row), NOW)
    add(session, cast.fay, row, session.get_one(Member, cast.ada))
    assert cast.ada in sitting(session, row)


def test_the_facilitator_takes_somebody_out_and_members_do_not(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    with pytest.raises(NotPermitted):
        set_members.move_out(session, an_actor(session, cast.ben), key(row), cast.ada, NOW)
    set_members.move_out(session, an_actor(session, cast.fay), key(row), cast.ada, NOW)
    assert cast.ada not in sitting(session, row)
    with pytest.raises(NotFound):
        set_members.move_out(session, an_actor(session, cast.fay), key(row), cast.sol, NOW)


def a_request(session: Session, row: LearningSet, member: int) -> SetRequest:
    made = SetRequest(public_id=public_id(), set_id=row.id, member_id=member, note="May I?", created_at=NOW)
    session.add(made)
    session.flush()
    return made


def test_a_request_is_accepted_once_under_the_same_rules_and_takes_a_place(session: Session, cast: Cast) -> None:
    row = led(session, cast)
    row.open_places = 1
    eve, gil, fay = newcomer(session), newcomer(session, "Gil Late"), an_actor(session, cast.fay)
    first, second = a_request(session, row, eve.id), a_request(session, row, gil.id)
    assert set_members.accept(session, fay, key(row), first.public_id, WORDS, NOW) == "Eve Newcomer"
    assert (first.state, row.open_places) == ("accepted", 0)
    with pytest.raises(Conflict, match="no longer open"):
        set_members.accept(session, fay, key(row), first.public_id, WORDS, NOW)
    with pytest.raises(Conflict, match="must be kept"):
        set_members.accept(session, fay, key(row), second.public_id, WORDS, NOW)
    assert second.state == "open"
    set_members.decline(session, fay, key(row), second.public_id, WORDS, NOW)
    assert second.state == "declined"


def test_a_request_to_another_set_is_not_there(session: Session, cast: Cast) -> None:
    row, other = the_set(session, cast), the_set(session, cast)
    asked = a_request(session, other, newcomer(session).id)
    with pytest.raises(NotFound):
        set_members.accept(session, an_actor(session, cast.fay), key(row), asked.public_id, WORDS, NOW)


def sights(session: Session, viewer: int, row: LearningSet) -> dict[int, tuple[Sight, str, bool]]:
    session.flush()
    found = set_people.circle(session, viewer, row)
    return {mate.id: (mate.sight, mate.name, mate.person is not None) for mate in found.known.values()}


def test_set_mates_read_the_name_of_somebody_hidden_and_no_more(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    session.execute(update(Member).where(Member.id == cast.ben).values(listed=False))
    assert sights(session, cast.ada, row)[cast.ben] == (Sight.HERE, "Ben Whitaker", False)
    assert sights(session, cast.ada, row)[cast.cai] == (Sight.HERE, "Cai Morgan", True)


def test_facts_kept_to_connections_stay_with_them(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    session.execute(update(Member).where(Member.id == cast.ben).values(show_organisation=1, show_role=0))
    person = set_people.circle(session, cast.ada, row).known[cast.ben].person
    assert person is not None
    assert (person.organisation, person.role) == (None, None)


@pytest.mark.parametrize("way", [(0, 1), (1, 0)])
def test_of_two_who_blocked_each_other_neither_reads_the_others_name(
    session: Session, cast: Cast, way: tuple[int, int]
) -> None:
    row, both = the_set(session, cast), (cast.ada, cast.ben)
    session.add(Block(blocker_id=both[way[0]], blocked_id=both[way[1]], created_at=NOW))
    assert sights(session, cast.ada, row)[cast.ben] == (Sight.UNSEEN, "", False)
    assert sights(session, cast.ben, row)[cast.ada] == (Sight.UNSEEN, "", False)
    assert sights(session, cast.cai, row)[cast.ada][0] is Sight.HERE


def test_who_left_the_set_or_the_network_is_a_former_member(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    set_members.leave(session, an_actor(session, cast.ada), key(row), NOW)
    session.execute(update(Member).where(Member.id == cast.ben).values(standing="erased", name="Former member"))
    found = set_people.circle(session, cast.cai, row)
    for member in (cast.ada, cast.ben):
        mate = found.of(member)
        assert mate is not None
        assert (mate.sight, mate.name) == (Sight.FORMER, "")
    assert [mate.id for mate in found.members] == [cast.cai, cast.dee]


def test_who_leads_the_cohort_looks_on_at_its_sets_and_at_no_others(session: Session, cast: Cast) -> None:
    gus = newcomer(session, "Gus Leader", audience="facilitator")
    mine, other = led(session, cast), the_set(session, cast)
    session.add(CohortFacilitator(cohort_id=mine.cohort_id or 0, member_id=gus.id, sets=1, slots=[]))
    session.flush()
    actor = an_actor(session, gus.id)
    assert set_members.coming(session, actor, key(mine), newcomer(session).public_id, WORDS).told
    with pytest.raises(NotFound):
        set_members.find(session, actor, set_members.admitting(session, actor, key(other)), "eve")
    session.execute(update(Member).where(Member.id == gus.id).values(audience="member"))
    with pytest.raises(NotFound):
        set_members.admitting(session, an_actor(session, gus.id), key(mine))
