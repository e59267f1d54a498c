"""The presenter rota is fair."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from haln.learn import rota
from haln.learn.rota import Turn
from tests.builders import NOW

people = st.lists(
    st.tuples(st.integers(1, 30), st.none() | st.dates()), min_size=1, max_size=9, unique_by=lambda p: p[0]
)
turns = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=12).map(
    lambda found: [Turn(NOW - timedelta(days=days), member) for days, member in found]
)


@given(people, st.integers(1, 40))
def test_nobody_presents_twice_more_than_anybody_else(members: list[tuple[int, date | None]], count: int) -> None:
    filled = rota.fill(members, [], [NOW + timedelta(days=number) for number in range(count)])
    shares = Counter(filled.values())
    assert max(shares.values()) - min(shares.get(member, 0) for member, _ in members) <= 1


@given(people, turns, st.randoms())
def test_the_order_of_the_input_does_not_matter(
    members: list[tuple[int, date | None]], past: list[Turn], any: object
) -> None:
    shuffled_members, shuffled_turns = list(members), list(past)
    any.shuffle(shuffled_members)  # type: ignore[attr-defined]
    any.shuffle(shuffled_turns)  # type: ignore[attr-defined]
    assert rota.order(members, past) == rota.order(shuffled_members, shuffled_turns)


@given(people, turns)
def test_whoever_presented_least_recently_is_next(members: list[tuple[int, date | None]], past: list[Turn]) -> None:
    order = rota.order(members, past)
    assert sorted(order) == sorted(member for member, _ in members)
    last = [max((turn.starts_at for turn in past if turn.member == member), default=None) for member in order]
    dated = [at for at in last if at is not None]
    assert last[: len(last) - len(dated)] == [None] * (len(last) - len(dated))
    assert dated == sorted(dated)


def test_without_members_nobody_presents() -> None:
    assert rota.fill([], [], [NOW]) == {}
