"""Learning finds what tells, is drawn to what others know, and never learns from what came after."""

import random
from dataclasses import replace

import numpy as np
import pytest

from haln.matching.blend import COLUMN, DEFAULT_WEIGHTS, MONOTONE, SIGNALS
from haln.matching.index import build
from haln.matching.learning import FEWEST, Lesson, Past, learn, lessons, value_of
from haln.matching.people import Network, Person, Tie
from haln.matching.suggest import Settings


def some_lessons(telling: str, count: int, seed: int = 0) -> list[Lesson]:
    """Candidates of whom those became ties who have most of one signal; all else is noise."""
    rng = np.random.default_rng(seed)
    found = []
    for at in range(count):
        signals = np.zeros((30, len(SIGNALS)), np.float32)
        signals[:, [COLUMN[name] for name in ("text", "mixed_text", "common_ties", "factors", "lively")]] = rng.random(
            (30, 5)
        )
        became = np.zeros(30, bool)
        became[np.argsort(-signals[:, COLUMN[telling]])[:2]] = True
        found.append(Lesson(signals, became, at % 50))
    return found


@pytest.mark.parametrize("telling", ["text", "common_ties", "factors", "lively"])
def test_what_tells_is_found(telling: str) -> None:
    learned = learn(some_lessons(telling, 200), DEFAULT_WEIGHTS, "x")
    fresh = some_lessons(telling, 100, seed=1)
    assert value_of(fresh, learned) > 0.9
    assert value_of(fresh, learned) > value_of(fresh, DEFAULT_WEIGHTS)


def test_too_little_teaches_nothing_and_little_moves_less_than_much() -> None:
    assert learn(some_lessons("text", FEWEST - 1), DEFAULT_WEIGHTS, "x") == replace(DEFAULT_WEIGHTS, version="x")

    def moved(count: int) -> float:
        learned = learn(some_lessons("text", count), DEFAULT_WEIGHTS, "x")
        pairs = zip(learned.terms(*SIGNALS), DEFAULT_WEIGHTS.terms(*SIGNALS), strict=True)
        return sum(abs(one.weight - other.weight) for (_, one), (_, other) in pairs)

    assert moved(FEWEST) < moved(60) < moved(400)


def test_what_must_never_hurt_never_does_even_where_history_says_so() -> None:
    against = [replace(one, became=~one.became) for one in some_lessons("text", 100)]
    learned = learn(against, DEFAULT_WEIGHTS, "x")
    for name, one in learned.terms(*MONOTONE):
        assert min(one.ends()) >= 0, name
    assert [one.ends() for _, one in learned.terms("turn")] == [one.ends() for _, one in DEFAULT_WEIGHTS.terms("turn")]


def test_a_tie_that_came_later_is_not_in_what_is_learned_from() -> None:
    chance = random.Random(3)
    people = [Person(member, texts=(f"word{member % 5} word{member % 7}",)) for member in range(60)]
    ties = [Tie(*chance.sample(range(60), 2)) for _ in range(150)]
    came = [(1, 2), (3, 4)]
    earlier = build(Network(people, [tie for tie in ties if {tie.a, tie.b} not in ({1, 2}, {3, 4})]))
    found = list(lessons(Past(earlier, came), Settings()))
    planted = list(lessons(Past(earlier, [*came, (5, 6)]), Settings()))
    by_one = {lesson.signals.tobytes() for lesson in found}
    # What else came changes nobody else's candidates and signals.
    assert sum(lesson.signals.tobytes() in by_one for lesson in planted) == len(found)
    for lesson in planted:
        assert lesson.became.sum() == 1
