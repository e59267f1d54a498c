"""Modules finished as a reason to meet: told of those who let others find them, asked anew, and never of the others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from haln.connect import encoding, person_rows
from haln.connect.history import History
from haln.connect.indexes import Indexes
from haln.connect.refresh import refresh_all, settings_for
from haln.connect.shared_groups import MODULE, MODULES, TOPICS, in_common, kind_of, number_of
from haln.learn import pathway_editing, pathway_progress, set_suggestions
from haln.matching import index as indexing
from haln.matching.crew import suggest_for_all
from haln.matching.people import Network
from haln.models import Member, Pathway, Suggestion, SuggestionRefresh
from haln.people import changes
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, a_member, an_actor
from tests.cohort_builders import a_cohort, a_learning_set, an_application
from tests.event_builders import a_place, an_event, was_there
from tests.learn.test_set_suggestions import FEW, WAYS
from tests.pathway_builders import a_pathway, finish, finish_module, modules_of, steps_of
from tests.queries import queries_when
from tests.topic_builders import a_topic, backed_by


def top_sector(code: str) -> str:
    return code.split("-")[0]


@pytest.fixture
def path(session: Session, cast: Cast) -> Pathway:
    return a_pathway(session)


def found(session: Session, then_days: int | None = None) -> list[tuple[int, int]]:
    then = None if then_days is None else NOW - timedelta(days=then_days)
    return [(one.member, one.group) for one in encoding.memberships(session, then=then)]


def lets_be_found(session: Session, path: Pathway, *members: int, agreed: bool = True) -> None:
    for member in members:
        pathway_progress.let_be_found(session, an_actor(session, member), path.public_id, agreed, NOW)


def test_a_module_is_a_group_of_those_who_let_others_find_them_from_the_day_they_finished_it(
    session: Session, cast: Cast, path: Pathway
) -> None:
    first, second = modules_of(session, path)
    finish(session, cast.ada, path, NOW - timedelta(days=3))
    finish_module(session, cast.ben, first)
    lets_be_found(session, path, cast.ada, cast.cai)
    assert found(session) == [(cast.ada, -MODULES - first.id), (cast.ada, -MODULES - second.id)]
    assert found(session, then_days=4) == []
    assert list(encoding.memberships(session, [cast.ben])) == []
    other = a_pathway(session, [1], "Another")
    finish(session, cast.cai, other)
    assert (cast.cai, -MODULES - modules_of(session, other)[0].id) not in found(session)


def test_a_retired_module_stays_what_two_have_done(session: Session, cast: Cast, path: Pathway) -> None:
    finish(session, cast.ada, path)
    lets_be_found(session, path, cast.ada)
    before = found(session)
    module = modules_of(session, path)[0]
    pathway_editing.retire_module(session, an_actor(session, cast.sol), module.public_id, NOW)
    assert found(session) == before


@given(st.integers(1, TOPICS - 1), st.sampled_from(["set", "event", "topic", "module"]))
def test_what_a_group_is_can_be_told_from_its_number(thing: int, kind: str) -> None:
    assert kind_of(number_of(kind, thing)) == kind


def test_two_who_finished_a_module_are_suggested_with_a_reason_until_one_is_found_no_more(
    session: Session, cast: Cast, path: Pathway, signed_in: SignIn, tmp_path: Path
) -> None:
    first = modules_of(session, path)[0]
    for one in (cast.ada, cast.cai):
        finish_module(session, one, first)
    lets_be_found(session, path, cast.ada, cast.cai)
    session.commit()
    refresh_all(session, Indexes(tmp_path / "index", top_sector), NOW, settings_for(6, 3.0))
    listed = session.scalars(
        select(Suggestion).where(Suggestion.member_id == cast.ada, Suggestion.other_id == cast.cai)
    ).one()
    groups = [one["evidence"]["groups"] for one in listed.reasons if one["kind"] == "shared_group"]
    assert groups == [[number_of(MODULE, first.id)]]
    ada, sentence = signed_in(cast.ada), "You both finished the module “Module 1”."
    assert sentence in ada.get("/suggestions").text
    for member in (cast.cai, cast.ada):
        lets_be_found(session, path, member, agreed=False)
        session.commit()
        assert "Module 1" not in ada.get("/suggestions").text
        lets_be_found(session, path, member)
        session.commit()
        assert sentence in ada.get("/suggestions").text
    pathway_progress.take_back(session, an_actor(session, cast.cai), steps_of(session, first)[0].public_id, NOW)
    session.commit()
    assert "Module 1" not in ada.get("/suggestions").text


def test_sets_events_topics_and_modules_are_asked_about_in_one_query(
    session: Session, cast: Cast, path: Pathway
) -> None:
    event, topic = an_event(session, cast.fay, NOW - timedelta(days=3)), a_topic(session, cast.dee)
    group = a_learning_set(session, [cast.ada, cast.ben, cast.cai])
    for one in (cast.ada, cast.ben):
        a_place(session, event, one, says_hello=True)
        finish(session, one, path)
    was_there(session, event, cast.ada, cast.ben, cast.cai)
    backed_by(session, topic, cast.ada, cast.ben)
    backed_by(session, topic, cast.cai, named=False)
    finish(session, cast.cai, path)
    lets_be_found(session, path, cast.ada, cast.ben)
    first = modules_of(session, path)[0]
    all_of_them = [
        group.id,
        *(number_of(kind, row.id) for kind, row in (("event", event), ("topic", topic), ("module", first))),
    ]
    both = in_common(session, cast.ada, all_of_them, [cast.ben, cast.cai])
    assert queries_when(lambda: in_common(session, cast.ada, all_of_them, [cast.ben, cast.cai])) == 1
    assert set(both) == {*((one, cast.ben) for one in all_of_them), (group.id, cast.cai)}


class Kept:
    """An index that is patched after each act, and held against one built afresh."""

    def __init__(self, session: Session, folder: Path) -> None:
        session.commit()
        self.session, self.indexes = session, Indexes(folder, top_sector)
        self.first = self.indexes.build(session, NOW).index
        self.number = changes.latest_number(session)

    def saw(self, *changed: int) -> None:
        """These have changed since it was asked last, and nobody else; it has caught up."""
        self.session.commit()
        told = self.session.scalars(select(Member.id).where(Member.change_number > self.number))
        assert set(told) == set(changed)
        self.number = changes.latest_number(self.session)
        caught = self.indexes.caught_up(self.session, NOW)
        assert caught is not None
        afresh = indexing.build(network(self.session), self.first.vocabulary, self.first.basis())
        assert list(suggest_for_all(caught.index, {})) == list(suggest_for_all(afresh, {}))


def network(session: Session) -> Network:
    """The network as it is."""
    return Network(
        people=person_rows.people(session, NOW, top_sector),
        ties=encoding.ties(session),
        memberships=encoding.memberships(session),
        today=NOW.date().toordinal(),
    )


def test_whoever_changes_what_others_are_told_is_looked_at_again_and_nobody_else(
    session: Session, cast: Cast, path: Pathway, tmp_path: Path
) -> None:
    first = modules_of(session, path)[0]
    kept = Kept(session, tmp_path / "index")
    lets_be_found(session, path, cast.ada, cast.ben)
    kept.saw()  # they finished nothing
    finish_module(session, cast.ada, first)
    finish_module(session, cast.dee, first)
    kept.saw(cast.ada)
    finish_module(session, cast.ben, first)
    kept.saw(cast.ben)
    lets_be_found(session, path, cast.dee)
    kept.saw(cast.dee)
    lets_be_found(session, path, cast.dee)
    kept.saw()
    lets_be_found(session, path, cast.ada, agreed=False)
    kept.saw(cast.ada)
    pathway_progress.take_back(session, an_actor(session, cast.ben), steps_of(session, first)[0].public_id, NOW)
    kept.saw(cast.ben)


def test_what_a_change_by_staff_finishes_is_told_of_those_who_are_found(
    session: Session, cast: Cast, path: Pathway, tmp_path: Path
) -> None:
    one, other = steps_of(session, modules_of(session, path)[1])
    lets_be_found(session, path, cast.ben)
    for member in (cast.ben, cast.cai):
        pathway_progress.mark(session, an_actor(session, member), one.public_id, NOW)
    kept = Kept(session, tmp_path / "index")
    session.execute(delete(SuggestionRefresh))
    pathway_editing.retire_step(session, an_actor(session, cast.sol), other.public_id, NOW)
    kept.saw(cast.ben)
    assert set(session.scalars(select(SuggestionRefresh.member_id))) == {cast.ben, cast.cai}  # for what to join


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whoever_is_not_found_changes_nothing_for_anybody_else_by_what_they_finish(
    session: Session, cast: Cast, path: Pathway, data: st.DataObject
) -> None:
    """Whatever the others have finished, and with a cohort of more than a few who did the same."""
    with session.begin_nested() as held:
        cohort = a_cohort(session, cast.fay, title="Elsewhere", themes=[])
        modules = modules_of(session, path)
        crowd = [a_member(session, f"Finisher Number{number}").id for number in range(FEW + 2)]
        for one in crowd:
            an_application(session, cohort.id, one)
        for one in (*crowd, cast.ada, cast.ben):
            for module in data.draw(st.sets(st.sampled_from(modules), max_size=2)):
                finish_module(session, one, module)
            lets_be_found(session, path, one, agreed=data.draw(st.booleans()))
        quiet = data.draw(st.sampled_from([cast.cai, crowd[0], cast.ben]))
        lets_be_found(session, path, quiet, agreed=False)
        for module in modules:
            for step in steps_of(session, module):
                pathway_progress.take_back(session, an_actor(session, quiet), step.public_id, NOW)
        before = told_others(session, quiet)
        for module in data.draw(st.sets(st.sampled_from(modules), min_size=1)):
            finish_module(session, quiet, module)
        assert told_others(session, quiet) == before
        held.rollback()


def told_others(session: Session, without: int) -> Any:
    """What all others are told now, nothing written."""
    index = indexing.build(network(session))
    laid = set_suggestions.ground(session, NOW, WAYS, FEW)
    members = session.scalars(select(Member.id).order_by(Member.id)).all()
    sets = set_suggestions.lists(session, laid, members, NOW, WAYS)
    people = [repr(one) for one in suggest_for_all(index, {}) if one.member != without]
    return people, {member: made for member, made in sets.items() if member != without}


def test_what_is_finished_later_or_taken_back_teaches_nothing_of_earlier(
    session: Session, cast: Cast, path: Pathway
) -> None:
    """A past network, which weights are learned from, is the same whatever came after it."""
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=5))
    finish_module(session, cast.ada, modules_of(session, path)[0], NOW - timedelta(days=40))
    finish_module(session, cast.ben, modules_of(session, path)[0], NOW - timedelta(days=40))
    lets_be_found(session, path, cast.ada, cast.ben, cast.cai)
    then = NOW - timedelta(days=30)

    def past() -> Any:
        index = indexing.build(History.read(session, NOW, top_sector).network(session, then))
        return list(suggest_for_all(index, {})), index.group_weights.tolist()

    before = past()
    assert before[1] == [1.0]
    finish(session, cast.cai, path, NOW - timedelta(days=29))
    finish_module(session, cast.ada, modules_of(session, path)[1], NOW - timedelta(days=10))
    assert past() == before
