"""Why somebody is suggested: nothing of what was taken back since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from haln.connect import explanations
from haln.learn import event_registrations, pathway_progress
from haln.models import Member, SetMembership, Suggestion, TopicBacking
from tests.builders import NOW, Cast, an_actor, the_cast
from tests.cohort_builders import a_learning_set
from tests.event_builders import a_place, an_event, was_there
from tests.pathway_builders import a_pathway, finish
from tests.topic_builders import a_topic, backed_by

Taken = Callable[[], object]


def counted(session: Session, cast: Cast) -> set[str]:
    session.flush()
    cai = an_actor(session, cast.cai)
    return set(explanations.why(session, an_actor(session, cast.ada), cai.public_id, NOW).counted)


def suggested(session: Session, cast: Cast, **parts: float) -> Suggestion:
    row = Suggestion(
        member_id=cast.ada,
        other_id=cast.cai,
        rank=1,
        score=3.0,
        band="strong",
        reasons=[],  # a reason is stored only while it is one of the strongest
        signals={"parts": parts},
        weights_version="fixed-1",
        listed_at=NOW,
        refreshed_at=NOW,
    )
    session.add(row)
    return row


def at_an_event(session: Session, cast: Cast) -> Taken:
    row = an_event(session, cast.fay, NOW - timedelta(days=7))
    for one in (cast.ada, cast.cai):
        a_place(session, row, one, says_hello=True, days=30)
    was_there(session, row, cast.ada, cast.cai)
    return lambda: event_registrations.name_me(session, an_actor(session, cast.cai), row.public_id, False, NOW)


def with_a_topic(session: Session, cast: Cast) -> Taken:
    row = a_topic(session, cast.fay)
    backed_by(session, row, cast.ada, cast.cai)
    return lambda: session.execute(delete(TopicBacking).where(TopicBacking.member_id == cast.cai))


def by_a_module(session: Session, cast: Cast) -> Taken:
    path = a_pathway(session)
    for one in (cast.ada, cast.cai):
        finish(session, one, path)
        pathway_progress.let_be_found(session, an_actor(session, one), path.public_id, True, NOW)
    return lambda: pathway_progress.let_be_found(session, an_actor(session, cast.cai), path.public_id, False, NOW)


def in_a_set(session: Session, cast: Cast) -> Taken:
    a_learning_set(session, [cast.ada, cast.cai])
    return lambda: session.execute(delete(SetMembership).where(SetMembership.member_id == cast.cai))


@pytest.mark.parametrize("way", [at_an_event, with_a_topic, by_a_module, in_a_set])
def test_a_group_counts_in_words_only_while_one_is_told_of_both(
    stored: Session, way: Callable[[Session, Cast], Taken]
) -> None:
    cast = the_cast(stored)
    suggested(stored, cast, they_offer=1.0, shared_group=2.0)
    assert counted(stored, cast) == {"themes"}
    take_back = way(stored, cast)
    assert counted(stored, cast) == {"themes", "groups"}
    take_back()
    assert counted(stored, cast) == {"themes"}


def test_how_many_connections_somebody_has_is_not_called_people_both_know(stored: Session) -> None:
    cast = the_cast(stored)
    row = suggested(stored, cast, degree_elsewhere=2.0, they_offer=1.0)
    assert counted(stored, cast) == {"themes", "connections"}
    row.signals = {"parts": {"common_ties": 2.0}}
    assert counted(stored, cast) == {"people"}
    stored.get_one(Member, cast.cai).show_connections = 1
    assert counted(stored, cast) == set()
