"""Sums in stages: no difference of two sums tells of few people."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network import stages

THRESHOLD = 7
GIVEN = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 25), st.integers(1, 10**6)), max_size=120)


@settings(deadline=None)
@given(GIVEN, st.integers(0, 41), st.integers(0, 41))
def test_the_difference_of_two_days_is_nothing_or_amounts_of_many_people(
    given_: list[stages.Given], one: int, other: int
) -> None:
    found = stages.stages(given_, THRESHOLD)
    first, last = sorted((one, other))
    change = stages.total(found, last) - stages.total(found, first)
    if change == 0:
        return
    ends = [0, *(stage.day for stage in found)]
    start = max((day for day in ends[1:] if day <= first), default=-1)
    until = max(day for day in ends if day <= last)
    between = [row for row in given_ if start < row[0] <= until]
    assert change == sum(amount for *_, amount in between)
    assert len({person for _, person, _ in between}) > THRESHOLD


@settings(deadline=None)
@given(GIVEN)
def test_sums_never_fall_and_never_tell_more_than_there_is(given_: list[stages.Given]) -> None:
    found = stages.stages(given_, THRESHOLD)
    told = [stages.total(found, day) for day in range(42)]
    assert told == sorted(told)
    for day, total in enumerate(told):
        assert total <= sum(amount for on, _, amount in given_ if on <= day)
    assert stages.stages(reversed(given_), THRESHOLD) == found


def test_a_stage_ends_with_the_day_on_which_enough_people_wait() -> None:
    given_ = [(day, person, 100) for day, person in enumerate(range(8))] + [(7, 9, 5), (8, 1, 1)]
    assert stages.stages(given_, THRESHOLD) == [stages.Stage(7, 805)]
    assert [stages.total(stages.stages(given_, THRESHOLD), day) for day in (6, 7, 99)] == [0, 805, 805]
    assert stages.stages([(day, 1, 100) for day in range(50)], THRESHOLD) == []  # one person, often


def test_sums_are_told_with_two_digits() -> None:
    assert [stages.about(one) for one in (0, 7, 99, 104, 105, 12_345, 995_000)] == [
        0,
        7,
        99,
        100,
        110,
        12_000,
        1_000_000,
    ]
