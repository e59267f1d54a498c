"""In how many lists members stand is read from an index alone: the rows it is about are gigabytes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from haln.connect import attention
from haln.connect.indexes import Indexes
from haln.matching.suggest import Settings
from haln.measure import facts, flow
from haln.measure.periods import Period
from haln.measure.questions import Question
from haln.people import versions
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast
from tests.measure.flow_builders import a_suggestion

WORDS = vocabulary.load()
YEAR = Period(NOW.date() - timedelta(days=365), Question(NOW.date()))


def of_the_night(session: Session, cast: Cast, folder: Path) -> None:
    attention.lists_now(session, Indexes(folder, lambda code: code).build(session, NOW).index)


def of_the_day(session: Session, cast: Cast, folder: Path) -> None:
    heeded = attention.attention_for(session, cast.ada, Settings(), 6)
    assert heeded is not None
    heeded.counts([cast.ben, cast.cai])


def of_a_period(session: Session, cast: Cast, folder: Path) -> None:
    versions.keep_all(session, NOW, as_it_happened=True)
    flow.told(session, facts.read(session, WORDS), YEAR, WORDS)


@pytest.mark.parametrize("count", [of_the_night, of_the_day, of_a_period])
def test_in_how_many_lists_members_stand_is_read_from_an_index_alone(
    session: Session, cast: Cast, tmp_path: Path, count: Callable[[Session, Cast, Path], None]
) -> None:
    a_suggestion(session, cast.ada, cast.ben, "shared_theme", NOW - timedelta(days=50))
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sent: str, given: Any, _context: Any, _many: Any) -> None:
        if "GROUP BY suggestion.other_id" in sent:
            asked.append((sent, given))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    count(session, cast, tmp_path)
    event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 1
    ways = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1]).all()
    read = [way.detail for way in ways if "suggestion" in way.detail]
    assert read and all("USING COVERING INDEX ix_suggestion_mirror" in detail for detail in read)
