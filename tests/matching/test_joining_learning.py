"""What is learned from who joined what, and that parts of a score are what they are said to be."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching.attempts import value_of
from haln.matching.blend import Weights
from haln.matching.crowds import gather
from haln.matching.hearsay import EVIDENCE
from haln.matching.joining import blended, rank
from haln.matching.joining_learning import PastJoining, joining_lessons, learned_weights
from haln.matching.joining_signals import JOINING, SIGNALS, Opening, Seeker, prepare
from haln.matching.joining_weights import DEFAULT_WEIGHTS, PAGE_WEIGHTS, POOL_WEIGHTS
from haln.matching.learning import FEWEST
from haln.matching.people import Membership, Tie

FEW = 2


def a_past(people: int = 60, groups: int = 18, seed: int = 3, few: int = 0) -> PastJoining:
    """People join groups of their own kind, three kinds; what comes is more of the same."""
    chance = random.Random(seed)
    known: set[tuple[int, int]] = set()
    came: set[tuple[int, int]] = set()
    for member in range(people):
        kind = [group for group in range(groups) if group % 3 == member % 3]
        chosen = chance.sample(kind, 5)
        known |= {(member, group) for group in chosen[:4]}
        came |= {(member, group) for group in chosen[4:]}
    ties = [Tie(member, (member + 3) % people) for member in range(people)]
    crowds = gather([Membership(member, group) for member, group in sorted(known)], ties, few)
    openings = prepare([Opening(group, group=group) for group in range(groups)], few, crowds=crowds)
    return PastJoining(openings, [Seeker(member) for member in range(people)], sorted(came))


def test_what_is_learned_ranks_at_least_as_well_as_what_was_known_before() -> None:
    past = a_past()
    lessons = list(joining_lessons(past, 0))
    learned = learned_weights([past], 0)
    assert len(lessons) >= FEWEST
    assert value_of(lessons, learned) >= value_of(lessons, DEFAULT_WEIGHTS) - 1e-9
    assert (learned.version, learned.family) == ("joining-learned", JOINING)
    assert learned_weights([a_past()], 0) == learned


def test_where_few_joined_nothing_is_learned() -> None:
    past = a_past()
    few = PastJoining(past.openings, past.seekers, past.came[: FEWEST - 1])
    assert learned_weights([few], 0).by_signal == DEFAULT_WEIGHTS.by_signal


def test_what_somebody_is_in_is_no_lesson() -> None:
    past = a_past()
    crowds = past.openings.crowds
    assert crowds is not None
    own = [(member, group) for member in range(60) for group in crowds.groups_of(member)]
    assert list(joining_lessons(PastJoining(past.openings, past.seekers, own), 0)) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 50), min_size=len(SIGNALS), max_size=len(SIGNALS)),
    st.sampled_from(sorted(JOINING.monotone)),
    st.floats(0.01, 20),
    st.integers(0, 60),
)
@pytest.mark.parametrize("weights", [DEFAULT_WEIGHTS, PAGE_WEIGHTS, POOL_WEIGHTS], ids=lambda weights: weights.version)
def test_more_of_what_speaks_for_something_never_lowers_it_and_parts_add_up(
    weights: object, values: list[float], name: str, more: float, groups: int
) -> None:
    two = np.array([values, values])
    two[1, JOINING.column[name]] += more
    parts, scores = blended(two, weights, groups)  # type: ignore[arg-type]
    assert scores[1] >= scores[0]
    assert parts.sum(axis=1) == pytest.approx(scores, abs=1e-5)


def test_reasons_of_crowds_are_told_only_of_more_than_a_few_and_add_up() -> None:
    others = range(2, 3 + FEW + 1)
    memberships = [Membership(member, group) for member in others for group in (1, 2)]
    both = [*memberships, Membership(1, 1)], [Tie(1, member) for member in others]
    calls = [Opening(2, group=2)]
    (one,), *_ = rank(prepare(calls, FEW, crowds=gather(*both, FEW)), [Seeker(1)])
    assert {reason.kind for reason in one.reasons} == {"ties_there", "people_alike"}
    assert sum(reason.weight for reason in one.reasons) == pytest.approx(one.score, abs=1e-5)
    (none,), *_ = rank(prepare(calls, len(others), crowds=gather(*both, len(others))), [Seeker(1)])
    assert (none.score, none.reasons) == (0.0, ())
    unseen = Seeker(1, unseen=frozenset({2}))
    (less,), *_ = rank(prepare(calls, len(others) - 1, crowds=gather(*both, len(others) - 1)), [unseen])
    assert (less.score, less.reasons) == (0.0, ())


def test_bands_are_those_of_the_weights() -> None:
    others = range(2, 3 + FEW + 1)
    memberships = [Membership(member, group) for member in others for group in (1, 2)]
    openings = prepare([Opening(2, group=2)], FEW, crowds=gather([*memberships, Membership(1, 1)], [], FEW))
    (one,), *_ = rank(openings, [Seeker(1)])
    for strong, good, band in (
        (one.score, one.score / 2, "strong"),
        (one.score + 1, one.score, "good"),
        (one.score + 2, one.score + 1, "worth_a_look"),
    ):
        (again,), *_ = rank(openings, [Seeker(1)], replace(PAGE_WEIGHTS, strong=strong, good=good))
        assert (again.band, again.score) == (band, one.score)


@pytest.mark.parametrize("prior", [DEFAULT_WEIGHTS, PAGE_WEIGHTS], ids=lambda one: str(one.version))
def test_whatever_crowds_tell_has_terms_that_a_network_may_learn(prior: Weights) -> None:
    """Only what the prior has terms of is ever learned."""
    assert set(EVIDENCE) - {"size", "recent"} <= prior.by_signal.keys()
