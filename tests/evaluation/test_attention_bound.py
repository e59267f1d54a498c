"""The bound on shared attention: nobody can pass it, and it is not far away."""

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from haln.evaluation import attention
from haln.evaluation.attention_bound import answered, most_gain
from haln.evaluation.dataset import read
from haln.matching.worth import discounts
from tests.evaluation.test_evaluation import a_dataset

LENGTH = 3


def a_case(askers: int, width: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Everybody may wish for everybody, some much more often."""
    chance = np.random.default_rng(seed)
    fame = chance.pareto(1.0, askers)
    wishes = np.full((askers, width), -1, np.int32)
    for asker in range(askers):
        own = np.argsort(-fame * chance.random(askers))[: chance.integers(0, width + 1)]
        wishes[asker, : len(own)] = own
    return wishes, np.where(wishes >= 0, chance.exponential(1.0, wishes.shape), 0.0)


def best_possible(wishes: np.ndarray, gains: np.ndarray, cap: int) -> float:
    """By a linear program, with an amount for each wish in each place of its asker's list."""
    lines, at = np.nonzero(wishes >= 0)
    if not len(lines):
        return 0.0
    lines, at, place = np.repeat(lines, LENGTH), np.repeat(at, LENGTH), np.tile(np.arange(LENGTH), len(lines))
    worth = gains[lines, at] * discounts(LENGTH)[place]
    each, rules = np.arange(len(worth)), np.zeros((3, max(wishes.shape) ** 2 * LENGTH, len(worth)))
    rules[0, lines * wishes.shape[1] + at, each] = 1.0
    rules[1, lines * LENGTH + place, each] = 1.0
    rules[2, wishes[lines, at], each] = 1.0
    most = np.repeat([1.0, 1.0, cap], rules.shape[1])
    return float(-linprog(-worth, np.vstack(list(rules)), most, bounds=(0, 1)).fun)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 10), st.integers(1, 5), st.integers(0, 10_000), st.integers(1, 4))
def test_no_lists_pass_the_bound_and_the_best_come_near(askers: int, width: int, seed: int, cap: int) -> None:
    wishes, gains = a_case(askers, min(width, askers), seed)
    best = best_possible(wishes, gains, cap)
    bound = most_gain(wishes, gains, askers, LENGTH, cap, steps=600)
    assert best - 1e-6 <= bound <= 1.05 * best + 0.02 * gains.max(initial=0.0) * askers


def test_with_prices_a_list_shows_whom_it_gains_by_in_the_order_of_gains() -> None:
    wishes, gains = np.array([[4, 2, 0, -1]], np.int32), np.array([3.0, 2.0, 1.0, 0.0])
    demand = np.zeros(5, np.int64)
    value = answered(wishes, gains, np.array([0.0, 0.0, 9.0, 0.0, 0.5]), discounts(LENGTH), demand)
    assert demand.tolist() == [1, 0, 0, 0, 1]
    assert np.isclose(value, 3.0 - 0.5 + 1.0 / np.log2(3.0))


def test_our_lists_lose_no_less_than_any_must(tmp_path: Path) -> None:
    data = read(a_dataset(tmp_path))
    free, shared, chosen = attention.curve(data, "test", 0, (0.0, 2.0, None), bounded=(2.0, None))
    assert "lost" not in free
    for one in (shared, chosen):
        assert 0.0 <= one["least_lost"] <= one["lost"] <= 1.0
        assert one["ndcg@10"] <= one["oracle"] + 1e-9
    assert chosen["lost"] <= 0.1 or chosen["peak@10"] > 6.0
