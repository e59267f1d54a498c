"""Any small history: members who come and go, and ties that begin and end."""

from __future__ import annotations

from hypothesis import strategies as st

from haln.network.history import NEVER, History, Node, Tie, history

LAST = 8
DAYS = st.lists(st.integers(0, LAST), max_size=4, unique=True).map(sorted)
ASKED = st.lists(st.integers(0, LAST), min_size=2, max_size=6)
SECTORS = st.sampled_from(["nhs", "council"])


@st.composite
def histories(draw: st.DrawFn) -> tuple[History, list[Node], list[Tie]]:
    """Members who come, change their sector, go and come back, and ties that begin, end and begin again."""
    many = draw(st.integers(0, 7))
    nodes = [Node(number, *spell, {"sector": draw(SECTORS)}) for number in range(many) for spell in _spells(draw(DAYS))]
    there = sorted({node.member for node in nodes})
    pairs = [(one, other) for one in there for other in there if one != other]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=16)) if pairs else []
    ties = [
        Tie(*pair, *spell, draw(st.sampled_from(["met", "told"])), draw(st.integers(1, 4)))
        for pair in chosen
        for spell in _spells(draw(DAYS))
    ]
    return history(nodes, ties), nodes, ties


def _spells(days: list[int]) -> list[tuple[int, int]]:
    """From the first day to the second, from the third to the fourth, and so on; the last may never end."""
    return [(since, until) for since, until in zip(days[::2], [*days[1::2], NEVER], strict=False)]
