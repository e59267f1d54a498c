"""Ids in statements: as a range where that tells them shorter, and never fewer of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Member
from haln.people.reading import among, spanned
from tests.builders import a_member


@given(st.sets(st.integers(1, 200)))
def test_a_range_holds_all_and_not_twice_as_many(ids: set[int]) -> None:
    found = spanned(sorted(ids))
    assert ids <= set(found)
    assert len(found) < max(1, 2 * len(ids))


def test_ids_and_ranges_ask_for_the_same_rows(session: Session) -> None:
    ids = [a_member(session, f"Person Number{n}").id for n in range(6)]
    some = [ids[0], ids[1], ids[3], ids[5]]
    assert isinstance(spanned(some), range) and not isinstance(spanned([ids[0], ids[5]]), range)
    for asked in (some, spanned(some), spanned([ids[2]]), spanned([])):
        found = set(session.scalars(select(Member.id).where(among(Member.id, asked))))
        assert found == set(asked) & set(session.scalars(select(Member.id)))
