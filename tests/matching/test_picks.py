"""What two members picked alike, told by bits as by sets."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching.index import Index, build
from haln.matching.patching import patch
from haln.matching.people import Changes, Network, Person, ThemeChoice
from haln.matching.picks import WORD, PickedBy
from tests.matching.networks import TODAY

THEMES = [f"theme {number:03}" for number in range(2 * WORD + 9)]
FAR_APART = THEMES[:: len(THEMES) // 7]
Choices = Sequence[ThemeChoice]
choices = st.builds(
    ThemeChoice, st.sampled_from(FAR_APART), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 4)
)
chosen = st.lists(choices, max_size=8, unique_by=lambda one: one.theme)


def index_of(*picked: Choices) -> Index:
    """An index of members 0, 1, … who picked these."""
    people = tuple(Person(member, themes=tuple(own)) for member, own in enumerate(picked))
    return build(Network(people, (), today=TODAY))


def flagged(own: Choices, flag: str) -> set[str]:
    return {choice.theme for choice in own if getattr(choice, flag)}


def tells_the_truth(index: Index, mine: Choices, theirs: Choices) -> None:
    """Hold what is told of members 0 and 1 against sets of what they picked."""
    names, weights = index.codes.lists["theme"], index.theme_weights.tolist()
    weight = {name: weights[code] for code, name in enumerate(names)}
    by = PickedBy(index)
    one, other = by.of(np.array([index.row(0), index.row(1)]))

    def in_order(themes: set[str]) -> tuple[str, ...]:
        return tuple(sorted(themes, key=lambda name: (-weight[name], name)))

    for both, flags in (
        (one.seeks & other.offers, ("seek", "offer")),
        (one.offers & other.seeks, ("offer", "seek")),
        (one.likes & other.likes, ("interest", "interest")),
    ):
        assert by.named(both) == in_order(flagged(mine, flags[0]) & flagged(theirs, flags[1]))
    my_steps, their_steps = ({choice.theme: choice.maturity for choice in own} for own in (mine, theirs))
    ahead = {theme for theme, step in my_steps.items() if step and step < their_steps.get(theme, 0) <= step + 2}
    behind = one.behind(other)
    assert by.named(behind) == in_order(ahead)
    assert one.steps(behind) == tuple(my_steps[theme] for theme in in_order(ahead))
    assert other.steps(behind) == tuple(their_steps[theme] for theme in in_order(ahead))


@settings(max_examples=40, deadline=None)
@given(chosen, chosen)
def test_what_two_share_is_told_whole_with_the_weightiest_first(mine: Choices, theirs: Choices) -> None:
    """A word of bits holds 64 themes, and theirs are in three."""
    others = [[ThemeChoice(theme)] for theme in THEMES]
    tells_the_truth(index_of(mine, theirs, *others), mine, theirs)


@pytest.mark.parametrize("steps", [(1, 2), (1, 3), (2, 4), (3, 4)])
@pytest.mark.parametrize("count", [0, 1, WORD - 1, WORD, WORD + 1, 2 * WORD, 2 * WORD + 1])
def test_of_two_who_picked_every_theme_every_theme_is_told(count: int, steps: tuple[int, int]) -> None:
    mine, theirs = (
        [ThemeChoice(theme, offer=True, seek=True, maturity=step) for theme in THEMES[:count]] for step in steps
    )
    index = index_of(mine, theirs)
    one, other = PickedBy(index).of(np.array([0, 1]))
    assert len(PickedBy(index).named(one.likes & other.likes)) == count
    tells_the_truth(index, mine, theirs)


def test_themes_that_came_with_a_patch_are_told_by_weight_and_name_as_well() -> None:
    before = index_of([ThemeChoice("food")], [ThemeChoice("food")])
    both = [ThemeChoice(theme, maturity=2) for theme in ("zoology", "food", "archives")]
    patched = patch(before, Changes(people=tuple(Person(member, themes=tuple(both)) for member in (0, 1))))
    assert patched.codes.lists["theme"] == ("food", "archives", "zoology")
    tells_the_truth(patched, both, both)


def test_a_row_of_another_index_is_refused() -> None:
    before = index_of([ThemeChoice("food")], [])
    newcomer = Person(7, themes=(ThemeChoice("skills"),))
    row = patch(before, Changes(people=(newcomer,))).row(7)
    for wrong in (row, -1):
        with pytest.raises(IndexError):
            PickedBy(before).of(np.array([wrong]))
