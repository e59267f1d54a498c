"""What two members picked alike, told by bits as by sets."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching.index import build
from haln.matching.people import Network, Person, ThemeChoice
from haln.matching.picks import WORD, PickedBy
from tests.matching.networks import TODAY

THEMES = [f"theme {number:03}" for number in range(2 * WORD + 9)]
choices = st.builds(
    ThemeChoice, st.sampled_from(THEMES), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 4)
)
chosen = st.lists(choices, max_size=12, unique_by=lambda one: one.theme)


@settings(max_examples=40, deadline=None)
@given(chosen, chosen, st.integers(0, 2 * WORD))
def test_what_two_share_is_told_whole_with_the_weightiest_first(
    mine: list[ThemeChoice], theirs: list[ThemeChoice], others: int
) -> None:
    """However many themes the network has: a word of bits holds no more than 64."""
    picked = [mine, theirs, *([ThemeChoice(theme)] for theme in THEMES[:others])]
    index = build(Network(tuple(Person(k, themes=tuple(own)) for k, own in enumerate(picked)), (), today=TODAY))
    names, weights = index.codes.lists["theme"], index.theme_weights.tolist()
    weight = {name: weights[code] for code, name in enumerate(names)}
    by = PickedBy(index)
    one, other = by.of(np.array([0, 1]))

    def told(themes: set[str]) -> tuple[str, ...]:
        return tuple(sorted(themes, key=lambda name: (-weight[name], name)))

    def flagged(own: list[ThemeChoice], flag: str) -> set[str]:
        return {choice.theme for choice in own if getattr(choice, flag)}

    for mask, flags in (
        (one.seeks & other.offers, ("seek", "offer")),
        (one.offers & other.seeks, ("offer", "seek")),
        (one.likes & other.likes, ("interest", "interest")),
    ):
        assert by.named(mask) == told(flagged(mine, flags[0]) & flagged(theirs, flags[1]))
    my_steps, their_steps = ({choice.theme: choice.maturity for choice in own} for own in (mine, theirs))
    ahead = {theme for theme, step in my_steps.items() if step and step < their_steps.get(theme, 0) <= step + 2}
    behind = one.behind(other)
    assert by.named(behind) == told(ahead)
    assert one.steps(behind) == tuple(my_steps[theme] for theme in told(ahead))
    assert other.steps(behind) == tuple(their_steps[theme] for theme in told(ahead))
