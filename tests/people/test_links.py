"""Single-use links."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from haln.errors import Gone
from haln.people import links
from haln.people.links import Purpose
from tests.builders import NOW


def test_a_link_is_used_once(session: Session) -> None:
    token = links.mint(session, Purpose.JOIN, "eve@example.org", None, NOW)
    assert links.use(session, Purpose.JOIN, token, NOW).email == "eve@example.org"
    for again in (links.use, links.look):
        with pytest.raises(Gone):
            again(session, Purpose.JOIN, token, NOW)
