"""Learning Pathways on the pages of members and staff."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import pathway_editing, pathway_progress
from haln.models import Mail, Pathway, PathwayModule, PathwayStep
from tests.application import SignIn
from tests.builders import NOW, Cast, a_theme, an_actor
from tests.pathway_builders import a_module, a_pathway, a_step, finish, modules_of, steps_of
from tests.queries import queries_of


def text_of(page: str) -> str:
    """What a reader sees of a page's main part."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


def post(browser: FlaskClient, path: str, **form: str) -> str:
    """Send a form that is taken, and read the page it leads to."""
    answer = browser.post(path, data=form, follow_redirects=True)
    assert answer.status_code == 200, text_of(answer.text)
    return text_of(answer.text)


def test_a_member_walks_from_the_first_step_to_the_letter(session: Session, cast: Cast, signed_in: SignIn) -> None:
    pathway = a_pathway(session, [1])
    module = a_module(session, pathway, 0, title="Second")
    reflect, check = a_step(session, module, "reflect"), a_step(session, module, "check")
    a_theme(session, cast.ben, "leadership", 3)
    (first,) = steps_of(session, modules_of(session, pathway)[0])
    ada = signed_in(cast.ada)
    assert "Start: Step 1 of Module 1" in text_of(ada.get("/pathways").text)
    page = post(ada, f"/pathways/steps/{first.public_id}", do="done")
    assert "You have finished the module “Module 1”." in page
    assert "Ben Whitaker" in page and "“Established” in Leadership and getting started" in page
    assert "Next module: Second" in page and "Set my level to “Developing”" in page
    page = text_of(ada.get("/pathways").text)
    assert "1 of 2 modules finished" in page and "Go on: Step 1 of Second" in page
    key = modules_of(session, pathway)[0].public_id
    assert "is now “Developing”" in post(ada, f"/pathways/modules/{key}/level")
    assert "Kept for you alone." in post(ada, f"/pathways/steps/{reflect.public_id}", do="reflect", text="My words.")
    assert "My words." in ada.get(f"/pathways/steps/{reflect.public_id}").text
    for other in (cast.ben, cast.sol):
        assert "My words." not in signed_in(other).get(f"/pathways/steps/{reflect.public_id}").text
    assert "when you have finished all modules" in text_of(
        ada.get(f"/pathways/{pathway.public_id}/letter", follow_redirects=True).text
    )
    assert "Not quite No, for a reason." in post(ada, f"/pathways/steps/{check.public_id}", do="answer", chosen="0")
    page = post(ada, f"/pathways/steps/{check.public_id}", do="answer", chosen="1")
    assert "That is right Yes, for a reason." in page and "You have finished the whole pathway" in page
    page = text_of(ada.get(f"/pathways/{pathway.public_id}/letter").text)
    assert "Ada Okafor" in page and "Monday 15 June 2026" in page and "Second" in page
    assert "on its way to your mailbox" in post(ada, f"/pathways/{pathway.public_id}/letter")
    assert session.scalars(select(Mail.kind)).all() == ["pathway_letter"]
    assert "Marked as not done." in post(ada, f"/pathways/steps/{check.public_id}", do="undo")


def test_what_cannot_be_taken_is_said_and_nothing_is_lost(session: Session, cast: Cast, signed_in: SignIn) -> None:
    pathway = a_pathway(session, [])
    module = a_module(session, pathway, 0)
    reflect, check = a_step(session, module, "reflect"), a_step(session, module, "check")
    ada = signed_in(cast.ada)
    long = "w" * 4_001
    answer = ada.post(f"/pathways/steps/{reflect.public_id}", data={"do": "reflect", "text": long})
    assert answer.status_code == 422 and long in answer.text and "Write at most 4,000 characters." in answer.text
    answer = ada.post(f"/pathways/steps/{check.public_id}", data={"do": "answer"})
    assert answer.status_code == 422 and "Choose one of the answers." in answer.text
    assert "Choose the right answer" in post(ada, f"/pathways/steps/{check.public_id}", do="done")
    assert ada.get(f"/pathways/steps/{check.public_id}?chosen=7").status_code == 200
    assert ada.get(f"/pathways/steps/{check.public_id}?chosen=99999999999999999999").status_code == 404
    sol = signed_in(cast.sol)
    answer = sol.post(
        f"/pathway-editing/modules/{module.public_id}/steps/new",
        data={"kind": "check", "title": "Mine", "text": "A question", "answer-1": "Alone", "right": "1"},
    )
    assert answer.status_code == 422 and "Write at least two answers." in answer.text and "Alone" in answer.text
    answer = sol.post(f"/pathway-editing/{pathway.public_id}/edit", data={"title": "Mine", "seen": "Something else"})
    assert answer.status_code == 409 and "Somebody else has changed this" in answer.text and "Mine" in answer.text
    assert f'name="seen" value="{pathway_editing.stamp(pathway)}"' in answer.text
    pathway_editing.retire_module(session, an_actor(session, cast.sol), module.public_id, NOW)
    answer = ada.get(f"/pathways/modules/{module.public_id}")
    assert answer.status_code == 410 and "This module has been retired." in answer.text
    left = ada.get(f"/pathways/{pathway.public_id}").status_code == 200
    way = f"/pathways/{pathway.public_id}" if left else "/pathways"
    assert f'class="btn btn-primary" href="{way}"' in answer.text


