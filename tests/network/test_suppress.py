"""What is published never tells a small number: tried out over all that could lie behind it."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network import suppress
from haln.network.suppress import Bounds, bounds, minus, one_way, two_way

SMALL = 7
NEEDED = 4
Days = tuple[int, ...]
Told = tuple[int, int, int | None]


def said(one: Bounds) -> Told:
    return one.low, one.high, one.shown


def test_none_is_shown_one_to_seven_are_not_and_the_rest_are_rounded_to_five() -> None:
    assert [bounds(count, SMALL).shown for count in range(14)] == [0, *[None] * 7, 10, 10, 10, 10, 10, 15]
    for count in range(500):
        told = bounds(count, SMALL)
        assert told.low <= count <= told.high
        assert told.shown is None or (told.shown % 5 == 0 and abs(told.shown - count) <= 2)
    with pytest.raises(ValueError, match="below 0"):
        bounds(-1, SMALL)


def test_a_threshold_between_classes_is_raised_and_never_off() -> None:
    assert [suppress.raised(number) for number in (0, 1, 2, 3, 5, 7, 8, 12)] == [2, 2, 2, 7, 7, 7, 12, 12]
    for threshold in range(14):
        small = suppress.raised(threshold)
        assert small >= threshold
        assert {said(bounds(count, threshold)) for count in range(1, small + 1)} == {(1, small, None)}
        assert bounds(small + 1, threshold).low == small + 1


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=30), st.data())
def test_every_stretch_of_days_keeps_five_possible_numbers(daily: list[tuple[int, int]], data: st.DataObject) -> None:
    """Build another history, with the same classes on all days, for each number that is said to be possible."""
    came = np.cumsum([one for one, _ in daily])
    went = np.minimum(np.cumsum([other for _, other in daily]), came)
    went = np.maximum.accumulate(went)
    start, end = sorted(data.draw(st.lists(st.integers(0, len(daily) - 1), min_size=2, max_size=2, unique=True)))
    for counter, departures in ((came, False), (went, True)):
        classes = [bounds(int(count), SMALL) for count in counter]
        told = minus(classes[end], classes[start], SMALL)
        truth = int(counter[end] - counter[start])
        assert told.low <= truth <= told.high
        assert told.high == 0 or told.high - told.low >= 4
        assert told.shown is None or told.low > SMALL or told.high == 0
        for wanted in range(told.low, told.high + 1):
            other = _another(classes, start, end, wanted)
            assert [said(bounds(count, SMALL)) for count in other] == [said(one) for one in classes]
            assert other[end] - other[start] == wanted and sorted(other) == other
            twin = [bounds(int(count), SMALL) for count in (came if departures else went)]
            ends = [one.high if departures else one.low for one in twin]
            more, less = (ends, other) if departures else (other, ends)
            assert all(one >= two for one, two in zip(more, less, strict=True))


def _another(classes: list[Bounds], start: int, end: int, wanted: int) -> list[int]:
    """A counter that never falls and lies in these classes, with so many within the stretch."""
    one, two = classes[start], classes[end]
    first = next(low for low in range(one.low, one.high + 1) if two.low <= low + wanted <= two.high)
    found: list[int] = []
    for day, told in enumerate(classes):
        aim = first if day <= start else first + wanted
        if start < day < end:
            aim = first
        found.append(max(told.low, min(told.high, aim)))
    return found


@settings(deadline=None)
@given(st.integers(0, 90), st.integers(0, 90))
def test_members_lie_in_what_is_told_of_them_and_are_never_pinned(left: int, more: int) -> None:
    came = left + more
    told = minus(bounds(came, SMALL), bounds(left, SMALL), SMALL)
    assert told.low <= more <= told.high
    assert not 0 < more <= SMALL or told.shown is None
    assert came == 0 or told.high - told.low >= 4
    assert told.shown is None or abs(told.shown - more) <= 6


@pytest.mark.parametrize(("groups", "most"), [(2, 30), (3, 17)])
@pytest.mark.parametrize("left", [range(1), range(1, 8), range(8, 13)])
def test_no_table_tells_a_hidden_cell_even_to_who_knows_how_it_was_made(groups: int, most: int, left: range) -> None:
    """All tables with the same answer, withheld ones too: each hidden cell differs among them.

    Answers that tables at the edge of what is tried out have as well may have more behind them, and are left out.
    """
    behind: dict[object, list[Days]] = defaultdict(list)
    for table in itertools.product(range(most + 1), repeat=groups):
        for gone in left:
            came, went = bounds(sum(table) + gone, SMALL), bounds(gone, SMALL)
            shown = one_way(dict(enumerate(table)), minus(came, went, SMALL), SMALL)
            cells = None if shown is None else tuple(said(one) for one in shown.values())
            behind[(said(came), said(went), cells)].append(table)
    seen = 0
    for (_, _, cells), tables in behind.items():  # type: ignore[misc]
        if max(max(table) for table in tables) > most - 5:
            continue
        for cell in range(groups):
            possible = {table[cell] for table in tables}
            if possible != {0} and (cells is None or cells[cell][2] is None):
                seen += 1
                assert len(possible) >= (2 if cells is None else NEEDED), (tables, cell)
    assert seen


def test_a_table_that_would_tell_is_withheld() -> None:
    assert one_way({1: 1, 2: 8, 3: 8}, bounds(17, SMALL), SMALL) is None
    shown = one_way({1: 3, 2: 40, 3: 20, 4: 0}, bounds(63, SMALL), SMALL)
    assert shown is not None
    assert [one.shown for one in shown.values()] == [None, 40, 20, 0]
    assert one_way({1: 3}, bounds(3, SMALL), SMALL) is None


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=2, max_size=2))
def test_a_table_of_two_kinds_keeps_its_hidden_cells_and_sums(table: list[list[int]]) -> None:
    """Every table of two by two with the same classes of cells, rows, columns and total is tried out."""
    whole = bounds(sum(map(sum, table)), SMALL)
    shown = two_way(table, whole, SMALL)
    if shown is None:
        return
    ranges = [range(one.low, one.high + 1) for row in shown for one in row]
    sums = [said(bounds(count, SMALL)) for count in _sums([count for row in table for count in row])]
    alike = [cells for cells in itertools.product(*ranges) if [said(bounds(n, SMALL)) for n in _sums(cells)] == sums]
    assert alike
    for number, one in enumerate(one for row in shown for one in row):
        assert not one.hidden or len({cells[number] for cells in alike}) >= NEEDED
    for number in range(4):
        if 0 < _sums(alike[0])[number] <= SMALL:
            assert len({_sums(cells)[number] for cells in alike}) >= NEEDED


def _sums(cells: Iterable[int]) -> list[int]:
    a, b, c, d = cells
    return [a + b, c + d, a + c, b + d, a + b + c + d]


def test_some_tables_of_two_kinds_are_shown() -> None:
    table = [[120, 3, 0], [40, 66, 9], [2, 30, 81]]
    everybody = minus(bounds(sum(map(sum, table)) + 30, SMALL), bounds(30, SMALL), SMALL)
    shown = two_way(table, everybody, SMALL)
    assert shown is not None
    assert [[one.shown for one in row] for row in shown] == [[120, None, 0], [40, 65, 10], [None, 30, 80]]


def test_shares_and_means_hide_single_people() -> None:
    people = bounds(200, SMALL)
    assert suppress.ratio(0.5, bounds(6, SMALL)) is None
    assert suppress.ratio(0.0, bounds(0, SMALL)) is None
    assert suppress.ratio(1.0, people, share=True) == 1.0
    assert [suppress.ratio(count / 200, people, share=True) for count in (0, 3, 7, 8, 100, 194)] == [
        0.0,
        None,
        None,
        0.05,
        0.5,
        None,
    ]
    for count in range(8, 193):
        told = suppress.ratio(count / 200, people, share=True)
        assert told is not None
        assert abs(told - count / 200) <= 0.0125
        twins = [other for other in range(201) if suppress.ratio(other / 200, people, share=True) == told]
        assert len(twins) >= 4
    assert suppress.ratio(6.4321, people) == 6.425
    assert suppress.ratio(64.321, people) == 64.25


@settings(deadline=None)
@given(st.lists(st.integers(0, 24), min_size=1, max_size=4), st.integers(0, 14))
def test_a_shown_table_keeps_its_hidden_cells_whatever_other_tables_make_of_the_total(
    table: list[int], left: int
) -> None:
    """With everybody at the middle, which every other table and all flows allow; at all numbers where nobody went."""
    whole = minus(bounds(sum(table) + left, SMALL), bounds(left, SMALL), SMALL)
    shown = one_way(dict(enumerate(table)), whole, SMALL)
    if shown is None:
        return
    totals = [whole.middle] if left else range(whole.low, whole.high + 1)
    ranges = [range(one.low, one.high + 1) for one in shown.values()]
    alike = [cells for cells in itertools.product(*ranges) if sum(cells) in totals]
    assert {sum(cells) for cells in alike} == set(totals)
    for group, one in shown.items():
        assert not one.hidden or len({cells[group] for cells in alike}) >= NEEDED


def test_none_is_not_told_apart_from_few_and_the_rest_are_as_ever() -> None:
    assert {said(suppress.few(count, SMALL)) for count in range(SMALL + 1)} == {(0, SMALL, None)}
    assert all(suppress.few(count, SMALL) == bounds(count, SMALL) for count in range(SMALL + 1, 200))
    with pytest.raises(ValueError, match="below 0"):
        suppress.few(-1, SMALL)


def test_parts_that_are_told_leave_each_hidden_part_at_least_four_numbers() -> None:
    """All tables of three parts: those that look alike, with alike sums, differ enough in what is hidden."""
    alike: defaultdict[tuple[Bounds, ...], list[tuple[int, ...]]] = defaultdict(list)
    for parts in itertools.product(range(18), repeat=3):
        told = tuple(suppress.few(count, SMALL) for count in (*parts, sum(parts)))
        alike[told].append(parts)
    refused = 0
    for (*cells, whole), tables in alike.items():
        if whole.hidden:
            continue
        if not suppress.leaves_enough(cells, whole, SMALL):
            refused += 1
            continue
        for place, cell in enumerate(cells):
            assert not cell.hidden or len({parts[place] for parts in tables}) >= NEEDED
    assert refused
