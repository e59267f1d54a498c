"""What one was at and what one learned, in the list of what to join: one's own always, of others what they let know."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.learn import crowd_rows, pathway_progress, set_suggestions
from haln.learn.crowd_rows import NEWEST, kind_of, number_of
from haln.models import Cohort, EventAttendance, EventRegistration, Pathway, PathwayModule, SetSuggestion
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, a_member, an_actor, the_cast
from tests.cohort_builders import a_cohort, an_application
from tests.event_builders import a_place, an_event, was_there
from tests.learn.test_set_suggestions import FEW, WAYS, kinds
from tests.pathway_builders import a_module, a_pathway, finish, modules_of
from tests.queries import queries_when

CANTEENS = "Hospital canteens and the growers near them."


def everyone(session: Session) -> None:
    set_suggestions.refresh_all(session, NOW, WAYS, FEW)


def reasons(session: Session, member: int, cohort: Cohort) -> dict[str, object]:
    row = session.scalars(
        select(SetSuggestion).where(SetSuggestion.member_id == member, SetSuggestion.cohort_id == cohort.id)
    ).one()
    return {one["kind"]: one["evidence"] for one in row.reasons}


def a_crowd(session: Session, cohort: Cohort, count: int = FEW + 1) -> list[int]:
    """People who apply to a cohort and say nothing of themselves."""
    made = [a_member(session, f"Applicant Number{number}").id for number in range(count)]
    for one in made:
        an_application(session, cohort.id, one, live_issue="")
    return made


def let_be_found(session: Session, path: Pathway, *members: int, agreed: bool = True) -> None:
    for one in members:
        pathway_progress.let_be_found(session, an_actor(session, one), path.public_id, agreed, NOW)


@pytest.fixture
def cohort(session: Session, cast: Cast) -> Cohort:
    return a_cohort(session, cast.fay, title="Something else", purpose="Zebras.", themes=[])


def test_what_one_was_at_or_finished_makes_what_is_like_it_worth_joining_though_nobody_else_is_told(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    event = an_event(session, cast.fay, NOW - timedelta(days=9), title="Growers", description=CANTEENS)
    was_there(session, event, cast.ada, cast.dee)
    session.add(EventAttendance(event_id=event.id, member_id=cast.dee, came=False, recorded_on=NOW.date()))
    path = a_pathway(session, [])
    a_module(session, path, 1, title="Canteens", purpose=CANTEENS)
    finish(session, cast.ben, path)
    a_cohort(session, cast.fay, title="Canteens", purpose="Growers near hospital canteens, and who cooks.", themes=[])
    everyone(session)
    assert kinds(session, cast.ada) == {"alike_groups": {"of": "attended"}}
    assert kinds(session, cast.ben) == {"alike_groups": {"of": "finished"}}
    assert kinds(session, cast.cai) == kinds(session, cast.dee) == {}
    session.commit()
    assert "It is about the same things as events you were at." in signed_in(cast.ada).get("/learning").text
    assert "It is about the same things as modules you finished." in signed_in(cast.ben).get("/learning").text


def test_many_events_do_not_drown_the_one_set_that_speaks(session: Session, cast: Cast) -> None:
    earlier = a_cohort(session, cast.fay, state="formed", purpose=CANTEENS, themes=[])
    an_application(session, earlier.id, cast.ada, state="left_over", live_issue="")
    like_it = a_cohort(session, cast.fay, title="Growers", purpose="Growers near hospital canteens.", themes=[])
    everyone(session)
    alone = session.scalars(select(SetSuggestion.score).where(SetSuggestion.member_id == cast.ada)).one()
    for number in range(NEWEST):
        event = an_event(session, cast.fay, NOW - timedelta(days=number + 1), title=f"Giraffes {number}")
        was_there(session, event, cast.ada)
    everyone(session)
    after = session.scalars(select(SetSuggestion.score).where(SetSuggestion.member_id == cast.ada)).one()
    assert after == pytest.approx(alone, abs=0.02)
    assert reasons(session, cast.ada, like_it) == {"alike_groups": {"of": "joined"}}


def test_people_of_the_same_event_speak_when_they_are_many_and_agreed_and_so_did_one(
    session: Session, cast: Cast, cohort: Cohort, signed_in: SignIn
) -> None:
    event = an_event(session, cast.fay, NOW - timedelta(days=9))
    crowd = a_crowd(session, cohort)
    for one in (*crowd, cast.ada, cast.ben):
        a_place(session, event, one, says_hello=one != cast.ben)
    was_there(session, event, *crowd, cast.ada, cast.ben)
    everyone(session)
    assert reasons(session, cast.ada, cohort)["people_alike"] == {"of": "attended"}
    assert "people_alike" not in reasons(session, cast.ben, cohort)
    session.commit()
    assert "People who were at the same events as you have joined this." in signed_in(cast.ada).get("/learning").text
    session.execute(update(EventRegistration).where(EventRegistration.member_id == crowd[0]).values(says_hello=False))
    everyone(session)
    assert "people_alike" not in reasons(session, cast.ada, cohort)


def test_people_who_finished_the_same_speak_when_they_are_many_and_are_found_and_so_is_one(
    session: Session, cast: Cast, cohort: Cohort, signed_in: SignIn
) -> None:
    path = a_pathway(session)
    crowd = a_crowd(session, cohort)
    for one in (*crowd, cast.ada, cast.ben):
        finish(session, one, path)
    let_be_found(session, path, *crowd, cast.ada)
    everyone(session)
    assert reasons(session, cast.ada, cohort)["people_alike"] == {"of": "finished"}
    assert "people_alike" not in reasons(session, cast.ben, cohort)
    session.commit()
    sentence = "People who finished the same modules as you have joined this."
    assert sentence in signed_in(cast.ada).get("/learning").text
    let_be_found(session, path, crowd[0], agreed=False)
    everyone(session)
    assert "people_alike" not in reasons(session, cast.ada, cohort)


def test_few_of_an_event_and_few_of_a_module_speak_together_and_are_not_told_apart(
    session: Session, cast: Cast, cohort: Cohort, signed_in: SignIn
) -> None:
    event, path = an_event(session, cast.fay, NOW - timedelta(days=9)), a_pathway(session, [1])
    crowd = a_crowd(session, cohort, FEW + 1)
    elsewhere = [a_member(session, f"Elsewhere Number{number}").id for number in range(FEW)]
    for one in (*crowd[:4], *elsewhere, cast.ada):
        a_place(session, event, one, says_hello=True)
    was_there(session, event, *crowd[:4], *elsewhere, cast.ada)
    for one in (*crowd[4:], *elsewhere, cast.ada):
        finish(session, one, path)
    let_be_found(session, path, *crowd[4:], *elsewhere, cast.ada)
    everyone(session)
    assert reasons(session, cast.ada, cohort)["people_alike"] == {"of": "together"}
    session.commit()
    page = signed_in(cast.ada).get("/learning").text
    assert "People who joined, were at or finished the same as you have joined this." in page


def test_lists_ask_as_much_of_many_events_and_modules_as_of_few(session: Session, cast: Cast, cohort: Cohort) -> None:
    def asked() -> int:
        laid = set_suggestions.ground(session, NOW, WAYS, FEW)
        return queries_when(lambda: set_suggestions.lists(session, laid, cast.everyone(), NOW, WAYS)) + queries_when(
            lambda: set_suggestions.ground(session, NOW, WAYS, FEW)
        )

    before = asked()
    for _ in range(3):
        event = an_event(session, cast.fay, NOW - timedelta(days=9))
        a_place(session, event, cast.ada, says_hello=True)
        was_there(session, event, cast.ada, cast.ben)
        path = a_pathway(session)
        finish(session, cast.ada, path)
        let_be_found(session, path, cast.ada)
    session.flush()
    session.expire_all()
    assert asked() == before


def test_what_a_group_is_can_be_told_from_its_number() -> None:
    told = {kind: kind_of(number_of(kind, 77)) for kind in ("cohort", "set", "topic", "event", "module")}
    assert told == {"cohort": "joined", "set": "joined", "topic": "backed", "event": "attended", "module": "finished"}
    assert len({number_of(kind, thing) for kind in told for thing in range(1, 50)}) == 5 * 49


@pytest.mark.parametrize("then", [None, NOW])
def test_a_tie_to_somebody_who_is_no_longer_there_is_none(session: Session, cast: Cast, then: datetime | None) -> None:
    gone = a_member(session, "Gone Away", standing="left").id
    later = a_member(session, "Came Later").id
    assert cast.ben < gone < later, "either end of a tie may be gone"
    for one, other in ((cast.ben, gone), (gone, later), (cast.ada, cast.dee)):
        a_connection(session, one, other, since=NOW - timedelta(days=9))
    crowds = crowd_rows.read(session, NOW.date(), FEW, 4_000, then).crowds
    assert crowds.members.tolist() == sorted((cast.ada, cast.dee))


def test_events_and_modules_count_on_both_databases(stored: Session) -> None:
    cast = the_cast(stored)
    cohort = a_cohort(stored, cast.fay, purpose="Zebras.", themes=[])
    event, path = an_event(stored, cast.fay, NOW - timedelta(days=9), description=CANTEENS), a_pathway(stored, [1])
    crowd = a_crowd(stored, cohort)
    for one in (*crowd, cast.ada):
        a_place(stored, event, one, says_hello=True)
        finish(stored, one, path)
    was_there(stored, event, *crowd, cast.ada)
    let_be_found(stored, path, *crowd)
    found = crowd_rows.read(stored, NOW.date(), FEW, 4_000)
    module = modules_of(stored, path)[0]
    assert isinstance(module, PathwayModule)
    assert found.crowds.groups_of(cast.ada) == [number_of("event", event.id)]
    assert found.crowds.groups_of(crowd[0]) == [
        number_of("module", module.id),
        number_of("event", event.id),
        number_of("cohort", cohort.id),
    ]
    everyone(stored)
    assert reasons(stored, cast.ada, cohort)["people_alike"] == {"of": "attended"}
