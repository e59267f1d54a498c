"""Shared topics as a reason to meet: told of those who let it be known, the less the more back it, and asked anew."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.connect import encoding, person_rows
from haln.connect.indexes import Indexes
from haln.connect.refresh import refresh_all, settings_for
from haln.connect.shared_groups import TOPICS
from haln.learn import set_suggestions, topic_backings
from haln.matching import index as indexing
from haln.matching.people import Network
from haln.models import SetSuggestion, Suggestion, Topic, TopicBacking
from tests.application import SignIn
from tests.builders import NOW, Cast, a_member, an_actor
from tests.cohort_builders import a_cohort, an_application
from tests.event_builders import a_place, an_event, was_there
from tests.learn.test_set_suggestions import FEW, WAYS, kinds
from tests.topic_builders import a_topic, backed_by


def top_sector(code: str) -> str:
    return code.split("-")[0]


def found(session: Session, then_days: int | None = None) -> list[tuple[int, int]]:
    then = None if then_days is None else NOW - timedelta(days=then_days)
    return [(one.member, one.group) for one in encoding.memberships(session, then=then)]


def test_backing_is_told_to_suggestions_only_of_those_who_let_it_be_known(session: Session, cast: Cast) -> None:
    row, gone = a_topic(session, cast.dee), a_topic(session, cast.dee, "Gone", state="retired")
    backed_by(session, row, cast.ada, at=NOW - timedelta(days=3))
    backed_by(session, row, cast.ben, named=False)
    backed_by(session, gone, cast.ada, cast.ben)
    assert found(session) == [(cast.ada, -TOPICS - row.id)]
    assert found(session, then_days=4) == []
    assert list(encoding.memberships(session, [cast.ben])) == []


def test_a_topic_counts_the_less_the_more_back_it_and_is_told_apart_from_an_event(session: Session, cast: Cast) -> None:
    small, large = a_topic(session, cast.dee, "Small"), a_topic(session, cast.dee, "Large")
    backed_by(session, small, cast.ada, cast.ben)
    crowd = [a_member(session, f"Backer Number{number}").id for number in range(39)]
    backed_by(session, large, cast.ada, cast.ben, *crowd)
    event = an_event(session, cast.fay, NOW - timedelta(days=3))
    a_place(session, event, cast.ada, says_hello=True)
    was_there(session, event, cast.ada)
    people = tuple(person_rows.people(session, NOW, top_sector))
    network = Network(people=people, memberships=encoding.memberships(session), today=NOW.date().toordinal())
    index = indexing.build(network)
    weights = dict(zip(index.codes.lists["group"], index.group_weights.tolist(), strict=True))
    assert weights[-TOPICS - small.id] == 1.0 and weights[-TOPICS - large.id] == pytest.approx(1 / 40)
    assert -event.id in weights


def test_two_who_back_a_topic_are_suggested_to_each_other_with_a_reason_in_words_until_one_takes_it_back(
    session: Session, cast: Cast, signed_in: SignIn, tmp_path: Path
) -> None:
    row = a_topic(session, cast.dee, "Meals for all")
    backed_by(session, row, cast.ada, cast.cai)
    session.commit()
    refresh_all(session, Indexes(tmp_path / "index", top_sector), NOW, settings_for(6, 3.0))
    listed = session.scalars(
        select(Suggestion).where(Suggestion.member_id == cast.ada, Suggestion.other_id == cast.cai)
    ).one()
    groups = [one["evidence"]["groups"] for one in listed.reasons if one["kind"] == "shared_group"]
    assert groups == [[-TOPICS - row.id]]
    ada = signed_in(cast.ada)
    assert "You both back the topic “Meals for all”." in ada.get("/suggestions").text
    topic_backings.name_me(session, an_actor(session, cast.cai), row.public_id, False, NOW)
    session.commit()
    assert "Meals for all" not in ada.get("/suggestions").text
    topic_backings.name_me(session, an_actor(session, cast.cai), row.public_id, True, NOW)
    session.execute(update(Topic).values(state="retired"))
    session.commit()
    assert "Meals for all" not in ada.get("/suggestions").text


def test_what_one_backs_makes_what_is_like_it_worth_joining_also_when_one_keeps_it_to_oneself(
    session: Session, cast: Cast
) -> None:
    row = a_topic(session, cast.dee, "Hospital canteens", "Growers near hospital canteens, and who cooks.")
    backed_by(session, row, cast.ada, named=False)
    a_cohort(session, cast.fay, title="Canteens", purpose="Hospital canteens and growers near them.", themes=[])
    set_suggestions.refresh_all(session, NOW, WAYS, FEW)
    assert "alike_groups" in kinds(session, cast.ada)
    assert "alike_groups" not in kinds(session, cast.ben)


def test_of_backers_who_keep_it_to_themselves_nothing_is_told_to_others(session: Session, cast: Cast) -> None:
    row = a_topic(session, cast.dee, "Zebras", "Zebras.")
    backed_by(session, row, cast.ada)
    cohort = a_cohort(session, cast.fay, title="Something else", themes=[])
    for number in range(FEW + 2):
        member = a_member(session, f"Quiet Number{number}").id
        backed_by(session, row, member, named=False)
        an_application(session, cohort.id, member)
    set_suggestions.refresh_all(session, NOW, WAYS, FEW)
    quiet = {
        one["kind"]
        for line in session.scalars(select(SetSuggestion).where(SetSuggestion.member_id == cast.ada))
        for one in line.reasons
    }
    assert "people_alike" not in quiet
    session.execute(update(TopicBacking).values(named=True))
    set_suggestions.refresh_all(session, NOW, WAYS, FEW)
    assert "people_alike" in kinds(session, cast.ada)
