"""Lists of what to join as rows: what is written is what was worded, and what says the same stays."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.learn.joining_lists import Entry, forget_gone, keep, worded
from haln.matching.joining import Ranked
from haln.matching.reasons import Reason
from haln.models import Member, SetSuggestion
from tests.builders import NOW, Cast, the_cast
from tests.cohort_builders import a_cohort, a_learning_set

_WORDS = st.lists(st.sampled_from(["food", "housing", "ἄνθρωπος", '"quoted"\n']), max_size=2)
_REASONS = st.lists(st.tuples(st.sampled_from(["themes", "ties_there"]), _WORDS, st.floats(0, 1)), max_size=2)
_THINGS = st.tuples(
    st.sampled_from(["cohort", "set"]),
    st.integers(1, 3),
    st.integers(1, 2),
    st.floats(0, 2),
    _REASONS,
    st.sampled_from(["strong", "good"]),
)


def entry(
    kind: str, thing: int, rank: int, score: float, reasons: list[tuple[str, list[str], float]], band: str = "good"
) -> Entry:
    told = tuple(Reason(reason, {"themes": words}, weight) for reason, words, weight in reasons)
    return worded(kind, thing, rank, Ranked(thing, score, band, told))


@given(_THINGS, _THINGS, st.integers(0, 5))
def test_two_have_one_fingerprint_where_they_say_the_same_and_nowhere_else(one: Any, more: Any, at: int) -> None:
    """The other differs in one fact at most: any of them tells."""
    first, second = entry(*one), entry(*(*one[:at], more[at], *one[at + 1 :]))
    assert (first.fingerprint == second.fingerprint) == (first[:-1] == second[:-1])


def rows(session: Session, member_id: int) -> list[tuple[Any, ...]]:
    columns = (SetSuggestion.cohort_id, SetSuggestion.set_id, SetSuggestion.score, SetSuggestion.band)
    some = select(*columns, SetSuggestion.reasons, SetSuggestion.refreshed_at)
    return [
        tuple(row)
        for row in session.execute(some.where(SetSuggestion.member_id == member_id).order_by(SetSuggestion.rank))
    ]


def test_what_is_read_is_what_was_worded_and_only_what_changed_is_written_again(stored: Session) -> None:
    cast: Cast = the_cast(stored)
    cohort, group = a_cohort(stored, cast.fay).id, a_learning_set(stored, [cast.dee]).id
    said = [("themes", ['Über "food"', "a\\b"], 0.1), ("ties_there", [], 1 / 3)]
    ada = (entry("set", group, 1, 0.1 + 0.2, said), entry("cohort", cohort, 2, -1.5, []))
    ben = (entry("cohort", cohort, 1, 1.0, []),)
    assert keep(stored, {cast.ada: ada, cast.ben: ben, cast.cai: ()}, NOW) == 2
    told = [{"kind": kind, "evidence": {"themes": words}, "weight": weight} for kind, words, weight in said]
    first = [(None, group, 0.1 + 0.2, "good", told, NOW), (cohort, None, -1.5, "good", [], NOW)]
    assert rows(stored, cast.ada) == first

    later = NOW + timedelta(hours=1)
    assert keep(stored, {cast.ada: ada, cast.ben: ben, cast.cai: ()}, later) == 0
    other = (entry("set", group, 1, 0.1 + 0.2, [("themes", ["housing"], 0.1)]), ada[1])
    assert keep(stored, {cast.ada: other, cast.ben: ben}, later) == 1
    assert [row[-1] for row in rows(stored, cast.ada)] == [later, later]
    assert rows(stored, cast.ada)[0][4] == [{"kind": "themes", "evidence": {"themes": ["housing"]}, "weight": 0.1}]
    assert rows(stored, cast.ben) == [(cohort, None, 1.0, "good", [], NOW)]


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
@pytest.mark.parametrize("first", ["one", "everybody"])
def test_of_two_who_write_a_list_at_once_the_one_who_knows_better_prevails(stored: Session, first: str) -> None:
    """On SQLite whoever writes writes alone."""
    cast = the_cast(stored)
    call = a_cohort(stored, cast.fay).id
    stored.commit()
    earlier, latest = ((entry("cohort", call, 1, score, []),) for score in (0.25, 0.75))
    engine = stored.get_bind().engine
    with Session(engine) as night, Session(engine) as worker:
        if first == "one":
            keep(worker, {cast.ada: latest}, NOW)
            assert keep(night, {cast.ada: earlier, cast.ben: earlier}, NOW, waits=False) == 1
            night.commit()
            worker.commit()
        else:
            keep(night, {cast.ada: earlier, cast.ben: earlier}, NOW, waits=False)
            waiting = threading.Thread(target=lambda: (keep(worker, {cast.ada: latest}, NOW), worker.commit()))
            waiting.start()
            waiting.join(0.3)
            assert waiting.is_alive()
            night.commit()
            waiting.join(20)
    assert [row[2] for row in rows(stored, cast.ada)] == [0.75]
    assert [row[2] for row in rows(stored, cast.ben)] == [0.25]


def test_whoever_is_no_longer_active_has_no_list_left(stored: Session) -> None:
    cast = the_cast(stored)
    ada = (entry("cohort", a_cohort(stored, cast.fay).id, 1, 1.0, []),)
    keep(stored, {cast.ada: ada, cast.ben: ada}, NOW)
    stored.get_one(Member, cast.ada).standing = "left"
    stored.flush()
    forget_gone(stored)
    assert (rows(stored, cast.ada), len(rows(stored, cast.ben))) == ([], 1)


def test_numbers_of_arrays_are_worded_as_any_others() -> None:
    odd = Reason("times_suit", {"times": [np.int64(3)], "share": np.float64(0.5)}, np.float64(0.25))
    even = Reason("times_suit", {"times": [3], "share": 0.5}, 0.25)
    assert worded("set", 1, 1, Ranked(1, 1.0, "good", (odd,))) == worded("set", 1, 1, Ranked(1, 1.0, "good", (even,)))


def test_rows_from_before_there_were_fingerprints_are_written_once_more(stored: Session) -> None:
    cast = the_cast(stored)
    ada = (entry("cohort", a_cohort(stored, cast.fay).id, 1, 1.0, []),)
    keep(stored, {cast.ada: ada}, NOW)
    stored.execute(update(SetSuggestion).values(fingerprint=""))
    assert [keep(stored, {cast.ada: ada}, NOW) for _ in range(2)] == [1, 0]
    assert len(rows(stored, cast.ada)) == 1
