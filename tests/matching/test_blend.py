"""A blend is a sum with known parts, and more of a good thing never hurts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching.blend import COLUMN, DEFAULT_WEIGHTS, MONOTONE, SIGNALS, Weight, Weights, blend

measures = st.floats(0.0, 50.0, allow_nan=False)


def blended(signals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    parts, scores = np.empty_like(signals), np.empty(len(signals))
    blend(signals, *DEFAULT_WEIGHTS.arrays(), parts, scores)
    return parts, scores


@settings(max_examples=50, deadline=None)
@given(st.lists(measures, min_size=len(SIGNALS), max_size=len(SIGNALS)), st.sampled_from(sorted(MONOTONE)), measures)
def test_more_of_what_must_never_hurt_never_lowers_the_score(row: list[float], name: str, more: float) -> None:
    table = np.array([row, row])
    table[1, COLUMN[name]] += more
    _, (before, after) = blended(table)
    assert after >= before


@settings(max_examples=50, deadline=None)
@given(st.lists(measures, min_size=len(SIGNALS), max_size=len(SIGNALS)))
def test_the_score_is_the_sum_of_its_parts(row: list[float]) -> None:
    parts, scores = blended(np.array([row]))
    assert scores[0] == pytest.approx(parts[0].sum(), abs=1e-9)


def test_weights_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="must not lower"):
        Weights("x", {"common_ties": Weight(-0.1)})
    with pytest.raises(ValueError, match="unknown signals: charm"):
        Weights("x", {"charm": Weight(1.0)})
    with pytest.raises(ValueError, match="scale"):
        Weights("x", {"text": Weight(1.0, scale=0.0)})
