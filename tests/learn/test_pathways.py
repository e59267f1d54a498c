"""Learning Pathways: what is done stays done, whatever staff change and in whatever order things happen."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from haln.errors import Conflict, Gone, Invalid, NotFound
from haln.learn import pathway_editing, pathway_figures, pathway_people, pathway_progress, pathway_seeds, pathways
from haln.learn.pathway_editing import Answer, Heading, StepDraft
from haln.learn.pathways import Course
from haln.models import (
    AuditRecord,
    Block,
    Dismissal,
    Mail,
    Member,
    MemberTheme,
    Pathway,
    PathwayDone,
    PathwayFinish,
    PathwayModule,
    PathwayProgress,
    PathwayReflection,
    PathwayStep,
    PathwayStepVersion,
)
from haln.people import erasure, own_data
from haln.post import pathway_letters
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, a_member, a_theme, an_actor
from tests.cohort_builders import a_cohort
from tests.pathway_builders import a_module, a_pathway, a_step, finish, finish_module, modules_of, steps_of

WORDS = vocabulary.load()
LATER = NOW + timedelta(days=30)
MODELS = (
    PathwayReflection,
    PathwayDone,
    PathwayFinish,
    PathwayProgress,
    PathwayStepVersion,
    PathwayStep,
    PathwayModule,
    Pathway,
    Mail,
)


def course(session: Session, member_id: int, pathway: Pathway) -> Course:
    session.expire_all()
    return pathways.course(session, an_actor(session, member_id), pathway.public_id)


def standing(session: Session, member_id: int, pathway: Pathway) -> tuple[int, int, set[int], bool]:
    """How far somebody is: steps done, modules finished (how many and which), the whole."""
    try:
        one = course(session, member_id, pathway)
    except Gone:  # all modules are retired, and the member has done nothing in any
        return 0, 0, set(), False
    finished = {module.id for module in one.modules if module.finished}
    return sum(module.done for module in one.modules), len(finished), finished, one.finished_at is not None


def empty(session: Session) -> None:
    for model in MODELS:
        session.execute(delete(model))
    session.expire_all()


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["do", "undo", "add", "retire", "back", "word", "up", "down", "module", "hide", "unhide"]),
        st.integers(0, 11),
    ),
    min_size=4,
    max_size=14,
)


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
@example([("do", 0), ("retire", 0), ("back", 0), ("hide", 0)])
@example([("hide", 0), ("hide", 1), ("hide", 2), ("do", 0), ("unhide", 0)])
@example([("do", 0), ("do", 1), ("add", 0), ("up", 5), ("word", 0)])
@example([("do", 0), ("retire", 1), ("back", 1), ("do", 2), ("hide", 2), ("module", 0)])
def test_no_edit_of_staff_takes_anything_from_anybody(
    session: Session, cast: Cast, acts: list[tuple[str, int]]
) -> None:
    empty(session)
    pathway, member, staff = a_pathway(session, [2, 1, 2]), an_actor(session, cast.ada), an_actor(session, cast.sol)
    now, before = NOW, standing(session, cast.ada, pathway)
    for act, number in acts:
        now += timedelta(hours=1)
        all_modules = modules_of(session, pathway)
        module = all_modules[number % len(all_modules)]
        all_steps = [step for one in all_modules for step in steps_of(session, one)]
        step = all_steps[number % len(all_steps)]
        with suppress(Conflict, Gone):
            perform(session, act, pathway, module, step, member, staff, now)
        after = standing(session, cast.ada, pathway)
        if act != "undo":
            assert before[0] <= after[0] and before[2] <= after[2] and before[3] <= after[3], act
        before = after


def perform(
    session: Session,
    act: str,
    pathway: Pathway,
    module: PathwayModule,
    step: PathwayStep,
    member: Any,
    staff: Any,
    now: Any,
) -> None:
    if act == "do":
        pathway_progress.mark(session, member, step.public_id, now)
    elif act == "undo":
        pathway_progress.take_back(session, member, step.public_id, now)
    elif act == "add":
        pathway_editing.write_step(session, staff, module, None, StepDraft("read", "More", "Words."), 0, now)
    elif act == "retire":
        pathway_editing.retire_step(session, staff, step.public_id, now)
    elif act == "back":
        pathway_editing.bring_back_step(session, staff, step.public_id, now)
    elif act == "word":
        draft = StepDraft("read", f"Anew {now}", "Words.")
        pathway_editing.write_step(session, staff, module, step.public_id, draft, step.version, now)
    elif act in ("up", "down"):
        pathway_editing.move_step(session, staff, step.public_id, up=act == "up", now=now)
        pathway_editing.move_module(session, staff, module.public_id, up=act == "up", now=now)
    elif act == "module":
        added = a_module(session, pathway, 1, None)
        pathway_editing.show(session, staff, added.public_id, now)
    elif act == "hide":
        pathway_editing.retire_module(session, staff, module.public_id, now)
    else:
        pathway_editing.bring_back_module(session, staff, module.public_id, now)


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=4))
def test_the_order_of_acts_does_not_matter(session: Session, cast: Cast, order: list[int], twice: list[int]) -> None:
    empty(session)
    pathway, member = a_pathway(session, [2, 3]), an_actor(session, cast.ada)
    steps = [step for module in modules_of(session, pathway) for step in steps_of(session, module)]
    for act in (pathway_progress.mark, pathway_progress.take_back):  # begun, and all of it taken back
        for number in twice:
            act(session, member, steps[number].public_id, NOW)
    for number in order[:-1]:
        pathway_progress.mark(session, member, steps[number].public_id, NOW)
    assert not standing(session, cast.ada, pathway)[3]
    pathway_progress.mark(session, member, steps[order[-1]].public_id, LATER)
    assert standing(session, cast.ada, pathway)[::3] == (5, True)
    pathway_progress.take_back(session, member, steps[order[0]].public_id, LATER)
    assert standing(session, cast.ada, pathway)[::3] == (4, False)
    pathway_progress.mark(session, member, steps[order[0]].public_id, LATER)
    assert standing(session, cast.ada, pathway)[::3] == (5, True)


def test_a_module_that_comes_after_the_end_is_new_and_told_once_to_those_who_finished(
    session: Session, cast: Cast
) -> None:
    pathway, staff = a_pathway(session, [1]), an_actor(session, cast.sol)
    finish(session, cast.ada, pathway)
    (only,) = modules_of(session, pathway)
    added = a_module(session, pathway, 0, None, title="One more")
    with pytest.raises(Conflict, match="Write a step first"):
        pathway_editing.show(session, staff, added.public_id, LATER)
    a_step(session, added)
    pathway_editing.retire_module(session, staff, added.public_id, LATER)
    with pytest.raises(Conflict, match="Bring it back"):
        pathway_editing.show(session, staff, added.public_id, LATER)
    pathway_editing.bring_back_module(session, staff, added.public_id, LATER)
    assert [one.title for one in course(session, cast.ada, pathway).modules] == [only.title]
    assert pathway_editing.show(session, staff, added.public_id, LATER) == 1
    one = course(session, cast.ada, pathway)
    assert one.finished_at == NOW and [module.title for module in one.new_modules] == ["One more"]
    with pytest.raises(Conflict):
        pathway_editing.show(session, staff, added.public_id, LATER)
    pathway_editing.retire_module(session, staff, added.public_id, LATER)
    assert course(session, cast.ada, pathway).new_modules == ()
    pathway_editing.bring_back_module(session, staff, added.public_id, LATER)
    mail = session.execute(select(Mail.kind, Mail.member_id)).all()
    assert [tuple(row) for row in mail] == [("pathway_module_added", cast.ada)]
    finish_module(session, cast.ada, added, LATER)
    one = course(session, cast.ada, pathway)
    assert one.new_modules == () and one.finished_at == NOW


def test_a_module_that_is_retired_stays_for_those_in_it_and_says_so_to_others(session: Session, cast: Cast) -> None:
    pathway, staff = a_pathway(session, [2, 1]), an_actor(session, cast.sol)
    first, second = modules_of(session, pathway)
    ada, ben = an_actor(session, cast.ada), an_actor(session, cast.ben)
    pathway_progress.mark(session, ada, steps_of(session, first)[0].public_id, NOW)
    finish_module(session, cast.ada, second)
    pathway_editing.retire_module(session, staff, first.public_id, LATER)
    session.expire_all()
    with pytest.raises(Gone, match="This module has been retired"):
        pathways.module(session, ben, first.public_id)
    with pytest.raises(Gone):
        pathway_progress.mark(session, ben, steps_of(session, first)[0].public_id, LATER)
    assert pathways.module(session, ada, first.public_id)[1].retired
    assert course(session, cast.ada, pathway).finished_at == LATER  # all that there is now, she has done
    finish_module(session, cast.ada, first, LATER)
    assert standing(session, cast.ada, pathway)[:2] == (3, 2)


def test_a_step_that_came_later_may_be_done_and_taken_back(session: Session, cast: Cast) -> None:
    pathway, ada = a_pathway(session, [1]), an_actor(session, cast.ada)
    (module,) = modules_of(session, pathway)
    finish(session, cast.ada, pathway)
    later = a_step(session, module)
    pathway_progress.mark(session, ada, later.public_id, LATER)
    pathway_progress.take_back(session, ada, later.public_id, LATER)
    assert standing(session, cast.ada, pathway) == (1, 1, {module.id}, True)


def test_the_last_step_of_a_shown_module_stays(session: Session, cast: Cast) -> None:
    (module,) = modules_of(session, a_pathway(session, [1]))
    with pytest.raises(Conflict, match="last step"):
        pathway_editing.retire_step(session, an_actor(session, cast.sol), steps_of(session, module)[0].public_id, NOW)


def test_a_module_that_is_shown_has_a_step_also_when_it_is_brought_back(session: Session, cast: Cast) -> None:
    pathway, staff = a_pathway(session, [1, 2]), an_actor(session, cast.sol)
    first, second = modules_of(session, pathway)
    one, other = steps_of(session, second)
    finish_module(session, cast.ada, first)
    pathway_progress.mark(session, an_actor(session, cast.ada), one.public_id, NOW)
    pathway_editing.retire_module(session, staff, second.public_id, NOW)
    for step in (one, other):
        pathway_editing.retire_step(session, staff, step.public_id, NOW)
    with pytest.raises(Conflict, match="Bring one back or write one first"):
        pathway_editing.bring_back_module(session, staff, second.public_id, LATER)
    pathway_editing.bring_back_step(session, staff, one.public_id, LATER)
    pathway_editing.bring_back_module(session, staff, second.public_id, LATER)
    assert standing(session, cast.ada, pathway) == (2, 2, {first.id, second.id}, True)
    finish(session, cast.ben, pathway)
    assert course(session, cast.ben, pathway).finished_at is not None


def test_what_a_module_that_comes_back_finishes_is_written_down(session: Session, cast: Cast) -> None:
    pathway, staff = a_pathway(session, [1, 1]), an_actor(session, cast.sol)
    first, second = modules_of(session, pathway)
    finish_module(session, cast.ada, second)
    for module in (second, first):
        pathway_editing.retire_module(session, staff, module.public_id, NOW)
    pathway_editing.bring_back_module(session, staff, second.public_id, LATER)
    assert course(session, cast.ada, pathway).finished_at == LATER


def test_a_retired_module_takes_no_finished_pathway_away(session: Session, cast: Cast) -> None:
    pathway, staff, ada = a_pathway(session, [1, 1]), an_actor(session, cast.sol), an_actor(session, cast.ada)
    first, second = modules_of(session, pathway)
    finish(session, cast.ada, pathway)
    pathway_editing.retire_module(session, staff, second.public_id, LATER)
    pathway_progress.take_back(session, ada, steps_of(session, second)[0].public_id, LATER)
    one = course(session, cast.ada, pathway)
    assert one.finished_at == NOW and [module.id for module in one.needed] == [first.id]
    pathway_editing.bring_back_module(session, staff, second.public_id, LATER)
    one = course(session, cast.ada, pathway)
    assert one.finished_at == NOW and [module.id for module in one.new_modules] == [second.id]


def test_where_all_is_retired_one_goes_on_in_what_one_took_back(session: Session, cast: Cast) -> None:
    pathway, staff, ada = a_pathway(session, [2]), an_actor(session, cast.sol), an_actor(session, cast.ada)
    (module,) = modules_of(session, pathway)
    finish(session, cast.ada, pathway)
    pathway_editing.retire_module(session, staff, module.public_id, LATER)
    step = steps_of(session, module)[0]
    pathway_progress.take_back(session, ada, step.public_id, LATER)
    one = course(session, cast.ada, pathway)
    assert one.finished_at is None and one.resume is not None and one.resume.id == step.id


@pytest.mark.parametrize("what", ["step", "module"])
def test_what_somebody_wrote_stays_theirs_to_read_and_delete(session: Session, cast: Cast, what: str) -> None:
    pathway, staff, ada = a_pathway(session, [1]), an_actor(session, cast.sol), an_actor(session, cast.ada)
    module = a_module(session, pathway, 1)
    step = a_step(session, module, "reflect")
    pathway_progress.reflect(session, ada, step.public_id, "Mine", NOW)
    pathway_progress.take_back(session, ada, step.public_id, NOW)
    if what == "step":
        pathway_editing.retire_step(session, staff, step.public_id, NOW)
    else:
        pathway_editing.retire_module(session, staff, module.public_id, NOW)
    page = pathways.step(session, ada, step.public_id)
    assert page.reflection == "Mine" and not page.line.done
    assert page.module.total == len(page.module.steps) - (what == "step")
    with pytest.raises(Gone):
        pathways.step(session, an_actor(session, cast.ben), step.public_id)
    pathway_progress.reflect(session, ada, step.public_id, "", LATER)
    assert session.scalar(select(func.count()).select_from(PathwayReflection)) == 0
    with pytest.raises(Gone):
        pathways.step(session, ada, step.public_id)


def test_who_only_put_in_order_or_agreed_to_be_found_has_not_begun(session: Session, cast: Cast) -> None:
    pathway, ada = a_pathway(session, [1, 1]), an_actor(session, cast.ada)
    first, second = modules_of(session, pathway)

    def begun() -> tuple[bool, bool, bool]:
        mine = own_data.collected(session, cast.ada, NOW)["pathways"][0]["started_at"]
        counted = pathway_figures.figures(session, pathway.id, 0).began
        return course(session, cast.ada, pathway).started_at is not None, mine is not None, pathway.id in counted

    pathway_progress.let_be_found(session, ada, pathway.public_id, True, NOW)
    pathway_progress.move(session, ada, pathway.public_id, second.public_id, up=True, now=NOW)
    assert begun() == (False, False, False)
    step = a_step(session, first, "reflect")
    pathway_progress.reflect(session, ada, step.public_id, "Words", LATER)
    assert begun() == (True, True, True)
    pathway_progress.take_back(session, ada, step.public_id, LATER)
    assert begun() == (True, True, True)  # what was written is still there
    pathway_progress.reflect(session, ada, step.public_id, "", LATER)
    assert begun() == (False, False, False)


def test_the_letter_names_what_made_up_the_whole_on_its_day(session: Session, cast: Cast) -> None:
    pathway = a_pathway(session, [1, 1])
    finish(session, cast.ada, pathway)
    finish_module(session, cast.ada, a_module(session, pathway, 1, LATER, title="Added later"), LATER)
    about = {"pathway_id": pathway.id}
    told = pathway_letters.told(session, pathway_letters.FINISHED, about, cast.ada, str)
    assert told is not None and told["modules"] == ["Module 1", "Module 2"] and told["finished_at"] == NOW
    assert [one.title for one in course(session, cast.ada, pathway).needed] == ["Module 1", "Module 2"]


def test_a_step_worded_anew_has_a_version_and_the_one_done_stays_known(session: Session, cast: Cast) -> None:
    pathway, staff = a_pathway(session, [1]), an_actor(session, cast.sol)
    (module,) = modules_of(session, pathway)
    (step,) = steps_of(session, module)
    finish(session, cast.ada, pathway)
    old = session.get_one(PathwayStepVersion, (step.id, 1))
    same = StepDraft("read", old.title, old.text)
    pathway_editing.write_step(session, staff, module, step.public_id, same, 1, LATER)
    assert step.version == 1
    pathway_editing.write_step(session, staff, module, step.public_id, StepDraft("read", "New title", "New"), 1, LATER)
    with pytest.raises(Conflict, match="Somebody else"):
        pathway_editing.write_step(session, staff, module, step.public_id, StepDraft("read", "X", "Y"), 1, LATER)
    page = pathways.step(session, an_actor(session, cast.ada), step.public_id)
    assert (page.line.title, page.line.done_version, page.line.version, page.line.changed) == ("New title", 1, 2, True)
    copy = own_data.collected(session, cast.ada, LATER)
    assert copy["pathway_steps"] == [{"module": module.title, "step": old.title, "version": 1, "done_at": NOW}]
    pathway_progress.mark(session, an_actor(session, cast.ada), step.public_id, LATER)
    assert not pathways.step(session, an_actor(session, cast.ada), step.public_id).line.changed


def test_a_check_is_done_by_its_right_answer_alone(session: Session, cast: Cast) -> None:
    pathway, ada = a_pathway(session, []), an_actor(session, cast.ada)
    check = a_step(session, a_module(session, pathway, 0), "check")
    with pytest.raises(Conflict, match="right answer"):
        pathway_progress.mark(session, ada, check.public_id, NOW)
    for wrong in (None, 2, 9):
        with pytest.raises(Invalid):
            pathway_progress.answer(session, ada, check.public_id, wrong, NOW)
    assert pathway_progress.answer(session, ada, check.public_id, 0, NOW)[0] is False
    assert standing(session, cast.ada, pathway)[0] == 0
    right, marked = pathway_progress.answer(session, ada, check.public_id, 1, NOW)
    assert right and marked.module and marked.pathway


def test_a_reflection_is_read_by_nobody_else_taken_along_and_erased(session: Session, cast: Cast) -> None:
    pathway, ada = a_pathway(session, []), an_actor(session, cast.ada)
    step = a_step(session, a_module(session, pathway, 0), "reflect")
    text = "I was afraid of the board."
    assert pathway_progress.reflect(session, ada, step.public_id, f"  {text}\r\n", NOW).module
    assert pathways.step(session, ada, step.public_id).reflection == text
    for other in (cast.ben, cast.fay, cast.sol):
        assert text not in repr(pathways.step(session, an_actor(session, other), step.public_id))
        assert text not in repr(own_data.collected(session, other, NOW))
    assert text not in repr(session.scalars(select(AuditRecord.detail)).all())
    assert own_data.collected(session, cast.ada, NOW)["pathway_reflections"][0]["text"] == text
    with pytest.raises(Invalid, match="4,000"):
        pathway_progress.reflect(session, ada, step.public_id, "x" * 4001, NOW)
    erasure.erase(session, cast.ada, NOW)
    assert session.scalar(select(func.count()).select_from(PathwayReflection)) == 0
    assert session.scalar(select(func.count()).select_from(PathwayDone)) == 1  # counted, of nobody


def test_words_that_are_taken_away_leave_the_step_done(session: Session, cast: Cast) -> None:
    pathway, ada = a_pathway(session, []), an_actor(session, cast.ada)
    step = a_step(session, a_module(session, pathway, 0), "reflect")
    pathway_progress.reflect(session, ada, step.public_id, "Words", NOW)
    pathway_progress.reflect(session, ada, step.public_id, " ", NOW)
    page = pathways.step(session, ada, step.public_id)
    assert page.reflection == "" and page.line.done
    with pytest.raises(Invalid, match="nothing to keep yet"):
        pathway_progress.reflect(session, ada, step.public_id, " ", NOW)


def test_one_goes_on_where_one_was_in_an_order_of_ones_own(session: Session, cast: Cast) -> None:
    pathway, ada = a_pathway(session, [2, 2, 2]), an_actor(session, cast.ada)
    first, second, third = modules_of(session, pathway)
    assert course(session, cast.ada, pathway).here.id == first.id  # type: ignore[union-attr]
    pathway_progress.mark(session, ada, steps_of(session, second)[0].public_id, NOW)
    going = course(session, cast.ada, pathway)
    assert going.resume is not None and going.resume.id == steps_of(session, second)[1].id
    pathway_progress.move(session, ada, pathway.public_id, third.public_id, up=True, now=NOW)
    pathway_progress.move(session, ada, pathway.public_id, third.public_id, up=True, now=NOW)
    pathway_progress.move(session, ada, pathway.public_id, third.public_id, up=True, now=NOW)  # as far as it goes
    assert [one.id for one in course(session, cast.ada, pathway).modules] == [third.id, first.id, second.id]
    assert [one.id for one in course(session, cast.ben, pathway).modules] == [first.id, second.id, third.id]
    finish_module(session, cast.ada, second, LATER)
    assert course(session, cast.ada, pathway).here.id == third.id  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        pathway_progress.move(session, ada, pathway.public_id, "nothing", up=True, now=NOW)


def ahead(session: Session, member_id: int, pathway: Pathway) -> list[str]:
    session.expire_all()
    actor = an_actor(session, member_id)
    whole, module = pathways.module(session, actor, modules_of(session, pathway)[0].public_id)
    met = pathway_people.company(session, actor, whole.id, module, WORDS, NOW, NOW.date())
    return [one.person.name for one in met.ahead]


def test_only_those_who_agree_and_may_be_seen_are_shown_as_ahead(session: Session, cast: Cast) -> None:
    pathway = a_pathway(session, [1])
    for member in (cast.ada, cast.ben, cast.cai):
        finish(session, member, pathway)
    assert ahead(session, cast.ada, pathway) == []  # nobody said that it may be told
    for member in (cast.ben, cast.cai):
        pathway_progress.let_be_found(session, an_actor(session, member), pathway.public_id, True, NOW)
    assert sorted(ahead(session, cast.ada, pathway)) == ["Ben Whitaker", "Cai Morgan"]
    a_theme(session, cast.dee, "leadership", 3)
    assert "Dee Sandhu" not in ahead(session, cast.ada, pathway)  # two at most, those who finished it first
    ben = session.get_one(Member, cast.ben)
    for name, value, usual in (
        ("listed", False, True),
        ("suggest_me", False, True),
        ("paused_until", (NOW + timedelta(days=3)).date(), None),
        ("standing", "left", "active"),
    ):
        setattr(ben, name, value)
        session.flush()
        assert sorted(ahead(session, cast.ada, pathway)) == ["Cai Morgan", "Dee Sandhu"]
        ben = session.get_one(Member, cast.ben)
        setattr(ben, name, usual)
        session.flush()
    for row in (
        Block(blocker_id=cast.ben, blocked_id=cast.ada, created_at=NOW),
        Dismissal(member_id=cast.ada, other_id=cast.ben, until=None, created_at=NOW),
    ):
        session.add(row)
        session.flush()
        assert sorted(ahead(session, cast.ada, pathway)) == ["Cai Morgan", "Dee Sandhu"]
        session.delete(row)
        session.flush()
    session.get_one(Member, cast.dee).show_themes = 1
    a_connection(session, cast.ada, cast.ben)
    assert ahead(session, cast.ada, pathway) == ["Cai Morgan"]
    pathway_progress.let_be_found(session, an_actor(session, cast.cai), pathway.public_id, False, NOW)
    assert ahead(session, cast.ada, pathway) == []


def test_a_cohort_on_the_theme_that_takes_applications_is_named(session: Session, cast: Cast) -> None:
    pathway, ada = a_pathway(session, [1]), an_actor(session, cast.ada)
    a_cohort(session, cast.fay, title="On leadership", themes=["leadership"], state="open")
    a_cohort(session, cast.fay, title="On food", themes=["food"], state="open")
    a_cohort(session, cast.fay, title="Over", themes=["leadership"], state="closed")
    whole, module = pathways.module(session, ada, modules_of(session, pathway)[0].public_id)
    met = pathway_people.company(session, ada, whole.id, module, WORDS, NOW, NOW.date())
    assert [one.title for one in met.calls] == ["On leadership"]


def test_a_level_is_offered_and_set_only_by_the_member(session: Session, cast: Cast) -> None:
    pathway, ada = a_pathway(session, [1]), an_actor(session, cast.ada)
    a_theme(session, cast.ada, "food", 4, offer=True)
    key = modules_of(session, pathway)[0].public_id
    with pytest.raises(Conflict):
        pathway_people.set_level(session, ada, pathways.module(session, ada, key)[1], WORDS, NOW)
    finish(session, cast.ada, pathway)
    module = pathways.module(session, ada, key)[1]
    mine = select(MemberTheme.theme, MemberTheme.maturity, MemberTheme.offer).where(MemberTheme.member_id == cast.ada)
    assert [tuple(row) for row in session.execute(mine)] == [("food", 4, True)]
    assert pathway_people.set_level(session, ada, module, WORDS, NOW) == 2
    rows = session.execute(mine.order_by(MemberTheme.theme))
    assert [tuple(row) for row in rows] == [("food", 4, True), ("leadership", 2, False)]
    with pytest.raises(Conflict):
        pathway_people.set_level(session, ada, module, WORDS, NOW)


def test_figures_are_classes_and_say_where_people_stop(session: Session, cast: Cast) -> None:
    pathway = a_pathway(session, [3])
    (module,) = modules_of(session, pathway)
    first, second, third = steps_of(session, module)
    everybody = [a_member(session, f"Person N{number}").id for number in range(19)]
    for number, member in enumerate(everybody):
        actor = an_actor(session, member)
        pathway_progress.mark(session, actor, first.public_id, NOW)
        if number < 10:
            pathway_progress.mark(session, actor, third.public_id, NOW)
        if number < 3:
            pathway_progress.mark(session, actor, second.public_id, NOW)
    found = pathway_figures.figures(session, pathway.id, 7)
    assert found.started == {module.id: 20} and found.finished == {module.id: None}
    assert found.done == {first.id: 20, second.id: None, third.id: 10}
    assert found.stopped == {second.id: 15}
    assert found.began == {pathway.id: 20} and found.completed == {pathway.id: None}
    assert found == pathway_figures.figures(session, None, 7)


def test_the_product_brings_a_pathway_of_five_modules_once(session: Session, cast: Cast) -> None:
    assert pathway_seeds.missing(session)
    assert pathway_seeds.bring(session, cast.sol, NOW) == 1
    assert pathway_seeds.bring(session, cast.sol, NOW) == 0 and not pathway_seeds.missing(session)
    (one,) = pathways.courses(session, an_actor(session, cast.ada))
    assert [len(module.steps) for module in one.modules] == [5] * 5
    assert {module.theme for module in one.modules} <= {theme.code for theme in WORDS.themes}
    for module in one.modules:
        assert {step.kind for step in module.steps} == set(pathways.KINDS)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (StepDraft("read", "", "Words"), "title"),
        (StepDraft("read", "T" * 161, "Words"), "title"),
        (StepDraft("read", "Title", ""), "text"),
        (StepDraft("read", "Title", "x" * 8_001), "text"),
        (StepDraft("sing", "Title", "Words"), "kind"),
        (StepDraft("watch", "Title", "Words", "javascript:alert(1)"), "link"),
        (StepDraft("watch", "Title", "Words", "https://[bad"), "link"),
        (StepDraft("watch", "Title", "Words", "https://a.example/ b"), "link"),
        (StepDraft("check", "Title", "Words", "", (Answer("One", "", True),)), "answer-1"),
        (StepDraft("check", "Title", "Words", "", (Answer("One"), Answer("Two"))), "right"),
        (StepDraft("check", "Title", "Words", "", (Answer("x" * 301, "", True), Answer("Two"))), "answer-1"),
    ],
)
def test_a_step_that_cannot_be_kept_is_refused_field_by_field(draft: StepDraft, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        pathway_editing.checked(draft)
    assert set(refused.value.fields) == {field}


def test_a_heading_is_not_overwritten_unseen(session: Session, cast: Cast) -> None:
    staff, row = an_actor(session, cast.sol), a_pathway(session, [1])
    (module,) = modules_of(session, row)
    seen = pathway_editing.stamp(row)
    pathway_editing.write_pathway(session, staff, row.public_id, Heading(row.title, "A long new purpose"), seen, NOW)
    with pytest.raises(Conflict):
        pathway_editing.write_pathway(session, staff, row.public_id, Heading(row.title, "Another"), seen, NOW)
    seen = pathway_editing.stamp(module)
    mine, other = Heading(module.title, "", "food"), Heading(module.title, "", "leadership")
    pathway_editing.write_module(session, staff, row, module.public_id, mine, seen, WORDS, NOW)
    with pytest.raises(Conflict):
        pathway_editing.write_module(session, staff, row, module.public_id, other, seen, WORDS, NOW)
    with pytest.raises(Invalid):
        pathway_editing.write_module(session, staff, row, None, Heading("M", "", "cooking"), "", WORDS, NOW)
    assert row.purpose == "A long new purpose" and module.theme == "food"
