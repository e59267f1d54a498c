"""What pathways read and write, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from haln.connect import shared_groups
from haln.db import prepare_engine
from haln.errors import Conflict
from haln.learn import pathway_editing, pathway_figures, pathway_people, pathway_progress, pathway_seeds, pathways
from haln.models import Mail, Member, Pathway, PathwayModule, PathwayStep
from haln.people import changes, erasure, own_data
from haln.taxonomy import vocabulary
from tests.builders import NOW, a_theme, an_actor, the_cast
from tests.pathway_builders import a_module, a_pathway, finish, finish_module, modules_of, steps_of

WORDS = vocabulary.load()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(database_url)
    prepare_engine(made)
    yield made
    made.dispose()


@pytest.fixture
def stored(engine: Engine) -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as session:
        yield session


def test_a_pathway_is_brought_walked_changed_counted_and_forgotten(stored: Session) -> None:
    cast = the_cast(stored)
    pathway_seeds.bring(stored, cast.sol, NOW)
    row = stored.scalars(select(Pathway)).one()
    ada, ben, sol = (an_actor(stored, member) for member in (cast.ada, cast.ben, cast.sol))
    for module in modules_of(stored, row):
        for step in steps_of(stored, module):
            if step.kind in ("check", "watch"):
                pathway_editing.retire_step(stored, sol, step.public_id, NOW)
    stored.commit()
    for actor in (ada, ben):
        finish(stored, actor.member_id, row)
        pathway_progress.let_be_found(stored, actor, row.public_id, True, NOW)
    first = modules_of(stored, row)[0]
    pathway_progress.reflect(stored, ada, steps_of(stored, first)[2].public_id, "Mine", NOW)
    pathway_progress.ask_for_letter(stored, ada, row.public_id, NOW)
    a_theme(stored, cast.dee, "leadership", 3, offer=True)
    course, one = pathways.module(stored, ada, first.public_id)
    met = pathway_people.company(stored, ada, course.id, one, WORDS, NOW, NOW.date())
    assert [person.person.name for person in met.ahead] == ["Ben Whitaker", "Dee Sandhu"] and met.level == 2
    pathway_people.set_level(stored, ada, one, WORDS, NOW)
    added = a_module(stored, row, 2, None)
    assert pathway_editing.show(stored, sol, added.public_id, NOW) == 2
    pathway_progress.mark(stored, ben, steps_of(stored, added)[0].public_id, NOW)
    counts = pathway_figures.figures(stored, None, 2)
    assert counts.started[first.id] is None and counts.stopped == {steps_of(stored, added)[1].id: None}
    pathway_editing.retire_step(stored, sol, steps_of(stored, added)[1].public_id, NOW)
    stored.commit()
    assert pathways.course(stored, ben, row.public_id).finished_modules == 6
    assert own_data.collected(stored, cast.ada, NOW)["pathway_reflections"][0]["text"] == "Mine"
    erasure.erase(stored, cast.ada, NOW)
    stored.commit()
    kinds = sorted(stored.scalars(select(Mail.kind).where(Mail.state == "waiting")))
    assert kinds == ["pathway_module_added"]


Act = Callable[[Session], object]


def at_once(engine: Engine, first: Act, second: Act, read: Act) -> list[Exception]:
    """Let `second` begin, with what it `read` before, while `first` is not committed. Returns what went wrong."""
    wrong: list[Exception] = []

    def run() -> None:
        with Session(engine) as session:
            try:
                kept = read(session) if engine.dialect.name == "postgresql" else None
                second(session)
                session.commit()
                del kept
            except Exception as error:
                wrong.append(error)

    with Session(engine) as session:
        first(session)
        other = Thread(target=run)
        other.start()
        other.join(0.4)
        session.commit()
    other.join(20)
    assert not other.is_alive()
    return wrong


@pytest.mark.parametrize("staff_first", [True, False])
@pytest.mark.parametrize("what", ["step", "module"])
def test_a_finish_is_not_lost_where_staff_retire_at_the_same_moment(
    engine: Engine, stored: Session, staff_first: bool, what: str
) -> None:
    cast = the_cast(stored)
    pathway = a_pathway(stored, [2, 1])
    first, second = modules_of(stored, pathway)
    kept, gone = steps_of(stored, first)
    if what == "module":
        pathway_progress.mark(stored, an_actor(stored, cast.ada), gone.public_id, NOW)
    else:
        finish_module(stored, cast.ada, second)
    stored.commit()

    def member(session: Session) -> None:
        pathway_progress.mark(session, an_actor(session, cast.ada), kept.public_id, NOW)

    def staff(session: Session) -> None:
        if what == "step":
            pathway_editing.retire_step(session, an_actor(session, cast.sol), gone.public_id, NOW)
        else:
            pathway_editing.retire_module(session, an_actor(session, cast.sol), second.public_id, NOW)

    def read(session: Session) -> object:
        return [session.get(PathwayStep, gone.id), session.get(PathwayModule, second.id)]

    assert at_once(engine, *((staff, member) if staff_first else (member, staff)), read) == []
    stored.expire_all()
    one = pathways.course(stored, an_actor(stored, cast.ada), pathway.public_id)
    assert one.modules[0].finished and one.finished_at == NOW


def test_two_who_do_a_step_at_once_both_have_done_it(engine: Engine, stored: Session) -> None:
    cast = the_cast(stored)
    (step,) = steps_of(stored, modules_of(stored, a_pathway(stored, [1]))[0])
    stored.commit()

    def does(member: int) -> Act:
        return lambda session: pathway_progress.mark(session, an_actor(session, member), step.public_id, NOW)

    assert at_once(engine, does(cast.ada), does(cast.ben), lambda session: session.get(PathwayStep, step.id)) == []


def test_two_of_staff_who_save_one_step_at_once_are_told(engine: Engine, stored: Session) -> None:
    cast = the_cast(stored)
    module = modules_of(stored, a_pathway(stored, [1]))[0]
    (step,) = steps_of(stored, module)
    stored.commit()

    def saved(title: str) -> Act:
        draft = pathway_editing.StepDraft("read", title, "Words")
        return lambda session: pathway_editing.write_step(
            session, an_actor(session, cast.sol), module, step.public_id, draft, 1, NOW
        )

    wrong = at_once(engine, saved("One"), saved("Two"), lambda session: session.get(PathwayStep, step.id))
    assert [type(error) for error in wrong] == [Conflict]
    stored.expire_all()
    assert pathway_editing.step(stored, step.public_id)[1].worded.title == "One"


@pytest.mark.parametrize("staff_first", [True, False])
def test_who_says_that_they_are_found_while_staff_finish_a_module_for_them_is_told_to_suggestions(
    engine: Engine, stored: Session, staff_first: bool
) -> None:
    cast = the_cast(stored)
    pathway = a_pathway(stored, [2])
    kept, gone = steps_of(stored, modules_of(stored, pathway)[0])
    pathway_progress.mark(stored, an_actor(stored, cast.ada), kept.public_id, NOW)
    before = changes.latest_number(stored)
    stored.commit()

    def member(session: Session) -> None:
        pathway_progress.let_be_found(session, an_actor(session, cast.ada), pathway.public_id, True, NOW)

    def staff(session: Session) -> None:
        pathway_editing.retire_step(session, an_actor(session, cast.sol), gone.public_id, NOW)

    acts = (staff, member) if staff_first else (member, staff)
    assert at_once(engine, *acts, lambda session: session.get(PathwayStep, gone.id)) == []
    stored.expire_all()
    assert stored.get_one(Member, cast.ada).change_number > before
    shared = list(shared_groups.memberships(stored, None, None))
    assert [one.member for one in shared] == [cast.ada]
    group = shared[0].group
    assert shared_groups.in_common(stored, cast.ada, [group], [cast.ben]) == {}