def test_words_are_kept_or_deleted_as_the_page_says(session: Session, cast: Cast, signed_in: SignIn) -> None:
    pathway = a_pathway(session, [1])
    step = a_step(session, modules_of(session, pathway)[0], "reflect")
    ada, path = signed_in(cast.ada), f"/pathways/steps/{step.public_id}"
    answer = ada.post(path, data={"do": "reflect", "text": " "})
    assert answer.status_code == 422 and "there is nothing to keep yet" in answer.text
    post(ada, path, do="reflect", text="My words.")
    post(ada, path, do="undo")
    page = post(ada, path, do="reflect", text="")
    assert "Your words are deleted. The step is not marked as done." in page and "Mark as done without writing" in page
    post(ada, path, do="reflect", text="My words.")
    post(ada, path, do="undo")
    pathway_editing.retire_step(session, an_actor(session, cast.sol), step.public_id, NOW)
    page = text_of(ada.get(path).text)
    assert "What you wrote is kept for you until you delete it." in page and "My words." in page
    assert "ark as done" not in page and "Not done after all" not in page
    assert "Your words are deleted." in post(ada, path, do="reflect", text="")
    assert ada.get(path).status_code == 410


def test_staff_are_asked_before_members_are_told_or_finish(session: Session, cast: Cast, signed_in: SignIn) -> None:
    pathway = a_pathway(session, [2])
    (module,) = modules_of(session, pathway)
    finish(session, cast.ada, pathway)
    added, step = a_module(session, pathway, 1, None, title="Food"), steps_of(session, module)[0]
    sol, base = signed_in(cast.sol), "/pathway-editing"
    for listed in (f"{base}/{pathway.public_id}", f"{base}/modules/{added.public_id}"):
        page = sol.get(listed).text
        assert "do=show" in page and 'value="show"' not in page and 'value="retire"' not in page
    for path, do, sentence in (
        (f"modules/{added.public_id}", "show", "get one mail that says so"),
        (f"modules/{module.public_id}", "retire", "has finished the pathway by this"),
        (f"steps/{step.public_id}", "retire", "has finished the module by this"),
    ):
        page = sol.get(f"{base}/{path}/act?do={do}").text
        assert sentence in text_of(page) and f'name="do" value="{do}"' in page
        assert sol.get(f"{base}/{path}/act?do=back").status_code == 404
    session.expire_all()
    assert added.shown_at is None and module.retired_at is None and step.retired_at is None
    assert signed_in(cast.ada).get(f"{base}/steps/{step.public_id}/act?do=retire").status_code == 403


def test_staff_bring_the_first_pathway_in_and_write_a_module(session: Session, cast: Cast, signed_in: SignIn) -> None:
    sol = signed_in(cast.sol)
    assert "Staff are preparing them" in text_of(signed_in(cast.ada).get("/pathways").text)
    assert "One pathway comes with the product" in text_of(sol.get("/pathway-editing").text)
    assert "5 modules shown" in post(sol, "/pathway-editing/bring")
    assert "It is there already." in post(sol, "/pathway-editing/bring")
    row = session.scalars(select(Pathway)).one()
    finish_all(session, cast.ada, row)
    page = post(sol, f"/pathway-editing/{row.public_id}/modules/new", title="Food", theme="food")
    assert "No step yet" in page
    added = session.scalars(select(PathwayModule).where(PathwayModule.title == "Food")).one()
    ada = signed_in(cast.ada)
    assert ada.get(f"/pathways/modules/{added.public_id}").status_code == 404
    act = f"/pathway-editing/modules/{added.public_id}/act"
    assert "Write a step first" in post(sol, act, do="show")
    form = {"kind": "read", "title": "Eat", "text": "Read **this**."}
    post(sol, f"/pathway-editing/modules/{added.public_id}/steps/new", **form)
    assert "told once" in post(sol, act, do="show")
    page = text_of(ada.get("/pathways").text)
    assert "New module: Food" in page and "Finished on Monday 15 June 2026" in page
    assert session.scalars(select(Mail.kind)).all() == ["pathway_module_added"]
    step = session.scalars(select(PathwayStep).where(PathwayStep.module_id == added.id)).one()
    assert "last step" in post(sol, f"/pathway-editing/steps/{step.public_id}/act", do="retire")
    assert "Those who began it keep it" in post(sol, act, do="retire")
    assert "It is there again." in post(sol, act, do="back")
    assert sol.post(act, data={"do": "delete"}).status_code == 404
    for path in ("", f"/{row.public_id}", f"/modules/{added.public_id}", f"/steps/{step.public_id}"):
        page = sol.get(f"/pathway-editing{path}").text
        assert "Ada" not in text_of(page)


def finish_all(session: Session, member_id: int, pathway: Pathway) -> None:
    """Do everything, checks by their right answers."""
    actor = an_actor(session, member_id)
    for module in modules_of(session, pathway):
        for step in steps_of(session, module):
            if step.kind == "check":
                for number in range(3):
                    pathway_progress.answer(session, actor, step.public_id, number, NOW)
            else:
                pathway_progress.mark(session, actor, step.public_id, NOW)


def test_pages_ask_as_much_of_the_database_however_many_there_are(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    few, many = a_pathway(session, [1]), a_pathway(session, [5] * 6)
    finish(session, cast.ada, few)
    for member in (cast.ben, cast.cai, cast.dee):
        a_theme(session, member, "leadership", 4)
    ada, sol = signed_in(cast.ada), signed_in(cast.sol)
    ada.get("/pathways"), sol.get("/pathway-editing")
    listed = queries_of(ada, "/pathways"), queries_of(sol, "/pathway-editing")
    small = queries_of(ada, f"/pathways/{few.public_id}")
    assert queries_of(ada, f"/pathways/{many.public_id}") == small
    for _ in range(3):
        a_pathway(session, [4] * 4)
    assert (queries_of(ada, "/pathways"), queries_of(sol, "/pathway-editing")) == listed
    assert listed[0] <= 8 and small <= 8
    assert queries_of(ada, f"/pathways/modules/{modules_of(session, few)[0].public_id}") <= 14
