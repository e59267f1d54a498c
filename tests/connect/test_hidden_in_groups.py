"""Who hides from the network moves nobody else's list by what they were at, back or finished."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from haln.connect.shared_groups import EVENT, MODULE, TOPIC
from haln.matching import index as indexing
from haln.matching.crew import suggest_for_all
from haln.models import EventAttendance, Member, PathwayFinish, TopicBacking
from haln.people import changes, profiles
from tests.builders import NOW, Cast, a_member, an_actor
from tests.connect.test_module_signals import Kept, lets_be_found, network
from tests.event_builders import a_place, an_event, was_there
from tests.pathway_builders import a_pathway, finish_module, modules_of
from tests.topic_builders import a_topic, backed_by

KINDS = (EVENT, TOPIC, MODULE)
_ROWS = {EVENT: EventAttendance, TOPIC: TopicBacking, MODULE: PathwayFinish}


def together(session: Session, cast: Cast, kind: str, members: Sequence[int]) -> None:
    """These were at one event, back one topic or finished one module, and let it be known."""
    if kind == EVENT:
        row = an_event(session, cast.fay, NOW - timedelta(days=3))
        for member in members:
            a_place(session, row, member, says_hello=True)
        was_there(session, row, *members)
    elif kind == TOPIC:
        backed_by(session, a_topic(session, cast.fay), *members)
    else:
        path = a_pathway(session)
        for member in members:
            finish_module(session, member, modules_of(session, path)[0])
        lets_be_found(session, path, *members)


def told(session: Session, without: Sequence[int] = ()) -> list[Any]:
    """The lists of all but these, and how much each group weighs."""
    index = indexing.build(network(session))
    weights = sorted(zip(index.codes.lists["group"], index.group_weights.tolist(), strict=True), key=repr)
    return [[one for one in suggest_for_all(index, {}) if one.member not in without], weights]


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
@pytest.mark.parametrize("kind", KINDS)
def test_who_hides_counts_in_no_group(session: Session, cast: Cast, kind: str, data: st.DataObject) -> None:
    with session.begin_nested() as held:
        others = [a_member(session, f"Somebody Number{number}").id for number in range(3)]
        there = [cast.ada, cast.cai, *data.draw(st.sets(st.sampled_from([cast.ben, cast.dee, *others])))]
        hidden = [
            a_member(session, f"Hidden Number{at}", listed=False).id for at in range(data.draw(st.integers(1, 4)))
        ]
        together(session, cast, kind, [*there, *hidden])
        before = told(session, hidden)
        assert before[1]
        session.execute(delete(_ROWS[kind]).where(_ROWS[kind].member_id.in_(hidden)))
        assert told(session, hidden) == before
        held.rollback()


@pytest.mark.parametrize("kind", KINDS)
def test_who_begins_to_hide_leaves_the_group_at_once_and_comes_back_with_being_listed(
    session: Session, cast: Cast, kind: str, tmp_path: Path
) -> None:
    others = [a_member(session, f"Somebody Number{number}").id for number in range(3)]
    together(session, cast, kind, [cast.ada, cast.cai, *others])
    changes.touch(session, [cast.ada], NOW)
    kept = Kept(session, tmp_path / "index")
    weights = [told(session)[1]]
    for listed in (False, True):
        profiles.change_visibility(session, an_actor(session, others[0]), {}, listed, NOW)
        kept.saw(others[0])
        weights.append(told(session)[1])
    assert [round(one, 3) for _, one in (pair for pairs in weights for pair in pairs)] == [0.25, 0.333, 0.25]


def test_who_has_gone_counts_in_no_group(session: Session, cast: Cast) -> None:
    others = [a_member(session, f"Somebody Number{number}").id for number in range(3)]
    for kind in KINDS:
        together(session, cast, kind, [cast.ada, cast.cai, *others])
    session.execute(update(Member).where(Member.id == others[0]).values(standing="left"))
    assert {round(weight, 3) for _, weight in told(session)[1]} == {0.333}
