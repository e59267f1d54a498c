"""A blend is a sum with known parts, and more of a good thing never hurts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching.blend import COLUMN, LOG, MANY_TIES, MONOTONE, SIGNALS, Weight, Weights, blend
from haln.matching.fixed_weights import DEFAULT_WEIGHTS
from haln.matching.suggest import Settings

measures = st.floats(0.0, 50.0, allow_nan=False)


def blended(signals: np.ndarray, ties: int = 5) -> tuple[np.ndarray, np.ndarray]:
    parts, scores = np.empty_like(signals), np.empty(len(signals))
    blend(signals, *DEFAULT_WEIGHTS.at(ties).arrays(), parts, scores)
    return parts, scores


@settings(max_examples=50, deadline=None)
@given(
    st.lists(measures, min_size=len(SIGNALS), max_size=len(SIGNALS)),
    st.sampled_from(sorted(MONOTONE)),
    measures,
    st.integers(0, 90),
)
def test_more_of_what_must_never_hurt_never_lowers_the_score(
    row: list[float], name: str, more: float, ties: int
) -> None:
    table = np.array([row, row])
    table[1, COLUMN[name]] += more
    _, (before, after) = blended(table, ties)
    assert after >= before


@settings(max_examples=50, deadline=None)
@given(st.lists(measures, min_size=len(SIGNALS), max_size=len(SIGNALS)))
def test_the_score_is_the_sum_of_its_parts(row: list[float]) -> None:
    parts, scores = blended(np.array([row]))
    assert scores[0] == pytest.approx(parts[0].sum(), abs=1e-9)


def test_weights_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="must not lower"):
        Weights("x", {"common_ties": (Weight(-0.1),)})
    with pytest.raises(ValueError, match="unknown signals: charm"):
        Weights("x", {"charm": (Weight(1.0),)})
    with pytest.raises(ValueError, match="scale"):
        Weights("x", {"text": (Weight(1.0, scale=0.0),)})
    with pytest.raises(ValueError, match="must not lower"):
        Weights("x", {"text": (Weight(1.0, many=-0.5),)})
    with pytest.raises(ValueError, match="one term"):
        Settings(pool=Weights("x", {"lively": (Weight(1.0), Weight(1.0, LOG))}))


@pytest.mark.parametrize(("ties", "expected"), [(0, 2.0), (MANY_TIES, 6.0), (MANY_TIES + 500, 6.0)])
def test_weights_go_from_those_without_ties_to_those_with_many(ties: int, expected: float) -> None:
    weights = Weights("x", {"text": (Weight(2.0, many=6.0),)})
    assert weights.at(ties).values.tolist() == [expected]
    between = [weights.at(one).values[0] for one in range(MANY_TIES + 1)]
    assert between == sorted(between)
    assert len(set(between)) == len(between)
