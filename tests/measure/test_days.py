"""Figures of one day after the other are those that each day has by itself, to the last digit."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.measure import figures
from haln.measure.questions import Question
from haln.network import changes
from haln.network import days as network_days
from haln.network.versions import MemberVersions, TieVersions, Versions

START = date(2026, 1, 1)
LAST = 9
PLAIN = tuple(key for family in figures.FAMILIES if not family.costly for key in family.keys)
SAID = st.lists(st.tuples(st.integers(0, LAST), st.integers(0, 2)), min_size=1, max_size=4)
QUESTIONS = st.sampled_from(
    [{}, {"then": True}, {"with_hosts": False}, {"sector": "nhs"}, {"evidence": "met"}, {"known_on": 4}]
)


@st.composite
def said(draw: st.DrawFn) -> Versions:
    """What was said of a few members and ties: that they are there or hold, in changing groups, or are not."""
    many = draw(st.integers(1, 7))
    members = [(number, *one) for number in range(many) for one in draw(SAID)]
    pairs = [(one, other) for one in range(many) for other in range(one)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    ties = [(number, *pair, *one) for number, pair in enumerate(chosen) for one in draw(SAID)]
    who, since, state = ([row[at] for row in members] for at in range(3))
    tie, one, other, tied, holds = ([row[at] for row in ties] for at in range(5))
    days, tied_days = ([START.toordinal() + day for day in some] for some in (since, tied))
    groups = {
        "sector": [("nhs", "council", None)[each] for each in state],
        "region": [("E1", None, "E2")[each] for each in state],
        "organisation": [str(each % 2) for each in who],
        "audience": [("member", "staff", "member")[each] for each in state],
    }
    return Versions(
        MemberVersions.of(who, days, days, [each < 2 for each in state], groups),
        TieVersions.of(
            tie, one, other, tied_days, tied_days, [each < 2 for each in holds], ["met"] * len(tie), [1] * len(tie)
        ),
    )


@settings(deadline=None)
@given(said(), QUESTIONS, st.lists(st.integers(0, LAST + 3), min_size=2, max_size=8))
def test_a_day_after_another_has_the_figures_it_has_alone(
    told: Versions, given_: dict[str, object], asked: list[int]
) -> None:
    if "known_on" in given_:
        given_ = {"known_on": START + timedelta(days=4)}
    question = Question(START + timedelta(days=LAST + 3), months=0, **given_)  # type: ignore[arg-type]
    days = figures.Days(told, question, PLAIN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "FEW", 0)
        for number in asked:
            day = START + timedelta(days=number)
            assert list(days.on(day)) == list(figures.Days(told, question, PLAIN).on(day))


@settings(deadline=None, max_examples=5)
@given(said(), st.lists(st.integers(0, LAST + 3), min_size=2, max_size=4).map(sorted))
def test_so_has_what_chance_makes_of_it(told: Versions, asked: list[int]) -> None:
    question = Question(START + timedelta(days=LAST + 3), months=0)
    days = figures.Days(told, question)
    for number in asked:
        day = START + timedelta(days=number)
        assert list(days.on(day)) == list(figures.Days(told, question).on(day))


def test_nothing_is_worked_out_again_where_nothing_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    day = START.toordinal()
    told = Versions(
        MemberVersions.of(
            [0, 1], [day] * 2, [day] * 2, [True] * 2, {"organisation": [None] * 2, "audience": [None] * 2}
        ),
        TieVersions.of([0], [0], [1], [day], [day], [True], ["met"], [1]),
    )
    days = figures.Days(told, Question(START + timedelta(days=400), months=0), PLAIN)
    first = list(days.on(START))
    monkeypatch.setattr(network_days, "snapshot", None)
    later = {one.measure: one.value for one in days.on(START + timedelta(days=400))}
    changed = {one.measure for one in first if later[one.measure] != one.value}
    assert changed == {"joins"}, "what rests on the day itself is asked again"
