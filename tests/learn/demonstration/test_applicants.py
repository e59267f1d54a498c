"""Pools of invented applicants: the same for the same numbers, and such as could be."""

from __future__ import annotations

from collections import Counter

import pytest

from haln.learn.demonstration import applicants
from haln.taxonomy import vocabulary


def test_the_same_numbers_give_the_same_pool_and_others_another() -> None:
    assert applicants.pool(60, 3) == applicants.pool(60, 3)
    assert applicants.pool(60, 3) != applicants.pool(60, 4)
    assert applicants.applicants(60, 3) == applicants.pool(60, 3).applicants


@pytest.mark.parametrize("count", [0, 1, 5, 24, 120])
def test_a_pool_holds_together(count: int) -> None:
    made, words = applicants.pool(count, 1), vocabulary.load()
    ids = {one.id for one in made.applicants}
    assert len(made.applicants) == len(ids) == count
    assert ids.isdisjoint(leader.id for leader in made.facilitators)
    for pairs in (made.managers, made.apart, made.together, made.ties, made.set_mates):
        assert all(low < high and {low, high} <= ids for low, high in pairs)
    assert not made.together & (made.apart | made.managers)
    for one in made.applicants:
        assert one.slots and all(0 <= slot < made.slots for slot in one.slots)
        assert one.live_issue and one.themes.keys() <= {theme.code for theme in words.themes}
        assert one.level in (1, 2, 3, 4) and words.sector(one.sector or "").parent is None
        assert words.region(one.region or "").code == one.region


@pytest.mark.parametrize("count", [24, 60, 480])
def test_there_is_room_for_everybody(count: int) -> None:
    made = applicants.pool(count, 2)
    assert sum(leader.capacity for leader in made.facilitators) * 6 >= count
    most = max(Counter(one.organisation for one in made.applicants).values())
    assert most <= count // 8 + 1
    colleagues = {one.id: one.organisation for one in made.applicants}
    assert all(colleagues[low] == colleagues[high] for low, high in made.managers)
    assert all(colleagues[low] != colleagues[high] for low, high in made.together)


def test_live_issues_differ_and_hold_words_of_their_themes() -> None:
    written = [one.live_issue for one in applicants.applicants(120, 5)]
    assert len(set(written)) == 120
    assert all("{" not in issue and "[" not in issue for issue in written)
