"""Learning finds what tells, is drawn to what others know, and never learns from what came after."""

import json
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from haln.matching import learning
from haln.matching.attempts import attempt, best_scores, value_of
from haln.matching.blend import COLUMN, MONOTONE, SIGNALS, STATED, Weights
from haln.matching.fixed_weights import DEFAULT_WEIGHTS
from haln.matching.index import Index, build
from haln.matching.joining_signals import JOINING
from haln.matching.joining_weights import PAGE_WEIGHTS
from haln.matching.learning import (
    FEWEST,
    HELD,
    LOOKS,
    Answer,
    Lesson,
    Past,
    answered,
    enough_lessons,
    learn,
    lessons,
)
from haln.matching.people import Network, Person, Tie
from haln.matching.suggest import NOTHING, Settings, candidates


def some_lessons(telling: str, count: int, seed: int = 0) -> list[Lesson]:
    """Candidates of whom those became ties who have most of one signal; all else is noise."""
    rng = np.random.default_rng(seed)
    found = []
    for at in range(count):
        signals = np.zeros((30, len(SIGNALS)), np.float32)
        for name in dict.fromkeys(("text", "mixed_text", "common_ties", "factors", "lively", telling)):
            signals[:, COLUMN[name]] = rng.random(30)
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


def rows_of(lesson: Lesson) -> list[bytes]:
    return [row.tobytes() for row in lesson.signals]


def test_of_some_candidates_the_same_is_measured_as_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signals are measured of those alone who are learned from."""
    past = a_past(30)
    monkeypatch.setattr(learning, "OTHERS", 5)
    came = {*past.came, *((other, one) for one, other in past.came)}
    tables: list[dict[bytes, bool]] = []
    for member in sorted({one for one, _ in came}):
        rows, signals = candidates(past.index, past.index.row(member), NOTHING, Settings())
        those = [(member, int(past.index.ids[row])) in came for row in rows]
        tables.append(dict(zip((row.tobytes() for row in signals.astype(np.float32)), those, strict=True)))
    found = list(lessons(past, Settings()))
    assert len(found) >= FEWEST
    for lesson in found:
        assert len(lesson.became) == 5 + lesson.became.sum()
        told = dict(zip(rows_of(lesson), lesson.became.tolist(), strict=True))
        assert any(told.items() <= table.items() for table in tables)


def test_members_are_looked_at_until_enough_teach_and_any_of_them_may() -> None:
    """Ten candidates each: most members' ties to come are none of them."""
    past, few = a_past(40), Settings(length=4, wishes=10, candidates=10)
    askers = len({member for pair in past.came for member in pair})
    everyone = [rows_of(one) for one in lessons(past, few)]
    assert FEWEST < len(everyone) < askers / 2
    places = [everyone.index(rows_of(one)) for one in enough_lessons(past, few, 12)]
    assert len(places) == len(set(places)) == 12
    assert places != sorted(places) and max(places) > 12, "those who joined first are preferred"
    assert places == [everyone.index(rows_of(one)) for one in enough_lessons(past, few, 12)]
    every = [everyone.index(rows_of(one)) for one in enough_lessons(past, few, askers)]
    assert sorted(every) == list(range(len(everyone)))


def test_no_more_than_some_are_looked_at_for_each_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    past, nobody = a_past(40), Settings(length=1, wishes=1, candidates=1)
    looked_at: list[int] = []

    def candidate_rows(index: Index, row: int, *given: Any) -> Any:
        looked_at.append(row)
        return as_it_is(index, row, *given)

    as_it_is = learning.candidate_rows
    monkeypatch.setattr(learning, "candidate_rows", candidate_rows)
    assert len(list(enough_lessons(past, nobody, 2))) < 2 and len(looked_at) == 2 * LOOKS


