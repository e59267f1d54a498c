"""What the tests of learning share."""

from __future__ import annotations

import pytest

from haln.learn import judging


@pytest.fixture
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans break no rule, whoever is in them: for tests of who is asked, not of what is a good plan."""
    monkeypatch.setattr(judging, "broken", lambda *_: ())
