"""A list as its rows hold it: taking somebody out is as if they had never been in it."""

from hypothesis import given
from hypothesis import strategies as st

from haln.connect.stored_lists import stored, without
from haln.matching.reasons import Reason
from haln.matching.suggest import MemberList, Suggestion


def _list(members: list[int]) -> MemberList:
    return MemberList(
        member=1,
        weights_version="some",
        suggestions=tuple(
            Suggestion(
                member=one,
                score=1 / one,
                band="good",
                parts={"near_walk": 0.25, "text": 0.125},
                signals={"near_walk": 0.5, "text": 0.75},
                reasons=(Reason("shared_theme", {"themes": ("listening",)}, 0.3),),
            )
            for one in members
        ),
    )


@given(st.lists(st.integers(2, 30), unique=True, max_size=8), st.sets(st.integers(2, 30)))
def test_who_is_left_stands_as_in_a_list_made_without_the_others(members: list[int], barred: set[int]) -> None:
    left = [one for one in members if one not in barred]
    assert without(stored(_list(members)), barred) == stored(_list(left))


@given(st.lists(st.integers(2, 30), unique=True, min_size=2, max_size=8))
def test_no_two_places_have_one_fingerprint(members: list[int]) -> None:
    """Or a row would stay as it was although somebody else's place, or another rank, is to be in it."""
    there = stored(_list(members)).entries + stored(_list(members[1:])).entries
    places = {(entry.score, entry.rank) for entry in there}
    assert len({entry.fingerprint for entry in there}) == len(places)
    assert [entry.rank for entry in there[: len(members)]] == list(range(1, len(members) + 1))
