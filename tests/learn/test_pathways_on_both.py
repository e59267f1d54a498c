"""What pathways read and write, on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from haln.db import prepare_engine
from haln.learn import pathway_editing, pathway_figures, pathway_people, pathway_progress, pathway_seeds, pathways
from haln.models import Mail, Pathway
from haln.people import erasure, own_data
from haln.taxonomy import vocabulary
from tests.builders import NOW, a_theme, an_actor, the_cast
from tests.pathway_builders import a_module, finish, modules_of, steps_of

WORDS = vocabulary.load()


@pytest.fixture
def stored(database_url: str) -> Iterator[Session]:
    engine = create_engine(database_url)
    prepare_engine(engine)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


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