def some_answers(telling: str, liked_where: bool, count: int, seed: int = 0) -> list[Answer]:
    """Members look at the first of six, and like it, or do not, where it has more of a signal than it has less."""
    rng = np.random.default_rng(seed)
    found = []
    for at in range(count):
        signals = np.zeros((6, len(SIGNALS)), np.float32)
        for name in dict.fromkeys(("text", "mixed_text", "common_ties", "lively", telling)):
            signals[:, COLUMN[name]] = rng.random(6)
        found.append(Answer(signals, at % 50, (signals[0, COLUMN[telling]] > 0.5) == liked_where))
    return found


def weight(weights: Weights, name: str) -> float:
    return sum(one.ends()[0] / one.scale for _, one in weights.terms(name))


@pytest.mark.parametrize("name", ["text", "place_other_sector"])
def test_what_members_say_yes_to_rises_and_what_they_set_aside_falls(name: str) -> None:
    liked = learn([], DEFAULT_WEIGHTS, "x", answers=some_answers(name, True, 100))
    not_liked = learn([], DEFAULT_WEIGHTS, "x", answers=some_answers(name, False, 100))
    assert weight(liked, name) > weight(DEFAULT_WEIGHTS, name) > weight(not_liked, name)


def test_a_no_is_not_held_against_what_brings_people_to_the_top() -> None:
    """Whoever is answered stands high in the list; where most say no, whoever it is, nothing is to be learned."""
    name = "place_other_sector"
    rng = np.random.default_rng(1)
    answers = []
    for one in some_answers(name, True, 3000):
        one.signals[0, COLUMN[name]] += 1.0
        answers.append(replace(one, liked=bool(rng.random() < 0.2)))
    learned = learn([], DEFAULT_WEIGHTS, "x", answers=answers)
    against = learn([], DEFAULT_WEIGHTS, "x", answers=some_answers(name, False, 3000))
    moved, whole = (weight(DEFAULT_WEIGHTS, name) - weight(found, name) for found in (learned, against))
    assert abs(moved) < 0.2 * whole


def test_nobody_alone_turns_everybodys_weights() -> None:
    name = "place_other_sector"
    one_each = some_answers(name, True, 60)
    by_one = [answered(SIGNALS, one.signals.tolist(), one.ties, one.liked, of_so_many=60) for one in one_each]
    moved = [
        weight(learn([], DEFAULT_WEIGHTS, "x", answers=some), name) - weight(DEFAULT_WEIGHTS, name)
        for some in (one_each, by_one)
    ]
    assert 0 < moved[1] < 0.5 * moved[0]


def test_an_answer_is_of_the_signals_that_are_still_known() -> None:
    answer = answered(["text", "gone", "lively"], [[0.5, 9.0, 1.0], [0.25, 9.0, 0.0]], 3, liked=False)
    assert not answer.liked and answer.ties == 3
    assert answer.signals[:, COLUMN["text"]].tolist() == [0.5, 0.25]
    assert answer.signals.sum() == 1.75


@pytest.mark.parametrize("name", sorted(STATED))
def test_what_members_say_they_look_for_keeps_half_its_weight_whatever_came_of_it(name: str) -> None:
    lessons_against = [replace(one, became=~one.became) for one in some_lessons(name, 150)]
    (_, before), (_, after) = (
        DEFAULT_WEIGHTS.terms(name)[0],
        learn(lessons_against, DEFAULT_WEIGHTS, "x").terms(name)[0],
    )
    assert min(after.ends()) == pytest.approx(HELD * before.weight)


def a_past(came_of: int) -> Past:
    """People of two kinds with words of their own; ties come within a kind."""
    chance = random.Random(5)
    words = [["orchard", "hedge", "bees"], ["boiler", "tariff", "meter"]]
    people = [Person(member, texts=(" ".join(chance.choices(words[member % 2], k=4)),)) for member in range(80)]
    ties = [Tie(*chance.sample(range(80), 2)) for _ in range(60)]
    alike = [tuple(chance.sample(range(one, 80, 2), 2)) for one in range(2) for _ in range(came_of)]
    return Past(build(Network(people, ties)), [(one, other) for one, other in alike])


