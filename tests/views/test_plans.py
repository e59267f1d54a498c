"""The studio's pages: what they show, what they change, and what they say when they cannot."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from haln.learn import plan_advice, plans
from haln.learn.plan_rows import plan_of
from haln.learn.rule_rows import rows_of
from haln.learn.studio import Studio
from haln.matching.rules import Kind, Rule, Strength
from haln.models import Application, Cohort, CohortFacilitator, CohortPair, CohortPlan, Member
from haln.taxonomy.vocabulary import load
from tests.application import SignIn
from tests.builders import NOW, Cast, a_member, an_actor
from tests.cohort_builders import a_cohort, a_plan, an_application
from tests.learn.plan_builders import a_bench, a_full_cohort
from tests.views.test_suggestions import statements

Formed = Callable[..., CohortPlan]


@pytest.fixture(autouse=True)
def without_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proofs take seconds, and have a test of their own."""
    monkeypatch.setattr(plan_advice, "PROVED_UP_TO", 0)


@pytest.fixture
def fay(cast: Cast, signed_in: SignIn) -> FlaskClient:
    return signed_in(cast.fay)


@pytest.fixture
def formed(app: Flask, session: Session, cast: Cast) -> Formed:
    """Give a plan that the worker has formed of a cohort with so many people."""

    def make(people: int = 12, **facts: object) -> CohortPlan:
        cohort, _ = a_full_cohort(session, cast.fay, people, **facts)
        return work(cohort)

    def work(cohort: Cohort) -> CohortPlan:
        from haln.learn.plan_work import form_next

        made = plans.propose(session, an_actor(session, cast.fay), cohort.public_id, 1, None, None, NOW)
        session.commit()
        while form_next(session, app.extensions["haln_studio"], "worker", a_bench(session)):
            pass
        session.expire_all()
        return session.execute(select(CohortPlan).where(CohortPlan.public_id == made[0])).scalar_one()

    return make


def keys(session: Session, row: CohortPlan) -> list[list[str]]:
    """Public ids by set."""
    known = {member.id: member.public_id for member in session.scalars(select(Member))}
    return [[known[member] for member in one["members"]] for one in row.sets]


