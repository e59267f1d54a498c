"""Coffee rounds: as many as can be meet, nobody again while another pairing exists, whatever the order of input."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching.coffee import Across, Choice, Memory, Pairing, PairOf, Wish, pair_up, pairs_of
from haln.matching.people import Facts, Person, ThemeChoice

THEMES = ("housing", "food", "health")
SECTORS = ("nhs", "council", "university", None)


@st.composite
def rounds(draw: st.DrawFn, most: int = 8) -> tuple[list[Person], dict[int, Wish], Memory]:
    """Some people, what they ask for, and what stands between them."""
    count = draw(st.integers(0, most))
    people = [
        Person(
            member,
            themes=tuple(ThemeChoice(theme, interest=True) for theme in draw(st.sets(st.sampled_from(THEMES)))),
            sector=draw(st.sampled_from(SECTORS)),
            organisation=draw(st.sampled_from((1, 2, 3, None))),
            place=draw(st.sampled_from((7, 8, None))),
        )
        for member in draw(st.lists(st.integers(1, 99), min_size=count, max_size=count, unique=True))
    ]
    every = list(combinations(sorted(one.member for one in people), 2))
    some = st.sets(st.sampled_from(every)) if every else st.just(set())
    met = {pair: draw(st.integers(1, 40)) for pair in sorted(draw(some))}
    memory = Memory(met, draw(some), draw(some), dict.fromkeys(sorted(draw(some)), 0.5))
    wishes = {one.member: draw(st.sampled_from(tuple(Wish))) for one in people}
    return people, wishes, memory


def pairings(members: tuple[int, ...], barred: frozenset[PairOf]) -> list[frozenset[PairOf]]:
    """All ways to pair members, also with some left over."""
    if not members:
        return [frozenset()]
    one, rest = members[0], members[1:]
    found = pairings(rest, barred)
    for other in rest:
        if (one, other) not in barred:
            left = tuple(member for member in rest if member != other)
            found = found + [some | {(one, other)} for some in pairings(left, barred)]
    return found


def twos(found: Pairing) -> int:
    """How many pairs there were before trios were made."""
    return len(found.groups)


@given(rounds())
@settings(deadline=None, max_examples=120)
def test_as_many_meet_as_can_be(given_round: tuple[list[Person], dict[int, Wish], Memory]) -> None:
    people, wishes, memory = given_round
    members = tuple(sorted(one.member for one in people))
    found = pair_up(people, wishes, memory)
    best = max(len(one) for one in pairings(members, frozenset(memory.never)))
    assert twos(found) == best
    seated = sorted(member for group in found.groups for member in group)
    assert sorted([*seated, *found.left]) == list(members)
    assert not set(found.pairs) & set(memory.never)
    assert all(len(group) in (2, 3) for group in found.groups)


@given(rounds())
@settings(deadline=None, max_examples=120)
def test_nobody_meets_again_while_another_pairing_exists(
    given_round: tuple[list[Person], dict[int, Wish], Memory],
) -> None:
    """Of the pairings of the most people, those with the fewest repeats; of these, those longest ago."""
    people, wishes, memory = given_round
    if len(people) % 2:
        people = people[1:]
    memory = replace(memory, met={pair: min(ago, 31) for pair, ago in memory.met.items()})
    members = tuple(sorted(one.member for one in people))
    ways = pairings(members, frozenset(memory.never))
    most = max(len(one) for one in ways)

    def cost(pairs: frozenset[PairOf]) -> tuple[int, int, int]:
        again = [memory.met[two] for two in pairs if two in memory.met]
        return len(again), -sum(again), sum(two in memory.tied for two in pairs)

    found = pair_up(people, wishes, memory)
    chosen = frozenset(pairs_of(group)[0] for group in found.groups if len(group) == 2)
    if all(len(group) == 2 for group in found.groups):
        assert cost(chosen) == min(cost(one) for one in ways if len(one) == most)


@given(rounds(most=14), st.integers(0, 2**32), st.sampled_from(tuple(Across)), st.booleans())
@settings(deadline=None, max_examples=60)
def test_the_order_of_input_does_not_matter(
    given_round: tuple[list[Person], dict[int, Wish], Memory], seed: int, across: Across, colleagues: bool
) -> None:
    people, wishes, memory = given_round
    choice = Choice(across, colleagues, seed=3)
    shuffled = Random(seed).sample(people, len(people))
    turned = dict(sorted(wishes.items(), reverse=True))
    back = Memory(dict(sorted(memory.met.items(), reverse=True)), list(memory.tied), list(memory.never), memory.liked)
    assert pair_up(shuffled, turned, back, choice) == pair_up(people, wishes, memory, choice)


def people(count: int, **facts: object) -> list[Person]:
    return [Person(member, **facts) for member in range(1, count + 1)]  # type: ignore[arg-type]


def test_over_many_rounds_everybody_meets_everybody_before_anybody_meets_again() -> None:
    """Eight people can meet in seven rounds without a repeat; the eighth round repeats the first."""
    met: dict[PairOf, int] = {}
    first: tuple[tuple[int, ...], ...] = ()
    for number in range(8):
        found = pair_up(people(8), {}, Memory(met, (), (), {}), Choice(seed=number))
        assert found.again == (4 if number == 7 else 0), number
        met = {pair: ago + 1 for pair, ago in met.items()} | dict.fromkeys(found.pairs, 1)
        first = first or found.groups
        last = found.groups
    assert last == first


def test_who_is_over_makes_a_trio_whose_three_pairs_are_remembered() -> None:
    found = pair_up(people(5), {})
    assert sorted(len(group) for group in found.groups) == [2, 3]
    assert len(found.pairs) == 4
    assert found.left == ()
    again = pair_up(people(5), {}, Memory(dict.fromkeys(found.pairs, 1), (), (), {}))
    trio = next(group for group in again.groups if len(group) == 3)
    assert [two for group in again.groups if len(group) == 2 for two in pairs_of(group) if two in found.pairs] == []
    assert sum(two in found.pairs for two in pairs_of(trio)) <= 1


def test_a_trio_never_holds_two_who_may_not_meet() -> None:
    found = pair_up(people(3), {}, Memory({}, (), {(1, 3), (2, 3)}, {}))
    assert found.groups == ((1, 2),)
    assert found.left == (3,)


def test_one_person_is_left_and_none_makes_no_groups() -> None:
    assert pair_up(people(1), {}).left == (1,)
    assert pair_up([], {}).groups == ()


def test_connected_people_meet_only_when_nobody_else_is_there() -> None:
    tied = Memory({}, {(1, 2), (3, 4)}, (), {(1, 2): 1.0, (3, 4): 1.0})
    assert pair_up(people(4), {}, tied).new == 2
    assert pair_up(people(2), {}, tied).groups == ((1, 2),)


def test_colleagues_never_meet_where_the_round_says_so() -> None:
    four = [Person(member, organisation=1 if member < 4 else 2) for member in range(1, 5)]
    found = pair_up(four, {}, choice=Choice(colleagues=False))
    assert len(found.groups) == 1
    assert len(found.left) == 2
    assert pair_up(four, {}, choice=Choice(colleagues=True)).left == ()


@pytest.mark.parametrize(("across", "apart"), ((Across.NONE, 0), (Across.STRONG, 2)))
def test_a_preference_for_other_sectors_outweighs_a_theme(across: Across, apart: int) -> None:
    food, homes = (ThemeChoice("food"),), (ThemeChoice("homes"),)
    four = [
        Person(1, themes=food, sector="nhs"),
        Person(2, themes=food, sector="nhs"),
        Person(3, themes=homes, sector="council"),
        Person(4, themes=homes, sector="council"),
    ]
    assert pair_up(four, {}, choice=Choice(across)).across == apart


def test_wishes_count_and_hidden_facts_do_not() -> None:
    four = [Person(1, place=7), Person(2, place=7), Person(3, place=8), Person(4, place=8)]
    wishes = dict.fromkeys((1, 2, 3, 4), Wish.PLACE)
    assert all(pair_up(four, wishes, choice=Choice(seed=s)).groups == ((1, 2), (3, 4)) for s in range(9))
    hidden = [replace(one, shown=Facts.ALL & ~Facts.PLACE) for one in four]
    assert len({pair_up(hidden, wishes, choice=Choice(seed=s)).groups for s in range(9)}) > 1


def test_a_member_who_comes_twice_and_too_many_are_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        pair_up([Person(1), Person(1)], {})
    with pytest.raises(ValueError, match="too many"):
        pair_up(people(5501), {})
