"""A cohort's rows as a pool: who is in it, what of them, in how many queries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from haln.learn import stamps
from haln.learn.encoding import encode, version_of
from haln.learn.studio import Studio, fitted
from haln.matching.pool import Plan, PlannedSet
from haln.models import Application, Block, Cohort, CohortPair, CohortSlot, Member, SetMembership
from haln.taxonomy.vocabulary import Vocabulary, load
from tests.builders import NOW, Cast, a_connection, a_member, a_theme
from tests.cohort_builders import a_cohort, a_learning_set, an_application
from tests.views.test_suggestions import statements


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load()


@pytest.fixture
def cohort(session: Session, cast: Cast) -> Cohort:
    made = a_cohort(session, cast.fay, days=2)
    slots = session.scalars(select(CohortSlot.id).where(CohortSlot.cohort_id == made.id).order_by(CohortSlot.position))
    first, second, *_ = slots
    an_application(session, made.id, cast.ada, [second, first])
    an_application(session, made.id, cast.cai, [second], priority=2, facilitator_id=cast.fay)
    an_application(session, made.id, cast.dee)
    return made


def test_an_applicant_is_what_they_and_their_profile_say(
    session: Session, cast: Cast, cohort: Cohort, vocabulary: Vocabulary
) -> None:
    session.get_one(Member, cast.ada).level = "executive"
    a_theme(session, cast.ada, "food", 3, interest=True)
    a_theme(session, cast.ada, "housing", 2, interest=True)
    pool = encode(session, cohort, vocabulary).pool
    ada, cai, _ = pool.applicants
    assert [one.id for one in pool.applicants] == [cast.ada, cast.cai, cast.dee]
    assert (ada.sector, ada.region, ada.nation, ada.role, ada.level) == (
        "nhs",
        "yorkshire-and-the-humber",
        "england",
        "procurement",
        4,
    )
    assert ada.themes == {"food": 3}
    assert (ada.slots, pool.slots) == (frozenset({0, 1}), 4)
    assert (cai.nation, cai.waiting, cai.facilitator) == ("wales", 2, cast.fay)
    assert [(one.id, one.capacity, one.slots) for one in pool.facilitators] == [(cast.fay, 10, frozenset())]


def test_who_names_no_themes_applies_with_those_of_their_profile(
    session: Session, cast: Cast, cohort: Cohort, vocabulary: Vocabulary
) -> None:
    session.execute(select(Application).where(Application.member_id == cast.ada)).scalar_one().themes = []
    a_theme(session, cast.ada, "housing", 2, offer=True)
    assert encode(session, cohort, vocabulary).pool.applicants[0].themes == {"housing": 2}


@pytest.mark.parametrize("standing", ["left", "erased"])
def test_who_is_gone_or_withdrew_is_in_no_pool(
    session: Session, cast: Cast, cohort: Cohort, vocabulary: Vocabulary, standing: str
) -> None:
    session.get_one(Member, cast.ada).standing = standing
    session.execute(select(Application).where(Application.member_id == cast.cai)).scalar_one().state = "withdrawn"
    assert [one.id for one in encode(session, cohort, vocabulary).pool.applicants] == [cast.dee]


def test_hidden_facts_of_somebody_who_was_entered_form_no_set(
    session: Session, cast: Cast, cohort: Cohort, vocabulary: Vocabulary
) -> None:
    ada = session.get_one(Member, cast.ada)
    ada.show_role, ada.show_place, ada.show_organisation = 1, 0, 1
    told = encode(session, cohort, vocabulary).pool.applicants[0]
    assert (told.role, told.region, told.sector) == ("procurement", "yorkshire-and-the-humber", "nhs")
    session.execute(select(Application).where(Application.member_id == cast.ada)).scalar_one().source = "import"
    entered = encode(session, cohort, vocabulary).pool.applicants[0]
    assert (entered.role, entered.region, entered.nation, entered.sector) == (None, None, None, None)
    assert entered.organisation == ada.organisation_id


def test_pairs_are_of_two_who_apply(session: Session, cast: Cast, cohort: Cohort, vocabulary: Vocabulary) -> None:
    for low, high, kind in (
        (cast.ada, cast.cai, "apart"),
        (cast.ada, cast.dee, "together"),
        (cast.cai, cast.dee, "manager"),
        (cast.ada, cast.ben, "apart"),
    ):
        session.add(
            CohortPair(cohort_id=cohort.id, low_id=low, high_id=high, kind=kind, by_id=cast.fay, created_at=NOW)
        )
    a_connection(session, cast.ada, cast.dee)
    a_connection(session, cast.ada, cast.ben)
    a_connection(session, cast.ada, cast.cai, until=NOW)
    pool = encode(session, cohort, vocabulary).pool
    assert pool.apart == {(cast.ada, cast.cai)}
    assert pool.together == {(cast.ada, cast.dee)}
    assert pool.managers == {(cast.cai, cast.dee)}
    assert pool.ties == {(cast.ada, cast.dee)}


def test_the_blocked_are_kept_apart(session: Session, cast: Cast, cohort: Cohort, vocabulary: Vocabulary) -> None:
    session.add(Block(blocker_id=cast.dee, blocked_id=cast.ada, created_at=NOW))
    session.flush()
    assert encode(session, cohort, vocabulary).pool.apart == {(cast.ada, cast.dee)}


def test_a_named_earlier_cohort_is_not_again_and_older_sets_are_ties(
    session: Session, cast: Cast, cohort: Cohort, vocabulary: Vocabulary
) -> None:
    earlier = a_cohort(session, cast.fay, state="formed")
    a_learning_set(session, [cast.ada, cast.cai], cohort_id=earlier.id)
    a_learning_set(session, [cast.cai, cast.dee])
    a_learning_set(session, [cast.ada, cast.dee], cohort_id=cohort.id)
    pool = encode(session, cohort, vocabulary).pool
    assert pool.set_mates == {(cast.ada, cast.cai), (cast.cai, cast.dee)}
    cohort.previous_id = earlier.id
    pool = encode(session, cohort, vocabulary).pool
    assert (pool.set_mates, pool.ties) == ({(cast.ada, cast.cai)}, {(cast.cai, cast.dee)})


def test_who_left_a_set_before_somebody_joined_it_has_not_met_them(
    session: Session, cast: Cast, cohort: Cohort, vocabulary: Vocabulary
) -> None:
    before = a_learning_set(session, [cast.ada, cast.cai, cast.dee], NOW.date() - timedelta(days=300))
    session.get_one(SetMembership, (before.id, cast.ada)).left_on = NOW.date() - timedelta(days=200)
    session.get_one(SetMembership, (before.id, cast.dee)).joined_on = NOW.date() - timedelta(days=200)
    session.flush()
    assert encode(session, cohort, vocabulary).pool.set_mates == {(cast.ada, cast.cai), (cast.cai, cast.dee)}


def test_a_pool_takes_as_many_queries_for_three_as_for_thirty(
    app: Flask, session: Session, cast: Cast, cohort: Cohort, vocabulary: Vocabulary
) -> None:
    with statements(app) as few:
        encode(session, cohort, vocabulary)
    for number in range(27):
        an_application(session, cohort.id, a_member(session, f"Person{number} Number").id)
    with statements(app) as many:
        encode(session, cohort, vocabulary)
    assert len(few) == len(many) <= 9


def test_the_version_says_whether_the_pool_is_the_same(
    session: Session, cast: Cast, cohort: Cohort, vocabulary: Vocabulary
) -> None:
    first = encode(session, cohort, vocabulary)
    again = replace(first.pool, applicants=tuple(reversed(first.pool.applicants)))
    assert version_of(again) == first.version
    session.execute(select(Application).where(Application.member_id == cast.ada)).scalar_one().live_issue = "Other"
    session.flush()
    assert encode(session, cohort, vocabulary).version != first.version


def test_every_change_of_the_rows_changes_the_stamp(
    session: Session, cast: Cast, cohort: Cohort, vocabulary: Vocabulary
) -> None:
    seen = [stamps.stamp(session, cohort)]

    def noted() -> bool:
        session.flush()
        new = stamps.stamp(session, cohort)
        fresh = new != seen[-1]
        seen.append(new)
        return fresh

    assert not noted()
    an_application(session, cohort.id, cast.ben)
    assert noted()
    mine = session.execute(select(Application).where(Application.member_id == cast.ben)).scalar_one()
    mine.live_issue, mine.changed_at = "Other", NOW + timedelta(hours=1)
    assert noted()
    mine.state = "withdrawn"
    assert noted()
    a_connection(session, cast.ada, cast.dee)
    assert noted()
    session.add(Block(blocker_id=cast.dee, blocked_id=cast.ada, created_at=NOW))
    assert noted()
    session.execute(delete(Block))
    assert noted()
    a_learning_set(session, [cast.ada, cast.dee])
    assert noted()
    session.add(
        CohortPair(cohort_id=cohort.id, low_id=cast.ada, high_id=cast.dee, kind="apart", by_id=cast.fay, created_at=NOW)
    )
    assert noted()
    cohort.version += 1
    assert noted()


def test_an_unchanged_pool_is_not_read_again(
    app: Flask, session: Session, cast: Cast, cohort: Cohort, vocabulary: Vocabulary
) -> None:
    studio = Studio(vocabulary)
    first = studio.pool(session, cohort)
    with statements(app) as sent:
        assert studio.pool(session, cohort) is first
    assert len(sent) == 1
    an_application(session, cohort.id, cast.ben)
    assert len(studio.pool(session, cohort).pool.applicants) == 4


def test_a_plan_is_fitted_to_who_applies_now(
    session: Session, cast: Cast, cohort: Cohort, vocabulary: Vocabulary
) -> None:
    encoded = encode(session, cohort, vocabulary)
    plan = Plan((PlannedSet((cast.ada, cast.ben), cast.sol), PlannedSet((cast.cai,), cast.fay)), (cast.sol,))
    assert fitted(plan, encoded) == Plan(
        (PlannedSet((cast.ada,), None), PlannedSet((cast.cai,), cast.fay)), (cast.dee,)
    )
