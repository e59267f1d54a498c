"""Two plans side by side: sets that answer to each other, and who moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from haln.learn.plan_comparing import movers, paired

Sets = list[frozenset[int]]


def divided(places: list[int]) -> Sets:
    return [frozenset(who for who, at in enumerate(places) if at == number) for number in range(4)]


plans = st.lists(st.integers(-1, 3), min_size=12, max_size=12).map(divided)


@given(plans)
def test_nobody_moves_between_a_plan_and_itself(sets: Sets) -> None:
    assert movers(sets, sets, paired(sets, sets)) == []


@given(plans, st.permutations(range(4)))
def test_the_numbers_of_sets_do_not_matter(sets: Sets, order: list[int]) -> None:
    other = [sets[number] for number in order]
    assert movers(sets, other, paired(sets, other)) == []


@given(plans, plans)
def test_every_set_has_one_twin_at_most_and_is_named_once(first: Sets, second: Sets) -> None:
    twins = paired(first, second)
    assert sorted(one for one, _, _ in twins if one is not None) == [0, 1, 2, 3]
    assert sorted(two for _, two, _ in twins if two is not None) == [0, 1, 2, 3]
    for one, two, both in twins:
        assert both == (len(first[one] & second[two]) if one is not None and two is not None else 0)


@given(plans, plans)
def test_whoever_does_not_move_sits_with_their_twins(first: Sets, second: Sets) -> None:
    twins = paired(first, second)
    moving = set(movers(first, second, twins))
    for one, two, _ in twins:
        if one is not None and two is not None:
            assert first[one] - moving == second[two] - moving


def test_one_who_changes_sets_is_the_one_who_moves() -> None:
    first = [frozenset({1, 2, 3, 4}), frozenset({5, 6, 7, 8})]
    second = [frozenset({4, 5, 6, 7, 8}), frozenset({1, 2, 3})]
    twins = paired(first, second)
    assert twins == [(0, 1, 3), (1, 0, 4)]
    assert movers(first, second, twins) == [4]
