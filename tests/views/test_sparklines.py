"""Small lines: where a value is not known they break, and do not run through it."""

from __future__ import annotations

import pytest

from haln.views import sparklines


def places(piece: str) -> list[tuple[float, float]]:
    points = (point.split(",") for point in piece.split(" "))
    return [(float(x), float(y)) for x, y in points]


def test_the_least_is_at_the_bottom_and_the_largest_on_top() -> None:
    (piece,) = sparklines.line([2, 4, 3]).pieces
    assert places(piece) == [(2, 30), (60, 2), (118, 16)]


def test_a_value_that_is_not_known_breaks_the_line_and_moves_no_other() -> None:
    whole, broken = sparklines.line([1, 3, 2, 1, 3]), sparklines.line([1, 3, None, 1, 3])
    first, last = (places(piece) for piece in broken.pieces)
    assert first + last == [point for number, point in enumerate(places(whole.pieces[0])) if number != 2]


def test_one_value_alone_is_a_dot() -> None:
    assert [len(set(places(piece))) for piece in sparklines.line([None, 1, None, 2]).pieces] == [1, 1]
    assert all(len(places(piece)) == 2 for piece in sparklines.line([None, 1, None, 2]).pieces)


@pytest.mark.parametrize("values", [[], [None], [None, None]])
def test_nothing_known_draws_nothing(values: list[float | None]) -> None:
    assert sparklines.line(values).pieces == ()
