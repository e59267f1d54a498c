"""What applicants say in confidence, and whom they know: told to those it is for, and to nobody by a plan."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from haln.errors import Conflict, NotFound, NotPermitted
from haln.learn import (
    applicant_changes,
    applicant_export,
    applicant_imports,
    applicants,
    cohort_facilitators,
    leading,
    pairs,
    plan_advice,
    plan_comparing,
    plan_leading,
    plan_moves,
    plan_reading,
    publishing,
    set_members,
)
from haln.learn.applications import Answers
from haln.learn.rule_rows import rows_of
from haln.matching.rules import Kind, Rule, Strength
from haln.models import Application, AuditRecord, Cohort, CohortPair, CohortPlan, Connection
from haln.people.imports.planning import Outcome
from haln.taxonomy.vocabulary import load
from tests.builders import NOW, Cast, a_member, an_actor
from tests.cohort_builders import a_cohort, a_learning_set, a_plan, an_application
from tests.learn.plan_builders import a_studio
from tests.learn.sets import LONDON, WORDS, key

VOCABULARY = load()


def apart(session: Session, row: Cohort, one: int, other: int, kind: str = "apart", by: int | None = None) -> None:
    low, high = sorted((one, other))
    session.add(
        CohortPair(cohort_id=row.id, low_id=low, high_id=high, kind=kind, by_id=by or one, created_at=row.created_at)
    )
    session.flush()


@pytest.fixture
def cohort(session: Session, cast: Cast) -> Cohort:
    """Led by Fay: Ada needs a ramp and would rather not sit with Ben; Cai and Dee stay together."""
    row = a_cohort(session, cast.fay)
    an_application(session, row.id, cast.ada, access_needs="A ramp")
    for member in (cast.ben, cast.cai):
        an_application(session, row.id, member)
    an_application(session, row.id, cast.dee, source="import", access_needs="Captions")
    apart(session, row, cast.ada, cast.ben)
    apart(session, row, cast.cai, cast.dee, "together", cast.fay)
    return row


def test_staff_read_what_was_said_in_confidence_once_they_are_added_to_the_facilitators(
    session: Session, cast: Cast, cohort: Cohort
) -> None:
    sol = an_actor(session, cast.sol)
    ada = session.scalars(select(Application.public_id).where(Application.member_id == cast.ada)).one()

    def read() -> tuple[object, ...]:
        _row, found = applicants.listing(session, sol, cohort.public_id)
        _row, one, _slots = applicants.one(session, sol, cohort.public_id, ada)
        entered = applicants.entered(session, sol, cohort.public_id, cast.dee)
        assert entered is not None
        _row, lines, total = pairs.listing(session, sol, cohort.public_id)
        of_ada = pairs.of_applicant(session, sol, cohort.id, cast.ada)
        file = applicant_export.export(session, sol, cohort.public_id, lambda _, code: code or "", str, NOW).decode()
        return (
            sorted((line.access_needs, line.pairs) for line in found.rows),
            one.access_needs,
            entered.access_needs,
            sorted(line.kind for line in lines),
            total,
            len(of_ada),
            "A ramp" in file and "access needs" in file and "apart" in file,
        )

    assert read() == ([("", 0), ("", 0), ("", 1), ("", 1)], "", "", ["together"], 1, 0, False)
    assert pairs.listing(session, sol, cohort.public_id, "apart")[2] == 0
    cohort_facilitators.add(session, sol, cohort.public_id, cohort.version, sol.public_id, NOW)
    assert read() == (
        [("", 1), ("", 1), ("A ramp", 1), ("Captions", 1)],
        "A ramp",
        "Captions",
        ["apart", "together"],
        2,
        1,
        True,
    )


def test_pairs_are_noted_and_taken_away_by_the_facilitators_only(session: Session, cast: Cast, cohort: Cohort) -> None:
    sol, key_of = an_actor(session, cast.sol), {one: an_actor(session, one).public_id for one in (cast.ada, cast.ben)}
    with pytest.raises(NotPermitted):
        pairs.add(session, sol, cohort.public_id, "together", key_of[cast.ada], key_of[cast.ben], NOW)
    with pytest.raises(NotPermitted):
        keys = (key_of[cast.ada], key_of[cast.ben], key_of[cast.ada])
        pairs.remove(session, sol, cohort.public_id, "apart", *keys, NOW)


def test_what_staff_enter_leaves_alone_what_they_do_not_read(session: Session, cast: Cast, cohort: Cohort) -> None:
    sol, dee = an_actor(session, cast.sol), an_actor(session, cast.dee).public_id
    applicant_changes.put(session, sol, cohort.public_id, dee, Answers(live_issue="Food"), VOCABULARY, NOW)
    row = session.scalars(select(Application).where(Application.member_id == cast.dee)).one()
    assert (row.live_issue, row.access_needs) == ("Food", "Captions")


def test_a_file_of_staff_says_nothing_in_confidence(session: Session, cast: Cast, cohort: Cohort) -> None:
    sol = an_actor(session, cast.sol)
    content = (
        b"email,apart,access_needs\ncai.morgan@example.org,,A ramp\nben.whitfield@example.org,ada.okafor@example.org,\n"
    )
    made = applicant_imports.keep(session, sol, cohort.public_id, "a.csv", content, VOCABULARY, LONDON, NOW)
    shown = applicant_imports.preview(session, sol, cohort.public_id, made, VOCABULARY, LONDON, NOW)
    assert [row.outcome for row in shown.plan.rows] == [Outcome.REFUSED, Outcome.REFUSED]
    assert "Only the facilitators" in shown.plan.rows[0].reasons[0].text


def test_who_is_taken_out_of_the_facilitators_no_longer_leads_not_even_the_opener(
    session: Session, cast: Cast, cohort: Cohort
) -> None:
    fay, sol = an_actor(session, cast.fay), an_actor(session, cast.sol)
    cohort_facilitators.add(session, fay, cohort.public_id, cohort.version, sol.public_id, NOW)
    cohort_facilitators.remove(session, fay, cohort.public_id, cohort.version, fay.public_id, NOW)
    with pytest.raises(NotFound):
        leading.led_cohort(session, fay, cohort.public_id)


def test_who_looks_on_at_a_set_is_not_told_who_is_kept_from_whom(session: Session, cast: Cast, cohort: Cohort) -> None:
    row = a_learning_set(session, [cast.ada, cast.cai, cast.dee], cohort_id=cohort.id)
    ben = an_actor(session, cast.ben).public_id
    for actor, told in ((cast.sol, False), (cast.fay, True)):
        found = set_members.coming(session, an_actor(session, actor), key(row), ben, WORDS)
        assert found.told is told
        assert found.refused


def judged(session: Session, row: CohortPlan) -> None:
    """Put down what is said of a plan, as the worker does."""
    from haln.learn.plan_rows import plan_of

    studio = a_studio()
    prepared = studio.prepared(session, session.get_one(Cohort, row.cohort_id), row)
    row.progress = studio.reports(prepared, row, plan_of(row))
    row.breaks, row.value = row.progress["report"]["breaks"], row.progress["report"]["value"]
    session.flush()


RULES = rows_of(
    (
        Rule(Kind.SIZE, Strength.MUST, 4, 5),
        Rule(Kind.APART, Strength.STRONGLY),
        Rule(Kind.NEW_TIES, Strength.STRONGLY),
    )
)


@pytest.fixture
def plan(session: Session, cast: Cast, cohort: Cohort) -> CohortPlan:
    """Ada and Ben, who are kept apart and connected, sit together."""
    others = [a_member(session, f"Eli Number{number}").id for number in range(4)]
    for member in others:
        an_application(session, cohort.id, member)
    low, high = sorted((cast.ada, cast.ben))
    session.add(Connection(low_id=low, high_id=high, evidence="met", since=NOW))
    sets = [[cast.ada, cast.ben, cast.cai, others[0]], [cast.dee, *others[1:]]]
    row = a_plan(session, cohort, sets, rules=RULES)
    judged(session, row)
    return row


def test_nobody_learns_from_a_plan_who_is_connected_and_staff_not_who_is_kept_apart(
    session: Session, cast: Cast, plan: CohortPlan
) -> None:
    both = sorted((cast.ada, cast.ben))
    for actor, named in ((cast.fay, [both]), (cast.sol, [])):
        page = plan_reading.studio(session, an_actor(session, actor), plan.public_id)
        kept_apart, ties = page.report["rules"][1], page.report["rules"][2]
        assert [one["members"] for one in kept_apart["breaks"]] == named
        assert [(one["set"], one["members"], one["number"]) for one in ties["breaks"]] == [(0, [], 1)]
        for said in page.report["members"].values():
            assert "new_ties" not in [point["kind"] for side in ("helps", "hurts") for point in said[side]]


def test_a_report_of_earlier_times_names_no_ties_either(session: Session, cast: Cast, plan: CohortPlan) -> None:
    report = dict(plan.progress["report"])
    old = {"set": 0, "members": [cast.ada, cast.ben], "number": 1, "facilitator": None}
    report["rules"] = [*report["rules"][:2], {**report["rules"][2], "breaks": [old]}]
    plan.progress = {"report": report}
    session.flush()
    page = plan_reading.studio(session, an_actor(session, cast.fay), plan.public_id)
    assert page.report["rules"][2]["breaks"][0]["members"] == []


def test_the_panel_of_a_person_and_the_costs_of_moves_tell_no_ties(
    session: Session, cast: Cast, plan: CohortPlan
) -> None:
    ada = an_actor(session, cast.ada).public_id
    for actor, untold in ((cast.fay, {2}), (cast.sol, {1, 2})):
        panel = plan_moves.panel(session, a_studio(), an_actor(session, actor), plan.public_id, ada, 1)
        assert panel.moves
        for cost in (*panel.moves, *panel.swaps):
            assert not untold & {*cost.helped, *cost.harmed}
        assert "new_ties" not in [point["kind"] for side in ("helps", "hurts") for point in panel.said[side]]


def test_a_comparison_tells_no_ties(session: Session, cast: Cast, cohort: Cohort, plan: CohortPlan) -> None:
    other = a_plan(session, cohort, [one["members"] for one in plan.sets], rules=RULES, number=2)
    found = plan_comparing.compare(session, an_actor(session, cast.sol), plan.public_id, other.public_id)
    assert [one["members"] for rule in found.reports[0]["rules"][1:] for one in rule["breaks"]] == [[]]


def test_what_stands_in_the_way_says_nothing_of_who_is_kept_apart_and_staff_take_no_pair_away(
    session: Session, cast: Cast, plan: CohortPlan
) -> None:
    pair = sorted((cast.ada, cast.ben))
    change = {"lever": "drop", "rule": 1, "before": None, "after": None, "members": pair}
    proof = {"finding": "all_apart", "rules": [1], "members": pair, "figures": {}, "slots": []}
    advice = {"possible": False, "proved": True, "core": [1], "certificates": [proof], "ways": [{"changes": [change]}]}
    plan.progress = {**plan.progress, "advice": advice}
    session.flush()
    page = plan_reading.studio(session, an_actor(session, cast.fay), plan.public_id)
    assert page.advice == {**advice, "untold": False} and page.takeable == [True]
    page = plan_reading.studio(session, an_actor(session, cast.sol), plan.public_id)
    assert page.advice is None and page.takeable == []
    with pytest.raises(Conflict):
        plan_advice.take(session, an_actor(session, cast.sol), plan.public_id, plan.version, 0, NOW)


def test_who_is_not_trusted_is_told_what_stands_in_the_way_of_the_other_rules(
    session: Session, cast: Cast, plan: CohortPlan
) -> None:
    none = {"possible": True, "proved": False, "core": [], "certificates": [], "ways": []}
    plan.progress = {**plan.progress, "counted": {**plan.progress["counted"], "advice": none}}
    session.flush()
    page = plan_reading.studio(session, an_actor(session, cast.sol), plan.public_id)
    assert page.advice == {**none, "untold": True}


@pytest.mark.parametrize("strength", [Strength.MUST, Strength.STRONGLY])
def test_for_who_is_not_trusted_nothing_changes_with_who_is_kept_apart(
    session: Session, cast: Cast, cohort: Cohort, plan: CohortPlan, strength: Strength
) -> None:
    plan.rules = rows_of((Rule(Kind.SIZE, Strength.MUST, 4, 5), Rule(Kind.APART, strength)))
    plan.left_over = [plan.sets[1]["members"][-1]]
    plan.sets = [plan.sets[0], {**plan.sets[1], "members": plan.sets[1]["members"][:-1]}]
    ada = an_actor(session, cast.ada).public_id

    def told(who: int) -> list[object]:
        actor, studio = an_actor(session, who), a_studio()
        page = plan_reading.studio(session, actor, plan.public_id)
        panels = [plan_moves.panel(session, studio, actor, plan.public_id, ada, to) for to in (None, 1)]
        leading = plan_leading.panel(session, studio, actor, plan.public_id, 0)
        return [
            (page.report, page.breaks, page.advice, page.counted),
            [(one.public_id, one.breaks) for one in page.tabs],
            [(one.moves, one.swaps, one.said, one.left_over, one.counted) for one in panels],
            (leading.costs, leading.counted),
            publishing.prospect(session, actor, studio, plan.public_id).broken,
        ]

    judged(session, plan)
    before, before_trusted = told(cast.sol), told(cast.fay)
    session.execute(delete(CohortPair).where(CohortPair.kind == "apart"))
    for other in (cast.cai, cast.dee):
        apart(session, cohort, cast.ada, other)
    judged(session, plan)
    assert told(cast.sol) == before and told(cast.fay) != before_trusted
    session.execute(delete(CohortPair).where(CohortPair.kind == "apart"))
    session.flush()
    judged(session, plan)
    assert told(cast.sol) == before


def test_of_a_plan_that_was_judged_before_rules_in_confidence_were_left_out_nothing_is_told(
    session: Session, cast: Cast, plan: CohortPlan
) -> None:
    plan.progress = {"report": plan.progress["report"]}
    session.flush()
    page = plan_reading.studio(session, an_actor(session, cast.sol), plan.public_id)
    assert (page.report, page.breaks, page.tabs[0].breaks, page.tabs[0].formed) == ({}, None, None, True)
    assert plan_reading.studio(session, an_actor(session, cast.fay), plan.public_id).report


def test_the_record_of_who_joins_a_set_says_nothing_of_who_is_kept_apart(
    session: Session, cast: Cast, cohort: Cohort
) -> None:
    row = a_learning_set(session, [cast.ada, cast.cai, cast.dee], cohort_id=cohort.id)
    cohort.rules = rows_of((Rule(Kind.SIZE, Strength.MUST, 4, 6), Rule(Kind.APART, Strength.STRONGLY)))
    session.flush()
    ben = an_actor(session, cast.ben).public_id
    set_members.add(session, an_actor(session, cast.fay), key(row), ben, WORDS, NOW)
    record = session.scalars(select(AuditRecord).where(AuditRecord.action == "join_set")).one()
    assert record.detail == {"set": row.id, "broken": []}
