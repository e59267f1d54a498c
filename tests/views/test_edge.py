"""What every page shares."""

from __future__ import annotations

from flask.testing import FlaskClient


def test_health_answers_without_signing_in(client: FlaskClient) -> None:
    assert client.get("/health").data == b"ok\n"
