"""A network to make suggestions in."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from haln.connect.indexes import Indexes
from tests.builders import Cast, a_connection, a_member, a_theme, the_cast
from tests.connect.listing import THEMES, top_sector


@pytest.fixture
def indexes(tmp_path: Path) -> Indexes:
    return Indexes(tmp_path / "index", top_sector)


@pytest.fixture
def network(session: Session) -> Cast:
    """The cast among forty others with themes and ties."""
    chance = random.Random(3)
    cast = the_cast(session)
    others = [a_member(session, f"Member Number{n}", biography=f"I work on {n} things").id for n in range(40)]
    everyone = [*cast.everyone(), *others]
    for member_id in everyone:
        for theme in chance.sample(THEMES, 3):
            a_theme(session, member_id, theme, interest=True, offer=chance.random() < 0.4, seek=chance.random() < 0.4)
    for one, other in {tuple(sorted(chance.sample(others, 2))) for _ in range(60)}:
        a_connection(session, one, other)
    session.commit()
    return cast
