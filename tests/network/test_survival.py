"""How long until something happens, where some still wait: as the product limit has it, and as was published.

Published: the remission of 21 children on 6-mercaptopurine and of 21 on placebo (Freireich et al. 1963), whose estimate
and standard errors stand in Kalbfleisch and Prentice (1980) and most textbooks since.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network.survival import Curve, Estimate, Median, estimate

TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"

Person = tuple[int, bool]
PEOPLE = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=30)


def of(people: Sequence[Person]) -> Curve:
    return estimate(np.array([day for day, _ in people], np.int32), np.array([so for _, so in people], np.bool_))


def written(times: str) -> list[Person]:
    return [(int(time.removesuffix("+")), not time.endswith("+")) for time in times.split()]


def product_limit(people: Sequence[Person], day: int) -> Fraction:
    """Of those who waited until each day, the share who waited on; multiplied."""
    share = Fraction(1)
    for time in sorted({one for one, so in people if so and one <= day}):
        there = sum(one >= time for one, _ in people)
        share *= 1 - Fraction(people.count((time, True)), there)
    return share


@settings(deadline=None)
@given(PEOPLE)
def test_the_curve_is_the_product_limit(people: list[Person]) -> None:
    curve = of(people)
    longest = max((day for day, _ in people), default=-1)
    for day in range(14):
        expected, found = product_limit(people, day), curve.at(day)
        if not people or (day > longest and expected):
            assert found is None
        else:
            assert found is not None and found.value == pytest.approx(float(expected))
            assert 0 <= found.low <= found.value + 1e-12 and found.value <= found.high + 1e-12 <= 1 + 2e-12
    halves = [day for day in range(14) if product_limit(people, day) <= Fraction(1, 2)]
    assert curve.median.day == (halves[0] if people and halves else None)


@settings(deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1))
def test_where_nobody_waits_any_more_it_is_a_plain_share_with_its_plain_variance(days: list[int]) -> None:
    people = [(day, True) for day in days]
    curve = of(people)
    for day in sorted(set(days)):
        share = sum(one > day for one in days) / len(days)
        found = curve.at(day)
        assert found is not None and found.value == pytest.approx(share)
        if share > 0:
            spread = 1.959964 * math.sqrt((1 - share) / (share * len(days))) / abs(math.log(share))
            assert math.log(-math.log(found.high)) == pytest.approx(math.log(-math.log(share)) - spread, abs=1e-5)


@settings(deadline=None)
@given(PEOPLE, st.randoms(use_true_random=False))
def test_the_order_of_people_tells_nothing(people: list[Person], chance: object) -> None:
    mixed = list(people)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis draws a Random
    one, other = of(people), of(mixed)
    assert one.median == other.median and one.waiting.tolist() == other.waiting.tolist()


def test_whoever_waits_longer_without_it_makes_the_share_larger_and_is_never_dropped() -> None:
    soon, long = of([(3, True), (5, False), (8, True), (9, True)]), of([(3, True), (9, False), (8, True), (9, True)])
    assert soon.people == long.people == 4
    assert [soon.at(8), long.at(8)] != [None, None]
    assert soon.waiting[1] < long.waiting[1]


def test_the_published_example_comes_out() -> None:
    curve = of(written(TREATED))
    assert curve.days.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.events.tolist() == [3, 1, 1, 1, 1, 1, 1]
    assert [round(share, 3) for share in curve.waiting] == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    errors = _standard_errors(curve)
    assert [round(error, 4) for error in errors] == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert curve.at(5) == Estimate(1.0, 1.0, 1.0)
    assert curve.at(36) is None
    assert curve.median == Median(23, 13, None)
    assert of(written(PLACEBO)).median == Median(8, 4, 11)


def _standard_errors(curve: Curve) -> list[float]:
    """Worked back from the lower ends."""
    pairs = zip(curve.waiting, curve.low, strict=True)
    return [
        math.log(math.log(low) / math.log(share)) / 1.959963984540054 * -math.log(share) * share for share, low in pairs
    ]


def test_few_people_and_none() -> None:
    assert of([]).median == Median(None, None, None)
    assert of([]).at(0) is None
    assert of([(4, True)]).median == Median(4, 4, None)
    assert of([(4, False)]).median == Median(None, None, None)
    assert of([(0, True), (0, True)]).at(99) == Estimate(0.0, 0.0, 1.0)
    with pytest.raises(ValueError):
        of([(-1, True)])