def test_plans_are_asked_for_and_their_progress_is_shown(session: Session, cast: Cast, fay: FlaskClient) -> None:
    cohort, _ = a_full_cohort(session, cast.fay)
    path = f"/cohorts/{cohort.public_id}/plans"
    assert "Of the 12 people who apply" in fay.get(path).text
    answer = fay.post(path, data={"count": "2", "sets": ""})
    assert answer.status_code == 303
    page = fay.get(answer.location).text
    assert "Waiting for its turn" in page
    assert 'hx-trigger="every 2s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "Plan 2" in page
    session.execute(update(CohortPlan).values(state="forming", progress={"done": 0.4, "breaks": 2}))
    part = fay.get(answer.location, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert 'value="40"' in part
    assert "Musts are broken in 2 places." in part
    assert fay.post(f"{answer.location}/stop").status_code == 303
    assert "It stops with the best so far." in fay.get(answer.location).text


@pytest.mark.parametrize(
    ("people", "typed", "sentence"),
    [
        (0, {"count": "1"}, "Nobody has applied yet. Sets are formed"),
        (1, {"count": "1"}, "A set needs at least 4 people, and 1 applied."),
        (5, {"count": "9"}, "Ask for one to 3 plans at once."),
        (5, {"count": "one"}, "Write a whole number."),
        (5, {"count": "1", "sets": "7"}, "5 people make at most one set of at least 4."),
        (5, {"count": "1", "sets": "-1"}, "Write a whole number."),
    ],
)
def test_what_cannot_be_formed_is_said_on_the_page(
    session: Session, cast: Cast, fay: FlaskClient, people: int, typed: dict[str, str], sentence: str
) -> None:
    cohort = a_cohort(session, cast.fay)
    for number in range(people):
        an_application(session, cohort.id, a_member(session, f"Person{number} Number").id)
    answer = fay.post(f"/cohorts/{cohort.public_id}/plans", data=typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalar(select(CohortPlan.id)) is None


def test_of_a_cancelled_cohort_nothing_is_offered_that_is_refused(
    session: Session, cast: Cast, fay: FlaskClient
) -> None:
    cohort = a_cohort(session, cast.fay, state="cancelled")
    for people in (0, 1):
        if people:
            an_application(session, cohort.id, cast.ada)
        session.commit()
        page = fay.get(f"/cohorts/{cohort.public_id}/plans").text
        assert "no sets are formed of it" in page
        assert "Open the cohort" not in page


def test_the_studio_shows_everybody_with_why_and_every_rule(session: Session, fay: FlaskClient, formed: Formed) -> None:
    row = formed()
    page = fay.get(f"/plans/{row.public_id}").text
    for number in range(12):
        assert f"Person{number:02} Number" in page
    assert "nobody is left over" in page
    assert "Every must is kept." in page
    assert page.count('class="plan-rule plan-rule-') == len(row.rules)
    assert page.count('class="seat"') == 12
    assert "Sets of 4 to 8 people" in page
    assert "seat-why" in page


def test_a_plan_is_drawn_in_few_queries_and_none_of_them_writes(
    app: Flask, session: Session, fay: FlaskClient, formed: Formed
) -> None:
    small, large = formed(8), formed(40, first=50)
    counts = []
    for row in (small, large):
        fay.get(f"/plans/{row.public_id}")
        with statements(app) as sent:
            fay.get(f"/plans/{row.public_id}")
        assert all(one.lstrip().startswith(("SELECT", "WITH")) for one in sent)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 11, counts


def test_a_panel_says_why_here_and_what_every_move_costs(session: Session, fay: FlaskClient, formed: Formed) -> None:
    row = formed(16)
    one, *others = keys(session, row)
    page = fay.get(f"/plans/{row.public_id}/people/{one[0]}").text
    assert "Why here" in page
    assert page.count("for the whole plan.") + page.count("Would break") >= len(others)
    assert "The best other places" in page
    near = fay.get(f"/plans/{row.public_id}/people/{one[0]}?to=2").text
    assert "Or change places with somebody there" in near
    assert f'name="other" value="{others[0][0]}"' in near or "Swap with" in near


def test_somebody_is_moved_out_of_all_sets_and_sees_the_cost_first(
    session: Session, fay: FlaskClient, formed: Formed
) -> None:
    row = formed(16)
    who = keys(session, row)[0][0]
    page = fay.get(f"/plans/{row.public_id}/people/{who}").text
    assert '<option value="out"' in page
    assert f"/plans/{row.public_id}/people/{who}?to=out" in page
    near = fay.get(f"/plans/{row.public_id}/people/{who}?to=out").text  # where dragging onto "Left over" leads, too
    assert "They would have no place this time." in near
    assert "Leave over" in near
    assert 'name="to" value="out"' in near
    data = {"member": who, "to": "out", "version": str(row.version)}
    assert fay.post(f"/plans/{row.public_id}/move", data=data).status_code == 303
    session.expire_all()
    assert len(row.left_over) == 1
    again = fay.get(f"/plans/{row.public_id}/people/{who}?to=out").text
    assert '<option value="out"' not in again
    assert "Leave over" not in again


def test_another_facilitator_is_chosen_and_the_cost_is_seen_first(
    session: Session, cast: Cast, fay: FlaskClient, formed: Formed
) -> None:
    row = formed()
    gil = a_member(session, "Gil Leader", audience="facilitator")
    session.add(CohortFacilitator(cohort_id=row.cohort_id, member_id=gil.id, sets=1, slots=[]))
    session.commit()
    base = f"/plans/{row.public_id}"
    assert f"{base}/sets/2/facilitator" in fay.get(base).text
    page = fay.get(f"{base}/sets/2/facilitator").text
    assert "Leads 0 of the one set that they can hold." in page
    assert "Let Gil Leader lead it" in page
    assert "Let nobody lead it" in page
    assert "So it is now." in page
    data = {"set": "2", "facilitator": gil.public_id, "version": str(row.version)}
    assert fay.post(f"{base}/lead", data=data).location == f"{base}#set-2"
    assert "Gil Leader leads Set 2 now." in fay.get(base).text
    assert fay.post(f"{base}/lead", data=data).status_code == 409
    for number in ("0", "9", "99999999999999999999"):
        assert fay.get(f"{base}/sets/{number}/facilitator").status_code == 404


def test_who_is_left_over_has_a_panel_too(session: Session, fay: FlaskClient, formed: Formed) -> None:
    row = formed()
    who = keys(session, row)[0][0]
    fay.post(f"/plans/{row.public_id}/move", data={"member": who, "to": "out", "version": str(row.version)})
    page = fay.get(f"/plans/{row.public_id}/people/{who}")
    assert page.status_code == 200
    assert "Why they are left over" in page.text
    assert "Nothing is in the way of Set 1" in page.text


def test_a_move_is_made_undone_and_done_again(session: Session, fay: FlaskClient, formed: Formed) -> None:
    row = formed(16)
    one = keys(session, row)[0]
    base = f"/plans/{row.public_id}"
    moved = fay.post(f"{base}/move", data={"member": one[0], "to": "2", "version": str(row.version)})
    assert (moved.status_code, moved.location) == (303, f"{base}#set-2")
    assert re.search(r"Person\d\d Number moved from Set 1 to Set 2\.", fay.get(base).text)
    session.expire_all()
    assert one[0] in keys(session, row)[1]
    assert fay.post(f"{base}/step/undo", data={"version": str(row.version)}).status_code == 303
    assert "The last step is taken back." in fay.get(base).text
    session.expire_all()
    assert one[0] in keys(session, row)[0]
    assert fay.post(f"{base}/step/redo", data={"version": str(row.version)}).status_code == 303
    session.expire_all()
    assert one[0] in keys(session, row)[1]


def test_a_plan_edited_from_two_windows_is_shown_as_it_stands_and_not_overwritten(
    session: Session, fay: FlaskClient, formed: Formed
) -> None:
    row = formed(16)
    one = keys(session, row)[0]
    base, seen = f"/plans/{row.public_id}", str(row.version)
    fay.post(f"{base}/move", data={"member": one[0], "to": "2", "version": seen})
    session.expire_all()
    before = row.sets
    second = fay.post(f"{base}/move", data={"member": one[1], "to": "2", "version": seen})
    assert second.status_code == 409
    assert "Somebody else has changed this plan since you opened the page." in second.text
    assert "nothing was overwritten" in second.text
    assert 'id="studio"' in second.text
    assert second.headers["HX-Retarget"] == "#studio"
    session.expire_all()
    assert row.sets == before


@pytest.mark.parametrize(
    ("path", "typed", "status"),
    [
        ("move", {"to": "99"}, 404),
        ("move", {"to": "0"}, 404),
        ("move", {"to": ""}, 404),
        ("move", {"to": "x"}, 422),
        ("move", {"to": "2", "member": "nobody"}, 404),
        ("swap", {"other": "nobody"}, 404),
        ("lock", {"set": "99", "member": "", "on": "yes"}, 404),
        ("step/undo", {}, 409),
        ("step/redo", {}, 409),
        ("relax", {"way": "3"}, 409),
        ("move", {"to": "2", "version": ""}, 422),
        ("move", {"to": "2", "version": "99999999999"}, 422),
    ],
)
def test_what_is_not_there_is_said_and_nothing_is_lost(
    session: Session, fay: FlaskClient, formed: Formed, path: str, typed: dict[str, str], status: int
) -> None:
    row = formed()
    before = row.sets
    data = {"member": keys(session, row)[0][0], "version": str(row.version), **typed}
    answer = fay.post(f"/plans/{row.public_id}/{path}", data=data)
    assert answer.status_code == status
    session.expire_all()
    assert (row.sets, row.step) == (before, 0)


def test_locks_are_shown_and_hold(session: Session, fay: FlaskClient, formed: Formed) -> None:
    row = formed(16)
    who = keys(session, row)[0][0]
    base = f"/plans/{row.public_id}"
    fay.post(f"{base}/lock", data={"member": who, "on": "yes", "version": str(row.version)})
    page = fay.get(base).text
    assert 'aria-pressed="true"' in page
    session.expire_all()
    held = fay.post(f"{base}/move", data={"member": who, "to": "2", "version": str(row.version)})
    assert held.status_code == 409
    assert "Unlock them first." in held.text
    fay.post(f"{base}/lock", data={"set": "1", "on": "yes", "version": str(row.version)})
    session.expire_all()
    assert row.sets[0]["locked"]


def test_two_plans_are_compared(session: Session, fay: FlaskClient, formed: Formed) -> None:
    row = formed(16)
    one = keys(session, row)[0]
    improved = fay.post(f"/plans/{row.public_id}/improve", data={"version": str(row.version)})
    assert improved.status_code == 303
    other = improved.location.rsplit("/", 1)[-1]
    assert fay.get(f"/plans/{row.public_id}/compare/{row.public_id}").status_code == 422
    session.execute(
        update(CohortPlan)
        .where(CohortPlan.public_id == other)
        .values(state="ready", value=row.value, breaks=0, data_version=row.data_version)
    )
    session.commit()
    second = session.execute(select(CohortPlan).where(CohortPlan.public_id == other)).scalar_one()
    fay.post(f"/plans/{other}/move", data={"member": one[0], "to": "2", "version": str(second.version)})
    page = fay.get(f"/plans/{row.public_id}/compare/{other}").text
    assert "One of 16 people sits with others." in page
    assert "Who sits elsewhere" in page
    assert fay.get(f"/plans/{row.public_id}/compare/nothing").status_code == 404


def test_who_left_meanwhile_is_counted_and_the_plan_is_brought_up_to_date(
    session: Session, fay: FlaskClient, formed: Formed
) -> None:
    row = formed(12)
    gone = row.sets[0]["members"][0]
    session.get_one(Member, gone).standing = "left"
    session.execute(
        update(Application).where(Application.member_id == row.sets[0]["members"][1]).values(state="withdrawn")
    )
    session.commit()
    base = f"/plans/{row.public_id}"
    page = fay.get(base).text
    assert "2 people in this plan no longer apply." in page
    assert page.count("Somebody who no longer applies") == 2
    assert fay.post(f"{base}/step/refresh", data={"version": str(row.version)}).status_code == 303
    assert "no longer apply." not in fay.get(base).text


def test_a_plan_that_failed_says_why(session: Session, cast: Cast, fay: FlaskClient) -> None:
    cohort, _ = a_full_cohort(session, cast.fay)
    row = a_plan(
        session, cohort, [], state="failed", progress={"problem": "Nobody came %(when)s.", "values": {"when": "today"}}
    )
    assert "Nobody came today." in fay.get(f"/plans/{row.public_id}").text
    assert fay.post(f"/plans/{row.public_id}/aside", data={"version": row.version}).status_code == 303
    aside = fay.get(f"/plans/{row.public_id}").text
    assert "This plan could not be formed, and is set aside. Nobody came today." in aside
    assert "taken back" not in aside
    session.expire_all()
    row.state = "failed"
    session.commit()
    part = fay.get(f"/plans/{row.public_id}", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Refresh"]) == (204, "true")


def test_a_ready_plan_tells_the_page_that_waited_for_it(session: Session, fay: FlaskClient, formed: Formed) -> None:
    row = formed()
    part = fay.get(f"/plans/{row.public_id}", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Refresh"]) == (204, "true")


def test_somebody_is_found_by_name(session: Session, fay: FlaskClient, formed: Formed) -> None:
    row = formed()
    page = fay.get(f"/plans/{row.public_id}?q=person07").text
    assert "Found" in page
    assert "Nobody of that name" in fay.get(f"/plans/{row.public_id}?q=zebra").text


def test_a_large_plan_comes_in_pages(session: Session, fay: FlaskClient, formed: Formed) -> None:
    row = formed(64)
    assert len(row.sets) >= 8
    session.execute(
        update(CohortPlan).values(
            sets=[
                {"members": [member], "facilitator": None, "locked": False}
                for one in row.sets
                for member in one["members"]
            ]
        )
    )
    session.commit()
    first = fay.get(f"/plans/{row.public_id}").text
    assert first.count('class="set"') == 12
    assert "?sets=12" in first
    second = fay.get(f"/plans/{row.public_id}?sets=12").text
    assert 'id="set-13"' in second
    assert fay.get(f"/plans/{row.public_id}?sets=9999").status_code == 200


def test_ways_out_are_said_and_taken(session: Session, cast: Cast, fay: FlaskClient, formed: Formed) -> None:
    cohort, members = a_full_cohort(session, cast.fay, 10)
    home = session.get_one(Member, cast.ada).organisation_id
    session.execute(update(Member).where(Member.id.in_(members[:5])).values(organisation_id=home))
    session.commit()
    answer = fay.post(f"/cohorts/{cohort.public_id}/plans", data={"count": "1", "sets": "2"})
    from haln.learn.plan_work import form_next

    studio = fay.application.extensions["haln_studio"]
    form_next(session, studio, "worker", a_bench(session))
    page = fay.get(answer.location).text
    assert "What stands in the way" in page
    assert "Leeds Teaching Hospitals NHS Trust" in page
    assert "per organisation" in page
    way = re.search(r'name="way" value="(\d)"', page)
    version = re.search(r'name="version" value="(\d+)"', page)
    assert way
    assert version
    taken = fay.post(f"{answer.location}/relax", data={"way": way[1], "version": version[1]})
    assert taken.status_code == 303
    form_next(session, studio, "worker", a_bench(session))
    session.expire_all()
    again = session.execute(select(CohortPlan).where(CohortPlan.number == 2)).scalar_one()
    assert again.breaks == 0
    assert again.rules == session.get_one(Cohort, cohort.id).rules
    assert fay.post(f"{answer.location}/relax", data={"way": way[1], "version": version[1]}).status_code == 409


def test_others_do_not_learn_that_a_plan_is_there(
    session: Session, cast: Cast, signed_in: SignIn, formed: Formed
) -> None:
    row = formed()
    other = signed_in(a_member(session, "Gil Other", audience="facilitator").id)
    who = keys(session, row)[0][0]
    for path in ("", f"/people/{who}", f"/compare/{row.public_id}", "/sets/1/facilitator"):
        assert other.get(f"/plans/{row.public_id}{path}").status_code == 404
    data = {"member": who, "to": "2", "set": "1", "version": str(row.version)}
    for path in ("move", "swap", "lead", "lock", "stop", "aside", "improve", "relax", "step/undo"):
        assert other.post(f"/plans/{row.public_id}/{path}", data=data).status_code == 404
    assert signed_in(cast.sol).get(f"/plans/{row.public_id}").status_code == 200


def test_pages_for_staff_are_the_same_whoever_is_kept_apart(
    app: Flask, session: Session, cast: Cast, formed: Formed, signed_in: SignIn
) -> None:
    rules = rows_of((Rule(Kind.SIZE, Strength.MUST, 4, 5), Rule(Kind.APART, Strength.MUST)))
    row = formed(12, rules=rules)
    cohort = session.get_one(Cohort, row.cohort_id)
    twin = a_plan(session, cohort, [one["members"] for one in row.sets], rules=rules, number=2, created_at=NOW)
    (one, other, *_), (third, *_) = keys(session, row)[:2]
    here = f"/plans/{row.public_id}"
    pages = (
        here,
        f"{here}/people/{one}",
        f"{here}/people/{one}?to=2",
        f"{here}/sets/1/facilitator",
        f"{here}/compare/{twin.public_id}",
        f"/cohorts/{cohort.public_id}/plans",
        f"{here}/publish",
    )
    ids = {member.public_id: member.id for member in session.scalars(select(Member))}
    sol, studio = signed_in(cast.sol), Studio(load())

    def shown(*pairs: tuple[str, str]) -> list[str]:
        session.execute(delete(CohortPair))
        for pair in pairs:
            low, high = sorted(ids[key] for key in pair)
            session.add(
                CohortPair(cohort_id=cohort.id, low_id=low, high_id=high, kind="apart", by_id=low, created_at=NOW)
            )
        session.flush()
        for plan in (row, twin):
            plan.progress = studio.reports(studio.prepared(session, cohort, plan), plan, plan_of(plan))
            plan.breaks, plan.value = plan.progress["report"]["breaks"], plan.progress["report"]["value"]
        session.commit()
        return [re.sub(r'csrf.token" (value|content)="[^"]+"', "", sol.get(page).text) for page in pages]

    before = shown()
    assert shown((one, other)) == before
    assert row.breaks == 1
    assert shown((one, third), (other, third)) == before
    for page in before[:-1]:
        assert page.count("are not counted here") == 1
