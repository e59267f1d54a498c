"""The rule of places holds whatever happens in whatever order: it is fair, nobody loses a place, none lies idle."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from haln.learn import event_places
from haln.learn.event_places import Asker, Past
from tests.builders import NOW

ASKERS = st.lists(
    st.builds(
        Asker,
        member=st.integers(1, 60),
        asked_at=st.integers(0, 3).map(lambda minutes: NOW + timedelta(minutes=minutes)),
        waited=st.integers(0, 2),
        placed=st.booleans(),
    ),
    max_size=10,
    unique_by=lambda one: one.member,
)
CAPACITY = st.one_of(st.integers(0, 8), st.none())


@settings(deadline=None)
@given(ASKERS, CAPACITY, st.randoms(use_true_random=False))
def test_the_order_in_which_people_are_named_does_not_matter(
    askers: list[Asker], capacity: int | None, rng: random.Random
) -> None:
    shuffled = list(askers)
    rng.shuffle(shuffled)
    assert event_places.given(askers, capacity) == event_places.given(shuffled, capacity)


@settings(deadline=None)
@given(ASKERS, CAPACITY)
def test_no_place_lies_idle_and_none_is_given_twice_or_beyond_what_there_is(
    askers: list[Asker], capacity: int | None
) -> None:
    given_now, placed = event_places.given(askers, capacity), {one.member for one in askers if one.placed}
    waiting = len(askers) - len(placed)
    free = waiting if capacity is None else max(0, capacity - len(placed))
    assert len(given_now) == min(free, waiting)
    assert placed.isdisjoint(given_now) and len(set(given_now)) == len(given_now)


@settings(deadline=None)
@given(ASKERS, CAPACITY)
def test_whoever_gets_a_place_comes_before_whoever_does_not(askers: list[Asker], capacity: int | None) -> None:
    known = {one.member: one for one in askers}
    won = event_places.given(askers, capacity)
    lost = [one for one in askers if not one.placed and one.member not in won]
    for member in won:
        one = known[member]
        for other in lost:
            assert one.waited > other.waited or (
                one.waited == other.waited and (one.asked_at, one.member) < (other.asked_at, other.member)
            )


@settings(deadline=None)
@given(ASKERS, st.integers(0, 30), st.integers(0, 30))
def test_a_raised_capacity_takes_nobody_out_and_goes_on_down_the_same_line(
    askers: list[Asker], capacity: int, more: int
) -> None:
    before, after = event_places.given(askers, capacity), event_places.given(askers, capacity + more)
    assert after[: len(before)] == before


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.sampled_from(["ask", "give up", "raise", "lower"])), max_size=60))
def test_through_any_history_nobody_loses_a_place_and_each_freed_one_goes_to_who_is_next(
    acts: list[tuple[int, str]],
) -> None:
    capacity, askers = 3, dict[int, Asker]()
    for minute, (member, act) in enumerate(acts):
        before = {one.member for one in askers.values() if one.placed}
        if act == "ask" and member not in askers:
            askers[member] = Asker(member, NOW + timedelta(minutes=minute), waited=member % 3)
        elif act == "give up":
            askers.pop(member, None)
        elif act == "raise":
            capacity += 1
        elif act == "lower":
            capacity = max(0, capacity - 1)
        line = event_places.queue(askers.values())
        won = event_places.given(askers.values(), capacity)
        assert won == line[: len(won)]
        for one in won:
            askers[one] = Asker(one, askers[one].asked_at, askers[one].waited, placed=True)
        placed = {one.member for one in askers.values() if one.placed}
        assert before - placed <= ({member} if act == "give up" else set())
        assert len(placed) <= max(capacity, len(before))
        assert len(placed) >= min(capacity, len(askers))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=12), st.integers(401, 500))
def test_waiting_in_vain_counts_from_the_last_place_on(days: list[tuple[int, bool]], later: int) -> None:
    past = [Past(NOW + timedelta(days=day), placed) for day, placed in days]
    waited = event_places.waited_in_vain(past)
    assert event_places.waited_in_vain([*past, Past(NOW + timedelta(days=later), False)]) == waited + 1
    assert event_places.waited_in_vain([*past, Past(NOW + timedelta(days=later), True)]) == 0


def test_somebody_who_keeps_waiting_is_placed_in_the_end() -> None:
    """Ten newcomers ask for one place before her each time: the second time she comes first."""
    won = []
    for waited in range(2):
        askers = [Asker(member, NOW) for member in range(10)]
        askers.append(Asker(999, NOW + timedelta(hours=1), waited))
        won.append(event_places.given(askers, 1))
    assert won == [[0], [999]]
