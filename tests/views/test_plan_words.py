"""Everything that the engine can say of a plan has a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast, get_args

import pytest
from flask import Flask

from haln.learn.plan_comparing import Comparison, Rank
from haln.learn.plan_people import Placed
from haln.learn.plan_reading import StudioPage
from haln.matching.certificates import Finding
from haln.matching.left_over import Cause
from haln.matching.levers import Lever
from haln.matching.problem import PAIR_KINDS
from haln.matching.rules import BY_DEGREES, Kind, Rule, Strength
from haln.views import advice_words, plan_pages, plan_words, set_words

PEOPLE = {
    number: Placed(number, f"key{number}", name, None, None, None, "Leeds City Council", None, None, "", 0)
    for number, name in ((1, "Ada"), (2, "Ben"), (3, "Cai"), (4, "Dee"), (5, "Fay"))
}
FIGURES = dict.fromkeys(
    ("people", "least", "most", "number", "room", "shared", "fewer", "more", "needed_number", "organisation"), 2
) | {"needed_sets": 5, "sets": 4}
RULES = (Rule(Kind.PER_ORGANISATION, Strength.MUST, 1), Rule(Kind.TOGETHER, Strength.MUST))


def said(finding: Finding, members: Sequence[int] = (1, 2, 3, 4, 5), **figures: int) -> str:
    one = {"finding": finding.value, "members": members, "figures": FIGURES | figures, "slots": [], "rules": []}
    return advice_words.certificate(one, PEOPLE)


@pytest.mark.parametrize("finding", Finding)
def test_every_proof_has_a_sentence(app: Flask, finding: Finding) -> None:
    with app.test_request_context():
        assert said(finding).endswith(".")


def test_five_people_of_one_organisation_and_four_sets(app: Flask) -> None:
    with app.test_request_context():
        assert said(Finding.ORGANISATION, people=5) == (
            "Keeping the 5 people from Leeds City Council apart needs 5 sets; you have 4 sets."
        )


def test_of_two_who_cannot_sit_together_it_is_said_of_the_two(app: Flask) -> None:
    with app.test_request_context():
        assert said(Finding.ALL_APART, people=2, members=(1, 2), needed_sets=2, sets=1) == (
            "Ada and Ben cannot sit together: that needs 2 sets, and you have one set."
        )
        assert said(Finding.ALL_APART, people=3).startswith("No two of")


@pytest.mark.parametrize("lever", Lever)
def test_every_way_out_has_a_sentence(app: Flask, lever: Lever) -> None:
    page = cast(StudioPage, SimpleNamespace(rules=RULES, people=PEOPLE))
    rule = 1 if lever is Lever.DROP else 0
    change = {"lever": lever.value, "rule": rule, "before": 1, "after": 2, "members": [1, 2]}
    with app.test_request_context():
        sentence = advice_words.way([change], page)
    assert sentence[0].isupper()
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("left_over", "breaks", "levers", "sentence"),
    [
        ([1], 0, ["leave_out"], "This plan does so."),
        ([2], 0, ["leave_out"], "This plan leaves no more people over than that."),
        ([1, 2], 0, ["leave_out"], ""),
        ([1], 2, ["leave_out"], ""),
        ([1], 0, ["leave_out", "number"], ""),
    ],
)
def test_of_a_way_out_that_but_leaves_people_over_it_is_said_whether_the_plan_does_so(
    app: Flask, left_over: list[int], breaks: int, levers: list[str], sentence: str
) -> None:
    row = SimpleNamespace(left_over=left_over)
    page = cast(
        StudioPage,
        SimpleNamespace(
            rules=RULES,
            people=PEOPLE,
            row=row,
            breaks=breaks,
            takeable=[False],
            advice={
                "possible": False,
                "proved": True,
                "core": [],
                "certificates": [],
                "ways": [{"changes": [changing(lever) for lever in levers], "proved": True}],
            },
        ),
    )
    with app.test_request_context():
        found = advice_words.advice(page)
    assert found is not None
    (way,) = found.ways
    assert way.number is None
    assert way.sentence.endswith(sentence or ".")
    assert ("This plan" in way.sentence) is bool(sentence)


def changing(lever: str) -> dict[str, Any]:
    members = [1] if lever == "leave_out" else []
    return {"lever": lever, "rule": 0, "before": 1, "after": 2, "members": members}


@pytest.mark.parametrize(
    ("seen", "said"), [(True, "Something cheaper than this"), (False, "not proved: form the plan")]
)
def test_it_is_said_when_a_way_out_is_not_known_to_do(app: Flask, seen: bool, said: str) -> None:
    change = {"lever": "sets", "rule": None, "before": 4, "after": 5, "members": []}
    kept = {"possible": False, "proved": False, "core": [], "certificates": []}
    kept["ways"] = [{"changes": [change], "proved": False, "seen": seen}]
    row = SimpleNamespace(left_over=[1], breaks=0)
    facts = {"rules": RULES, "people": PEOPLE, "takeable": [True], "row": row, "breaks": 0}
    with app.test_request_context():
        found = advice_words.advice(cast(StudioPage, SimpleNamespace(advice=kept, **facts)))
        untold = advice_words.advice(cast(StudioPage, SimpleNamespace(advice=kept | {"untold": True}, **facts)))
    assert found and untold
    assert said in found.note
    assert (untold.note, untold.reasons[0][:42]) == ("", "A rule in confidence may stand in the way.")


@pytest.mark.parametrize("why", get_args(Cause))
def test_every_reason_to_be_left_over_has_a_sentence(app: Flask, why: str) -> None:
    with app.test_request_context():
        assert set_words.left_over({"why": why, "rules": [0], "sets": [0, 1, 2, 3, 4]}, RULES).endswith(".")


@pytest.mark.parametrize("kind", sorted(PAIR_KINDS))
def test_every_point_for_or_against_a_place_is_told(app: Flask, kind: Kind) -> None:
    rule = SimpleNamespace(of="sector" if kind is Kind.SPREAD else None)
    for number in (0, 1, 3, 6):
        point: dict[str, Any] = {"kind": kind.value, "rule": 0, "number": number, "of": 6, "members": [], "themes": []}
        with app.test_request_context():
            assert all(set_words.hurts([point], [rule], PEOPLE))
            assert set_words.helps([point], [rule], PEOPLE) or kind is Kind.NOT_AGAIN


@pytest.mark.parametrize(
    ("value", "bound", "sentence"),
    [
        (None, 0.5, ""),
        (0.5, None, ""),
        (0.5, 0.5, "It is proved that no plan is better."),
        (0.498, 0.5, "It is proved that no plan is more than 0.4 per cent better."),
        (0.49999, 0.5, "It is proved that no plan is more than 0.1 per cent better."),
    ],
)
def test_what_is_proved_is_said_and_never_less_than_there_is(
    app: Flask, value: float | None, bound: float | None, sentence: str
) -> None:
    with app.test_request_context():
        assert plan_words.proof(value, bound, 0, 0) == sentence


@pytest.mark.parametrize(("breaks", "left"), [(1, 0), (0, 1), (2, 3)])
def test_nothing_is_said_to_be_proved_of_a_plan_that_breaks_a_must_or_leaves_people_over(
    app: Flask, breaks: int, left: int
) -> None:
    with app.test_request_context():
        assert plan_words.proof(0.6, 0.5, breaks, left) == ""


def test_of_a_plan_without_a_set_nothing_is_said_to_be_kept(app: Flask) -> None:
    with app.test_request_context():
        assert plan_words.musts(0, 0) == ""
        assert plan_words.musts(0, 2) == "Every must is kept."


def test_of_two_plans_the_one_that_leaves_fewer_over_is_better_whatever_its_value(app: Flask) -> None:
    def compared(one: Rank, other: Rank) -> str:
        rows = [SimpleNamespace(number=number, data_version="same") for number in (1, 2)]
        found = SimpleNamespace(one=rows[0], other=rows[1], same_rules=True, ranks=(one, other))
        return plan_words.better(cast(Comparison, found))

    with app.test_request_context():
        assert "Plan 2" in compared((0, 4, -0.7), (0, 0, -0.6))
        assert "Plan 1" in compared((0, 4, -0.5), (1, 0, -0.6))
        assert "Plan 1" in compared((0, 0, -0.7), (0, 0, -0.6))
        assert "worth the same" in compared((0, 4, -0.7), (0, 4, -0.7001))


def test_no_similarity_is_shown_as_a_percentage(app: Flask) -> None:
    with app.test_request_context():
        for share in (-1.0, -0.2, 0.0, 0.3):
            assert "%" not in plan_words.cost(1, share, 0)[1]


def test_in_how_many_places_musts_are_broken_is_told_where_it_may_be(app: Flask) -> None:
    with app.test_request_context():
        assert plan_words.musts(3, 2) == "Musts are broken in 3 places."
        assert plan_words.musts(None, 2) == ""
        said = {"broken": None, "kept": False, "share": 0.4}
        for must in (True, False):
            assert plan_words.kept(said, must) == ("untold", "In confidence")


@pytest.mark.parametrize("kind", sorted(BY_DEGREES))
@pytest.mark.parametrize(
    ("share", "state", "words"),
    [
        (0.13, "partly", "Hardly met"),
        (0.5, "partly", "Partly met"),
        (0.8, "kept", "Largely met"),
        (1.0, "kept", "Kept"),
    ],
)
def test_a_rule_met_by_degrees_is_worded_by_how_well_it_is_met_though_it_serves_nobody_wholly_ill(
    app: Flask, kind: Kind, share: float, state: str, words: str
) -> None:
    rule = Rule(kind, Strength.STRONGLY, of="sector" if kind is Kind.SPREAD else None)
    with app.test_request_context():
        for broken in (0, 2):
            said = {"broken": broken, "kept": not broken, "share": share, "breaks": []}
            line = plan_pages.rule_line("plan", rule, said, PEOPLE)
            assert (line.state, line.said) == (state, words)


def test_a_rule_that_counts_is_kept_or_is_not(app: Flask) -> None:
    said = {"broken": 0, "kept": True, "share": 2 / 3, "breaks": []}
    with app.test_request_context():
        for strength, broken in ((Strength.MUST, "broken"), (Strength.STRONGLY, "partly")):
            rule = Rule(Kind.SLOTS, strength, 1)
            line = plan_pages.rule_line("plan", rule, said, PEOPLE)
            assert (line.state, line.said) == ("kept", "Kept")
            assert plan_pages.rule_line("plan", rule, {**said, "broken": 2, "kept": False}, PEOPLE).state == broken
