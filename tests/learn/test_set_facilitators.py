"""Who leads a running set is changed by who admits its members, or left to nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.errors import Conflict, NotFound, NotPermitted
from haln.learn import set_access, set_facilitators
from haln.learn.rule_rows import rows_of
from haln.learn.set_access import Standing
from haln.learn.set_facilitators import Proposed
from haln.matching.rules import Kind, Rule, Strength
from haln.models import AuditRecord, Block, CohortPair, LearningSet, Mail, Member, SetRequest
from haln.people.tokens import public_id
from tests.builders import NOW, Cast, a_member, an_actor
from tests.cohort_builders import a_cohort
from tests.learn.sets import a_session, key, the_set

MUST, STRONGLY = Strength.MUST, Strength.STRONGLY


@pytest.fixture
def gus(session: Session, cast: Cast) -> Member:
    return a_member(session, "Gus Leader", audience="facilitator")


def name(session: Session, by: int, row: LearningSet, person: str, version: int | None = None) -> Proposed:
    seen = row.version if version is None else version
    return set_facilitators.name(session, an_actor(session, by), key(row), seen, person, NOW)


def weighed(session: Session, by: int, row: LearningSet, person: str) -> Proposed:
    session.flush()
    return set_facilitators.proposed(session, an_actor(session, by), key(row), person)


def letters(session: Session) -> list[tuple[str, int | None]]:
    return [(row.kind, row.member_id) for row in session.execute(select(Mail.kind, Mail.member_id).order_by(Mail.id))]


def found(session: Session, by: int, row: LearningSet, typed: str) -> list[str]:
    entry = set_access.admitting(session, an_actor(session, by), key(row))
    return [line.name for line in set_facilitators.find(session, an_actor(session, by), entry, typed)]


def may_enter(session: Session, member: int, row: LearningSet) -> Standing | None:
    try:
        return set_access.enter(session, an_actor(session, member), key(row)).standing
    except NotFound:
        return None


def test_the_new_one_leads_at_once_the_old_one_is_out_and_both_are_told(
    session: Session, cast: Cast, gus: Member
) -> None:
    row = the_set(session, cast)
    ahead = a_session(session, row)
    a_session(session, row, NOW)
    name(session, cast.sol, row, gus.public_id)
    assert may_enter(session, gus.id, row) is Standing.FACILITATOR
    assert may_enter(session, cast.fay, row) is None
    assert letters(session) == [("set_not_led", cast.fay), ("set_led", gus.id)]
    told = session.scalars(select(Mail.values).where(Mail.kind == "set_led")).one()
    assert told == {"set_id": row.id, "session_ids": [ahead.id]}
    record = session.scalars(select(AuditRecord).where(AuditRecord.action == "change_set_facilitator")).one()
    assert (record.actor_id, record.subject_id) == (cast.sol, row.id)
    assert record.detail == {"before": cast.fay, "after": gus.id}


def test_whoever_says_so_is_not_told_what_they_said(session: Session, cast: Cast, gus: Member) -> None:
    row = the_set(session, cast)
    done = name(session, cast.fay, row, gus.public_id)
    assert done.shuts_out
    assert letters(session) == [("set_led", gus.id)]
    sol = session.get_one(Member, cast.sol)
    assert not name(session, cast.sol, row, sol.public_id).shuts_out
    assert letters(session)[1:] == [("set_not_led", gus.id)]
    assert may_enter(session, cast.sol, row) is Standing.FACILITATOR


def test_a_set_can_run_itself_and_its_members_plan_then(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    name(session, cast.sol, row, "")
    assert row.facilitator_id is None
    assert set_access.enter(session, an_actor(session, cast.ada), key(row)).manages
    assert letters(session) == [("set_not_led", cast.fay)]
    with pytest.raises(Conflict, match="Nobody leads"):
        name(session, cast.sol, row, "")


def test_whoever_leads_its_cohort_still_looks_on_when_they_lead_the_set_no_longer(
    session: Session, cast: Cast, gus: Member
) -> None:
    row = the_set(session, cast, cohort_id=a_cohort(session, cast.fay).id)
    assert not weighed(session, cast.fay, row, gus.public_id).shuts_out
    name(session, cast.fay, row, gus.public_id)
    assert may_enter(session, cast.fay, row) is Standing.OVERSEER
    name(session, cast.fay, row, "")
    assert letters(session) == [("set_led", gus.id), ("set_not_led", gus.id)]


def test_members_and_strangers_name_nobody(session: Session, cast: Cast, gus: Member) -> None:
    row = the_set(session, cast)
    for member, refusal in ((cast.ada, NotPermitted), (gus.id, NotFound)):
        for person in (gus.public_id, ""):
            with pytest.raises(refusal):
                name(session, member, row, person)
            with pytest.raises(refusal):
                weighed(session, member, row, person)
    assert row.facilitator_id == cast.fay


def test_facilitators_and_staff_are_found_who_neither_sit_in_the_set_nor_lead_it(
    session: Session, cast: Cast, gus: Member
) -> None:
    row = the_set(session, cast)
    a_member(session, "Gus Member")
    sitter = session.get_one(Member, cast.dee)
    sitter.audience = "facilitator"
    session.flush()
    assert found(session, cast.fay, row, "gus") == ["Gus Leader"]
    assert found(session, cast.fay, row, session.get_one(Member, cast.sol).name)
    assert found(session, cast.fay, row, sitter.name) == found(session, cast.sol, row, "Fay") == []
    with pytest.raises(Conflict, match="is in this set"):
        name(session, cast.fay, row, sitter.public_id)
    with pytest.raises(Conflict, match="leads this set"):
        name(session, cast.fay, row, session.get_one(Member, cast.fay).public_id)


@pytest.mark.parametrize("how", ["member", "hidden", "left", "blocked"])
def test_who_leads_nothing_or_is_not_there_for_the_actor_cannot_be_named(
    session: Session, cast: Cast, gus: Member, how: str
) -> None:
    row = the_set(session, cast)
    if how == "member":
        gus.audience = "member"
    elif how == "hidden":
        gus.listed = False
    elif how == "left":
        gus.standing = "left"
    else:
        session.add(Block(blocker_id=gus.id, blocked_id=cast.fay, created_at=NOW))
    session.flush()
    assert found(session, cast.fay, row, "gus") == []
    with pytest.raises(NotFound, match="no such facilitator"):
        name(session, cast.fay, row, gus.public_id)
    assert row.facilitator_id == cast.fay


def test_of_two_who_change_it_the_second_is_told(session: Session, cast: Cast, gus: Member) -> None:
    row = the_set(session, cast)
    seen = row.version
    name(session, cast.fay, row, gus.public_id)
    with pytest.raises(Conflict, match="Somebody else"):
        name(session, cast.sol, row, "", seen)
    assert row.facilitator_id == gus.id


def test_a_set_that_has_ended_keeps_its_facilitator(session: Session, cast: Cast, gus: Member) -> None:
    row = the_set(session, cast, ended_on=NOW.date())
    with pytest.raises(Conflict, match="has ended"):
        name(session, cast.fay, row, gus.public_id)


@pytest.mark.parametrize("both_ways", [True, False])
def test_nobody_leads_a_set_with_somebody_whom_they_are_kept_from_by_a_block(
    session: Session, cast: Cast, gus: Member, both_ways: bool
) -> None:
    row = the_set(session, cast)
    blocker, blocked = (gus.id, cast.ada) if both_ways else (cast.ada, gus.id)
    session.add(Block(blocker_id=blocker, blocked_id=blocked, created_at=NOW))
    shown = weighed(session, cast.fay, row, gus.public_id)
    assert (shown.refused, shown.told) == (True, False)
    assert [(one.rule.kind, one.must) for one in shown.breaks] == [(Kind.APART, True)]
    with pytest.raises(Conflict, match="must be kept"):
        name(session, cast.fay, row, gus.public_id)


@pytest.mark.parametrize(("kind", "pair"), [(Kind.MANAGERS, "manager"), (Kind.APART, "apart")])
@pytest.mark.parametrize("strength", [MUST, STRONGLY])
def test_pairs_of_the_cohort_keep_somebody_from_leading_where_that_is_a_must(
    session: Session, cast: Cast, gus: Member, kind: Kind, pair: str, strength: Strength
) -> None:
    cohort = a_cohort(session, cast.sol, rules=rows_of((Rule(Kind.SIZE, MUST, 4, 5), Rule(kind, strength))))
    row = the_set(session, cast, cohort_id=cohort.id)
    low, high = sorted((cast.ada, gus.id))
    session.add(CohortPair(cohort_id=cohort.id, low_id=low, high_id=high, kind=pair, by_id=cast.sol, created_at=NOW))
    for actor, told in ((cast.fay, False), (cast.sol, True)):
        shown = weighed(session, actor, row, gus.public_id)
        assert (shown.refused, shown.told) == (strength is MUST, told)
        assert [one.rule.kind for one in shown.breaks] == [kind]
    other = a_member(session, "Hal Leader", audience="facilitator")
    assert weighed(session, cast.fay, row, other.public_id).breaks == ()


def test_that_each_set_has_a_facilitator_is_said_and_keeps_no_set_from_running_itself(
    session: Session, cast: Cast, gus: Member
) -> None:
    rules = rows_of((Rule(Kind.SIZE, MUST, 4, 5), Rule(Kind.FACILITATOR_LOAD, MUST)))
    cohort = a_cohort(session, cast.sol, rules=rules)
    row = the_set(session, cast, cohort_id=cohort.id)
    shown = weighed(session, cast.fay, row, "")
    assert [(one.rule.kind, one.must) for one in shown.breaks] == [(Kind.FACILITATOR_LOAD, True)]
    assert not shown.refused
    assert weighed(session, cast.fay, row, gus.public_id).breaks == ()
    name(session, cast.fay, row, "")
    assert row.facilitator_id is None


def test_whoever_leads_a_set_no_longer_asks_to_join_it(session: Session, cast: Cast, gus: Member) -> None:
    row = the_set(session, cast)
    asks = [
        SetRequest(public_id=public_id(), set_id=row.id, member_id=member, created_at=NOW)
        for member in (gus.id, a_member(session, "Eve Newcomer").id)
    ]
    session.add_all(asks)
    session.flush()
    name(session, cast.fay, row, gus.public_id)
    for one in asks:
        session.refresh(one)
    assert [one.state for one in asks] == ["withdrawn", "open"]