def taught(came_of: int) -> list[Lesson]:
    return list(lessons(a_past(came_of), Settings()))


def test_new_weights_are_used_only_if_no_worse_on_what_came_last() -> None:
    first = attempt([taught(40)], (), taught(30), DEFAULT_WEIGHTS, DEFAULT_WEIGHTS, "learned-1")
    assert first is not None and first.accepted and first.weights.version == "learned-1"
    assert first.value == value_of(taught(30), first.weights)
    # Taught by answers that say the opposite, it is worse than the one before, and refused.
    wrong = [Answer(np.roll(one.signals, -int(np.argmax(one.became)), axis=0), one.ties, False) for one in taught(40)]
    right = [replace(one, signals=np.roll(one.signals, 1, axis=0), liked=True) for one in wrong]
    both = [*wrong, *right]
    second = attempt([], both, taught(30), first.weights, DEFAULT_WEIGHTS, "learned-2")
    assert second is not None and not second.accepted
    assert second.value < second.value_before == first.value


def test_of_too_little_nothing_is_tried() -> None:
    past = a_past(30)
    few = list(lessons(replace(past, came=past.came[:3]), Settings()))
    weights = DEFAULT_WEIGHTS
    assert attempt([taught(40)], (), few, weights, weights, "x") is None
    assert attempt([few], (), taught(30), weights, weights, "x") is None


def test_bands_hold_as_many_of_the_best_as_before_whatever_scores_have_become() -> None:
    made = attempt([taught(40)], (), taught(30), DEFAULT_WEIGHTS, DEFAULT_WEIGHTS, "x")
    assert made is not None
    some = taught(30)

    def shares(weights: Weights) -> list[float]:
        best = best_scores(some, weights)
        return [float(np.mean(best >= least)) for least in (weights.strong, weights.good)]

    assert shares(made.weights) == pytest.approx(shares(DEFAULT_WEIGHTS), abs=0.02)
    assert made.weights.strong != DEFAULT_WEIGHTS.strong


def test_weights_are_kept_as_plain_numbers_and_come_back_the_same() -> None:
    learned = replace(learn(some_lessons("text", 60), DEFAULT_WEIGHTS, "x"), strong=3.5)
    assert Weights.of_data("x", json.loads(json.dumps(learned.as_data()))) == learned
    pages = Weights.of_data(PAGE_WEIGHTS.version, json.loads(json.dumps(PAGE_WEIGHTS.as_data())), JOINING)
    assert pages == PAGE_WEIGHTS


@pytest.mark.parametrize(
    "changed",
    [
        {"terms": {"horoscope": [[1.0, 0, 1.0, None, 0.0]]}},
        {"terms": {"text": [[1.0, 3, 1.0, None, 0.0]]}},
        {"terms": {"text": [[1.0, 0, 1.0, None, 0.0, 0.5]]}},
        {"terms": {"text": [[1.0, 0, None, None, 0.0]]}},
        {"terms": {"text": [[-1.0, 0, 1.0, None, 0.0]]}},
        {"terms": {"text": None}},
        {"terms": [["text", 1.0]]},
    ],
    ids=["signal", "shape", "more numbers", "no scale", "against sense", "no terms", "a list"],
)
def test_what_another_version_kept_is_refused_not_misread(changed: dict[str, Any]) -> None:
    kept = DEFAULT_WEIGHTS.as_data()
    assert Weights.of_data("x", kept).by_signal == DEFAULT_WEIGHTS.by_signal
    with pytest.raises(ValueError, match=r"weight|scale|these"):
        Weights.of_data("x", kept | changed)


@pytest.mark.parametrize("gone", ["terms", "strong", "good"])
def test_weights_of_which_something_is_missing_are_refused(gone: str) -> None:
    kept = DEFAULT_WEIGHTS.as_data()
    del kept[gone]
    with pytest.raises(ValueError, match=gone):
        Weights.of_data("x", kept)
